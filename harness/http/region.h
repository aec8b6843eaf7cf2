/* Memory that is given back all at once: what a parser hands out belongs to one owner. */
#ifndef RIG_HTTP_REGION_H
#define RIG_HTTP_REGION_H

#include <stddef.h>

#include <stackrig/base.h>

/* All zero but for the allocator: empty. */
struct rig_region {
    struct rig_allocator allocator; /* all zero: malloc and free */
    struct rig_region_block *blocks;
    char *at; /* what is left of the newest block */
    size_t left;
};

/* From the allocator itself; NULL: out of memory. */
void *rig_allocate(const struct rig_allocator *allocator, size_t size);
void rig_release(const struct rig_allocator *allocator, void *memory); /* NULL: nothing */

void *rig_region_alloc(struct rig_region *region,
                       size_t size); /* aligned for pointers and numbers; NULL: out of memory */
/* A copy with a zero byte after it; NULL: out of memory. */
char *rig_region_text(struct rig_region *region, const char *text, size_t size);
void rig_region_free(struct rig_region *region); /* empty again */

#endif
