/* What one request's layers were given and gave back, written down so that two runs can be compared. */
#ifndef STACKRIG_CLI_MOMENTS_H
#define STACKRIG_CLI_MOMENTS_H

#include "harness/core/event.h"

#include <stdio.h>

extern const struct rig_check rig_check_moments;

/* From now on each entering and leaving of a layer is a line "M", its attributes lines "A", with tabs between fields;
 * all is escaped. NULL: nothing is written. */
void rig_moments_write(FILE *file);
/* Whether, when the outermost layer returned, the env that it was given had this name. Before each request. */
void rig_moments_look(const char *name);
bool rig_moments_saw(void);

#endif
