/* stackrig fuzz, in the parent: a child after the other, until all is tried and told. */
#include <string.h>

#include "harness/cli/fuzz/fuzzing.h"
#include "harness/cli/ui/progress.h"

#define ENDS_MAX 500 /* crashes in all, */
#define HANGS_MAX 8  /* and those of them that take long */

struct rig_fuzzing *rig_fuzzing;
static struct rig_progress progress;

static void tick(void)
{
    rig_progress_tick(&progress, (size_t)rig_fuzzing->engine.runs,
                      rig_fuzzing->engine.found_count + rig_fuzzing->crash_count, NULL);
}

/* One for each way and place to end; false: there are too many. */
static bool note_crash(const struct rig_fuzzed_end *end)
{
    size_t i = 0;
    while (i < rig_fuzzing->crash_count && !rig_fuzzed_end_is(&rig_fuzzing->crashes[i].end, end)) {
        i++;
    }
    if (i == RIG_FUZZING_CRASHES_MAX) {
        return false;
    }
    if (i == rig_fuzzing->crash_count) {
        rig_fuzzing->crashes[i].end = *end;
        rig_fuzzing->crashes[i].input = rig_fuzzing->engine.input;
        rig_fuzzing->crashes[i].sent = rig_fuzzing->target.plays <= 1;
        rig_fuzzing->crash_count++;
    }
    rig_fuzzing->crashes[i].times++;
    return true;
}

/* A crash is noted, and the next child goes on behind it. */
static bool run_all(struct rig_fuzzing_options *options)
{
    struct rig_fuzzed_end end;
    int status = RIG_STATUS_CLEAN;
    unsigned ends = 0, hangs = 0;
    while (!rig_interrupted() && (status = rig_fuzzed_child(rig_fuzzing_run, options, tick, &end)) == RIG_FUZZED_LOST &&
           !end.interrupted) {
        if (!rig_fuzzing->started) {
            (void)rig_fuzzed_complain_unread(&options->fuzzed, &end);
            return false;
        }
        ends++;
        hangs += end.hung;
        if (!note_crash(&end) || ends == ENDS_MAX || hangs == HANGS_MAX) {
            rig_complain("after %u %s no more is tried", ends,
                         hangs == 0     ? "crashes"
                         : hangs < ends ? "crashes and hangs"
                                        : "hangs");
            break;
        }
    }
    return status != RIG_STATUS_USAGE;
}

/* Whom nobody has let in is known to a process that has the stack. */
static void count(struct rig_fuzzing_options *options)
{
    static struct rig_fuzz_target before;
    before = rig_fuzzing->target;
    if (rig_fuzzed_child(rig_fuzzing_count, options, NULL, NULL) != RIG_STATUS_CLEAN) {
        rig_fuzzing->target = before;
    }
}

bool rig_fuzzing_run_all(struct rig_fuzzing_options *options)
{
    rig_progress_start(&progress, "scenarios", (size_t)options->runs, options->quiet);
    rig_interrupt_listen();
    rig_interrupt_listen_to_term();
    bool good = run_all(options);
    if (good && rig_fuzzing->started && !rig_fuzzing->target.places[0]) {
        count(options);
    }
    rig_progress_end(&progress);
    rig_fuzzing->interrupted = rig_interrupted();
    return good;
}

/* ---- what is shrunk in processes of its own ---- */

static void shrink_crash(struct rig_fuzzing_options *options, struct rig_fuzzing_crash *crash)
{
    if (crash->end.hung && crash->sent) { /* each try would take as long */
        return;
    }
    crash->cause = rig_apart_cause(&options->fuzzed, &crash->input, &crash->end);
    if (!crash->end.hung) {
        rig_apart_shrink_crash(&options->fuzzed, &crash->input, &crash->end, crash->cause);
    }
}

/* What no reset puts back one of the scenarios before has done: which of them does it alone? */
static void find_suspect(struct rig_fuzzing_options *options, struct rig_fuzz_found *found)
{
    const struct rig_apart_want want = {.rule = found->rule};
    const struct rig_fuzz_engine *engine = &rig_fuzzing->engine;
    for (size_t i = 0; i < engine->suspect_count && !rig_interrupted(); i++) {
        if (rig_apart_try(&options->fuzzed, &engine->suspects[i], &want, NULL) == RIG_APART_FOUND) {
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
        bool left = found->request == RIG_FUZZ_NO_REQUEST; /* its layer is the one that met it */
        if (left) {
            find_suspect(options, found);
        }
        if (found->request != RIG_FUZZ_NO_REQUEST &&
            strcmp(found->rule, rig_fuzz_rule_ids[RIG_FUZZ_ANSWER_VARIES]) == 0) {
            const struct rig_apart_want want = {.rule = found->rule, .layer = left ? NULL : found->layer};
            rig_apart_shrink(&options->fuzzed, &found->input, &want);
        }
    }
    for (size_t i = 0; i < rig_fuzzing->crash_count && !rig_interrupted(); i++) {
        shrink_crash(options, &rig_fuzzing->crashes[i]);
    }
    rig_fuzzing->interrupted = rig_interrupted();
}

/* A finding that cannot be shrunk without a crash is printed all the same. */
bool rig_fuzzing_report_all(struct rig_fuzzing_options *options)
{
    char line[RIG_LINE_SIZE];
    struct rig_fuzzed_end end;
    int status;
    shrink_apart(options);
    while ((status = rig_fuzzed_child(rig_fuzzing_report, options, NULL, &end)) == RIG_FUZZED_LOST) {
        rig_fuzzing->interrupted = rig_fuzzing->interrupted || end.interrupted;
        const char *how = rig_fuzzed_end(&end, options->fuzzed.stack, line);
        if (end.interrupted) {
            continue;
        }
        if (rig_fuzzing->unshrunk || rig_fuzzing->reported >= rig_fuzzing->engine.found_count) {
            rig_complain("the stack %s before all findings are printed: %s", end.hung ? "hangs" : "crashes", how);
            return true; /* there are findings */
        }
        rig_complain("while a finding was shrunk, the stack %s: %s; it is printed as far as it got",
                     end.hung ? "hung" : "crashed", how);
        rig_fuzzing->unshrunk = true;
    }
    return status != RIG_STATUS_USAGE;
}
