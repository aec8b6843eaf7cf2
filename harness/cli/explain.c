#include "harness/cli/cli.h"
#include "harness/cli/suggest.h"

#include <stackrig/result.h>

#include <getopt.h>
#include <string.h>

static void print_part(const char *title, const char *text)
{
    if (text && *text) {
        printf("\n%s:\n  %s\n", title, text);
    }
}

/* What `check` prints in brackets and is no rule. */
static const struct {
    const char *word, *text;
} others[] = {
    {"crash",
     "a layer, or the stack while it was built or freed, ended the process. The rest goes on with a new one and a "
     "stack built anew. It counts as an error."},
    {"hang",
     "nothing came back within --timeout, so the process was ended. If it sleeps, --now TIME lets the clock jump "
     "and no time pass. It counts as an error."},
    {"refused", "a request did not get to the stack. From the stack's own server that is an error, unless "
                "# @expect status names it; from a gateway before it a note."},
    {"unhandled",
     "a layer returned an error, and no layer above it answered: the client gets a 500. It counts as an error, "
     "unless # @expect error names it."},
    {"@expect", "what # @expect says of a request did not come true."},
};

static bool explain_other(const char *word)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(others[i].word, word) == 0) {
            printf("%s: %s\n", word, others[i].text);
            return true;
        }
    }
    return false;
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    int status;
    if (!rig_verb_operands(verb, argc, argv, 1, 1, &status)) {
        return status;
    }
    const struct rig_rule *rule = rig_rule_find(argv[optind]);
    if (!rule && explain_other(argv[optind])) {
        return RIG_STATUS_CLEAN;
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

const struct rig_verb rig_verb_explain = {"explain", "RULE", "tells what a rule means, and how to mend what it finds",
                                          NULL, run};
