#include "tests/conformance/rack_cases/driver.h"

static json_t *run(struct rack_case *rack)
{
    return rack_skip(rack, RACK_OTHER, "not played yet");
}

const struct rack_area rack_auth_basic = {.name = "auth_basic", .run = run};
