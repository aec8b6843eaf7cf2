#define _POSIX_C_SOURCE 200809L

#include "fuzz/scenario/strings.h"
#include "harness/core/arena.h"
#include "harness/http/chars.h"

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

bool rig_fuzz_append_text(struct rig_fuzz_scenario *scenario, const char **string, size_t *size, struct rig_slice more)
{
    size_t used = scenario->used, old = *string ? *size : 0;
    bool last = *string && *string + old + 1 == scenario->strings + used;
    size_t at = last ? used - 1 : used + old;
    if (more.size + at >= sizeof scenario->strings) { /* it is cut off */
        (void)rig_fuzz_append(scenario, string, size, more.data, strnlen(more.data, more.size));
        return false;
    }
    char *end = scenario->strings + at;
    if (!last && old > 0) { /* it is moved there */
        rig_copy_short(end - old, *string, old);
    }
    bool plain = rig_copy_field_value(end, more.data, more.size);
    size_t taken = plain ? more.size : strnlen(end, more.size);
    end[taken] = '\0';
    *string = end - old;
    *size = old + taken;
    scenario->used = at + taken + 1;
    return plain;
}
