/* What is said of a response in the cases of mock_response. */
#ifndef RACK_CASES_MOCK_SAID_H
#define RACK_CASES_MOCK_SAID_H

#include "tests/conformance/rack_cases/driver.h"

#include <stackrig/stackrig.h>

/* All of it. */
json_t *mock_describe(const struct rig_result *result);
/* Header lists: names in lower case, the values of one name together. */
json_t *mock_headers(const struct rig_field *fields, size_t count);
/* Another value to those there are: null, one, a list. */
json_t *mock_with_value(json_t *values, json_t *value);
json_t *mock_slice(struct rig_slice slice);

#endif
