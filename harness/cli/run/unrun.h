/* Reports of what was not run. */
#ifndef STACKRIG_CLI_UNRUN_H
#define STACKRIG_CLI_UNRUN_H

#include "harness/cli/ui/formats.h"

/* Of a verb that ends with that status: where it is RIG_STATUS_USAGE and no report was written, each says so, and why: one of
 * an earlier run in its place would tell of another stack. */
void rig_report_unrun(const struct rig_formats *formats, const char *verb, const char *stack, int status);

#endif
