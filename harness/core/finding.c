/* Findings: switched, suppressed, kept. */
#include "harness/core/run.h"

#include <stackrig/foreign.h>

#include <errno.h>
#include <limits.h>
#include <stdarg.h>

struct rig_found {
    struct rig_finding finding;
    struct rig_found *next;
};

/* ---- patterns: "id" or "area.*" ---- */

bool rig_pattern_matches(const char *pattern, const char *id)
{
    size_t size = strlen(pattern);
    if (size >= 2 && strcmp(pattern + size - 2, ".*") == 0) {
        return strncmp(pattern, id, size - 1) == 0;
    }
    return strcmp(pattern, id) == 0;
}

static const char *find_pattern(const char *const *patterns, const char *id)
{
    for (size_t i = 0; patterns && i < RIG_IGNORE_MAX && patterns[i]; i++) {
        if (rig_pattern_matches(patterns[i], id)) {
            return patterns[i];
        }
    }
    return NULL;
}

bool rig_pattern_known(const struct rig_runner *runner, const char *pattern)
{
    for (size_t i = 0; i < runner->rule_count; i++) {
        if (rig_pattern_matches(pattern, runner->rules[i].id)) {
            return true;
        }
    }
    return false;
}

static bool is_area_of_a_rule(const struct rig_runner *runner, const char *pattern)
{
    size_t size = strcspn(pattern, ".");
    for (size_t i = 0; i < runner->rule_count; i++) {
        if (strncmp(runner->rules[i].id, pattern, size) == 0 && runner->rules[i].id[size] == '.') {
            return true;
        }
    }
    return false;
}

const char *rig_pattern_unknown(const struct rig_runner *runner, const char *pattern)
{
    bool none = runner->rule_count == runner->sorted_count && strchr(pattern, '.') && pattern[0] != '.';
    return none && !is_area_of_a_rule(runner, pattern)
               ? "which is none of the rig's rules, and none were brought (.rules of the client, RIG_EXPORT_RULES)"
               : "which is no rule";
}

/* ---- suppressing ---- */

static struct rig_switches switches_of(const struct rig_run *run, uint32_t hop)
{
    static const struct rig_switches none = {NULL, NULL};
    for (const struct rig_handle *handle = run->handles; handle && hop != RIG_NO_HOP; handle = handle->next) {
        if (handle->pool->kind == RIG_HANDLE_NEXT && ((const struct rig_next *)(const void *)handle)->hop == hop) {
            const struct rig_switches *switches = ((const struct rig_next *)(const void *)handle)->switches;
            return switches ? *switches : none;
        }
    }
    return none;
}

static int count_suppressed(struct rig_run *run, const struct rig_rule *rule, const char *by)
{
    for (uint32_t i = 0; i < run->suppressed_count; i++) {
        struct rig_suppressed *use = &run->suppressed[i];
        if (strcmp(use->rule, rule->id) == 0 && strcmp(use->by, by) == 0) {
            use->count++;
            return 0;
        }
    }
    if ((run->suppressed_count & (run->suppressed_count - 1)) == 0) { /* 0, 1, 2, 4, 8: room doubles */
        size_t room = run->suppressed_count ? run->suppressed_count * (size_t)2 : 1;
        struct rig_suppressed *grown = rig_arena_alloc(run->results, room * sizeof *grown);
        if (!grown) {
            return -ENOMEM;
        }
        if (run->suppressed_count > 0) {
            memcpy(grown, run->suppressed, run->suppressed_count * sizeof *grown);
        }
        run->suppressed = grown;
    }
    char *pattern = rig_arena_string(run->results, by);
    if (!pattern) {
        return -ENOMEM;
    }
    run->suppressed[run->suppressed_count++] = (struct rig_suppressed){.rule = rule->id, .by = pattern, .count = 1};
    return 0;
}

static bool is_off(const struct rig_run *run, const struct rig_rule *rule, uint32_t hop)
{
    return rule->off && !find_pattern(run->enable, rule->id) && !find_pattern(run->runner->enable, rule->id) &&
           !find_pattern(switches_of(run, hop).enable, rule->id);
}

bool rig_rule_is_on(const struct rig_run *run, unsigned rule, unsigned hop)
{
    return !is_off(run, &run->runner->rules[rule], hop);
}

bool rig_rule_is_on_anywhere(const struct rig_run *run, unsigned rule)
{
    bool on = rig_rule_is_on(run, rule, RIG_NO_HOP);
    for (const struct rig_handle *handle = run->handles; handle && !on; handle = handle->next) {
        const struct rig_next *visit = (const struct rig_next *)(const void *)handle;
        on = handle->pool->kind == RIG_HANDLE_NEXT && visit->switches &&
             find_pattern(visit->switches->enable, run->runner->rules[rule].id);
    }
    return on;
}

static const char *ignored_by(const struct rig_run *run, const struct rig_rule *rule, uint32_t hop)
{
    const char *by = find_pattern(run->ignore, rule->id);
    by = by ? by : find_pattern(run->runner->ignore, rule->id);
    return by ? by : find_pattern(switches_of(run, hop).ignore, rule->id);
}

/* ---- keeping ---- */

static int copy_evidence(struct rig_run *run, struct rig_finding *finding, const struct rig_find *find)
{
    size_t count = find->evidence_count < RIG_EVIDENCE_MAX ? find->evidence_count : RIG_EVIDENCE_MAX;
    struct rig_evidence *copies = rig_arena_zeroed(run->results, (count + 1) * sizeof *copies);
    if (!copies) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        copies[i].site = find->evidence[i].site;
        copies[i].text = rig_arena_string(run->results, find->evidence[i].text ? find->evidence[i].text : "");
        if (!copies[i].text) {
            return -ENOMEM;
        }
    }
    finding->evidence = copies;
    finding->evidence_count = count;
    return 0;
}

/* A foreign handler calls none of the rig's functions. NULL: its framework has no other word for it. */
static const char *foreign_advice(const struct rig_run *run, const struct rig_find *find, const char *rule)
{
    bool known = find->hop != RIG_NO_HOP && find->hop < run->hop_count;
    bool own = known && run->hops[find->hop].layer_index != UINT_MAX;
    const struct rig_advice *advice = run->framework && !own ? run->framework->advice : NULL;
    while (advice && advice->rule && strcmp(advice->rule, rule) != 0) {
        advice++;
    }
    return advice ? advice->mend : NULL;
}

static int fill(struct rig_run *run, struct rig_finding *finding, const struct rig_find *find,
                const struct rig_rule *rule)
{
    finding->rule = rule->id;
    finding->level = find->level ? find->level : rule->level;
    finding->exchange = run->exchange;
    if (find->hop != RIG_NO_HOP && find->hop < run->hop_count) {
        const struct rig_hop *hop = &run->hops[find->hop];
        finding->layer = hop->layer;
        finding->layer_number = hop->layer_number;
        finding->layer_site = hop->layer_site;
    }
    finding->site = find->site ? find->site : finding->layer_site;
    finding->subject = rig_arena_string(run->results, find->subject);
    finding->follows = rig_arena_string(run->results, find->follows ? find->follows : rule->why);
    finding->server = rig_arena_string(run->results, find->server);
    const char *advice = find->mend ? find->mend : foreign_advice(run, find, rule->id);
    finding->mend = rig_arena_string(run->results, advice ? advice : rule->mend);
    bool complete =
        (finding->subject || !find->subject) && (finding->server || !find->server) && finding->follows && finding->mend;
    return complete ? copy_evidence(run, finding, find) : -ENOMEM;
}

int rig_find(struct rig_run *run, const struct rig_find *find, const char *format, ...)
{
    const struct rig_rule *rule = &run->runner->rules[find->rule];
    if (is_off(run, rule, find->hop)) {
        return 0;
    }
    const char *by = ignored_by(run, rule, find->hop);
    if (by) {
        return count_suppressed(run, rule, by);
    }
    struct rig_found *found = rig_arena_zeroed(run->results, sizeof *found);
    if (!found || fill(run, &found->finding, find, rule) != 0) {
        return -ENOMEM;
    }
    va_list arguments;
    va_start(arguments, format);
    found->finding.message = rig_arena_vprint(run->results, format, arguments);
    va_end(arguments);
    if (!found->finding.message) {
        return -ENOMEM;
    }
    if (run->found_last) {
        run->found_last->next = found;
    } else {
        run->found = found;
    }
    run->found_last = found;
    run->found_count++;
    return 0;
}

void rig_arm(struct rig_run *run, unsigned rule, unsigned times)
{
    run->armed[rule] += times;
}

int rig_findings_finish(struct rig_run *run)
{
    struct rig_result *result = &run->report->result;
    result->suppressed = run->suppressed;
    result->suppressed_count = run->suppressed_count;
    if (run->found_count == 0) {
        return 0;
    }
    struct rig_finding *list = rig_arena_alloc(run->results, run->found_count * sizeof *list);
    if (!list) {
        return -ENOMEM;
    }
    size_t at = 0;
    for (const struct rig_found *found = run->found; found; found = found->next) {
        list[at++] = found->finding;
    }
    result->findings = list;
    result->finding_count = at;
    return 0;
}
