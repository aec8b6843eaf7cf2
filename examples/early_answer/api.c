#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "../head.h"

bool has_token(const struct rig_env *env)
{
    const char *authorization = rig_env_get(env, "HTTP_AUTHORIZATION");
    return authorization && strcmp(authorization, "Bearer demo-token") == 0;
}

int items(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[512];
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    uint64_t got = 0;
    int64_t size;
    (void)self;
    do { /* an app that stores the item would parse it here */
        size = rig_input_read(rig_env_input(env), piece, sizeof piece);
        got += size > 0 ? (uint64_t)size : 0;
    } while (size > 0);
    if (size < 0) {
        return (int)size;
    }
    if (length && got != strtoull(length, NULL, 10)) { /* the client went away */
        return rig_respond(res, .status = 400);
    }
    return rig_respond(res, .status = 201, .headers = {{"Content-Type", "application/json"}},
                       .body = unless_head(env, "{\"id\":1}"));
}
