/* What a whole run found. */
#ifndef STACKRIG_CLI_TALLY_H
#define STACKRIG_CLI_TALLY_H

#include "harness/cli/check/baseline.h"
#include "harness/cli/plan/conf.h"
#include "harness/cli/run/expects.h"
#include "harness/cli/check/fold.h"
#include "harness/cli/run/supervise.h"

struct rig_quiet {
    char *rule, *by;
    uint64_t count;
};

/* Requests that the server did not let through: how many, and the first. */
struct rig_refused {
    size_t count, first; /* first: number of the case */
    char *text;
};

/* A crash for want of memory: where it was not looked whether there was any. Copies. */
struct rig_starved {
    char *where; /* as in struct rig_malloc_fault */
    struct rig_finding finding;
};

/* A saved finding of fuzzing that is found again. */
struct rig_refound {
    const char *file, *rule;
};

struct rig_tally {
    const struct rig_plan *plan;
    const struct rig_check_options *options;
    struct rig_fold fold;
    struct rig_expects expects;
    unsigned layers;
    uint64_t *armed; /* by rule */
    bool *ran;       /* by job */
    uint64_t *took;  /* by case, ns: of all its runs together */
    struct rig_quiet *quiet;
    size_t quiet_count, quiet_capacity;
    struct rig_refused refused;
    size_t shortages, short_losses; /* allocations that failed; those of them that ended the process or hung it */
    size_t tried, fault_losses;     /* requests with a fault that came back; that crashed or hung */
    size_t verdicts[RIG_FAULT_SPOILED + 1]; /* of their faults */
    struct rig_refused untried, varying;    /* requests that could not be tried; whose answers vary without a fault */
    struct rig_refused unstarved;           /* requests that no allocation could be failed in */
    struct rig_starved *starved;
    size_t starved_count, starved_capacity;
    bool spared;                /* allocations of libfcgi's own did not fail */
    enum rig_no_leaks no_leaks; /* why they were not looked for, at least once */
    size_t unchecked, lost_findings, losses, not_run;
    size_t lingering;                    /* programs with AddressSanitizer that did not end by themselves */
    size_t restarts;                     /* of a program that ended by itself */
    size_t errors, unwanted;             /* unhandled, and refused; not expected */
    const struct rig_baseline *baseline; /* NULL: none */
    const struct rig_conf *conf;         /* NULL: none */
    struct rig_refound *again;
    size_t again_count, again_capacity;
    bool interrupted;
    bool gave_up; /* and has said why */
};

void rig_tally_start(struct rig_tally *tally, const struct rig_plan *plan, const struct rig_check_options *options);
void rig_tally_report(struct rig_tally *tally, size_t number, const struct rig_job_report *report);
#define RIG_CUT_SHORT "not all: it crashed or hung too often, or without a fault"
void rig_tally_first(struct rig_refused *refused, size_t number, const char *text);
/* With allocations that failed. */
void rig_tally_found(struct rig_tally *tally, size_t number, const struct rig_job_report *report);
void rig_tally_free(struct rig_tally *tally);

/* ---- apart.c ---- */

/* An error that no layer handled: a block of its own. A request that could not be sent mostly has a finding instead. */
void rig_tally_error(struct rig_tally *tally, const struct rig_job *job, const struct rig_job_report *report);
/* A request that the server did not let through: the same. */
void rig_tally_refused(struct rig_tally *tally, const struct rig_job *job, const struct rig_job_report *report);
/* A crash or a hang. */
void rig_tally_loss(struct rig_tally *tally, const struct rig_loss *loss);

/* ---- summary.c ---- */

void rig_tally_print_findings(const struct rig_tally *tally); /* and failed expectations */
void rig_tally_print_summary(const struct rig_tally *tally);
int rig_tally_status(const struct rig_tally *tally);
/* Calls each for the rules that had to be armed and were not; returns their number. */
typedef void rig_missing_fn(void *closure, const struct rig_rule *rule);
size_t rig_tally_missing(const struct rig_tally *tally, rig_missing_fn *each, void *closure);

/* ---- check_report.c ---- */

/* All of it, for the report formats. */
void rig_tally_gather(const struct rig_tally *tally, struct rig_run_report *report);

#endif
