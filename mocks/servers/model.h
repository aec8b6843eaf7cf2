/* Gateways as they were measured (early-response): a front before a transport before an engine, the program that hosts
 * the middleware. Each is a row of facts; what becomes of an early answer follows from the three by the algorithm of
 * that page's section 9 (simulate.c). There is no table of cells. Sources name the page's sections; "results" and
 * "sockets" are its two tables of data. */
#ifndef STACKRIG_MOCKS_SERVERS_MODEL_H
#define STACKRIG_MOCKS_SERVERS_MODEL_H

#include <stackrig/servers.h>

#define RIG_KIB ((uint64_t)1024)
#define RIG_MIB (1024 * RIG_KIB)

/* ---- the transport: what the kernel does ---- */

enum rig_closing { RIG_CLOSE, RIG_SHUT_WR, RIG_SHUT_RDWR, RIG_LINGER_0 }; /* each with a close() after it */

/* The other side of a socket that was closed. Errors are errno values, 0: none, or a plain end. */
struct rig_after_close {
    int first_write, second_write;
    uint64_t readable; /* bytes of the answer that can still be read */
    int read_end;      /* what a read gets behind them, once; then it is a plain end */
    bool rdhup, hup, err;
};

/* Bytes that one side takes while nobody reads, by the size of the writes. */
struct rig_capacity {
    uint64_t write_size, least, most; /* least, most: the edge, where it goes either way */
};

struct rig_transport {
    const char *name, *title, *source;
    bool tcp;
    const struct rig_capacity *capacities; /* ends at write_size 0 */
    uint64_t window;                       /* of an answer that nobody reads, what arrives; 0: all */
};

/* unread: request bytes in the closer's socket; answer: bytes it has written; writes_first: the peer writes twice
 * before it reads. */
struct rig_after_close rig_transport_after_close(const struct rig_transport *transport, enum rig_closing closing,
                                                 uint64_t unread, uint64_t answer, bool writes_first);
/* A peer asleep in (or refused by) a write to a full socket when the other side closes with bytes unread. */
struct rig_after_close rig_transport_blocked(const struct rig_transport *transport, enum rig_closing closing,
                                             uint64_t answer, bool asleep);
const struct rig_capacity *rig_transport_capacity(const struct rig_transport *transport, uint64_t write_size);

/* ---- the front: what stands between the client and the engine, or the client itself ---- */

enum rig_chunks {
    RIG_CHUNKS_NONE,  /* a chunked body reaches the engine with a length */
    RIG_CHUNKS_LARGE, /* one that fits the first flight does */
    RIG_CHUNKS_ALL    /* passed on as it comes */
};

#define RIG_HEAD_SIZE 200 /* the head of a request, about: W counts it */
#define RIG_FLIGHT (16 * RIG_KIB)
#define RIG_UNCHUNKS_FLIGHT (RIG_FLIGHT - RIG_HEAD_SIZE + 1) /* of RIG_CHUNKS_LARGE */

enum rig_on_write_error {
    RIG_WRITE_SALVAGES, /* reads the answer all the same */
    RIG_WRITE_ANSWERS,  /* answers itself, with .status */
    RIG_WRITE_CLOSES,   /* closes the client's connection without a byte */
    RIG_WRITE_GIVES_UP  /* a client that does not read after it */
};

/* What a client gets that says it sends nothing more (SHUT_WR) before its request is whole. */
enum rig_on_break {
    RIG_BREAK_UNKNOWN, /* not measured */
    RIG_BREAK_CLOSES,  /* nothing: its connection is closed, unless the answer was through before */
    RIG_BREAK_ANSWERS, /* a 400, unless the answer was through before */
    RIG_BREAK_REFUSES  /* a 400, also where the answer has come: it reads that when all is sent */
};

enum rig_on_reset {
    RIG_RESET_CUTS,
    RIG_RESET_EITHER,
    RIG_RESET_ENDS
}; /* in place of the end of an answer without length */

struct rig_front {
    const char *name, *protocol, *option; /* option: NULL, or a word that must be given */
    const char *title, *source;
    const char *transport; /* the usual one */
    const char *engine;    /* the usual one; NULL: plain */
    bool client;           /* no gateway: the client itself */
    bool fastcgi;          /* records with an empty one at the end, and an end record to wait for */
    bool cuts_records;     /* a reset before the end record can cost the body of the answer */
    enum rig_chunks chunks;
    uint64_t flight;     /* F: request bytes in its first write */
    uint64_t write_size; /* of the later ones, which decides how much the socket takes */
    uint64_t settled[2]; /* unix, TCP: what it has sent at most once all is quiet; 0: what the socket takes */
    bool whole_first;    /* nothing goes on before the whole request has come */
    bool one_write;      /* it writes the whole request at once: over unix the kernel takes what fits */
    bool writes_at_once; /* nothing lies between its connect and its first write */
    bool head_apart;     /* head and body are two writes */
    bool pauses;         /* between head and body, long enough for the engine to close */
    bool parks;          /* waiting for room to write, it reads an answer first */
    bool both_ways;      /* even then it may have read the answer before its write fails */
    bool leaves;         /* closes its client's connection with the rest of the body unread */
    bool sleeps;         /* in a write of which nothing was taken yet when the engine closes: K7 */
    bool errs;           /* a failed write can still find the answer read, whole or cut */
    enum rig_on_write_error on_write;
    enum rig_on_reset on_reset;
    int status;         /* of its own answer */
    int status_gone;    /* the same when the engine was gone before the first byte; 0: nothing special */
    int status_hung_up; /* the same when the engine has the request and closes without an answer; 0: not measured */
    bool passes_expect; /* the engine says 100 Continue, or the final answer, itself */
    bool pools;         /* keeps connections to the engine for other requests */
    bool hangs_up;      /* when such a one ends under a request, it ends its client's without an answer */
    uint64_t buffers;   /* what it holds itself; a write that fails when all of the request is there gets status_gone */
    bool ends_client;   /* ends the client's connection when it has answered a body that is still coming */
    enum rig_on_break on_break;
    uint64_t waits_below; /* it waits for so many bytes of a body, or its end, before anything goes on */
    bool drops_shut;      /* takes a client for gone that says it sends nothing more, also when its request is whole */
    bool modelled;
    const char *share[2]; /* unix, TCP: losses, the worst of both runs (section 4) */
    /* Of a connection that is kept with a body on it (E7), with a length and chunked: losses, the next request's too. */
    const char *share_kept[2], *share_kept_chunked[2];
    const char *share_small;                /* when the body fits the first flight, where that can be lost at all */
    const char *log_reset[2], *log_pipe[2]; /* a failed write: reset, broken pipe */
    /* A failed write of the request's beginning, where that has lines of its own: the first write (K4, unix), the second
     * (K4, TCP: the first passes). */
    const char *log_first[2], *log_second;
    const char *log_read;       /* a reset behind an answer with a length */
    const char *log_cut[2];     /* a reset in place of the end of one without */
    const char *log_gone;       /* closed before an answer */
    const char *log_hung_up[2]; /* status_hung_up, where the engine has read all of the request */
    const char *log_more;       /* an answer that nobody asked for on a kept connection */
};

/* ---- the engine: how the program that hosts the middleware treats a body ---- */

enum rig_reads {
    RIG_READS_LAZILY,
    RIG_READS_REWINDABLE, /* the first read of any size takes all */
    RIG_READS_FIRST       /* has the whole body before the stack runs */
};

enum rig_keeps {
    RIG_KEEPS_NONE,    /* closes after each answer */
    RIG_KEEPS_UNREAD,  /* keeps the connection, and what is left of the body on it */
    RIG_KEEPS_DRAINED, /* reads what is left, then keeps it */
    RIG_KEEPS_READ,    /* keeps it when the stack has read all, else closes */
    RIG_KEEPS_ARRIVED  /* keeps it when all of the body has come */
};

enum rig_closes {
    RIG_CLOSES_PLAIN,
    RIG_CLOSES_SHUT,   /* SHUT_WR, then close */
    RIG_CLOSES_LINGERS /* SHUT_WR, reads to the end, then close */
};

/* Protocols. Passenger 3 starts its handlers itself. */
enum {
    RIG_SPEAKS_HTTP = 1,
    RIG_SPEAKS_FASTCGI = 2,
    RIG_SPEAKS_SCGI = 4,
    RIG_SPEAKS_UWSGI = 8,
    RIG_SPEAKS_PASSENGER = 16,
    RIG_SPEAKS_HANDLERS = 32
};
/* Of an engine that is no program but a way to treat a body. */
#define RIG_SPEAKS_ANY (RIG_SPEAKS_HTTP | RIG_SPEAKS_FASTCGI | RIG_SPEAKS_SCGI | RIG_SPEAKS_UWSGI | RIG_SPEAKS_HANDLERS)

struct rig_engine {
    const char *name, *title, *source;
    unsigned speaks;
    enum rig_reads reads;
    enum rig_keeps keeps;
    enum rig_closes closes;
    bool early;           /* answers and closes before it has read anything */
    bool refuses;         /* an answer while the upload is pending is refused */
    const char *log;      /* then: its own line */
    bool apart;           /* head and body of the answer are two writes */
    uint64_t reads_ahead; /* bytes of head and body that its first read takes */
};

enum rig_front_id {
    RIG_FRONT_DIRECT,
    RIG_FRONT_NAIVE,
    RIG_FRONT_HALF,
    RIG_FRONT_NGINX,
    RIG_FRONT_NGINX_STREAM,
    RIG_FRONT_NGINX_SCGI,
    RIG_FRONT_NGINX_SCGI_STREAM,
    RIG_FRONT_NGINX_UWSGI,
    RIG_FRONT_NGINX_UWSGI_STREAM,
    RIG_FRONT_NGINX_FASTCGI,
    RIG_FRONT_NGINX_FASTCGI_STREAM,
    RIG_FRONT_APACHE,
    RIG_FRONT_APACHE_FASTCGI,
    RIG_FRONT_APACHE_PASSENGER,
    RIG_FRONT_APACHE_PASSENGER_STREAM,
    RIG_FRONT_LIGHTTPD,
    RIG_FRONT_LIGHTTPD_STREAM,
    RIG_FRONT_LIGHTTPD_FASTCGI,
    RIG_FRONT_HAPROXY,
    RIG_FRONT_HAPROXY_BUFREQ,
    RIG_FRONT_PASSENGER3,
    RIG_FRONT_COUNT
};
enum rig_transport_id { RIG_TRANSPORT_UNIX, RIG_TRANSPORT_TCP, RIG_TRANSPORT_COUNT };
enum rig_engine_id {
    RIG_ENGINE_PLAIN,
    RIG_ENGINE_RECV16K,
    RIG_ENGINE_SHUT,
    RIG_ENGINE_EARLY,
    RIG_ENGINE_EARLY_SHUT,
    RIG_ENGINE_KEPT,
    RIG_ENGINE_REWINDABLE,
    RIG_ENGINE_BUFFERED,
    RIG_ENGINE_DRAINS,
    RIG_ENGINE_LINGERS,
    RIG_ENGINE_MICROHTTPD,
    RIG_ENGINE_ULFIUS,
    RIG_ENGINE_CIVETWEB,
    RIG_ENGINE_LIBFCGI,
    RIG_ENGINE_UNICORN,
    RIG_ENGINE_PUMA,
    RIG_ENGINE_UWSGI,
    RIG_ENGINE_UWSGI_BUFFERED,
    RIG_ENGINE_PASSENGER6,
    RIG_ENGINE_COUNT
};

extern const struct rig_front rig_front_table[RIG_FRONT_COUNT];
extern const struct rig_transport rig_transport_table[RIG_TRANSPORT_COUNT];
extern const struct rig_engine rig_engine_table[RIG_ENGINE_COUNT];

#define RIG_FRONT(id) (&rig_front_table[RIG_FRONT_##id])
#define RIG_TRANSPORT(id) (&rig_transport_table[RIG_TRANSPORT_##id])
#define RIG_ENGINE(id) (&rig_engine_table[RIG_ENGINE_##id])

const struct rig_engine *rig_engine_named(const char *name); /* NULL: there is none */

unsigned rig_front_speaks(const struct rig_front *front); /* one of RIG_SPEAKS_... */
bool rig_parts_fit(const struct rig_front *front, const struct rig_engine *engine);
/* Were the three measured together? Else what is said of them is worked out from each alone. */
bool rig_parts_measured(const struct rig_front *front, const struct rig_transport *transport,
                        const struct rig_engine *engine);

/* What is wrong with the name of a composed profile. */
enum rig_name_fault {
    RIG_NAME_GOOD,
    RIG_NAME_FRONT,  /* no such front: .word */
    RIG_NAME_WORD,   /* no front of that name has the word */
    RIG_NAME_ENGINE, /* no such engine: .word */
    RIG_NAME_PAIR    /* .engine does not speak .front's protocol */
};
struct rig_name_wrong {
    enum rig_name_fault fault;
    char word[64]; /* cut to fit */
    const struct rig_front *front;
    const struct rig_engine *engine;
};
struct rig_name_wrong rig_server_name_wrong(const char *name);

/* A chunked body of fewer bytes goes on with a length. It is a profile's unchunks_below. */
uint64_t rig_front_unchunks_below(const struct rig_front *front);

/* ---- the simulation ---- */

struct rig_case {
    const struct rig_front *front;
    const struct rig_transport *transport;
    const struct rig_engine *engine;
    enum rig_client_kind client; /* before a gateway; without one it is the front */
    bool chunked, keep_alive, expects;
    bool shuts;      /* the client says that nothing more comes: SHUT_WR */
    bool breaks_off; /* before its request is whole; body is what came */
    bool break_met;  /* and the stack has read on to there */
    bool length_known;
    bool uploading;               /* the answer came while the engine was handing over the body */
    bool end_read;                /* the end of the body was read, not only its bytes */
    uint64_t body, taken, answer; /* bytes; answer: head and body of it */
};

/* Everything that may be seen, as bits. */
enum rig_got {
    RIG_GOT_WHOLE = 1,
    RIG_GOT_CUT = 2,
    RIG_GOT_502 = 4,
    RIG_GOT_503 = 8,
    RIG_GOT_NOTHING = 16, /* closed without a byte */
    RIG_GOT_RESET = 32,
    RIG_GOT_ANOTHERS = 64, /* the answer to another's request */
    RIG_GOT_400 = 128
};
enum rig_next_gets { /* what the next request on the client's connection gets */
                     RIG_NEXT_ANSWER = 1,
                     RIG_NEXT_CLOSED = 2,
                     RIG_NEXT_400 = 4,
                     RIG_NEXT_PHANTOM = 8 /* the answer to a request that stood in the leftover body */
};
enum rig_cause { RIG_CAUSE_NONE, RIG_CAUSE_WRITE, RIG_CAUSE_READ, RIG_CAUSE_GONE, RIG_CAUSE_MORE };

struct rig_fate {
    unsigned got, next;   /* of enum rig_got, enum rig_next_gets */
    enum rig_cause cause; /* of the worst of them */
    unsigned causes;      /* 1 << each that there can be */
    bool pipe;            /* the failed write's error: broken pipe, not reset */
    unsigned write;       /* which write of a request that came too late: 1, 2; 0: a later one */
    bool desynchronised;  /* the leftover body can become the next request */
};

#define RIG_GOT_LOST (~(unsigned)RIG_GOT_WHOLE)
#define RIG_NEXT_LOST ((unsigned)RIG_NEXT_400 | RIG_NEXT_PHANTOM)

/* RIG_TIMING_WORST: the engine closed right behind the first flight; _SETTLED: when all that the kernel takes was
 * sent. */
struct rig_fate rig_simulate(const struct rig_case *it, enum rig_timing timing);
struct rig_fate rig_fate_of_both(struct rig_fate worst, struct rig_fate settled);
bool rig_fate_sure(const struct rig_fate *fate); /* always lost, or never */

/* Behind a gateway that keeps its connections the answer to a request that stands in a longer body reaches nobody: it
 * drops the connection in time. tests/conformance/early_response/kept.tsv: seen at 256 KiB, at 512 KiB never. */
#define RIG_PHANTOMS_MOST (256 * RIG_KIB)

/* Of a body that broke off: marks it as not measured, and claims nothing more. */
void rig_deliver_broken_off(struct rig_delivery *delivery);
/* The deliver hook of composed profiles. */
void rig_composed_deliver(const struct rig_wire *wire, struct rig_delivery *delivery);

/* What each front lets through. */
extern const struct rig_gateway rig_gateway_table[RIG_FRONT_COUNT];
int rig_gateway_pass(const struct rig_server *server, const struct rig_passing *in, struct rig_passed *out);

/* rig_front_unchunks_below of the fronts that have ready-made profiles. */
#define RIG_UNCHUNKS_DIRECT 0
#define RIG_UNCHUNKS_HAPROXY 0
#define RIG_UNCHUNKS_NGINX_STREAM RIG_UNCHUNKS_FLIGHT
#define RIG_UNCHUNKS_APACHE RIG_UNCHUNKS_FLIGHT
#define RIG_UNCHUNKS_NGINX UINT64_MAX
#define RIG_UNCHUNKS_NGINX_UWSGI UINT64_MAX
#define RIG_UNCHUNKS_NGINX_FASTCGI UINT64_MAX
#define RIG_UNCHUNKS_LIGHTTPD UINT64_MAX
#define RIG_UNCHUNKS_APACHE_PASSENGER UINT64_MAX
#define RIG_UNCHUNKS_PASSENGER3 UINT64_MAX

/* .waits_below of the same. */
#define RIG_WAITS_APACHE (16 * RIG_KIB)
#define RIG_WAITS_DIRECT 0
#define RIG_WAITS_HAPROXY 0
#define RIG_WAITS_NGINX_STREAM 0
#define RIG_WAITS_NGINX 0
#define RIG_WAITS_NGINX_UWSGI 0
#define RIG_WAITS_NGINX_FASTCGI 0
#define RIG_WAITS_LIGHTTPD 0
#define RIG_WAITS_APACHE_PASSENGER 0
#define RIG_WAITS_PASSENGER3 0

/* Initialises a composed profile with the ids of its parts. */
#define RIG_COMPOSED(front_, transport_, engine_)                                                                   \
    .front = RIG_FRONT(front_), .transport = RIG_TRANSPORT(transport_), .engine = RIG_ENGINE(engine_),              \
    .gateway = &rig_gateway_table[RIG_FRONT_##front_], .relayed = RIG_FRONT_##front_ > RIG_FRONT_HALF,              \
    .pools = RIG_FRONT_##front_ == RIG_FRONT_NGINX || RIG_FRONT_##front_ == RIG_FRONT_NGINX_STREAM ||               \
             RIG_FRONT_##front_ == RIG_FRONT_APACHE || RIG_FRONT_##front_ == RIG_FRONT_HAPROXY,                     \
    .unchunks_below = RIG_UNCHUNKS_##front_, .phantoms_most = RIG_PHANTOMS_MOST, .waits_below = RIG_WAITS_##front_, \
    .repeats_joined = true, .host_optional = true, .deliver = rig_composed_deliver

#endif
