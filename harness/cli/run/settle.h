/* What a child does first that runs a stack in the command's own program. */
#ifndef STACKRIG_CLI_SETTLE_H
#define STACKRIG_CLI_SETTLE_H

#include <sys/types.h>

/* It ends with its parent, and has a process group: what a layer starts can be ended with it. */
void rig_settle_process(pid_t parent);
/* An empty stdin; what layers print goes to stderr, since the report is on stdout. */
void rig_settle_streams(void);

#endif
