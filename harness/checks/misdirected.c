/* A connection that is used again: does each client get the answer to its own request? */
#include "harness/checks/checks.h"

#include <stdio.h>

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    rig_arm(run, RIG_RULE_INPUT_EARLY_ANSWER_MISDIRECTED, 1);
    if (!(event->facts & RIG_FACT_ERROR)) {
        return 0;
    }
    const struct rig_result *result = &run->report->result;
    const struct rig_delivery *delivery = &result->delivery;
    char follows[200], own[96];
    (void)snprintf(own, sizeof own, "the stack's own answer to it is %d: what .status and @expect status are about",
                   result->status);
    const struct rig_evidence evidence[] = {{event->name, event->origin}, {own, NULL}};
    (void)snprintf(follows, sizeof follows,
                   "what was left is read as the next request, and each answer goes to whoever comes next (%s%s)",
                   delivery->race         ? "a race: "
                   : delivery->worked_out ? ""
                                          : "sure",
                   delivery->worked_out ? "worked out from its parts, which were not measured together"
                   : !delivery->race    ? ""
                   : delivery->share    ? delivery->share
                                        : "it goes either way");
    struct rig_find find = {.rule = RIG_RULE_INPUT_EARLY_ANSWER_MISDIRECTED,
                            .site = event->site,
                            .hop = RIG_NO_HOP,
                            .follows = follows,
                            .server = run->server->name,
                            .evidence = evidence,
                            .evidence_count = result->status > 0 ? 2 : 1};
    return rig_find(run, &find, "%s", event->value);
}

const struct rig_check rig_check_misdirected = {
    .name = "misdirected", .wants = {{RIG_EVENT_REUSE, RIG_FACT_ALWAYS}}, .on_event = on_event};
