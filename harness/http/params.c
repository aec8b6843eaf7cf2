#include "harness/http/params.h"

#include <string.h>

#include <stackrig/http/percent.h>

struct rig_params *rig_params_new(struct rig_query_options options)
{
    struct rig_params *params = rig_allocate(&options.allocator, sizeof *params);
    if (!params) {
        return NULL;
    }
    *params = (struct rig_params){
        .region = {.allocator = options.allocator}, .limits = options.limits, .root = {.kind = RIG_PARAM_MAP}};
    struct rig_query_limits *limits = &params->limits;
    limits->params = limits->params ? limits->params : RIG_QUERY_DEFAULT_PARAMS;
    limits->depth = limits->depth ? limits->depth : RIG_QUERY_DEFAULT_DEPTH;
    return params;
}

void rig_params_free(struct rig_params *params)
{
    if (params) {
        struct rig_allocator allocator = params->region.allocator;
        rig_region_free(&params->region);
        rig_release(&allocator, params);
    }
}

const struct rig_param *rig_params_root(const struct rig_params *params)
{
    return &params->root;
}

int rig_params_add(struct rig_params *params, const char *name, size_t name_size, struct rig_param value)
{
    if (params->pairs++ >= params->limits.params) {
        return RIG_QUERY_TOO_MANY;
    }
    struct rig_param plain = {.value = value.value, .bytes = value.bytes, .file = value.file};
    if (plain.value) {
        plain.bytes = (struct rig_bytes){plain.value, strlen(plain.value)};
    }
    return rig_param_nest(params, (struct rig_slice){name, name_size}, plain);
}

const struct rig_param *rig_param_get(const struct rig_param *map, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; map->kind == RIG_PARAM_MAP && i < map->item_count; i++) {
        const struct rig_param *item = &map->items[i];
        size_t item_size = !item->name ? SIZE_MAX : item->name_size ? item->name_size : strlen(item->name);
        if (item_size == size && memcmp(item->name, name, size) == 0) {
            return item;
        }
    }
    return NULL;
}

/* ---- a query, pair by pair, into the tree ---- */

struct reading {
    struct rig_params *params;
    enum rig_query_shape shape;
};

/* The decoded name, until the next one; keys are copied where they are new. */
static bool decode_name(struct rig_params *params, struct rig_slice *name)
{
    if (name->size > params->scratch_size) {
        size_t size = name->size > 256 ? name->size * 2 : 512;
        params->scratch = rig_region_alloc(&params->region, size);
        params->scratch_size = params->scratch ? size : 0;
    }
    if (name->size > 0 && !params->scratch) {
        return false;
    }
    if (name->size > 0) {
        *name = (struct rig_slice){params->scratch, rig_percent_decode(name->data, name->size, true, params->scratch)};
    }
    return true;
}

static bool decode_value(struct rig_params *params, struct rig_slice text, struct rig_param *value)
{
    if (!text.data) {
        return true;
    }
    char *copy = rig_region_alloc(&params->region, text.size + 1);
    if (!copy) {
        return false;
    }
    size_t size = rig_percent_decode(text.data, text.size, true, copy);
    copy[size] = '\0';
    value->bytes = (struct rig_bytes){copy, size};
    value->value = memchr(copy, 0, size) ? NULL : copy;
    return true;
}

/* A name's second value makes a list of it. */
static int add_flat(struct rig_params *params, struct rig_slice name, struct rig_param value)
{
    struct rig_param *item = rig_param_find(&params->root, name);
    if (!item) {
        item = rig_param_append(params, &params->root, name);
    } else if (item->kind == RIG_PARAM_VALUE) {
        struct rig_param first = *item, *element;
        rig_param_set(item, (struct rig_param){.kind = RIG_PARAM_LIST});
        element = rig_param_append(params, item, (struct rig_slice){NULL, 0});
        if (!element) {
            return -ENOMEM;
        }
        rig_param_set(element, first);
        item = rig_param_append(params, item, (struct rig_slice){NULL, 0});
    } else {
        item = rig_param_append(params, item, (struct rig_slice){NULL, 0});
    }
    if (!item) {
        return -ENOMEM;
    }
    rig_param_set(item, value);
    return 0;
}

static int add_pair(struct rig_params *params, struct rig_slice name, struct rig_param value)
{
    struct rig_param *item = rig_param_append(params, &params->root, name);
    if (!item) {
        return -ENOMEM;
    }
    rig_param_set(item, value);
    return 0;
}

static int add(void *closure, struct rig_pair pair)
{
    struct reading *reading = closure;
    struct rig_param value = {.value = NULL};
    if (!decode_name(reading->params, &pair.name) || !decode_value(reading->params, pair.value, &value)) {
        return -ENOMEM;
    }
    switch (reading->shape) {
    case RIG_QUERY_FLAT:
        return add_flat(reading->params, pair.name, value);
    case RIG_QUERY_PAIRS:
        return add_pair(reading->params, pair.name, value);
    case RIG_QUERY_NESTED:
    default:
        return rig_param_nest(reading->params, pair.name, value);
    }
}

int rig_query_parse(const char *query, size_t size, struct rig_query_options options, struct rig_params **params)
{
    struct reading reading = {rig_params_new(options), options.shape};
    *params = reading.params;
    if (!reading.params) {
        return -ENOMEM;
    }
    int result = rig_query_each(query, size, options, add, &reading);
    if (result != 0) {
        rig_params_free(reading.params);
        *params = NULL;
    }
    return result;
}
