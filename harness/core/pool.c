/* Handles lie outside the arenas, and ended ones wait in a queue, so that a pointer kept too long finds a handle that
 * says it has ended. */
#include "harness/core/run.h"

#define SLAB_HANDLES 16
/* What fills an ended handle's beginning, all of a next: a known size is a few stores. */
#define PATTERN 0xA5
#define FILLED (sizeof(struct rig_next) - sizeof(struct rig_handle))

struct rig_slab {
    struct rig_slab *next;
    max_align_t handles[];
};

void rig_pool_init(struct rig_pool *pool, struct rig_runner *runner, enum rig_handle_kind kind, size_t size)
{
    size_t aligned = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    bool poisons = rig_asan_present();
    *pool = (struct rig_pool){.memory = &runner->memory,
                              .size = aligned,
                              .last = &pool->head,
                              .prepared_to = poisons ? SIZE_MAX : RIG_QUARANTINE,
                              .runner = runner,
                              .kind = kind,
                              .poisons = poisons};
}

static size_t slab_size(const struct rig_pool *pool)
{
    return sizeof(struct rig_slab) + SLAB_HANDLES * pool->size;
}

/* What is behind the handle's own fields: a stale pointer may be asked who it was, not what it held. */
static unsigned char *contents(struct rig_handle *handle)
{
    return (unsigned char *)handle + sizeof *handle;
}

static void enqueue(struct rig_pool *pool, struct rig_handle *handle)
{
    handle->next = NULL;
    *pool->last = handle;
    pool->last = &handle->next;
    pool->waiting++;
}

static bool grow(struct rig_pool *pool)
{
    struct rig_slab *slab = rig_memory_alloc(pool->memory, slab_size(pool));
    if (!slab) {
        return false;
    }
    slab->next = pool->slabs;
    pool->slabs = slab;
    for (size_t i = 0; i < SLAB_HANDLES; i++) {
        struct rig_handle *handle = (struct rig_handle *)(void *)((unsigned char *)slab->handles + i * pool->size);
        *handle = (struct rig_handle){.pool = pool};
        enqueue(pool, handle);
    }
    return true;
}

bool rig_pool_prepare(struct rig_pool *pool)
{
    while (pool->waiting <= RIG_QUARANTINE) {
        if (!grow(pool)) {
            return false;
        }
    }
    rig_unpoison(contents(pool->head), pool->size - sizeof *pool->head);
    return true;
}

static inline void give(struct rig_handle *handle)
{
    struct rig_pool *pool = handle->pool;
    handle->run = NULL;
    enqueue(pool, handle);
    memset(contents(handle), PATTERN, FILLED);
    if (pool->poisons) {
        rig_poison(contents(handle), pool->size - sizeof *handle);
    }
}

void rig_pool_give_all(struct rig_handle *handles)
{
    while (handles) {
        struct rig_handle *next = handles->next;
        give(handles);
        handles = next;
    }
}

void rig_pool_move(struct rig_pool *to, struct rig_pool *from)
{
    *to = *from;
    to->runner = NULL;
    for (struct rig_slab *slab = to->slabs; slab; slab = slab->next) {
        for (size_t i = 0; i < SLAB_HANDLES; i++) {
            ((struct rig_handle *)(void *)((unsigned char *)slab->handles + i * to->size))->pool = to;
        }
    }
    *from = (struct rig_pool){0};
}

void rig_pool_free(struct rig_pool *pool)
{
    while (pool->slabs) {
        struct rig_slab *slab = pool->slabs;
        pool->slabs = slab->next;
        rig_unpoison(slab, slab_size(pool));
        rig_memory_release(pool->memory, slab, slab_size(pool));
    }
    *pool = (struct rig_pool){0};
}
