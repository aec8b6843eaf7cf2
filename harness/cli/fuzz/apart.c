#define _POSIX_C_SOURCE 200809L

#include "harness/cli/fuzz/apart.h"

#include <string.h>

#include "harness/cli/ui/progress.h"

struct trial {
    struct rig_fuzzed *fuzzed;
    const struct rig_fuzz_input *input;
    const char *rule;
};

static int work(void *closure, FILE *out)
{
    static struct rig_fuzz_target target;
    static struct rig_fuzz_engine engine;
    const struct trial *trial = closure;
    (void)out;
    if (!rig_fuzzed_open(trial->fuzzed, &target)) {
        return RIG_STATUS_USAGE;
    }
    rig_fuzz_engine_start(&engine, &target, 1);
    (void)rig_fuzz_engine_judge(&engine, trial->input->bytes, trial->input->size);
    for (size_t i = 0; trial->rule && i < engine.found_count; i++) {
        if (strcmp(engine.found[i].rule, trial->rule) == 0) {
            return RIG_APART_FOUND;
        }
    }
    return 0;
}

int rig_apart_try(struct rig_fuzzed *fuzzed, const struct rig_fuzz_input *input, const char *rule)
{
    struct trial trial = {fuzzed, input, rule};
    return rig_fuzzed_child(work, &trial);
}

void rig_apart_shrink(struct rig_fuzzed *fuzzed, struct rig_fuzz_input *input, const char *rule, int said)
{
    struct rig_fuzz_input less;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t op = rig_fuzz_input_ops(input); op-- > 0 && !rig_interrupted();) {
            rig_fuzz_input_without(input, op, &less);
            if (rig_apart_try(fuzzed, &less, rule) == said) {
                input->size = less.size;
                memcpy(input->bytes, less.bytes, less.size);
                changed = true;
            }
        }
    }
}
