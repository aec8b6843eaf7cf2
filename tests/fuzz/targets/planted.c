/* A guard that remembers who was right last: two requests of two clients find it. MENDED: it does not remember. ALONE:
 * its stack says nothing of fuzzing. */
#include <stackrig/fuzz.h>
#include <stackrig/stackrig.h>

#include <stdio.h>
#include <string.h>

struct guard {
    char secret[64];
    bool known; /* of the request that came last, and of the next */
};

static int guard_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct guard *guard = self;
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
#ifdef MENDED
    guard->known = false;
#endif
    if (value && strncmp(value, "Bearer ", 7) == 0) {
        guard->known = strcmp(value + 7, guard->secret) == 0;
    }
    if (guard->known) {
        return rig_next(next, env, res);
    }
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static int guard_init(void *self, const void *options)
{
    struct guard *guard = self;
    (void)snprintf(guard->secret, sizeof guard->secret, "%s", (const char *)options);
    return 0;
}

static void guard_reset(void *self)
{
    struct guard *guard = self;
    guard->known = false;
}

static const struct rig_middleware guard_layer = {
    .name = "guard", .call = guard_call, .self_size = sizeof(struct guard), .init = guard_init, .reset = guard_reset};

static int members(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    bool head = strcmp(rig_env_get(env, "REQUEST_METHOD"), "HEAD") == 0;
    return drained < 0 ? (int)drained : rig_respond(res, .body = head ? NULL : "members only");
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    rig_use(stack, &guard_layer, rig_setup_secret(setup, "valid")->value, .auth = true);
    return rig_run(stack, RIG_APP(members));
}

RIG_EXPORT(build);
#ifndef ALONE
RIG_FUZZ(build, .protect = {"members"});
#endif
