#include "harness/cli/run/load.h"
#include "harness/cli/run/tried.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stackrig/faults.h>
#include <stackrig/sweeps.h>

#include "harness/cli/ui/cli.h"
#include "harness/cli/ui/known.h"
#include "harness/cli/run/protocol.h"
#include "harness/core/wall.h"
#include "harness/report/text.h"
#include "harness/cli/run/watch.h"

#define ALIVE_EVERY 64 /* requests */

/* ---- what was found, each thing once ---- */

static bool is_kept(struct rig_tried *tried, const struct rig_finding *finding)
{
    for (size_t i = 0; i < tried->report.result.finding_count; i++) {
        const struct rig_finding *other = &tried->findings[i];
        if (rig_finding_is(finding, other->rule, other->layer, other->layer_number, other->site) &&
            rig_same_text(other->subject, finding->subject)) {
            tried->again[i].runs += tried->last[i] != tried->report.result.status;
            tried->last[i] = tried->report.result.status;
            return true;
        }
    }
    return false;
}

static const char *copy(const char *text)
{
    return text ? rig_must_copy(text) : NULL;
}

/* Names of layers and sites last as long as the stack. */
static void keep(struct rig_tried *tried, const struct rig_finding *finding, const char *where)
{
    size_t count = finding->evidence_count, number = tried->report.result.finding_count++;
    struct rig_evidence *evidence = rig_must_alloc(count, sizeof *evidence);
    for (size_t i = 0; i < count; i++) {
        evidence[i] = (struct rig_evidence){copy(finding->evidence[i].text), finding->evidence[i].site};
    }
    tried->again[number] = (struct rig_again){1, copy(where)};
    tried->last[number] = tried->report.result.status;
    struct rig_finding *kept = &tried->findings[number];
    *kept = *finding;
    kept->subject = copy(finding->subject);
    kept->message = copy(finding->message);
    kept->follows = copy(finding->follows);
    kept->server = copy(finding->server);
    kept->mend = copy(finding->mend);
    kept->evidence = evidence;
}

static void add_suppressed(struct rig_tried *tried, const struct rig_suppressed *use)
{
    struct rig_result *result = &tried->report.result;
    for (size_t i = 0; i < result->suppressed_count; i++) {
        struct rig_suppressed *other = &tried->suppressed[i];
        if (!strcmp(other->rule, use->rule) && !strcmp(other->by, use->by)) {
            other->count += use->count;
            return;
        }
    }
    tried->suppressed = rig_must_grow(tried->suppressed, result->suppressed_count, &tried->suppressed_capacity,
                                      sizeof *tried->suppressed);
    tried->suppressed[result->suppressed_count++] = (struct rig_suppressed){use->rule, copy(use->by), use->count};
    result->suppressed = tried->suppressed;
}

/* ---- each request ---- */

static void note_time(struct rig_tried *tried)
{
    tried->trials.took = (uint64_t)(rig_wall_ns() - tried->begun);
}

/* ECANCELED: what comes next lost a worker before, and cannot be left out; ESHUTDOWN: the program is over. */
static _Noreturn void stop(struct rig_tried *tried, unsigned error)
{
    enum rig_frame_kind kind = tried->at_once ? RIG_FRAME_FOUND : RIG_FRAME_REPORT;
    tried->trials.error = error;
    note_time(tried);
    bool sent = rig_frame_send_report(tried->fd, kind, tried->job, &tried->report.result, &tried->trials) &&
                rig_frame_send(tried->fd, RIG_FRAME_CLOSING, 0, NULL);
    fflush(stdout);
    rig_stack_write_lines();
    (void)(sent && rig_frame_send(tried->fd, RIG_FRAME_DONE, error == ESHUTDOWN, NULL));
    _exit(0);
}

static bool skips(void *closure, const char *where)
{
    (void)closure;
    return rig_watch_skips(where);
}

static void before_each(void *closure, const char *where)
{
    struct rig_tried *tried = closure;
    if (!tried->at_once && rig_watch_begin((uint32_t)tried->report.result.status + 1)) {
        stop(tried, ECANCELED);
    }
    if (tried->over && tried->over()) {
        stop(tried, ESHUTDOWN);
    }
    rig_watch_clear();
    rig_watch_fault(where);
    if (tried->report.result.status++ % ALIVE_EVERY == 0 && !rig_frame_send(tried->fd, RIG_FRAME_ALIVE, 0, NULL)) {
        _exit(0);
    }
}

static bool is_of(const char *where, enum rig_fault_kind kind)
{
    return !strncmp(where, rig_fault_name(kind), strlen(rig_fault_name(kind)));
}

static void start(struct rig_tried *tried, int fd, uint32_t job, struct rig_client *client)
{
    bool (*over)(void) = tried->over;
    memset(tried, 0, sizeof *tried);
    tried->over = over;
    tried->fd = fd;
    tried->job = job;
    tried->report.client = client;
    tried->report.armed = rig_must_alloc(rig_known_count(), sizeof *tried->report.armed);
    tried->report.result.findings = tried->findings;
    tried->trials.again = tried->again;
    tried->begun = rig_wall_ns();
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

void rig_tried_free(struct rig_tried *tried)
{
    for (size_t i = 0; i < tried->report.result.finding_count; i++) {
        const struct rig_finding *finding = &tried->findings[i];
        free_text(finding->subject);
        free_text(finding->message);
        free_text(finding->follows);
        free_text(finding->server);
        free_text(finding->mend);
        for (size_t k = 0; k < finding->evidence_count; k++) {
            free_text(finding->evidence[k].text);
        }
        free((void *)(uintptr_t)finding->evidence);
        free_text(tried->again[i].where);
    }
    for (size_t i = 0; i < tried->report.result.suppressed_count; i++) {
        free_text(tried->suppressed[i].by);
    }
    free(tried->suppressed);
    free(tried->report.armed);
}

/* What was found so far, which is then found anew. */
static void tell(struct rig_tried *tried)
{
    int sent = tried->report.result.status;
    note_time(tried);
    if (!rig_frame_send_report(tried->fd, RIG_FRAME_FOUND, tried->job, &tried->report.result, &tried->trials)) {
        _exit(0);
    }
    rig_tried_free(tried);
    start(tried, tried->fd, tried->job, tried->report.client);
    tried->at_once = true;
    tried->report.result.status = sent;
}

/* What is found without a fault was found before. */
static void take_result(void *closure, const struct rig_result *result, const char *where)
{
    struct rig_tried *tried = closure;
    const unsigned *armed = ((const struct rig_report *)(const void *)result)->armed;
    for (size_t i = 0; i < rig_known_count(); i++) {
        tried->report.armed[i] += armed[i];
    }
    bool starved = is_of(where, RIG_FAULT_POOL) || is_of(where, RIG_FAULT_MALLOC); /* then a check may be, too */
    tried->report.result.unchecked = tried->report.result.unchecked || (result->unchecked && !starved);
    if (!strcmp(where, "nothing")) {
        return;
    }
    for (size_t i = 0; i < result->suppressed_count; i++) {
        add_suppressed(tried, &result->suppressed[i]);
    }
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        if (finding->level < RIG_LEVEL_WARNING || is_kept(tried, finding)) {
            continue;
        }
        if (tried->report.result.finding_count < RIG_TRIED_FINDINGS) {
            keep(tried, finding, where);
        } else {
            tried->trials.lost++;
        }
    }
    if (tried->at_once && result->finding_count > 0) {
        tell(tried);
    }
}

/* As it comes: the worker may not come to the end of them. */
static void take_case(void *closure, const struct rig_fault_case *one)
{
    ((struct rig_tried *)closure)->trials.verdicts[one->verdict]++;
}

static void take_doubts(struct rig_trials *trials, const struct rig_fault_report *report)
{
    trials->error = (uint32_t)-report->error;
    trials->varies = report->varies || report->drifted;
}

/* A sweep that a request has nothing for (splits without a body) says so, and is none of ours. */
static void take_sweep(struct rig_trials *trials, const struct rig_sweep_report *report)
{
    if (report->error && report->error != -EINVAL) {
        trials->error = (uint32_t)-report->error;
    }
    trials->varies = trials->varies || report->varies || report->drifted;
}

/* The reports have it as a text. */
static enum rig_no_leaks no_leaks(const char *not_tried)
{
    return !not_tried || !strstr(not_tried, "leaks:") ? RIG_LEAKS_TRIED
           : rig_malloc_can_fail()                    ? RIG_LEAKS_WITH_THREADS
                                                      : RIG_LEAKS_WITHOUT_LIBRARY;
}

/* Allocations are for rig_tried_short, which goes on after one that ended the process. */
void rig_tried_run(struct rig_tried *tried, int fd, uint32_t job, const char *site, struct rig_client *client,
                   const struct rig_request *request)
{
    start(tried, fd, job, client);
    const struct rig_fault_loop loop = {.client = client,
                                        .request = *request,
                                        .kinds = ~(1u << RIG_FAULT_MALLOC),
                                        .skip = skips,
                                        .each_case = take_case,
                                        .before = before_each,
                                        .each = take_result,
                                        .closure = tried};
    const struct rig_sweep sweep = {.client = client,
                                    .request = *request,
                                    .skip = skips,
                                    .before = before_each,
                                    .each = take_result,
                                    .closure = tried};
    const struct rig_fault_report faults = rig_sweep_faults_at(site, loop);
    const struct rig_sweep_report splits = rig_sweep_splits_at(site, sweep);
    const struct rig_sweep_report disconnects = rig_sweep_disconnect_at(site, sweep);
    take_doubts(&tried->trials, &faults);
    take_sweep(&tried->trials, &splits);
    take_sweep(&tried->trials, &disconnects);
    tried->trials.leaks = no_leaks(disconnects.not_tried);
    rig_watch_fault("");
    note_time(tried);
}

static void tell_short(void *closure, const struct rig_fault_case *one)
{
    struct rig_tried *tried = closure;
    take_case(closure, one);
    if (!rig_frame_send(tried->fd, RIG_FRAME_SHORT, tried->job, NULL)) {
        _exit(0);
    }
}

void rig_tried_short(struct rig_tried *tried, int fd, uint32_t job, const char *site, struct rig_client *client,
                     const struct rig_request *request, const struct rig_shortage *first,
                     struct rig_malloc_fault *memory)
{
    start(tried, fd, job, client);
    tried->at_once = true;
    const struct rig_fault_loop loop = {.client = client,
                                        .request = *request,
                                        .kinds = 1u << RIG_FAULT_MALLOC,
                                        .from = first->nth,
                                        .from_always = first->always,
                                        .memory = memory,
                                        .each_case = tell_short,
                                        .before = before_each,
                                        .each = take_result,
                                        .closure = tried};
    const struct rig_fault_report report = rig_sweep_faults_at(site, loop);
    take_doubts(&tried->trials, &report);
    tried->trials.leaks = no_leaks(report.not_tried);
    tried->trials.spared = report.spared;
    rig_watch_fault("");
    note_time(tried);
}
