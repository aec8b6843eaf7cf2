/* A layer that forks, and when the child has come to its end, hangs or exits at another place. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static __attribute__((noinline)) void end_child(bool by_signal)
{
    if (by_signal) {
        raise(SIGSEGV);
    }
    exit(0);
}

static __attribute__((noinline)) void leave(void)
{
    exit(3);
}

static int fork_first(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    bool by_signal = strcmp(path, "/signal") == 0, forks = by_signal || strcmp(path, "/exit") == 0;
    if (!forks && strcmp(path, "/leave") != 0) {
        return rig_next(next, env, res);
    }
    pid_t child = forks ? fork() : -1;
    if (child == 0) {
        end_child(by_signal);
    }
    (void)waitpid(child, NULL, 0);
    if (!by_signal) {
        leave();
    }
    for (volatile unsigned i = 0;; i++) { /* in no call */
    }
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 204);
}

static const struct rig_middleware layer = {.name = "forks", .call = fork_first};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &layer, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
