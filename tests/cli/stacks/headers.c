/* Headers that do not go out as they were set: one is replaced below, one above, one removed, one set again as it was. */
#include <stackrig/stackrig.h>

static int upper(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_response_set_header(res, "X-Early", "one");
    int error = rig_next(next, env, res);
    rig_response_set_header(res, "x-late", "\"<b>\x01");
    rig_response_remove_header(res, "X-Gone");
    rig_response_set_header(res, "X-Same", "same");
    rig_response_set_header(res, "Set-Cookie", "sid=second-secret");
    return error;
}

static int lower(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_response_set_header(res, "X-Early", "two");
    return rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 204,
                       .headers = {{"X-Late", "first"},
                                   {"X-Gone", "was here"},
                                   {"X-Same", "same"},
                                   {"X-Kept", "kept"},
                                   {"Set-Cookie", "sid=first-secret"}});
}

static const struct rig_middleware upper_layer = {.name = "upper", .call = upper},
                                   lower_layer = {.name = "lower", .call = lower};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &upper_layer);
    rig_use(stack, &lower_layer);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
