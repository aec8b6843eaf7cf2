/* Lists of fields in option structs: RIG_FIELDS_MAX and an empty one, and the first without a name is their end. */
#ifndef STACKRIG_CORE_FIELDS_H
#define STACKRIG_CORE_FIELDS_H

#include <stackrig/base.h>

/* Is something lost behind the end of a list: a value without a name, or further fields? Of a list that is empty only
 * the next three are looked at: every request has some. For a list whose last is empty. */
static inline bool rig_fields_cut(const struct rig_field *list)
{
    const struct rig_field *end = list, *last = list + RIG_FIELDS_MAX;
    if (!list->name) {
        return list->value || list[1].name || list[2].name || list[3].name;
    }
    while (end->name) {
        end++;
    }
    bool cut = end->value != NULL;
    while (end < last) {
        cut |= (++end)->name != NULL;
    }
    return cut;
}

#endif
