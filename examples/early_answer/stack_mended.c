/* The mend: drain the body first, up to a limit, so that a stranger cannot keep the connection busy for ever. */
#include "api.h"

#include <errno.h>

enum { BODY_MAX = 64 * 1024 }; /* bytes taken from somebody who may not send any */

static int authenticate(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (has_token(env)) {
        return rig_next(next, env, res);
    }
    int64_t drained = rig_input_drain(rig_env_input(env), BODY_MAX);
    if (drained == -EFBIG) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    if (drained < 0) {
        return (int)drained;
    }
    return rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static const struct rig_middleware authentication = {.name = "authentication", .call = authenticate};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &authentication, .auth = true); /* what goes wrong here sticks: the first request reports it */
    return rig_run(stack, RIG_APP(items));
}

RIG_EXPORT(build);
