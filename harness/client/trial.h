/* What the sweeps share: one request, sent on trial again and again, its answers compared with the one it gets when
 * nothing goes wrong, and what was found, kept. */
#ifndef STACKRIG_CLIENT_TRIAL_H
#define STACKRIG_CLIENT_TRIAL_H

#include "harness/client/client.h"
#include "harness/client/leak.h"
#include "harness/core/trial.h"

#include <stackrig/faults.h>
#include <stackrig/preload.h>
#include <stackrig/sweeps.h>

/* The answer when nothing goes wrong: copies, in the client's arena for trials. */
struct rig_whole {
    int status, error;
    struct rig_bytes body;
    const struct rig_field *headers; /* value NULL: it varies */
    size_t header_count;
    const struct rig_hop *hops;
    size_t hop_count;
    uint64_t read;    /* bytes of the request's body */
    uint64_t offered; /* as many as it has */
    uint64_t reads;
    bool body_varies, headers_vary;
    bool announced; /* the request says how long its body is */
    bool framed;    /* as of struct rig_sent */
};

struct rig_attempt;
struct rig_trials;
/* Is called while the request still stands, its answer known. */
typedef void rig_judge_fn(struct rig_attempt *attempt, const struct rig_result *result);

/* One of the times. All zero: nothing goes wrong. */
struct rig_attempt {
    struct rig_trial trial;   /* told by the checks */
    struct rig_faulty faulty; /* what its body is read through; of the kinds that are memory's, .nth and .always of: */
    struct rig_malloc_fault memory;
    const size_t *pieces; /* in which the body arrives; NULL: as the request says */
    size_t piece_count;
    bool chunked;        /* though the request is not */
    rig_judge_fn *judge; /* NULL: nothing to compare */
    bool convicted;      /* a second look: what differs is a finding */
    bool skipped;        /* whoever sweeps did not want it */
    char where[64];
    /* told: */
    struct rig_trials *trials;
    struct rig_run *run;
    struct rig_memory_reader reader;
    bool announced; /* how long the body is */
    bool framed;    /* as of the whole one */
    bool differs;
    enum rig_fault_verdict verdict;
    int status, error;
    enum rig_connection connection;
    const char *answered_by, *answered_at; /* NULL: nobody answered */
};

struct rig_trials {
    const char *site;
    struct rig_client *client;
    const struct rig_request *request;
    bool asserts; /* whoever sweeps tells what was found; else the client does, when it is freed */
    void (*before)(void *closure, const char *where);
    bool (*skip)(void *closure, const char *where);
    void (*each)(void *closure, const struct rig_result *result, const char *where);
    void *closure;
    const char *const *expected;
    struct rig_sweep_found *found;
    size_t found_count;
    unsigned runs;
    int64_t now; /* when it began: each begins then */
    bool varies, drifted;
    bool (*dropped)(const struct rig_attempt *attempt, const struct rig_finding *finding); /* NULL: none is */
    struct rig_malloc_fault *memory; /* told as it goes, for whoever looks on from outside; NULL: nobody */
    struct rig_leaks leaks;
    const struct rig_leak *telling; /* what is sent is for this finding alone */
    bool quiet;                     /* for none: it is the same again */
    enum rig_level level;           /* of a leak in what was sent last; OFF: it was jumped out of */
    struct rig_whole whole;
};

/* Learns the whole answer: 0, -EINVAL (it cannot be tried), -ENOMEM. */
int rig_trials_begin(struct rig_trials *trials);
/* Around a send: lets memory run out, if the attempt is of such a kind. */
void rig_shortage_begin(struct rig_attempt *attempt);
void rig_shortage_end(struct rig_attempt *attempt);
/* In it: what came of it so far. */
void rig_shortage_take(struct rig_attempt *attempt);
/* Why kinds cannot be tried, of shortage or, where the body comes whole, of what breaks off, and leaks not be seen; NULL:
 * all can. */
const char *rig_trials_not_tried(const struct rig_trials *trials, bool whole);
/* Sends it once: the attempt is told what came of it. */
void rig_trials_send(struct rig_trials *trials, struct rig_attempt *attempt);
/* After a send of whoever sweeps: keeps what was found and puts the client back. result NULL: it was jumped out of. */
void rig_trials_done(struct rig_trials *trials, const struct rig_attempt *attempt, const struct rig_result *result);
/* What took memory and kept it, since rig_leaks_close. where: of the first time. */
void rig_trials_tell_leaks(struct rig_trials *trials, const char *where);
bool rig_trials_skip(const struct rig_trials *trials, const char *where);
/* Sends it, and where the answer differs once more without a fault and once with it, to be sure that it is the fault. */
void rig_trials_try(struct rig_trials *trials, const struct rig_attempt *attempt, struct rig_attempt *tried);
/* The answer without a fault, once more: is it still the same, and does it leave nothing? */
void rig_trials_end(struct rig_trials *trials);

/* Does the answer differ from the whole one? text, if given, tells how. */
bool rig_whole_differs(const struct rig_whole *whole, const struct rig_result *result, struct rig_text *text);
bool rig_whole_body_differs(const struct rig_whole *whole, const struct rig_result *result);
const char *rig_whole_header(const struct rig_whole *whole, const char *name); /* the first; NULL: none, or it varies */

/* Keeps what was found in the result, and drops it there where whoever sweeps says so. */
void rig_trials_collect(struct rig_trials *trials, const struct rig_attempt *attempt, const struct rig_result *result);
/* The first of expected that was not found; NULL: all were. */
const char *rig_trials_missing(const struct rig_trials *trials);
/* The lines of what was found. */
void rig_text_found(struct rig_text *text, const struct rig_sweep_found *found, size_t count);

/* The number of a rule. */
static inline unsigned rig_trial_rule(const char *id)
{
    return (unsigned)(rig_rule_find(id) - rig_rules(NULL));
}
/* Why nothing was tried, and what was found in vain. */
void rig_text_trouble(struct rig_text *text, int error, const char *missing);
/* What takes from what was said. */
void rig_text_doubts(struct rig_text *text, bool varies, bool drifted);
/* Does one of them fail a test? */
bool rig_found_fails(const struct rig_sweep_found *found, size_t count);

/* ---- sweeps ---- */

struct rig_trials rig_trials_of(const char *site, const struct rig_sweep *sweep, struct rig_sweep_report *report);
void rig_sweep_finish(struct rig_sweep_report *report, const struct rig_trials *trials);
/* The body came in other pieces: the answer must be the same one. */
void rig_judge_pieces(struct rig_attempt *attempt, const struct rig_result *result);

#endif
