/* What every call on an env begins and ends with; inline, for a request makes dozens of them. */
#ifndef STACKRIG_CORE_ENV_CALL_H
#define STACKRIG_CORE_ENV_CALL_H

#include "harness/core/env_index.h"
#include "harness/core/hash.h"
#include "harness/http/rare.h"

static inline uint64_t rig_differing_bits(const char *a, const char *b, size_t at)
{
    return rig_hash_load(a + at, 8) ^ rig_hash_load(b + at, 8);
}

/* Names are short: two or four words that overlap, or a call for the rest. */
static inline bool rig_env_same_bytes(const char *a, const char *b, size_t size)
{
    if (size - 8 > 24) {
        return memcmp(a, b, size) == 0;
    }
    uint64_t differ = rig_differing_bits(a, b, 0) | rig_differing_bits(a, b, size - 8);
    if (size > 16) {
        differ |= rig_differing_bits(a, b, 8) | rig_differing_bits(a, b, size - 16);
    }
    return differ == 0;
}

static inline struct rig_entry *rig_env_seek(const struct rig_env *env, const char *name, size_t size, uint32_t hash)
{
    if (RIG_UNLIKELY(env->index)) {
        return rig_env_index_find(env, name, size, hash);
    }
    for (uint32_t at = env->heads[hash & (RIG_ENV_HEADS - 1)]; at != 0; at = env->entries[at - 1].index) {
        struct rig_entry *entry = &env->entries[at - 1];
        if (entry->hash == hash && entry->name_size == size && rig_env_same_bytes(entry->name, name, size)) {
            return entry;
        }
    }
    return NULL;
}

static inline struct rig_run *rig_env_live(const char *site, const struct rig_env *env, const char *call)
{
    return env && env->handle.run ? env->handle.run : rig_live(site, env ? &env->handle : NULL, RIG_HANDLE_ENV, call);
}

#define RIG_ENV_NAME_MAX UINT16_MAX

/* Tells what is wrong with the name: false. */
RIG_COLD bool rig_env_misnamed(struct rig_run *run, const char *site, const char *name, size_t size, const char *call);

static inline bool rig_env_named(struct rig_run *run, const char *site, const char *name, size_t size, const char *call)
{
    if (RIG_RARE(size - 1 >= RIG_ENV_NAME_MAX)) {
        rig_env_misnamed(run, site, name, size, call);
        return false;
    }
    return true;
}

/* Out of line: an event is made only for those who want it. */
RIG_COLD void rig_env_tell_wanted(struct rig_run *run, enum rig_event_kind kind, uint32_t facts, const char *site,
                                  const struct rig_env *env, const char *name, struct rig_bytes value);

static inline void rig_env_tell(struct rig_run *run, enum rig_event_kind kind, uint32_t facts, const char *site,
                                const struct rig_env *env, const char *name, struct rig_bytes value)
{
    if (rig_is_wanted(run, kind, facts)) {
        rig_env_tell_wanted(run, kind, facts, site, env, name, value);
    }
}

#endif
