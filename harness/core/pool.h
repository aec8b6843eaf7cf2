/* Handles: what a layer holds is told to be stale, not followed into freed memory. */
#ifndef STACKRIG_CORE_POOL_H
#define STACKRIG_CORE_POOL_H

#include "harness/core/event.h"

#include <stdint.h>

struct rig_memory;
struct rig_run;
struct rig_runner;
struct rig_slab;

struct rig_handle {
    uint64_t serial;
    struct rig_pool *pool;   /* where it goes back to */
    struct rig_run *run;     /* NULL: ended */
    struct rig_handle *next; /* in the pool's queue, or among those of its run */
};

struct rig_pool {
    struct rig_memory *memory;
    struct rig_handle *head, **last; /* a queue: the longest ended comes out first; last: where the next one goes */
    size_t size, waiting;            /* bytes of one handle; handles in the queue */
    size_t prepared_to;              /* while no more wait, the first must be prepared; SIZE_MAX: each, under ASan */
    struct rig_slab *slabs;
    struct rig_runner *runner;
    enum rig_handle_kind kind;
    bool poisons; /* the program has ASan */
};

void rig_pool_init(struct rig_pool *pool, struct rig_runner *runner, enum rig_handle_kind kind, size_t size);
bool rig_pool_prepare(struct rig_pool *pool);       /* the first of the queue can be taken; false: out of memory */
void rig_pool_give_all(struct rig_handle *handles); /* of a run, to where each came from */
void rig_pool_free(struct rig_pool *pool);
/* All its handles, every one of them ended, to a pool without a runner. */
void rig_pool_move(struct rig_pool *to, struct rig_pool *from);

#endif
