#include "tests/conformance/rack_cases/utils.h"

static json_t *not_yet(struct rack_case *rack, const json_t *input)
{
    (void)input;
    return rack_skip(rack, RACK_OTHER, "not played yet");
}

const struct rack_util rack_utils_query[] = {
    {"parse_query", not_yet},
    {"parse_query_pairs", not_yet},
    {"parse_nested_query", not_yet},
    {"build_query", not_yet},
    {"build_nested_query", not_yet},
    {"session_build_nested_query", not_yet},
    {NULL, NULL},
};
