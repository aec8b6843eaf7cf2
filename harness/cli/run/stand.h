/* Where the worker's code stood when a signal ended it, or when its parent asked: told by a signal handler, which reads
 * a table of what is loaded, and nothing else. Where it called exit(), told by a handler of that. */
#ifndef STACKRIG_CLI_STAND_H
#define STACKRIG_CLI_STAND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/cli/run/sanitizers.h"

#define RIG_STAND_NAME 64
#define RIG_STAND_HOW RIG_SANITIZERS_TEXT

/* The innermost place that is not libc's, the C++ runtime's or the rig's own: module "": none is known. */
struct rig_stand {
    char module[RIG_STAND_NAME];     /* the file's name without its folder, cut to fit */
    uint64_t offset;                 /* in the file, as addr2line takes it */
    char found[RIG_SANITIZERS_TEXT]; /* by a sanitizer, which ended the process; "": by none */
    bool waits;                      /* it stood in a call of libc's, as a sleep or a read, or on the way there */
    volatile bool told;
};

/* In the worker, at its start: handles those signals that nobody handles yet. */
void rig_stand_listen(struct rig_stand *stand);
/* In a worker that leaves by _exit: exit() of a layer tells it, too. */
void rig_stand_listen_at_exit(void);
/* In the worker, when something was loaded, be it a sanitizer, whose end of the process tells it, too. */
void rig_stand_learn(void);
/* In the parent: asks a worker that does not come back, and waits a moment for what it says. */
void rig_stand_ask(pid_t worker, struct rig_stand *stand);
/* In the parent, of a worker that no signal ended: "AddressSanitizer: heap-buffer-overflow", or its exit status. */
const char *rig_stand_tell_end(const struct rig_stand *stand, int status, char how[RIG_STAND_HOW]);

#endif
