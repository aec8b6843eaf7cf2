/* shared_data: memory that callbacks hand on, and somebody frees once. */
#include "mocks/frameworks/ulfius/ulfius.h"

#include "mocks/frameworks/left.h"

#include <stdlib.h>

/* ---- freed twice ---- */

static const struct freed *find_freed(const struct watch *watch, const void *memory)
{
    unsigned i = 0;
    while (i < watch->freed_count && watch->freed[i].memory != memory) {
        i++;
    }
    return i < watch->freed_count ? &watch->freed[i] : NULL;
}

static void tell_twice(const struct watch *watch, const struct by *by, const char *site, const struct freed *first,
                       const char *how)
{
    const struct rig_evidence before = {"it was freed here before", first->site};
    rig_ulfius_find(watch, by,
                    &(struct rig_foreign_finding){.rule = "ulfius.shared_data.freed_twice",
                                                  .site = site,
                                                  .evidence = &before,
                                                  .evidence_count = first->site != NULL},
                    "shared_data was freed by %s, and then again by %s", first->name, how);
}

bool rig_ulfius_keeps(void *memory, const char *site)
{
    struct watch *watch = rig_ulfius_watching();
    const struct freed *first = find_freed(watch, memory);
    if (first) {
        tell_twice(watch, NULL, site, first, watch->now.name);
        return true;
    }
    if (!watch->response || memory != watch->response->shared_data || watch->freed_count == FREED_KNOWN) {
        return false;
    }
    watch->freed[watch->freed_count++] = (struct freed){memory, site ? site : watch->now.site, watch->now.name};
    return true;
}

/* ---- free_shared_data ---- */

/* In the place of the callback's own. */
static void release(void *shared)
{
    struct watch *watch = rig_ulfius_watching();
    const struct freed *first = watch ? find_freed(watch, shared) : NULL;
    if (first) {
        tell_twice(watch, &watch->shared_by, NULL, first, "its free_shared_data");
    } else if (watch && watch->release) {
        watch->release(shared);
    }
}

void rig_ulfius_shared_end(struct watch *watch)
{
    struct _u_response *response = watch->response;
    if (response->shared_data && response->shared_data != watch->shared) {
        watch->shared_by = watch->now;
        (void)rig_foreign_arm(watch->env, "ulfius.shared_data.freed_twice");
        (void)rig_foreign_arm(watch->env, "ulfius.shared_data.leaked");
    }
    watch->shared = response->shared_data;
    if (response->free_shared_data && response->free_shared_data != release) {
        watch->release = response->free_shared_data;
        response->free_shared_data = release;
    }
}

/* ---- leaked ---- */

#define LEFT_KNOWN 64

/* What a callback of an instance left once, and after which request. */
static struct left {
    const struct _u_instance *instance;
    const char *name;
    uint32_t request;
    void *memory;
} left[LEFT_KNOWN];
static unsigned left_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* With its header fields: another session's memory is another's. */
static uint32_t hash_request(const struct _u_request *request)
{
    const struct _u_map *fields = request->map_header;
    uint32_t seed = rig_left_hash(rig_left_hash(RIG_LEFT_SEED, request->http_verb), request->http_url);
    for (int i = 0; fields && i < fields->nb_values; i++) {
        seed = rig_left_hash(seed, fields->values[i]);
    }
    return seed;
}

/* Has it left other memory after the same request before? */
static bool is_another(const struct watch *watch, void *memory)
{
    const struct left now = {watch->instance, watch->shared_by.name, hash_request(watch->request), memory};
    bool another = false;
    pthread_mutex_lock(&lock);
    unsigned at = 0;
    while (at < left_count &&
           (left[at].instance != now.instance || left[at].name != now.name || left[at].request != now.request)) {
        at++;
    }
    if (at < left_count) {
        another = left[at].memory != memory;
    } else if (at < LEFT_KNOWN) {
        left[left_count++] = now;
    }
    pthread_mutex_unlock(&lock);
    return another;
}

void rig_ulfius_forget_left(const struct _u_instance *instance)
{
    pthread_mutex_lock(&lock);
    for (unsigned i = left_count; i > 0; i--) {
        if (left[i - 1].instance == instance) {
            left[i - 1] = left[--left_count];
        }
    }
    pthread_mutex_unlock(&lock);
}

static void look_for_leak(const struct watch *watch)
{
    void *shared = watch->response->shared_data;
    if (!shared || watch->response->free_shared_data || find_freed(watch, shared) || rig_left_is_nobodys(shared)) {
        return;
    }
    struct rig_foreign_finding find = {.rule = "ulfius.shared_data.leaked"};
    if (!is_another(watch, shared)) {
        find.level = RIG_LEVEL_NOTE;
        find.follows = "if it is the program's own, kept for all requests, all is well; if not, it leaks";
    }
    rig_ulfius_find(watch, &watch->shared_by, &find,
                    "%s left memory in shared_data, which no callback freed, and there is no free_shared_data",
                    watch->shared_by.name);
}

int ulfius_clean_response_full(struct _u_response *response)
{
    static int (*real)(struct _u_response * response);
    struct watch *watch = rig_ulfius_watching();
    REAL(real, "ulfius_clean_response_full");
    if (watch && response && watch->response == response) {
        look_for_leak(watch);
        watch->response = NULL;
    }
    return real(response);
}

/* ---- free ---- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* Of a sanitizer's runtime, which has a free of its own. */
extern int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *memory, size_t size),
                                                     void (*on_free)(const volatile void *memory))
    __attribute__((weak));

/* Not every runtime keeps what was freed back: what lies at its address now is another's. */
static void on_malloc(const volatile void *memory, size_t size)
{
    struct watch *watch = rig_ulfius_watching();
    (void)size;
    for (unsigned i = watch ? watch->freed_count : 0; i > 0; i--) {
        if (watch->freed[i - 1].memory == memory) {
            watch->freed[i - 1] = watch->freed[--watch->freed_count];
        }
    }
}

static void on_free(const volatile void *memory)
{
    if (memory && rig_ulfius_watching()) {
        (void)rig_ulfius_keeps((void *)(uintptr_t)memory, NULL);
    }
}

__attribute__((constructor)) static void set_hooks(void)
{
    if (__sanitizer_install_malloc_and_free_hooks) {
        (void)__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
    }
}

#if !SANITIZED
static void (*real_free)(void *ptr);

/* Apart, for free is called a hundred times a request. */
__attribute__((noinline)) static bool is_kept(struct watch *watch, void *memory, const void *caller)
{
    bool shared = watch->response && watch->response->shared_data == memory;
    bool kept = (shared || find_freed(watch, memory)) && rig_ulfius_keeps(memory, rig_site_of(caller));
    watch->deferred = watch->deferred || kept;
    return kept;
}

__attribute__((visibility("default"))) void free(void *ptr)
{
    struct watch *watch = rig_ulfius_watching();
    if (watch && ptr && (watch->freed_count > 0 || (watch->response && watch->response->shared_data == ptr)) &&
        is_kept(watch, ptr, __builtin_return_address(0))) {
        return;
    }
    REAL(real_free, "free");
    real_free(ptr);
}
#endif

void rig_ulfius_shared_out(struct watch *watch)
{
    for (unsigned i = 0; watch->deferred && i < watch->freed_count; i++) {
        free(watch->freed[i].memory);
    }
    watch->freed_count = 0;
}
