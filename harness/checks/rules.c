#include "harness/checks/rules.h"

#include "harness/core/run.h"

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

unsigned rig_rule_number(const char *id)
{
    unsigned low = 0, high = id ? RIG_RULE_COUNT : 0;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        int order = strcmp(rules[middle].id, id);
        if (order == 0) {
            return middle;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return RIG_RULE_COUNT;
}

const struct rig_rule *rig_rule_find(const char *id)
{
    unsigned number = rig_rule_number(id);
    return number < RIG_RULE_COUNT ? &rules[number] : NULL;
}

bool rig_rule_is_of_framework(const char *id)
{
    static const char *const areas[] = {"fastcgi.", "microhttpd.", "ulfius."};
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
        if (strncmp(id, areas[i], strlen(areas[i])) == 0) {
            return true;
        }
    }
    return false;
}

bool rig_rule_pattern_known(const char *pattern)
{
    for (unsigned i = 0; pattern && i < RIG_RULE_COUNT; i++) {
        if (rig_pattern_matches(pattern, rules[i].id)) {
            return true;
        }
    }
    return false;
}
