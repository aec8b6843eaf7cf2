#include "require_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count_bytes(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[512], text[32];
    const char *length = rig_env_get(env, "CONTENT_LENGTH"), *method = rig_env_get(env, "REQUEST_METHOD");
    unsigned long long got = 0;
    int64_t size;
    (void)self;
    while ((size = rig_input_read(rig_env_input(env), piece, sizeof piece)) > 0) {
        got += (unsigned long long)size;
    }
    if (size < 0) { /* it broke off */
        return (int)size;
    }
    if (length && got != strtoull(length, NULL, 10)) { /* or looks as if it had come to its end */
        return rig_respond(res, .status = 400);
    }
    snprintf(text, sizeof text, "%llu bytes\n", got);
    return rig_respond(res, .headers = {{"Content-Type", "text/plain"}},
                       .body = strcmp(method, "HEAD") == 0 ? "" : text);
}

int build_items(struct rig_stack *stack, const char *key)
{
    rig_use(stack, &require_key, &(struct require_key_options){key}, .auth = true);
    return rig_run(stack, RIG_APP(count_bytes));
}
