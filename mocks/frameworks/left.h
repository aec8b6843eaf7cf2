/* What handlers leave behind: whether a pointer can be memory of theirs at all, and what tells one request from another. */
#ifndef MOCKS_FRAMEWORKS_LEFT_H
#define MOCKS_FRAMEWORKS_LEFT_H

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RIG_LEFT_SEED UINT32_C(2166136261)

/* FNV-1a of a string, on top of what was hashed before (RIG_LEFT_SEED: nothing). NULL: as "". */
static inline uint32_t rig_left_hash(uint32_t seed, const char *text)
{
    for (; text && *text; text++) {
        seed = (seed ^ (unsigned char)*text) * UINT32_C(16777619);
    }
    return seed;
}

/* Of AddressSanitizer, where the program has it: "stack" is also its own, on which locals lie that are looked for after
 * their function's return. */
extern const char *__asan_locate_address(void *address, char *name, size_t name_size, void **region,
                                         size_t *region_size) __attribute__((weak));

static inline bool rig_left_is_on_stack(const void *memory)
{
    /* through a pointer: OSS-Fuzz refuses builds for UBSan alone that hold a call of it */
    const char *(*const volatile locate)(void *, char *, size_t, void **, size_t *) = __asan_locate_address;
    pthread_attr_t attributes;
    char name[64];
    void *stack = NULL;
    size_t size = 0;
    if (locate) {
        return strcmp(locate((void *)(uintptr_t)memory, name, sizeof name, &stack, &size), "stack") == 0;
    }
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        (void)pthread_attr_getstack(&attributes, &stack, &size);
        (void)pthread_attr_destroy(&attributes);
    }
    return (uintptr_t)memory - (uintptr_t)stack < size;
}

/* Memory of a program or library itself (a static marker), of this thread's stack, or no pointer at all: nothing to free.
 * Wants _GNU_SOURCE. */
static inline bool rig_left_is_nobodys(const void *memory)
{
    Dl_info info;
    return (uintptr_t)memory < 65536 || dladdr(memory, &info) != 0 || rig_left_is_on_stack(memory);
}

#endif
