/* Strings that grow in a scenario's own bytes. Each has a zero byte behind it. */
#ifndef STACKRIG_FUZZ_STRINGS_H
#define STACKRIG_FUZZ_STRINGS_H

#include "fuzz/scenario/scenario.h"
#include "harness/http/copy.h"
#include "harness/http/rare.h"

/* A copy of size bytes; NULL: there is no room. */
static inline char *rig_fuzz_copy(struct rig_fuzz_scenario *scenario, const void *data, size_t size)
{
    if (RIG_RARE(size >= sizeof scenario->strings - scenario->used)) {
        return NULL;
    }
    char *copy = scenario->strings + scenario->used;
    rig_copy_short(copy, data, size);
    copy[size] = '\0';
    scenario->used += size + 1;
    return copy;
}

static inline bool rig_fuzz_is_last(const struct rig_fuzz_scenario *scenario, const char *string, size_t size)
{
    return string + size + 1 == scenario->strings + scenario->used;
}

/* Makes the string, of size bytes, the last: it can grow. False: there is no room. */
bool rig_fuzz_move(struct rig_fuzz_scenario *scenario, const char **string, size_t size);
static inline bool rig_fuzz_make_last(struct rig_fuzz_scenario *scenario, const char **string, size_t size)
{
    return rig_fuzz_is_last(scenario, *string, size) || rig_fuzz_move(scenario, string, size);
}

/* *string, of *size bytes, and more: as much of it as there is room for; false: not all of it. *string NULL: begins one. */
bool rig_fuzz_append(struct rig_fuzz_scenario *scenario, const char **string, size_t *size, const void *more,
                     size_t more_size);

/* What was written so far grows no more: two point to it. */
static inline void rig_fuzz_seal(struct rig_fuzz_scenario *scenario)
{
    scenario->used += scenario->used < sizeof scenario->strings;
}

#endif
