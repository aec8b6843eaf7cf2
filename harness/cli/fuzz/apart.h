/* Scenarios that are each tried in a process of their own: those that end it, and those that leave something in it. What
 * such a process says itself is not shown: all of it was said before. */
#ifndef STACKRIG_CLI_APART_H
#define STACKRIG_CLI_APART_H

#include "harness/cli/fuzz/fuzzed.h"

#define RIG_APART_FOUND 1

/* What is to stay: the rule in that layer, or, rule NULL, how the process ended. */
struct rig_apart_want {
    const char *rule, *layer; /* layer NULL: in any */
    const struct rig_fuzzed_end *end;
    bool alone; /* without oracles */
};

/* Which play ends the process so? */
enum rig_apart_cause {
    RIG_APART_ALONE,     /* that of the scenario itself */
    RIG_APART_ELSEWHERE, /* the same, but it ends otherwise then */
    RIG_APART_MOVED,     /* one that an oracle makes beside it: that is the input now, and does it alone */
    RIG_APART_BESIDE,    /* such a one, which alone does not */
    RIG_APART_BEHIND     /* none: it takes what was before */
};

/* With all oracles, to a stack of its own: RIG_APART_FOUND when the rule is found, 0 when it is not, or RIG_FUZZED_LOST.
 * end as of rig_fuzzed_child. */
int rig_apart_try(struct rig_fuzzed *fuzzed, const struct rig_fuzz_input *input, const struct rig_apart_want *want,
                  struct rig_fuzzed_end *end);
/* Leaves out whole operations while it stays; ends early when it is interrupted. */
void rig_apart_shrink(struct rig_fuzzed *fuzzed, struct rig_fuzz_input *input, const struct rig_apart_want *want);
enum rig_apart_cause rig_apart_cause(struct rig_fuzzed *fuzzed, struct rig_fuzz_input *input,
                                     const struct rig_fuzzed_end *end);
/* By its cause: the play that ends the process so, or as it is. */
void rig_apart_shrink_crash(struct rig_fuzzed *fuzzed, struct rig_fuzz_input *input, const struct rig_fuzzed_end *end,
                            enum rig_apart_cause cause);
/* Behind how it ended: where the scenario alone does not end it; else "". */
const char *rig_apart_tell(enum rig_apart_cause cause);

#endif
