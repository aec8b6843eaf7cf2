/* A layer read the request body, and a lower one that read to the end came up short, or one in another attempt of a
 * layer that tries again by rig_subrequest: a copied env shares the body. Judged at the end: a rewind may still give
 * the bytes back. Draining is no wish to see the body, so it never comes up short. */
#include "harness/checks/checks.h"
#include "harness/core/hash.h"

#include <stdio.h>

struct eaten {
    const char *site; /* where the lower layer found the end; NULL: nobody came up short */
    unsigned hop;
    uint64_t total;
    bool listening;
};

/* Reads of a body that a layer has put in place of the connection's do not count; a rewindable one is still that. */
static bool has_the_wire(const struct rig_run *run, const struct rig_env *env)
{
    const struct rig_input *input = NULL, *next = env->input;
    while (next) {
        input = next;
        next = input->under ? input->under : rig_input_below(input);
    }
    return input && input == run->wire_input;
}

static const char *value_of(const struct rig_env *env, const char *name)
{
    const struct rig_entry *entry = rig_env_find(env, name, strlen(name), rig_hash(name, strlen(name)));
    return entry ? entry->value : NULL;
}

/* A sub-request that was made one without a body may ask for it in vain. */
static bool expects_body(const struct rig_run *run, const struct rig_env *env)
{
    const char *length = env->subrequest && !run->wire.chunked ? value_of(env, "CONTENT_LENGTH") : "?";
    return length && strcmp(length, "0") != 0;
}

static void on_end_of_body(struct eaten *eaten, struct rig_run *run, const struct rig_event *event)
{
    const struct rig_env *env = run->current ? run->current->env : NULL;
    if (eaten->site || !event->hop || !env || !has_the_wire(run, env) || !expects_body(run, env)) {
        return;
    }
    const struct rig_ledger *ledger = &event->hop->body;
    uint64_t total = run->wire_input->size_known ? run->wire_input->size : run->wire_input->at;
    bool had_all = ledger->offered >= total && ledger->offered != UINT64_MAX; /* that: a chunked body, not known then */
    if (had_all) {
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

/* Was it in a sub-request whose copy had a body of its own? */
static bool had_other_body(const struct rig_run *run, const struct rig_hop *hop)
{
    for (const struct rig_handle *handle = run->handles; handle; handle = handle->next) {
        const struct rig_env *env = (const struct rig_env *)(const void *)handle;
        if (handle->serial == hop->env_id) {
            return env->subrequest && !has_the_wire(run, env);
        }
    }
    return false;
}

/* Who took most of it, and is not below the one that came up short. */
static unsigned find_eater(const struct rig_run *run, unsigned hungry)
{
    unsigned eater = RIG_NO_HOP;
    for (unsigned i = run->first_hop; i < run->hop_count; i++) {
        if (taken_by(&run->hops[i]) > 0 && !rig_check_is_below(run, i, hungry) && !had_other_body(run, &run->hops[i]) &&
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

/* The visit of that layer, or one above it, which hop called. */
static const struct rig_hop *attempt_of(const struct rig_run *run, const struct rig_hop *hop, unsigned below)
{
    const struct rig_hop *attempt = &run->hops[below];
    while (attempt->parent != hop->number && attempt->parent != attempt->number) {
        attempt = &run->hops[attempt->parent];
    }
    return attempt;
}

/* The layer that both stand below. */
static const struct rig_hop *common_hop(const struct rig_run *run, unsigned a, unsigned b)
{
    while (!rig_check_is_below(run, b, a) && run->hops[a].parent != a) {
        a = run->hops[a].parent;
    }
    return &run->hops[a];
}

/* One attempt took what another needed. */
static int eaten_between(struct rig_run *run, struct rig_find *find, struct rig_evidence *evidence, unsigned hungry,
                         unsigned long long total)
{
    const struct rig_hop *from = &run->hops[find->hop], *retry = common_hop(run, find->hop, hungry);
    evidence[1] = (struct rig_evidence){"the body was passed on here", attempt_of(run, retry, find->hop)->entered_at};
    evidence[2] = (struct rig_evidence){"and the same body again here", attempt_of(run, retry, hungry)->entered_at};
    find->evidence_count = 3;
    find->mend = "a copy shares the body: read it once (rig_input_all) and give each attempt its own with "
                 "rig_env_set_input(copy, rig_env_source(...))";
    return rig_find(run, find, "%s took %llu of %llu body bytes that %s needed in another attempt of %s", from->layer,
                    (unsigned long long)taken_by(from), total, run->hops[hungry].layer, retry->layer);
}

static int on_end(const struct eaten *eaten, struct rig_run *run)
{
    unsigned eater = eaten->site ? find_eater(run, eaten->hop) : RIG_NO_HOP;
    if (eater == RIG_NO_HOP) {
        return 0;
    }
    const struct rig_hop *from = &run->hops[eater], *hungry = &run->hops[eaten->hop];
    bool other_attempt = from->response_id != hungry->response_id && !rig_check_is_below(run, eaten->hop, eater);
    if (!other_attempt && is_same_layer(from, hungry)) {
        return 0; /* the same layer again: next.call.twice says so */
    }
    char text[200];
    (void)snprintf(text, sizeof text, "%s came to the end of the body here after %llu of %llu bytes", hungry->layer,
                   (unsigned long long)taken_by(hungry), (unsigned long long)eaten->total);
    struct rig_evidence evidence[3] = {{text, eaten->site}};
    struct rig_find find = {.rule = RIG_RULE_INPUT_BODY_EATEN,
                            .site = from->body.read_at,
                            .hop = eater,
                            .evidence = evidence,
                            .evidence_count = 1};
    if (other_attempt) {
        return eaten_between(run, &find, evidence, eaten->hop, eaten->total);
    }
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
                                          .wants = {{RIG_EVENT_INPUT_READ, RIG_FACT_SHORT}},
                                          .state_size = sizeof(struct eaten),
                                          .on_event = on_event};
