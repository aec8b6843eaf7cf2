/* Several parts of a plan at a time, told in the plan's order. */
#ifndef STACKRIG_CLI_PARALLEL_H
#define STACKRIG_CLI_PARALLEL_H

#include "harness/cli/run/supervise.h"

/* As rig_supervise, with options->jobs parts at a time: profiles, whose requests share a stack, or with options->each_file
 * files under a profile. Each has a worker of its own, also when it is one at a time, so that what is found does not
 * depend on their number. ran, by job, becomes true for those that were run. */
bool rig_supervise_all(const struct rig_plan *plan, const struct rig_check_options *options,
                       const struct rig_sink *sink, bool *ran);

#endif
