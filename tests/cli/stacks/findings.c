/* Layers with faults: one that answers early, one that passes on a copy, one that shows what it was sent. */
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int gate(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (!strcmp(rig_env_get(env, "PATH_INFO"), "/closed")) {
        return rig_respond(res, .status = 401);
    }
    if (!strcmp(rig_env_get(env, "PATH_INFO"), "/limited") && rig_input_drain(rig_env_input(env), 4) == -EFBIG) {
        return rig_respond(res, .status = 413);
    }
    return rig_next(next, env, res);
}

static int copier(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (!strcmp(rig_env_get(env, "PATH_INFO"), "/copied")) {
        return rig_next(next, rig_env_copy(env), res);
    }
    return rig_next(next, env, res);
}

static int leaker(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const char *path = rig_env_get(env, "PATH_INFO"), *secret = rig_env_get(env, "HTTP_AUTHORIZATION");
    (void)self;
    for (int i = 0; i < 2100 && !strcmp(path, "/many"); i++) {
        char name[24];
        snprintf(name, sizeof name, "no token %d", i);
        rig_response_set_header(res, name, "");
    }
    if (!strcmp(path, "/leak") && secret && strlen(secret) >= sizeof "Bearer abcdef123456" - 1) { /* all of it */
        rig_response_set_header(res, secret, "a credential is no header name");
        rig_env_log(env, "the value was %s", secret);
    }
    return !strcmp(path, "/failing") ? -EIO : rig_next(next, env, res);
}

/* Its name holds what a terminal would take for a command. */
static int odd(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (!strcmp(rig_env_get(env, "PATH_INFO"), "/twice")) {
        rig_next(next, env, res);
    }
    return rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 200);
}

static const struct rig_middleware gate_layer = {.name = "gate", .call = gate},
                                   copier_layer = {.name = "copier", .call = copier},
                                   leaker_layer = {.name = "leaker", .call = leaker},
                                   odd_layer = {.name = "odd\033[31m", .call = odd};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const char *quiet = rig_setup_get(setup, "quiet");
    rig_use(stack, &gate_layer, NULL, .ignore = {quiet});
    rig_use(stack, &copier_layer, NULL);
    rig_use(stack, &leaker_layer, NULL);
    rig_use(stack, &odd_layer, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
