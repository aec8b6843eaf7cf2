#include "harness/cli/fuzz/reproducers.h"

#include <string.h>

#include "harness/cli/fuzz/fuzzed.h"
#include "fuzz/driver/masked.h"

struct again {
    struct rig_fuzzed fuzzed;
    const char *file;
    bool found;
};

static struct rig_fuzz_target target;
static struct rig_fuzz_scenario scenario;

/* NULL: it is no reproducer of a rule of fuzzing. */
static const char *rule_of(const char *file)
{
    char name[RIG_FUZZ_RULE_MAX];
    bool named = rig_fuzz_rule_of_file(file, name);
    for (unsigned rule = 0; named && rule < RIG_FUZZ_RULES; rule++) {
        if (strcmp(name, rig_fuzz_rule_ids[rule]) == 0) {
            return rig_fuzz_rule_ids[rule];
        }
    }
    return NULL;
}

static void on_violation(void *closure, const struct rig_fuzz_violation *violation)
{
    struct again *again = closure;
    if (!again->found && strcmp(violation->rule, again->fuzzed.rule) == 0) {
        again->found = true;
        rig_complain("%s: found again with all oracles of fuzzing:", again->file);
        rig_masked_print(stderr, &target, &scenario, violation, NULL);
    }
}

static int play(void *closure, FILE *out)
{
    struct again *again = closure;
    (void)out;
    if (!rig_fuzzed_open(&again->fuzzed, &target) || !rig_fuzzed_read(again->file, &target.table, &scenario)) {
        return RIG_STATUS_USAGE;
    }
    if (rig_fuzzed_is_unasked(&target, again->fuzzed.rule)) {
        rig_complain("%s: no app is protected, so it is not asked for: the stack's RIG_FUZZ names it, or "
                     "stackrig show --protect APP %s %s",
                     again->file, again->fuzzed.stack, again->file);
    }
    target.tell = on_violation;
    target.closure = again;
    int error = rig_fuzz_judge(&target, &scenario, RIG_FUZZ_ALL);
    if (error != 0) {
        rig_complain("%s: the stack cannot be built anew: %s", again->file, rig_fuzz_trouble(&target, error));
        return RIG_STATUS_USAGE;
    }
    return again->found ? RIG_STATUS_FINDINGS : RIG_STATUS_CLEAN;
}

static int play_file(const struct rig_check_options *options, const char *file, const char *rule)
{
    struct again again = {.fuzzed = {.stack = options->stack, .rule = rule, .seed = 1}, .file = file};
    for (size_t i = 0; i < options->setting_count && i < RIG_FIELDS_MAX; i++) {
        again.fuzzed.what.settings[i] = options->settings[i];
    }
    struct rig_fuzzed_end end;
    char line[RIG_LINE_SIZE];
    if (!rig_fuzzed_names(&again.fuzzed, file)) {
        return RIG_STATUS_USAGE;
    }
    int status = rig_fuzzed_child(play, &again, NULL, &end);
    if (status == RIG_FUZZED_LOST) {
        rig_complain("%s: %s, with all oracles of fuzzing", file, rig_fuzzed_end(&end, options->stack, line));
        status = RIG_STATUS_FINDINGS;
    }
    return status;
}

int rig_reproducers_again(const struct rig_check_options *options, rig_reproducer_fn *each, void *closure)
{
    int worst = RIG_STATUS_CLEAN;
    for (size_t i = 0; i < options->file_count; i++) {
        const char *rule = rule_of(options->files[i]);
        if (rule && options->program) {
            rig_complain("%s: of a program %s is not asked for, which takes more than one play", options->files[i],
                         rule);
        } else if (rule) {
            int status = play_file(options, options->files[i], rule);
            if (status == RIG_STATUS_FINDINGS) {
                each(closure, options->files[i], rule);
            }
            worst = status > worst ? status : worst;
        }
    }
    return worst;
}
