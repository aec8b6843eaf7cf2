/* Saved findings of fuzzing among the files of stackrig check. */
#ifndef STACKRIG_CLI_REPRODUCERS_H
#define STACKRIG_CLI_REPRODUCERS_H

#include "harness/cli/plan/options.h"

/* rule: found again in the file; or the stack crashed or hung there. Both last. */
typedef void rig_reproducer_fn(void *closure, const char *file, const char *rule);

/* Files that are named after a rule of fuzzing are played once more, with all oracles, each in a process of its own: one
 * play of check's does not show it. RIG_STATUS_FINDINGS when the rule is found, which is told on stderr and to each, or the
 * stack crashes; else RIG_STATUS_CLEAN. Of a program, which has no stack to be built, it says that this is not done. */
int rig_reproducers_again(const struct rig_check_options *options, rig_reproducer_fn *each, void *closure);

#endif
