#define _POSIX_C_SOURCE 200809L

#include "harness/cli/fuzz/apart.h"

#include <string.h>

#include "harness/cli/ui/progress.h"

struct trial {
    struct rig_fuzzed *fuzzed;
    const struct rig_fuzz_input *input;
    const struct rig_apart_want *want;
};

static bool is_wanted(const struct rig_fuzz_found *found, const struct rig_apart_want *want)
{
    return want->rule && strcmp(found->rule, want->rule) == 0 &&
           (!want->layer || strcmp(found->layer, want->layer) == 0);
}

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
    return rig_fuzzed_child(work, &trial, NULL, end);
}

static bool stays(struct rig_fuzzed *fuzzed, const struct rig_fuzz_input *input, const struct rig_apart_want *want)
{
    struct rig_fuzzed_end end;
    int said = rig_apart_try(fuzzed, input, want, &end);
    return want->rule ? said == RIG_APART_FOUND : said == RIG_FUZZED_LOST && rig_fuzzed_end_is(want->end, &end);
}

void rig_apart_shrink(struct rig_fuzzed *fuzzed, struct rig_fuzz_input *input, const struct rig_apart_want *want)
{
    struct rig_fuzz_input less;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t op = rig_fuzz_input_ops(input); op-- > 0 && !rig_interrupted();) {
            rig_fuzz_input_without(input, op, &less);
            if (stays(fuzzed, &less, want)) {
                input->size = less.size;
                memcpy(input->bytes, less.bytes, less.size);
                changed = true;
            }
        }
    }
}
