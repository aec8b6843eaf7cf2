/* What fuzzing found, for the report formats. */
#ifndef STACKRIG_CLI_FUZZ_REPORT_H
#define STACKRIG_CLI_FUZZ_REPORT_H

#include "fuzz/driver/report.h"
#include "harness/cli/run/gather.h"

/* text: the scenario that shows it. place: in the code, of a crash, as part of its key; NULL: none. */
void rig_fuzz_gather(struct rig_run_report *report, const struct rig_fuzz_violation *violation, const char *text,
                     const char *place);
/* How often each oracle was armed till now. */
void rig_fuzz_gather_oracles(struct rig_run_report *report, const struct rig_fuzz_target *target);

#endif
