/* SARIF 2.1.0 (OASIS), for code scanning: results by rule, at a line of the source. */
#define _POSIX_C_SOURCE 200809L

#include "harness/reporters/tree.h"

#include <stdlib.h>
#include <string.h>

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

static json_t *message_of(struct rig_tree *tree, const char *text)
{
    json_t *object = json_object();
    rig_tree_text(tree, object, "text", text);
    return object;
}

/* RFC 3986: a path as a relative reference, or as a file's URI where it begins with a slash. */
static void set_uri(struct rig_tree *tree, json_t *object, const char *path)
{
    static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    static const char digits[] = "0123456789ABCDEF";
    char uri[3 * RIG_REPORT_PATH + 8], *at = uri;
    at += sprintf(at, "%s", path[0] == '/' ? "file://" : "");
    for (; *path != '\0'; path++) {
        if (strchr(kept, *path)) {
            *at++ = *path;
        } else {
            *at++ = '%';
            *at++ = digits[(unsigned char)*path >> 4];
            *at++ = digits[(unsigned char)*path & 15];
        }
    }
    *at = '\0';
    rig_tree_text(tree, object, "uri", uri);
    if (uri[0] != 'f' || strncmp(uri, "file://", 7) != 0) {
        rig_tree_text(tree, object, "uriBaseId", "%SRCROOT%");
    }
}

/* NULL: the site has no file. */
static json_t *physical_of(struct rig_tree *tree, const char *site)
{
    char path[RIG_REPORT_PATH];
    unsigned line = rig_report_place(site, path);
    if (path[0] == '\0') {
        return NULL;
    }
    json_t *physical = json_object(), *artifact = json_object();
    set_uri(tree, artifact, path);
    rig_tree_set(tree, physical, "artifactLocation", artifact);
    if (line > 0) {
        json_t *region = json_object();
        rig_tree_number(tree, region, "startLine", line);
        rig_tree_set(tree, physical, "region", region);
    }
    return physical;
}

static json_t *location_of(struct rig_tree *tree, const struct rig_report_item *item)
{
    json_t *location = json_object(), *physical = physical_of(tree, item->site);
    if (physical) {
        rig_tree_set(tree, location, "physicalLocation", physical);
    }
    if (item->layer) {
        json_t *layer = json_object(), *list = json_array();
        rig_tree_text(tree, layer, "name", item->layer);
        rig_tree_text(tree, layer, "kind", "module");
        rig_tree_add(tree, list, layer);
        rig_tree_set(tree, location, "logicalLocations", list);
    }
    return location;
}

static json_t *related_of(struct rig_tree *tree, const struct rig_run_report *report,
                          const struct rig_report_item *item)
{
    json_t *list = json_array();
    for (size_t i = 0; i < item->note_count; i++) {
        json_t *physical = physical_of(tree, item->notes[i].site);
        if (physical) {
            json_t *location = json_object();
            rig_tree_set(tree, location, "physicalLocation", physical);
            rig_tree_set(tree, location, "message", message_of(tree, item->notes[i].text));
            rig_tree_add(tree, list, location);
        }
    }
    for (size_t i = 0; i < item->case_count; i++) {
        const struct rig_report_case *one = &report->cases[item->cases[i]];
        json_t *location = json_object();
        rig_tree_set(tree, location, "physicalLocation", physical_of(tree, one->site));
        rig_tree_set(tree, location, "message", message_of(tree, one->name));
        rig_tree_add(tree, list, location);
    }
    return list;
}

static json_t *suppressions_of(struct rig_tree *tree, const struct rig_report_item *item)
{
    json_t *list = json_array(), *one = json_object();
    rig_tree_text(tree, one, "kind", "external");
    rig_tree_text(tree, one, "status", "accepted");
    rig_tree_text(tree, one, "justification",
                  item->state == RIG_REPORT_EXPECTED ? "the request's @expect names it" : item->reason);
    rig_tree_add(tree, list, one);
    return list;
}

static json_t *result_of(struct rig_tree *tree, const struct rig_run_report *report, const struct rig_report_item *item)
{
    char key[17];
    json_t *result = json_object(), *locations = json_array(), *prints = json_object();
    rig_report_key_text(item->key, key);
    rig_tree_text(tree, result, "ruleId", item->rule);
    rig_tree_number(tree, result, "ruleIndex", rig_report_rule_at(report, item->rule));
    rig_tree_text(tree, result, "level", rig_level_name(item->level)); /* error, warning, note: SARIF's own words */
    rig_tree_set(tree, result, "message", message_of(tree, item->details ? item->details : item->message));
    rig_tree_add(tree, locations, location_of(tree, item));
    rig_tree_set(tree, result, "locations", locations);
    rig_tree_set(tree, result, "relatedLocations", related_of(tree, report, item));
    rig_tree_text(tree, prints, "stackrigFinding/v1", key);
    rig_tree_set(tree, result, "partialFingerprints", prints);
    if (report->compared) {
        rig_tree_text(tree, result, "baselineState", item->state == RIG_REPORT_KNOWN ? "unchanged" : "new");
    }
    if (item->state == RIG_REPORT_SUPPRESSED || item->state == RIG_REPORT_EXPECTED) {
        rig_tree_set(tree, result, "suppressions", suppressions_of(tree, item));
    }
    return result;
}

static json_t *rule_of(struct rig_tree *tree, const struct rig_report_rule *rule)
{
    json_t *object = json_object(), *configuration = json_object();
    rig_tree_text(tree, object, "id", rule->id);
    rig_tree_set(tree, object, "shortDescription", message_of(tree, rule->title));
    rig_tree_set(tree, object, "fullDescription", message_of(tree, rule->title));
    rig_tree_set(tree, object, "help", message_of(tree, rule->help));
    rig_tree_text(tree, configuration, "level", rig_level_name(rule->level));
    rig_tree_set(tree, object, "defaultConfiguration", configuration);
    return object;
}

static json_t *tool_of(struct rig_tree *tree, const struct rig_run_report *report)
{
    char version[32];
    json_t *tool = json_object(), *driver = json_object(), *rules = json_array();
    rig_report_version_text(version);
    rig_tree_text(tree, driver, "name", "stackrig");
    rig_tree_text(tree, driver, "semanticVersion", version);
    for (size_t i = 0; i < report->rule_count; i++) {
        rig_tree_add(tree, rules, rule_of(tree, &report->rules[i]));
    }
    rig_tree_set(tree, driver, "rules", rules);
    rig_tree_set(tree, tool, "driver", driver);
    return tool;
}

static json_t *invocations_of(struct rig_tree *tree, const struct rig_run_report *report)
{
    json_t *list = json_array(), *one = json_object();
    rig_tree_set(tree, one, "executionSuccessful", json_boolean(report->status < 2));
    rig_tree_number(tree, one, "exitCode", (size_t)report->status);
    rig_tree_add(tree, list, one);
    return list;
}

static json_t *run_of(struct rig_tree *tree, const struct rig_run_report *report)
{
    json_t *run = json_object(), *results = json_array();
    rig_tree_set(tree, run, "tool", tool_of(tree, report));
    rig_tree_set(tree, run, "invocations", invocations_of(tree, report));
    for (size_t i = 0; i < report->item_count; i++) {
        rig_tree_add(tree, results, result_of(tree, report, &report->items[i]));
    }
    rig_tree_set(tree, run, "results", results);
    return run;
}

static int write_sarif(const struct rig_run_report *report, FILE *out)
{
    struct rig_tree tree = {.failed = false};
    json_t *log = json_object(), *runs = json_array();
    rig_tree_text(&tree, log, "$schema", SCHEMA);
    rig_tree_text(&tree, log, "version", "2.1.0");
    rig_tree_add(&tree, runs, run_of(&tree, report));
    rig_tree_set(&tree, log, "runs", runs);
    return rig_tree_write(&tree, log, out);
}

const struct rig_reporter rig_reporter_sarif = {
    .name = "sarif", .summary = "SARIF 2.1.0, for code scanning", .document = true, .write = write_sarif};
