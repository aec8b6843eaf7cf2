/* What a real server makes something else of than the rig, and what it does not. */
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int calls; /* of both stacks, which a stack should not have */

static int64_t breaks(void *self, void *buffer, size_t size)
{
    int *left = self;
    if ((*left)-- == 0) {
        return -EIO;
    }
    memset(buffer, 'x', size);
    return (int64_t)size;
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *path = rig_env_get(env, "PATH_INFO");
    char text[64];
    (void)self;
    (void)snprintf(text, sizeof text, "call %d", ++calls);
    if (strcmp(path, "/body") == 0) {
        return rig_respond(res, .body = text);
    }
    if (strcmp(path, "/authorization") == 0) { /* what a client sent in the clear */
        const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
        (void)snprintf(text, sizeof text, "call %d %s", calls, value ? value : "none");
        return rig_respond(res, .body = text);
    }
    if (strcmp(path, "/header") == 0) {
        return rig_respond(res, .headers = {{"X-Call", text}, {"X-Bad", "a\r\nb"}, {"X-Token", text}});
    }
    if (strcmp(path, "/status") == 0) {
        return rig_respond(res, .status = 42);
    }
    if (strcmp(path, "/breaks") == 0) {
        int *left = rig_env_alloc(env, sizeof *left);
        *left = 2;
        return rig_response_stream(res, (struct rig_source){.read = breaks, .self = left});
    }
    if (strcmp(path, "/crash") == 0) {
        abort();
    }
    if (strcmp(path, "/fails") == 0) {
        return -EIO;
    }
    if (strcmp(path, "/early") == 0) {
        return rig_respond(res, .status = 401, .body = "who?");
    }
    struct rig_bytes all;
    int error = rig_input_all(rig_env_input(env), 100000, &all);
    error = error ? error : rig_respond(res, .headers = {{"X-Server", rig_env_get(env, "REMOTE_ADDR")}});
    return error ? error : rig_response_write(res, all.data, all.size);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
