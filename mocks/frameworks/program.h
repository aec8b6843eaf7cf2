/* A program that runs as a child of `stackrig check`: what an adapter tells the command. libstackrig-check.so defines it;
 * it is there only where that is preloaded. */
#ifndef STACKRIG_FRAMEWORKS_PROGRAM_H
#define STACKRIG_FRAMEWORKS_PROGRAM_H

#include <stackrig/stack.h>

/* Does this process wait for an app? False also in the children of the program. */
bool rig_program_waits(void) __attribute__((weak));
/* Sends the requests of one profile through the app, in this thread. To be called once. over: has the program come to its
 * end by itself? Then the rest is for the next process; NULL: none does. */
void rig_program_run(struct rig_app app, bool (*over)(void)) __attribute__((weak));
/* Why the program cannot be run; ends the process. */
_Noreturn void rig_program_refuse(const char *why) __attribute__((weak));

static inline bool rig_program_here(void)
{
    return rig_program_waits && rig_program_waits();
}

#endif
