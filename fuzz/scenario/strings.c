#include "fuzz/scenario/strings.h"
#include "harness/http/rare.h"

RIG_APART bool rig_fuzz_move(struct rig_fuzz_scenario *scenario, const char **string, size_t size)
{
    const char *copy = rig_fuzz_copy(scenario, *string, size);
    *string = copy ? copy : *string;
    return copy != NULL;
}

bool rig_fuzz_append(struct rig_fuzz_scenario *scenario, const char **string, size_t *size, const void *more,
                     size_t more_size)
{
    size_t old = *string ? *size : 0;
    bool last = *string && rig_fuzz_is_last(scenario, *string, old);
    if (RIG_RARE(!last) && old > 0) {
        last = rig_fuzz_move(scenario, string, old);
    }
    size_t at = scenario->used - last;
    if (at >= sizeof scenario->strings || (!last && old > 0)) {
        return false;
    }
    size_t room = sizeof scenario->strings - at - 1, fits = more_size < room ? more_size : room;
    char *end = scenario->strings + at;
    memcpy(end, more, fits);
    end[fits] = '\0';
    *string = end - old;
    *size = old + fits;
    scenario->used = at + fits + 1;
    return fits == more_size;
}
