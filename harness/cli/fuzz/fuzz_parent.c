/* stackrig fuzz, in the parent: a child after the other, until all is tried and told. */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/cli/fuzz/apart.h"
#include "harness/cli/fuzz/fuzzing.h"
#include "harness/cli/run/settle.h"
#include "harness/cli/ui/progress.h"

#define ENDS_MAX 500 /* crashes in all, */
#define HANGS_MAX 8  /* and those of them that take long */

struct rig_fuzzing *rig_fuzzing;
static struct rig_progress progress;

typedef void child_fn(struct rig_fuzzing_options *options);

enum end { DONE, GAVE_UP, CRASHED, INTERRUPTED };

/* Only while it tries: a report that is shrunk and printed shows by itself that it goes on. */
static void tick(void)
{
    if (rig_fuzzing->engine.runs < progress.total) {
        rig_progress_tick(&progress, (size_t)rig_fuzzing->engine.runs,
                          rig_fuzzing->engine.found_count + rig_fuzzing->crash_count, NULL);
    }
}

/* Waits for the child; one that makes no progress is ended. Its status as waitpid has it. */
static int wait_for(pid_t child, bool *hung)
{
    int status = 0;
    uint64_t before = 0;
    struct timespec nap = {0, 1000000}; /* a child may end soon */
    for (int64_t still = 0; waitpid(child, &status, WNOHANG) == 0; still += nap.tv_nsec) {
        nap.tv_nsec = nap.tv_nsec < 20000000 ? nap.tv_nsec + 1000000 : nap.tv_nsec;
        (void)nanosleep(&nap, NULL);
        tick();
        if (rig_interrupted() && !rig_fuzzing->interrupted) {
            rig_fuzzing->interrupted = true;
            (void)kill(child, SIGKILL);
            (void)waitpid(child, &status, 0);
            break;
        }
        uint64_t runs = rig_fuzzing->engine.target_turns;
        still = runs == before ? still : 0;
        before = runs;
        if (still > RIG_FUZZED_HANG_SECONDS * INT64_C(1000000000)) {
            *hung = true;
            (void)kill(child, SIGKILL);
            (void)waitpid(child, &status, 0);
            break;
        }
    }
    (void)kill(-child, SIGKILL); /* what it has started */
    return status;
}

/* In a child. Only what it has said itself counts: a layer may call exit() with any status. crash: how, of CRASHED. */
static enum end in_child(child_fn *work, struct rig_fuzzing_options *options, struct rig_fuzzing_crash *crash)
{
    bool before = rig_fuzzing->interrupted;
    pid_t parent = getpid();
    rig_fuzzing->done = crash->hung = false;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        rig_complain("cannot start a process: %s", strerror(errno));
        return GAVE_UP;
    }
    if (child == 0) {
        rig_settle_process(parent);
        work(options);
    }
    int status = wait_for(child, &crash->hung);
    if (rig_fuzzing->interrupted && !before && !rig_fuzzing->done) {
        return INTERRUPTED;
    }
    if (rig_fuzzing->gave_up || rig_fuzzing->done) {
        return rig_fuzzing->gave_up ? GAVE_UP : DONE;
    }
    if (crash->hung) {
        (void)snprintf(crash->how, sizeof crash->how, "no end after %d s", RIG_FUZZED_HANG_SECONDS);
    } else if (WIFSIGNALED(status)) {
        (void)snprintf(crash->how, sizeof crash->how, "%s", strsignal(WTERMSIG(status)));
    } else {
        (void)snprintf(crash->how, sizeof crash->how, "the process ended itself with exit status %d",
                       WEXITSTATUS(status));
    }
    return CRASHED;
}

/* One of its kind for each way to end; false: there are too many kinds. */
static bool note_crash(const struct rig_fuzzing_crash *crash)
{
    size_t i = 0;
    while (i < rig_fuzzing->crash_count && strcmp(rig_fuzzing->crashes[i].how, crash->how) != 0) {
        i++;
    }
    if (i == RIG_FUZZING_CRASHES_MAX) {
        return false;
    }
    if (i == rig_fuzzing->crash_count) {
        rig_fuzzing->crashes[i] = *crash;
        rig_fuzzing->crashes[i].input = rig_fuzzing->engine.input;
        rig_fuzzing->crash_count++;
    }
    rig_fuzzing->crashes[i].times++;
    return true;
}

/* A crash is noted, and the next child goes on behind it. */
static bool run_all(struct rig_fuzzing_options *options)
{
    static struct rig_fuzzing_crash crash;
    enum end end = CRASHED;
    unsigned ends = 0, hangs = 0;
    while (end == CRASHED) {
        end = in_child(rig_fuzzing_run, options, &crash);
        if (end == CRASHED && !rig_fuzzing->started) {
            rig_complain("the stack cannot be built: %s", crash.how);
            return false;
        }
        if (end != CRASHED) {
            break;
        }
        ends++;
        hangs += crash.hung;
        if (!note_crash(&crash) || ends == ENDS_MAX || hangs == HANGS_MAX) {
            rig_complain("after %u crashes no more is tried", ends);
            break;
        }
    }
    return end != GAVE_UP;
}

bool rig_fuzzing_run_all(struct rig_fuzzing_options *options)
{
    rig_progress_start(&progress, "scenarios", (size_t)options->runs, options->quiet);
    rig_interrupt_listen();
    bool good = run_all(options);
    rig_progress_end(&progress);
    return good;
}

/* ---- what is shrunk in processes of its own ---- */

static void shrink_crash(struct rig_fuzzing_options *options, struct rig_fuzzing_crash *crash)
{
    if (crash->hung) { /* each try would take as long */
        return;
    }
    int said = rig_apart_try(&options->fuzzed, &crash->input, NULL);
    const char *how = said < 0 ? rig_fuzzed_end(said) : "";
    crash->not_alone = said >= 0;
    if (said < 0 && strncmp(crash->how, how, strlen(how)) == 0) { /* "ended itself", and with which status */
        rig_apart_shrink(&options->fuzzed, &crash->input, NULL, said);
    }
}

/* What no reset puts back one of the scenarios before has done: which of them does it alone? */
static void find_suspect(struct rig_fuzzing_options *options, struct rig_fuzz_found *found)
{
    const struct rig_fuzz_engine *engine = &rig_fuzzing->engine;
    for (size_t i = 0; i < engine->suspect_count && !rig_interrupted(); i++) {
        if (rig_apart_try(&options->fuzzed, &engine->suspects[i], found->rule) == RIG_APART_FOUND) {
            found->input = engine->suspects[i];
            found->request = 0;
            return;
        }
    }
}

static void shrink_apart(struct rig_fuzzing_options *options)
{
    struct rig_fuzz_engine *engine = &rig_fuzzing->engine;
    for (size_t i = 0; i < engine->found_count && !rig_interrupted(); i++) {
        struct rig_fuzz_found *found = &engine->found[i];
        if (found->request == RIG_FUZZ_NO_REQUEST) {
            find_suspect(options, found);
        }
        if (found->request != RIG_FUZZ_NO_REQUEST &&
            strcmp(found->rule, rig_fuzz_rule_ids[RIG_FUZZ_ANSWER_VARIES]) == 0) {
            rig_apart_shrink(&options->fuzzed, &found->input, found->rule, RIG_APART_FOUND);
        }
    }
    for (size_t i = 0; i < rig_fuzzing->crash_count && !rig_interrupted(); i++) {
        shrink_crash(options, &rig_fuzzing->crashes[i]);
    }
    rig_fuzzing->interrupted = rig_fuzzing->interrupted || rig_interrupted();
}

/* A finding that cannot be shrunk without a crash is printed all the same. */
bool rig_fuzzing_report_all(struct rig_fuzzing_options *options)
{
    static struct rig_fuzzing_crash crash;
    enum end end = CRASHED;
    shrink_apart(options);
    while (end == CRASHED || end == INTERRUPTED) {
        end = in_child(rig_fuzzing_report, options, &crash);
        if (end == CRASHED && (rig_fuzzing->unshrunk || rig_fuzzing->reported >= rig_fuzzing->engine.found_count)) {
            rig_complain("the stack crashes before all findings are printed: %s", crash.how);
            return true; /* there are findings */
        }
        if (end == CRASHED) {
            rig_complain("while a finding was shrunk, the stack crashed: %s; it is printed as far as it got",
                         crash.how);
            rig_fuzzing->unshrunk = true;
        }
    }
    return end == DONE;
}
