/* A layer with a line of its own for each path of one number, at which it leaves a body unread. */
#include <stackrig/stackrig.h>

#include <stdio.h>
#include <stdlib.h>

#define LINES 100

static int early(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    static char sites[LINES][16];
    int number = atoi(rig_env_get(env, "PATH_INFO") + 1);
    (void)self;
    if (number <= 0 || number >= LINES) {
        int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
        return drained < 0 ? (int)drained : rig_next(next, env, res);
    }
    (void)snprintf(sites[number], sizeof sites[number], "many.c:%d", number);
    return rig_respond_at(sites[number], &(struct rig_reply){.response = res, .status = 403});
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
