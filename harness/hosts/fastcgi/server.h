/* A stack behind libfcgi, whose streams are read and written by who wants to: a thread takes a request, runs the stack and
 * writes the answer itself. */
#ifndef STACKRIG_HOSTS_FASTCGI_SERVER_H
#define STACKRIG_HOSTS_FASTCGI_SERVER_H

#include "harness/hosts/common/common.h"

#include <fcgiapp.h>
#include <pthread.h>

struct rig_fcgi_worker {
    struct rig_fcgi_server *server;
    struct rig_client *client;
    pthread_t thread;
    FCGX_Request request;
    struct rig_field *fields, *variables;
    char *names;   /* of the fields */
    uint64_t body; /* bytes that are announced */
    bool answered; /* its head is written */
    /* A second descriptor of the connection, to cut it off by: libfcgi closes its own when it likes, and its number may
     * then be another's. Without a connection it is one of wake. */
    int fd;
};

struct rig_fcgi_server {
    struct rig_host host; /* the first member */
    int wake;             /* an eventfd, readable from the end on */
    pthread_mutex_t lock, log_lock, shortage;
    struct rig_fcgi_worker *workers;
    /* under lock: */
    int listener;     /* -1: closed */
    unsigned running; /* workers */
    bool stopping;    /* no connection comes but those that wait */
    bool ending;      /* no request more is begun */
};

/* ---- wait.c ---- */

/* Waits for a request: worker->request has its connection. false: the server ends, and none is there. */
bool rig_fcgi_wait(struct rig_fcgi_worker *worker);
/* After what may have closed the connection. */
void rig_fcgi_let_go(struct rig_fcgi_worker *worker);

/* ---- request.c ---- */

/* From the parameters of worker->request, whose strings it borrows: 0 or -ENOMEM. rig_fcgi_forget frees what it made. */
int rig_fcgi_describe(struct rig_fcgi_worker *worker, struct rig_request *request);
void rig_fcgi_forget(struct rig_fcgi_worker *worker);
/* Reads away what the stack has left of the body. */
void rig_fcgi_drain(struct rig_fcgi_worker *worker);

/* ---- answer.c ---- */

struct rig_host_answer rig_fcgi_outlet(struct rig_fcgi_worker *worker);
/* An answer of the host's own. */
void rig_fcgi_refuse(struct rig_fcgi_worker *worker, int status);

#endif
