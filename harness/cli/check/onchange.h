/* `check --watch`: the check once more whenever the stack or a file of requests changes. */
#ifndef STACKRIG_CLI_ONCHANGE_H
#define STACKRIG_CLI_ONCHANGE_H

#include "harness/cli/plan/options.h"

/* Runs the command with these arguments but --watch, each time in a process of its own, the file that failed last time
 * first, until Ctrl-C. Returns the exit status. */
int rig_check_on_change(const struct rig_check_options *options, char *const *arguments);
/* Moves the file of --first before the others. False: complained. */
bool rig_check_put_first(struct rig_check_options *options);

#endif
