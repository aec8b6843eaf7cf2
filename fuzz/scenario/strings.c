#include "fuzz/scenario/strings.h"
#include "harness/core/arena.h"

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
    size_t used = scenario->used, old = *string ? *size : 0;
    if (!*string || *string + old + 1 != scenario->strings + used) { /* not the last: it is moved there */
        if (old >= sizeof scenario->strings - used) {
            return false;
        }
        char *moved = scenario->strings + used;
        if (old > 0) {
            memcpy(moved, *string, old);
        }
        *string = moved;
        used += old + 1;
    }
    size_t room = sizeof scenario->strings - used;
    size_t taken = more_size < room ? more_size : room;
    char *end = scenario->strings + used - 1;
    if (taken > 0) {
        rig_copy_short(end, more, taken);
    }
    end[taken] = '\0';
    scenario->used = used + taken;
    *size = old + taken;
    return taken == more_size;
}
