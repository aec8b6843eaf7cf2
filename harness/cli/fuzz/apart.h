/* Scenarios that are each tried in a process of their own: those that end it, and those that leave something in it. */
#ifndef STACKRIG_CLI_APART_H
#define STACKRIG_CLI_APART_H

#include "harness/cli/fuzz/fuzzed.h"

#define RIG_APART_FOUND 1

/* With all oracles, to a stack of its own: RIG_APART_FOUND when the rule (NULL: none) is found, 0 when it is not;
 * negative: how the process ended, as rig_fuzzed_child says it. */
int rig_apart_try(struct rig_fuzzed *fuzzed, const struct rig_fuzz_input *input, const char *rule);
/* Leaves out whole operations while rig_apart_try says the same; ends early when it is interrupted. */
void rig_apart_shrink(struct rig_fuzzed *fuzzed, struct rig_fuzz_input *input, const char *rule, int said);

#endif
