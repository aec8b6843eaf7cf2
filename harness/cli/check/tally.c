#include "harness/cli/check/tally.h"

#include "harness/cli/run/connections.h"
#include "harness/cli/run/program.h"
#include "harness/cli/ui/known.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void rig_tally_start(struct rig_tally *tally, const struct rig_plan *plan, const struct rig_check_options *options)
{
    *tally = (struct rig_tally){.plan = plan, .options = options, .fold = {.plan = plan}};
    tally->armed = rig_must_alloc(rig_known_count(), sizeof *tally->armed);
    tally->ran = rig_must_alloc(plan->job_count, sizeof *tally->ran);
    tally->took = rig_must_alloc(plan->case_count, sizeof *tally->took);
    rig_expects_start(&tally->expects, plan);
}

static void add_quiet(struct rig_tally *tally, const struct rig_suppressed *suppressed)
{
    for (size_t i = 0; i < tally->quiet_count; i++) {
        struct rig_quiet *quiet = &tally->quiet[i];
        if (!strcmp(quiet->rule, suppressed->rule) && !strcmp(quiet->by, suppressed->by)) {
            quiet->count += suppressed->count;
            return;
        }
    }
    tally->quiet = rig_must_grow(tally->quiet, tally->quiet_count, &tally->quiet_capacity, sizeof *tally->quiet);
    tally->quiet[tally->quiet_count++] =
        (struct rig_quiet){rig_must_copy(suppressed->rule), rig_must_copy(suppressed->by), suppressed->count};
}

void rig_tally_first(struct rig_refused *refused, size_t number, const char *text)
{
    if (!refused->count++) {
        refused->first = number;
        refused->text = rig_must_copy(text);
    }
}

/* What the library below a program keeps when its own allocations fail is none of the program's. */
static bool is_librarys(const struct rig_tally *tally, const struct rig_finding *finding, const char *where)
{
    const struct rig_program *program = tally->options->program;
    bool starved = where && (strncmp(where, "malloc ", 7) == 0 || strncmp(where, "pool ", 5) == 0);
    return program && starved && finding->layer && strcmp(finding->rule, "state.memory.leaked") == 0 &&
           strcmp(finding->layer, program->kind->name) == 0;
}

static void add_findings(struct rig_tally *tally, const struct rig_job *job, const struct rig_job_report *report)
{
    const struct rig_scenario_request *request = tally->plan->cases[job->number].request;
    struct rig_secrets secrets = {0};
    if (!report->finding_count) {
        return;
    }
    rig_case_secrets(&secrets, &tally->plan->cases[job->number], tally->options);
    for (size_t i = 0; i < report->finding_count; i++) {
        struct rig_finding *finding = &report->findings[i];
        if (is_librarys(tally, finding, report->again[i].where)) {
            finding->level = RIG_LEVEL_NOTE;
        }
        struct rig_occurrence occurrence = {.in_request = true,
                                            .number = job->number,
                                            .server = job->server,
                                            .expected = rig_expects_rule(request, finding->rule),
                                            .runs = report->again[i].runs,
                                            .where = report->again[i].where};
        rig_fold_add(&tally->fold, finding, &occurrence, &secrets);
    }
    rig_secrets_free(&secrets);
}

static const char *untried_why(const struct rig_job_report *report)
{
    return report->trials.error == EINVAL      ? "it is malformed, or was refused"
           : report->trials.error == ECANCELED ? RIG_CUT_SHORT
           : report->trials.error == ESHUTDOWN ? "the program ends by itself after so many requests"
                                               : strerror((int)report->trials.error);
}

static void take_trials(struct rig_tally *tally, const struct rig_job *job, const struct rig_job_report *report)
{
    tally->tried += (size_t)report->status;
    for (size_t i = 0; i <= RIG_FAULT_SPOILED; i++) {
        tally->verdicts[i] += report->trials.verdicts[i];
    }
    if (report->trials.error) {
        rig_tally_first(&tally->untried, job->number, untried_why(report));
    }
    if (report->trials.varies) {
        rig_tally_first(&tally->varying, job->number, "only what stays the same was compared");
    }
}

static void take_found(struct rig_tally *tally, const struct rig_job *job, const struct rig_job_report *report)
{
    tally->no_leaks = report->trials.leaks <= RIG_LEAKS_WITH_THREADS && report->trials.leaks > tally->no_leaks
                          ? (enum rig_no_leaks)report->trials.leaks
                          : tally->no_leaks;
    tally->spared = tally->spared || report->trials.spared;
    tally->unchecked += report->unchecked;
    tally->lost_findings += report->lost + report->trials.lost;
    rig_expects_faults(&tally->expects, job, report);
    add_findings(tally, job, report);
}

static void take_armed(struct rig_tally *tally, const struct rig_job_report *report)
{
    for (size_t i = 0; i < rig_known_count(); i++) {
        tally->armed[i] += report->armed[i];
    }
    for (size_t i = 0; i < report->suppressed_count; i++) {
        add_quiet(tally, &report->suppressed[i]);
    }
}

void rig_tally_found(struct rig_tally *tally, size_t number, const struct rig_job_report *report)
{
    const struct rig_job *job = &tally->plan->jobs[number];
    tally->took[job->number] += report->trials.took;
    take_armed(tally, report);
    take_found(tally, job, report);
    if (report->trials.error) {
        rig_tally_first(&tally->unstarved, job->number, untried_why(report));
    }
}

void rig_tally_report(struct rig_tally *tally, size_t number, const struct rig_job_report *report)
{
    const struct rig_job *job = &tally->plan->jobs[number];
    tally->took[job->number] += report->trials.took;
    take_armed(tally, report);
    if (job->faults) {
        take_trials(tally, job, report);
        take_found(tally, job, report);
        return;
    }
    if (report->refused) {
        rig_tally_first(&tally->refused, job->number, report->refused);
        rig_tally_refused(tally, job, report);
    } else if (report->error) {
        rig_tally_error(tally, job, report);
    }
    tally->unchecked += report->unchecked;
    tally->lost_findings += report->lost;
    rig_expects_report(&tally->expects, job, report);
    add_findings(tally, job, report);
}

void rig_tally_free(struct rig_tally *tally)
{
    rig_fold_free(&tally->fold);
    rig_expects_free(&tally->expects);
    for (size_t i = 0; i < tally->quiet_count; i++) {
        free(tally->quiet[i].rule);
        free(tally->quiet[i].by);
    }
    free(tally->quiet);
    for (size_t i = 0; i < tally->starved_count; i++) {
        rig_finding_free(&tally->starved[i].finding);
        free(tally->starved[i].where);
    }
    free(tally->starved);
    free(tally->armed);
    free(tally->again);
    free(tally->ran);
    free(tally->took);
    free(tally->refused.text);
    free(tally->untried.text);
    free(tally->varying.text);
    free(tally->unstarved.text);
}
