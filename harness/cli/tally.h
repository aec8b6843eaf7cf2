/* What a whole run found. */
#ifndef STACKRIG_CLI_TALLY_H
#define STACKRIG_CLI_TALLY_H

#include "harness/cli/expects.h"
#include "harness/cli/fold.h"
#include "harness/cli/supervise.h"

struct rig_quiet {
    char *rule, *by;
    uint64_t count;
};

/* A kind of request that is worth a line in the summary: how many, and the first. */
struct rig_noted {
    size_t count, first; /* first: number of the case */
    int error;
    char *text;
};

struct rig_tally {
    const struct rig_plan *plan;
    const struct rig_check_options *options;
    struct rig_fold fold;
    struct rig_expects expects;
    unsigned layers;
    uint64_t *armed; /* by rule */
    struct rig_quiet *quiet;
    size_t quiet_count, quiet_capacity;
    struct rig_noted errors, refused; /* unhandled errors; requests the server did not let through */
    size_t unchecked, lost_findings, losses, not_run;
};

void rig_tally_start(struct rig_tally *tally, const struct rig_plan *plan, const struct rig_check_options *options);
void rig_tally_report(struct rig_tally *tally, size_t number, const struct rig_job_report *report);
void rig_tally_loss(struct rig_tally *tally, const struct rig_loss *loss);
void rig_tally_free(struct rig_tally *tally);
/* ---- summary.c ---- */

/* Prints findings, failed expectations and the summary; returns the exit status. */
int rig_tally_print(const struct rig_tally *tally);

#endif
