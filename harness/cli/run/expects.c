#include "harness/cli/run/expects.h"

#include <stdlib.h>
#include <string.h>

#include "harness/report/mask.h"

void rig_expects_start(struct rig_expects *expects, const struct rig_plan *plan)
{
    *expects = (struct rig_expects){.plan = plan};
    expects->answered = rig_must_alloc(plan->case_count, sizeof *expects->answered);
    expects->met = rig_must_alloc(plan->case_count, sizeof *expects->met);
    for (size_t i = 0; i < plan->case_count; i++) {
        expects->met[i] = rig_must_alloc(plan->cases[i].request->expect_count, sizeof **expects->met);
    }
}

static void add_mismatch(struct rig_expects *expects, const struct rig_job *job,
                         const struct rig_scenario_expect *expect, int got)
{
    uint32_t server = UINT32_C(1) << job->server;
    for (size_t i = 0; i < expects->count; i++) {
        struct rig_mismatch *other = &expects->mismatches[i];
        if (other->expect == expect && other->got == got) {
            other->servers |= server;
            return;
        }
    }
    expects->mismatches =
        rig_must_grow(expects->mismatches, expects->count, &expects->capacity, sizeof *expects->mismatches);
    expects->mismatches[expects->count++] = (struct rig_mismatch){job->number, expect, got, server};
}

static bool found(const struct rig_job_report *report, const char *rule)
{
    for (size_t i = 0; i < report->finding_count; i++) {
        if (!strcmp(report->findings[i].rule, rule)) {
            return true;
        }
    }
    return false;
}

bool rig_expects_gone(const struct rig_scenario_request *request, const struct rig_job_report *report)
{
    return request->request.fault && report->refused && report->status == 0;
}

void rig_expects_report(struct rig_expects *expects, const struct rig_job *job, const struct rig_job_report *report)
{
    const struct rig_scenario_request *request = expects->plan->cases[job->number].request;
    expects->answered[job->number] |= UINT32_C(1) << job->server;
    bool gone = rig_expects_gone(request, report);
    for (size_t i = 0; i < request->expect_count; i++) {
        const struct rig_scenario_expect *expect = &request->expects[i];
        if (expect->kind == RIG_EXPECT_FINDING) {
            expects->met[job->number][i] |= found(report, expect->rule);
        } else if (!gone && expect->kind == RIG_EXPECT_STATUS && report->status != expect->status) {
            add_mismatch(expects, job, expect, report->status);
        } else if (!gone && expect->kind == RIG_EXPECT_ERROR && report->error != expect->error) {
            add_mismatch(expects, job, expect, report->error);
        }
    }
}

void rig_expects_faults(struct rig_expects *expects, const struct rig_job *job, const struct rig_job_report *report)
{
    const struct rig_scenario_request *request = expects->plan->cases[job->number].request;
    for (size_t i = 0; i < request->expect_count; i++) {
        if (request->expects[i].kind == RIG_EXPECT_FINDING) {
            expects->met[job->number][i] |= found(report, request->expects[i].rule);
        }
    }
}

bool rig_expects_rule(const struct rig_scenario_request *request, const char *rule)
{
    for (size_t i = 0; i < request->expect_count; i++) {
        if (request->expects[i].kind == RIG_EXPECT_FINDING && !strcmp(request->expects[i].rule, rule)) {
            return true;
        }
    }
    return false;
}

bool rig_expects_status(const struct rig_scenario_request *request, int status)
{
    for (size_t i = 0; i < request->expect_count; i++) {
        if (request->expects[i].kind == RIG_EXPECT_STATUS && request->expects[i].status == status) {
            return true;
        }
    }
    return false;
}

bool rig_expects_error(const struct rig_scenario_request *request, int error)
{
    for (size_t i = 0; i < request->expect_count; i++) {
        if (request->expects[i].kind == RIG_EXPECT_ERROR && request->expects[i].error == error) {
            return true;
        }
    }
    return false;
}

static void add_expected(struct rig_text *text, const struct rig_case *one, const struct rig_scenario_expect *expect)
{
    rig_text_target(text, one->request->name);
    rig_text_add(text, ": expected ");
    if (expect->kind == RIG_EXPECT_STATUS) {
        rig_text_printf(text, "status %d", expect->status);
    } else if (expect->kind == RIG_EXPECT_ERROR) {
        rig_text_add(text, "error ");
        rig_text_error(text, expect->error);
    } else {
        rig_text_add(text, "finding ");
        rig_text_escape(text, expect->rule);
    }
}

static void each_mismatch(const struct rig_expects *expects, struct rig_text *text, rig_expects_fn *each, void *closure)
{
    for (size_t i = 0; i < expects->count; i++) {
        const struct rig_mismatch *one = &expects->mismatches[i];
        rig_text_start(text, text->data, text->size);
        add_expected(text, &expects->plan->cases[one->number], one->expect);
        rig_text_add(text, ", got ");
        if (one->expect->kind == RIG_EXPECT_ERROR) {
            rig_text_error(text, one->got);
        } else {
            rig_text_printf(text, "%d", one->got);
        }
        rig_text_add(text, " under ");
        rig_text_servers(text, expects->plan, one->servers);
        rig_text_end(text);
        each(closure, one->number, one->expect->line, text->data);
    }
}

/* A finding that no profile gave; anything of a request that never came to its end. */
static size_t each_unmet(const struct rig_expects *expects, size_t number, struct rig_text *text, rig_expects_fn *each,
                         void *closure)
{
    size_t count = 0;
    const struct rig_case *one = &expects->plan->cases[number];
    for (size_t i = 0; i < one->request->expect_count; i++) {
        const struct rig_scenario_expect *expect = &one->request->expects[i];
        rig_text_start(text, text->data, text->size);
        add_expected(text, one, expect);
        if (!expects->answered[number]) {
            rig_text_add(text, ", but the request has no result");
        } else if (expect->kind == RIG_EXPECT_FINDING && !expects->met[number][i]) {
            rig_text_add(text, ", there was none under ");
            rig_text_servers(text, expects->plan, expects->answered[number]);
        } else {
            continue;
        }
        rig_text_end(text);
        each(closure, number, expect->line, text->data);
        count++;
    }
    return count;
}

size_t rig_expects_each(const struct rig_expects *expects, rig_expects_fn *each, void *closure)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    size_t failed = expects->count;
    rig_text_start(&text, line, sizeof line);
    each_mismatch(expects, &text, each, closure);
    for (size_t i = 0; i < expects->plan->case_count; i++) {
        failed += each_unmet(expects, i, &text, each, closure);
    }
    return failed;
}

size_t rig_expects_count(const struct rig_expects *expects)
{
    size_t total = 0;
    for (size_t i = 0; i < expects->plan->case_count; i++) {
        total += expects->plan->cases[i].request->expect_count;
    }
    return total;
}

void rig_expects_free(struct rig_expects *expects)
{
    for (size_t i = 0; i < expects->plan->case_count; i++) {
        free(expects->met[i]);
    }
    free(expects->met);
    free(expects->answered);
    free(expects->mismatches);
}
