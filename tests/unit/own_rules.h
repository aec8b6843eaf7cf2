/* Rules of one's own under test: a row of one, a layer that is theirs to look at, a client that has them. */
#ifndef TESTS_UNIT_OWN_RULES_H
#define TESTS_UNIT_OWN_RULES_H

#include "tests/unit/rules_test.h"

#include <stackrig/rules.h>

#define ROW(id_, level_) \
    .id = id_, .level = level_, .title = "a title", .armed_when = "it was", .why = "it breaks", .mend = "mend it"

static int traces(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-Request-Id", "7");
}
LAYER(traces);

/* The client of rules_test.h, with options.rules. */
static inline void with_rules(struct rig_client_options options)
{
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), options);
    assert_non_null(client);
}

#endif
