#include "shop.h"

#include <string.h>

#include "../head.h"

/* A real one looks the session up. */
static int log_in(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *cookie = rig_env_get(env, "HTTP_COOKIE");
    if (cookie && strcmp(cookie, "sid=4f2a") == 0) {
        rig_env_set(env, "app.user", "ada");
    }
    return rig_next(next, env, res);
}

const struct rig_middleware shop_login = {.name = "login", .call = log_in};

int shop(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    rig_input_drain(rig_env_input(env), 1 << 20);
    const char *user = rig_env_get(env, "app.user");
    return rig_respond(res, .body = unless_head(env, user ? user : "lamps")); /* demo: answered */
}
