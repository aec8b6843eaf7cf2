/* What a client would like: media types, q-values, ranges; and Forwarded. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <stackrig/http/forwarded.h>
#include <stackrig/http/media_type.h>
#include <stackrig/http/negotiate.h>
#include <stackrig/http/range.h>

#include "tests/conformance/rack_cases/utils.h"

static const char *const *names(struct rack_case *rack, const json_t *list)
{
    size_t count = json_array_size(list);
    const char **out = rack_alloc(rack, (count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        out[i] = rack_string(rack, json_array_get(list, i));
    }
    return out;
}

static json_t *chosen(const json_t *list, int index)
{
    return rack_ret(index < 0 ? json_null() : json_deep_copy(json_array_get(list, (size_t)index)));
}

/* ---- q ---- */

static int add_quality(void *closure, struct rig_slice value, double quality)
{
    json_array_append_new(closure, json_pack("[o, f]", rack_value(value.data, value.size), quality));
    return 0;
}

static json_t *q_values(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes text = rack_bytes(rack, rack_arg(rack, input, 0, 1));
    json_t *list = json_array();
    rig_quality_each(text.data, text.size, add_quality, list);
    return rack_ret(list);
}

static json_t *best_q_match(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes accept = rack_bytes(rack, rack_arg(rack, input, 0, 2));
    const json_t *types = rack_arg(rack, input, 1, 2);
    return chosen(types, rig_best_media_type(accept.data, accept.size, names(rack, types), json_array_size(types)));
}

/* Rack takes the header's values; we the header. */
static const char *header_of(struct rack_case *rack, const json_t *values)
{
    const char *header = "";
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *value = json_array_get(values, i);
        header = rack_print(rack, "%s%s%s;q=%.3f", header, i > 0 ? ", " : "",
                            rack_string(rack, json_array_get(value, 0)), json_number_value(json_array_get(value, 1)));
    }
    return header;
}

static json_t *select_best_encoding(struct rack_case *rack, const json_t *input)
{
    const json_t *encodings = rack_arg(rack, input, 0, 2);
    const char *header = header_of(rack, rack_arg(rack, input, 1, 2));
    return chosen(encodings,
                  rig_best_encoding(header, strlen(header), names(rack, encodings), json_array_size(encodings)));
}

/* ---- media types ---- */

static json_t *mime_match(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes type = rack_bytes(rack, rack_arg(rack, input, 0, 2)),
                     range = rack_bytes(rack, rack_arg(rack, input, 1, 2));
    return rack_ret(json_boolean(rig_media_type_matches(type.data, type.size, range.data, range.size)));
}

static json_t *mime_type(struct rack_case *rack, const json_t *input)
{
    const char *extension = rack_string(rack, rack_arg(rack, input, 0, 2));
    const json_t *fallback = rack_arg(rack, input, 1, 2);
    const char *type = rig_media_type_of(extension);
    if (!type && fallback) {
        return rack_ret(json_deep_copy(fallback));
    }
    return rack_ret(rack_text(type ? type : "application/octet-stream"));
}

static json_t *media_type(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes text = rack_bytes(rack, rack_arg(rack, input, 0, 1));
    char *type = rack_alloc(rack, text.size + 1);
    size_t size = rig_media_type(text.data, text.size, type, text.size);
    return rack_ret(size > 0 ? rack_value(type, size) : json_null());
}

/* Of a repeated name the last counts, in the place of the first. */
static void put(json_t *pairs, json_t *name, json_t *value)
{
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        json_t *pair = json_array_get(pairs, i);
        if (json_equal(json_array_get(pair, 0), name)) {
            json_array_set_new(pair, 1, value);
            json_decref(name);
            return;
        }
    }
    json_array_append_new(pairs, json_pack("[o, o]", name, value));
}

static json_t *unquoted(struct rig_slice text)
{
    char out[4096];
    size_t size = rig_unquote(text.data, text.size, NULL);
    if (size > sizeof out || !text.data) {
        return rack_text("");
    }
    return rack_value(out, rig_unquote(text.data, text.size, out));
}

static int add_param(void *closure, struct rig_pair pair)
{
    char name[256];
    size_t size = rig_media_type(pair.name.data, pair.name.size, name, sizeof name); /* in lower case */
    put(closure, rack_value(name, size), unquoted(pair.value));
    return 0;
}

static json_t *media_type_params(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes text = rack_bytes(rack, rack_arg(rack, input, 0, 1));
    json_t *pairs = json_array();
    rig_media_type_each(text.data, text.size, add_param, pairs);
    return rack_ret(json_pack("{s: o}", "map", pairs));
}

/* ---- Forwarded ---- */

static int add_forwarded(void *closure, struct rig_pair pair)
{
    json_t *values = NULL, *pairs = closure;
    for (size_t i = 0; i < json_array_size(pairs) && !values; i++) {
        json_t *known = json_array_get(pairs, i);
        if (strcmp(json_string_value(json_array_get(known, 0)), pair.name.data) == 0) {
            values = json_array_get(known, 1);
        }
    }
    if (!values) {
        values = json_array();
        json_array_append_new(pairs, json_pack("[s, o]", pair.name.data, values));
    }
    json_array_append_new(values, unquoted(pair.value));
    return 0;
}

static json_t *forwarded_values(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes text = rack_bytes(rack, rack_arg(rack, input, 0, 1));
    json_t *pairs = json_array();
    if (!text.data || rig_forwarded_each(text.data, text.size, add_forwarded, pairs) != 0) {
        json_decref(pairs);
        return rack_ret(json_null());
    }
    return rack_ret(json_pack("{s: o}", "map", pairs));
}

/* ---- ranges ---- */

static json_t *byte_ranges(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes text = rack_bytes(rack, rack_arg(rack, input, 0, 3));
    json_int_t length = json_integer_value(rack_arg(rack, input, 1, 3));
    const json_t *limit = rack_arg(rack, input, 2, 3);
    size_t max = limit ? (size_t)json_integer_value(limit) : RIG_RANGES_MAX;
    struct rig_range *ranges = rack_alloc(rack, max * sizeof *ranges);
    int64_t count = rig_byte_ranges(text.data, text.size, (uint64_t)length, ranges, max);
    if (count < 0) {
        return rack_ret(json_null());
    }
    json_t *list = json_array();
    for (int64_t i = 0; i < count; i++) {
        json_array_append_new(list, json_pack("[I, I]", (json_int_t)ranges[i].first, (json_int_t)ranges[i].last));
    }
    return rack_ret(list);
}

const struct rack_util rack_utils_negotiation[] = {
    {"q_values", q_values},
    {"best_q_match", best_q_match},
    {"select_best_encoding", select_best_encoding},
    {"mime_match", mime_match},
    {"mime_type", mime_type},
    {"media_type", media_type},
    {"media_type_params", media_type_params},
    {"forwarded_values", forwarded_values},
    {"byte_ranges", byte_ranges},
    {NULL, NULL},
};
