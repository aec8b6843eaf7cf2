/* One layer alone: a recorder above it, one below, and an app that reads the body as it should and plays a script. */
#ifndef STACKRIG_CONTRACT_BENCH_H
#define STACKRIG_CONTRACT_BENCH_H

#include <stackrig/contract.h>
#include <stackrig/doubles.h>

#define RIG_BENCH_LAYER 2u /* the layer's number in the stack, */
#define RIG_BENCH_REQUESTS 4
#define RIG_BENCH_WRITES 16

/* ---- what one request showed ---- */

enum rig_seen_kind {
    RIG_SEEN_STATUS,
    RIG_SEEN_ERROR,
    RIG_SEEN_HEADER,
    RIG_SEEN_BODY,
    RIG_SEEN_ENV,
    RIG_SEEN_INPUT,
    RIG_SEEN_PASSED
};

struct rig_seen_fact {
    enum rig_seen_kind kind;
    char *name;   /* "" where the kind says it all */
    unsigned nth; /* among those of that name */
    char *value;  /* NULL: an object */
    size_t size;
};

/* The answer, and what the app below was called with. */
struct rig_seen {
    struct rig_seen_fact *facts;
    size_t count, capacity;
    bool starved; /* for want of memory it is not whole */
};

void rig_seen_add(struct rig_seen *seen, enum rig_seen_kind kind, const char *name, const void *value, size_t size);
void rig_seen_free(struct rig_seen *seen);
/* NULL: there is none. */
const struct rig_seen_fact *rig_seen_find(const struct rig_seen *seen, const struct rig_seen_fact *like);
/* Are they the same, but for facts that varies holds (NULL: none)? If not, how tells the first that differs: "the response
 * header X-A was \"1\" and is \"2\"". */
bool rig_seen_same(const struct rig_seen *before, const struct rig_seen *now, const struct rig_seen *varies, char *how,
                   size_t size);

/* ---- the bench ---- */

/* What becomes of a request at the layer. */
enum rig_bench_way { RIG_WAY_UNKNOWN, RIG_WAY_PASSES, RIG_WAY_ANSWERS, RIG_WAY_FAILS };

/* What is sent: .passes and .answers, each with a body and without. */
struct rig_bench_request {
    struct rig_request request;
    bool there, has_body, told; /* told: the contract names it, */
    enum rig_bench_way promised, way;
    struct rig_seen seen; /* of the first time, in a fresh stack */
};

struct rig_bench {
    const struct rig_contract *contract;
    const char *site;
    const char *const *rules;           /* this property's; up to NULL */
    struct rig_bench_request *requests; /* RIG_BENCH_REQUESTS */
    struct rig_seen varies;             /* what the layer owns that differs from one fresh stack to the next */
    struct rig_contract_property *property;
    int error;
    /* of the stack: */
    struct rig_stack *stack;
    struct rig_recorder *above, *below;
    struct rig_app script;
    unsigned calls; /* of the app below, */
    size_t call;    /* and the recorder's number of the last */
    char *body;     /* that it read last */
    size_t body_size, body_capacity;
    void (*inside)(struct rig_bench *bench); /* called by the app before it answers; NULL: nobody */
    bool nested;
    bool breaks_off; /* the body may: the app looks at its length */
    struct {
        char name[80];
        const char *site;
    } writes[RIG_BENCH_WRITES]; /* the layer's, into the env, as the app found them */
    size_t write_count;
    bool lost; /* what the app set in the env was not there above the layer */
};

/* A stack of its own for what follows: false when it cannot be had; error tells. reply NULL: a plain one. */
bool rig_bench_open(struct rig_bench *bench, const struct rig_scripted_reply *reply);
void rig_bench_close(struct rig_bench *bench);
struct rig_client *rig_bench_client(struct rig_bench *bench, const struct rig_server *server); /* NULL: error tells */
/* Counts; the result lasts as long as the client. */
const struct rig_result *rig_bench_send(struct rig_bench *bench, struct rig_client *client,
                                        const struct rig_request *request);
/* Sends it with a client of its own; seen is filled, and the rules' findings are kept. */
void rig_bench_try(struct rig_bench *bench, const struct rig_request *request, struct rig_seen *seen);
/* What a result and the recorders show of its last call. */
void rig_bench_see(struct rig_bench *bench, const struct rig_result *result, struct rig_seen *seen);
/* Sends each request in a fresh stack and learns what varies. */
void rig_bench_learn(struct rig_bench *bench);
/* Are they the same, but for what varies? If they seem not to be, that is learned once more: the stack is another one
 * then. */
bool rig_bench_same(struct rig_bench *bench, const struct rig_seen *before, const struct rig_seen *now, char *how,
                    size_t size);
/* The visit of the layer; NULL: it was never entered. */
const struct rig_hop *rig_bench_hop(const struct rig_result *result);
/* The nth request that goes this way, with a body or not; NULL: no more. */
const struct rig_request *rig_bench_next(const struct rig_bench *bench, size_t *at, enum rig_bench_way way);
const struct rig_request *rig_bench_next_body(const struct rig_bench *bench, size_t *at, enum rig_bench_way way);
/* There is none: not applicable, and why. */
void rig_bench_none(struct rig_bench *bench, enum rig_bench_way way, bool with_body);

/* Where the layer wrote that variable in the last request; the layer's place if that is not known. */
const char *rig_bench_wrote_at(const struct rig_bench *bench, const char *name);
bool rig_bench_owns_env(const struct rig_bench *bench, const char *name);
bool rig_bench_owns_header(const struct rig_bench *bench, const char *name);

/* ---- what a property says ---- */

void rig_bench_fails(struct rig_bench *bench, const char *site, const char *format, ...) RIG_PRINTF_(3, 4);
void rig_bench_fails_by(struct rig_bench *bench, const char *site, const char *rule, const char *message);
void rig_bench_not_applicable(struct rig_bench *bench, const char *format, ...) RIG_PRINTF_(2, 3);
/* Findings of the property's rules that are the layer's fault. */
void rig_bench_take(struct rig_bench *bench, const struct rig_result *result);
bool rig_bench_is_fault(const struct rig_bench *bench, const struct rig_finding *finding);
bool rig_bench_rule_is_own(const char *const *rules, const char *rule);
/* "POST /a" */
const char *rig_bench_title(const struct rig_request *request, char *text, size_t size);

/* ---- the properties: a function and a row of table.c each ---- */

typedef void rig_property_fn(struct rig_bench *bench);

struct rig_property {
    const char *name, *title;
    rig_property_fn *test;
    const char *rules[6]; /* of the rig, that are about this alone: "next.*" */
};

extern const struct rig_property rig_properties[RIG_CONTRACT_PROPERTIES];

rig_property_fn rig_same_env, rig_same_response, rig_next_once, rig_error_up, rig_env_transparent,
    rig_response_transparent, rig_body_whole, rig_early_drained, rig_pieces_same, rig_faults_told, rig_state_between,
    rig_state_nested, rig_headers_case, rig_headers_order, rig_rules_kept;

#endif
