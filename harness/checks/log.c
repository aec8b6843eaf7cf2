/* The error stream was written to: off by default. One finding a visit of a layer; the text is in result->log. */
#include "harness/checks/checks.h"

struct log {
    unsigned last; /* the hop that was reported last, + 1 */
};

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    struct log *log = state;
    unsigned hop = rig_check_hop(event->hop);
    if (hop != RIG_NO_HOP && log->last == hop + 1) {
        return 0;
    }
    log->last = hop == RIG_NO_HOP ? 0 : hop + 1;
    return rig_find(run, &(struct rig_find){.rule = RIG_RULE_ENV_LOG_WRITTEN, .site = event->site, .hop = hop},
                    "%s wrote %zu bytes to the error stream", rig_check_layer(run, hop), event->size);
}

const struct rig_check rig_check_log = {
    .name = "log", .wants = {{RIG_EVENT_LOG, RIG_FACT_ALWAYS}}, .state_size = sizeof(struct log), .on_event = on_event};
