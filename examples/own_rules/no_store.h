/* The shop's own rules: what its team has agreed on. */
#ifndef OWN_RULES_NO_STORE_H
#define OWN_RULES_NO_STORE_H

#include <stackrig/rules.h>

extern const struct rig_own_rule *const shop_rules[]; /* ends at NULL */

#endif
