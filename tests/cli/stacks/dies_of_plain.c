/* A plain request of the method that the setting names ends the process: POST, else. With "hang": it never ends. */
#include <stackrig/fuzz.h>
#include <stackrig/stackrig.h>

#include <signal.h>
#include <string.h>

static char method[16];
static int hangs;

static int page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    volatile int waits = hangs;
    if (strcmp(rig_env_get(env, "REQUEST_METHOD"), method) == 0) {
        (void)rig_env_get(env, "HTTP_X_NOT_LEARNT");
        while (waits) {
        }
        (void)raise(SIGSEGV);
    }
    (void)rig_env_get(env, "HTTP_X_LEARNT");
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 204);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const char *named = rig_setup_get(setup, "method");
    size_t size = strlen(named ? named : "POST");
    memcpy(method, named ? named : "POST", size < sizeof method ? size + 1 : 0);
    hangs = rig_setup_get(setup, "hang") != NULL;
    return rig_run(stack, RIG_APP(page));
}

RIG_EXPORT(build);
#ifdef SETTINGS
RIG_FUZZ(build, .settings = {SETTINGS});
#endif
