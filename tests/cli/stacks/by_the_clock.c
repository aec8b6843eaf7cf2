/* By the machine's clock: what is served from 2026 on fails. */
#include <time.h>

#include <stackrig/stackrig.h>

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    bool late = time(NULL) >= 1767225600;
    return drained < 0 ? (int)drained : rig_respond(res, .status = late ? 503 : 204);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
