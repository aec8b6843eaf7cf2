#include "harness/core/env_index.h"

#include <errno.h>

/* uthash cuts its memory from the request's arena, which a function names `arena`; what it frees goes with the arena.
 * Out of memory must not end the process: the item then has no table. */
#define HASH_NONFATAL_OOM 1
#define uthash_malloc(size_) rig_arena_alloc(arena, size_)
#define uthash_free(memory_, size_) ((void)(memory_))
#include <uthash.h>

struct item {
    uint32_t entry;
    UT_hash_handle hh;
};

struct rig_env_index {
    struct item *items;
};

int rig_env_index_add(struct rig_env *env, uint32_t entry)
{
    struct rig_arena *arena = &env->handle.run->arena;
    struct item *item = rig_arena_zeroed(arena, sizeof *item);
    if (!item) {
        return -ENOMEM;
    }
    const struct rig_entry *what = &env->entries[entry];
    item->entry = entry;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, env->index->items, what->name, what->name_size, what->hash, item);
    return item->hh.tbl ? 0 : -ENOMEM;
}

int rig_env_index_build(struct rig_env *env)
{
    env->index = rig_arena_zeroed(&env->handle.run->arena, sizeof *env->index);
    if (!env->index) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < env->count; i++) {
        if (env->entries[i].state != RIG_ENTRY_GONE && rig_env_index_add(env, i) != 0) {
            env->index = NULL;
            return -ENOMEM;
        }
    }
    return 0;
}

static struct item *find_item(const struct rig_env *env, const char *name, size_t size, uint32_t hash)
{
    struct item *found = NULL;
    HASH_FIND_BYHASHVALUE(hh, env->index->items, name, size, hash, found);
    return found;
}

void rig_env_index_remove(struct rig_env *env, uint32_t entry)
{
    const struct rig_entry *what = &env->entries[entry];
    struct item *item = find_item(env, what->name, what->name_size, what->hash);
    if (item) {
        HASH_DEL(env->index->items, item);
    }
}

struct rig_entry *rig_env_index_find(const struct rig_env *env, const char *name, size_t size, uint32_t hash)
{
    const struct item *item = find_item(env, name, size, hash);
    return item ? &env->entries[item->entry] : NULL;
}
