#include "harness/core/env_index.h"
#include "harness/core/hash.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- entries ---- */

/* Names are short: two overlapping words, or a call for the rest. */
static inline bool same_bytes(const char *a, const char *b, size_t size)
{
    if (size - 8 > 8) {
        return memcmp(a, b, size) == 0;
    }
    return rig_hash_load(a, 8) == rig_hash_load(b, 8) &&
           rig_hash_load(a + size - 8, 8) == rig_hash_load(b + size - 8, 8);
}

static inline struct rig_entry *find(const struct rig_env *env, const char *name, size_t size, uint32_t hash)
{
    if (env->index) {
        return rig_env_index_find(env, name, size, hash);
    }
    for (uint32_t at = env->heads[hash & (RIG_ENV_HEADS - 1)]; at != 0; at = env->entries[at - 1].index) {
        struct rig_entry *entry = &env->entries[at - 1];
        if (entry->hash == hash && entry->name_size == size && same_bytes(entry->name, name, size)) {
            return entry;
        }
    }
    return NULL;
}

struct rig_entry *rig_env_find(const struct rig_env *env, const char *name, size_t size, uint32_t hash)
{
    return find(env, name, size, hash);
}

static RIG_COLD int grow(struct rig_env *env)
{
    uint32_t capacity = env->capacity * 2;
    struct rig_entry *grown = rig_arena_alloc(&env->handle.run->arena, capacity * sizeof *grown);
    if (!grown) {
        return -ENOMEM;
    }
    memcpy(grown, env->entries, env->count * sizeof *grown);
    env->entries = grown;
    env->capacity = capacity;
    return 0;
}

/* An env past its chain index. On failure the entry is not there. */
int rig_env_put_slow(struct rig_env *env, const char *name, size_t name_size, uint32_t hash, const char *value,
                     size_t value_size)
{
    if (env->count == env->capacity && grow(env) != 0) {
        return -ENOMEM;
    }
    rig_entry_fill(&env->entries[env->count], name, name_size, hash, value, value_size, env->handle.run->current_hop);
    if ((!env->index && rig_env_index_build(env) != 0) || rig_env_index_add(env, env->count) != 0) {
        return -ENOMEM;
    }
    env->count++;
    return 0;
}

void rig_env_shape_add(struct rig_env_shape *shape, const char *name)
{
    size_t size = strlen(name);
    uint32_t hash = rig_hash(name, size);
    uint8_t *head = &shape->heads[hash & (RIG_ENV_HEADS - 1)];
    shape->entries[shape->count] = (struct rig_entry){.name = name,
                                                      .hash = hash,
                                                      .hop = RIG_NO_HOP,
                                                      .name_size = (uint16_t)size,
                                                      .index = *head,
                                                      .state = RIG_ENTRY_STRING};
    *head = (uint8_t)++shape->count;
}

int rig_env_take_shape(struct rig_env *env, const struct rig_env_shape *shape)
{
    env->entries = rig_arena_alloc(&env->handle.run->arena, RIG_ENV_SMALL * sizeof *env->entries);
    if (!env->entries) {
        return -ENOMEM;
    }
    memcpy(env->entries, shape->entries, shape->count * sizeof *shape->entries);
    memcpy(env->heads, shape->heads, sizeof env->heads);
    env->capacity = RIG_ENV_SMALL;
    env->count = shape->count;
    return 0;
}

static void unlink_entry(struct rig_env *env, const struct rig_entry *entry)
{
    uint32_t at = (uint32_t)(entry - env->entries);
    if (env->index) {
        rig_env_index_remove(env, at);
        return;
    }
    uint8_t *head = &env->heads[entry->hash & (RIG_ENV_HEADS - 1)];
    if (*head == at + 1) {
        *head = entry->index;
        return;
    }
    struct rig_entry *before = &env->entries[*head - 1];
    while (before->index != at + 1) {
        before = &env->entries[before->index - 1];
    }
    before->index = entry->index;
}

void rig_env_drop(struct rig_env *env, struct rig_entry *entry)
{
    unlink_entry(env, entry);
    entry->state = RIG_ENTRY_GONE;
    entry->value = NULL;
    entry->object = NULL;
}

struct rig_env *rig_env_new(struct rig_run *run)
{
    return rig_pool_take(&run->runner->envs, run);
}

/* ---- what every call begins with ---- */

static inline struct rig_run *live(const char *site, const struct rig_env *env, const char *call)
{
    return env && env->handle.run ? env->handle.run : rig_live(site, env ? &env->handle : NULL, RIG_HANDLE_ENV, call);
}

#define NAME_MAX_SIZE UINT16_MAX

static inline bool named(struct rig_run *run, const char *site, const char *name, size_t size, const char *call)
{
    if (size - 1 < NAME_MAX_SIZE) {
        return true;
    }
    if (name && size > 0) {
        (void)rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, site, "%s was given a name of %zu bytes: at most %d", call, size,
                         NAME_MAX_SIZE);
    } else if (name) {
        (void)rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, site, "%s was given an empty name", call);
    } else {
        (void)rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "%s was given a NULL name", call);
    }
    return false;
}

/* Out of line: an event is made only for those who want it. */
static RIG_COLD void emit_wanted(struct rig_run *run, enum rig_event_kind kind, uint32_t facts, const char *site,
                                 const struct rig_env *env, const char *name, struct rig_bytes value)
{
    rig_emit(run, (struct rig_event){.kind = kind,
                                     .facts = facts,
                                     .site = site,
                                     .env = env,
                                     .name = name,
                                     .value = value.data,
                                     .size = value.size});
}

static inline void emit(struct rig_run *run, enum rig_event_kind kind, uint32_t facts, const char *site,
                        const struct rig_env *env, const char *name, struct rig_bytes value)
{
    if (rig_is_wanted(run, kind, facts)) {
        emit_wanted(run, kind, facts, site, env, name, value);
    }
}

/* ---- reading ---- */

static inline const struct rig_entry *look_up(const char *site, const struct rig_env *env, const char *name,
                                              const char *call)
{
    struct rig_run *run = live(site, env, call);
    size_t size = name ? strlen(name) : 0;
    if (!run || !named(run, site, name, size, call)) {
        return NULL;
    }
    const struct rig_entry *entry = find(env, name, size, rig_hash(name, size));
    struct rig_hop *hop = rig_run_hop(run);
    if (hop) {
        hop->env_reads++;
    }
    emit(run, RIG_EVENT_ENV_GET, RIG_FACT_ALWAYS, site, env, name,
         (struct rig_bytes){entry ? entry->value : NULL, entry ? entry->value_size : 0});
    return entry;
}

const char *rig_env_get_at(const char *site, const struct rig_env *env, const char *name)
{
    const struct rig_entry *entry = look_up(site, env, name, "rig_env_get");
    return entry ? entry->value : NULL;
}

struct rig_bytes rig_env_bytes_at(const char *site, const struct rig_env *env, const char *name)
{
    const struct rig_entry *entry = look_up(site, env, name, "rig_env_bytes");
    return entry ? (struct rig_bytes){entry->value, entry->value_size} : (struct rig_bytes){NULL, 0};
}

void *rig_env_object_at(const char *site, const struct rig_env *env, const char *name)
{
    const struct rig_entry *entry = look_up(site, env, name, "rig_env_object");
    return entry ? entry->object : NULL;
}

int rig_env_each_at(const char *site, const struct rig_env *env, rig_each_fn *visit, void *closure)
{
    struct rig_run *run = live(site, env, "rig_env_each");
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    if (!visit) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_env_each was given a NULL function");
    }
    uint32_t count = env->count; /* what the visitor adds is not visited */
    for (uint32_t i = 0; i < count && env->handle.run; i++) {
        const struct rig_entry *entry = &env->entries[i];
        if (entry->state != RIG_ENTRY_GONE) {
            int ended = visit(closure, entry->name, entry->value, entry->value_size);
            if (ended != 0) {
                return ended;
            }
        }
    }
    return 0;
}

/* ---- writing ---- */

static void note_write(struct rig_run *run)
{
    struct rig_hop *hop = rig_run_hop(run);
    if (hop) {
        hop->env_writes++;
        run->tally.env_writes_below += hop->depth > 0;
    }
}

/* The entry of that name, made if absent. NULL: out of memory. */
static inline struct rig_entry *claim(struct rig_run *run, struct rig_env *env, const char *name, size_t size)
{
    uint32_t hash = rig_hash(name, size);
    struct rig_entry *entry = find(env, name, size, hash);
    if (entry) {
        return entry;
    }
    char *copy = rig_arena_copy(&run->arena, name, size);
    if (!copy || rig_env_put(env, copy, size, hash, NULL, 0) != 0) {
        return NULL;
    }
    return &env->entries[env->count - 1];
}

static struct rig_entry *overwrite(struct rig_run *run, struct rig_entry *entry, const void *data, size_t size)
{
    char *copy = rig_arena_copy(&run->arena, data, size);
    if (!copy) {
        return NULL;
    }
    entry->value = copy;
    entry->value_size = (uint32_t)size;
    entry->object = NULL;
    entry->hop = run->current_hop;
    entry->state = RIG_ENTRY_STRING;
    return entry;
}

/* A new name and its value, in one piece of memory. */
static inline struct rig_entry *add(struct rig_run *run, struct rig_env *env, const char *name, size_t name_size,
                                    uint32_t hash, const void *data, size_t size)
{
    char *strings = size < UINT32_MAX ? rig_arena_alloc(&run->arena, name_size + size + 2) : NULL;
    if (!strings) {
        return NULL;
    }
    char *value = strings + name_size + 1;
    memcpy(strings, name, name_size + 1);
    memcpy(value, data, size);
    value[size] = '\0';
    return rig_env_put(env, strings, name_size, hash, value, size) == 0 ? &env->entries[env->count - 1] : NULL;
}

/* Inlined into both of its callers: a fifth of its cost was the call. */
static inline __attribute__((always_inline)) int set(const char *site, struct rig_env *env, const char *name,
                                                     const void *data, size_t size, const char *call)
{
    struct rig_run *run = live(site, env, call);
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    size_t name_size = name ? strlen(name) : 0;
    if (!named(run, site, name, name_size, call)) {
        return -EINVAL;
    }
    uint32_t hash = rig_hash(name, name_size);
    struct rig_entry *entry = size < UINT32_MAX ? find(env, name, name_size, hash) : NULL;
    entry = entry ? overwrite(run, entry, data, size) : add(run, env, name, name_size, hash, data, size);
    if (!entry) {
        return -ENOMEM;
    }
    entry->site = site;
    note_write(run);
    emit(run, RIG_EVENT_ENV_SET, RIG_FACT_ALWAYS, site, env, name, (struct rig_bytes){entry->value, size});
    return 0;
}

static RIG_COLD int refuse_value(const char *site, const struct rig_env *env, const char *what)
{
    struct rig_run *run = rig_live(site, env ? &env->handle : NULL, RIG_HANDLE_ENV, "rig_env_set");
    return run ? rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "%s", what)
               : rig_live_error(env ? &env->handle : NULL);
}

int rig_env_set_at(const char *site, struct rig_env *env, const char *name, const char *value)
{
    if (!value) {
        return refuse_value(site, env, "rig_env_set was given a NULL value: rig_env_unset removes a name");
    }
    return set(site, env, name, value, strlen(value), "rig_env_set");
}

int rig_env_set_bytes_at(const char *site, struct rig_env *env, const char *name, const void *data, size_t size)
{
    if (!data && size > 0) {
        return refuse_value(site, env, "rig_env_set_bytes was given NULL data");
    }
    return set(site, env, name, data ? data : "", size, "rig_env_set_bytes");
}

int rig_env_unset_at(const char *site, struct rig_env *env, const char *name)
{
    struct rig_run *run = live(site, env, "rig_env_unset");
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    size_t size = name ? strlen(name) : 0;
    if (!named(run, site, name, size, "rig_env_unset")) {
        return -EINVAL;
    }
    struct rig_entry *entry = find(env, name, size, rig_hash(name, size));
    if (!entry) {
        return 0;
    }
    rig_env_drop(env, entry);
    entry->site = site;
    entry->hop = run->current_hop;
    note_write(run);
    emit(run, RIG_EVENT_ENV_UNSET, RIG_FACT_ALWAYS, site, env, name, (struct rig_bytes){NULL, 0});
    return 0;
}

/* The same object under two names, or set again, is destroyed once. */
static int add_destructor(struct rig_run *run, const char *site, void *object, void (*destroy)(void *))
{
    for (const struct rig_destructor *at = run->destructors; at; at = at->next) {
        if (at->object == object && at->destroy == destroy) {
            return 0;
        }
    }
    struct rig_destructor *fresh = rig_arena_alloc(&run->arena, sizeof *fresh);
    if (!fresh) {
        return -ENOMEM;
    }
    *fresh = (struct rig_destructor){
        .destroy = destroy, .object = object, .site = site, .hop = run->current_hop, .next = run->destructors};
    run->destructors = fresh;
    return 0;
}

int rig_env_set_object_at(const char *site, struct rig_env *env, const char *name, void *object,
                          void (*destroy)(void *object))
{
    struct rig_run *run = live(site, env, "rig_env_set_object");
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    size_t size = name ? strlen(name) : 0;
    if (!named(run, site, name, size, "rig_env_set_object")) {
        return -EINVAL;
    }
    if (!object) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site,
                          "rig_env_set_object was given a NULL object: rig_env_unset removes a name");
    }
    struct rig_entry *entry = claim(run, env, name, size);
    if (!entry) {
        return -ENOMEM;
    }
    if (destroy && add_destructor(run, site, object, destroy) != 0) {
        if (entry->state == RIG_ENTRY_STRING && !entry->value) { /* made just now */
            rig_env_drop(env, entry);
        }
        return -ENOMEM;
    }
    entry->value = NULL;
    entry->value_size = 0;
    entry->object = object;
    entry->site = site;
    entry->hop = run->current_hop;
    entry->state = RIG_ENTRY_OBJECT;
    note_write(run);
    emit(run, RIG_EVENT_ENV_SET, RIG_FACT_ALWAYS, site, env, name, (struct rig_bytes){NULL, 0});
    return 0;
}

/* ---- the copy ---- */

struct rig_env *rig_env_copy_at(const char *site, const struct rig_env *env)
{
    struct rig_run *run = live(site, env, "rig_env_copy");
    struct rig_env *copy = run ? rig_env_new(run) : NULL;
    if (!copy) {
        return NULL;
    }
    copy->entries = rig_arena_alloc(&run->arena, env->capacity * sizeof *copy->entries);
    if (!copy->entries) {
        return NULL; /* the handle goes back with the exchange */
    }
    copy->input = env->input;
    copy->count = env->count;
    copy->capacity = env->capacity;
    memcpy(copy->entries, env->entries, env->count * sizeof *copy->entries);
    memcpy(copy->heads, env->heads, sizeof copy->heads);
    if (env->index && rig_env_index_build(copy) != 0) {
        return NULL;
    }
    copy->copied_from = env->handle.serial;
    copy->copied_at = site;
    copy->copied_by = run->current_hop;
    for (uint32_t i = 0; i < copy->count; i++) {
        const struct rig_entry *entry = &copy->entries[i];
        copy->copied_bytes += entry->state == RIG_ENTRY_GONE ? 0 : (uint64_t)entry->name_size + entry->value_size;
    }
    emit(run, RIG_EVENT_ENV_COPY, RIG_FACT_ALWAYS, site, copy, NULL, (struct rig_bytes){NULL, 0});
    return copy;
}

/* ---- the rest ---- */

void *rig_env_alloc_at(const char *site, struct rig_env *env, size_t size)
{
    struct rig_run *run = live(site, env, "rig_env_alloc");
    const size_t most = _Alignof(max_align_t);
    unsigned char *piece = run && size < SIZE_MAX - most ? rig_arena_alloc(&run->arena, size + most) : NULL;
    if (!piece) {
        return NULL;
    }
    unsigned char *aligned = piece + (most - (uintptr_t)piece % most) % most;
    rig_poison(aligned + size, most - (size_t)(aligned - piece));
    return memset(aligned, 0, size);
}

int rig_env_log_at(const char *site, struct rig_env *env, const char *format, ...)
{
    struct rig_run *run = live(site, env, "rig_env_log");
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    if (!format) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_env_log was given a NULL format");
    }
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    unsigned char *room = size < 0 ? NULL : rig_buffer_room(&run->log, (size_t)size + 1);
    if (room) {
        (void)vsnprintf((char *)room, (size_t)size + 1, format, arguments);
    }
    va_end(arguments);
    if (!room) {
        run->starved = true; /* hardly anybody looks at what a log call returns */
        return -ENOMEM;
    }
    size_t added = (size_t)size;
    if (added == 0 || room[added - 1] != '\n') {
        room[added++] = '\n';
    }
    run->log.size += added;
    run->log.data[run->log.size] = '\0';
    run->tally.logs++;
    emit(run, RIG_EVENT_LOG, RIG_FACT_ALWAYS, site, env, NULL, (struct rig_bytes){room, added});
    return 0;
}

int64_t rig_env_now(const struct rig_env *env)
{
    const struct rig_run *run = live(NULL, env, "rig_env_now");
    return run ? run->runner->now : 0;
}

uint64_t rig_env_serial(const struct rig_env *env)
{
    return env ? env->handle.serial : 0;
}

struct rig_input *rig_env_input_at(const char *site, struct rig_env *env)
{
    return live(site, env, "rig_env_input") ? env->input : NULL;
}
