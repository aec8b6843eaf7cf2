/* A layer that only an error of the request's body shows to be wrong: it crashes, goes round for ever, or says nothing. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int read_all(struct rig_env *env)
{
    char piece[64];
    int64_t got;
    do {
        got = rig_input_read(rig_env_input(env), piece, sizeof piece);
    } while (got > 0);
    return (int)got;
}

static int served;

/* One place in the code, whatever the compiler makes of the branches. */
__attribute__((noinline)) static void fall(void)
{
    raise(SIGSEGV);
    sleep(1);
}

static int fragile(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const char *path = rig_env_get(env, "PATH_INFO");
    (void)self;
    int error = read_all(env);
    bool broken = error == -EIO && !strcmp(path, "/lie-or-crash");
    bool tired = !strcmp(path, "/lie-until-tired") && ++served == 20;
    if ((error < 0 && !strcmp(path, "/crash")) || broken || tired) {
        fall();
    }
    while (error < 0 && !strcmp(path, "/wait")) {
        sleep(1);
    }
    return error < 0 && strncmp(path, "/lie", 4) ? error : rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200);
}

static const struct rig_middleware layer = {.name = "fragile", .call = fragile};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &layer, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
