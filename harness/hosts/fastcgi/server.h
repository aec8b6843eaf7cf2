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
    int fd;        /* under the server's lock: of the connection, while it may be cut off; -1: none */
};

struct rig_fcgi_server {
    struct rig_host host; /* the first member */
    int listener, wake;   /* wake: an eventfd, readable from the end on */
    pthread_mutex_t lock, log_lock;
    struct rig_fcgi_worker *workers;
    /* under lock: */
    unsigned running; /* workers */
    bool stopping;
};

/* ---- wait.c ---- */

/* Waits for a request: worker->request has its connection. false: the server ends, and none is there. */
bool rig_fcgi_wait(struct rig_fcgi_worker *worker);
/* The connection that may be cut off from now on; -1: none. */
void rig_fcgi_hold(struct rig_fcgi_worker *worker, int fd);

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
