/* The rule table: one row a rule in rules.def, sorted by id, so that a rule's number is its place in the table. */
#ifndef STACKRIG_CHECKS_RULES_H
#define STACKRIG_CHECKS_RULES_H

#include <stackrig/result.h>

enum rig_rule_number {
#define RULE(number_, ...) RIG_RULE_##number_,
#include "harness/checks/rules.def"
#undef RULE
    RIG_RULE_COUNT
};

/* The number of an id; RIG_RULE_COUNT: no such rule. */
unsigned rig_rule_number(const char *id);
/* Is it of the area of a foreign framework? Those concern only who uses it, which arms one of them. */
bool rig_rule_is_of_framework(const char *id);

#endif
