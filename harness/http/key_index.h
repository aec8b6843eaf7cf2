/* Which place a key has, in time that depends on the key's size alone: a tree over the bits in which keys differ
 * (crit-bit), so that no choice of keys makes it slow, as colliding hashes would. */
#ifndef RIG_HTTP_KEY_INDEX_H
#define RIG_HTTP_KEY_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include <stackrig/base.h>

/* A fork: keys with that bit of the byte at `at` on one side, those without it on the other. */
struct rig_key_fork {
    size_t at;
    uint16_t bit;
    uint32_t child[2]; /* a fork, or a place with RIG_KEY_PLACE set */
};

#define RIG_KEY_PLACE 0x80000000u
#define RIG_KEY_NONE UINT32_MAX

/* Over places 0, 1, 2, ..., whose keys get() tells. All zero: empty. */
struct rig_key_index {
    struct rig_key_fork *forks; /* the owner's; room for count - 1 of them when a key is added */
    uint32_t root, count;
};

typedef struct rig_slice rig_key_fn(const void *closure, uint32_t place);

/* The place of key, or RIG_KEY_NONE. */
uint32_t rig_key_find(const struct rig_key_index *index, struct rig_slice key, rig_key_fn *get, const void *closure);
/* key, not in it yet, gets the place index->count. */
void rig_key_add(struct rig_key_index *index, struct rig_slice key, rig_key_fn *get, const void *closure);

#endif
