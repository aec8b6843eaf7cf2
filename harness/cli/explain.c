#include "harness/cli/run/rows.h"
#include "harness/cli/ui/known.h"
#include "harness/cli/ui/suggest.h"
#include "harness/cli/ui/words.h"

#include <getopt.h>
#include <string.h>

static void print_part(const char *title, const char *text)
{
    if (text && *text) {
        printf("\n%s:\n  %s\n", title, text);
    }
}

/* "input.*": what there is of it, a line each. False: it is no area. */
static bool print_area(const char *pattern)
{
    size_t size = strlen(pattern);
    if (size < 3 || strcmp(pattern + size - 2, ".*") != 0 || !rig_known_pattern(pattern)) {
        return false;
    }
    for (size_t i = 0; i < rig_known_count(); i++) {
        const struct rig_rule *rule = rig_known_rule(i);
        if (strncmp(rule->id, pattern, size - 1) == 0) {
            printf("%s: %s\n", rule->id, rule->title);
        }
    }
    return true;
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    int status;
    if (!rig_verb_operands(verb, argc, argv, 1, 2, &status)) {
        return status;
    }
    if (optind + 1 < argc && !rig_rows_show(argv[optind + 1])) {
        return RIG_STATUS_USAGE;
    }
    const struct rig_rule *rule = rig_known_find(argv[optind]);
    const char *word = rule ? NULL : rig_word_text(argv[optind]);
    if (word) {
        printf("%s: %s\n", argv[optind], word);
        return RIG_STATUS_CLEAN;
    }
    if (!rule && print_area(argv[optind])) {
        return RIG_STATUS_CLEAN;
    }
    if (!rule && optind + 1 == argc && rig_known_perhaps(argv[optind])) {
        rig_complain("no rule of the rig is called %s; for one that a stack brings: stackrig explain %s STACK.so",
                     argv[optind], argv[optind]);
        return RIG_STATUS_USAGE;
    }
    if (!rule) {
        rig_complain_rule(argv[optind]);
        return RIG_STATUS_USAGE;
    }
    printf("%s: %s\n", rule->id, rule->title);
    print_part("armed when", rule->armed_when);
    printf("\nlevel:\n  %s%s\n", rig_level_name(rule->level), rule->off ? ", off unless enabled" : " at worst");
    print_part("why", rule->why);
    print_part("how to mend it", rule->mend);
    print_part("source", rule->source);
    print_part("since", rule->since);
    return RIG_STATUS_CLEAN;
}

const struct rig_verb rig_verb_explain = {"explain", "RULE|AREA.* [STACK.so]",
                                          "tells what a rule means, and how to mend what it finds",
                                          "With a stack also a rule that it brings (RIG_EXPORT_RULES).\n\n"
                                          "  stackrig explain input.early_answer.unread\n",
                                          run};
