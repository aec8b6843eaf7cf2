/* Layers that leave a body unread; one of them crashes once the scenario has lost a header. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static bool is_at(const struct rig_env *env, const char *path)
{
    return strcmp(rig_env_get(env, "PATH_INFO"), path) == 0;
}

static int early(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (!is_at(env, "/early")) {
        return rig_next(next, env, res);
    }
    if (!rig_env_get(env, "HTTP_X_KEEP")) {
        abort();
    }
    return rig_respond(res, .status = 403);
}

static int other(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return is_at(env, "/other") ? rig_respond(res, .status = 403) : rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (is_at(env, "/segv")) {
        raise(SIGSEGV);
    }
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 200, .body = "fine\n");
}

static const struct rig_middleware first = {.name = "early", .call = early}, second = {.name = "other", .call = other};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &first, NULL);
    rig_use(stack, &second, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
