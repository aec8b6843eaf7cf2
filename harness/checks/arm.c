/* How often each rule could have said something, for the rules whose precondition is a number that core counts anyway.
 * In one place and at the end, because a request has ~100 ns for all checks. */
#include "harness/checks/checks.h"
#include "harness/http/rare.h"

static RIG_COLD void arm_bodies(unsigned *armed, const struct rig_tally *tally)
{
    armed[RIG_RULE_BODY_CLOSED_TWICE] += tally->takes;
    armed[RIG_RULE_BODY_CONSUMED_TWICE] += tally->takes;
    armed[RIG_RULE_BODY_LIFETIME_STALE] += tally->takes;
    armed[RIG_RULE_BODY_STREAM_FAILED] += tally->streams;
    armed[RIG_RULE_BODY_TO_PATH_EXISTS] += tally->files;
    armed[RIG_RULE_BODY_USED_AFTER_CLOSE] += tally->takes;
    armed[RIG_RULE_INPUT_USED_AFTER_CLOSE] += tally->body_closes;
    armed[RIG_RULE_MIDDLEWARE_INNER_BODY_NOT_CLOSED] += tally->takes;
}

/* Straight line but for what most requests have none of. */
static inline void arm_counted(unsigned *armed, const struct rig_tally *tally)
{
    if ((tally->takes | tally->streams | tally->files | tally->body_closes) != 0) {
        arm_bodies(armed, tally);
    }
    armed[RIG_RULE_ENV_IDENTITY_LOST_WRITE] += tally->env_writes_below;
    armed[RIG_RULE_ENV_IDENTITY_REPLACED] += tally->nexts;
    armed[RIG_RULE_INPUT_READ_NEGATIVE_LENGTH] += tally->body_reads;
    armed[RIG_RULE_NEXT_CALL_AFTER_ANSWER] += tally->nexts;
    armed[RIG_RULE_NEXT_CALL_TWICE] += tally->nexts;
    armed[RIG_RULE_RESPONSE_HEADER_NAME_STATUS] += tally->headers;
    armed[RIG_RULE_RESPONSE_HEADER_NAME_TOKEN] += tally->headers;
    armed[RIG_RULE_RESPONSE_HEADER_VALUE_CHARS] += tally->headers;
    armed[RIG_RULE_RESPONSE_STATUS_MAX] += tally->statuses;
    armed[RIG_RULE_RESPONSE_STATUS_MIN] += tally->statuses;
    armed[RIG_RULE_RESPONSE_ANSWER_OVERWRITTEN] += tally->nexts > 0 ? tally->answers : 0;
}

/* Whole areas: a request was sent, and something was called. The table is sorted: an area is a range, and its borders are
 * the numbers of ids before them ('/' comes after '.'). */
#define BEFORE(border_, id_) (__builtin_strcmp(id_, border_) < 0)
static const unsigned borders[2][2] = {
    {0
#define RULE(number_, id_, ...) +BEFORE("request.", id_)
#include "harness/checks/rules.def"
#undef RULE
     ,
     0
#define RULE(number_, id_, ...) +BEFORE("request/", id_)
#include "harness/checks/rules.def"
#undef RULE
    },
    {0
#define RULE(number_, id_, ...) +BEFORE("usage.", id_)
#include "harness/checks/rules.def"
#undef RULE
     ,
     0
#define RULE(number_, id_, ...) +BEFORE("usage/", id_)
#include "harness/checks/rules.def"
#undef RULE
    },
};

static inline void arm_area(unsigned *armed, const unsigned border[2])
{
    for (unsigned rule = border[0]; rule < border[1]; rule++) {
        armed[rule]++;
    }
}

/* Only where a rule that is off by default may be on. */
static RIG_COLD unsigned count_log_on(const struct rig_run *run)
{
    for (uint32_t hop = run->first_hop; hop < run->hop_count; hop++) {
        if (rig_rule_is_on(run, RIG_RULE_ENV_LOG_WRITTEN, hop)) {
            return 1;
        }
    }
    return 0;
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    const struct rig_tally *tally = &run->tally;
    arm_counted(run->armed, tally);
    bool reached = run->hop_count > run->first_hop;
    run->armed[RIG_RULE_RESPONSE_MISSING] += reached;
    run->armed[RIG_RULE_ENV_LOG_WRITTEN] += rig_may_be_on(run) ? count_log_on(run) : 0;
    bool earlier = run->runner->requests > 0;
    run->armed[RIG_RULE_ENV_LIFETIME_STALE] += earlier;
    run->armed[RIG_RULE_INPUT_LIFETIME_STALE] += earlier;
    run->armed[RIG_RULE_RESPONSE_LIFETIME_STALE] += earlier;
    run->armed[RIG_RULE_NEXT_LIFETIME_STALE] += reached && !run->hops[run->first_hop].is_app;
    if (event->facts & RIG_FACT_HAS_BODY) {
        run->armed[RIG_RULE_INPUT_BODY_EATEN] += tally->body_reads > 0;
        run->armed[RIG_RULE_INPUT_BODY_UNREAD] += reached;
        run->armed[RIG_RULE_INPUT_EARLY_ANSWER_UNREAD] += reached;
    }
    arm_area(run->armed, borders[0]);
    arm_area(run->armed, borders[1]);
    return 0;
}

const struct rig_check rig_check_arm = {
    .name = "arm", .wants = {{RIG_EVENT_END, RIG_FACT_ALWAYS}}, .on_event = on_event};
