/* libstackrig-check.so: preloaded into a program, it is the worker there. An adapter gives it the app. */
#define _GNU_SOURCE

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/cli/run/handed.h"
#include "mocks/frameworks/program.h"

#define EXPORT __attribute__((visibility("default")))

static struct rig_handed handed;
static pid_t process; /* 0: this is no child of the command's */

/* What the program starts is to run as ever. */
static void forget_variables(void)
{
    const char *before = getenv(RIG_HANDED_PRELOAD);
    if (before && *before) {
        (void)setenv("LD_PRELOAD", before, 1);
    } else {
        (void)unsetenv("LD_PRELOAD");
    }
    (void)unsetenv(RIG_HANDED_PRELOAD);
    (void)unsetenv(RIG_HANDED);
}

/* Before main(), which may go to another folder. */
__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv(RIG_HANDED);
    if (!number) {
        return;
    }
    bool good = rig_handed_read(atoi(number), &handed);
    forget_variables();
    (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* a pipe: what it printed would be lost with it */
    if (!good) {
        (void)fprintf(stderr, "stackrig: the program was handed what makes no sense\n");
        _exit(127);
    }
    (void)fcntl(handed.worker.fd, F_SETFD, FD_CLOEXEC);
    process = getpid();
}

EXPORT bool rig_program_waits(void)
{
    return process == getpid();
}

EXPORT void rig_program_run(struct rig_app app, bool (*over)(void))
{
    handed.worker.over = over;
    (void)signal(SIGPIPE, SIG_IGN); /* the command is gone: a worker ends by itself then */
    rig_worker_serve(&handed.worker, app);
}

EXPORT _Noreturn void rig_program_refuse(const char *why)
{
    rig_worker_refuse(&handed.worker, why);
}
