/* Puts together what the report formats are given: everything is copied, escaped and masked on its way in. */
#ifndef STACKRIG_CLI_GATHER_H
#define STACKRIG_CLI_GATHER_H

#include "harness/cli/ui/cli.h"
#include "harness/cli/plan/plan.h"
#include "harness/reporters/report.h"

/* The strings must last as long as the report. */
void rig_report_begin(struct rig_run_report *report, const char *verb, const char *stack);
/* All requests of the plan, in their order. */
void rig_report_add_cases(struct rig_run_report *report, const struct rig_plan *plan);
/* A finding that is new and does not fail yet; the item lasts until the next is added. */
struct rig_report_item *rig_report_add(struct rig_run_report *report, const char *rule, enum rig_level level,
                                       const char *message);
struct rig_report_item *rig_report_add_finding(struct rig_run_report *report, const struct rig_finding *finding);
/* "incomplete": something was not looked at, which fails. */
void rig_report_add_incomplete(struct rig_run_report *report, const char *message);
void rig_report_item_note(struct rig_report_item *item, const char *site, const char *text);
void rig_report_item_case(struct rig_report_item *item, size_t number);
/* Its file, line, and what else makes it another one than its like. */
void rig_report_item_key(struct rig_report_item *item, const char *subject);
void rig_report_add_oracle(struct rig_run_report *report, const char *rule, const char *state, uint64_t armed);
/* Several lines, each escaped; free() it. */
char *rig_report_lines(const char *raw);
/* Once, when all items are there. */
void rig_report_end(struct rig_run_report *report, int status);
void rig_report_free(struct rig_run_report *report);

/* What is printed between the two, as a string. */
struct rig_capture {
    FILE *file;
    char *text;
    size_t size;
};
void rig_capture_begin(struct rig_capture *capture);
char *rig_capture_end(struct rig_capture *capture);

#endif
