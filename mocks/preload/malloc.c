/* libstackrig-malloc.so: malloc and its kin ask a gate first, if the thread has one. What they do then is their own
 * affair: libc's, ASan's. See stackrig/preload.h. */
#define _GNU_SOURCE

#include <stackrig/preload.h>

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

/* The dynamic linker ends the program when it gets no memory for a library's thread-local variables: no caller can do
 * anything about it. */
static bool is_linker(const void *caller)
{
    Dl_info info;
    return dladdr(caller, &info) != 0 && info.dli_fname && strncmp(base_name(info.dli_fname), "ld-", 3) == 0;
}

static __attribute__((noinline)) bool ask(size_t size, const void *caller)
{
    struct rig_malloc_gate *asked = guard;
    guard = NULL; /* what it calls itself is not asked for */
    bool admitted = is_linker(caller) || asked->admit(asked, size, caller);
    guard = asked;
    if (!admitted) {
        errno = ENOMEM;
    }
    return admitted;
}

static inline bool passes(size_t size, const void *caller)
{
    return __builtin_expect(!guard, 1) || ask(size, caller);
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
    return passes(size, CALLER) ? next.allocate(size) : NULL;
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
    return passes(total, CALLER) ? next.zeroed(count, size) : NULL;
}

EXPORT void free(void *memory)
{
    if (memory && !is_early(memory) && find_all()) {
        next.release(memory);
    }
}

/* To 0 bytes is to free: that does not fail. */
static void *resize(void *memory, size_t size, const void *caller)
{
    if (!find_all()) {
        return NULL;
    }
    if (!(memory && size == 0) && !passes(size, caller)) {
        return NULL;
    }
    if (!is_early(memory)) {
        return next.resize(memory, size);
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
    if (!passes(size, CALLER)) {
        errno = before;
        return ENOMEM;
    }
    return next.aligned(memory, alignment, size);
}

EXPORT void *memalign(size_t alignment, size_t size)
{
    return find_all() && passes(size, CALLER) ? next.memalign(alignment, size) : NULL;
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    return find_all() && passes(size, CALLER) ? next.memalign(alignment, size) : NULL;
}

EXPORT void *valloc(size_t size)
{
    return find_all() && passes(size, CALLER) ? next.memalign(PAGE, size) : NULL;
}

/* libc's own come to malloc as well, but then the caller that is told is libc. */
EXPORT char *strndup(const char *string, size_t most)
{
    size_t size = strnlen(string, most);
    char *copy = find_all() && passes(size + 1, CALLER) ? next.allocate(size + 1) : NULL;
    if (copy) {
        memcpy(copy, string, size);
        copy[size] = '\0';
    }
    return copy;
}

EXPORT char *strdup(const char *string)
{
    size_t size = strlen(string) + 1;
    char *copy = find_all() && passes(size, CALLER) ? next.allocate(size) : NULL;
    return copy ? memcpy(copy, string, size) : NULL;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
