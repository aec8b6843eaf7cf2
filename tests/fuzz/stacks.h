/* Stacks that let in some, and others not: by mistake, or rightly. */
#ifndef TESTS_FUZZ_STACKS_H
#define TESTS_FUZZ_STACKS_H

#include "tests/fuzz/fuzz_test.h"

static inline int drain(struct rig_env *env)
{
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : 0;
}

static inline bool carries(struct rig_env *env, const char *secret)
{
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    return value && strncmp(value, "Bearer ", 7) == 0 && strcmp(value + 7, secret) == 0;
}

static inline int members(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 200, .body = "members only");
}

/* What a guard looks at, by its mistake. */
enum mistake { RIGHT, PREFIX, LITERAL_PATH, EVERYBODY_KNOWN };
struct guard {
    enum mistake mistake;
    char secret[RIG_FUZZ_SECRET_SIZE + 1];
};

/* Where it lets in. */
static char let_in_at[128];

static inline int guard_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    bool open = guard->mistake == LITERAL_PATH && strncmp(rig_env_get(env, "PATH_INFO"), "/admin", 6) != 0;
    bool known = carries(env, guard->secret);
    if (guard->mistake == PREFIX && value && strncmp(value, "Bearer ", 7) == 0) {
        known = strncmp(guard->secret, value + 7, strlen(value + 7)) == 0;
    }
    if (known || open) {
        (void)snprintf(let_in_at, sizeof let_in_at, "%s:%d", __FILE__, __LINE__ + 1);
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error
                 : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}}, .body = "who are you?");
}

static inline void guard_reset(void *self)
{
    (void)self; /* it keeps nothing of a request */
}

static const struct rig_middleware guard_layer = {
    .name = "guard", .call = guard_call, .self_size = sizeof(struct guard), .reset = guard_reset};

static inline int build_guarded(struct rig_stack *stack, const struct rig_setup *setup, enum mistake mistake)
{
    struct guard guard = {.mistake = mistake};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &guard_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(members));
}

static inline int build_right(struct rig_stack *stack, const struct rig_setup *setup)
{
    return build_guarded(stack, setup, RIGHT);
}

static inline int build_prefix(struct rig_stack *stack, const struct rig_setup *setup)
{
    return build_guarded(stack, setup, PREFIX);
}

static inline int build_literal(struct rig_stack *stack, const struct rig_setup *setup)
{
    return build_guarded(stack, setup, LITERAL_PATH);
}

/* A stack of one app, which a test chooses. */
static struct rig_app app;
static inline int build_app(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, app);
}

static const struct rig_fuzz one_app = {.build = build_app};

#define OPEN_APP(function_) (app = RIG_APP(function_), open_target(&one_app))

/* Lets in who says that he comes from within, or knows the secret. */
static inline int from_within(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    const char *address = rig_env_get(env, "HTTP_X_FORWARDED_FOR");
    bool inside = address && strcmp(address, "127.0.0.1") == 0;
    bool debug = guard->mistake == EVERYBODY_KNOWN && strstr(rig_env_get(env, "QUERY_STRING"), "debug=1");
    if ((guard->mistake == PREFIX && inside) || debug || carries(env, guard->secret)) {
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static const struct rig_middleware from_within_layer = {
    .name = "from_within", .call = from_within, .self_size = sizeof(struct guard), .reset = guard_reset};
static enum mistake within; /* of the stack that looks at who is */

static inline int build_within(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = within};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &from_within_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(members));
}

static const struct rig_fuzz from_within_stack = {.build = build_within};

#endif
