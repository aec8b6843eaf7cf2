/* The area utils: one row a function, by the name that the case gives it. */
#ifndef RACK_CASES_UTILS_H
#define RACK_CASES_UTILS_H

#include "tests/conformance/rack_cases/driver.h"

struct rack_util {
    const char *fn;
    json_t *(*run)(struct rack_case *rack, const json_t *input); /* as run of struct rack_area */
};

/* Each ends with a row whose fn is NULL. */
extern const struct rack_util rack_utils_text[], rack_utils_query[], rack_utils_negotiation[], rack_utils_tables[],
    rack_utils_cookies[], rack_utils_multipart[];

/* An argument of the case; NULL: not given. Fails the case if it has members other than fn and args, or more than count
 * arguments. */
const json_t *rack_arg(struct rack_case *rack, const json_t *input, size_t index, size_t count);
json_t *rack_ret(json_t *value); /* {"ret": value}; takes value */

#endif
