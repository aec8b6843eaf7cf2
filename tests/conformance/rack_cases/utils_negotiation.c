#include "tests/conformance/rack_cases/utils.h"

static json_t *not_yet(struct rack_case *rack, const json_t *input)
{
    (void)input;
    return rack_skip(rack, RACK_OTHER, "not played yet");
}

const struct rack_util rack_utils_negotiation[] = {
    {"best_q_match", not_yet},
    {"q_values", not_yet},
    {"select_best_encoding", not_yet},
    {"mime_match", not_yet},
    {"mime_type", not_yet},
    {"media_type", not_yet},
    {"media_type_params", not_yet},
    {"forwarded_values", not_yet},
    {"byte_ranges", not_yet},
    {NULL, NULL},
};
