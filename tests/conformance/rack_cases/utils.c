#include "tests/conformance/rack_cases/utils.h"

#include <string.h>

const json_t *rack_arg(struct rack_case *rack, const json_t *input, size_t index, size_t count)
{
    const json_t *args = json_object_get(input, "args");
    rack_only(rack, input, "fn", "args", NULL);
    if (!json_is_array(args) || json_array_size(args) > count) {
        rack_wrong(rack, "args is no list of at most %zu", count);
        return NULL;
    }
    return json_array_get(args, index);
}

json_t *rack_ret(json_t *value)
{
    return json_pack("{s: o}", "ret", value);
}

static const struct rack_util *find(const char *fn)
{
    static const struct rack_util *const tables[] = {rack_utils_text,   rack_utils_query,   rack_utils_negotiation,
                                                     rack_utils_tables, rack_utils_cookies, rack_utils_multipart};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (const struct rack_util *util = tables[i]; util->fn; util++) {
            if (strcmp(util->fn, fn) == 0) {
                return util;
            }
        }
    }
    return NULL;
}

static json_t *run(struct rack_case *rack)
{
    const char *fn = json_string_value(json_object_get(rack->input, "fn"));
    const struct rack_util *util = fn ? find(fn) : NULL;
    if (!util) {
        return rack_wrong(rack, "no function fn");
    }
    return util->run(rack, rack->input);
}

const struct rack_area rack_utils = {.name = "utils", .run = run};
