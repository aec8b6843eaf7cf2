#include "require_key.h"

#include <stackrig/http/compare.h>

#include <errno.h>
#include <string.h>

enum { BODY_MAX = 64 * 1024 }; /* bytes taken from somebody who may not send any */

static int refuse(struct rig_env *env, struct rig_response *res)
{
    int64_t drained = rig_input_drain(rig_env_input(env), BODY_MAX);
    if (drained == -EFBIG) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    if (drained < 0) {
        return (int)drained;
    }
    return rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "ApiKey"}});
}

static int call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct require_key_options *options = self;
    const char *sent = rig_env_get(env, "HTTP_X_API_KEY");
    if (!sent || !rig_secure_equal(sent, strlen(sent), options->key, strlen(options->key))) {
        return refuse(env, res);
    }
    return rig_next(next, env, res);
}

/* The options never change. Without a reset the fuzzer would build the stack anew for each scenario. */
static void reset(void *self)
{
    (void)self;
}

const struct rig_middleware require_key = {
    .name = "require_key",
    .call = call,
    .self_size = sizeof(struct require_key_options), /* no init: self is a copy of the options */
    .reset = reset,
};
