/* What the libraries for LD_PRELOAD want to know of the core. */
#ifndef STACKRIG_CORE_PRELOAD_H
#define STACKRIG_CORE_PRELOAD_H

#include "harness/core/gate.h"

#include <stackrig/preload.h>

#define RIG_CLOCK ((int64_t)1750000000 * 1000000000) /* of a client that was given none: 2025-06-15T15:06:40Z */

/* What libstackrig-malloc.so lets pass, as reports say it. */
#define RIG_SPARED "malloc in libfcgi, which ends the process with an assertion when it gets no memory"

/* Tells the preloaded clock, if there is one, of this copy of the rig. */
void rig_clock_attach(void);
/* Around a layer's init, reset and destroy: lends it RIG_CLOCK unless one is held. Returns what rig_clock_return wants. */
bool rig_clock_lend(void);
static inline void rig_clock_return(bool lent)
{
    if (lent) {
        rig_clock_hold(0);
    }
}

/* Opens the books of libstackrig-malloc.so: from here on they hold what this thread takes, as struct rig_malloc_fault
 * has it, until it is given back. False: it is not there (rig_malloc_can_fail), or they are open already. */
bool rig_malloc_books_open(void);
void rig_malloc_books_turn(uint64_t bit); /* what is taken next bears it */
/* Must not allocate. False: for want of memory not all are there. */
bool rig_malloc_books_each(void (*each)(void *closure, const struct rig_malloc_block *block), void *closure);
void rig_malloc_books_close(void);
void rig_malloc_where(const void *caller, char *text, size_t size); /* as .where of struct rig_malloc_fault */

#endif
