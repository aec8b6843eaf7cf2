/* Layers of one name that return errors, in the way that the path says. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

static bool asked(const struct rig_env *env, const char *path)
{
    return !strcmp(rig_env_get(env, "PATH_INFO"), path);
}

static int outer(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int result = rig_next(next, env, res);
    if (asked(env, "/handled")) {
        return rig_respond(res, .status = 502);
    }
    return asked(env, "/translated") ? -EACCES : asked(env, "/late") ? -EPIPE : result;
}

static int inner(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (asked(env, "/crash")) {
        raise(SIGSEGV);
    }
    if (asked(env, "/answered")) {
        rig_respond(res, .status = 201);
        return -ENOTSUP;
    }
    return asked(env, "/handled") || asked(env, "/translated") ? -EIO
           : asked(env, "/nameless")                           ? -1234
                                                               : rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return asked(env, "/app") ? -ENOENT : asked(env, "/wrong") ? 7 : rig_respond(res, .status = 200);
}

static const struct rig_middleware outer_layer = {.name = "guard", .call = outer},
                                   inner_layer = {.name = "guard", .call = inner};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &outer_layer, NULL);
    rig_use(stack, &inner_layer, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
