/* Lists of fields in option structs: RIG_FIELDS_MAX and an empty one, and the first without a name is their end. */
#ifndef STACKRIG_CORE_FIELDS_H
#define STACKRIG_CORE_FIELDS_H

#include <stackrig/base.h>

/* Not 0: something stands where a list that is empty has nothing. Only the next three are looked at, and or'ed: every
 * request has some lists, and none of these is ever set. */
static inline uintptr_t rig_fields_behind_none(const struct rig_field *list)
{
    return (uintptr_t)list->value | (uintptr_t)list[1].name | (uintptr_t)list[2].name | (uintptr_t)list[3].name;
}

/* Is something lost behind the end of a list: a value without a name, or further fields? For a list whose last is
 * empty. */
static inline bool rig_fields_cut(const struct rig_field *list)
{
    const struct rig_field *end = list, *last = list + RIG_FIELDS_MAX;
    if (!list->name) {
        return rig_fields_behind_none(list) != 0;
    }
    while (end->name) {
        end++;
    }
    uintptr_t behind = (uintptr_t)end->value;
    for (; last - end >= 4; last -= 4) {
        behind |=
            (uintptr_t)last[0].name | (uintptr_t)last[-1].name | (uintptr_t)last[-2].name | (uintptr_t)last[-3].name;
    }
    for (; last > end; last--) {
        behind |= (uintptr_t)last->name;
    }
    return behind != 0;
}

#endif
