/* Which blocks that count are out: a table by address, open to every thread that gives one back. Closed, it costs a
 * free one load. */
#ifndef STACKRIG_PRELOAD_BOOKS_H
#define STACKRIG_PRELOAD_BOOKS_H

#include "harness/core/gate.h"

void rig_books_add(const struct rig_malloc_block *block);
/* Takes out the block there; .memory NULL: it is in no book. */
struct rig_malloc_block rig_books_take(const void *memory);

#endif
