/* What the tests of the seam for adapters share. */
#ifndef STACKRIG_UNIT_FOREIGN_TEST_H
#define STACKRIG_UNIT_FOREIGN_TEST_H

#include "tests/unit/core_test.h"

#include <stackrig/foreign.h>

static inline struct rig_visit *enter(struct rig_env *env, struct rig_response *res, const char *name,
                                      const void *object)
{
    return rig_foreign_enter(
        env, res,
        &(struct rig_foreign){
            .name = name, .site = "chain.c:1", .called_at = "chain.c:2", .object = object, .kind = "ctx"});
}

#endif
