/* Says what its environment would have those preload that it starts. */
#include <stdio.h>
#include <stdlib.h>

#include <stackrig/stackrig.h>

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 204);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const char *preload = getenv("LD_PRELOAD"), *before = getenv("STACKRIG_LD_PRELOAD");
    (void)setup;
    fprintf(stderr, "preloads %s, before %s\n", preload ? preload : "none", before ? before : "none");
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
