/* `# @expect` lines, held against what came back. */
#ifndef STACKRIG_CLI_EXPECTS_H
#define STACKRIG_CLI_EXPECTS_H

#include "harness/cli/plan/plan.h"
#include "harness/cli/run/protocol.h"

/* One `@expect status` or `@expect error` that did not hold. */
struct rig_mismatch {
    size_t number; /* of the case */
    const struct rig_scenario_expect *expect;
    int got;
    uint32_t servers;
};

struct rig_expects {
    const struct rig_plan *plan;
    uint32_t *answered; /* by case: profiles that gave a result */
    bool **met;         /* by case and expect: findings that came up under some profile */
    struct rig_mismatch *mismatches;
    size_t count, capacity;
};

void rig_expects_start(struct rig_expects *expects, const struct rig_plan *plan);
void rig_expects_report(struct rig_expects *expects, const struct rig_job *job, const struct rig_job_report *report);
/* The same for what was found with faults, which says nothing of status and error. */
void rig_expects_faults(struct rig_expects *expects, const struct rig_job *job, const struct rig_job_report *report);
/* Did its # @fault keep it from a server that waits for all of the body? No layer saw it, and nothing can be expected. */
bool rig_expects_gone(const struct rig_scenario_request *request, const struct rig_job_report *report);
/* Does the request expect that rule, that error? */
bool rig_expects_rule(const struct rig_scenario_request *request, const char *rule);
bool rig_expects_status(const struct rig_scenario_request *request, int status);
bool rig_expects_error(const struct rig_scenario_request *request, int error);
/* Calls each for those that failed, "NAME: expected ..." at that line of the case's file; returns their number. */
typedef void rig_expects_fn(void *closure, size_t number, size_t line, const char *text);
size_t rig_expects_each(const struct rig_expects *expects, rig_expects_fn *each, void *closure);
size_t rig_expects_count(const struct rig_expects *expects); /* all there are */
void rig_expects_free(struct rig_expects *expects);

#endif
