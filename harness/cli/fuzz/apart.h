/* Scenarios that are each tried in a process of their own: those that end it, and those that leave something in it. */
#ifndef STACKRIG_CLI_APART_H
#define STACKRIG_CLI_APART_H

#include "harness/cli/fuzz/fuzzed.h"

#define RIG_APART_FOUND 1

/* What is to stay: the rule in that layer, or, rule NULL, how the process ended. */
struct rig_apart_want {
    const char *rule, *layer; /* layer NULL: in any */
    const struct rig_fuzzed_end *end;
};

/* With all oracles, to a stack of its own: RIG_APART_FOUND when the rule is found, 0 when it is not, or RIG_FUZZED_LOST.
 * end as of rig_fuzzed_child. */
int rig_apart_try(struct rig_fuzzed *fuzzed, const struct rig_fuzz_input *input, const struct rig_apart_want *want,
                  struct rig_fuzzed_end *end);
/* Leaves out whole operations while it stays; ends early when it is interrupted. */
void rig_apart_shrink(struct rig_fuzzed *fuzzed, struct rig_fuzz_input *input, const struct rig_apart_want *want);

#endif
