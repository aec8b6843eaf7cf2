/* What the sweeps have in common: their options, their report, and when it fails a test. */
#include "harness/client/trial.h"
#include "harness/report/builder.h"

#include <errno.h>

struct rig_trials rig_trials_of(const char *site, const struct rig_sweep *sweep, struct rig_sweep_report *report)
{
    return (struct rig_trials){.site = site,
                               .client = sweep->client,
                               .request = &sweep->request,
                               .asserts = true,
                               .before = sweep->before,
                               .skip = sweep->skip,
                               .each = sweep->each,
                               .closure = sweep->closure,
                               .expected = sweep->findings,
                               .found = report->found};
}

void rig_sweep_finish(struct rig_sweep_report *report, const struct rig_trials *trials)
{
    report->runs = trials->runs;
    report->varies = trials->varies;
    report->drifted = trials->drifted;
    report->found_count = trials->found_count;
    report->not_tried = trials->leaks.not_tried;
    report->missing = report->error == 0 ? rig_trials_missing(trials) : NULL;
}

void rig_text_trouble(struct rig_text *text, int error, const char *missing)
{
    if (error == -EINVAL) {
        rig_text_add(text,
                     "\n  nothing to try: it wants a client and a request with a body, which is not a .source, not "
                     ".malformed and not refused by the server");
    } else if (error != 0) {
        rig_text_printf(text, "\n  error %d: %s", error, rig_error_text(error));
    }
    if (missing) {
        rig_text_printf(text, "\n  %s: expected, and not found", missing);
    }
}

void rig_text_doubts(struct rig_text *text, bool varies, bool drifted)
{
    rig_text_add(text,
                 varies ? "\n  the answer is not the same without a fault either: only what stays the same was compared"
                        : "");
    rig_text_add(text, drifted ? "\n  state built up in the stack, and the answer changed for good: see .before" : "");
}

int rig_sweep_text(const struct rig_sweep_report *report, char *buffer, size_t size)
{
    struct rig_text text;
    rig_text_start(&text, buffer, size);
    rig_text_printf(&text, "%s: %u run%s", report->name ? report->name : "sweep", report->runs,
                    report->runs == 1 ? "" : "s");
    if (report->stride > 1) {
        rig_text_printf(&text, ", one of %llu places tried", (unsigned long long)report->stride);
    }
    rig_text_trouble(&text, report->error, report->missing);
    if (report->not_tried) {
        rig_text_printf(&text, "\n  not tried: %s", report->not_tried);
    }
    rig_text_found(&text, report->found, report->found_count);
    rig_text_doubts(&text, report->varies, report->drifted);
    return rig_text_end(&text);
}

bool rig_found_fails(const struct rig_sweep_found *found, size_t count)
{
    bool fails = count > RIG_SWEEP_FOUND_MAX; /* what was not kept may be an error */
    for (size_t i = 0; i < count && i < RIG_SWEEP_FOUND_MAX; i++) {
        fails = fails || (found[i].level == RIG_LEVEL_ERROR && !found[i].expected);
    }
    return fails;
}

struct rig_sweep_report rig_sweep_assert_at(const char *site, void (*fail)(const char *site, const char *message),
                                            struct rig_sweep_report report)
{
    char text[4096];
    if (report.error != 0 || report.missing || rig_found_fails(report.found, report.found_count)) {
        (void)rig_sweep_text(&report, text, sizeof text);
        fail(site, text);
    }
    return report;
}
