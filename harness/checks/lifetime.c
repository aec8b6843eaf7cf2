/* Something of a request was used after the request had ended. */
#include "harness/checks/checks.h"

static unsigned rule_of(int64_t kind)
{
    switch (kind) {
    case RIG_HANDLE_RESPONSE:
        return RIG_RULE_RESPONSE_LIFETIME_STALE;
    case RIG_HANDLE_INPUT:
        return RIG_RULE_INPUT_LIFETIME_STALE;
    case RIG_HANDLE_NEXT:
        return RIG_RULE_NEXT_LIFETIME_STALE;
    case RIG_HANDLE_GUARD:
        return RIG_RULE_BODY_LIFETIME_STALE;
    default:
        return RIG_RULE_ENV_LIFETIME_STALE;
    }
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    struct rig_find find = {.rule = rule_of(event->number), .site = event->site, .hop = rig_check_hop(event->hop)};
    rig_arm(run, find.rule, 1);
    if (!event->hop) {
        return rig_find(run, &find, "%s", event->value);
    }
    return rig_find(run, &find, "%s: %s", event->hop->layer, event->value);
}

const struct rig_check rig_check_lifetime = {
    .name = "lifetime", .wants = {{RIG_EVENT_STALE, RIG_FACT_ALWAYS}}, .on_event = on_event};
