#include "harness/checks/rules.h"

#include <string.h>

static const struct rig_rule rules[] = {
#define RULE(number_, id_, level_, off_, title_, armed_when_, why_, mend_, source_, since_, broken_, twin_) \
    {.id = id_,                                                                                             \
     .level = RIG_LEVEL_##level_,                                                                           \
     .off = off_,                                                                                           \
     .title = title_,                                                                                       \
     .armed_when = armed_when_,                                                                             \
     .why = why_,                                                                                           \
     .mend = mend_,                                                                                         \
     .source = source_,                                                                                     \
     .since = since_,                                                                                       \
     .broken = broken_,                                                                                     \
     .twin = twin_},
#include "harness/checks/rules.def"
#undef RULE
};

const struct rig_rule *rig_rules(size_t *count)
{
    if (count) {
        *count = RIG_RULE_COUNT;
    }
    return rules;
}

/* The first rule whose id is not before the first size bytes of text. */
static unsigned lower_bound(const char *text, size_t size)
{
    unsigned low = 0, high = RIG_RULE_COUNT;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (strncmp(rules[middle].id, text, size) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

unsigned rig_rule_number(const char *id)
{
    unsigned at = id ? lower_bound(id, strlen(id) + 1) : RIG_RULE_COUNT;
    return at < RIG_RULE_COUNT && strcmp(rules[at].id, id) == 0 ? at : RIG_RULE_COUNT;
}

const struct rig_rule *rig_rule_find(const char *id)
{
    unsigned number = rig_rule_number(id);
    return number < RIG_RULE_COUNT ? &rules[number] : NULL;
}

bool rig_rule_pattern_known(const char *pattern)
{
    size_t size = pattern ? strlen(pattern) : 0;
    if (size < 3 || strcmp(pattern + size - 2, ".*") != 0) {
        return rig_rule_find(pattern) != NULL;
    }
    unsigned at = lower_bound(pattern, size - 1);
    return at < RIG_RULE_COUNT && strncmp(rules[at].id, pattern, size - 1) == 0;
}
