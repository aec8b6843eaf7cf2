/* The copied env: api_version works on a copy and hands the copy on, so what is written below is lost above. */
#include "layers.h"

#include <errno.h>

static int choose_version(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char version[API_VERSION_SIZE];
    (void)self;
    wanted_version(env, version);
    struct rig_env *copy = rig_env_copy(env); /* demo: copy */
    if (!copy) {
        return -ENOMEM;
    }
    int error = rig_env_set(copy, API_VERSION, version);
    if (error) {
        return error;
    }
    return rig_next(next, copy, res); /* demo: hand-over */
}

static const struct rig_middleware api_version = {.name = "api_version", .call = choose_version};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return build_around(stack, &api_version);
}

RIG_EXPORT(build);
