#include "fuzz/target/armed.h"

#include "fuzz/oracles/oracles.h"
#include "harness/core/run.h"

#include <stdio.h>

/* In the rule table, too, they stand one behind the other. */
#define SAME_PLACE(name_, id_) \
    _Static_assert(RIG_RULE_FUZZ_##name_ == RIG_RULE_FUZZ_ANSWER_DEPENDS + (int)RIG_FUZZ_##name_, id_);
RIG_FUZZ_RULE_MAP(SAME_PLACE)
#undef SAME_PLACE

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* One with a blank is for a path alone. */
static bool is_ignored(const char *const *patterns, const char *id)
{
    for (size_t i = 0; i < RIG_IGNORE_MAX && patterns[i]; i++) {
        if (!strchr(patterns[i], ' ') && rig_pattern_matches(patterns[i], id)) {
            return true;
        }
    }
    return false;
}

static bool some_leave_tabs(const struct rig_fuzz_target *target)
{
    for (unsigned i = 0; i < RIG_FUZZ_SERVERS; i++) {
        if ((target->table.servers >> i & 1) && rig_fuzz_leaves_tabs(target->servers[i])) {
            return true;
        }
    }
    return false;
}

/* Those whose precondition is one of many requests. */
static bool is_of_sweeps(size_t number)
{
    static const enum rig_rule_number of[] = {RIG_RULE_INPUT_PIECES_MATTER, RIG_RULE_INPUT_READ_ENDLESS,
                                              RIG_RULE_RESPONSE_SHORTAGE_HIDDEN, RIG_RULE_RESPONSE_WRITE_ENDLESS,
                                              RIG_RULE_STATE_MEMORY_LEAKED};
    bool found = false;
    for (size_t i = 0; i < sizeof of / sizeof *of && !found; i++) {
        found = of[i] == number;
    }
    return found;
}

static bool protects(const struct rig_fuzz_target *target, const char *app)
{
    bool found = false;
    for (size_t i = 0; i < RIG_FIELDS_MAX && target->what->protect[i] && !found; i++) {
        found = strcmp(target->what->protect[i], app) == 0;
    }
    return found;
}

/* Does the model speak of every app? Then what an app is guarded by need not be guessed. */
static bool speaks_of_all(const struct rig_fuzz_target *target)
{
    struct rig_fuzz_apps apps = {.count = 0};
    rig_fuzz_list_apps(&apps, target->built[0].stack);
    bool all = apps.count > 0 && apps.beyond == 0;
    for (size_t i = 0; i < apps.count && all; i++) {
        all = protects(target, apps.names[i]);
    }
    return all || (target->what->authorize && !target->what->protect[0]);
}

/* Those of fuzzing are on here, but for those to which the target gives nothing to look at. NULL: it is on; "": it is off
 * as others are. */
static const char *why_off(const struct rig_fuzz_target *target, const struct rig_rule *rule)
{
    if (strcmp(rule->id, rig_fuzz_rule_ids[RIG_FUZZ_APP_ENTERED]) == 0) {
        return target->what->protect[0] || target->what->authorize ? NULL : "(nothing is protected)";
    }
    if (strcmp(rule->id, rig_fuzz_rule_ids[RIG_FUZZ_BLANK_WIDENS]) == 0) {
        return some_leave_tabs(target) ? NULL : "(no server leaves tabs)";
    }
    if (strcmp(rule->id, rig_fuzz_rule_ids[RIG_FUZZ_CREDENTIALS_NEAR]) == 0) {
        return speaks_of_all(target) ? "(a model speaks of every app)" : NULL;
    }
    return rule->off && !begins(rule->id, "fuzz.") ? "" : NULL;
}

static enum rig_fuzz_kind kind_of(const struct rig_fuzz_target *target, const struct rig_rule *rule, size_t number,
                                  const char *why)
{
    return rule->level != RIG_LEVEL_ERROR || begins(rule->id, "request.") ? RIG_FUZZ_NO_ORACLE
           : is_ignored(target->what->ignore, rule->id)                   ? RIG_FUZZ_IGNORED
           : why                                                          ? RIG_FUZZ_OFF
           : is_of_sweeps(number)                                         ? RIG_FUZZ_OF_SWEEPS
                                                                          : RIG_FUZZ_ORACLE;
}

void rig_fuzz_armed_open(struct rig_fuzz_target *target, const struct rig_runner *runner)
{
    struct rig_fuzz_armed *armed = &target->armed_rules;
    armed->count = runner->rule_count < RIG_FUZZ_ARMED_MAX ? runner->rule_count : RIG_FUZZ_ARMED_MAX;
    for (size_t i = 0; i < armed->count; i++) {
        const char *why = why_off(target, &runner->rules[i]);
        armed->kinds[i] = (unsigned char)kind_of(target, &runner->rules[i], i, why);
        armed->off_for[i] = why && *why ? why : NULL;
        if (i >= RIG_RULE_COUNT) {
            (void)snprintf(armed->own[i - RIG_RULE_COUNT], sizeof *armed->own, "%s", runner->rules[i].id);
        }
    }
}

void rig_fuzz_armed_fold(struct rig_fuzz_armed *armed)
{
    for (size_t i = 0; i < armed->count; i++) {
        armed->sums[i] += armed->fresh[i];
        armed->fresh[i] = 0;
    }
}

void rig_fuzz_armed_add(struct rig_fuzz_armed *armed, const struct rig_fuzz_armed *before)
{
    for (size_t i = 0; i < armed->count; i++) {
        armed->sums[i] += before->sums[i] + before->fresh[i];
    }
}

static uint64_t times(const struct rig_fuzz_target *target, size_t number)
{
    size_t place = number - RIG_RULE_FUZZ_ANSWER_DEPENDS;
    return place < RIG_FUZZ_RULES ? target->armed[place]
                                  : target->armed_rules.sums[number] + target->armed_rules.fresh[number];
}

static const char *id_of(const struct rig_fuzz_armed *armed, size_t number)
{
    return number < RIG_RULE_COUNT ? rig_rules(NULL)[number].id : armed->own[number - RIG_RULE_COUNT];
}

/* A framework in use arms one of its rules. */
static bool is_in_use(const struct rig_fuzz_target *target, const char *id)
{
    bool used = !rig_rule_is_of_framework(id);
    for (size_t i = 0; i < RIG_RULE_COUNT && !used; i++) {
        used = strncmp(rig_rules(NULL)[i].id, id, strcspn(id, ".") + 1) == 0 && times(target, i) > 0;
    }
    return used;
}

bool rig_fuzz_oracle(const struct rig_fuzz_target *target, size_t number, struct rig_fuzz_oracle *oracle)
{
    const struct rig_fuzz_armed *armed = &target->armed_rules;
    if (number >= armed->count) {
        return false;
    }
    *oracle = (struct rig_fuzz_oracle){id_of(armed, number), (enum rig_fuzz_kind)armed->kinds[number],
                                       times(target, number), NULL};
    if (oracle->armed > 0 && (oracle->kind == RIG_FUZZ_OFF || oracle->kind == RIG_FUZZ_OF_SWEEPS)) {
        oracle->kind = RIG_FUZZ_ORACLE; /* for one layer, or for all */
    }
    if (oracle->armed == 0 && !is_in_use(target, oracle->id)) {
        oracle->kind = RIG_FUZZ_NO_ORACLE;
    }
    oracle->why = oracle->kind == RIG_FUZZ_OFF ? armed->off_for[number] : NULL;
    return true;
}
