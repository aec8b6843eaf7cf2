#include "tests/conformance/rack_cases/utils.h"

static json_t *not_yet(struct rack_case *rack, const json_t *input)
{
    (void)input;
    return rack_skip(rack, RACK_OTHER, "not played yet");
}

const struct rack_util rack_utils_text[] = {
    {"escape", not_yet},
    {"unescape", not_yet},
    {"escape_path", not_yet},
    {"unescape_path", not_yet},
    {"escape_html", not_yet},
    {"secure_compare", not_yet},
    {"clean_path_info", not_yet},
    {"valid_path", not_yet},
    {"status_code", not_yet},
    {"status_reasons", not_yet},
    {NULL, NULL},
};
