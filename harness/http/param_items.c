/* The items of a map or list, behind a head that only their owner knows: room to grow, and an index of the keys of a map
 * that is searched. */
#include <string.h>

#include "harness/http/key_index.h"
#include "harness/http/params.h"

#define INDEX_FROM 16 /* fewer are compared one by one */
#define ITEMS_MAX ((size_t)1 << 30)

struct box {
    size_t capacity;
    struct rig_key_index index; /* of a map with more than INDEX_FROM items */
    struct rig_param items[];
};

static struct box *box_of(const struct rig_param *parent)
{
    return (struct box *)((uintptr_t)parent->items - offsetof(struct box, items));
}

static struct rig_slice key_at(const void *closure, uint32_t place)
{
    const struct box *box = closure;
    return (struct rig_slice){box->items[place].name, box->items[place].name_size};
}

struct rig_param *rig_param_find(const struct rig_param *map, struct rig_slice key)
{
    struct box *box = map->item_count > 0 ? box_of(map) : NULL;
    if (map->item_count > INDEX_FROM) {
        while (box->index.count < map->item_count) {
            rig_key_add(&box->index, key_at(box, box->index.count), key_at, box);
        }
        uint32_t place = rig_key_find(&box->index, key, key_at, box);
        return place == RIG_KEY_NONE ? NULL : &box->items[place];
    }
    for (size_t i = 0; i < map->item_count; i++) {
        if (box->items[i].name_size == key.size && memcmp(box->items[i].name, key.data, key.size) == 0) {
            return &box->items[i];
        }
    }
    return NULL;
}

static size_t larger(size_t capacity)
{
    return capacity == 0 ? 1 : capacity == 1 ? 4 : capacity * 2;
}

/* The forks of the index move along, if there are any. */
static bool grow_index(struct rig_params *params, struct box *box, const struct box *old)
{
    if (box->capacity <= INDEX_FROM) {
        return true;
    }
    struct rig_key_fork *forks = rig_region_alloc(&params->region, box->capacity * sizeof *forks);
    if (forks && old->index.count > 0) {
        memcpy(forks, old->index.forks, (old->index.count - 1) * sizeof *forks);
    }
    box->index = old->index;
    box->index.forks = forks;
    return forks != NULL;
}

static bool grow(struct rig_params *params, struct rig_param *parent)
{
    static const struct box none = {0};
    const struct box *old = parent->item_count > 0 ? box_of(parent) : &none;
    size_t capacity = larger(old->capacity);
    struct box *box =
        capacity <= ITEMS_MAX ? rig_region_alloc(&params->region, sizeof *box + capacity * sizeof box->items[0]) : NULL;
    if (!box) {
        return false;
    }
    *box = (struct box){.capacity = capacity};
    if (!grow_index(params, box, old)) {
        return false;
    }
    if (parent->item_count > 0) {
        memcpy(box->items, old->items, parent->item_count * sizeof box->items[0]);
    }
    parent->items = box->items;
    return true;
}

struct rig_param *rig_param_append(struct rig_params *params, struct rig_param *parent, struct rig_slice key)
{
    struct rig_param item = {.name_size = key.size};
    if (key.data && !(item.name = rig_region_text(&params->region, key.data, key.size))) {
        return NULL;
    }
    bool full = parent->item_count == 0 || parent->item_count == box_of(parent)->capacity;
    if (full && !grow(params, parent)) {
        return NULL;
    }
    struct box *box = box_of(parent);
    box->items[parent->item_count++] = item;
    return &box->items[parent->item_count - 1];
}

struct rig_param *rig_param_ensure(struct rig_params *params, struct rig_param *map, struct rig_slice key)
{
    struct rig_param *found = rig_param_find(map, key);
    return found ? found : rig_param_append(params, map, key);
}

struct rig_param *rig_param_last(const struct rig_param *list)
{
    return list->item_count > 0 ? &box_of(list)->items[list->item_count - 1] : NULL;
}

bool rig_param_is_nothing(const struct rig_param *param)
{
    return param->kind == RIG_PARAM_VALUE && !param->value && !param->bytes.data && !param->file;
}

void rig_param_set(struct rig_param *param, struct rig_param value)
{
    value.name = param->name;
    value.name_size = param->name_size;
    *param = value;
}
