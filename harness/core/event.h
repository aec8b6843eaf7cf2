/* What happens in a run, and who hears of it. Core emits events and knows no check: a check says by kind and facts
 * what it wants, so that an uneventful hop costs one comparison. */
#ifndef STACKRIG_CORE_EVENT_H
#define STACKRIG_CORE_EVENT_H

#include "harness/http/rare.h"

#include <stackrig/result.h>

struct rig_run;
struct rig_env;
struct rig_foreign_finding;

enum rig_event_kind {
    RIG_EVENT_BEGIN,         /* the env stands, the outermost layer is about to be entered */
    RIG_EVENT_ENTER,         /* hop: the layer that is entered */
    RIG_EVENT_LEAVE,         /* hop: the layer that returns; number: what it returned */
    RIG_EVENT_NEXT,          /* hop: the layer that calls next; env: what it passes on */
    RIG_EVENT_NEXT_RETURN,   /* the same, once it came back; number: the hop count before the call */
    RIG_EVENT_ENV_GET,       /* name; env */
    RIG_EVENT_ENV_SET,       /* name, value, size; env */
    RIG_EVENT_ENV_UNSET,     /* name; env */
    RIG_EVENT_ENV_COPY,      /* env: the copy */
    RIG_EVENT_INPUT_READ,    /* number: what the read gave (line too) */
    RIG_EVENT_INPUT_REWIND,  /* number: 0 or -errno */
    RIG_EVENT_INPUT_DRAIN,   /* number: bytes or -errno */
    RIG_EVENT_INPUT_REPLACE, /* env */
    RIG_EVENT_STATUS,        /* number: the status that was set */
    RIG_EVENT_HEADER,        /* a header goes out: name, value, size; hop and site: who set it */
    RIG_EVENT_WRITE,         /* size: bytes appended to the body; of one that failed number: -errno */
    RIG_EVENT_STREAM,
    RIG_EVENT_TAKE,
    RIG_EVENT_BODY_READ,  /* a response body source was read; guard; number */
    RIG_EVENT_BODY_CLOSE, /* guard */
    RIG_EVENT_BODY_CALL,  /* guard: hop's code is about to read, rewind or close; NULL: it has returned, to hop */
    RIG_EVENT_DESTROY,    /* site: an object that hop has set is about to be destroyed; NULL: all are */
    RIG_EVENT_LOG,        /* value, size: the entry */
    RIG_EVENT_STALE,      /* number: enum rig_handle_kind; value: what was called and on which handle */
    RIG_EVENT_MISUSE, /* number: enum rig_misuse; value: what was wrong; name: how to mend it, NULL: as the rule says */
    RIG_EVENT_FOREIGN, /* foreign: what an adapter has found; value, size: its message */
    RIG_EVENT_OUT,   /* the outermost layer has returned, the delivery is known; a body in memory was not pulled yet */
    RIG_EVENT_REUSE, /* on a kept connection: not its first request. value, site, name, origin: what its client
                      * received in place of the answer, who left a body unread, what of which request, where that
                      * was sent */
    RIG_EVENT_END,   /* streams pulled and closed: all is known, the env still stands */
    RIG_EVENT_COUNT
};

/* What core noticed about an event. A check wants an event if it wants one of the event's facts. */
enum rig_fact {
    RIG_FACT_ALWAYS = 1u << 0,    /* every event has it */
    RIG_FACT_OTHER_ENV = 1u << 1, /* NEXT, NEXT_RETURN: not the env the layer was given */
    RIG_FACT_AGAIN = 1u << 2,     /* NEXT: not the first call of this visit; BODY_CLOSE: closed before;
                                   * BODY_READ: the end was found before */
    RIG_FACT_ANSWERED =
        1u << 3, /* NEXT: this layer had answered; STATUS, WRITE, STREAM: an answer of another layer stood */
    RIG_FACT_CGI_CHANGED =
        1u << 4, /* BEGIN, NEXT, NEXT_RETURN: of env, variables that CGI names were written since the last of these */
    RIG_FACT_BAD_NAME = 1u << 5,    /* HEADER: not a token */
    RIG_FACT_BAD_VALUE = 1u << 6,   /* HEADER: CR, LF, NUL or another control byte in the value */
    RIG_FACT_BAD_STATUS = 1u << 7,  /* STATUS: outside 100..599 */
    RIG_FACT_ERROR = 1u << 8,       /* LEAVE, INPUT_READ, BODY_READ, WRITE: negative */
    RIG_FACT_SHORT = 1u << 9,       /* INPUT_READ: there was no more, and the layer has not had the whole body */
    RIG_FACT_CLOSED = 1u << 10,     /* BODY_READ: after close */
    RIG_FACT_HAS_BODY = 1u << 11,   /* OUT, END: the request came with a body */
    RIG_FACT_UNANSWERED = 1u << 12, /* OUT, END: no layer answered */
    /* NEXT of a foreign layer: not the object it was given (size: its number); name: its kind; number: of what it passed on */
    RIG_FACT_OTHER_OBJECT = 1u << 13,
    RIG_FACT_UNREAD = 1u << 14, /* OUT: some of the request's body is still on the connection */
    RIG_FACT_CUT = 1u << 15     /* INPUT_READ: an end, of a body with a CONTENT_LENGTH, before so many bytes had come */
};

struct rig_event {
    enum rig_event_kind kind;
    uint32_t facts;
    const char *site;
    const struct rig_hop *hop; /* where it happened; NULL: outside of any layer. Valid during the call only */
    const struct rig_env *env;
    const struct rig_env *upper; /* NEXT, NEXT_RETURN: the env the layer was given */
    const char *name, *value;
    size_t size;
    int64_t number;
    struct rig_guard *guard;
    const struct rig_foreign_finding *foreign;
    const char *origin; /* REUSE */
};

struct rig_want {
    enum rig_event_kind kind;
    uint32_t facts; /* any of these; 0 ends the list */
};

#define RIG_WANTS_MAX RIG_EVENT_COUNT

struct rig_check {
    const char *name;
    struct rig_want wants[RIG_WANTS_MAX + 1];
    size_t state_size; /* zeroed for each exchange; aligned for pointers */
    /* 0, or -ENOMEM: the run is then marked as unchecked. */
    int (*on_event)(void *state, struct rig_run *run, const struct rig_event *event);
    /* The user's code is about to look for that rule of theirs, whose id it is; NULL: it has returned. NULL: none hears. */
    void (*on_look)(const char *rule);
};

#define RIG_CHECKS_MAX 24

struct rig_check_set {
    const struct rig_check *const *checks;
    size_t count;
};

/* From now on in this exchange, the check with this state also wants these facts of these events. */
void rig_listen(struct rig_run *run, const void *state, enum rig_event_kind kind, uint32_t facts);

/* ---- what a check says ---- */

/* A finding to be made. Strings may be the caller's: they are copied. */
struct rig_find {
    unsigned rule;        /* number in the rule table */
    enum rig_level level; /* 0: the rule's */
    const char *site;     /* NULL: the layer's place in the stack */
    unsigned hop;         /* the layer at fault; RIG_NO_HOP: the request, the test, or nobody */
    const char *subject;  /* NULL: none */
    const char *follows;  /* NULL: the rule's why */
    const char *server;   /* where that follows; NULL: behind any */
    const char *mend;     /* NULL: the rule's */
    const struct rig_evidence *evidence;
    size_t evidence_count;
};

#define RIG_NO_HOP UINT32_MAX

/* Records a finding unless it is off or ignored (that is counted). 0 or -ENOMEM. */
RIG_COLD int rig_find(struct rig_run *run, const struct rig_find *find, const char *format, ...) RIG_PRINTF_(3, 4);
/* The rule's precondition held, times times. */
void rig_arm(struct rig_run *run, unsigned rule, unsigned times);
/* Is it on for what that hop does? Takes a walk through the run's handles. */
bool rig_rule_is_on(const struct rig_run *run, unsigned rule, unsigned hop);
/* The same, for any of the hops so far. */
bool rig_rule_is_on_anywhere(const struct rig_run *run, unsigned rule);

/* ---- the kinds of wrong use that core can see ---- */

#define RIG_MISUSE_MAP(X)                                 \
    X(NULL_ARGUMENT, "usage.argument.null")               \
    X(BAD_ARGUMENT, "usage.argument.invalid")             \
    X(BAD_RETURN, "usage.return.invalid")                 \
    X(TOO_MANY_FIELDS, "usage.fields.too_many")           \
    X(TWO_BODIES, "usage.body.twice")                     \
    X(MAP_PREFIX, "usage.map.prefix")                     \
    X(STACK_NO_APP, "usage.stack.no_app")                 \
    X(STACK_FROZEN, "usage.stack.frozen")                 \
    X(STACK_LOOP, "usage.stack.loop")                     \
    X(STACK_WARM_UP, "usage.stack.warm_up")               \
    X(LAYER_INIT, "usage.layer.init")                     \
    X(INPUT_CLOSED, "input.used_after_close")             \
    X(RULE_UNKNOWN, "usage.rule.unknown")                 \
    X(TOO_MANY_OPEN, "usage.client.too_many_open")        \
    X(CLIENT_BUSY, "usage.client.busy")                   \
    X(READ_NEGATIVE, "input.read.negative_length")        \
    X(REQUEST_METHOD, "request.method.token")             \
    X(REQUEST_TARGET, "request.target.invalid")           \
    X(REQUEST_VERSION, "request.version.invalid")         \
    X(REQUEST_HEADER_NAME, "request.header_name.token")   \
    X(REQUEST_HEADER_VALUE, "request.header_value.chars") \
    X(REQUEST_HOST, "request.host.invalid")               \
    X(REQUEST_BODIES, "request.body.twice")               \
    X(REQUEST_BODY, "request.body.invalid")               \
    X(REQUEST_FRAMING, "request.framing.invalid")         \
    X(REQUEST_LENGTH, "request.content_length.mismatch")  \
    X(REQUEST_FIELDS, "request.fields.too_many")          \
    X(REQUEST_ENV, "request.env.invalid")                 \
    X(REDIRECT_NONE, "usage.redirect.none")               \
    X(REDIRECT_LOCATION, "request.redirect.invalid")      \
    X(REDIRECT_LIMIT, "request.redirect.too_many")        \
    X(REQUEST_PARAMS, "request.params.invalid")           \
    X(READ_ENDLESS, "input.read.endless")                 \
    X(WRITE_ENDLESS, "response.write.endless")

enum rig_misuse {
#define RIG_MISUSE_NAME_(name_, rule_) RIG_MISUSE_##name_,
    RIG_MISUSE_MAP(RIG_MISUSE_NAME_)
#undef RIG_MISUSE_NAME_
        RIG_MISUSE_COUNT
};

/* What a serial number names. */
enum rig_handle_kind { RIG_HANDLE_ENV, RIG_HANDLE_RESPONSE, RIG_HANDLE_INPUT, RIG_HANDLE_NEXT, RIG_HANDLE_GUARD };

#endif
