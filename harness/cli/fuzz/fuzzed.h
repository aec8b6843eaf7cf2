/* What the verbs share that play scenarios: their options, a stack and a scenario of a file. */
#ifndef STACKRIG_CLI_FUZZED_H
#define STACKRIG_CLI_FUZZED_H

#include <getopt.h>

#include "fuzz/engine/engine.h"
#include "harness/cli/fuzz/fuzzed_child.h"

struct rig_fuzzed {
    const char *stack;
    const char
        *rule;     /* the finding that is meant; NULL: the one of the file's name, or if that names none, the first */
    uint64_t seed; /* of the secrets */
    uint32_t
        servers; /* beside those of .profiles: what the file names, for a target that is opened after it was read */
    struct rig_fuzz_names names; /* of the file, for: */
    struct rig_fuzz what;        /* of the options */
    bool own;                    /* the stack says itself how it is fuzzed */
    struct rig_fuzz used;        /* both, with the rules that the stack brings */
};

/* For getopt_long, and what takes them: false: complained. */
#define RIG_FUZZED_OPTIONS                                                                  \
    {"seed", required_argument, NULL, 's'}, {"protect", required_argument, NULL, 'p'},      \
        {"ignore", required_argument, NULL, 'i'}, {"server", required_argument, NULL, 'v'}, \
        {"mask", required_argument, NULL, 'm'}, {"set", required_argument, NULL, 'k'},      \
        {"credential", required_argument, NULL, 'c'},                                       \
    {                                                                                       \
        "help", no_argument, NULL, 'h'                                                      \
    }
#define RIG_FUZZED_HELP                                                                     \
    "  --protect APP  an app that only the setup's users may enter; may be repeated\n"      \
    "  --ignore RULE  a rule, \"area.*\" or \"RULE /path\" (that and below) that is none\n" \
    "  --credential PLACE=NAME    header, cookie or query: what has the credentials\n"      \
    "  --server NAME  a profile (http1); may be repeated\n"                                 \
    "  --set KEY=VALUE, --mask NAME    as of `stackrig check`; may be repeated\n"
bool rig_fuzzed_option(struct rig_fuzzed *fuzzed, int answer, char *value); /* lasts; may be cut in two */
bool rig_fuzzed_number(const char *option, const char *value, uint64_t *number);
/* Options of min and emit-c: those above, --rule, then STACK.so FILE. False: return *status. */
bool rig_fuzzed_operands(struct rig_fuzzed *fuzzed, const struct rig_verb *verb, int argc, char **argv,
                         const char **file, int *status);

/* Once the stack is known: reads the rows of its rules, and finds those of --ignore. False: complained. */
bool rig_fuzzed_rules(const struct rig_fuzzed *fuzzed);
/* In a child, for it runs the stack's code. Else false, and why was said. */
bool rig_fuzzed_open(struct rig_fuzzed *fuzzed, struct rig_fuzz_target *target);
/* In the parent: the child ended before it had a scenario. RIG_STATUS_USAGE. */
int rig_fuzzed_complain_unread(const struct rig_fuzzed *fuzzed, const struct rig_fuzzed_end *end);
/* A text, or the bytes of a corpus: see rig_fuzz_is_text. The server that a text names is one of the table's from then on.
 * False: complained. */
bool rig_fuzzed_read(const char *path, struct rig_fuzz_table *table, struct rig_fuzz_scenario *scenario);
/* What a text names the places of credentials, before the stack is opened: its names go before those of options. False:
 * complained. */
bool rig_fuzzed_names(struct rig_fuzzed *fuzzed, const char *path);
/* The same as an input; of one that is longer than inputs can be the end is left out, and that is said. */
bool rig_fuzzed_input(const char *path, struct rig_fuzz_table *table, struct rig_fuzz_input *input);
/* Of a text of more requests than a scenario has, the scenario that begins with request *at, 0 at first; then that of the
 * next one, or 0: there is none. */
bool rig_fuzzed_input_next(const char *path, size_t *at, struct rig_fuzz_table *table, struct rig_fuzz_input *input);
/* Is it fuzz.app.entered, and no app protected? */
bool rig_fuzzed_is_unasked(const struct rig_fuzz_target *target, const char *rule);
/* That nothing is found, or not the one that is meant. */
void rig_fuzzed_complain_nothing(const struct rig_fuzzed *fuzzed, const struct rig_fuzz_engine *engine,
                                 const char *file);
/* Of what the engine found, the one that is meant; NULL: it is not found, whatever else is. */
struct rig_fuzz_found *rig_fuzzed_meant(const struct rig_fuzzed *fuzzed, struct rig_fuzz_engine *engine,
                                        const char *file);

#endif
