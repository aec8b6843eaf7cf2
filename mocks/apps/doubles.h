/* What the doubles' tests need beside the public header: doubles whose memory can run out. */
#ifndef STACKRIG_APPS_DOUBLES_H
#define STACKRIG_APPS_DOUBLES_H

#include "harness/core/own.h"

#include <stackrig/doubles.h>

#include <stdlib.h>

#define RIG_RECORDED_BODY_MAX ((size_t)1 << 30) /* bytes of one body; past it -EFBIG */

/* As rig_scripted_app and rig_recorder_new; only alloc, release and self of the allocator are used. */
struct rig_app rig_scripted_app_from(struct rig_allocator allocator, const struct rig_scripted_reply *replies,
                                     size_t count);
struct rig_recorder *rig_recorder_new_from(struct rig_allocator allocator, size_t body_max);

static inline void *rig_double_alloc(const struct rig_allocator *allocator, size_t size)
{
    bool before = rig_memory_own(true); /* what a recorder keeps is no layer's */
    void *memory = allocator->alloc ? allocator->alloc(allocator->self, size) : malloc(size);
    (void)rig_memory_own(before);
    return memory;
}

static inline void rig_double_release(const struct rig_allocator *allocator, void *memory)
{
    if (allocator->alloc) {
        if (memory) {
            allocator->release(allocator->self, memory);
        }
    } else {
        free(memory);
    }
}

#endif
