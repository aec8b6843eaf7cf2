#include "require_key.h"

#include <stdio.h>

static int count_bytes(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[512], text[32];
    unsigned long long got = 0;
    int64_t size;
    (void)self;
    while ((size = rig_input_read(rig_env_input(env), piece, sizeof piece)) > 0) {
        got += (unsigned long long)size;
    }
    if (size < 0) { /* the client went away in the middle */
        return (int)size;
    }
    snprintf(text, sizeof text, "%llu bytes\n", got);
    return rig_respond(res, .headers = {{"Content-Type", "text/plain"}}, .body = text);
}

int build_items(struct rig_stack *stack, const char *key)
{
    rig_use(stack, &require_key, &(struct require_key_options){key}, .auth = true);
    return rig_run(stack, RIG_APP(count_bytes));
}
