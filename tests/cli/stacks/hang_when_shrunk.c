/* Does not come back once the scenario has lost a header; or, with HANG_BUILT in the environment, when it is built. */
#include <stackrig/stackrig.h>

#include <stdlib.h>

static void spin(void)
{
    for (volatile unsigned i = 0;; i++) {
    }
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    bool marked = rig_env_get(env, "HTTP_X_DEBUG") != NULL;
    if (rig_env_get(env, "HTTP_X_A") && !marked) {
        spin();
    }
    return drained < 0 ? (int)drained : rig_respond(res, .status = marked ? 500 : 200);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    if (getenv("HANG_BUILT")) {
        spin();
    }
    return rig_run(stack, RIG_APP(app));
}

RIG_EXPORT(build);
