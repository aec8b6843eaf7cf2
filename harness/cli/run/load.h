/* A stack's shared object. */
#ifndef STACKRIG_CLI_LOAD_H
#define STACKRIG_CLI_LOAD_H

#include <stackrig/fuzz.h>
#include <stackrig/stack.h>

#include "harness/report/builder.h"

/* Loads it for the life of the process; a name without a slash is taken from the working directory. NULL: why is
 * filled. Runs the object's constructors, so only in a worker. */
const struct rig_export *rig_stack_load(const char *path, struct rig_text *why);
/* What a loaded stack says of its fuzzing (RIG_FUZZ); NULL: nothing. */
const struct rig_fuzz *rig_stack_fuzz(const char *path);

#endif
