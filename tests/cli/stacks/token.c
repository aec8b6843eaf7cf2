/* Wants its secret in X-Auth-Token, and says of its fuzzing (as one of the two is built) that it does. NEAR: the begin of
 * the secret will do; BARE: it says nothing of its fuzzing. */
#include <string.h>

#include <stackrig/fuzz.h>
#include <stackrig/stackrig.h>

static int members(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? rig_respond(res, .status = 400, .headers = {{"Connection", "close"}})
                       : rig_respond(res, .status = 200);
}

static int guard(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const char *const *secret = self;
    const char *token = rig_env_get(env, "HTTP_X_AUTH_TOKEN");
#ifdef NEAR
    bool known = token && *token && strncmp(token, *secret, strlen(token)) == 0;
#else
    bool known = token && strcmp(token, *secret) == 0;
#endif
    if (!known && rig_input_drain(rig_env_input(env), 1 << 20) < 0) {
        return rig_respond(res, .status = 400, .headers = {{"Connection", "close"}});
    }
    return known ? rig_next(next, env, res) : rig_respond(res, .status = 403);
}

static void guard_reset(void *self)
{
    (void)self; /* it keeps nothing of a request */
}

static const struct rig_middleware guard_layer = {
    .name = "guard", .call = guard, .reset = guard_reset, .self_size = sizeof(const char *)};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const char *secret = rig_setup_secret(setup, "valid")->value;
    rig_use(stack, &guard_layer, &secret, .auth = true);
    return rig_run(stack, RIG_APP(members));
}

RIG_EXPORT(build);
#ifdef NAMED
RIG_FUZZ(build, .protect = {"members"}, .credential_header = "X-Auth-Token");
#elif !defined BARE
RIG_FUZZ(build, .protect = {"members"});
#endif
