/* libstackrig-malloc.so: malloc and its kin ask a gate first, if the thread has one, and keep books of what it says
 * counts. What they do then is their own affair: libc's, ASan's. See stackrig/preload.h. */
#define _GNU_SOURCE

#include "harness/core/gate.h"
#include "mocks/preload/malloc/books.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)
#define PAGE 4096u

/* ---- the functions that stand behind ---- */

static struct {
    void *(*allocate)(size_t size);
    void *(*zeroed)(size_t count, size_t size);
    void *(*resize)(void *memory, size_t size);
    int (*aligned)(void **memory, size_t alignment, size_t size);
    void *(*memalign)(size_t alignment, size_t size);
    void (*release)(void *memory);
} next;

static atomic_bool found;

/* What dlsym allocates while it looks for malloc; never given back. */
static _Alignas(max_align_t) unsigned char early[8192];
static atomic_size_t early_size;
static __thread bool finding __attribute__((tls_model("initial-exec")));

static void *early_alloc(size_t size)
{
    size_t rounded = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (size > sizeof early) {
        return NULL;
    }
    size_t at = atomic_fetch_add(&early_size, rounded);
    return at <= sizeof early && rounded <= sizeof early - at ? early + at : NULL;
}

static bool is_early(const void *memory)
{
    return (uintptr_t)memory - (uintptr_t)early < sizeof early;
}

static void find(void *function, const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(function, &symbol, sizeof symbol); /* ISO C has no other way from an object's pointer to a function's */
}

/* Threads that come here at once find the same. False: called by dlsym from here. */
static bool find_all(void)
{
    if (atomic_load_explicit(&found, memory_order_acquire)) {
        return true;
    }
    if (finding) {
        return false;
    }
    finding = true;
    find(&next.allocate, "malloc");
    find(&next.zeroed, "calloc");
    find(&next.resize, "realloc");
    find(&next.aligned, "posix_memalign");
    find(&next.memalign, "memalign");
    find(&next.release, "free");
    finding = false;
    atomic_store_explicit(&found, true, memory_order_release);
    return true;
}

/* ---- the gate ---- */

static __thread struct rig_malloc_gate *guard __attribute__((tls_model("initial-exec")));

struct rig_malloc_gate *rig_preload_malloc_gate(struct rig_malloc_gate *gate)
{
    struct rig_malloc_gate *before = guard;
    guard = gate;
    return before;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_in(const void *caller, const char *library)
{
    Dl_info info;
    return dladdr(caller, &info) != 0 && info.dli_fname &&
           strncmp(base_name(info.dli_fname), library, strlen(library)) == 0;
}

static __attribute__((noinline)) enum rig_malloc_word ask_gate(size_t size, const void *caller)
{
    struct rig_malloc_gate *asked = guard;
    guard = NULL;                              /* what it calls itself is not asked for */
    asked->dies = is_in(caller, "libfcgi.so"); /* with an assertion: no program can do anything about it */
    /* nor when the dynamic linker gets no memory for a library's thread-local variables */
    enum rig_malloc_word word = is_in(caller, "ld-") ? RIG_MALLOC_PASSES : asked->admit(asked, size, caller);
    guard = asked;
    if (word == RIG_MALLOC_FAILS) {
        errno = ENOMEM;
    }
    return word;
}

static inline enum rig_malloc_word ask(size_t size, const void *caller)
{
    return __builtin_expect(!guard, 1) ? RIG_MALLOC_PASSES : ask_gate(size, caller);
}

/* Writes down what was got, where it counts. */
static inline void *noted(enum rig_malloc_word word, void *memory, size_t size, const void *caller)
{
    if (__builtin_expect(word == RIG_MALLOC_COUNTS && memory, 0)) {
        rig_books_add(&(struct rig_malloc_block){.memory = memory,
                                                 .caller = caller,
                                                 .size = size,
                                                 .most = size,
                                                 .layer = guard->layer,
                                                 .layer_number = guard->layer_number,
                                                 .turns = guard->turn});
    }
    return memory;
}

int rig_preload_malloc_where(const void *caller, char *text, size_t size)
{
    Dl_info info;
    struct rig_malloc_gate *asked = guard;
    guard = NULL;
    bool known = dladdr(caller, &info) != 0 && info.dli_fname;
    guard = asked;
    if (!known) {
        return snprintf(text, size, "%p", caller);
    }
    const char *file = base_name(info.dli_fname);
    uintptr_t from = (uintptr_t)(info.dli_sname ? info.dli_saddr : info.dli_fbase);
    return snprintf(text, size, "%s(%s+0x%zx)", file, info.dli_sname ? info.dli_sname : "",
                    (size_t)((uintptr_t)caller - from));
}

/* ---- malloc and its kin ---- */

/* libc calls them all __s.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

EXPORT void *malloc(size_t size)
{
    if (!find_all()) {
        return early_alloc(size);
    }
    enum rig_malloc_word word = ask(size, CALLER);
    return word ? noted(word, next.allocate(size), size, CALLER) : NULL;
}

EXPORT void *calloc(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    if (!find_all()) {
        return early_alloc(total); /* static: zero as it is */
    }
    enum rig_malloc_word word = ask(total, CALLER);
    return word ? noted(word, next.zeroed(count, size), total, CALLER) : NULL;
}

EXPORT void free(void *memory)
{
    if (memory && !is_early(memory) && find_all()) {
        (void)rig_books_take(memory); /* before it can be somebody else's */
        next.release(memory);
    }
}

/* The block as it was, and what became of it: the largest it ever was tells whether it grows from turn to turn. */
static void move_entry(const struct rig_malloc_block *before, enum rig_malloc_word word, void *moved, size_t size,
                       const void *caller)
{
    struct rig_malloc_block entry = *before;
    if (!before->memory) {
        (void)noted(word, moved, size, caller);
        return;
    }
    bool grew = size > entry.most && word == RIG_MALLOC_COUNTS;
    entry.memory = moved;
    entry.size = size;
    entry.most = size > entry.most ? size : entry.most;
    entry.turns |= grew ? guard->turn : 0;
    rig_books_add(&entry);
}

static void *resize_block(void *memory, size_t size, enum rig_malloc_word word, const void *caller)
{
    struct rig_malloc_block before = rig_books_take(memory);
    void *moved = next.resize(memory, size);
    if (moved) {
        move_entry(&before, word, moved, size, caller);
    } else if (before.memory && size > 0) {
        rig_books_add(&before);
    }
    return moved;
}

/* To 0 bytes is to free: that does not fail. */
static void *resize(void *memory, size_t size, const void *caller)
{
    enum rig_malloc_word word = RIG_MALLOC_PASSES;
    if (!find_all()) {
        return NULL;
    }
    if (!(memory && size == 0) && (word = ask(size, caller)) == RIG_MALLOC_FAILS) {
        return NULL;
    }
    if (!is_early(memory)) {
        return resize_block(memory, size, word, caller);
    }
    size_t most = sizeof early - ((uintptr_t)memory - (uintptr_t)early);
    void *moved = next.allocate(size);
    return moved ? memcpy(moved, memory, size < most ? size : most) : NULL;
}

EXPORT void *realloc(void *memory, size_t size)
{
    return resize(memory, size, CALLER);
}

EXPORT void *reallocarray(void *memory, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    return resize(memory, total, CALLER);
}

EXPORT int posix_memalign(void **memory, size_t alignment, size_t size)
{
    int before = errno;
    if (!find_all()) {
        return ENOMEM;
    }
    enum rig_malloc_word word = ask(size, CALLER);
    if (!word) {
        errno = before;
        return ENOMEM;
    }
    int error = next.aligned(memory, alignment, size);
    if (error == 0) {
        (void)noted(word, *memory, size, CALLER);
    }
    return error;
}

static void *take_aligned(size_t alignment, size_t size, const void *caller)
{
    enum rig_malloc_word word = find_all() ? ask(size, caller) : RIG_MALLOC_FAILS;
    return word ? noted(word, next.memalign(alignment, size), size, caller) : NULL;
}

EXPORT void *memalign(size_t alignment, size_t size)
{
    return take_aligned(alignment, size, CALLER);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    return take_aligned(alignment, size, CALLER);
}

EXPORT void *valloc(size_t size)
{
    return take_aligned(PAGE, size, CALLER);
}

/* libc's own come to malloc as well, but then the caller that is told is libc. */
static char *duplicate(const char *string, size_t size, const void *caller)
{
    enum rig_malloc_word word = find_all() ? ask(size + 1, caller) : RIG_MALLOC_FAILS;
    char *copy = word ? noted(word, next.allocate(size + 1), size + 1, caller) : NULL;
    if (copy) {
        memcpy(copy, string, size);
        copy[size] = '\0';
    }
    return copy;
}

EXPORT char *strndup(const char *string, size_t most)
{
    return duplicate(string, strnlen(string, most), CALLER);
}

EXPORT char *strdup(const char *string)
{
    return duplicate(string, strlen(string), CALLER);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
