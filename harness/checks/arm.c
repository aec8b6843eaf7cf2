/* How often each rule could have said something, for the rules whose precondition is a number that core counts anyway.
 * In one place and at the end, because a request has ~100 ns for all checks. */
#include "harness/checks/checks.h"

static const struct row {
    unsigned short rule;
    unsigned short offset; /* of the number in struct rig_tally */
} rows[] = {
#define ROW(rule_, number_)                                   \
    {                                                         \
        RIG_RULE_##rule_, offsetof(struct rig_tally, number_) \
    }
    ROW(BODY_CLOSED_TWICE, takes),
    ROW(BODY_CONSUMED_TWICE, takes),
    ROW(BODY_LIFETIME_STALE, takes),
    ROW(BODY_STREAM_FAILED, streams),
    ROW(BODY_TO_PATH_EXISTS, files),
    ROW(BODY_USED_AFTER_CLOSE, takes),
    ROW(ENV_IDENTITY_LOST_WRITE, env_writes_below),
    ROW(ENV_IDENTITY_REPLACED, nexts),
    ROW(INPUT_READ_NEGATIVE_LENGTH, body_reads),
    ROW(INPUT_USED_AFTER_CLOSE, body_closes),
    ROW(MIDDLEWARE_INNER_BODY_NOT_CLOSED, takes),
    ROW(NEXT_CALL_AFTER_ANSWER, nexts),
    ROW(NEXT_CALL_TWICE, nexts),
    ROW(RESPONSE_HEADER_NAME_STATUS, headers),
    ROW(RESPONSE_HEADER_NAME_TOKEN, headers),
    ROW(RESPONSE_HEADER_VALUE_CHARS, headers),
    ROW(RESPONSE_STATUS_MAX, statuses),
    ROW(RESPONSE_STATUS_MIN, statuses),
#undef ROW
};

/* Whole areas: a request was sent, and something was called. */
static const unsigned char always[RIG_RULE_COUNT] = {
#define IN_AREA(id_, area_) (__builtin_strncmp(id_, area_, sizeof(area_) - 1) == 0)
#define RULE(number_, id_, ...) [RIG_RULE_##number_] = IN_AREA(id_, "request.") || IN_AREA(id_, "usage."),
#include "harness/checks/rules.def"
#undef RULE
#undef IN_AREA
};

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    const struct rig_tally *tally = &run->tally;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run->armed[rows[i].rule] += *(const unsigned *)(const void *)((const char *)tally + rows[i].offset);
    }
    run->armed[RIG_RULE_RESPONSE_ANSWER_OVERWRITTEN] += tally->nexts > 0 ? tally->answers : 0;
    bool reached = run->hop_count > run->first_hop;
    run->armed[RIG_RULE_RESPONSE_MISSING] += reached;
    run->armed[RIG_RULE_ENV_LOG_WRITTEN] += reached;
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
    for (unsigned rule = 0; rule < RIG_RULE_COUNT; rule++) {
        run->armed[rule] += always[rule];
    }
    return 0;
}

const struct rig_check rig_check_arm = {
    .name = "arm", .wants = {{RIG_EVENT_END, RIG_FACT_ALWAYS}}, .on_event = on_event};
