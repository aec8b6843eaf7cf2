#include "fuzz/scenario/strings.h"

#include <string.h>

char *rig_fuzz_copy(struct rig_fuzz_scenario *scenario, const void *data, size_t size)
{
    if (size >= sizeof scenario->strings - scenario->used) {
        return NULL;
    }
    char *copy = scenario->strings + scenario->used;
    if (size > 0) {
        memcpy(copy, data, size);
    }
    copy[size] = '\0';
    scenario->used += size + 1;
    return copy;
}

bool rig_fuzz_append(struct rig_fuzz_scenario *scenario, const char **string, size_t *size, const void *more,
                     size_t more_size)
{
    bool last = *string && *string + *size + 1 == scenario->strings + scenario->used;
    if (!last) {
        char *moved = rig_fuzz_copy(scenario, *string ? *string : "", *string ? *size : 0);
        if (!moved) {
            return false;
        }
        *size = *string ? *size : 0;
        *string = moved;
    }
    size_t room = sizeof scenario->strings - scenario->used;
    size_t taken = more_size < room ? more_size : room;
    char *end = scenario->strings + scenario->used - 1;
    if (taken > 0) {
        memcpy(end, more, taken);
    }
    end[taken] = '\0';
    scenario->used += taken;
    *size += taken;
    return taken == more_size;
}
