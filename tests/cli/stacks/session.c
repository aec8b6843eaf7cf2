/* Keeps something from one request to the next: the first is answered 200, all others 409. */
#include <stackrig/stackrig.h>

static int first(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    int *requests = self;
    return (*requests)++ > 0 ? rig_respond(res, .status = 409) : rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200);
}

static const struct rig_middleware layer = {.name = "first", .call = first, .self_size = sizeof(int)};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &layer);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
