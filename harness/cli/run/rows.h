/* The rows of the rules that a stack brings. The command loads no stack: a process of its own does, and tells them. */
#ifndef STACKRIG_CLI_ROWS_H
#define STACKRIG_CLI_ROWS_H

#include "harness/cli/plan/options.h"

enum rig_rows {
    RIG_ROWS_READ,   /* they are among the known rules; there may be none */
    RIG_ROWS_UNKNOWN /* the object crashed or hung while it was loaded: why says so */
};

/* Of a shared object; one that brings no rules, or is none, costs no process. False: complained: its rows are none. */
bool rig_rows_read(const char *stack, int timeout, enum rig_rows *rows, struct rig_text *why);
/* For verbs that only tell of rules: a stack that does not load is complained of, too. */
bool rig_rows_show(const char *stack);
/* Before a run: reads the stack's rows, and finds the rules that the options and the plan name among all. What cannot be
 * known, because the stack does not load, is left to the run. False: complained. */
struct rig_plan;
struct rig_conf;
bool rig_rows_settle(const struct rig_check_options *options, const struct rig_plan *plan, const struct rig_conf *conf);

#endif
