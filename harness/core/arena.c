#include "harness/core/arena.h"
#include "harness/core/own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_FIRST ((size_t)16 * 1024)
#define CHUNK_MOST ((size_t)1024 * 1024)
#define ARENA_KEPT ((size_t)256 * 1024) /* kept between requests; a large body's memory goes back */
#define REDZONE ((size_t)16)

struct rig_chunk {
    struct rig_chunk *next;
    size_t size; /* of bytes */
    max_align_t bytes[];
};

/* ---- ASan, if the program has it ---- */

extern void __asan_poison_memory_region(void const volatile *memory, size_t size) __attribute__((weak));
extern void __asan_unpoison_memory_region(void const volatile *memory, size_t size) __attribute__((weak));

/* Called through pointers that the compiler cannot see through: a build without ASan must hold no call of it, else what
 * checks the builds of OSS-Fuzz for UBSan alone refuses them. */
typedef void region_fn(void const volatile *memory, size_t size);
static region_fn *const volatile poison = __asan_poison_memory_region, *const volatile unpoison =
                                                                           __asan_unpoison_memory_region;

bool rig_asan_present(void)
{
    return poison != NULL;
}

void rig_poison(const void *memory, size_t size)
{
    region_fn *call = poison;
    if (call) {
        call(memory, size);
    }
}

void rig_unpoison(const void *memory, size_t size)
{
    region_fn *call = unpoison;
    if (call) {
        call(memory, size);
    }
}

/* ---- the budget ---- */

static _Thread_local bool own; /* this thread is in an allocation of the rig's */

bool rig_memory_is_own(void)
{
    return own;
}

bool rig_memory_own(bool on)
{
    bool before = own;
    own = on;
    return before;
}

static void *alloc_default(void *self, size_t size)
{
    (void)self;
    return malloc(size);
}

static void release_default(void *self, void *memory)
{
    (void)self;
    free(memory);
}

void rig_memory_init(struct rig_memory *memory, struct rig_allocator allocator, uint64_t limit)
{
    if (!allocator.alloc || !allocator.release) {
        allocator.alloc = alloc_default;
        allocator.release = release_default;
    }
    *memory = (struct rig_memory){.allocator = allocator,
                                  .limit = limit ? limit : UINT64_MAX,
                                  .admit = allocator.admit,
                                  .admit_self = allocator.self,
                                  .is_default = allocator.alloc == alloc_default && !allocator.admit};
}

static bool admitted(const struct rig_memory *memory, size_t size)
{
    return !memory->admit || memory->admit(memory->admit_self, size);
}

void *rig_memory_alloc(struct rig_memory *memory, size_t size)
{
    if (size > memory->limit - memory->held || !admitted(memory, size)) {
        return NULL;
    }
    bool before = own;
    own = true;
    void *block = memory->allocator.alloc(memory->allocator.self, size ? size : 1);
    own = before;
    if (block) {
        memory->held += size;
    }
    return block;
}

void rig_memory_release(struct rig_memory *memory, void *block, size_t size)
{
    if (block) {
        memory->held -= size;
        memory->allocator.release(memory->allocator.self, block);
    }
}

/* ---- arenas ---- */

static size_t chunk_total(size_t size)
{
    return sizeof(struct rig_chunk) + size;
}

/* Every cut must be seen one by one: by the allocator's admit, or to lay redzones between them. */
static bool is_careful(const struct rig_arena *arena)
{
    return arena->memory->admit || rig_asan_present();
}

static void enter_chunk(struct rig_arena *arena, struct rig_chunk *chunk)
{
    arena->current = chunk;
    arena->at = (unsigned char *)chunk->bytes;
    arena->stop = arena->at + chunk->size;
    arena->end = is_careful(arena) ? arena->at : arena->stop;
}

void rig_arena_recheck(struct rig_arena *arena)
{
    arena->end = is_careful(arena) ? arena->at : arena->stop;
}

void rig_arena_init(struct rig_arena *arena, struct rig_memory *memory)
{
    *arena = (struct rig_arena){.memory = memory};
}

static void free_chunks(struct rig_arena *arena, struct rig_chunk *chunk)
{
    while (chunk) {
        struct rig_chunk *next = chunk->next;
        rig_unpoison(chunk->bytes, chunk->size);
        rig_memory_release(arena->memory, chunk, chunk_total(chunk->size));
        chunk = next;
    }
}

static unsigned char *bytes_of(struct rig_chunk *chunk)
{
    return (unsigned char *)chunk->bytes;
}

static RIG_APART void reset_all(struct rig_arena *arena)
{
    size_t kept = 0;
    bool behind = false;
    struct rig_chunk **link = &arena->first;
    while (*link && kept + (*link)->size <= ARENA_KEPT) {
        kept += (*link)->size;
        if (!behind) {
            rig_poison((*link)->bytes, *link == arena->current ? (size_t)(arena->at - bytes_of(*link)) : (*link)->size);
        }
        behind = behind || *link == arena->current; /* what was not entered is still poisoned */
        link = &(*link)->next;
    }
    struct rig_chunk *rest = *link;
    *link = NULL;
    free_chunks(arena, rest);
    if (arena->first) {
        enter_chunk(arena, arena->first);
    } else {
        rig_arena_init(arena, arena->memory);
    }
}

/* Mostly none but the first chunk was entered. */
void rig_arena_reset(struct rig_arena *arena)
{
    struct rig_chunk *first = arena->first;
    if (RIG_LIKELY(first && first == arena->current && first->size <= ARENA_KEPT)) {
        rig_poison(first->bytes, (size_t)(arena->at - bytes_of(first)));
        enter_chunk(arena, first);
    } else {
        reset_all(arena);
    }
}

void rig_arena_free(struct rig_arena *arena)
{
    free_chunks(arena, arena->first);
    rig_arena_init(arena, arena->memory);
}

/* The next chunk with room for size: one that is kept, else a new one behind the current. */
static bool next_chunk(struct rig_arena *arena, size_t size)
{
    struct rig_chunk *next = arena->current ? arena->current->next : arena->first;
    if (!next || next->size < size) {
        size_t grown = arena->current ? arena->current->size * 2 : CHUNK_FIRST;
        grown = grown > CHUNK_MOST ? CHUNK_MOST : grown;
        grown = grown < size ? size : grown;
        struct rig_chunk *fresh = rig_memory_alloc(arena->memory, chunk_total(grown));
        if (!fresh) {
            return false;
        }
        fresh->size = grown;
        fresh->next = next;
        *(arena->current ? &arena->current->next : &arena->first) = fresh;
        rig_poison(fresh->bytes, fresh->size);
        next = fresh;
    }
    enter_chunk(arena, next);
    return true;
}

void *rig_arena_alloc_slow(struct rig_arena *arena, size_t size)
{
    size_t wanted = size ? size : 1;
    if (wanted > SIZE_MAX - 2 * REDZONE - sizeof(struct rig_chunk)) {
        return NULL;
    }
    size_t rounded = (wanted + 7u) & ~(size_t)7;
    size_t redzone = rig_asan_present() ? REDZONE : 0;
    if (arena->memory->admit && !admitted(arena->memory, size)) {
        return NULL;
    }
    if ((size_t)(arena->stop - arena->at) < rounded + redzone && !next_chunk(arena, rounded + redzone)) {
        return NULL;
    }
    void *piece = arena->at;
    arena->at += rounded + redzone;
    arena->end = is_careful(arena) ? arena->at : arena->stop;
    rig_unpoison(piece, wanted);
    return piece;
}

void *rig_arena_zeroed(struct rig_arena *arena, size_t size)
{
    void *piece = rig_arena_alloc(arena, size);
    return piece ? memset(piece, 0, size) : NULL;
}

char *rig_arena_string(struct rig_arena *arena, const char *string)
{
    return string ? rig_arena_copy(arena, string, strlen(string)) : NULL;
}

char *rig_arena_vprint(struct rig_arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = size >= 0 ? rig_arena_alloc(arena, (size_t)size + 1) : NULL;
    if (text) {
        (void)vsnprintf(text, (size_t)size + 1, format, arguments);
    }
    return text;
}

char *rig_arena_print(struct rig_arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = rig_arena_vprint(arena, format, arguments);
    va_end(arguments);
    return text;
}

void rig_zero(void *memory, size_t size)
{
    memset(memory, 0, size);
}

/* ---- growing bytes ---- */

unsigned char *rig_buffer_room(struct rig_buffer *buffer, size_t size)
{
    if (size > SIZE_MAX / 4 - buffer->size) {
        return NULL;
    }
    size_t needed = buffer->size + size + 1;
    if (needed > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity * 2 : 64;
        capacity = capacity < needed ? needed : capacity;
        unsigned char *grown = rig_arena_alloc(buffer->arena, capacity);
        if (!grown) {
            return NULL;
        }
        if (buffer->size > 0) {
            memcpy(grown, buffer->data, buffer->size);
        }
        buffer->data = grown;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->size;
}

int rig_buffer_append(struct rig_buffer *buffer, const void *data, size_t size)
{
    unsigned char *room = rig_buffer_room(buffer, size);
    if (!room) {
        return -ENOMEM;
    }
    if (size > 0) {
        memcpy(room, data, size);
    }
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
    return 0;
}
