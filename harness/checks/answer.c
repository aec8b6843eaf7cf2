/* Somebody answers, and a layer above who answers anew is noted. */
#include "harness/checks/checks.h"

#include <stdio.h>

struct answer {
    unsigned took; /* the hop that took the body last, + 1: its stream wraps the answer, it does not replace it */
    unsigned overwrote;
};

static int missing(struct rig_run *run)
{
    if (run->returned < 0 || run->hop_count == run->first_hop) {
        return 0;
    }
    unsigned at = rig_check_silent_hop(run);
    const struct rig_hop *hop = &run->hops[at];
    struct rig_find find = {.rule = RIG_RULE_RESPONSE_MISSING, .site = hop->left_at, .hop = at};
    if (hop->next_calls > 0) {
        return rig_find(run, &find, "%s returned 0 for an error from below, and nobody answered", hop->layer);
    }
    return rig_find(run, &find,
                    hop->is_app ? "%s returned 0 and did not answer"
                                : "%s returned 0 and neither answered nor passed the request on",
                    hop->layer);
}

static int overwritten(struct answer *answer, struct rig_run *run, const struct rig_event *event)
{
    unsigned hop = rig_check_hop(event->hop);
    const struct rig_response *response = rig_check_response(run);
    if (hop == RIG_NO_HOP || answer->overwrote == hop + 1 ||
        (event->kind == RIG_EVENT_STREAM && answer->took == hop + 1)) {
        return 0;
    }
    if (!rig_check_is_below(run, response->answered_by, hop)) {
        return 0; /* it was called once more, or after an answer: next.call.* says so */
    }
    answer->overwrote = hop + 1;
    char text[160];
    (void)snprintf(text, sizeof text, "%s had answered here", rig_check_layer(run, response->answered_by));
    const struct rig_evidence before = {text, response->answered_at};
    return rig_find(run,
                    &(struct rig_find){.rule = RIG_RULE_RESPONSE_ANSWER_OVERWRITTEN,
                                       .site = event->site,
                                       .hop = hop,
                                       .evidence = &before,
                                       .evidence_count = 1},
                    "%s replaced the answer of %s", event->hop->layer, rig_check_layer(run, response->answered_by));
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    struct answer *answer = state;
    if (event->kind == RIG_EVENT_END) {
        return missing(run);
    }
    if (event->kind == RIG_EVENT_TAKE) {
        answer->took = event->hop ? event->hop->number + 1 : 0;
        return 0;
    }
    return overwritten(answer, run, event);
}

const struct rig_check rig_check_answer = {.name = "answer",
                                           .wants = {{RIG_EVENT_END, RIG_FACT_UNANSWERED},
                                                     {RIG_EVENT_TAKE, RIG_FACT_ALWAYS},
                                                     {RIG_EVENT_STATUS, RIG_FACT_ANSWERED},
                                                     {RIG_EVENT_STREAM, RIG_FACT_ANSWERED}},
                                           .state_size = sizeof(struct answer),
                                           .on_event = on_event};
