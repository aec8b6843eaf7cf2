/* A layer passes the request on once, and not after it has answered. */
#include "harness/checks/checks.h"

/* The line of the first rig_next of that visit. */
static const char *first_call(const struct rig_run *run, const struct rig_hop *hop)
{
    for (unsigned i = hop->number + 1; i < run->hop_count; i++) {
        if (run->hops[i].parent == hop->number && run->hops[i].response_id == hop->response_id) {
            return run->hops[i].entered_at;
        }
    }
    return NULL;
}

static int twice(struct rig_run *run, const struct rig_event *event)
{
    const struct rig_evidence first = {"it was passed on the first time here", first_call(run, event->hop)};
    struct rig_find find = {.rule = RIG_RULE_NEXT_CALL_TWICE,
                            .site = event->site,
                            .hop = event->hop->number,
                            .evidence = &first,
                            .evidence_count = first.site != NULL};
    return rig_find(run, &find, "%s called rig_next again, time %u in one visit", event->hop->layer,
                    event->hop->next_calls);
}

static int after_answer(struct rig_run *run, const struct rig_event *event)
{
    const struct rig_response *response = rig_check_response(run);
    const struct rig_evidence answer = {"it answered here", response->answered_at};
    struct rig_find find = {.rule = RIG_RULE_NEXT_CALL_AFTER_ANSWER,
                            .site = event->site,
                            .hop = event->hop->number,
                            .evidence = &answer,
                            .evidence_count = answer.site != NULL};
    return rig_find(run, &find, "%s answered %d and then passed the request on", event->hop->layer,
                    response->status ? response->status : 200);
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    int error = 0;
    if (event->facts & RIG_FACT_AGAIN) {
        error = twice(run, event);
    }
    if (!error && (event->facts & RIG_FACT_ANSWERED)) {
        error = after_answer(run, event);
    }
    return error;
}

const struct rig_check rig_check_next = {
    .name = "next", .wants = {{RIG_EVENT_NEXT, RIG_FACT_AGAIN | RIG_FACT_ANSWERED}}, .on_event = on_event};
