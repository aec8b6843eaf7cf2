#define _POSIX_C_SOURCE 200809L

#include "harness/cli/run/gather.h"

#include <stdlib.h>
#include <string.h>

#include "harness/cli/ui/known.h"
#include "harness/cli/ui/words.h"
#include "harness/report/key.h"
#include "harness/report/mask.h"
#include "harness/report/text.h"

/* ---- copies ---- */

static char *escaped(const char *raw)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_escape(&text, raw);
    return raw ? rig_must_copy(line) : NULL;
}

static char *masked(const char *prose)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_prose(&text, prose);
    return prose ? rig_must_copy(line) : NULL;
}

void rig_capture_begin(struct rig_capture *capture)
{
    *capture = (struct rig_capture){.text = NULL};
    capture->file = open_memstream(&capture->text, &capture->size);
    if (!capture->file) {
        rig_complain("out of memory");
        exit(RIG_STATUS_USAGE);
    }
    rig_print_into(capture->file);
}

char *rig_capture_end(struct rig_capture *capture)
{
    rig_print_into(NULL);
    if (fclose(capture->file) != 0) {
        rig_complain("out of memory");
        exit(RIG_STATUS_USAGE);
    }
    return capture->text;
}

/* ---- the report ---- */

void rig_report_begin(struct rig_run_report *report, const char *verb, const char *stack)
{
    *report = (struct rig_run_report){.verb = verb, .stack = stack};
}

void rig_report_add_cases(struct rig_run_report *report, const struct rig_plan *plan)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    for (size_t i = 0; i < plan->case_count; i++) {
        const struct rig_case *one = &plan->cases[i];
        report->cases = rig_must_grow(report->cases, report->case_count, &report->case_capacity, sizeof *report->cases);
        rig_text_start(&text, line, sizeof line);
        rig_text_target(&text, one->request->name);
        report->cases[report->case_count++] = (struct rig_report_case){.name = rig_must_copy(line),
                                                                       .path = rig_must_copy(one->path),
                                                                       .site = rig_must_copy(one->site),
                                                                       .failure = SIZE_MAX};
    }
}

/* ---- rules ---- */

/* A sentence, whether or not it was written as one. */
static void add_sentence(struct rig_text *text, const char *label, const char *said)
{
    size_t size = said ? strlen(said) : 0;
    bool ended = size > 0 && strchr(".!?", said[size - 1]);
    rig_text_printf(text, "%s: %s%s", label, size > 0 ? said : "", ended ? "" : ".");
}

static char *help_of(const struct rig_rule *rule)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    add_sentence(&text, "Armed when", rule->armed_when);
    add_sentence(&text, "\nWhy", rule->why);
    add_sentence(&text, "\nHow to mend it", rule->mend);
    if (rule->source) {
        add_sentence(&text, "\nSource", rule->source);
    }
    rig_text_end(&text);
    return rig_must_copy(line);
}

static void add_rule(struct rig_run_report *report, const char *id, enum rig_level level)
{
    if (rig_report_rule_at(report, id) != SIZE_MAX) {
        return;
    }
    const struct rig_rule *rule = rig_known_find(id);
    const char *word = rig_word_text(id);
    report->rules = rig_must_grow(report->rules, report->rule_count, &report->rule_capacity, sizeof *report->rules);
    report->rules[report->rule_count++] =
        (struct rig_report_rule){.id = escaped(id),
                                 .title = escaped(rule ? rule->title : id),
                                 .help = rule ? help_of(rule) : escaped(word ? word : id),
                                 .level = rule ? rule->level : level};
}

void rig_report_add_oracle(struct rig_run_report *report, const char *rule, const char *state, uint64_t armed)
{
    report->oracles =
        rig_must_grow(report->oracles, report->oracle_count, &report->oracle_capacity, sizeof *report->oracles);
    report->oracles[report->oracle_count++] = (struct rig_report_oracle){escaped(rule), state, armed};
}

/* ---- items ---- */

struct rig_report_item *rig_report_add(struct rig_run_report *report, const char *rule, enum rig_level level,
                                       const char *message)
{
    report->items = rig_must_grow(report->items, report->item_count, &report->item_capacity, sizeof *report->items);
    struct rig_report_item *item = &report->items[report->item_count++];
    *item = (struct rig_report_item){.rule = escaped(rule), .level = level, .message = masked(message)};
    add_rule(report, item->rule, level);
    return item;
}

void rig_report_item_note(struct rig_report_item *item, const char *site, const char *text)
{
    item->notes = rig_must_grow(item->notes, item->note_count, &item->note_capacity, sizeof *item->notes);
    item->notes[item->note_count++] = (struct rig_report_note){rig_must_copy(site), masked(text)};
}

struct rig_report_item *rig_report_add_finding(struct rig_run_report *report, const struct rig_finding *finding)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    const char *message = finding->message ? finding->message : finding->rule;
    struct rig_report_item *item = rig_report_add(report, finding->rule, finding->level, message);
    item->site = rig_must_copy(finding->site ? finding->site : finding->layer_site);
    item->layer_site = rig_must_copy(finding->layer_site);
    item->mend = masked(finding->mend);
    if (finding->layer) {
        rig_text_start(&text, line, sizeof line);
        rig_text_layer(&text, finding->layer, finding->layer_number);
        item->layer = rig_must_copy(line);
    }
    for (size_t i = 0; finding->evidence && i < finding->evidence_count; i++) {
        rig_report_item_note(item, finding->evidence[i].site, finding->evidence[i].text);
    }
    return item;
}

void rig_report_add_incomplete(struct rig_run_report *report, const char *message)
{
    struct rig_report_item *item = rig_report_add(report, "incomplete", RIG_LEVEL_ERROR, message);
    item->fails = true;
    rig_report_item_key(item, message);
}

void rig_report_item_case(struct rig_report_item *item, size_t number)
{
    item->cases = rig_must_grow(item->cases, item->case_count, &item->case_capacity, sizeof *item->cases);
    item->cases[item->case_count++] = number;
}

void rig_report_item_key(struct rig_report_item *item, const char *subject)
{
    const struct rig_finding finding = {
        .rule = item->rule, .layer = item->layer, .site = item->site, .subject = subject};
    item->key = rig_finding_key(&finding, 0);
}

char *rig_report_lines(const char *raw)
{
    static const char digits[] = "0123456789abcdef";
    char *lines = rig_must_alloc(strlen(raw) * 4 + 1, 1), *at = lines;
    for (; *raw != '\0'; raw++) {
        if ((*raw >= ' ' && *raw <= '~') || *raw == '\n') {
            *at++ = *raw;
        } else {
            const char escape[4] = {'\\', 'x', digits[(unsigned char)*raw >> 4], digits[(unsigned char)*raw & 15]};
            memcpy(at, escape, sizeof escape);
            at += sizeof escape;
        }
    }
    return lines;
}

void rig_report_end(struct rig_run_report *report, int status)
{
    report->status = status;
    for (size_t i = 0; i < report->item_count; i++) {
        const struct rig_report_item *item = &report->items[i];
        for (size_t k = 0; item->fails && k < item->case_count; k++) {
            size_t *failure = &report->cases[item->cases[k]].failure;
            *failure = *failure == SIZE_MAX ? i : *failure;
        }
    }
}

static void item_free(struct rig_report_item *item)
{
    char *const strings[] = {item->rule,   item->site,  item->layer,   item->layer_site, item->message, item->mend,
                             item->reason, item->until, item->details, item->scenario,   item->servers};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        free(strings[i]);
    }
    for (size_t i = 0; i < item->note_count; i++) {
        free(item->notes[i].site);
        free(item->notes[i].text);
    }
    free(item->notes);
    free(item->cases);
}

void rig_report_free(struct rig_run_report *report)
{
    for (size_t i = 0; i < report->item_count; i++) {
        item_free(&report->items[i]);
    }
    for (size_t i = 0; i < report->case_count; i++) {
        free(report->cases[i].name);
        free(report->cases[i].path);
        free(report->cases[i].site);
    }
    for (size_t i = 0; i < report->rule_count; i++) {
        free(report->rules[i].id);
        free(report->rules[i].title);
        free(report->rules[i].help);
    }
    for (size_t i = 0; i < report->oracle_count; i++) {
        free(report->oracles[i].rule);
    }
    free(report->items);
    free(report->cases);
    free(report->rules);
    free(report->oracles);
    free(report->summary);
}
