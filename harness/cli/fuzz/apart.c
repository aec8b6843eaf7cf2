#define _POSIX_C_SOURCE 200809L

#include "harness/cli/fuzz/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "harness/cli/ui/progress.h"

#define SHRINK_TRIES 200 /* of bytes, each in a process of its own */

struct trial {
    struct rig_fuzzed *fuzzed;
    const struct rig_fuzz_input *input;
    const struct rig_apart_want *want;
};

/* What the child plays, noted before: it may be the last thing it does. */
static struct rig_fuzz_input *noted;

static void note(const struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario)
{
    noted->size = rig_fuzz_encode(&target->table, scenario, noted->bytes, sizeof noted->bytes);
}

static bool is_wanted(const struct rig_fuzz_found *found, const struct rig_apart_want *want)
{
    return want->rule && strcmp(found->rule, want->rule) == 0 &&
           (!want->layer || strcmp(found->layer, want->layer) == 0);
}

/* A sanitizer would tell at length of each try. */
static void hush(void)
{
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere >= 0) {
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)dup2(nowhere, STDERR_FILENO);
        (void)close(nowhere);
    }
}

/* What is reset behind it counts as its own. */
static void play_alone(struct rig_fuzz_target *target, const struct rig_fuzz_input *input)
{
    static struct rig_fuzz_scenario scenario;
    struct rig_fuzz_play play;
    rig_fuzz_decode(&target->table, input->bytes, input->size, &scenario);
    (void)rig_fuzz_play(target, &scenario, &play);
    rig_fuzz_forget(target);
    rig_stack_reset(target->built[target->turn].stack);
}

/* What the run asked of it comes first: it is what ended the process. */
static void play_beside(struct rig_fuzz_engine *engine, const struct rig_fuzz_input *input)
{
    (void)rig_fuzz_engine_try(engine, input->bytes, input->size);
    (void)rig_fuzz_engine_judge(engine, input->bytes, input->size);
}

static int work(void *closure, FILE *out)
{
    static struct rig_fuzz_target target;
    static struct rig_fuzz_engine engine;
    const struct trial *trial = closure;
    (void)out;
    hush();
    if (!rig_fuzzed_open(trial->fuzzed, &target)) {
        return RIG_STATUS_USAGE;
    }
    if (trial->want->alone) {
        play_alone(&target, trial->input);
        return 0;
    }
    rig_fuzz_engine_start(&engine, &target, 1);
    if (trial->want->end) {
        target.next = note;
        play_beside(&engine, trial->input);
        return 0;
    }
    (void)rig_fuzz_engine_judge(&engine, trial->input->bytes, trial->input->size);
    for (size_t i = 0; i < engine.found_count; i++) {
        if (is_wanted(&engine.found[i], trial->want)) {
            return RIG_APART_FOUND;
        }
    }
    return 0;
}

int rig_apart_try(struct rig_fuzzed *fuzzed, const struct rig_fuzz_input *input, const struct rig_apart_want *want,
                  struct rig_fuzzed_end *end)
{
    struct trial trial = {fuzzed, input, want};
    noted = noted ? noted : rig_fuzzed_shared(sizeof *noted);
    return rig_fuzzed_child(work, &trial, NULL, end);
}

static bool stays(struct rig_fuzzed *fuzzed, const struct rig_fuzz_input *input, const struct rig_apart_want *want)
{
    struct rig_fuzzed_end end;
    int said = rig_apart_try(fuzzed, input, want, &end);
    return want->rule ? said == RIG_APART_FOUND : said == RIG_FUZZED_LOST && rig_fuzzed_end_is(want->end, &end);
}

static int keeps(void *closure, const struct rig_fuzz_input *less)
{
    const struct trial *trial = closure;
    return rig_interrupted() ? -EINTR : stays(trial->fuzzed, less, trial->want);
}

void rig_apart_shrink(struct rig_fuzzed *fuzzed, struct rig_fuzz_input *input, const struct rig_apart_want *want)
{
    struct trial trial = {fuzzed, input, want};
    bool hangs = want->end && want->end->hung; /* each that still does takes as long as the limit */
    (void)rig_fuzz_shrink(input, hangs ? 0 : SHRINK_TRIES, keeps, &trial);
}

enum rig_apart_cause rig_apart_cause(struct rig_fuzzed *fuzzed, struct rig_fuzz_input *input,
                                     const struct rig_fuzzed_end *end)
{
    static struct rig_fuzz_input last;
    const struct rig_apart_want alone = {.end = end, .alone = true}, beside = {.end = end};
    struct rig_fuzzed_end so;
    if (rig_apart_try(fuzzed, input, &alone, &so) == RIG_FUZZED_LOST) {
        return rig_fuzzed_end_is(end, &so) ? RIG_APART_ALONE : RIG_APART_ELSEWHERE;
    }
    if (!stays(fuzzed, input, &beside)) {
        return RIG_APART_BEHIND;
    }
    last.size = 0;
    if (noted->size <= sizeof noted->bytes) { /* else its end is cut off */
        rig_fuzz_copy_input(&last, noted);
    }
    if (!stays(fuzzed, &last, &alone)) {
        return RIG_APART_BESIDE;
    }
    rig_fuzz_copy_input(input, &last);
    return RIG_APART_MOVED;
}

void rig_apart_shrink_crash(struct rig_fuzzed *fuzzed, struct rig_fuzz_input *input, const struct rig_fuzzed_end *end,
                            enum rig_apart_cause cause)
{
    const struct rig_apart_want want = {.end = end, .alone = cause != RIG_APART_BESIDE};
    if (cause != RIG_APART_ELSEWHERE && cause != RIG_APART_BEHIND) {
        rig_apart_shrink(fuzzed, input, &want);
    }
}

const char *rig_apart_tell(enum rig_apart_cause cause)
{
    return cause == RIG_APART_BESIDE ? "; not by this scenario alone, but in a play that an oracle makes beside it"
           : cause == RIG_APART_BEHIND
               ? "; not by this scenario alone, but behind others: memory was probably damaged before, build the stack "
                 "with -fsanitize=address"
               : "";
}
