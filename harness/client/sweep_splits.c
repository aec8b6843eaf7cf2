/* A body is the same body however it is cut: every place, and every two places of a small one. */
#include "harness/client/trial.h"
#include "harness/report/builder.h"

#include <errno.h>
#include <stdio.h>

#define PLACES_MAX 4096
#define PAIRS_UP_TO 48 /* 1,128 requests */

/* Who read less of the body than when it came whole, the innermost first; RIG_NO_HOP: nobody did. */
static uint32_t find_reader(const struct rig_run *run, const struct rig_whole *whole)
{
    for (uint32_t i = run->hop_count < whole->hop_count ? run->hop_count : (uint32_t)whole->hop_count; i-- > 0;) {
        if (run->hops[i].exchange == 0 && run->hops[i].body.read < whole->hops[i].body.read) {
            return i;
        }
    }
    return RIG_NO_HOP;
}

void rig_judge_pieces(struct rig_attempt *attempt, const struct rig_result *result)
{
    char how[256];
    struct rig_text text;
    struct rig_run *run = attempt->run;
    const struct rig_whole *whole = &attempt->trials->whole;
    unsigned rule = rig_trial_rule("input.pieces.matter");
    rig_text_start(&text, how, sizeof how);
    rig_arm(run, rule, 1);
    attempt->differs = rig_whole_differs(whole, result, &text);
    (void)rig_text_end(&text);
    if (!attempt->differs || !attempt->convicted) {
        return;
    }
    const struct rig_response *response = run->response;
    uint32_t reader = find_reader(run, whole);
    uint32_t hop = reader != RIG_NO_HOP ? reader : response->answered_by;
    const struct rig_evidence answer = {how, response->answered_at};
    struct rig_find find = {.rule = rule,
                            .site = reader != RIG_NO_HOP ? run->hops[reader].body.read_at : response->answered_at,
                            .hop = hop,
                            .evidence = &answer,
                            .evidence_count = 1};
    const char *layer = hop < run->hop_count ? run->hops[hop].layer : "the stack";
    if (reader != RIG_NO_HOP) {
        (void)rig_find(run, &find, "%s read %llu of %llu body bytes when it came with %s: %s", layer,
                       (unsigned long long)run->hops[reader].body.read,
                       (unsigned long long)whole->hops[reader].body.read, attempt->where, how);
    } else {
        (void)rig_find(run, &find, "%s answered otherwise when the body came with %s: %s", layer, attempt->where, how);
    }
}

struct splits {
    struct rig_trials trials;
    struct rig_sweep_report *report;
};

static void try_cut(struct splits *all, size_t first, size_t second)
{
    size_t size = (size_t)all->trials.whole.offered;
    const size_t pieces[3] = {first, second ? second - first : size - first, second ? size - second : 1};
    struct rig_attempt tried, attempt = {.pieces = pieces, .piece_count = second ? 3 : 2, .judge = rig_judge_pieces};
    if (second) {
        (void)snprintf(attempt.where, sizeof attempt.where, "cuts after bytes %zu and %zu of %zu", first, second, size);
    } else {
        (void)snprintf(attempt.where, sizeof attempt.where, "a cut after byte %zu of %zu", first, size);
    }
    rig_trials_try(&all->trials, &attempt, &tried);
    if (tried.differs && all->report->differs++ == 0) {
        all->report->cut[0] = first;
        all->report->cut[1] = second;
    }
}

static void try_all(struct splits *all, const struct rig_sweep *sweep)
{
    uint64_t size = all->trials.whole.offered, stride = sweep->stride;
    size_t pairs = sweep->pairs_up_to ? sweep->pairs_up_to : PAIRS_UP_TO;
    stride = stride ? stride : (size + PLACES_MAX - 1) / PLACES_MAX;
    all->report->stride = stride;
    for (uint64_t first = stride; first < size; first += stride) {
        try_cut(all, (size_t)first, 0);
    }
    for (uint64_t first = stride; size <= pairs && first < size; first += stride) {
        for (uint64_t second = first + stride; second < size; second += stride) {
            try_cut(all, (size_t)first, (size_t)second);
        }
    }
}

struct rig_sweep_report rig_sweep_splits_at(const char *site, struct rig_sweep sweep)
{
    struct rig_sweep_report report = {.name = "rig_sweep_splits"};
    struct splits all = {.trials = rig_trials_of(site, &sweep, &report), .report = &report};
    report.error = rig_trials_begin(&all.trials);
    report.error = report.error == 0 && all.trials.whole.offered == 0 ? -EINVAL : report.error;
    if (report.error == 0) {
        try_all(&all, &sweep);
        rig_trials_end(&all.trials);
    }
    rig_sweep_finish(&report, &all.trials);
    return report;
}
