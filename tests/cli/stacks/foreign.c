/* Says that one rule of libmicrohttpd's adapter had its precondition, as that does; answers. */
#include <stackrig/foreign.h>
#include <stackrig/stackrig.h>

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = rig_foreign_arm(env, "microhttpd.header.refused");
    return error ? error : rig_respond(res, .status = 200, .body = "fine\n");
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
