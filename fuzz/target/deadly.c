#define _DEFAULT_SOURCE

/* Which of the requests that a target is opened with end the process: they are asked in a copy of it first. */
#include "fuzz/target/target.h"

#include "fuzz/scenario/strings.h"
#include "harness/core/with_parent.h"
#include "harness/coverage/count.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STILL_NS INT64_C(2000000000) /* for one request: two of them, less than the command gives a scenario */

/* What the copy says of itself. */
struct rig_fuzz_steps {
    volatile unsigned step, changes;
    volatile bool done;
};

bool rig_fuzz_step(struct rig_fuzz_target *target, unsigned step)
{
    const struct rig_fuzz_deadly *deadly = &target->deadly;
    for (unsigned i = 0; i < deadly->count; i++) {
        if (deadly->steps[i] == step) {
            return false;
        }
    }
    if (deadly->given_up && step > deadly->until && step != RIG_FUZZ_STEP_FIRST) {
        return false;
    }
    if (target->steps) {
        target->steps->step = step;
        target->steps->changes++;
    }
    return true;
}

/* What it says, and how it ends, the fuzzer says when it tries the request itself. */
static _Noreturn void be_copy(struct rig_fuzz_target *target)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGALRM, SIGTERM};
    const struct rlimit none = {0, 0};
    int null = open("/dev/null", O_RDWR);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        (void)signal(deadly[i], SIG_DFL);
    }
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)unsetenv(RIG_COVER_VARIABLE); /* nor does it count as a run */
    (void)dup2(null, STDOUT_FILENO);
    (void)dup2(null, STDERR_FILENO);
    (void)rig_fuzz_begin(target);
    target->steps->done = true;
    _exit(0);
}

/* Until it has ended, or hangs; true: that. While it builds the stack it may take its time, as this process may. */
static bool wait_for(pid_t copy, const struct rig_fuzz_steps *steps)
{
    struct timespec nap = {0, 100000};
    unsigned last = 0;
    for (int64_t still = 0; still < STILL_NS; still += nap.tv_nsec) {
        pid_t ended = waitpid(copy, NULL, WNOHANG);
        if (ended == copy || (ended < 0 && errno != EINTR)) {
            return false;
        }
        still = steps->changes == last && last > 0 ? still : 0;
        last = steps->changes;
        (void)nanosleep(&nap, NULL);
        nap.tv_nsec = nap.tv_nsec < 5000000 ? nap.tv_nsec * 2 : nap.tv_nsec;
    }
    (void)kill(copy, SIGKILL);
    while (waitpid(copy, NULL, 0) < 0 && errno == EINTR) {
    }
    return true;
}

/* One copy; true: a request has ended it, another may tell more. before: room for the target, which may stand in memory
 * that both share. */
static bool try_copy(struct rig_fuzz_target *target, struct rig_fuzz_target *before)
{
    struct rig_fuzz_deadly *deadly = &target->deadly;
    struct rig_fuzz_steps *steps = target->steps;
    *steps = (struct rig_fuzz_steps){0};
    memcpy(before, target, sizeof *before);
    (void)fflush(NULL);
    pid_t parent = getpid(), copy = fork();
    if (copy == 0) {
        rig_end_with_parent(parent);
        be_copy(target);
    }
    bool hung = copy > 0 && wait_for(copy, steps);
    memcpy(target, before, sizeof *target);
    if (copy < 0 || steps->done || steps->changes == 0) { /* how it ends before that, this process will see */
        return false;
    }
    bool last = deadly->given_up || steps->step == RIG_FUZZ_STEP_FIRST;
    deadly->steps[deadly->count++] = steps->step;
    if (!last && (hung || deadly->count == RIG_FUZZ_DEADLY_MAX)) {
        deadly->given_up = true;
        deadly->until = steps->step;
    }
    return !last;
}

void rig_fuzz_find_deadly(struct rig_fuzz_target *target)
{
    void *memory = mmap(NULL, sizeof *target->steps, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct rig_fuzz_target *before = memory == MAP_FAILED ? NULL : malloc(sizeof *before);
    if (before) {
        target->steps = memory;
        while (try_copy(target, before)) {
        }
        target->steps = NULL;
    }
    free(before);
    if (memory != MAP_FAILED) {
        (void)munmap(memory, sizeof *target->steps);
    }
}

void rig_fuzz_deadly_scenario(const struct rig_fuzz_target *target, unsigned number, struct rig_fuzz_scenario *scenario)
{
    unsigned step = target->deadly.steps[number];
    rig_fuzz_decode(&target->table, "", 0, scenario);
    if (step != RIG_FUZZ_STEP_FIRST) {
        unsigned place;
        const struct rig_request request = rig_fuzz_asked(&target->table, step, &place);
        struct rig_fuzz_request *only = &scenario->requests[0];
        only->method = request.method;
        only->target = request.target;
        only->body = (struct rig_bytes){request.body, request.body ? strlen(request.body) : 0};
        only->credentials = place < RIG_FUZZ_PLACES ? RIG_FUZZ_CLASS_VALID : RIG_FUZZ_CLASS_NONE;
        only->place = (uint8_t)(place < RIG_FUZZ_PLACES ? place : 0);
        rig_fuzz_settle(only, 0);
    }
}
