/* How a property says what it found, and which names the layer owns. */
#include "harness/contract/bench.h"
#include "harness/report/mask.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- names ---- */

static bool matches(const char *pattern, const char *name, bool any_case)
{
    size_t size = strlen(pattern);
    bool open = size > 0 && pattern[size - 1] == '*';
    if (!open && strlen(name) != size) {
        return false;
    }
    size -= open;
    return (any_case ? strncasecmp(pattern, name, size) : strncmp(pattern, name, size)) == 0;
}

static bool is_listed(const char *const *patterns, const char *name, bool any_case)
{
    while (*patterns && !matches(*patterns, name, any_case)) {
        patterns++;
    }
    return *patterns != NULL;
}

bool rig_bench_owns_env(const struct rig_bench *bench, const char *name)
{
    return (bench->contract->owns & RIG_CONTRACT_ALL_ENV) || is_listed(bench->contract->env, name, false);
}

bool rig_bench_owns_header(const struct rig_bench *bench, const char *name)
{
    return (bench->contract->owns & RIG_CONTRACT_ALL_HEADERS) || is_listed(bench->contract->headers, name, true);
}

bool rig_bench_rule_is_own(const char *const *rules, const char *rule)
{
    return is_listed(rules, rule, false);
}

const char *rig_bench_title(const struct rig_request *request, char *text, size_t size)
{
    struct rig_text line;
    rig_text_start(&line, text, size);
    rig_text_escape(&line, request->method ? request->method : "GET");
    rig_text_add(&line, " ");
    rig_text_target(&line, request->target ? request->target : "/");
    (void)rig_text_end(&line);
    return text;
}

/* ---- what was found ---- */

/* The same is told once, whatever request it came with. */
static bool is_known(const struct rig_contract_property *property, const char *site, const char *message)
{
    for (size_t i = 0; i < property->found_count && i < RIG_CONTRACT_FOUND_MAX; i++) {
        const struct rig_contract_found *found = &property->found[i];
        bool same_site = found->site && site ? strcmp(found->site, site) == 0 : found->site == site;
        if (same_site && strcmp(found->message, message) == 0) {
            return true;
        }
    }
    return false;
}

void rig_bench_fails_by(struct rig_bench *bench, const char *site, const char *rule, const char *message)
{
    struct rig_contract_property *property = bench->property;
    struct rig_contract_found found = {.site = site, .rule = rule};
    (void)snprintf(found.message, sizeof found.message, "%s", message);
    property->verdict = RIG_CONTRACT_FAILED;
    if (is_known(property, site, found.message)) {
        return;
    }
    if (property->found_count < RIG_CONTRACT_FOUND_MAX) {
        property->found[property->found_count] = found;
    }
    property->found_count++;
}

void rig_bench_fails(struct rig_bench *bench, const char *site, const char *format, ...)
{
    char message[sizeof bench->property->found->message];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    rig_bench_fails_by(bench, site, NULL, message);
}

void rig_bench_not_applicable(struct rig_bench *bench, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(bench->property->why, sizeof bench->property->why, format, arguments);
    va_end(arguments);
    bench->property->verdict = RIG_CONTRACT_NOT_APPLICABLE;
}

void rig_bench_none(struct rig_bench *bench, enum rig_bench_way way, bool with_body)
{
    const char *body = with_body ? " with a body" : "";
    if (way == RIG_WAY_PASSES) {
        rig_bench_not_applicable(bench, "it passed on none of the requests%s that were tried; name one with .passes",
                                 body);
    } else {
        rig_bench_not_applicable(bench, "it answered none of the requests%s that were tried; name one with .answers",
                                 body);
    }
}

bool rig_bench_is_fault(const struct rig_bench *bench, const struct rig_finding *finding)
{
    return finding->level >= RIG_LEVEL_WARNING && finding->layer_site && strcmp(finding->layer_site, bench->site) == 0;
}

void rig_bench_take(struct rig_bench *bench, const struct rig_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        if (rig_bench_is_fault(bench, finding) && rig_bench_rule_is_own(bench->rules, finding->rule)) {
            rig_bench_fails_by(bench, finding->site, finding->rule, finding->message);
        }
    }
}
