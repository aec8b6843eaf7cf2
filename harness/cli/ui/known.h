/* All rules that the command knows: the rig's, by number, and behind them those that the stack brings. */
#ifndef STACKRIG_CLI_KNOWN_H
#define STACKRIG_CLI_KNOWN_H

#include <stackrig/result.h>

size_t rig_known_count(void);
const struct rig_rule *rig_known_rule(size_t number);
const struct rig_rule *rig_known_find(const char *id); /* NULL: there is none */
size_t rig_known_number(const char *id);               /* SIZE_MAX: there is none */
bool rig_known_pattern(const char *pattern);           /* of a rule, or "area.*" of at least one */
/* Known, or none of the rig's areas, so that the stack may bring it. */
bool rig_known_perhaps(const char *id);
bool rig_known_pattern_perhaps(const char *pattern);
/* The stack's, sorted by id, in place of those before; copies. */
void rig_known_take(const struct rig_rule *rows, size_t count);

#endif
