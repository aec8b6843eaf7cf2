#include "api.h"

#include <string.h>

bool has_token(const struct rig_env *env)
{
    const char *authorization = rig_env_get(env, "HTTP_AUTHORIZATION");
    return authorization && strcmp(authorization, "Bearer demo-token") == 0;
}

int items(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[512];
    int64_t size;
    (void)self;
    do { /* an app that stores the item would parse it here */
        size = rig_input_read(rig_env_input(env), piece, sizeof piece);
    } while (size > 0);
    if (size < 0) {
        return (int)size;
    }
    return rig_respond(res, .status = 201, .headers = {{"Content-Type", "application/json"}}, .body = "{\"id\":1}");
}
