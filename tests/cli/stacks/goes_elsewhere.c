/* Its app has a folder of its own, as a daemon does; and fails. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <stdlib.h>
#include <unistd.h>

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *folder = getenv("ELSEWHERE");
    (void)self;
    if (!folder || chdir(folder) != 0 || rig_input_drain(rig_env_input(env), 65536) < 0) {
        return rig_respond(res, .status = 413);
    }
    return rig_respond(res, .status = 500);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(app));
}
RIG_EXPORT(build);
