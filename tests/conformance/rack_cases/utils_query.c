/* Queries: parsed and built. */
#include "tests/conformance/rack_cases/requests.h"
#include "tests/conformance/rack_cases/utils.h"

/* ---- parameters as the format writes them ---- */

static json_t *to_json(const struct rig_param *param);

static json_t *pairs_of(const struct rig_param *map)
{
    json_t *pairs = json_array();
    for (size_t i = 0; i < map->item_count; i++) {
        const struct rig_param *item = &map->items[i];
        json_array_append_new(pairs, json_pack("[o, o]", rack_value(item->name, item->name_size), to_json(item)));
    }
    return pairs;
}

static json_t *to_json(const struct rig_param *param)
{
    if (param->kind == RIG_PARAM_MAP) {
        return json_pack("{s: o}", "map", pairs_of(param));
    }
    if (param->kind == RIG_PARAM_LIST) {
        json_t *list = json_array();
        for (size_t i = 0; i < param->item_count; i++) {
            json_array_append_new(list, to_json(&param->items[i]));
        }
        return list;
    }
    return rack_value(param->bytes.data, param->bytes.size);
}

/* ---- parsing ---- */

static json_t *outcome(const struct rack_case *rack, const struct rig_param *root, enum rig_query_shape shape)
{
    if (json_object_get(rack->expect, "accepted")) {
        return json_pack("{s: b, s: I}", "accepted", 1, "entries", (json_int_t)root->item_count);
    }
    return rack_ret(shape == RIG_QUERY_PAIRS ? pairs_of(root) : to_json(root));
}

static json_t *parse(struct rack_case *rack, const json_t *input, enum rig_query_shape shape)
{
    struct rig_params *params;
    struct rig_bytes query = rack_bytes(rack, rack_arg(rack, input, 0, 2));
    struct rig_query_options options = {.shape = shape, .separators = rack_string(rack, rack_arg(rack, input, 1, 2))};
    int result = rig_query_parse(query.data, query.size, options, &params);
    if (result != 0) {
        const char *name = rig_query_error_name(result);
        return name ? rack_error(name) : rack_wrong(rack, "out of memory");
    }
    json_t *value = outcome(rack, rig_params_root(params), shape);
    rig_params_free(params);
    return value;
}

static json_t *parse_query(struct rack_case *rack, const json_t *input)
{
    return parse(rack, input, RIG_QUERY_FLAT);
}

static json_t *parse_query_pairs(struct rack_case *rack, const json_t *input)
{
    return parse(rack, input, RIG_QUERY_PAIRS);
}

static json_t *parse_nested_query(struct rack_case *rack, const json_t *input)
{
    return parse(rack, input, RIG_QUERY_NESTED);
}

/* ---- building ---- */

static json_t *build(struct rack_case *rack, const json_t *input, enum rig_query_style style)
{
    struct rig_param root = rack_param(rack, rack_arg(rack, input, 0, 1), false);
    if (rack_param_has_file(&root)) {
        return rack_wrong(rack, "a file in a query");
    }
    size_t size = rig_query_build(&root, style, NULL, 0);
    if (size == SIZE_MAX) {
        return rack_error("invalid_argument");
    }
    char *out = rack_alloc(rack, size + 1);
    rig_query_build(&root, style, out, size);
    return rack_ret(rack_value(out, size));
}

static json_t *build_query(struct rack_case *rack, const json_t *input)
{
    return build(rack, input, RIG_QUERY_STYLE_FLAT);
}

static json_t *build_nested_query(struct rack_case *rack, const json_t *input)
{
    return build(rack, input, RIG_QUERY_STYLE_NESTED);
}

static json_t *session_build_nested_query(struct rack_case *rack, const json_t *input)
{
    return build(rack, input, RIG_QUERY_STYLE_PLAIN);
}

const struct rack_util rack_utils_query[] = {
    {"parse_query", parse_query},
    {"parse_query_pairs", parse_query_pairs},
    {"parse_nested_query", parse_nested_query},
    {"build_query", build_query},
    {"build_nested_query", build_nested_query},
    {"session_build_nested_query", session_build_nested_query},
    {NULL, NULL},
};
