/* The insides of the in-memory libmicrohttpd. */
#ifndef STACKRIG_FRAMEWORKS_MICROHTTPD_H
#define STACKRIG_FRAMEWORKS_MICROHTTPD_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#define MHD_NO_DEPRECATION 1
#pragma GCC visibility push(default) /* what handlers call is what this library exports */
#include <microhttpd.h>
#pragma GCC visibility pop
#undef MHD_get_fdset
#undef MHD_create_response_from_fd_at_offset

#include "mocks/frameworks/microhttpd/above.h"
#include "mocks/frameworks/sites.h"

#include <stackrig/microhttpd.h>
#include <stackrig/stackrig.h>

#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>

/* ---- daemons ---- */

#define QUARANTINE 64 /* connections and responses that have ended and are still told to be so */
#define LEAKS_KEPT 64 /* places where a response was kept once */

struct nonce {
    char text[80];
    uint64_t highest, used; /* the highest count so far; of it and those before, the used ones as bits */
    int64_t made;           /* ns */
};

struct leak {
    const char *site;
    uint32_t target; /* hash */
};
struct left_over {
    const void *memory;
    uint32_t target; /* its hash */
};

/* A call with a connection whose request had ended. */
struct stray {
    const char *site, *call; /* call NULL: none */
    uint64_t env_serial;
};

/* Whose turn it is, in a program that runs as a child: its own, or the request's. */
struct turn {
    bool served;   /* such a program's */
    bool has_loop; /* the program calls MHD_run: handlers run in the meantime only */
    bool waits;    /* a request, for MHD_run */
    bool taken, stopped;
    bool stopping;  /* MHD_stop_daemon waits in it */
    int waiting_fd; /* readable when a request waits; -1: the daemon has no loop */
    pthread_t taker;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

struct MHD_Daemon {
    unsigned flags;
    uint16_t port;
    MHD_AccessHandlerCallback handler;
    void *handler_cls;
    MHD_AcceptPolicyCallback policy;
    void *policy_cls;
    MHD_RequestCompletedCallback completed;
    void *completed_cls;
    MHD_NotifyConnectionCallback connected;
    void *connected_cls;
    void *(*uri_log)(void *cls, const char *uri, struct MHD_Connection *connection);
    void *uri_log_cls;
    size_t (*unescape)(void *cls, struct MHD_Connection *connection, char *text);
    void *unescape_cls;
    void (*logger)(void *cls, const char *format, va_list arguments); /* NULL: stderr */
    void *logger_cls;
    unsigned timeout; /* seconds */
    size_t memory_limit;
    int strict, insanity;
    unsigned patience; /* ms */
    uint64_t random;   /* of nonces */
    const char *site, *name;
    const char *above; /* the framework whose dispatcher the handler is; NULL: none */
    pthread_mutex_t lock;
    struct MHD_Connection *ended[QUARANTINE]; /* a ring */
    unsigned ended_at, open;
    struct stray stray; /* the first outside of all requests: the next one tells */
    struct nonce *nonces;
    unsigned nonce_count, nonce_at;
    struct leak leaks[LEAKS_KEPT];
    unsigned leak_count;
    struct left_over left[LEAKS_KEPT]; /* the first *req_cls that a request for a target left */
    unsigned left_count;
    const void *harmless; /* a req_cls that was looked at and is nobody's memory */
    struct turn turn;
    struct MHD_Daemon *older;
};

/* What a program's thread and its daemon do for each other. Outside of such a program they do nothing. */
void rig_mhd_turn_begin(struct MHD_Daemon *daemon);
bool rig_mhd_turn_take(struct MHD_Daemon *daemon); /* false: the daemon is stopped */
void rig_mhd_turn_give(struct MHD_Daemon *daemon);
void rig_mhd_turn_run(struct MHD_Daemon *daemon);    /* in MHD_run: the request that waits, to its end */
bool rig_mhd_turn_stop(struct MHD_Daemon *daemon);   /* when the request that runs is over; true: its app still asks */
void rig_mhd_daemon_free(struct MHD_Daemon *daemon); /* that is stopped, when nobody asks any more */
void rig_mhd_program_started(void);                  /* the thread that called it has a daemon */

/* ---- connections ---- */

struct value {
    enum MHD_ValueKind kind;
    const char *key, *text; /* text NULL: none */
    size_t key_size, size;
    struct value *next;
};

enum state {
    STATE_HEADERS, /* the first call */
    STATE_BODY,
    STATE_FULL, /* the last call */
    STATE_OVER
};

struct MHD_Connection {
    struct MHD_Daemon *daemon;
    struct rig_env *env;
    struct rig_response *res;
    uint64_t env_serial;
    const char *url, *method, *version;
    struct value *values, *last;
    struct MHD_Response *response; /* queued */
    unsigned status;
    const char *queued_at;
    void *req_cls, *socket_context;
    enum state state;
    enum MHD_RequestTerminationCode toe;
    struct rig_visit *visit; /* the handler's call that is on, or the last; with a framework above: its callback's */
    unsigned char *buffer;   /* of the body */
    size_t buffer_size, held;
    unsigned long long announced; /* its size; 0: none, or not how much */
    struct sockaddr_in address;
    size_t header_size;
    unsigned timeout;
    unsigned armed; /* by 1u << enum armed */
    bool http_10, keep_alive, close_asked, has_body, early, failed, gave_up;
    bool called; /* its handler was */
    /* With a framework above: why the last header was refused, where a callback gave the answer that is queued for it. */
    const char *refused_why, *answered_at;
    struct MHD_Response *made; /* in this request and by its handler */
    pthread_mutex_t lock;
    pthread_cond_t resumed;
    bool suspended;
    union MHD_ConnectionInfo info; /* what was asked for last */
};

/* The request that this thread is in; NULL: none. */
extern _Thread_local struct MHD_Connection *rig_mhd_current __attribute__((tls_model("initial-exec")));
static inline struct MHD_Connection *rig_mhd_here(void)
{
    return rig_mhd_current;
}
struct MHD_Connection *rig_mhd_enter(struct MHD_Connection *connection); /* gives the one before */
/* Its request still runs. If not: env.lifetime.stale. NULL is no connection at all: nothing is said. */
bool rig_mhd_live(const char *site, const struct MHD_Connection *connection, const char *call);
void rig_mhd_tell_stray(struct MHD_Connection *connection); /* in its request */

struct MHD_Connection *rig_mhd_connection_new(struct MHD_Daemon *daemon);
void rig_mhd_connection_end(struct MHD_Connection *connection);
/* Is it suspended? Then until it is resumed: 0 or -ETIMEDOUT. */
int rig_mhd_wait(struct MHD_Connection *connection);

/* Fills url, values and the like from env: 0 or -errno. */
int rig_mhd_read_request(struct MHD_Connection *connection);
int rig_mhd_add_value(struct MHD_Connection *connection, enum MHD_ValueKind kind, struct rig_slice key,
                      struct rig_slice text);
const struct value *rig_mhd_find_value(const struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                       const char *key, size_t key_size);
const char *rig_mhd_header(const struct MHD_Connection *connection, const char *name); /* NULL: absent */

/* ---- responses ---- */

struct header {
    char *text;
    const char *site;
    enum MHD_ValueKind kind;
    struct header *next;
    char name[];
};

enum source { SOURCE_BYTES, SOURCE_CALLBACK, SOURCE_FD, SOURCE_PIPE, SOURCE_UPGRADE };

struct MHD_Response {
    enum source source;
    uint64_t size; /* MHD_SIZE_UNKNOWN */
    unsigned char *bytes;
    MHD_ContentReaderCallback read;
    void *read_cls;
    MHD_ContentReaderFreeCallback release;
    void *release_cls;
    int fd;
    uint64_t offset;
    size_t block;
    bool must_free;
    enum MHD_ResponseFlags flags;
    struct header *headers;
    bool chunked; /* the handler said so */
    pthread_mutex_t lock;
    unsigned queued; /* connections that hold it */
    bool destroyed;  /* by who made it */
    bool dead;       /* nobody holds it: in quarantine */
    const char *made_at, *destroyed_at;
    struct MHD_Connection *made_in; /* the request whose handler made it, while that runs */
    struct MHD_Response *next_made;
};

void rig_mhd_response_hold(struct MHD_Response *response);
void rig_mhd_response_drop(struct MHD_Response *response); /* what a connection held */
/* Can it be used? If not, that is told. */
bool rig_mhd_response_usable(const char *site, const struct MHD_Response *response, const char *call);
const struct header *rig_mhd_response_find(const struct MHD_Response *response, const char *name);
/* What handlers call, for the line of a handler that called something else. */
enum MHD_Result rig_mhd_add_header(const char *site, struct MHD_Response *response, const char *name, const char *text);
enum MHD_Result rig_mhd_queue(const char *site, struct MHD_Connection *connection, unsigned code,
                              struct MHD_Response *response);
/* The queued response into res: 0 or -errno. */
int rig_mhd_send(struct MHD_Connection *connection);

/* ---- findings ---- */

#define FOUND(connection_, rule_, site_, ...) \
    rig_mhd_find(connection_, &(struct rig_foreign_finding){.rule = rule_, .site = site_}, __VA_ARGS__)
/* connection NULL: the one that this thread is in; in none: nothing. */
void rig_mhd_find(const struct MHD_Connection *connection, const struct rig_foreign_finding *find, const char *format,
                  ...) RIG_PRINTF_(3, 4);
/* What could have been broken in this request: told once, when it is over. */
enum armed {
    ARMED_EARLY,
    ARMED_HEADER,
    ARMED_QUEUE,
    ARMED_REQ_CLS,
    ARMED_DESTROYED,
    ARMED_LEAKED,
    ARMED_SUSPEND,
    ARMED_UPLOAD,
    ARMED_COUNT
};
static inline void rig_mhd_arm(struct MHD_Connection *connection, enum armed what)
{
    if (connection) {
        connection->armed |= 1u << what;
    }
}
void rig_mhd_tell_armed(const struct MHD_Connection *connection);
/* When the request is over: what its handler left behind. */
void rig_mhd_look_for_leaks(struct MHD_Connection *connection);

#endif
