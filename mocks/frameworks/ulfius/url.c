/* Url parameters end with the callback that they were given to: libulfius empties map_url before the next one. While they
 * are alive their values lie in pages of ours, which cannot be read once libulfius has freed them. A read is caught there
 * (SIGSEGV), noted with its line, and let through to what stood there. */
#include "mocks/frameworks/ulfius/ulfius.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define SLOTS 64 /* callbacks whose parameters are remembered */
#define SLOT_SIZE 16384
#define VALUES 16 /* of a callback; further ones stay where they are */
#define FRAMES 24

struct slot {
    unsigned count, live;
    unsigned short names[VALUES], values[VALUES]; /* where they lie */
    const char *name, *site;                      /* of the callback they were given to */
};

static struct slot slots[SLOTS];
static unsigned next_slot;
static char *pages;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sigaction before; /* whose faults are not ours */

/* A read that was caught in this thread. */
static _Thread_local struct {
    void *frames[FRAMES];
    int count;
    const char *at;
} caught;

static bool is_ours(const void *memory)
{
    return pages && (uintptr_t)memory - (uintptr_t)pages < (size_t)SLOTS * SLOT_SIZE;
}

static struct slot *slot_of(const void *memory)
{
    return &slots[((uintptr_t)memory - (uintptr_t)pages) / SLOT_SIZE];
}

static char *memory_of(const struct slot *slot)
{
    return pages + (size_t)(slot - slots) * SLOT_SIZE;
}

/* ---- the read ---- */

static void *program_counter(const void *context)
{
    const ucontext_t *machine = context;
#if defined(__x86_64__)
    return (void *)machine->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (void *)machine->uc_mcontext.pc;
#else
    (void)machine;
    return NULL;
#endif
}

/* The frames from the read on: those before it are the handler's. */
static void note_frames(void *at)
{
    void *all[FRAMES];
    int count = backtrace(all, FRAMES), first = 0;
    while (first < count && all[first] != at) {
        first++;
    }
    caught.count = 0;
    caught.frames[caught.count++] = (char *)at + 1; /* as a return address */
    for (int i = first + 1; i < count; i++) {
        caught.frames[caught.count++] = all[i];
    }
}

static void pass_on(int number, siginfo_t *info, void *context)
{
    if (before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(number, info, context);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(number);
    } else {
        (void)sigaction(number, &before, NULL); /* it faults again, and that is the end */
    }
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    if (!is_ours(info->si_addr)) {
        pass_on(number, info, context);
        return;
    }
    if (!caught.at) {
        caught.at = info->si_addr;
        note_frames(program_counter(context));
    }
    (void)mprotect(memory_of(slot_of(info->si_addr)), SLOT_SIZE, PROT_READ | PROT_WRITE);
}

/* Each time, for others set one too. */
static void catch_faults(void)
{
    struct sigaction now;
    if (sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_sigaction != on_fault) {
        const struct sigaction ours = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        before = now;
        (void)sigaction(SIGSEGV, &ours, NULL);
    }
}

/* ---- the values ---- */

/* Under the lock. */
static bool reserve(void)
{
    if (!pages) {
        void *frame;
        (void)backtrace(&frame, 1); /* loads what it needs now, not in a signal handler */
        void *memory = mmap(NULL, (size_t)SLOTS * SLOT_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        pages = memory == MAP_FAILED ? NULL : memory;
    }
    return pages != NULL;
}

/* NULL: all are alive. */
static struct slot *take_slot(void)
{
    for (unsigned tried = 0; tried < SLOTS; tried++) {
        struct slot *slot = &slots[next_slot++ % SLOTS];
        if (slot->live == 0 && mprotect(memory_of(slot), SLOT_SIZE, PROT_READ | PROT_WRITE) == 0) {
            return slot;
        }
    }
    return NULL;
}

static void fill(struct slot *slot, const struct _u_map *map)
{
    char *memory = memory_of(slot);
    size_t used = 0;
    slot->count = 0;
    for (int i = 0; i < map->nb_values && slot->count < VALUES; i++) {
        size_t key = strlen(map->keys[i]) + 1, size = map->lengths[i] + 1;
        if (!map->values[i] || size > SLOT_SIZE || key + size > SLOT_SIZE - used) {
            continue;
        }
        memcpy(memory + used, map->keys[i], key);
        memcpy(memory + used + key, map->values[i], size);
        slot->names[slot->count] = (unsigned short)used;
        slot->values[slot->count++] = (unsigned short)(used + key);
        o_free(map->values[i]);
        map->values[i] = memory + used + key;
        used += key + size;
    }
    slot->live = slot->count;
}

void rig_ulfius_url_begin(struct watch *watch)
{
    const struct _u_map *map = watch->request->map_url;
    if (!map || map->nb_values == 0) {
        return;
    }
    caught.at = NULL;
    pthread_mutex_lock(&lock);
    struct slot *slot = reserve() ? take_slot() : NULL;
    if (slot) {
        catch_faults();
        slot->name = watch->now.name;
        slot->site = watch->now.site;
        fill(slot, map);
    }
    pthread_mutex_unlock(&lock);
    (void)rig_foreign_arm(watch->env, "ulfius.map_url.kept");
}

/* Freed: with the last of its callback none can be read any more. */
static void end_value(const void *value)
{
    pthread_mutex_lock(&lock);
    struct slot *slot = slot_of(value);
    if (slot->live > 0 && --slot->live == 0) {
        (void)mprotect(memory_of(slot), SLOT_SIZE, PROT_NONE);
    }
    pthread_mutex_unlock(&lock);
}

/* ---- what libulfius and callbacks call for its memory ---- */

void o_free(void *ptr)
{
    static void (*real)(void *ptr);
    if (is_ours(ptr)) {
        end_value(ptr);
        return;
    }
    REAL(real, "o_free");
    real(ptr);
}

void *o_realloc(void *ptr, size_t size)
{
    static void *(*real)(void *ptr, size_t size);
    REAL(real, "o_realloc");
    if (!is_ours(ptr)) {
        return real(ptr, size);
    }
    size_t there = SLOT_SIZE - ((uintptr_t)ptr - (uintptr_t)pages) % SLOT_SIZE;
    void *moved = o_malloc(size);
    if (moved) {
        memcpy(moved, ptr, size < there ? size : there);
        end_value(ptr);
    }
    return moved;
}

/* ---- the finding ---- */

/* The line in the program: not where libc or libulfius read for it. */
static const char *line_of_read(void)
{
    static const char *const libraries[] = {"/libc.so",    "/libulfius", "/liborcania",
                                            "/libjansson", "/libyder",   "san.so"};
    for (int i = 0; i < caught.count; i++) {
        Dl_info info;
        bool passed_over = dladdr(caught.frames[i], &info) == 0;
        for (size_t k = 0; !passed_over && k < sizeof libraries / sizeof libraries[0]; k++) {
            passed_over = strstr(info.dli_fname, libraries[k]) != NULL;
        }
        const char *site = passed_over ? NULL : rig_site_of(caught.frames[i]);
        if (site) {
            return site;
        }
    }
    return NULL;
}

static const char *parameter_at(const struct slot *slot, const char *at)
{
    const char *memory = memory_of(slot);
    unsigned i = slot->count;
    while (i > 1 && memory + slot->values[i - 1] > at) {
        i--;
    }
    return i > 0 ? memory + slot->names[i - 1] : "?";
}

void rig_ulfius_url_end(struct watch *watch)
{
    if (!caught.at) {
        return;
    }
    const struct slot *slot = slot_of(caught.at);
    const struct rig_evidence given = {"it was given to this one", slot->site};
    rig_ulfius_find(watch, NULL,
                    &(struct rig_foreign_finding){.rule = "ulfius.map_url.kept",
                                                  .site = line_of_read(),
                                                  .subject = parameter_at(slot, caught.at),
                                                  .evidence = &given,
                                                  .evidence_count = 1},
                    "%s read the url parameter \"%.60s\" of %s, which was freed when that had returned",
                    watch->now.name, parameter_at(slot, caught.at), slot->name);
    caught.at = NULL;
}
