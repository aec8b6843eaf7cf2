/* What the libraries for LD_PRELOAD export, and the rig finds by these names. */
#ifndef STACKRIG_CORE_GATE_H
#define STACKRIG_CORE_GATE_H

#include <stackrig/base.h>

enum rig_malloc_word {
    RIG_MALLOC_FAILS,
    RIG_MALLOC_PASSES,
    RIG_MALLOC_COUNTS /* passes, and is kept in the books until any thread gives it back */
};

/* Asked before each allocation of the thread that put it there. */
struct rig_malloc_gate {
    enum rig_malloc_word (*admit)(struct rig_malloc_gate *gate, size_t size, const void *caller);
    bool dies; /* the library: who asks ends the process when it gets nothing */
    /* of what counts: */
    const char *layer; /* NULL: none's */
    unsigned layer_number;
    uint64_t turn; /* a bit */
};

/* What was taken and not given back. */
struct rig_malloc_block {
    const void *memory, *caller;
    size_t size, most; /* most: what it ever was */
    const char *layer;
    unsigned layer_number;
    uint64_t turns; /* those in which it was taken, or became larger than it had ever been */
};

RIG_BEGIN_DECLS
/* Puts it there for this thread, NULL: none; returns the one before it. */
struct rig_malloc_gate *rig_preload_malloc_gate(struct rig_malloc_gate *gate);
int rig_preload_malloc_where(const void *caller, char *text, size_t size); /* as snprintf */
/* The books of the process, which one thread at a time has open. Opens them, empty; false: somebody has. */
bool rig_preload_malloc_open(void);
/* Calls each for every block. False: for want of memory not all are there. */
bool rig_preload_malloc_each(void (*each)(void *closure, const struct rig_malloc_block *block), void *closure);
void rig_preload_malloc_close(void);
/* Adds to those that are asked where the clock of the calling thread is; NULL: it has none, the real one holds. Again:
 * nothing. At most four. */
void rig_preload_clock_source(int64_t *(*clock)(void));
RIG_END_DECLS

#endif
