/* Ends with whatever it is asked, but not while it is built. */
#include <stackrig/stackrig.h>

#include <stdlib.h>

static unsigned asked;

static int dies(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    if (asked++ > 12) { /* words are learnt, and the plainest request, before */
        abort();
    }
    return rig_respond(res, .status = 204);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(dies));
}

RIG_EXPORT(build);
