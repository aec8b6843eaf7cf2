/* A layer that does not come back from /hang, and late from /slow. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <string.h>
#include <time.h>
#include <unistd.h>

static int slow(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct timespec nap = {0, 50000000};
    (void)self;
    if (!strcmp(rig_env_get(env, "PATH_INFO"), "/slow")) {
        nanosleep(&nap, NULL);
    }
    while (!strcmp(rig_env_get(env, "PATH_INFO"), "/hang")) {
        sleep(1);
    }
    return rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200);
}

static const struct rig_middleware layer = {.name = "sleeper", .call = slow};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &layer, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
