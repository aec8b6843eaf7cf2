/* An app that one target closes for good: no reset knows of it. */
#include <stackrig/stackrig.h>

#include <string.h>

static bool closed;

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    closed = closed || strcmp(rig_env_get(env, "PATH_INFO"), "/admin") == 0;
    return drained < 0 ? (int)drained : rig_respond(res, .status = closed ? 404 : 200);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(app));
}

RIG_EXPORT(build);
