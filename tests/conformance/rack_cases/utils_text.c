/* Escaping, comparing, paths, status codes. */
#include <string.h>

#include <stackrig/http/compare.h>
#include <stackrig/http/html.h>
#include <stackrig/http/path.h>
#include <stackrig/http/percent.h>
#include <stackrig/http/status.h>

#include "tests/conformance/rack_cases/utils.h"

typedef size_t text_fn(const char *text, size_t size, char *out, size_t out_size);

static json_t *mapped(struct rack_case *rack, const json_t *input, text_fn *function)
{
    struct rig_bytes text = rack_bytes(rack, rack_arg(rack, input, 0, 1));
    size_t size = function(text.data, text.size, NULL, 0);
    char *out = rack_alloc(rack, size + 1);
    function(text.data, text.size, out, size);
    return rack_ret(rack_value(out, size));
}

static json_t *escape(struct rack_case *rack, const json_t *input)
{
    return mapped(rack, input, rig_percent_encode);
}

static json_t *escape_path(struct rack_case *rack, const json_t *input)
{
    return mapped(rack, input, rig_percent_encode_path);
}

static json_t *escape_html(struct rack_case *rack, const json_t *input)
{
    return mapped(rack, input, rig_html_escape);
}

static json_t *clean_path_info(struct rack_case *rack, const json_t *input)
{
    return mapped(rack, input, rig_path_clean);
}

static json_t *decoded(struct rack_case *rack, struct rig_bytes text, bool plus)
{
    char *out = rack_alloc(rack, text.size + 1);
    return rack_ret(rack_value(out, rig_percent_decode(text.data, text.size, plus, out)));
}

static json_t *unescape(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes text = rack_bytes(rack, rack_arg(rack, input, 0, 1));
    return rig_percent_is_valid(text.data, text.size) ? decoded(rack, text, true) : rack_error("invalid_argument");
}

static json_t *unescape_path(struct rack_case *rack, const json_t *input)
{
    return decoded(rack, rack_bytes(rack, rack_arg(rack, input, 0, 1)), false);
}

static json_t *secure_compare(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes a = rack_bytes(rack, rack_arg(rack, input, 0, 2)),
                     b = rack_bytes(rack, rack_arg(rack, input, 1, 2));
    return rack_ret(json_boolean(rig_secure_equal(a.data, a.size, b.data, b.size)));
}

static json_t *valid_path(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes path = rack_bytes(rack, rack_arg(rack, input, 0, 1));
    return rack_ret(json_boolean(rig_path_is_valid(path.data, path.size)));
}

static json_t *status_code(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes name = rack_bytes(rack, rack_arg(rack, input, 0, 1));
    int code = rig_status_code(name.data, name.size);
    return code > 0 ? rack_ret(json_integer(code)) : rack_error("invalid_argument");
}

static json_t *status_reasons(struct rack_case *rack, const json_t *input)
{
    json_t *pairs = json_array();
    rack_only(rack, input, "fn", "from", "to", NULL);
    json_int_t last = json_integer_value(json_object_get(input, "to"));
    for (json_int_t status = json_integer_value(json_object_get(input, "from")); status <= last; status++) {
        const char *reason = rig_status_reason((int)status);
        if (reason) {
            json_array_append_new(pairs, json_pack("[I, s]", status, reason));
        }
    }
    return rack_ret(json_pack("{s: o}", "map", pairs));
}

const struct rack_util rack_utils_text[] = {
    {"escape", escape},
    {"escape_path", escape_path},
    {"escape_html", escape_html},
    {"unescape", unescape},
    {"unescape_path", unescape_path},
    {"secure_compare", secure_compare},
    {"clean_path_info", clean_path_info},
    {"valid_path", valid_path},
    {"status_code", status_code},
    {"status_reasons", status_reasons},
    {NULL, NULL},
};
