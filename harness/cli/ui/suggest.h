#ifndef STACKRIG_CLI_SUGGEST_H
#define STACKRIG_CLI_SUGGEST_H

#include "harness/cli/ui/cli.h"

/* "; is it A, B or C?": the rules near to what was wanted, or where to find all. patterns: area.* is good, too. */
void rig_text_suggest(struct rig_text *text, const char *wanted, bool patterns);
/* The same of count names given by name_at, without the words where to find all. False: none is near. */
bool rig_text_suggest_of(struct rig_text *text, const char *wanted, const char *(*name_at)(size_t i), size_t count);
/* Says on stderr that there is no such rule, and which ones are near. */
void rig_complain_rule(const char *wanted);

#endif
