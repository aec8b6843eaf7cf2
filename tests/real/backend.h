/* A backend behind a gateway: serves a stack over HTTP/1.1, FastCGI or SCGI, and reads, drains, closes and keeps its
 * connections as the engine of the model that it is told to play. */
#ifndef STACKRIG_TESTS_REAL_BACKEND_H
#define STACKRIG_TESTS_REAL_BACKEND_H

#include "mocks/servers/model.h"
#include "tests/real/requests.h"
#include "tests/real/servers.h"

#include <pthread.h>

struct rig_real_play {
    struct rig_case situation; /* engine, keep_alive, length_known, taken, uploading: what the stack and its host do */
    bool settled;              /* the answer comes when the gateway has sent all that the socket takes */
    bool answers_broken;       /* the stack answers also a body that broke off */
};

/* Requests that reached the backend, and what it met where it read on: the body's end, another end, a reset. */
struct rig_real_seen {
    unsigned reached, whole, ended, reset;
};

struct rig_real_backend {
    char address[RIG_REAL_PATH]; /* as a route wants it */
    enum rig_real_protocol protocol;
    int fd;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock */
    struct rig_real_play play;
    unsigned turn;   /* counts the plays: connections of an earlier one are closed */
    unsigned active; /* connections */
    struct rig_real_seen seen;
    bool stopping;
};

/* Listens on a unix socket of the temporary folder, or on a free port, and serves. 0, or -errno. */
int rig_real_backend_start(struct rig_real_backend *backend, enum rig_real_protocol protocol, bool tcp);
/* From now on it plays this; returns when the connections of before are closed. 0, or -ETIMEDOUT. */
int rig_real_backend_play(struct rig_real_backend *backend, const struct rig_real_play *play);
/* What it has seen since it was asked before; waits until its connections are closed, up to `ms`. */
struct rig_real_seen rig_real_backend_seen(struct rig_real_backend *backend, long ms);
void rig_real_backend_stop(struct rig_real_backend *backend);

/* The stack's answer to the request, as it goes on the wire; it reads from the request's body what play says. */
struct rig_real_answer {
    char text[1024];
    size_t size, head; /* head: bytes before the body, where these are two writes */
};
/* early: there is no request yet. keeps: the connection stays. 0, or -errno. */
int rig_real_answer(struct rig_real_answer *answer, enum rig_real_protocol protocol, const struct rig_real_play *play,
                    struct rig_real_request *request, bool keeps);

#endif
