/* A server profile: how one server builds the request for the stack and what becomes of the answer.
 * Profiles are data and one hook; they live in mocks/servers. */
#ifndef STACKRIG_SERVER_H
#define STACKRIG_SERVER_H

#include <stackrig/base.h>
#include <stackrig/result.h>

/* How a client sends a request: a naive or half one reads nothing before it has written all. */
enum rig_client_kind {
    RIG_CLIENT_DUPLEX, /* reads while it writes, and goes on reading after a write error, as curl does */
    RIG_CLIENT_NAIVE,  /* writes all, then reads */
    RIG_CLIENT_HALF    /* writes the head, pauses, writes the body, then reads */
};

/* The connection when the outermost layer has returned and the answer is about to be written. */
struct rig_wire {
    int status;                      /* of the answer */
    bool head_request;               /* the request was a HEAD */
    bool chunked;                    /* framing of the request body */
    bool keep_alive;                 /* the client asked for it and the answer does not end it */
    uint64_t body_size;              /* request body bytes the client sends */
    uint64_t body_taken;             /* of these, taken off the connection by layers, app or the server itself */
    bool body_ended;                 /* the end of the body was seen (also of a chunked one, also of an empty one) */
    bool length_known;               /* a client can tell the answer's end other than by the end of the connection */
    bool end_read;                   /* a read found the end of the body, not only its last byte */
    bool expects;                    /* the client waits for 100 Continue before it sends the body */
    uint64_t answer_size;            /* of the answer's body; of a stream what was pulled */
    const struct rig_server *server; /* the profile itself */
    bool body_failed; /* it broke off, the client is gone: body_size is what came of it, keep_alive is false */
    bool break_read;  /* and the stack has read on to there */
    bool half_closed; /* the client said that it sends nothing more (SHUT_WR), and waits for its answer */
    enum rig_client_kind client;
    bool hung_up; /* the stack's server closes the connection without an answer; only profiles with a front are asked */
};

/* ---- what a gateway lets through ---- */

/* A request as a client put it on the wire, on its way to the server behind a gateway. */
struct rig_passing {
    struct rig_bytes wire;                    /* from the request's first byte on; more may stand behind it */
    bool head_only;                           /* the wire ends with the head, the body is elsewhere, */
    uint64_t body_size;                       /* of this size; UINT64_MAX: unknown */
    const char *remote_addr;                  /* the client's */
    void *(*alloc)(void *arena, size_t size); /* for what the outcome points to; NULL: out of memory */
    void *arena;
};

enum rig_pass { RIG_PASS_DELIVERS, RIG_PASS_REFUSES, RIG_PASS_WAITS /* for more of the request */ };

/* A variable of a FastCGI request. */
struct rig_variable {
    struct rig_bytes name, value; /* value: with a zero byte behind it */
};

struct rig_passed {
    enum rig_pass pass;
    int status;         /* RIG_PASS_REFUSES: the gateway's own answer, */
    const char *reason; /* and why; lasts as long as the program */
    /* RIG_PASS_DELIVERS: */
    size_t head_size;               /* bytes of the wire that were the head, */
    size_t size;                    /* and all of the request; head_only: the head */
    bool chunked;                   /* the client's framing of the body */
    bool cut;                       /* the body is not whole: the gateway passes on what there is */
    struct rig_bytes head;          /* what the server gets, with the empty line; data NULL: variables */
    struct rig_variable *variables; /* in the order of the request; a name may stand there twice */
    size_t variable_count;
    struct rig_bytes content, trailers; /* of the body, without its framing; trailers: lines, without the empty one */
};

struct rig_server;
struct rig_gate_facts;

/* What it makes of Authorization. */
enum rig_authorization {
    RIG_AUTHORIZATION_PASSES,
    RIG_AUTHORIZATION_DROPPED,
    RIG_AUTHORIZATION_NAMES_USER /* passes, and the user of basic credentials, unchecked, is REMOTE_USER */
};

/* What a gateway makes of a request before the server's program sees it. */
struct rig_gateway {
    const char *name;                   /* "nginx", for messages */
    const struct rig_gate_facts *facts; /* of mocks/servers */
    /* 0 or -ENOMEM. NULL: what it lets through was not measured, so a request reaches the stack as it was sent. */
    int (*pass)(const struct rig_server *server, const struct rig_passing *in, struct rig_passed *out);
    const struct rig_field *adds; /* to every request, up to the first without a name; "@addr" and "@host" for values
                                   * stand for the client's address and its Host. NULL: none */
    bool origin_form;             /* an absolute target reaches the server without scheme and host */
    bool tabs_stay;               /* around a header's value, for the stack to see; all others cut them off */
    enum rig_authorization authorization;
};

/* The parts of a composed profile: rows of mocks/servers. */
struct rig_front;
struct rig_transport;
struct rig_engine;

struct rig_server {
    const char *name;
    const char *title; /* one line for `stackrig servers` and the docs */
    bool rewindable;   /* rig_input_rewind works */
    bool buffers_all;  /* the first read of any size takes the whole body off the connection */
    bool keeps_alive;  /* what is left of a body is parsed as the next request */
    bool modelled;     /* not run itself: see its file */
    bool worked_out;   /* front, transport and engine were measured, but not together */
    bool no_upgrade;   /* it cannot hand its connection over after a 101 */
    /* takes an HTTP/1.1 request without Host, which RFC 9112 section 3.2 has refused with 400: so do libmicrohttpd 0.9.75,
     * CivetWeb 1.15, Puma 5.6.5, Unicorn 6.0.0 and uWSGI 2.0.21 */
    bool host_optional;
    bool repeats_joined;  /* repeated request headers become one variable, joined with ", " (Cookie: "; ") */
    bool relayed;         /* the client's connection ends at a gateway, which has another one to the stack's server */
    bool pools;           /* that one is kept for the requests of any client */
    bool reads_first;     /* the stack runs once the whole body is there */
    uint64_t waits_below; /* else once so many bytes of it are there, or its end */
    /* A chunked body of fewer bytes reaches the stack's server with a length: no framing is left of it. 0: none does. */
    uint64_t unchunks_below;
    /* pools: an answer to a request that stood in a longer body reaches nobody, the gateway drops its connection in
     * time. 0: whatever the size. */
    uint64_t phantoms_most;
    /* of a composed profile, see rig_server_compose in stackrig/servers.h; else NULL */
    const struct rig_front *front;
    const struct rig_transport *transport;
    const struct rig_engine *engine;
    const struct rig_gateway *gateway; /* before the engine; NULL: none */
    /* Fills delivery, which comes zeroed but for server, modelled, offered, unread, status. It states only what was measured.
     * NULL: everything is delivered, nothing is claimed. */
    void (*deliver)(const struct rig_wire *wire, struct rig_delivery *delivery);
};

RIG_BEGIN_DECLS
/* For a profile's deliver hook: writes what follows, with its numbers, into the delivery itself. */
void rig_delivery_says(struct rig_delivery *delivery, const char *format, ...) RIG_PRINTF_(2, 3);
RIG_END_DECLS

#endif
