/* A stack's shared object. */
#ifndef STACKRIG_CLI_LOAD_H
#define STACKRIG_CLI_LOAD_H

#include <stackrig/fuzz.h>
#include <stackrig/rules.h>
#include <stackrig/stack.h>

#include "harness/report/builder.h"

/* Is it a shared object of this machine? Loads nothing. False: why is filled. */
bool rig_stack_readable(const char *path, struct rig_text *why);
/* Loads it for the life of the process; a name without a slash is taken from the working directory. NULL: why is
 * filled. Runs the object's constructors, so only in a worker. */
const struct rig_export *rig_stack_load(const char *path, struct rig_text *why);
/* Before such a process ends by _exit: a stack that was built with --coverage writes its counters. */
void rig_stack_write_lines(void);
/* The rules that a loaded stack brings (RIG_EXPORT_RULES); NULL without a why: none. NULL: why is filled: one is no rule, or
 * they were made for another version. */
const struct rig_own_rule *const *rig_stack_rules(const char *path, struct rig_text *why);
/* What a loaded stack says of its fuzzing (RIG_FUZZ); NULL: nothing. */
const struct rig_fuzz *rig_stack_fuzz(const char *path);
/* The same of the stack that this process has loaded; NULL: nothing, or it has loaded none. */
const struct rig_fuzz *rig_loaded_fuzz(void);

#endif
