/* The mend: api_version writes into the env it was given, and hands on that one. */
#include "layers.h"

static int choose_version(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char version[API_VERSION_SIZE];
    (void)self;
    wanted_version(env, version);
    int error = rig_env_set(env, API_VERSION, version);
    if (error) {
        return error;
    }
    return rig_next(next, env, res);
}

static const struct rig_middleware api_version = {.name = "api_version", .call = choose_version};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return build_around(stack, &api_version);
}

RIG_EXPORT(build);
