/* Memory of one client: a budget, and arenas that are cut from it and kept between requests. */
#ifndef STACKRIG_CORE_ARENA_H
#define STACKRIG_CORE_ARENA_H

#include "harness/http/copy.h"
#include "harness/http/rare.h"

#include <stackrig/base.h>

#include <stdarg.h>
#include <string.h>

/* What holds and the compiler cannot know. */
#define RIG_SURE(condition_) ((condition_) ? (void)0 : __builtin_unreachable())

/* Where memory comes from and how much is held. */
struct rig_memory {
    struct rig_allocator allocator;
    uint64_t held, limit;
    bool is_default; /* malloc's */
    /* Asked before every piece, also those cut from what is held; NULL: nobody. The allocator's unless it is changed, after
     * which each arena wants rig_arena_recheck. */
    bool (*admit)(void *self, size_t size);
    void *admit_self;
};

void rig_memory_init(struct rig_memory *memory, struct rig_allocator allocator, uint64_t limit);
void *rig_memory_alloc(struct rig_memory *memory,
                       size_t size); /* not zeroed; NULL when out of memory or over the limit */
void rig_memory_release(struct rig_memory *memory, void *block, size_t size);
bool rig_memory_is_own(void); /* does this thread allocate for the rig just now? */

struct rig_chunk;

struct rig_arena {
    struct rig_memory *memory;
    unsigned char *at, *end; /* what the fast path may cut; at == end sends every cut to the slow path */
    unsigned char *stop;     /* the current chunk's real end */
    struct rig_chunk *first, *current;
};

void rig_arena_init(struct rig_arena *arena, struct rig_memory *memory);
void rig_arena_reset(struct rig_arena *arena); /* empties it; keeps memory for the next request, poisoned under ASan */
void rig_arena_free(struct rig_arena *arena);
void rig_arena_recheck(struct rig_arena *arena);
RIG_COLD void *rig_arena_alloc_slow(struct rig_arena *arena, size_t size);

/* size bytes aligned to 8; NULL when out of memory. */
static inline void *rig_arena_alloc(struct rig_arena *arena, size_t size)
{
    size_t room = (size_t)(arena->end - arena->at);
    size_t rounded = (size + 7u) & ~(size_t)7;
    if (rounded - 1 < room) { /* 0, and what wraps round to it, goes the slow path */
        void *piece = arena->at;
        RIG_SURE(piece);
        arena->at += rounded;
        return piece;
    }
    return rig_arena_alloc_slow(arena, size);
}

void *rig_arena_zeroed(struct rig_arena *arena, size_t size);
/* A copy with a zero byte after it. */
static inline char *rig_arena_copy(struct rig_arena *arena, const void *data, size_t size)
{
    char *copy = size < SIZE_MAX ? (char *)rig_arena_alloc(arena, size + 1) : NULL;
    if (copy) {
        if (size > 0) {
            memcpy(copy, data, size);
        }
        copy[size] = '\0';
    }
    return copy;
}
char *rig_arena_string(struct rig_arena *arena, const char *string); /* NULL gives NULL */
char *rig_arena_print(struct rig_arena *arena, const char *format, ...) RIG_PRINTF_(2, 3);
char *rig_arena_vprint(struct rig_arena *arena, const char *format, va_list arguments) RIG_PRINTF_(2, 0);

/* memset to zero, out of line: gcc turns a known size into `rep stos`, which takes 30 cycles to get going. */
void rig_zero(void *memory, size_t size);

/* Bytes that grow in an arena; always a zero byte after the end once anything was added. */
struct rig_buffer {
    struct rig_arena *arena;
    unsigned char *data;
    size_t size, capacity;
};

unsigned char *rig_buffer_room(struct rig_buffer *buffer,
                               size_t size); /* room for size more bytes; NULL: out of memory */
int rig_buffer_append(struct rig_buffer *buffer, const void *data, size_t size); /* 0 or -ENOMEM */

/* Weak ASan entry points: the installed library serves programs with and without it. */
bool rig_asan_present(void);
void rig_poison(const void *memory, size_t size);
void rig_unpoison(const void *memory, size_t size);

#endif
