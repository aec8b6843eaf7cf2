/* Two layers that crash in one way, the inner one at two places; which of them does it, headers say. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_at(const struct rig_env *env, const char *path)
{
    return strcmp(rig_env_get(env, "PATH_INFO"), path) == 0;
}

static volatile bool fell;

static __attribute__((noinline)) void fall(void)
{
    raise(SIGSEGV);
    fell = true; /* else it is a jump, and the place its caller's */
}

static int upper(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (is_at(env, "/deep") && !rig_env_get(env, "HTTP_X_DEEP")) {
        raise(SIGSEGV);
    }
    if (is_at(env, "/fall") && !rig_env_get(env, "HTTP_X_DEEP")) {
        fall();
    }
    int result = rig_next(next, env, res);
    if (is_at(env, "/later")) {
        raise(SIGSEGV);
    }
    return result;
}

/* Else the compiler makes one call of two. */
static __attribute__((noinline)) void leave(void)
{
    exit(3);
}

static int lower(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (is_at(env, "/fall")) {
        fall();
    } else if (is_at(env, "/deep") && rig_env_get(env, "HTTP_X_FAR")) {
        raise(SIGSEGV);
    } else if (is_at(env, "/deep")) {
        kill(getpid(), SIGSEGV); /* another line with the same end */
    } else if (is_at(env, "/exit") && rig_env_get(env, "HTTP_X_FAR")) {
        exit(3);
    } else if (is_at(env, "/exit")) {
        leave();
    } else if (is_at(env, "/hang")) {
        for (;;) {
            sleep(1);
        }
    }
    return rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 204);
}

static const struct rig_middleware first = {.name = "upper", .call = upper}, second = {.name = "lower", .call = lower};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &first, NULL); /* where upper stands */
    rig_use(stack, &second, NULL);
    rig_use(stack, &second, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
