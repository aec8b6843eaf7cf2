#include "tests/conformance/rack_cases/driver.h"

static json_t *run(struct rack_case *rack)
{
    return rack_skip(rack, RACK_OTHER, "not played yet");
}

const struct rack_area rack_env_for = {.name = "env_for", .run = run};
