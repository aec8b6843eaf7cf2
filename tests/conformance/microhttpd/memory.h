/* For the programs that run a case in the rig. */
#ifndef PARITY_MEMORY_H
#define PARITY_MEMORY_H

#include "tests/conformance/microhttpd/parity.h"

#include <stackrig/stackrig.h>

/* Sends the case to the app and tells what came back; what was found goes to stderr. */
void play_case(struct rig_app app, const struct parity_case *parity);
/* The standard work. 0: all was well, and nothing was found. */
int speed_in_memory(struct rig_app app, unsigned requests);

#endif
