/* An env: its entries, reading, and what a request has beside them. env_write.c writes. */
#include "harness/core/env_call.h"
#include "harness/http/rare.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- entries ---- */

struct rig_entry *rig_env_find(const struct rig_env *env, const char *name, size_t size, uint32_t hash)
{
    return rig_env_seek(env, name, size, hash);
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

void rig_env_shape_add(struct rig_env_shape *shape, const char *name, const char *value)
{
    size_t size = strlen(name);
    uint32_t hash = rig_hash(name, size);
    uint8_t *head = &shape->heads[hash & (RIG_ENV_HEADS - 1)];
    shape->entries[shape->count] = (struct rig_entry){.name = name,
                                                      .value = value,
                                                      .value_size = (uint32_t)strlen(value),
                                                      .hash = hash,
                                                      .hop = RIG_NO_HOP,
                                                      .name_size = (uint16_t)size,
                                                      .index = *head,
                                                      .state = RIG_ENTRY_STRING};
    *head = (uint8_t)++shape->count;
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

/* ---- the slow sides of every call ---- */

bool rig_env_misnamed(struct rig_run *run, const char *site, const char *name, size_t size, const char *call)
{
    if (name && size > 0) {
        (void)rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, site, "%s was given a name of %zu bytes: at most %d", call, size,
                         RIG_ENV_NAME_MAX);
    } else if (name) {
        (void)rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, site, "%s was given an empty name", call);
    } else {
        (void)rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "%s was given a NULL name", call);
    }
    return false;
}

void rig_env_tell_wanted(struct rig_run *run, enum rig_event_kind kind, uint32_t facts, const char *site,
                         const struct rig_env *env, const char *name, struct rig_bytes value)
{
    rig_emit(run, &(struct rig_event){.kind = kind,
                                      .facts = facts,
                                      .site = site,
                                      .env = env,
                                      .name = name,
                                      .value = value.data,
                                      .size = value.size});
}

/* ---- reading ---- */

static RIG_COLD void tell_read(struct rig_run *run, const char *site, const struct rig_env *env, const char *name,
                               const struct rig_entry *entry)
{
    struct rig_bytes value = {entry ? entry->value : NULL, entry ? entry->value_size : 0};
    rig_env_tell_wanted(run, RIG_EVENT_ENV_GET, RIG_FACT_ALWAYS, site, env, name, value);
}

static inline const struct rig_entry *look_up(const char *site, const struct rig_env *env, const char *name,
                                              const char *call)
{
    struct rig_run *run = rig_env_live(site, env, call);
    size_t size = name ? strlen(name) : 0;
    if (!run || !rig_env_named(run, site, name, size, call)) {
        return NULL;
    }
    const struct rig_entry *entry = rig_env_seek(env, name, size, rig_hash(name, size));
    struct rig_hop *hop = rig_run_hop(run);
    if (hop) {
        hop->env_reads++;
    }
    if (rig_is_wanted(run, RIG_EVENT_ENV_GET, RIG_FACT_ALWAYS)) {
        tell_read(run, site, env, name, entry);
    }
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
    struct rig_run *run = rig_env_live(site, env, "rig_env_each");
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

/* ---- the rest ---- */

void *rig_env_alloc_at(const char *site, struct rig_env *env, size_t size)
{
    struct rig_run *run = rig_env_live(site, env, "rig_env_alloc");
    const size_t most = _Alignof(max_align_t);
    unsigned char *piece = run && size < SIZE_MAX - most ? rig_arena_alloc(&run->arena, size + most) : NULL;
    if (!piece) {
        return NULL;
    }
    unsigned char *aligned = piece + (most - (uintptr_t)piece % most) % most;
    rig_poison(aligned + size, most - (size_t)(aligned - piece));
    return memset(aligned, 0, size);
}

/* Without memory for it the entry is nobody's. */
static void note_logged(struct rig_run *run, const char *site)
{
    struct rig_report *report = run->report;
    struct rig_logged *logged = rig_arena_alloc(run->results, sizeof *logged);
    if (logged) {
        *logged = (struct rig_logged){.end = run->log.size, .hop = run->current_hop, .site = site};
        *(report->logged ? &report->logged_last->next : &report->logged) = logged;
        report->logged_last = logged;
    }
}

/* size bytes stand behind the log's end, where there was room for them. */
static void tell_log(struct rig_run *run, struct rig_env *env, const char *site, unsigned char *room, size_t size)
{
    room[size] = '\0';
    run->log.size += size;
    run->tally.logs++;
    note_logged(run, site);
    rig_env_tell(run, RIG_EVENT_LOG, RIG_FACT_ALWAYS, site, env, NULL, (struct rig_bytes){room, size});
}

int rig_env_log_write_at(const char *site, struct rig_env *env, const void *data, size_t size)
{
    struct rig_run *run = rig_env_live(site, env, "rig_env_log_write");
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    if (!data && size > 0) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_env_log_write was given NULL data");
    }
    unsigned char *room = rig_buffer_room(&run->log, size);
    if (!room) {
        run->starved = true;
        return -ENOMEM;
    }
    if (size > 0) {
        memcpy(room, data, size);
    }
    tell_log(run, env, site, room, size);
    return 0;
}

int rig_env_log_at(const char *site, struct rig_env *env, const char *format, ...)
{
    struct rig_run *run = rig_env_live(site, env, "rig_env_log");
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
    tell_log(run, env, site, room, added);
    return 0;
}

int64_t rig_env_now(const struct rig_env *env)
{
    const struct rig_run *run = rig_env_live(NULL, env, "rig_env_now");
    return run ? run->runner->now : 0;
}

uint64_t rig_env_serial(const struct rig_env *env)
{
    return env ? env->handle.serial : 0;
}

struct rig_input *rig_env_input_at(const char *site, struct rig_env *env)
{
    return rig_env_live(site, env, "rig_env_input") ? env->input : NULL;
}
