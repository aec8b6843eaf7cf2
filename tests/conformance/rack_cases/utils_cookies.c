#include "tests/conformance/rack_cases/utils.h"

static json_t *not_yet(struct rack_case *rack, const json_t *input)
{
    (void)input;
    return rack_skip(rack, RACK_OTHER, "not played yet");
}

const struct rack_util rack_utils_cookies[] = {
    {"parse_cookies", not_yet},
    {"set_cookie_header", not_yet},
    {"set_cookie_append", not_yet},
    {"delete_cookie_header", not_yet},
    {NULL, NULL},
};
