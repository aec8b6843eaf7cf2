/* The index of an env that has grown past a few dozen names. */
#ifndef STACKRIG_CORE_ENV_INDEX_H
#define STACKRIG_CORE_ENV_INDEX_H

#include "harness/core/run.h"

int rig_env_index_build(struct rig_env *env); /* 0 or -ENOMEM; on failure there is no index */
int rig_env_index_add(struct rig_env *env, uint32_t entry);
void rig_env_index_remove(struct rig_env *env, uint32_t entry);
struct rig_entry *rig_env_index_find(const struct rig_env *env, const char *name, size_t size, uint32_t hash);

#endif
