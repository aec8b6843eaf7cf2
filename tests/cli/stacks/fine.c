/* Nothing to find: a layer that passes on, an app that drains the body and answers. */
#include <stackrig/stackrig.h>

#include <stdio.h>

static int pass(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    printf("layers may print\n");
    return rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 200, .body = "fine\n");
}

static const struct rig_middleware outer = {.name = "outer", .call = pass};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &outer, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
