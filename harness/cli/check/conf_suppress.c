/* Suppressions: what does not count for a while, why, and until when. */
#define _GNU_SOURCE

#include "harness/cli/plan/conf.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/cli/check/fold.h"
#include "harness/cli/ui/known.h"
#include "harness/cli/ui/suggest.h"
#include "harness/cli/ui/words.h"
#include "harness/core/run.h"
#include "harness/report/mask.h"

/* ---- is it good? ---- */

/* A day of the calendar as 2026-12-31: strptime would take the 31st of February. */
static bool is_day(const char *text)
{
    struct tm tm = {0}, same;
    char again[16];
    const char *end = strptime(text, "%Y-%m-%d", &tm);
    if (!end || *end != '\0') {
        return false;
    }
    time_t time_of = timegm(&tm);
    (void)strftime(again, sizeof again, "%Y-%m-%d", gmtime_r(&time_of, &same));
    return strcmp(again, text) == 0;
}

/* Of what is no rule, what is told as a finding is. */
static bool is_told_as_finding(const char *word)
{
    static const char *const words[] = {"crash", "hang", "refused", "unhandled"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static void complain_rule(const struct rig_conf *conf, const struct rig_suppression *one)
{
    char line[512];
    struct rig_text text;
    if (rig_word_text(one->rule)) {
        rig_complain("%s:%zu: rule: %s cannot be suppressed", conf->path, one->rule_line, one->rule);
        return;
    }
    rig_text_start(&text, line, sizeof line);
    rig_text_suggest(&text, one->rule, true);
    rig_complain("%s:%zu: rule: no rule is called %s%s", conf->path, one->rule_line, one->rule, line);
}

static bool rule_is_good(const struct rig_conf *conf, const struct rig_suppression *one)
{
    bool good = rig_known_pattern_perhaps(one->rule) || is_told_as_finding(one->rule);
    if (!good) {
        complain_rule(conf, one);
    }
    return good;
}

bool rig_conf_rules(const struct rig_conf *conf)
{
    bool good = true;
    for (size_t i = 0; i < conf->suppression_count; i++) {
        const struct rig_suppression *one = &conf->suppressions[i];
        if (!rig_known_pattern(one->rule) && !is_told_as_finding(one->rule)) {
            complain_rule(conf, one);
            good = false;
        }
    }
    return good;
}

bool rig_suppression_check(const struct rig_conf *conf, struct rig_suppression *one)
{
    const char *missing = !one->rule ? "rule" : !one->reason ? "reason" : !one->until ? "until" : NULL;
    if (missing) {
        rig_complain("%s:%zu: [suppression] has no %s%s", conf->path, one->line, missing,
                     strcmp(missing, "until") == 0 ? ": the last day that it counts, as 2026-12-31" : "");
        return false;
    }
    if (!is_day(one->until)) {
        rig_complain("%s:%zu: until: wants a day as 2026-12-31, not %s", conf->path, one->until_line, one->until);
        return false;
    }
    one->expired = strcmp(conf->today, one->until) > 0;
    return rule_is_good(conf, one);
}

/* ---- what it is about ---- */

/* "auth.c", or more of the path. */
static bool is_of_file(const char *site, const char *file)
{
    const char *colon = site ? strrchr(site, ':') : NULL;
    size_t size = !site ? 0 : colon ? (size_t)(colon - site) : strlen(site), wanted = strlen(file);
    return size >= wanted && strncmp(site + size - wanted, file, wanted) == 0 &&
           (size == wanted || site[size - wanted - 1] == '/');
}

static bool is_about(const struct rig_suppression *one, const struct rig_block *block)
{
    char key[17];
    const struct rig_finding *finding = &block->finding;
    rig_report_key_text(block->lasting, key);
    return rig_pattern_matches(one->rule, finding->rule) &&
           (!one->layer || (finding->layer && strcmp(one->layer, finding->layer) == 0)) &&
           (!one->file || is_of_file(finding->site, one->file)) && (!one->key || strcmp(one->key, key) == 0);
}

/* The first that is about it and has that in common; NULL: none. */
static struct rig_suppression *find(struct rig_conf *conf, const struct rig_block *block, bool expired)
{
    for (size_t i = 0; i < conf->suppression_count; i++) {
        if (conf->suppressions[i].expired == expired && is_about(&conf->suppressions[i], block)) {
            return &conf->suppressions[i];
        }
    }
    return NULL;
}

/* One that has expired is told of what no other suppresses. */
static void suppress(struct rig_conf *conf, struct rig_block *block)
{
    struct rig_suppression *one = find(conf, block, false);
    if (one) {
        block->state = RIG_REPORT_SUPPRESSED;
        block->reason = one->reason;
        block->until = one->until;
    } else {
        one = find(conf, block, true);
    }
    if (one) {
        one->used++;
    }
}

void rig_conf_suppress(struct rig_conf *conf, struct rig_fold *fold)
{
    for (size_t i = 0; i < fold->count; i++) {
        if (rig_block_is_new(&fold->blocks[i])) {
            suppress(conf, &fold->blocks[i]);
        }
    }
}

void rig_conf_print(const struct rig_conf *conf)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    for (size_t i = 0; i < conf->suppression_count; i++) {
        const struct rig_suppression *one = &conf->suppressions[i];
        rig_text_escape(&text, conf->path);
        rig_text_printf(&text, ":%zu: %s ", one->line,
                        one->used == 0 ? "nothing is left to suppress:"
                        : one->expired ? "expired, so that it fails again:"
                                       : "suppressed:");
        rig_text_escape(&text, one->rule);
        rig_text_printf(&text, ", %zu finding%s, until %s: ", one->used, one->used == 1 ? "" : "s", one->until);
        rig_text_prose(&text, one->reason);
        rig_text_add(&text, "\n");
        rig_print(&text);
    }
}
