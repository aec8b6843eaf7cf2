/* JSON, as docs/report.schema.json has it. */
#include "harness/reporters/tree.h"

#include <string.h>

static void set_place(struct rig_tree *tree, json_t *object, const char *site)
{
    char path[RIG_REPORT_PATH];
    unsigned line = rig_report_place(site, path);
    if (path[0] != '\0') {
        rig_tree_path(tree, object, "file", path);
    }
    if (line > 0) {
        rig_tree_number(tree, object, "line", line);
    }
}

static json_t *note_of(struct rig_tree *tree, const struct rig_report_note *note)
{
    json_t *object = json_object();
    set_place(tree, object, note->site);
    rig_tree_text(tree, object, "text", note->text);
    return object;
}

static void set_lists(struct rig_tree *tree, json_t *object, const struct rig_report_item *item)
{
    json_t *requests = json_array(), *notes = json_array();
    for (size_t i = 0; i < item->case_count; i++) {
        rig_tree_add(tree, requests, json_integer((json_int_t)item->cases[i]));
    }
    for (size_t i = 0; i < item->note_count; i++) {
        rig_tree_add(tree, notes, note_of(tree, &item->notes[i]));
    }
    rig_tree_set(tree, object, "requests", requests);
    rig_tree_set(tree, object, "evidence", notes);
}

static json_t *finding_of(struct rig_tree *tree, const struct rig_report_item *item)
{
    char key[17];
    json_t *object = json_object();
    rig_report_key_text(item->key, key);
    rig_tree_text(tree, object, "rule", item->rule);
    rig_tree_text(tree, object, "level", rig_level_name(item->level));
    rig_tree_text(tree, object, "state", rig_report_state_name(item->state));
    rig_tree_set(tree, object, "fails", json_boolean(item->fails));
    rig_tree_text(tree, object, "key", key);
    rig_tree_text(tree, object, "message", item->message);
    set_place(tree, object, item->site);
    rig_tree_text(tree, object, "layer", item->layer);
    rig_tree_text(tree, object, "mend", item->mend);
    rig_tree_text(tree, object, "reason", item->reason);
    rig_tree_text(tree, object, "until", item->until);
    rig_tree_text(tree, object, "servers", item->servers);
    set_lists(tree, object, item);
    rig_tree_text(tree, object, "scenario", item->scenario);
    rig_tree_text(tree, object, "text", item->details);
    return object;
}

static json_t *request_of(struct rig_tree *tree, const struct rig_run_report *report, size_t number)
{
    const struct rig_report_case *one = &report->cases[number];
    bool failed = rig_report_failure(report, number, SIZE_MAX) != SIZE_MAX;
    json_t *object = json_object();
    rig_tree_text(tree, object, "name", one->name);
    set_place(tree, object, one->site);
    rig_tree_text(tree, object, "outcome", failed ? "failed" : one->ran ? "passed" : "not run");
    return object;
}

static json_t *rule_of(struct rig_tree *tree, const struct rig_report_rule *rule)
{
    json_t *object = json_object();
    rig_tree_text(tree, object, "id", rule->id);
    rig_tree_text(tree, object, "title", rule->title);
    rig_tree_text(tree, object, "level", rig_level_name(rule->level));
    rig_tree_text(tree, object, "help", rule->help);
    return object;
}

static void set_oracles(struct rig_tree *tree, json_t *object, const struct rig_run_report *report)
{
    json_t *oracles = json_array();
    for (size_t i = 0; i < report->oracle_count; i++) {
        json_t *oracle = json_object();
        rig_tree_text(tree, oracle, "rule", report->oracles[i].rule);
        rig_tree_text(tree, oracle, "state", report->oracles[i].state);
        rig_tree_number(tree, oracle, "armed", (size_t)report->oracles[i].armed);
        rig_tree_add(tree, oracles, oracle);
    }
    rig_tree_set(tree, object, "oracles", oracles);
}

/* Levels of those that are new. A failed @expect is no finding, and counts by itself, as the summary has it. */
static json_t *counts_of(struct rig_tree *tree, const struct rig_run_report *report)
{
    size_t failed = 0, levels[RIG_LEVEL_ERROR + 1] = {0}, states[RIG_REPORT_SUPPRESSED + 1] = {0};
    json_t *object = json_object();
    for (size_t i = 0; i < report->item_count; i++) {
        states[report->items[i].state]++;
        bool is_new = report->items[i].state == RIG_REPORT_NEW, expect = !strcmp(report->items[i].rule, "@expect");
        levels[report->items[i].level] += is_new && !expect;
        failed += is_new && expect;
    }
    rig_tree_number(tree, object, "errors", levels[RIG_LEVEL_ERROR]);
    rig_tree_number(tree, object, "warnings", levels[RIG_LEVEL_WARNING]);
    rig_tree_number(tree, object, "notes", levels[RIG_LEVEL_NOTE]);
    rig_tree_number(tree, object, "failed_expectations", failed);
    rig_tree_number(tree, object, "expected", states[RIG_REPORT_EXPECTED]);
    rig_tree_number(tree, object, "known", states[RIG_REPORT_KNOWN]);
    rig_tree_number(tree, object, "suppressed", states[RIG_REPORT_SUPPRESSED]);
    return object;
}

static void set_all(struct rig_tree *tree, json_t *object, const struct rig_run_report *report)
{
    json_t *requests = json_array(), *findings = json_array(), *rules = json_array();
    for (size_t i = 0; i < report->case_count; i++) {
        rig_tree_add(tree, requests, request_of(tree, report, i));
    }
    for (size_t i = 0; i < report->item_count; i++) {
        rig_tree_add(tree, findings, finding_of(tree, &report->items[i]));
    }
    for (size_t i = 0; i < report->rule_count; i++) {
        rig_tree_add(tree, rules, rule_of(tree, &report->rules[i]));
    }
    rig_tree_set(tree, object, "requests", requests);
    rig_tree_set(tree, object, "findings", findings);
    rig_tree_set(tree, object, "rules", rules);
}

static int write_json(const struct rig_run_report *report, FILE *out)
{
    char version[32];
    struct rig_tree tree = {.failed = false};
    json_t *object = json_object();
    rig_report_version_text(version);
    rig_tree_text(&tree, object, "format", "stackrig-report");
    rig_tree_number(&tree, object, "version", RIG_REPORT_VERSION);
    rig_tree_text(&tree, object, "stackrig", version);
    rig_tree_text(&tree, object, "verb", report->verb);
    rig_tree_path(&tree, object, "stack", report->stack);
    rig_tree_number(&tree, object, "status", (size_t)report->status);
    rig_tree_set(&tree, object, "interrupted", json_boolean(report->interrupted));
    rig_tree_set(&tree, object, "counts", counts_of(&tree, report));
    set_all(&tree, object, report);
    if (report->oracle_count > 0) {
        set_oracles(&tree, object, report);
    }
    rig_tree_text(&tree, object, "summary", report->summary);
    return rig_tree_write(&tree, object, out);
}

const struct rig_reporter rig_reporter_json = {
    .name = "json", .summary = "all of it, as docs/report.schema.json has it", .document = true, .write = write_json};
