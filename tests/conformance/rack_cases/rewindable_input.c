#include "tests/conformance/rack_cases/driver.h"

static json_t *run(struct rack_case *rack)
{
    return rack_skip(rack, RACK_OTHER, "not played yet");
}

const struct rack_area rack_rewindable_input = {.name = "rewindable_input", .run = run};
