/* What the adapter of a foreign framework has found, which alone knows that framework's rules. */
#include "harness/checks/checks.h"

#include <stackrig/foreign.h>

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    const struct rig_foreign_finding *found = event->foreign;
    struct rig_find find = {.rule = rig_rule_number(found->rule),
                            .level = found->level,
                            .site = found->site,
                            .hop = rig_check_hop(event->hop),
                            .subject = found->subject,
                            .follows = found->follows,
                            .mend = found->mend,
                            .evidence = found->evidence,
                            .evidence_count = found->evidence_count};
    return rig_find(run, &find, "%s", event->value);
}

const struct rig_check rig_check_foreign = {
    .name = "foreign", .wants = {{RIG_EVENT_FOREIGN, RIG_FACT_ALWAYS}}, .on_event = on_event};
