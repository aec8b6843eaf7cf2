#ifndef STACKRIG_CLI_SUGGEST_H
#define STACKRIG_CLI_SUGGEST_H

/* Says on stderr that there is no such rule, and which ones are near. */
void rig_complain_rule(const char *wanted);

#endif
