/* What the child has noted, for the report formats. */
#define _POSIX_C_SOURCE 200809L

#include "harness/cli/run/gather.h"
#include "harness/cli/parity/parity.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct rig_case *case_at(const struct rig_parity *parity, size_t number)
{
    return &parity->plan.cases[number];
}

/* What it is about, without what was seen: the request, the kind, of headers also which. */
static void add_key(struct rig_report_item *item)
{
    char *subject = rig_must_copy(item->message), *seen = strstr(subject, ": the rig ");
    if (seen) {
        *seen = '\0';
    }
    rig_report_item_key(item, subject);
    free(subject);
}

static void add_item(struct rig_run_report *report, const struct rig_parity *parity, size_t number, const char *rule,
                     const char *line)
{
    const char *site = case_at(parity, number)->site;
    size_t size = strlen(site);
    bool placed = strncmp(line, site, size) == 0 && strncmp(line + size, ": ", 2) == 0;
    struct rig_report_item *item = rig_report_add(report, rule, RIG_LEVEL_ERROR, placed ? line + size + 2 : line);
    item->site = rig_must_copy(site);
    item->details = rig_report_lines(line);
    item->fails = true;
    rig_report_item_case(item, number);
    add_key(item);
}

/* "NUMBER\tRULE\tLINE"; without a rule: that request has run, for so many nanoseconds. */
static void take_note(struct rig_run_report *report, const struct rig_parity *parity, char *note)
{
    char *end, *rest = NULL;
    size_t number = strtoul(note, &end, 10);
    note[strcspn(note, "\n")] = '\0';
    if (*end != '\t' || number >= parity->plan.case_count) {
        return;
    }
    report->cases[number].ran = true;
    if (end[1] == '\t') {
        report->cases[number].took = strtoull(end + 2, NULL, 10);
    } else {
        const char *rule = strtok_r(end + 1, "\t", &rest);
        add_item(report, parity, number, rule, rest ? rest : "");
    }
}

static void take_notes(struct rig_run_report *report, const struct rig_parity *parity)
{
    FILE *in = fdopen(dup(parity->notes), "r");
    char *line = NULL;
    size_t room = 0;
    if (in) {
        rewind(in);
        while (getline(&line, &room, in) > 0) {
            take_note(report, parity, line);
        }
        (void)fclose(in);
    }
    free(line);
}

static void add_death(struct rig_run_report *report, const struct rig_parity *parity, const char *death)
{
    for (size_t i = 0; i < parity->plan.case_count; i++) {
        if (strcmp(case_at(parity, i)->site, parity->now) == 0) {
            add_item(report, parity, i, "crash", death);
            return;
        }
    }
    struct rig_report_item *item = rig_report_add(report, "crash", RIG_LEVEL_ERROR, death);
    item->fails = true;
    rig_report_item_key(item, NULL);
}

bool rig_parity_report(const struct rig_parity *parity, int status, const char *death)
{
    struct rig_run_report report;
    if (!rig_formats_any(&parity->options.formats)) {
        return true;
    }
    rig_report_begin(&report, "parity", parity->options.stack);
    rig_report_add_cases(&report, &parity->plan);
    take_notes(&report, parity);
    if (death) {
        add_death(&report, parity, death);
    }
    if (status == RIG_STATUS_USAGE) {
        rig_report_add_incomplete(&report, rig_complained());
    }
    report.interrupted = status == RIG_STATUS_INTERRUPTED;
    rig_report_end(&report, status);
    bool good = rig_formats_write(&parity->options.formats, &report);
    rig_report_free(&report);
    return good;
}
