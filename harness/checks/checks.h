/* The checks: one file and one row in checks.c each. They look at a run and never change it. */
#ifndef STACKRIG_CHECKS_CHECKS_H
#define STACKRIG_CHECKS_CHECKS_H

#include "harness/checks/rules.h"
#include "harness/core/run.h"

extern const struct rig_check rig_check_answer, rig_check_arm, rig_check_body, rig_check_cgi, rig_check_early_answer,
    rig_check_eaten, rig_check_foreign, rig_check_framing, rig_check_head, rig_check_identity, rig_check_input_error,
    rig_check_lifetime, rig_check_log, rig_check_misdirected, rig_check_next, rig_check_usage;

/* The number of a hop for struct rig_find. */
static inline unsigned rig_check_hop(const struct rig_hop *hop)
{
    return hop ? hop->number : RIG_NO_HOP;
}

/* The response at hand: a sub-request has one of its own. */
static inline const struct rig_response *rig_check_response(const struct rig_run *run)
{
    return run->current ? run->current->response : run->response;
}

/* Who made an answer's status, or its body, what it is. */
struct rig_check_author {
    unsigned hop;
    const char *site;
};

static inline struct rig_check_author rig_check_status_author(const struct rig_response *response)
{
    return response->status_by != RIG_NO_HOP ? (struct rig_check_author){response->status_by, response->status_at}
                                             : (struct rig_check_author){response->answered_by, response->answered_at};
}

static inline struct rig_check_author rig_check_body_author(const struct rig_response *response)
{
    return response->body_by != RIG_NO_HOP ? (struct rig_check_author){response->body_by, response->body_at}
                                           : (struct rig_check_author){response->answered_by, response->answered_at};
}

/* Did a layer above that header's give the answer another status, and leave the header? */
bool rig_check_was_turned(const struct rig_run *run, const struct rig_header *header);

/* text with what cannot be printed as \xNN, cut to fit: buffer. */
const char *rig_check_printable(const char *text, size_t text_size, char *buffer, size_t size);

/* The name of the layer that a hop number stands for. */
const char *rig_check_layer(const struct rig_run *run, unsigned hop);

/* The layer that ended this exchange without an answer: the first to return an error, or the one that neither
 * answered nor passed the request on, or that swallowed an error. Only where a layer or an app was reached. */
unsigned rig_check_silent_hop(const struct rig_run *run);

/* Is hop below (or the same as) the hop above? */
bool rig_check_is_below(const struct rig_run *run, unsigned hop, unsigned above);

#endif
