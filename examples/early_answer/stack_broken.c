/* The early answer: authentication says 401 and leaves the body of the request where it is. */
#include "api.h"

static int authenticate(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (has_token(env)) {
        return rig_next(next, env, res);
    }
    return rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}}); /* demo: early answer */
}

static const struct rig_middleware authentication = {.name = "authentication", .call = authenticate};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &authentication, .auth = true); /* what goes wrong here sticks: the first request reports it */
    return rig_run(stack, RIG_APP(items));
}

RIG_EXPORT(build);
