/* Its answer is another one each time: a count of the whole program, which no reset puts back. */
#include <stackrig/stackrig.h>

#include <stdio.h>

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    static unsigned turn;
    (void)self;
    char number[16];
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    (void)snprintf(number, sizeof number, "%u", turn++);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 204, .headers = {{"X-Turn", number}});
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
