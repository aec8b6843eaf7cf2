#include "harness/cli/ui/cli.h"

#include <stackrig/result.h>

#include <string.h>

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    int status, width = 0;
    if (!rig_verb_operands(verb, argc, argv, 0, 0, &status)) {
        return status;
    }
    size_t count;
    const struct rig_rule *rules = rig_rules(&count);
    for (size_t i = 0; i < count; i++) {
        int length = (int)strlen(rules[i].id);
        width = length > width ? length : width;
    }
    for (size_t i = 0; i < count; i++) {
        printf("%-*s  %-7s  %s%s\n", width, rules[i].id, rig_level_name(rules[i].level), rules[i].title,
               rules[i].off ? " (off unless enabled)" : "");
    }
    return RIG_STATUS_CLEAN;
}

const struct rig_verb rig_verb_rules = {"rules", "", "lists all rules, one a line", NULL, run};
