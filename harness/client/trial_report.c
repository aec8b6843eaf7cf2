/* How an answer differs from the whole one, and what was found over many of them. */
#include "harness/client/trial.h"
#include "harness/report/mask.h"
#include "harness/report/text.h"

#include <stdio.h>
#include <strings.h>

/* ---- what differs ---- */

static bool differs_in_status(const struct rig_whole *whole, const struct rig_result *result, struct rig_text *text)
{
    if (whole->status == 0 || (whole->status == result->status && whole->error == result->error)) {
        return false;
    }
    if (text && whole->status != result->status) {
        rig_text_printf(text, "status %d in place of %d", result->status, whole->status);
    } else if (text) {
        rig_text_printf(text, "error %d in place of %d", result->error, whole->error);
    }
    return true;
}

static void tell_header(struct rig_text *text, const char *name, const char *value, const char *whole)
{
    if (!text) {
        return;
    }
    rig_text_add(text, "header ");
    rig_text_escape(text, name);
    rig_text_add(text, " is ");
    if (value) {
        (void)rig_text_quote_value(text, name, value, strlen(value));
    }
    rig_text_add(text, value && whole ? " in place of " : value ? ", which is else not there" : "missing");
    if (value && whole) {
        (void)rig_text_quote_value(text, name, whole, strlen(whole));
    }
}

static bool differs_in_headers(const struct rig_whole *whole, const struct rig_result *result, struct rig_text *text)
{
    size_t most = whole->header_count > result->header_count ? whole->header_count : result->header_count;
    for (size_t i = 0; i < most && !whole->headers_vary; i++) {
        const struct rig_field *one = i < whole->header_count ? &whole->headers[i] : NULL;
        const struct rig_field *got = i < result->header_count ? &result->headers[i] : NULL;
        bool same_name = one && got && strcmp(one->name, got->name) == 0;
        if (same_name && (!one->value || strcmp(one->value, got->value) == 0)) {
            continue;
        }
        if (one && (!got || same_name || most == whole->header_count)) {
            tell_header(text, one->name, same_name ? got->value : NULL, one->value);
        } else {
            tell_header(text, got->name, got->value, NULL);
        }
        return true;
    }
    return false;
}

static bool differs_in_body(const struct rig_whole *whole, const struct rig_result *result, struct rig_text *text)
{
    const char *one = whole->body.data;
    size_t at = 0;
    if (whole->body_varies ||
        (whole->body.size == result->body_size && memcmp(one, result->body, result->body_size) == 0)) {
        return false;
    }
    while (at < whole->body.size && at < result->body_size && one[at] == result->body[at]) {
        at++;
    }
    if (text) {
        rig_text_printf(text, "a body of %zu bytes in place of %zu, another from byte %zu on", result->body_size,
                        whole->body.size, at);
    }
    return true;
}

bool rig_whole_body_differs(const struct rig_whole *whole, const struct rig_result *result)
{
    return differs_in_body(whole, result, NULL);
}

const char *rig_whole_header(const struct rig_whole *whole, const char *name)
{
    for (size_t i = 0; i < whole->header_count; i++) {
        if (strcasecmp(whole->headers[i].name, name) == 0) {
            return whole->headers[i].value;
        }
    }
    return NULL;
}

bool rig_whole_differs(const struct rig_whole *whole, const struct rig_result *result, struct rig_text *text)
{
    return differs_in_status(whole, result, text) || differs_in_headers(whole, result, text) ||
           differs_in_body(whole, result, text);
}

/* ---- what was found ---- */

static bool is_expected(const struct rig_trials *trials, const char *rule)
{
    for (size_t i = 0; trials->expected && i < RIG_FIELDS_MAX && trials->expected[i]; i++) {
        if (strcmp(trials->expected[i], rule) == 0) {
            return true;
        }
    }
    return false;
}

static struct rig_sweep_found *find_found(struct rig_trials *trials, const struct rig_finding *finding)
{
    size_t kept = trials->found_count < RIG_SWEEP_FOUND_MAX ? trials->found_count : RIG_SWEEP_FOUND_MAX;
    for (size_t i = 0; i < kept; i++) {
        struct rig_sweep_found *found = &trials->found[i];
        if (rig_finding_is(finding, found->rule, found->layer, found->layer_number, found->site)) {
            return found;
        }
    }
    return NULL;
}

/* A place for one more: an error takes that of a note when all are taken. */
static struct rig_sweep_found *add_found(struct rig_trials *trials, enum rig_level level)
{
    size_t at = trials->found_count++;
    if (at < RIG_SWEEP_FOUND_MAX) {
        return &trials->found[at];
    }
    for (size_t i = RIG_SWEEP_FOUND_MAX; level == RIG_LEVEL_ERROR && i-- > 0;) {
        if (trials->found[i].level < RIG_LEVEL_ERROR) {
            return &trials->found[i];
        }
    }
    return NULL;
}

static void collect(struct rig_trials *trials, const struct rig_attempt *attempt, const struct rig_finding *finding)
{
    if (finding->level < RIG_LEVEL_WARNING && !is_expected(trials, finding->rule)) {
        return;
    }
    struct rig_sweep_found *found = find_found(trials, finding);
    if (!found && (found = add_found(trials, finding->level)) != NULL) {
        *found = (struct rig_sweep_found){.rule = finding->rule,
                                          .layer = finding->layer,
                                          .layer_number = finding->layer_number,
                                          .site = finding->site,
                                          .expected = is_expected(trials, finding->rule)};
        (void)snprintf(found->where, sizeof found->where, "%s", attempt->where);
        (void)snprintf(found->message, sizeof found->message, "%s", finding->message);
    }
    if (found) {
        found->level = finding->level > found->level ? finding->level : found->level;
        found->runs += found->last_run != trials->runs;
        found->last_run = trials->runs;
    }
}

static bool is_dropped(const struct rig_trials *trials, const struct rig_attempt *attempt,
                       const struct rig_finding *finding)
{
    return trials->telling ? strcmp(finding->rule, RIG_LEAK_RULE) != 0
                           : trials->dropped && trials->dropped(attempt, finding);
}

void rig_trials_collect(struct rig_trials *trials, const struct rig_attempt *attempt, const struct rig_result *result)
{
    struct rig_report *report = rig_report_of(result);
    struct rig_finding *findings = (struct rig_finding *)(uintptr_t)result->findings;
    size_t kept = 0;
    if (trials->quiet) {
        report->asserted = true; /* the first time has told it */
        return;
    }
    for (size_t i = 0; i < result->finding_count; i++) {
        if (!is_dropped(trials, attempt, &findings[i])) {
            findings[kept++] = findings[i];
        }
    }
    report->result.finding_count = kept;
    for (size_t i = 0; i < kept; i++) {
        collect(trials, attempt, &findings[i]);
    }
    report->asserted = trials->asserts;
    if (trials->each) {
        trials->each(trials->closure, result, attempt->where);
    }
}

const char *rig_trials_missing(const struct rig_trials *trials)
{
    for (size_t i = 0; trials->expected && i < RIG_FIELDS_MAX && trials->expected[i]; i++) {
        bool found = false;
        for (size_t k = 0; k < trials->found_count && k < RIG_SWEEP_FOUND_MAX; k++) {
            found = found || strcmp(trials->found[k].rule, trials->expected[i]) == 0;
        }
        if (!found) {
            return trials->expected[i];
        }
    }
    return NULL;
}

void rig_text_found(struct rig_text *text, const struct rig_sweep_found *found, size_t count)
{
    for (size_t i = 0; i < count && i < RIG_SWEEP_FOUND_MAX; i++) {
        bool plain = strcmp(found[i].where, "nothing") == 0;
        rig_text_printf(text, "\n  %s: %s: %s [%s]\n    in %u run%s, the first %s%s",
                        found[i].site ? found[i].site : "-", rig_level_name(found[i].level), found[i].message,
                        found[i].rule, found[i].runs, found[i].runs == 1 ? "" : "s",
                        plain ? "without a fault" : "with ", plain ? "" : found[i].where);
        rig_text_add(text, found[i].expected ? ", expected" : "");
    }
    if (count > RIG_SWEEP_FOUND_MAX) {
        rig_text_printf(text, "\n  and %zu more", count - RIG_SWEEP_FOUND_MAX);
    }
}
