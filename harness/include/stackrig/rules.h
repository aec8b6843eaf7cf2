/* Rules of your own: a check in your code, which sees what happens in each request, with the row that explains it.
 *
 *     static int look(const struct rig_own_seen *seen)
 *     {
 *         if (strcmp(seen->name, "X-Debug") == 0) {
 *             return rig_own_find(seen, "%s sends %s", rig_own_layer(seen), seen->name);
 *         }
 *         return RIG_OWN_LOOKED;
 *     }
 *     static const struct rig_own_rule no_debug_header = {
 *         .id = "myteam.no_debug_header", .level = RIG_LEVEL_ERROR, .title = "...", .armed_when = "...", .why = "...",
 *         .mend = "...", .hears = RIG_OWN_HEARS(HEADER), .check = look};
 *     static const struct rig_own_rule *const rules[] = {&no_debug_header, NULL};
 *
 * A client gets them as .rules, a stack in a shared object brings them with RIG_EXPORT_RULES(rules). From then on they are
 * rules like any other: findings, .ignore, .enable, .findings of an assertion, armed counts, reports. */
#ifndef STACKRIG_RULES_H
#define STACKRIG_RULES_H

#include <stackrig/result.h>
#include <stackrig/stack.h>

#define RIG_OWN_RULES_MAX 256   /* of one client */
#define RIG_OWN_ID_MAX 63       /* bytes of an id */
#define RIG_OWN_TEXT_MAX 1000   /* bytes of each text of a row */
#define RIG_OWN_STATE_MAX 65536 /* bytes of each state */

/* ---- what is seen ---- */

enum rig_own_moment {
    RIG_OWN_BEGIN,       /* the request's env stands, the outermost layer is about to be entered */
    RIG_OWN_ENTER,       /* a layer or the app is entered; hop->entered_at has the line that led to it */
    RIG_OWN_LEAVE,       /* it returns; number: what */
    RIG_OWN_NEXT,        /* a layer passes the request on */
    RIG_OWN_NEXT_RETURN, /* and has it back; number: hops before that call */
    RIG_OWN_ENV_GET,     /* a variable is read: name; value NULL: it is not there */
    RIG_OWN_ENV_SET,     /* written: name, value, size; value NULL: an object */
    RIG_OWN_ENV_UNSET,   /* removed: name */
    RIG_OWN_INPUT_READ,  /* the request's body is read; number: bytes, 0 at the end, or -errno */
    RIG_OWN_INPUT_DRAIN, /* it is drained; number: bytes, or -errno */
    RIG_OWN_STATUS,      /* a status is set; number: it */
    RIG_OWN_HEADER, /* a header goes out, once the outermost layer has returned: name, value, size; hop: who set it */
    RIG_OWN_WRITE, /* rig_response_write adds bytes to the answer's body; size; of a failed one number: -errno. Not heard of
                     * a body that rig_respond gives at once, nor of a stream */
    RIG_OWN_LOG, /* something is written to the error stream: value, size (no zero byte at its end) */
    RIG_OWN_OUT, /* the outermost layer has returned, the delivery is known */
    RIG_OWN_END, /* the last: the answer's body was sent and closed, the env still stands */
    RIG_OWN_MOMENTS
};

/* .hears = RIG_OWN_HEARS(ENTER) | RIG_OWN_HEARS(HEADER) */
#define RIG_OWN_HEARS(moment_) (1u << RIG_OWN_##moment_)

struct rig_run;

/* All of it lasts for the call alone. */
struct rig_own_seen {
    enum rig_own_moment moment;
    const struct rig_hop *hop;           /* the layer or app in which it happens; NULL: in none (BEGIN, OUT, END) */
    const char *site;                    /* the line of that call; NULL: it has none */
    const char *name, *value;            /* as the moment says; else NULL */
    size_t size;                         /* bytes of value, or as the moment says */
    int64_t number;                      /* as the moment says */
    const char *method, *target;         /* of the request; NULL: it could not be parsed */
    const struct rig_hop *hops;          /* the visits so far, by number */
    size_t hop_count, first_hop;         /* first_hop: of this request; those before are of others on its connection */
    int status;                          /* the answer's so far; 0: none was set */
    const struct rig_delivery *delivery; /* OUT, END; NULL: not known yet */
    /* Bytes that the rule keeps from call to call, aligned for pointers. NULL: its size is 0. */
    void *request_state; /* .request_size bytes, all zero when the request begins */
    /* .client_size bytes, all zero when the client is made, and for each scenario of the fuzzer. Sweeps (check --faults,
     * --each-malloc) put its bytes back before each try: memory that it points to must not be freed meanwhile. */
    void *client_state;
    const void *closure; /* the rule's */
    struct rig_run *run_;
    const struct rig_env *env_;
    unsigned rule_;
};

/* ---- a rule ---- */

/* What a check returns, where it found nothing; -ENOMEM: it could not look, so that the result is .unchecked. Anything else
 * is a finding usage.return.invalid. */
#define RIG_OWN_IDLE 0   /* the rule's precondition does not hold */
#define RIG_OWN_LOOKED 1 /* it holds: the rule is armed, once more */

/* Looks, and changes nothing. Is called for what .hears names, in the thread of the request. Memory that it takes is not
 * counted as a layer's. */
typedef int rig_own_check_fn(const struct rig_own_seen *seen);

/* The row and the check. It must last as long as the clients that use it; so must its strings: printable ASCII, at most
 * RIG_OWN_TEXT_MAX bytes. What is wrong with a row is told by the client's first send (usage.argument.invalid), and by
 * `stackrig check` before it runs anything. */
struct rig_own_rule {
    const char *id;       /* "myteam.no_debug_header": two words or more of a-z, 0-9 and _, dots between; the first is a
                             * name of yours, none of the rig's areas */
    enum rig_level level; /* of its findings: none is worse */
    bool off;          /* off unless enabled; by a layer's .enable: for what that layer does, and at OUT and END, where
                           * its findings are of the layer that answered; not at BEGIN, before any layer is entered */
    const char *title; /* what is wrong, in one line */
    const char *armed_when; /* the precondition: only then it says anything */
    const char *why;        /* what goes wrong in practice */
    const char *mend;       /* what to do */
    const char *source;     /* an RFC, a link, an incident; NULL: none */
    unsigned hears;         /* moments: RIG_OWN_HEARS(...) | ... */
    rig_own_check_fn *check;
    size_t request_size, client_size; /* of its states; 0: none */
    const void *closure;              /* for the check; NULL: nothing */
};

/* ---- for checks ---- */

/* What else a finding says; all zero: the layer in which it was seen, at the line that was seen, as the row has it. What is
 * seen in no layer (BEGIN, OUT, END) is of the layer that answered, at the line where it did; nobody's if none has. */
struct rig_own_detail {
    const struct rig_hop *hop; /* the layer at fault; NULL: where it was seen, or what answered */
    enum rig_level level;      /* 0: the row's; never worse than that */
    const char *site;          /* the line to look at first; NULL: where it was seen, or the layer's in the stack */
    const char *subject;       /* header or variable name; NULL: none */
    const char *follows;       /* what follows from it here; NULL: the row's .why */
    const char *mend;          /* NULL: the row's */
    const struct rig_evidence *evidence; /* at most RIG_EVIDENCE_MAX */
    size_t evidence_count;
};

RIG_BEGIN_DECLS
/* A finding of the rule: RIG_OWN_LOOKED, or -ENOMEM; to be returned by the check. Strings are copied, but for sites. */
int rig_own_find(const struct rig_own_seen *seen, const char *format, ...) RIG_PRINTF_(2, 3);
/* detail NULL: rig_own_find. */
int rig_own_find_with(const struct rig_own_seen *seen, const struct rig_own_detail *detail, const char *format, ...)
    RIG_PRINTF_(3, 4);
/* The name of the layer in which it happens; "the request" outside of any. */
const char *rig_own_layer(const struct rig_own_seen *seen);
/* The layer or app that answered this request; NULL: none has yet. */
const struct rig_hop *rig_own_answered_by(const struct rig_own_seen *seen);
/* A variable of the env at hand, read without anybody hearing of it; NULL: not there, or an object. */
const char *rig_own_env(const struct rig_own_seen *seen, const char *name);
/* The first header of that name (any case) of the answer so far; NULL: not there. */
const char *rig_own_header(const struct rig_own_seen *seen, const char *name);
RIG_END_DECLS

/* ---- in a stack's shared object ---- */

struct rig_export_rules {
    uint32_t abi, row_size;
    const struct rig_own_rule *const *rules;
};

/* Once in a stack's shared object itself (no library that it is linked to), at file scope, beside RIG_EXPORT: `stackrig
 * check` and the other verbs then use these rules, which end at NULL. */
#define RIG_EXPORT_RULES(rules_)                                                                           \
    RIG_EXTERN_C_ __attribute__((visibility("default"))) const struct rig_export_rules rig_exported_rules; \
    const struct rig_export_rules rig_exported_rules = {RIG_ABI, sizeof(struct rig_own_rule), rules_}

#endif
