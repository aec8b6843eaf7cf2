/* stackrig min: the smallest scenario that still shows the same rule in the same layer, at the same line. */
#define _POSIX_C_SOURCE 200809L

#include <string.h>
#include <unistd.h>

#include "harness/cli/fuzz/apart.h"
#include "fuzz/driver/masked.h"
#include "harness/cli/run/preload.h"

struct min {
    struct rig_fuzzed fuzzed;
    const char *file;
    struct rig_fuzz_engine engine;
    struct rig_fuzz_found *found; /* NULL: not yet, or nothing */
    struct rig_fuzz_input input;  /* of a crash: as small as it is known to be */
    bool read;
};

static struct rig_fuzz_target target;
static struct rig_fuzz_scenario scenario;
static char text[RIG_FUZZ_TEXT_MAX];

static void print(FILE *out, const struct rig_fuzz_input *input)
{
    rig_fuzz_decode(&target.table, input->bytes, input->size, &scenario);
    (void)rig_fuzz_write(&scenario, text, sizeof text);
    fputs(text, out);
}

/* On stderr: the text alone is the output, and that is to be run again: it is as it was sent. */
static void print_found(FILE *out, const struct rig_fuzz_found *found)
{
    print(out, &found->input);
    const struct rig_fuzz_violation violation = rig_fuzz_found_violation(found);
    rig_masked_print(stderr, &target, &scenario, &violation, NULL);
}

/* May it be found once in a process? */
static bool leaves_something(const struct min *min)
{
    return min->found && strcmp(min->found->rule, "fuzz.answer.varies") == 0;
}

static int shrink(void *closure, FILE *out)
{
    struct min *min = closure;
    if (!rig_fuzzed_open(&min->fuzzed, &target) || !rig_fuzzed_input(min->file, &target.table, &min->input)) {
        return RIG_STATUS_USAGE;
    }
    min->read = true;
    min->fuzzed.servers = target.table.servers;
    rig_fuzz_engine_start(&min->engine, &target, 1);
    int error = rig_fuzz_engine_judge(&min->engine, min->input.bytes, min->input.size);
    min->found = rig_fuzzed_meant(&min->fuzzed, &min->engine, min->file);
    if (error == 0 && min->found && leaves_something(min)) { /* the parent goes on with it */
        return RIG_STATUS_FINDINGS;
    }
    if (error == 0 && min->found) {
        error = rig_fuzz_engine_shrink(&min->engine, min->found);
    }
    if (error != 0) {
        rig_complain("the stack cannot be built anew: %s", rig_fuzz_trouble(&target, error));
        return RIG_STATUS_USAGE;
    }
    if (!min->found) {
        rig_fuzzed_complain_nothing(&min->fuzzed, &min->engine, min->file);
        return min->engine.found_count > 0 ? RIG_STATUS_USAGE : RIG_STATUS_CLEAN;
    }
    print_found(out, min->found);
    return RIG_STATUS_FINDINGS;
}

/* ---- in a process of its own ---- */

static int print_input(void *closure, FILE *out)
{
    struct min *min = closure;
    if (!rig_fuzzed_open(&min->fuzzed, &target)) {
        return RIG_STATUS_USAGE;
    }
    print(out, &min->input);
    return RIG_STATUS_FINDINGS;
}

static int print_as_it_is(void *closure, FILE *out)
{
    struct min *min = closure;
    if (!rig_fuzzed_open(&min->fuzzed, &target)) {
        return RIG_STATUS_USAGE;
    }
    print_found(out, min->found);
    return RIG_STATUS_FINDINGS;
}

/* What ended the process does so still, in the same layer. */
static int shrink_crash(struct min *min, const struct rig_fuzzed_end *end)
{
    char line[RIG_LINE_SIZE];
    enum rig_apart_cause cause = rig_apart_cause(&min->fuzzed, &min->input, end);
    rig_apart_shrink_crash(&min->fuzzed, &min->input, end, cause);
    rig_complain("%s%s [crash]", rig_fuzzed_end(end, min->fuzzed.stack, line),
                 cause == RIG_APART_BESIDE  ? rig_apart_tell(cause)
                 : cause == RIG_APART_MOVED ? "; in a play that an oracle makes beside it: that is what is shrunk"
                                            : "");
    return rig_fuzzed_child(print_input, min, NULL, NULL);
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    int status;
    char line[RIG_LINE_SIZE];
    struct rig_fuzzed_end end;
    rig_preload_clock(argc, argv);
    struct min *min = rig_fuzzed_shared(sizeof *min);
    min->fuzzed.seed = 1;
    if (!rig_fuzzed_operands(&min->fuzzed, verb, argc, argv, &min->file, &status)) {
        return status;
    }
    status = rig_fuzzed_child(shrink, min, NULL, &end);
    if (status != RIG_FUZZED_LOST && leaves_something(min)) {
        const struct rig_apart_want want = {.rule = min->found->rule, .layer = min->found->layer};
        rig_apart_shrink(&min->fuzzed, &min->found->input, &want);
        return rig_fuzzed_child(print_as_it_is, min, NULL, NULL);
    }
    if (status != RIG_FUZZED_LOST) {
        return status;
    }
    if (!min->read) {
        return rig_fuzzed_complain_unread(&min->fuzzed, &end);
    }
    if (!min->found) {
        return shrink_crash(min, &end);
    }
    rig_complain("the stack %s while the scenario is shrunk: %s; it is printed as far as it got",
                 end.hung ? "hangs" : "crashes", rig_fuzzed_end(&end, min->fuzzed.stack, line));
    return rig_fuzzed_child(print_as_it_is, min, NULL, NULL);
}

const struct rig_verb rig_verb_min = {
    "min", "[option...] STACK.so FILE", "shrinks a scenario while the same rule is found in the same layer",
    "Prints the smaller scenario as an .http text, on stderr what is found with it.\n\n"
    "  --rule RULE    the finding that is meant (the file's name says it, or the\n"
    "                 first)\n"
    "  --seed S       of the secrets (1)\n" RIG_FUZZED_HELP "\n"
    "  stackrig min stack.so crash-0123abcd.http >smaller.http\n\n"
    "Exit status: 0 nothing is found; 1 it was, and is still; 2 wrong usage or input,\n"
    "or what is found is another rule than the one that is meant.\n",
    run};
