#include <stackrig/inputs.h>

static int call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct rig_rewindable_options *options = self;
    int error = rig_env_rewindable(env, options->max);
    return error ? error : rig_next(next, env, res);
}

const struct rig_middleware rig_rewindable_layer = {
    .name = "rewindable", .call = call, .self_size = sizeof(struct rig_rewindable_options)};
