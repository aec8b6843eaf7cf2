/* Bearer tokens for all but "/", where everybody may come. */
#include <stackrig/http/compare.h>
#include <stackrig/stackrig.h>

#include <string.h>

struct bearer {
    const char *token;
};

static int call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct bearer *bearer = self;
    const char *sent = rig_env_get(env, "HTTP_AUTHORIZATION");
    size_t size = strlen(bearer->token);
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/") == 0 ||
        (sent && strncmp(sent, "Bearer ", 7) == 0 &&
         rig_secure_equal(sent + 7, strlen(sent + 7), bearer->token, size))) {
        return rig_next(next, env, res);
    }
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained
                       : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer realm=\"a\""}});
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 200);
}

static void reset(void *self)
{
    (void)self;
}

static const struct rig_middleware bearer_layer = {
    .name = "bearer", .call = call, .self_size = sizeof(struct bearer), .reset = reset};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const struct rig_secret *valid = rig_setup_secret(setup, "valid");
    rig_use(stack, &bearer_layer, &(struct bearer){valid ? valid->value : "a-token"}, .auth = true);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
