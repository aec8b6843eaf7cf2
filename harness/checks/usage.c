/* Wrong use of the interface, and requests that the test itself got wrong: core saw it, the map names the rule. */
#include "harness/checks/checks.h"

static const char *const ids[RIG_MISUSE_COUNT] = {
#define RIG_MISUSE_ID_(name_, rule_) rule_,
    RIG_MISUSE_MAP(RIG_MISUSE_ID_)
#undef RIG_MISUSE_ID_
};

/* The test's own mistake, whichever layer came upon it: at the send's line only the request's source can be at fault. */
static bool is_of_request(const struct rig_run *run, const struct rig_event *event)
{
    return event->number >= RIG_MISUSE_REQUEST_METHOD ||
           (event->number == RIG_MISUSE_BAD_RETURN && event->site && event->site == run->site);
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    unsigned rule = rig_rule_number(ids[event->number]);
    struct rig_find find = {.rule = rule,
                            .site = event->site,
                            .hop = is_of_request(run, event) ? RIG_NO_HOP : rig_check_hop(event->hop),
                            .mend = event->name};
    rig_arm(run, rule, 1);
    return rig_find(run, &find, "%s", event->value);
}

const struct rig_check rig_check_usage = {
    .name = "usage", .wants = {{RIG_EVENT_MISUSE, RIG_FACT_ALWAYS}}, .on_event = on_event};
