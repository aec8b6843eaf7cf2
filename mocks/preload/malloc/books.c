/* Open addressing with linear probing; its memory comes from mmap, so that it never meets the malloc it watches. */
#define _GNU_SOURCE

#include "mocks/preload/malloc/books.h"

#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#define CAPACITY_FIRST ((size_t)256)
#define CAPACITY_MOST ((size_t)1 << 20)

static atomic_bool is_open;
static atomic_flag locked = ATOMIC_FLAG_INIT;
static struct {
    struct rig_malloc_block *blocks; /* memory NULL: free */
    size_t capacity, count;          /* capacity: a power of two */
    bool short_of_memory;            /* some are missing */
} books;

static void lock(void)
{
    while (atomic_flag_test_and_set_explicit(&locked, memory_order_acquire)) {
        sched_yield();
    }
}

static void unlock(void)
{
    atomic_flag_clear_explicit(&locked, memory_order_release);
}

static size_t place_of(const void *memory)
{
    uint64_t mixed = (uint64_t)((uintptr_t)memory >> 4) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 32) & (books.capacity - 1);
}

/* Where it is, or would be. */
static size_t find(const void *memory)
{
    size_t at = place_of(memory);
    while (books.blocks[at].memory && books.blocks[at].memory != memory) {
        at = (at + 1) & (books.capacity - 1);
    }
    return at;
}

static bool grow(void)
{
    struct rig_malloc_block *old = books.blocks;
    size_t before = books.capacity, capacity = before ? before * 2 : CAPACITY_FIRST;
    if (capacity > CAPACITY_MOST) {
        return false;
    }
    void *fresh =
        mmap(NULL, capacity * sizeof *old, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* zero */
    if (fresh == MAP_FAILED) {
        return false;
    }
    books.blocks = fresh;
    books.capacity = capacity;
    for (size_t i = 0; i < before; i++) {
        if (old[i].memory) {
            books.blocks[find(old[i].memory)] = old[i];
        }
    }
    if (old) {
        (void)munmap(old, before * sizeof *old);
    }
    return true;
}

void rig_books_add(const struct rig_malloc_block *block)
{
    lock();
    if (atomic_load_explicit(&is_open, memory_order_relaxed)) {
        if (books.count + 1 > books.capacity / 2 && !grow()) {
            books.short_of_memory = true;
        } else {
            size_t at = find(block->memory);
            books.count += !books.blocks[at].memory;
            books.blocks[at] = *block;
        }
    }
    unlock();
}

/* Those behind it move up, so that each is still found from its own place on. */
static void take_out(size_t at)
{
    size_t mask = books.capacity - 1;
    for (size_t next = (at + 1) & mask; books.blocks[next].memory; next = (next + 1) & mask) {
        size_t home = place_of(books.blocks[next].memory);
        if (((next - home) & mask) >= ((next - at) & mask)) {
            books.blocks[at] = books.blocks[next];
            at = next;
        }
    }
    books.blocks[at].memory = NULL;
    books.count--;
}

struct rig_malloc_block rig_books_take(const void *memory)
{
    struct rig_malloc_block block = {.memory = NULL};
    if (__builtin_expect(!atomic_load_explicit(&is_open, memory_order_relaxed), 1) || !memory) {
        return block;
    }
    lock();
    if (books.count > 0) {
        size_t at = find(memory);
        block = books.blocks[at];
        if (block.memory) {
            take_out(at);
        }
    }
    unlock();
    return block;
}

bool rig_preload_malloc_open(void)
{
    lock();
    bool mine = !atomic_load_explicit(&is_open, memory_order_relaxed) && (books.capacity > 0 || grow());
    if (mine) {
        if (books.count > 0) {
            memset(books.blocks, 0, books.capacity * sizeof *books.blocks);
        }
        books.count = 0;
        books.short_of_memory = false;
        atomic_store_explicit(&is_open, true, memory_order_release);
    }
    unlock();
    return mine;
}

bool rig_preload_malloc_each(void (*each)(void *closure, const struct rig_malloc_block *block), void *closure)
{
    lock();
    for (size_t i = 0; i < books.capacity && books.count > 0; i++) {
        if (books.blocks[i].memory) {
            each(closure, &books.blocks[i]);
        }
    }
    bool complete = !books.short_of_memory;
    unlock();
    return complete;
}

void rig_preload_malloc_close(void)
{
    atomic_store_explicit(&is_open, false, memory_order_release);
}
