/* What came back: a copy of its own that lives until rig_client_reset or rig_client_free. */
#ifndef STACKRIG_RESULT_H
#define STACKRIG_RESULT_H

#include <stackrig/base.h>

#define RIG_DELIVERY_LOG_MAX 4
#define RIG_EVIDENCE_MAX 12
#define RIG_CHUNKS_MAX 4096 /* chunks of a response body that are told apart; the last then holds the rest */

/* ---- what the server made of it ---- */

enum rig_outcome {
    RIG_DELIVERED,   /* the client has the whole answer */
    RIG_TRUNCATED,   /* it has the head, but not all of the body */
    RIG_REPLACED,    /* it has a 5xx of the gateway in place of the answer */
    RIG_CLOSED,      /* the connection was closed without a byte */
    RIG_RESET,       /* the connection was reset before the answer */
    RIG_REFUSED,     /* the server did not let the request through: the stack never ran */
    RIG_MISDIRECTED, /* it has the answer to another's request, or a 400 for a request that was right: see .received */
    RIG_GONE,        /* the client went away before it had the answer: see stackrig/connection.h */
    RIG_NOT_SENT     /* the rig did not send it: a mistake of the test's, or no memory; see the result's error */
};

enum rig_connection {
    RIG_CONNECTION_KEPT, /* ready for the next request */
    RIG_CONNECTION_CLOSED,
    RIG_CONNECTION_DESYNCHRONISED /* what was left of the body is taken for the next request */
};

/* When a server closes on a body that it has not read. A verdict is the worse of the two. */
enum rig_timing {
    RIG_TIMING_ANY,    /* it does not matter, or the profile does not tell them apart */
    RIG_TIMING_WORST,  /* right behind the first bytes that the gateway sent */
    RIG_TIMING_SETTLED /* when the gateway has sent all that the socket takes */
};

/* Separate facts: what the client got says nothing about what was logged, nor the other way round. */
struct rig_delivery {
    enum rig_outcome outcome;
    int status;                     /* the client saw this status; 0: none */
    enum rig_connection connection; /* the one the stack's own server answers on: the client's, or behind a gateway
                                     * (passenger3) the gateway's; the client's own is client_connection */
    enum rig_connection client_connection;
    enum rig_timing timing; /* which of the two the verdict is about */
    bool race;              /* it was measured to go either way; outcome is then the worse one */
    const char *share;      /* the measured share of the worse outcome, "up to 14 of 20"; NULL: sure, or worked_out */
    const char *log[RIG_DELIVERY_LOG_MAX + 1]; /* the gateway's lines, word for word; ends at NULL */
    const char *server;                        /* the profile's name */
    bool modelled;       /* the server itself was not run: its order of system calls was replayed */
    bool worked_out;     /* front, transport and engine of the profile were measured, but not together */
    bool not_measured;   /* nobody knows what the client got (its request's body broke off, or the server hung up on its
                            * gateway): outcome says only what the server had written; follows says so, too */
    const char *follows; /* what that means in one sentence; NULL: nothing to say */
    const char *source;  /* where this was measured; NULL: nothing to claim */
    uint64_t unread;     /* request body bytes that nobody took off the connection */
    uint64_t offered;    /* request body bytes that the client sent */
    char consequence[288]; /* follows points here when it holds numbers; in a copy still to the original's */
};

/* ---- findings ---- */

/* A further fact with its place: the line of the copy, who looked for the key, ... site NULL: no place. */
struct rig_evidence {
    const char *text, *site;
};

struct rig_finding {
    const char *rule; /* "input.early_answer.unread" */
    enum rig_level level;
    const char *layer;      /* name of the layer or app at fault; NULL: the request or the test itself */
    unsigned layer_number;  /* the k of #k among layers of that name, from 1; 0: no layer */
    const char *layer_site; /* where it was given to the stack; NULL: no layer */
    const char *site;       /* the line to look at first; NULL: unknown */
    const char *subject;    /* header or variable name; NULL: none */
    const char *message;    /* what was seen */
    const char *follows;    /* what follows from it; NULL: see the rule */
    const char *server;     /* where that follows: "http1", "passenger3 (modelled)"; NULL: behind any server */
    const char *mend;       /* how to mend it */
    const struct rig_evidence *evidence;
    size_t evidence_count;
    unsigned exchange; /* index into the result's exchanges */
};

/* ---- the way through the stack ---- */

/* The request body as one layer saw it, in bytes. */
struct rig_ledger {
    uint64_t offered; /* unread when the layer was entered */
    uint64_t read, drained;
    unsigned reads, rewinds;
    unsigned reads_after_end, reads_after_answer;
    const char *read_at; /* its last read or drain; NULL: none */
};

/* One visit of a layer or of the app. */
struct rig_hop {
    const char *layer;      /* its name */
    const char *layer_site; /* where it was given to the stack; NULL: foreign */
    const char *entered_at; /* the rig_next that led here; NULL: the outermost */
    const char *left_at;    /* the last touch of the response in it; NULL: none */
    unsigned number;        /* index in the result's hops, in order of entering */
    unsigned parent;        /* number of the layer that called; its own number: the outermost */
    unsigned depth;         /* 0: the outermost */
    unsigned layer_number;  /* the k of #k among layers of that name in its stack, from 1 */
    unsigned layer_index;   /* in the stack, as rig_stack_leave_out counts; UINT_MAX: an app */
    unsigned next_calls;
    unsigned env_reads, env_writes;
    uint64_t env_id, response_id; /* what it was given */
    int returned;                 /* 0 or -errno */
    int status_in, status_out;    /* the response's status on entering and leaving; 0: none */
    bool is_app, answered,
        abandoned; /* answered: it was EMPTY on entering and ANSWERED by this layer itself; abandoned: jumped out of */
    bool auth;
    struct rig_ledger body;
    unsigned exchange;
    bool status_over; /* it has set the status of an answer that stood there from another, be it to the same */
};

/* One request and its answer on the connection. The first is the one that was sent; a further one is what was left
 * of its body and was taken for a request. */
struct rig_exchange {
    bool phantom;
    const char *method, *target; /* NULL: it could not be parsed */
    int status;            /* the answer's; 400 where the server could not parse it; 0: it still waits for bytes, or
                            * was not sent */
    struct rig_bytes head; /* the first bytes as found on the connection (phantom), at most 256 */
    const char *refused;   /* why the server did not let it through; NULL: it did, or it was not sent */
};

/* What came on a connection that is out of step, in place of the answer. */
struct rig_received {
    int status; /* 0: no answer comes, the server takes the request for a part of what stood there before it */
    const struct rig_field *headers;
    size_t header_count;
    const char *body; /* a zero byte after its end */
    size_t body_size;
    const char *method, *target; /* of the request that it answers, as the server read it; NULL: it could not */
    bool phantom;                /* that stood in a body that was left unread */
    const char *refused;         /* why the server would not have it; NULL: the stack answered */
    const char *site;            /* where the client sent what it answers */
};

/* A rule that was kept quiet by .ignore, and how often. */
struct rig_suppressed {
    const char *rule, *by; /* by: the pattern that matched */
    unsigned count;
};

struct rig_result {
    int status;       /* as the outermost layer left it: 500 for an unhandled error, 400 for a refused request; 0:
                          * there is no answer */
    const char *body; /* response body, a zero byte after its end; "" if none */
    size_t body_size; /* bytes; with discard_body they were counted and not kept */
    const struct rig_bytes *chunks; /* the body as it was produced: a chunk for each rig_response_write, each read of
                                     * a stream, or for the body of rig_respond; empty ones too */
    size_t chunk_count;             /* 0: no body, or it was not kept */
    unsigned
        body_closes;     /* how often the body that went out was closed: 1 for a stream, 0 for one that is only bytes */
    const char *log;     /* the error stream's text; "" if none */
    size_t log_size;     /* its bytes */
    int error;           /* 0 or -errno: what the outermost layer returned; why the request could not be sent; -ENOMEM
                          * too when the result is not whole for want of memory */
    const char *refused; /* why the server did not let the request through, or "refused by nginx (400): ...", when a
                          * gateway before it did not; NULL: it did, or it was not sent (error) */
    const char *refused_by; /* the gateway; NULL: it was the server itself, or nobody */
    struct rig_delivery delivery;
    const struct rig_finding *findings;
    size_t finding_count;
    const struct rig_hop *hops;
    size_t hop_count;
    const struct rig_exchange *exchanges;
    size_t exchange_count;
    const struct rig_received *received; /* see stackrig/connection.h; NULL: this answer, or what delivery says */
    const struct rig_suppressed *suppressed;
    size_t suppressed_count;
    const struct rig_field *headers; /* the response's, in order, repeated names too */
    size_t header_count;
    uint64_t env_id;             /* the serial of the env that the outermost layer was given */
    bool unchecked;              /* a check ran out of memory: findings may be missing */
    const char *method, *target; /* of the request, for messages */
    const char *site;            /* where it was sent; NULL: unknown */
};

RIG_BEGIN_DECLS
/* The first value of that name (any case), NULL if absent. */
const char *rig_result_header(const struct rig_result *result, const char *name);
/* Was there a finding of that rule? An unknown rule is false, and fails the next rig_assert of this client. */
bool rig_result_found(const struct rig_result *result, const char *rule);
/* How often the rule's precondition held; an unknown rule is 0, and fails the next rig_assert of this client. */
unsigned rig_result_armed(const struct rig_result *result, const char *rule);
/* Writes the finding in compiler form with what follows and how to mend it; returns as snprintf does. */
int rig_finding_text(const struct rig_finding *finding, char *buffer, size_t size);
RIG_END_DECLS

/* ---- rules ---- */

struct rig_rule {
    const char *id;         /* area.subject.what */
    enum rig_level level;   /* the worst it can have */
    bool off;               /* off unless enabled */
    const char *title;      /* what is wrong, in one line */
    const char *armed_when; /* the precondition: only then it says anything */
    const char *why;        /* what goes wrong in practice */
    const char *mend;
    const char *source;        /* RFC section, measurement, or the interface's own contract */
    const char *since;         /* version */
    const char *broken, *twin; /* the tests: a layer that triggers it; one that looks alike and is right */
};

RIG_BEGIN_DECLS
const struct rig_rule *rig_rules(size_t *count);      /* the whole table, sorted by id */
const struct rig_rule *rig_rule_find(const char *id); /* NULL: no such rule */
bool rig_rule_pattern_known(const char *pattern);     /* "id" of a rule, or "area.*" of at least one */
RIG_END_DECLS

#endif
