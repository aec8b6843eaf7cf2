/* Where the brackets of a name say that a value goes. */
#include <string.h>

#include "harness/http/params.h"
#include "harness/http/slice.h"

/* A name's first key, and what comes behind it. */
struct key {
    struct rig_slice name, rest;
};

static bool starts(struct rig_slice text, const char *with)
{
    size_t size = strlen(with);
    return text.size >= size && memcmp(text.data, with, size) == 0;
}

/* The name up to its first bracket; one that it begins with is no bracket. */
static struct key outermost(struct rig_slice name)
{
    const char *bracket = name.size > 1 ? memchr(name.data + 1, '[', name.size - 1) : NULL;
    size_t size = bracket ? (size_t)(bracket - name.data) : name.size;
    return (struct key){{name.data, size}, rig_slice_after(name, size)};
}

/* What the first brackets hold; all of it where there is no pair of them. */
static struct key inner(struct rig_slice name)
{
    const char *end = starts(name, "[") ? memchr(name.data, ']', name.size) : NULL;
    if (!end) {
        return (struct key){name, rig_slice_after(name, name.size)};
    }
    if (end == name.data + 1) { /* no key: the brackets are it */
        return (struct key){{name.data, 2}, rig_slice_after(name, 2)};
    }
    size_t size = (size_t)(end - name.data);
    return (struct key){{name.data + 1, size - 1}, rig_slice_after(name, size + 1)};
}

/* Of "[][b]" it is b, of "[]..." otherwise what is left. */
static struct rig_slice name_in_element(struct rig_slice rest)
{
    struct rig_slice plain = {rest.data + 3, rest.size > 4 ? rest.size - 4 : 0};
    bool one_key = plain.size > 0 && rest.data[2] == '[' && rest.data[rest.size - 1] == ']' &&
                   !memchr(plain.data, '[', plain.size) && !memchr(plain.data, ']', plain.size);
    return one_key ? plain : rig_slice_after(rest, 2);
}

static struct rig_slice next_part(struct rig_slice *name)
{
    size_t skip = 0, size = 0;
    while (skip < name->size && (name->data[skip] == '[' || name->data[skip] == ']')) {
        skip++;
    }
    while (skip + size < name->size && name->data[skip + size] != '[' && name->data[skip + size] != ']') {
        size++;
    }
    struct rig_slice part = {name->data + skip, size};
    *name = rig_slice_after(*name, skip + size);
    return part;
}

static bool has_empty_brackets(struct rig_slice name)
{
    for (const char *at = name.data, *end = at + name.size; at < end; at++) {
        at = memchr(at, '[', (size_t)(end - at));
        if (!at) {
            return false;
        }
        if (end - at > 1 && at[1] == ']') {
            return true;
        }
    }
    return false;
}

/* Is there something at that name already? Then it belongs to the next element of the list. */
static bool is_taken(const struct rig_param *map, struct rig_slice name)
{
    if (has_empty_brackets(name)) {
        return false;
    }
    for (struct rig_slice part = next_part(&name); part.size > 0; part = next_part(&name)) {
        map = map->kind == RIG_PARAM_MAP ? rig_param_find(map, part) : NULL;
        if (!map) {
            return false;
        }
    }
    return true;
}

static int set(struct rig_params *params, struct rig_param *map, struct rig_slice key, struct rig_param value)
{
    struct rig_param *item = rig_param_ensure(params, map, key);
    if (!item) {
        return -ENOMEM;
    }
    rig_param_set(item, value);
    return 0;
}

static int push(struct rig_params *params, struct rig_param *list, struct rig_param value)
{
    struct rig_param *item = rig_param_append(params, list, (struct rig_slice){NULL, 0});
    if (!item) {
        return -ENOMEM;
    }
    rig_param_set(item, value);
    return 0;
}

/* The map or list with that key; a name without a value may still become one. */
static int enter(struct rig_params *params, struct rig_param **map, struct rig_slice key, enum rig_param_kind kind)
{
    struct rig_param *item = rig_param_ensure(params, *map, key);
    if (!item) {
        return -ENOMEM;
    }
    if (rig_param_is_nothing(item)) {
        item->kind = kind;
    }
    *map = item;
    return item->kind == kind ? 0 : RIG_QUERY_TYPE_CONFLICT;
}

/* a[][]=1: a list in the list. Where the last element is a map, Rack drops it, and so do we. */
static int push_list(struct rig_params *params, struct rig_param *list, struct rig_param value)
{
    struct rig_param *last = rig_param_last(list);
    if (last && last->kind == RIG_PARAM_MAP) {
        return 0;
    }
    int result = push(params, list, (struct rig_param){.kind = RIG_PARAM_LIST});
    return result == 0 ? push(params, rig_param_last(list), value) : result;
}

/* The element of the list that name belongs to: the last, or a new one where that has it. */
static int enter_element(struct rig_params *params, struct rig_param **list, struct rig_slice name)
{
    struct rig_param *last = rig_param_last(*list);
    if (!last || last->kind != RIG_PARAM_MAP || is_taken(last, name)) {
        int result = push(params, *list, (struct rig_param){.kind = RIG_PARAM_MAP});
        if (result != 0) {
            return result;
        }
    }
    *list = rig_param_last(*list);
    return 0;
}

/* One level of brackets. 1: more of *name is left, for the map that *at is now. */
static int descend(struct rig_params *params, struct rig_param **at, struct key key, struct rig_slice *name,
                   struct rig_param value)
{
    if ((*at)->kind == RIG_PARAM_LIST) { /* of which "[]" is left */
        return push_list(params, *at, value);
    }
    if (key.rest.size == 0) {
        return set(params, *at, key.name, value);
    }
    if (rig_slice_is(key.rest, "[")) { /* the bracket is part of the name */
        return set(params, *at, *name, value);
    }
    bool list = starts(key.rest, "[]");
    int result = enter(params, at, key.name, list ? RIG_PARAM_LIST : RIG_PARAM_MAP);
    if (result != 0) {
        return result;
    }
    if (!list) {
        *name = key.rest;
        return 1;
    }
    if (rig_slice_is(key.rest, "[]")) {
        return push(params, *at, value);
    }
    *name = name_in_element(key.rest);
    result = rig_slice_is(*name, "[]") ? 0 : enter_element(params, at, *name);
    return result == 0 ? 1 : result;
}

int rig_param_nest(struct rig_params *params, struct rig_slice name, struct rig_param value)
{
    struct rig_param *at = &params->root;
    int result = name.size > 0;
    for (size_t depth = 0; result == 1; depth++) {
        if (depth >= params->limits.depth) {
            return RIG_QUERY_TOO_DEEP;
        }
        struct key key = depth == 0 ? outermost(name) : inner(name);
        result = descend(params, &at, key, &name, value);
    }
    return result;
}
