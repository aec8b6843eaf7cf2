/* A layer that leaves a body unread, at another line for who sends a header. */
#include <stackrig/stackrig.h>

static int early(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self, (void)next;
    if (rig_env_get(env, "HTTP_X_TWO")) {
        return rig_respond(res, .status = 403);
    }
    return rig_respond(res, .status = 403);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 204);
}

static const struct rig_middleware layer = {.name = "early", .call = early};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &layer, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
