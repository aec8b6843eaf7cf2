/* A layer that computes for two fifths of a second at /login, as a hash of passwords does. */
#include <stackrig/stackrig.h>

#include <string.h>
#include <time.h>

static int compute(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    clock_t end = clock() + 2 * CLOCKS_PER_SEC / 5; /* the processor's: no clock of the rig's */
    while (strcmp(rig_env_get(env, "PATH_INFO"), "/login") == 0 && clock() < end) {
    }
    return rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 204);
}

static const struct rig_middleware layer = {.name = "passwords", .call = compute};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &layer, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
