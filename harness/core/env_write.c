/* Writing into an env, giving it another input, and copying it. */
#include "harness/core/cgi.h"
#include "harness/core/env_call.h"
#include "harness/http/rare.h"

#include <errno.h>

/* ---- writing ---- */

static void note_write(struct rig_run *run)
{
    struct rig_hop *hop = rig_run_hop(run);
    if (hop) {
        hop->env_writes++;
        run->tally.env_writes_below += hop->depth > 0;
    }
}

/* CGI's names begin with a capital; those of layers hardly ever do. */
static inline void note_name(struct rig_env *env, const char *name, size_t size)
{
    if (RIG_UNLIKELY(name[0] < 'a')) {
        rig_cgi_written(env, name, size);
    }
}

/* The entry of that name, made if absent. NULL: out of memory. */
static inline struct rig_entry *claim(struct rig_run *run, struct rig_env *env, const char *name, size_t size)
{
    uint32_t hash = rig_hash(name, size);
    struct rig_entry *entry = rig_env_seek(env, name, size, hash);
    if (entry) {
        return entry;
    }
    char *copy = rig_arena_copy(&run->arena, name, size);
    if (!copy || rig_env_put(env, copy, size, hash, NULL, 0) != 0) {
        return NULL;
    }
    return &env->entries[env->count - 1];
}

static RIG_APART struct rig_entry *overwrite(struct rig_run *run, struct rig_env *env, struct rig_entry *entry,
                                             const void *data, size_t size)
{
    char *copy = rig_arena_copy(&run->arena, data, size);
    if (!copy) {
        return NULL;
    }
    /* Who writes what stands there is not to blame for it. */
    if (entry->state != RIG_ENTRY_STRING || entry->value_size != size || memcmp(entry->value, data, size) != 0) {
        note_name(env, entry->name, entry->name_size);
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
    if (RIG_RARE(!strings)) {
        return NULL;
    }
    char *value = strings + name_size + 1;
    rig_copy_short(strings, name, name_size + 1);
    memcpy(value, data, size);
    value[size] = '\0';
    return rig_env_put(env, strings, name_size, hash, value, size) == 0 ? &env->entries[env->count - 1] : NULL;
}

/* Inlined into both of its callers: a fifth of its cost was the call. */
static inline __attribute__((always_inline)) int set(const char *site, struct rig_env *env, const char *name,
                                                     const void *data, size_t size, const char *call)
{
    struct rig_run *run = rig_env_live(site, env, call);
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    size_t name_size = name ? strlen(name) : 0;
    if (!rig_env_named(run, site, name, name_size, call)) {
        return -EINVAL;
    }
    uint32_t hash = rig_hash(name, name_size);
    struct rig_entry *entry = size < UINT32_MAX ? rig_env_seek(env, name, name_size, hash) : NULL;
    bool fresh = !entry;
    entry =
        RIG_LIKELY(fresh) ? add(run, env, name, name_size, hash, data, size) : overwrite(run, env, entry, data, size);
    if (RIG_RARE(!entry)) {
        return -ENOMEM;
    }
    entry->site = site;
    note_write(run);
    if (RIG_LIKELY(fresh)) {
        note_name(env, name, name_size);
    }
    rig_env_tell(run, RIG_EVENT_ENV_SET, RIG_FACT_ALWAYS, site, env, name, (struct rig_bytes){entry->value, size});
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
    struct rig_run *run = rig_env_live(site, env, "rig_env_unset");
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    size_t size = name ? strlen(name) : 0;
    if (!rig_env_named(run, site, name, size, "rig_env_unset")) {
        return -EINVAL;
    }
    struct rig_entry *entry = rig_env_seek(env, name, size, rig_hash(name, size));
    if (!entry) {
        return 0;
    }
    rig_env_drop(env, entry);
    entry->site = site;
    entry->hop = run->current_hop;
    note_write(run);
    note_name(env, name, size);
    rig_env_tell(run, RIG_EVENT_ENV_UNSET, RIG_FACT_ALWAYS, site, env, name, (struct rig_bytes){NULL, 0});
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
    struct rig_run *run = rig_env_live(site, env, "rig_env_set_object");
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    size_t size = name ? strlen(name) : 0;
    if (!rig_env_named(run, site, name, size, "rig_env_set_object")) {
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
    note_name(env, name, size);
    rig_env_tell(run, RIG_EVENT_ENV_SET, RIG_FACT_ALWAYS, site, env, name, (struct rig_bytes){NULL, 0});
    return 0;
}

/* ---- its input ---- */

int rig_env_set_input_at(const char *site, struct rig_env *env, struct rig_source source)
{
    struct rig_run *run = rig_env_live(site, env, "rig_env_set_input");
    int failed = 0;
    struct rig_input *input = NULL;
    if (!run) {
        failed = rig_live_error(env ? &env->handle : NULL);
    } else if (!source.read) {
        failed = rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_env_set_input needs a source with a read");
    } else {
        input = rig_input_new(run);
        failed = input ? 0 : -ENOMEM;
    }
    if (failed != 0) {
        if (source.close) {
            source.close(source.self);
        }
        return failed;
    }
    input->source = source;
    input->rewindable = source.rewind != NULL;
    input->replaced = true;
    env->input = input;
    rig_env_tell(run, RIG_EVENT_INPUT_REPLACE, RIG_FACT_ALWAYS, site, env, NULL, (struct rig_bytes){NULL, 0});
    return 0;
}

/* ---- the copy ---- */

struct rig_env *rig_env_copy_at(const char *site, const struct rig_env *env)
{
    struct rig_run *run = rig_env_live(site, env, "rig_env_copy");
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
    rig_cgi_copied(copy, env);
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
    rig_env_tell(run, RIG_EVENT_ENV_COPY, RIG_FACT_ALWAYS, site, copy, NULL, (struct rig_bytes){NULL, 0});
    return copy;
}
