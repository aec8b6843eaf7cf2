/* A stack that cannot be built, in the way that --set mode=... says. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void destroy(void *self)
{
    (void)self;
    raise(SIGILL);
}

static int pass(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200);
}

static const struct rig_middleware layer = {.name = "last", .call = pass, .self_size = 1, .destroy = destroy};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const char *mode = rig_setup_get(setup, "mode");
    if (!mode) {
        return -EINVAL;
    }
    if (!strcmp(mode, "crash")) {
        raise(SIGSEGV);
    }
    if (!strcmp(mode, "misuse")) {
        return rig_use(stack, NULL);
    }
    while (!strcmp(mode, "hang")) {
        sleep(1);
    }
    if (!strcmp(mode, "destroy")) {
        rig_use(stack, &layer, NULL);
    }
    if (!strcmp(mode, "no_app")) {
        return 0;
    }
    if (!strcmp(mode, "warm_up")) {
        rig_warm_up(stack, RIG_POST("/", .body = "nobody reads it"));
    }
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
