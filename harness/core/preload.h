/* What the libraries for LD_PRELOAD want to know of the core. */
#ifndef STACKRIG_CORE_PRELOAD_H
#define STACKRIG_CORE_PRELOAD_H

#include <stackrig/preload.h>

#define RIG_CLOCK ((int64_t)1750000000 * 1000000000) /* of a client that was given none: 2025-06-15T15:06:40Z */

/* Tells the preloaded clock, if there is one, of this copy of the rig. */
void rig_clock_attach(void);
/* Around a layer's init, reset and destroy: lends it RIG_CLOCK unless one is held. Returns what rig_clock_return wants. */
bool rig_clock_lend(void);
void rig_clock_return(bool lent);

#endif
