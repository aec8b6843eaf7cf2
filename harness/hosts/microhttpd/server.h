/* A stack behind libmicrohttpd.
 *
 * libmicrohttpd hands a body over in calls, a layer asks for it with rig_input_read, and a stream is pulled from the layer
 * while libmicrohttpd asks for it: each wants to be the one that calls. So each connection has its thread
 * (MHD_USE_THREAD_PER_CONNECTION), where waiting holds up nobody else, and the stack runs on another, a worker; what one
 * has for the other is handed over, a piece at a time, while it waits. Nothing is copied or buffered but the rest of a body
 * that is left when a stream begins. */
#ifndef STACKRIG_HOSTS_MICROHTTPD_SERVER_H
#define STACKRIG_HOSTS_MICROHTTPD_SERVER_H

#include "harness/hosts/common/common.h"

#include <microhttpd.h>
#include <pthread.h>

/* A thread that runs the stack, with the client that is for it alone. */
struct rig_worker {
    struct rig_server_daemon *server;
    struct rig_client *client;
    pthread_t thread;
    pthread_cond_t woken;
    struct rig_turn *turn; /* NULL: idle */
    struct rig_worker *next_idle, *next;
};

/* An open connection. */
struct rig_line {
    int fd;
    struct rig_turn *turn; /* the request that is under way; NULL: none */
    struct rig_line *before, *next;
};

struct rig_server_daemon {
    struct rig_host host; /* the first member */
    struct MHD_Daemon *daemon;
    int listener, wake; /* wake: an eventfd that ends the wait for the next connection */
    pthread_t acceptor;
    pthread_mutex_t lock, log_lock;
    pthread_cond_t changed;
    /* under lock: */
    struct rig_worker *workers, *idle;
    unsigned hired; /* workers there have been */
    struct rig_line *lines;
    unsigned open;    /* connections, and those that libmicrohttpd was given and has not begun */
    unsigned waiting; /* the latter alone */
    bool stopping;    /* no answer promises another, no connection comes but those that wait */
    bool accepted;    /* of these none is left */
    bool ending;      /* all go home */
};

/* What becomes of the bytes of a body that come. */
enum rig_upload {
    RIG_UPLOAD_HANDS, /* to the layer that reads */
    RIG_UPLOAD_KEEPS, /* the answer is a stream, which may still read them: libmicrohttpd sends it when all are here */
    RIG_UPLOAD_DROPS  /* nobody will read them */
};

/* One request and its answer. */
struct rig_turn {
    struct rig_server_daemon *server;
    struct MHD_Connection *connection;
    struct rig_line *line;
    char *target;
    struct rig_request request;
    struct rig_field *fields;
    size_t field_count;
    struct rig_host_authority authority;
    char remote_addr[64];
    bool begun;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under lock, from here on: the body */
    enum rig_upload upload;
    const char *piece; /* in libmicrohttpd's buffer: its thread waits until it is taken */
    size_t piece_size;
    char *kept;
    size_t kept_size, kept_at, kept_room;
    uint64_t received;
    bool asked;    /* the stack reads */
    bool ended;    /* all has come */
    bool gone;     /* nobody is at the other end */
    bool too_much; /* more than body_max */
    int lost;      /* -errno: a kept body has holes */
    /* the answer */
    int status;
    struct MHD_Response *response;
    bool answered;   /* status and response are there */
    bool streams;    /* while it goes out the stack still runs; else it is over before it goes out */
    const char *out; /* of a stream: the worker waits until it is taken */
    size_t out_size;
    bool broken;   /* the stream broke off */
    bool finished; /* the worker is done, and looks at it no more */
};

/* ---- turn.c: between the two threads ---- */

/* NULL: out of memory. */
struct rig_turn *rig_turn_new(struct rig_server_daemon *server, const char *target, struct MHD_Connection *connection);
void rig_turn_free(struct rig_turn *turn);
/* The request's body, for the worker. */
struct rig_source rig_turn_source(struct rig_turn *turn);
/* For the connection's thread: takes what it can of size bytes that came. false: there is no room, or no sense in more. */
bool rig_turn_take(struct rig_turn *turn, const char *data, size_t size);
/* Waits until the stack reads, or has answered; true: it has answered. */
bool rig_turn_wait_asked(struct rig_turn *turn);
/* All of the body is here: waits for the answer. */
void rig_turn_wait_answer(struct rig_turn *turn);
/* For the worker: a piece of a stream. 0, or -EPIPE: nobody is at the other end. */
int rig_turn_give(struct rig_turn *turn, const void *data, size_t size);
/* For the connection's thread: waits until the stack has the next piece, as a MHD_ContentReaderCallback returns it. */
ssize_t rig_turn_pull(struct rig_turn *turn, char *buffer, size_t size);
/* The answer is there. While one that is a stream goes out the body may still be read. */
void rig_turn_answer(struct rig_turn *turn, const struct rig_host_head *head, struct MHD_Response *response);
void rig_turn_finish(struct rig_turn *turn, bool broken);
/* The connection is done with it: waits until the worker is. */
void rig_turn_end(struct rig_turn *turn);

/* ---- answer.c ---- */

struct rig_host_answer rig_turn_outlet(struct rig_turn *turn);
/* In the place of an answer that nobody gave. */
void rig_turn_fail(struct rig_turn *turn, int error);
enum MHD_Result rig_turn_queue(struct rig_turn *turn, struct MHD_Connection *connection);
/* An answer of the host's own, in the first call: it ends the connection. */
enum MHD_Result rig_turn_refuse(struct MHD_Connection *connection, unsigned status);

/* ---- lines.c: the connections ---- */

int rig_lines_start(struct rig_server_daemon *server); /* 0 or -errno */
/* The listening socket closes once all that wait at it are accepted. */
void rig_lines_stop(struct rig_server_daemon *server);
/* Nobody waits, no request is being answered, and none stands in a socket. */
bool rig_lines_are_quiet(struct rig_server_daemon *server);
void rig_lines_end(struct rig_server_daemon *server);
void rig_lines_notify(void *server, struct MHD_Connection *connection, void **line,
                      enum MHD_ConnectionNotificationCode code);

/* ---- worker.c ---- */

/* Gives turn to a worker: 0 or -errno. */
int rig_worker_begin(struct rig_turn *turn);
void rig_workers_end(struct rig_server_daemon *server);

/* ---- request.c: what libmicrohttpd calls ---- */

void *rig_daemon_request(void *server, const char *target, struct MHD_Connection *connection);
enum MHD_Result rig_daemon_handle(void *server, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **self);
void rig_daemon_completed(void *server, struct MHD_Connection *connection, void **self,
                          enum MHD_RequestTerminationCode how);

void rig_daemon_log(struct rig_server_daemon *server, const char *format, ...) RIG_PRINTF_(2, 3);
void rig_turn_log(const struct rig_turn *turn, const char *format, ...) RIG_PRINTF_(2, 3);

#endif
