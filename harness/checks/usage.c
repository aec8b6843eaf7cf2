/* Wrong use of the interface, and requests that the test itself got wrong: core saw it, the map names the rule. */
#include "harness/checks/checks.h"

static const char *const ids[RIG_MISUSE_COUNT] = {
#define RIG_MISUSE_ID_(name_, rule_) rule_,
    RIG_MISUSE_MAP(RIG_MISUSE_ID_)
#undef RIG_MISUSE_ID_
};

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    unsigned rule = rig_rule_number(ids[event->number]);
    rig_arm(run, rule, 1);
    return rig_find(run, &(struct rig_find){.rule = rule, .site = event->site, .hop = rig_check_hop(event->hop)}, "%s",
                    event->value);
}

const struct rig_check rig_check_usage = {
    .name = "usage", .wants = {{RIG_EVENT_MISUSE, RIG_FACT_ALWAYS}}, .on_event = on_event};
