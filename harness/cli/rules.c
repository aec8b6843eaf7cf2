#include <getopt.h>
#include <string.h>

#include "harness/cli/run/rows.h"
#include "harness/cli/ui/known.h"

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    int status, width = 0;
    if (!rig_verb_operands(verb, argc, argv, 0, 1, &status)) {
        return status;
    }
    if (optind < argc && !rig_rows_show(argv[optind])) {
        return RIG_STATUS_USAGE;
    }
    for (size_t i = 0; i < rig_known_count(); i++) {
        int length = (int)strlen(rig_known_rule(i)->id);
        width = length > width ? length : width;
    }
    for (size_t i = 0; i < rig_known_count(); i++) {
        const struct rig_rule *rule = rig_known_rule(i);
        printf("%-*s  %-7s  %s%s\n", width, rule->id, rig_level_name(rule->level), rule->title,
               rule->off ? " (off unless enabled)" : "");
    }
    return RIG_STATUS_CLEAN;
}

const struct rig_verb rig_verb_rules = {
    "rules", "[STACK.so]", "lists all rules, one a line",
    "With a stack also those that it brings (RIG_EXPORT_RULES), behind the others.\n\n"
    "  stackrig rules | grep early\n",
    run};
