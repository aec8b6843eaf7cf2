/* What a whole run found, for the report formats. */
#include <stdlib.h>
#include <string.h>

#include "harness/cli/run/gather.h"
#include "harness/cli/check/tally.h"

static char *details_of(const struct rig_block *block, const struct rig_plan *plan)
{
    struct rig_capture capture;
    rig_capture_begin(&capture);
    rig_print_block(block, plan, false);
    return rig_capture_end(&capture);
}

static char *servers_of(uint32_t servers, const struct rig_plan *plan)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_servers(&text, plan, servers);
    rig_text_end(&text);
    return servers ? rig_must_copy(line) : NULL;
}

static void add_block(struct rig_run_report *report, const struct rig_tally *tally, const struct rig_block *block)
{
    struct rig_report_item *item = rig_report_add_finding(report, &block->finding);
    item->key = block->lasting;
    item->state = block->expected ? RIG_REPORT_EXPECTED : block->state;
    item->reason = rig_must_copy(block->reason);
    item->until = rig_must_copy(block->until);
    item->fails = rig_block_is_new(block) && block->finding.level >= tally->options->fail_on;
    item->details = details_of(block, tally->plan);
    item->servers = servers_of(block->servers, tally->plan);
    for (size_t i = 0; i < block->seen_count; i++) {
        rig_report_item_case(item, block->seen[i].number);
    }
    if (!item->site && block->seen_count) { /* of the request itself */
        item->site = rig_must_copy(tally->plan->cases[block->seen[0].number].site);
    }
}

struct gathering {
    const struct rig_tally *tally;
    struct rig_run_report *report;
};

static void add_expect(void *closure, size_t number, size_t line, const char *text)
{
    const struct gathering *all = closure;
    const char *path = all->tally->plan->cases[number].path;
    size_t size = strlen(path) + 24;
    struct rig_report_item *item = rig_report_add(all->report, "@expect", RIG_LEVEL_ERROR, text);
    item->site = rig_must_alloc(size, 1);
    (void)snprintf(item->site, size, "%s:%zu", path, line);
    item->fails = true;
    rig_report_item_key(item, text);
    rig_report_item_case(item, number);
}

static void add_again(struct rig_run_report *report, const struct rig_plan *plan, const struct rig_refound *again)
{
    char message[512];
    (void)snprintf(message, sizeof message, "%s is found again with all oracles of fuzzing; stackrig show prints it",
                   again->rule);
    struct rig_report_item *item = rig_report_add(report, again->rule, RIG_LEVEL_ERROR, message);
    item->fails = true;
    rig_report_item_key(item, again->file);
    for (size_t i = 0; i < plan->case_count; i++) {
        if (strcmp(plan->cases[i].path, again->file) == 0) {
            item->site = item->site ? item->site : rig_must_copy(plan->cases[i].site);
            rig_report_item_case(item, i);
        }
    }
}

static void add_missing(void *closure, const struct rig_rule *rule)
{
    char line[1024];
    const struct gathering *all = closure;
    (void)snprintf(line, sizeof line, "never armed, but required: %s (armed when %s)", rule->id, rule->armed_when);
    rig_report_add_incomplete(all->report, line);
}

static void add_count(struct rig_run_report *report, const char *format, size_t count)
{
    char line[256];
    struct rig_text text;
    if (count > 0) {
        rig_text_start(&text, line, sizeof line);
        rig_text_printf(&text, "%s: %zu", format, count);
        rig_report_add_incomplete(report, line);
    }
}

static void add_most(struct rig_run_report *report, const struct rig_tally *tally)
{
    char line[128];
    for (int level = RIG_LEVEL_NOTE; level <= RIG_LEVEL_ERROR; level++) {
        size_t count = rig_fold_count(&tally->fold, (enum rig_level)level), most = tally->options->most[level];
        if (count > most) {
            (void)snprintf(line, sizeof line, "findings of the level %s: %zu, more than %zu",
                           rig_level_name((enum rig_level)level), count, most);
            rig_report_add_incomplete(report, line);
        }
    }
}

/* A request has run where one of its jobs has. */
static void note_runs(struct rig_run_report *report, const struct rig_tally *tally)
{
    for (size_t i = 0; i < tally->plan->job_count; i++) {
        report->cases[tally->plan->jobs[i].number].ran |= tally->ran[i];
    }
    for (size_t i = 0; i < report->case_count; i++) {
        report->cases[i].took = tally->took[i];
    }
}

void rig_tally_gather(const struct rig_tally *tally, struct rig_run_report *report)
{
    struct gathering all = {tally, report};
    struct rig_capture capture;
    rig_report_add_cases(report, tally->plan);
    note_runs(report, tally);
    for (size_t i = 0; i < tally->fold.count; i++) {
        add_block(report, tally, &tally->fold.blocks[i]);
    }
    for (size_t i = 0; i < tally->again_count; i++) {
        add_again(report, tally->plan, &tally->again[i]);
    }
    rig_expects_each(&tally->expects, add_expect, &all);
    rig_tally_missing(tally, add_missing, &all);
    add_count(report, "too many findings to keep", tally->fold.dropped + tally->lost_findings);
    add_count(report, "not fully checked (out of memory)", tally->unchecked);
    add_count(report, "requests that were not run", tally->interrupted ? 0 : tally->not_run);
    add_most(report, tally);
    report->interrupted = tally->interrupted;
    report->compared = tally->baseline != NULL;
    rig_capture_begin(&capture);
    rig_tally_print_summary(tally);
    report->summary = rig_capture_end(&capture);
}
