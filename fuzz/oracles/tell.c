#include "fuzz/oracles/oracles.h"

#include "harness/core/run.h"
#include "harness/http/rare.h"
#include "harness/report/builder.h"

#include <stdarg.h>
#include <stdio.h>

#define RIG_FUZZ_RULE_MAX 128

const char *const rig_fuzz_rule_ids[RIG_FUZZ_RULES] = {
#define ID(name_, id_) [RIG_FUZZ_##name_] = id_,
    RIG_FUZZ_RULE_MAP(ID)
#undef ID
};

/* Is the path that one, or below it? */
static bool is_below(const char *path, const char *prefix)
{
    size_t size = strlen(prefix);
    size -= size > 0 && prefix[size - 1] == '/';
    return strncmp(path, prefix, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

/* "rule", or "rule /path": for requests to that path and below it. */
static bool matches(const char *pattern, const char *rule, const char *path)
{
    char alone[RIG_FUZZ_RULE_MAX];
    size_t size = strcspn(pattern, " ");
    if (!pattern[size]) {
        return rig_pattern_matches(pattern, rule);
    }
    (void)snprintf(alone, sizeof alone, "%.*s", (int)size, pattern);
    return rig_pattern_matches(alone, rule) && is_below(path, pattern + size + strspn(pattern + size, " "));
}

/* Of the request that showed it; of none it is the plainest. Apart: under ASan whoever has such a room pays for it. */
static RIG_APART bool is_ignored(const struct rig_fuzz_target *target, const char *rule, unsigned request)
{
    char room[4096];
    const char *asked =
        target->judged && request < target->judged->count ? target->judged->requests[request].target : "/";
    const char *path = target->what->ignore[0] ? rig_fuzz_path(asked, room, sizeof room) : asked;
    for (size_t i = 0; i < RIG_IGNORE_MAX && target->what->ignore[i]; i++) {
        if (matches(target->what->ignore[i], rule, path ? path : asked)) {
            return true;
        }
    }
    return false;
}

static void tell(struct rig_fuzz_target *target, const struct rig_fuzz_violation *violation)
{
    target->found = true;
    target->violations++;
    target->tell(target->closure, violation);
}

void rig_fuzz_tell(struct rig_fuzz_target *target, enum rig_fuzz_rule rule, unsigned request, const struct rig_hop *hop,
                   const char *format, ...)
{
    if (is_ignored(target, rig_fuzz_rule_ids[rule], request)) {
        return;
    }
    char raw[sizeof target->message];
    struct rig_text message;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    rig_text_start(&message, target->message, sizeof target->message);
    rig_text_escape(&message, raw); /* for all who print it: a CI's log obeys a line that begins with "::" */
    tell(target, &(struct rig_fuzz_violation){.rule = rig_fuzz_rule_ids[rule],
                                              .layer = hop ? hop->layer : NULL,
                                              .site = hop ? (hop->left_at ? hop->left_at : hop->layer_site) : NULL,
                                              .message = target->message,
                                              .request = request});
}

/* Did who answered it give up at a read that failed? */
static bool gave_up(const struct rig_fuzz_scenario *scenario, uint32_t number, bool or_before)
{
    bool gave_up = scenario->requests[number].fault != RIG_FAULT_NONE;
    for (uint32_t i = 0; i < number && or_before; i++) {
        gave_up = gave_up || scenario->requests[i].fault != RIG_FAULT_NONE;
    }
    return gave_up;
}

/* What is sent with them means nothing (RFC 9110 sections 9.3.1, 9.3.2, 9.3.5): it is read to be rid of it, whole or not. */
static bool means_no_body(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 || strcmp(method, "DELETE") == 0;
}

/* What the rig does not send is no mistake of the stack's, nor is a body left over by who gives up at a read that fails;
 * the next request on the connection may meet it. */
static bool is_the_stacks(const struct rig_finding *finding, const struct rig_fuzz_scenario *scenario, uint32_t number,
                          const struct rig_result *result)
{
    static const char left[] = "input.early_answer.", met[] = "input.early_answer.misdirected";
    if (strcmp(finding->rule, "input.truncated.accepted") == 0) {
        return !result->method || !means_no_body(result->method);
    }
    if (strncmp(finding->rule, left, sizeof left - 1) == 0) {
        return !gave_up(scenario, number, strcmp(finding->rule, met) == 0);
    }
    return strncmp(finding->rule, "request.", 8) != 0;
}

void rig_fuzz_tell_findings_of(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario,
                               uint32_t number, const struct rig_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        if (finding->level == RIG_LEVEL_ERROR && is_the_stacks(finding, scenario, number, result) &&
            !is_ignored(target, finding->rule, number)) {
            tell(target, &(struct rig_fuzz_violation){.rule = finding->rule,
                                                      .layer = finding->layer,
                                                      .site = finding->site,
                                                      .message = finding->message,
                                                      .request = number});
        }
    }
}

void rig_fuzz_tell_findings(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    for (uint32_t i = 0; i < play->scenario->count; i++) {
        if (play->results[i]->finding_count > 0) {
            rig_fuzz_tell_findings_of(target, play->scenario, i, play->results[i]);
        }
    }
}
