/* What a fuzzer prints: a violation with its scenario, and what was looked at. */
#ifndef STACKRIG_FUZZ_REPORT_H
#define STACKRIG_FUZZ_REPORT_H

#include "fuzz/target/target.h"

#include <stdio.h>

#define RIG_FUZZ_TEXT_MAX ((size_t)8 * RIG_FUZZ_STRINGS_MAX)

/* "auth.c:42: error: ... [rule]" with layer and scenario, printable bytes alone. text: the scenario's, as it was written;
 * NULL: without it. */
void rig_fuzz_print(FILE *out, const struct rig_fuzz_violation *violation, const char *text);
/* How much was tried, which oracles had a say how often, and which never. */
void rig_fuzz_print_summary(FILE *out, const struct rig_fuzz_target *target);
/* The file name of a reproducer: "rule-0123abcd.http", of the scenario's text. */
void rig_fuzz_name(const char *rule, const char *text, char *name, size_t size);
/* The rule, or "crash", that such a file is named after; a rule of a user's own need not be known yet. Behind one of the
 * rig's anything may stand: a file has been given a name of its own. False: it is no name of a reproducer. */
#define RIG_FUZZ_RULE_MAX 128
bool rig_fuzz_rule_of_file(const char *path, char rule[RIG_FUZZ_RULE_MAX]);
/* A new file, and its folder where that is not there. NULL: errno says why not. */
FILE *rig_fuzz_create(const char *folder, const char *path);
/* Writes the reproducer; path is where. False: errno says why not. */
#define RIG_FUZZ_PATH_MAX 4096
bool rig_fuzz_save(const char *folder, const char *rule, const char *text, char path[RIG_FUZZ_PATH_MAX]);
/* Ends the program in a function of the rule's name, rig_violation_RULE; for the nth of own, of the first sixteen,
 * rig_violation_own_N. own NULL: there are none. */
_Noreturn void rig_fuzz_die(const char *rule, const struct rig_own_rule *const *own);

#endif
