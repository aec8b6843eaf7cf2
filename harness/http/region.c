#include "harness/http/region.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK 1000
#define LARGEST_BLOCK 64000
#define ALIGNMENT sizeof(uint64_t)

struct rig_region_block {
    struct rig_region_block *next;
    size_t size;
    uint64_t data[];
};

static bool is_admitted(const struct rig_allocator *allocator, size_t size)
{
    return !allocator->admit || allocator->admit(allocator->self, size);
}

void *rig_allocate(const struct rig_allocator *allocator, size_t size)
{
    if (!is_admitted(allocator, size)) {
        return NULL;
    }
    return allocator->alloc ? allocator->alloc(allocator->self, size) : malloc(size);
}

void rig_release(const struct rig_allocator *allocator, void *memory)
{
    if (!memory) {
        return;
    }
    if (allocator->release) {
        allocator->release(allocator->self, memory);
    } else if (!allocator->alloc) {
        free(memory);
    }
}

/* Each block twice as large as the one before, so that their number stays small; a large piece gets one of its own. */
static bool grow(struct rig_region *region, size_t size)
{
    size_t room = region->blocks ? region->blocks->size * 2 : FIRST_BLOCK;
    room = room < LARGEST_BLOCK ? room : LARGEST_BLOCK;
    room = room > size ? room : size;
    struct rig_region_block *block = rig_allocate(&region->allocator, sizeof *block + room);
    if (!block) {
        return false;
    }
    *block = (struct rig_region_block){.next = region->blocks, .size = room < LARGEST_BLOCK ? room : LARGEST_BLOCK};
    region->blocks = block;
    region->at = (char *)block->data;
    region->left = room;
    return true;
}

void *rig_region_alloc(struct rig_region *region, size_t size)
{
    if (size > SIZE_MAX / 2 || !is_admitted(&region->allocator, size)) {
        return NULL;
    }
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size > region->left && !grow(region, size)) {
        return NULL;
    }
    void *memory = region->at;
    region->at += size;
    region->left -= size;
    return memory;
}

char *rig_region_text(struct rig_region *region, const char *text, size_t size)
{
    char *copy = size < SIZE_MAX ? rig_region_alloc(region, size + 1) : NULL;
    if (copy) {
        if (size > 0) {
            memcpy(copy, text, size);
        }
        copy[size] = '\0';
    }
    return copy;
}

void rig_region_free(struct rig_region *region)
{
    while (region->blocks) {
        struct rig_region_block *next = region->blocks->next;
        rig_release(&region->allocator, region->blocks);
        region->blocks = next;
    }
    region->at = NULL;
    region->left = 0;
}
