/* A layer that only an error of the request's body shows to be wrong: it crashes, goes round for ever, or says nothing. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

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

static int fragile(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const char *path = rig_env_get(env, "PATH_INFO");
    (void)self;
    int error = read_all(env);
    if (error < 0 && !strcmp(path, "/crash")) {
        raise(SIGSEGV);
    }
    while (error < 0 && !strcmp(path, "/wait")) {
        sleep(1);
    }
    return error < 0 && strcmp(path, "/lie") ? error : rig_next(next, env, res);
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
