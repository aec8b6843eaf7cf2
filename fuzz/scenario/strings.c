#include "fuzz/scenario/strings.h"
#include "harness/core/arena.h"

#include <string.h>

/* As much of it as there is room for. */
static RIG_COLD void append_some(struct rig_fuzz_scenario *scenario, const char **string, size_t *size,
                                 const void *more, size_t at)
{
    size_t room = sizeof scenario->strings - 1;
    if (at <= room) {
        (void)rig_fuzz_append(scenario, string, size, more, room - at);
    }
}

bool rig_fuzz_append(struct rig_fuzz_scenario *scenario, const char **string, size_t *size, const void *more,
                     size_t more_size)
{
    size_t used = scenario->used, old = *string ? *size : 0;
    bool last = *string && *string + old + 1 == scenario->strings + used;
    size_t at = last ? used - 1 : used + old;
    if (at + more_size >= sizeof scenario->strings) {
        append_some(scenario, string, size, more, at);
        return false;
    }
    char *end = scenario->strings + at;
    if (!last && old > 0) { /* it is moved there */
        rig_copy_short(end - old, *string, old);
    }
    rig_copy_short(end, more, more_size);
    end[more_size] = '\0';
    *string = end - old;
    *size = old + more_size;
    scenario->used = at + more_size + 1;
    return true;
}
