#include "harness/http/key_index.h"

/* One symbol behind the last byte is 0 and every byte is more, so that no key is the beginning of another. */
static unsigned symbol(struct rig_slice key, size_t at)
{
    return at < key.size ? 0x100u | (unsigned char)key.data[at] : 0;
}

static unsigned side(const struct rig_key_fork *fork, struct rig_slice key)
{
    return (symbol(key, fork->at) & fork->bit) != 0;
}

/* The place whose key has the same bits at every fork on the way: the only one that can be equal. */
static uint32_t nearest(const struct rig_key_index *index, struct rig_slice key)
{
    uint32_t at = index->root;
    while (!(at & RIG_KEY_PLACE)) {
        at = index->forks[at].child[side(&index->forks[at], key)];
    }
    return at & ~RIG_KEY_PLACE;
}

/* The first symbol that differs; SIZE_MAX: none. */
static size_t difference(struct rig_slice a, struct rig_slice b)
{
    for (size_t i = 0; i < a.size || i < b.size; i++) {
        if (symbol(a, i) != symbol(b, i)) {
            return i;
        }
    }
    return SIZE_MAX;
}

uint32_t rig_key_find(const struct rig_key_index *index, struct rig_slice key, rig_key_fn *get, const void *closure)
{
    if (index->count == 0) {
        return RIG_KEY_NONE;
    }
    uint32_t place = nearest(index, key);
    return difference(key, get(closure, place)) == SIZE_MAX ? place : RIG_KEY_NONE;
}

static uint16_t highest_bit(unsigned symbols)
{
    unsigned bit = 0x100;
    while (!(symbols & bit)) {
        bit >>= 1;
    }
    return (uint16_t)bit;
}

/* Does the fork look at a later bit? Then the new one goes above it. */
static bool is_below(const struct rig_key_fork *fork, const struct rig_key_fork *other)
{
    return fork->at > other->at || (fork->at == other->at && fork->bit < other->bit);
}

void rig_key_add(struct rig_key_index *index, struct rig_slice key, rig_key_fn *get, const void *closure)
{
    uint32_t place = index->count++ | RIG_KEY_PLACE;
    if (index->count == 1) {
        index->root = place;
        return;
    }
    struct rig_slice other = get(closure, nearest(index, key));
    struct rig_key_fork new = {.at = difference(key, other)};
    new.bit = highest_bit(symbol(key, new.at) ^ symbol(other, new.at));
    uint32_t *link = &index->root;
    while (!(*link & RIG_KEY_PLACE) && !is_below(&index->forks[*link], &new)) {
        struct rig_key_fork *fork = &index->forks[*link];
        link = &fork->child[side(fork, key)];
    }
    unsigned mine = side(&new, key);
    new.child[mine] = place;
    new.child[!mine] = *link;
    *link = index->count - 2;
    index->forks[*link] = new;
}
