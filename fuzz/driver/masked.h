/* A scenario as it may be shown: what it carries under names of secrets is masked, wherever a layer has put it. */
#ifndef STACKRIG_FUZZ_MASKED_H
#define STACKRIG_FUZZ_MASKED_H

#include <stdio.h>

#include "fuzz/scenario/scenario.h"
#include "fuzz/target/target.h"

/* rig_fuzz_write of the scenario without its secrets: to be read, not to be sent. */
size_t rig_masked_write(const struct rig_fuzz_scenario *scenario, char *out, size_t room);
/* A text about the scenario into out, which it may be cut to; the target's own credentials are secrets, too. */
void rig_masked_text(const struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario, const char *text,
                     char *out, size_t room);
/* rig_fuzz_print of a finding of the scenario, whose message is masked, too. text: masked; NULL: without it. */
void rig_masked_print(FILE *out, const struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario,
                      const struct rig_fuzz_violation *violation, const char *text);

#endif
