/* A layer read the request body, and a lower one that read to the end came up short. Judged at the end: a rewind may
 * still give the bytes back. Draining is no wish to see the body, so it never comes up short. */
#include "harness/checks/checks.h"

#include <stdio.h>

struct eaten {
    const char *site; /* where the lower layer found the end; NULL: nobody came up short */
    unsigned hop;
    uint64_t total;
    bool listening;
};

/* Reads of a body that a layer has put in place of the connection's do not count. */
static bool reads_the_wire(const struct rig_run *run)
{
    return run->wire_input && run->current && run->current->env->input == run->wire_input;
}

static void on_end_of_body(struct eaten *eaten, struct rig_run *run, const struct rig_event *event)
{
    if (eaten->site || !event->hop || !reads_the_wire(run)) {
        return;
    }
    const struct rig_ledger *ledger = &event->hop->body;
    uint64_t total = run->wire_input->size_known ? run->wire_input->size : run->wire_input->at;
    bool had_all = ledger->offered >= total && ledger->offered != UINT64_MAX; /* that: a chunked body, not known then */
    if (had_all || ledger->read + ledger->drained >= total) {
        return;
    }
    eaten->site = event->site;
    eaten->hop = event->hop->number;
    eaten->total = total;
    if (!eaten->listening) {
        eaten->listening = true;
        rig_listen(run, eaten, RIG_EVENT_INPUT_REWIND, RIG_FACT_ALWAYS);
        rig_listen(run, eaten, RIG_EVENT_END, RIG_FACT_ALWAYS);
    }
}

static uint64_t taken_by(const struct rig_hop *hop)
{
    return hop->body.read + hop->body.drained;
}

/* Who took most of it, and is not below the one that came up short. */
static unsigned find_eater(const struct rig_run *run, unsigned hungry)
{
    unsigned eater = RIG_NO_HOP;
    for (unsigned i = run->first_hop; i < run->hop_count; i++) {
        if (taken_by(&run->hops[i]) > 0 && !rig_check_is_below(run, i, hungry) &&
            (eater == RIG_NO_HOP || taken_by(&run->hops[i]) > taken_by(&run->hops[eater]))) {
            eater = i;
        }
    }
    return eater;
}

static bool is_same_layer(const struct rig_hop *a, const struct rig_hop *b)
{
    return a->layer_index == b->layer_index && a->layer_site == b->layer_site && strcmp(a->layer, b->layer) == 0;
}

static int on_end(const struct eaten *eaten, struct rig_run *run)
{
    unsigned eater = eaten->site ? find_eater(run, eaten->hop) : RIG_NO_HOP;
    if (eater == RIG_NO_HOP || is_same_layer(&run->hops[eater], &run->hops[eaten->hop])) {
        return 0; /* the same layer again: next.call.twice says so */
    }
    const struct rig_hop *from = &run->hops[eater], *hungry = &run->hops[eaten->hop];
    char text[200];
    (void)snprintf(text, sizeof text, "%s came to the end of the body here after %llu of %llu bytes", hungry->layer,
                   (unsigned long long)taken_by(hungry), (unsigned long long)eaten->total);
    const struct rig_evidence evidence = {text, eaten->site};
    struct rig_find find = {.rule = RIG_RULE_INPUT_BODY_EATEN,
                            .site = from->body.read_at,
                            .hop = eater,
                            .evidence = &evidence,
                            .evidence_count = 1};
    return rig_find(run, &find, "%s took %llu of %llu body bytes that %s needed", from->layer,
                    (unsigned long long)taken_by(from), (unsigned long long)eaten->total, hungry->layer);
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    struct eaten *eaten = state;
    if (event->kind == RIG_EVENT_END) {
        return on_end(eaten, run);
    }
    if (event->kind == RIG_EVENT_INPUT_READ) {
        on_end_of_body(eaten, run, event);
    } else if (event->number == 0) {
        eaten->site = NULL; /* rewound: it can be read after all */
    }
    return 0;
}

const struct rig_check rig_check_eaten = {.name = "eaten",
                                          .wants = {{RIG_EVENT_INPUT_READ, RIG_FACT_AT_END}},
                                          .state_size = sizeof(struct eaten),
                                          .on_event = on_event};
