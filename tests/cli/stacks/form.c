/* Pages of a form's "size", be it none (CWE-369). Nothing but a file of requests says its name. */
#include <stackrig/stackrig.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char body[256] = "", text[32];
    int64_t got = 1;
    for (size_t used = 0; got > 0 && used < sizeof body - 1; used += (size_t)(got > 0 ? got : 0)) {
        got = rig_input_read(rig_env_input(env), body + used, sizeof body - 1 - used);
    }
    got = got < 0 ? got : rig_input_drain(rig_env_input(env), 1 << 20);
    if (got < 0) {
        return rig_respond(res, .status = 400, .headers = {{"Connection", "close"}});
    }
    char *size = strstr(body, "&size="), *end = NULL;
    long items = size ? strtol(size + 6, &end, 10) : 10;
    if (size && (end == size + 6 || *end != '&')) {
        return rig_respond(res, .status = 400);
    }
    (void)snprintf(text, sizeof text, "%ld", 1000 / items);
    return rig_respond(res, .status = 200, .body = text);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
