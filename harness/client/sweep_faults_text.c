/* What the faults did, as text. */
#include "harness/client/error_names.h"
#include "harness/client/trial.h"
#include "harness/core/preload.h"
#include "harness/report/builder.h"

static const char *const verdicts[] = {"unharmed", "answered 4xx or 5xx", "passed on", "lied", "spoiled"};
#define VERDICTS (sizeof verdicts / sizeof *verdicts)

const char *rig_fault_verdict_name(enum rig_fault_verdict verdict)
{
    return (size_t)verdict < VERDICTS ? verdicts[verdict] : "?";
}

static void text_met(struct rig_text *text, const struct rig_fault_case *one)
{
    const char *name = rig_error_name(one->met);
    if (!one->layer) {
        return;
    }
    rig_text_printf(text, "%s: ", one->site ? one->site : "-");
    rig_text_escape(text, one->layer);
    if (one->layer_number > 1) {
        rig_text_printf(text, " #%u", one->layer_number);
    }
    if (one->met == 0) {
        rig_text_add(text, " met the end; ");
    } else if (name) {
        rig_text_printf(text, " met -%s; ", name);
    } else {
        rig_text_printf(text, " met %d; ", one->met);
    }
}

static void text_came(struct rig_text *text, const struct rig_fault_case *one)
{
    static const char *const before[VERDICTS] = {"unharmed, ", "", "passed on, ", "lied: ", "spoiled: "};
    rig_text_add(text, (size_t)one->verdict < VERDICTS ? before[one->verdict] : "");
    if (one->error != 0) {
        const char *name = rig_error_name(one->error);
        rig_text_printf(text, "error %d%s%s%s", one->error, name ? " (" : "", name ? name : "", name ? ")" : "");
        return;
    }
    rig_text_printf(text, "answered %d", one->status);
    if (one->answered_by) {
        rig_text_add(text, " by ");
        rig_text_escape(text, one->answered_by);
        rig_text_printf(text, " at %s", one->answered_at ? one->answered_at : "-");
    }
}

/* Where memory ran out. */
static void text_short(struct rig_text *text, const struct rig_fault_case *one)
{
    rig_text_printf(text,
                    one->always ? "%s from allocation %llu on, of %zu bytes" : "%s at allocation %llu, of %zu bytes",
                    rig_fault_name(one->kind), (unsigned long long)one->chance, one->size);
    if (one->layer) {
        rig_text_add(text, " in layer ");
        rig_text_escape(text, one->layer);
    }
    rig_text_printf(text, "%s%s: ", one->where[0] ? ", " : "", one->where);
    text_came(text, one);
}

static void text_case(struct rig_text *text, const struct rig_fault_case *one)
{
    if (one->kind == RIG_FAULT_POOL || one->kind == RIG_FAULT_MALLOC) {
        text_short(text, one);
        return;
    }
    rig_text_printf(text,
                    one->always ? "%s from read %llu on, after %llu bytes: " : "%s at read %llu, after %llu bytes: ",
                    rig_fault_name(one->kind), (unsigned long long)one->chance, (unsigned long long)one->offset);
    text_met(text, one);
    text_came(text, one);
}

int rig_fault_case_text(const struct rig_fault_case *one, char *buffer, size_t size)
{
    struct rig_text text;
    rig_text_start(&text, buffer, size);
    text_case(&text, one);
    return rig_text_end(&text);
}

int rig_fault_text(const struct rig_fault_report *report, char *buffer, size_t size)
{
    struct rig_text text;
    rig_text_start(&text, buffer, size);
    rig_text_printf(&text, "rig_each_fault: %u fault%s", report->runs, report->runs == 1 ? "" : "s");
    for (size_t i = 0; i < VERDICTS; i++) {
        rig_text_printf(&text, "%s%u %s", i == 0 ? ": " : ", ", report->verdicts[i], verdicts[i]);
    }
    rig_text_trouble(&text, report->error, report->missing);
    if (report->not_tried) {
        rig_text_printf(&text, "\n  not tried: %s", report->not_tried);
    }
    if (report->spared) {
        rig_text_add(&text, "\n  not tried: " RIG_SPARED);
    }
    for (size_t i = 0; i < report->case_count && i < RIG_FAULT_CASES_MAX; i++) {
        rig_text_add(&text, "\n  ");
        text_case(&text, &report->cases[i]);
    }
    rig_text_found(&text, report->found, report->found_count);
    rig_text_doubts(&text, report->varies, report->drifted);
    return rig_text_end(&text);
}

struct rig_fault_report rig_fault_assert_at(const char *site, void (*fail)(const char *site, const char *message),
                                            struct rig_fault_report report)
{
    char text[4096];
    if (report.error != 0 || report.missing || rig_found_fails(report.found, report.found_count)) {
        (void)rig_fault_text(&report, text, sizeof text);
        fail(site, text);
    }
    return report;
}
