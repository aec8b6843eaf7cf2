/* Starting, serving and stopping. */
#define _GNU_SOURCE
#include "harness/hosts/fastcgi/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS 8
#define LOOK_NS 5000000 /* how often it is looked whether all is done */

/* ---- one request ---- */

/* The web server must see that an answer is not whole: its end is never sent. */
static void break_off(const struct rig_fcgi_worker *worker)
{
    (void)shutdown(worker->request.ipcFd, SHUT_RDWR);
}

static void run(struct rig_fcgi_worker *worker, const struct rig_request *request)
{
    struct rig_fcgi_server *server = worker->server;
    const struct rig_host_answer outlet = rig_fcgi_outlet(worker);
    const struct rig_result *result = rig_host_run(&server->host, worker->client, request, &outlet);
    if (!worker->answered) {
        rig_fcgi_refuse(worker, result->error == -EINVAL ? 400 : 503);
    } else if (result->error != 0 && result->status != 500) {
        break_off(worker);
    }
    rig_host_tell_result(&server->host, &server->log_lock, result);
}

static void serve_one(struct rig_fcgi_worker *worker)
{
    struct rig_request request;
    int error = rig_fcgi_describe(worker, &request);
    worker->answered = false;
    if (error != 0) {
        rig_fcgi_refuse(worker, 503);
    } else if (worker->body > worker->server->host.options.body_max) {
        rig_fcgi_refuse(worker, 413);
    } else {
        run(worker, &request);
        rig_fcgi_drain(worker);
    }
    rig_fcgi_forget(worker);
    FCGX_Finish_r(&worker->request);
}

static void *work(void *self)
{
    struct rig_fcgi_worker *worker = self;
    struct rig_fcgi_server *server = worker->server;
    while (rig_fcgi_wait(worker)) {
        if (FCGX_Accept_r(&worker->request) == 0) {
            serve_one(worker);
        }
        rig_fcgi_let_go(worker);
    }
    (void)pthread_mutex_lock(&server->lock);
    server->running--;
    (void)pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* ---- the end ---- */

static void wake(struct rig_fcgi_server *server)
{
    const uint64_t one = 1;
    (void)pthread_mutex_lock(&server->lock);
    server->stopping = true;
    (void)pthread_mutex_unlock(&server->lock);
    (void)!write(server->wake, &one, sizeof one);
}

static bool wait_done(struct rig_fcgi_server *server)
{
    const struct timespec pause = {.tv_nsec = LOOK_NS};
    uint64_t left = (uint64_t)server->host.options.grace * (1000000000 / LOOK_NS);
    for (;;) {
        (void)pthread_mutex_lock(&server->lock);
        bool done = server->running == 0;
        (void)pthread_mutex_unlock(&server->lock);
        if (done || left-- == 0) {
            return done;
        }
        (void)nanosleep(&pause, NULL);
    }
}

static void cut_off(struct rig_fcgi_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    server->ending = true;
    for (unsigned i = 0; i < server->host.options.connections; i++) {
        (void)shutdown(server->workers[i].fd, SHUT_RDWR);
    }
    (void)pthread_mutex_unlock(&server->lock);
}

static void free_server(struct rig_fcgi_server *server)
{
    for (unsigned i = 0; server->workers && i < server->host.options.connections; i++) {
        rig_client_free(server->workers[i].client);
        FCGX_Free(&server->workers[i].request, 1);
        if (server->workers[i].fd >= 0) {
            (void)close(server->workers[i].fd);
        }
    }
    rig_host_unlisten(&server->host, server->listener);
    if (server->wake >= 0) {
        (void)close(server->wake);
    }
    (void)pthread_mutex_destroy(&server->lock);
    (void)pthread_mutex_destroy(&server->log_lock);
    (void)pthread_mutex_destroy(&server->shortage);
    free(server->workers);
    free(server);
}

static void join(struct rig_fcgi_server *server, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        (void)pthread_join(server->workers[i].thread, NULL);
    }
}

static int stop(struct rig_host *host)
{
    struct rig_fcgi_server *server = (struct rig_fcgi_server *)host;
    wake(server);
    bool done = wait_done(server);
    if (!done) {
        cut_off(server);
    }
    join(server, host->options.connections);
    free_server(server);
    return done ? 0 : -ETIMEDOUT;
}

/* ---- the beginning ---- */

static int prepare(struct rig_fcgi_server *server)
{
    unsigned count = server->host.options.connections;
    server->wake = eventfd(0, EFD_CLOEXEC);
    server->workers = calloc(count, sizeof *server->workers);
    for (unsigned i = 0; server->workers && i < count; i++) {
        server->workers[i].request.ipcFd = server->workers[i].fd = -1;
    }
    if (server->wake < 0 || !server->workers) {
        return -errno;
    }
    for (unsigned i = 0; i < count; i++) {
        struct rig_fcgi_worker *worker = &server->workers[i];
        worker->server = server;
        worker->client = rig_host_client(&server->host, i);
        if (!worker->client || FCGX_InitRequest(&worker->request, -1, 0) != 0) { /* -1: it is to accept none itself */
            return -ENOMEM;
        }
        worker->fd = fcntl(server->wake, F_DUPFD_CLOEXEC, 0);
        if (worker->fd < 0) {
            return -errno;
        }
    }
    return 0;
}

static int start_workers(struct rig_fcgi_server *server)
{
    unsigned count = server->host.options.connections, started = 0;
    int error = prepare(server);
    const sigset_t before = rig_host_block_signals();
    while (error == 0 && started < count) {
        error = -pthread_create(&server->workers[started].thread, NULL, work, &server->workers[started]);
        (void)pthread_mutex_lock(&server->lock);
        server->running += error == 0;
        (void)pthread_mutex_unlock(&server->lock);
        started += error == 0;
    }
    rig_host_restore_signals(&before);
    if (error != 0) {
        wake(server);
        join(server, started);
        rig_host_complain(&server->host, "cannot serve at %s: %s", server->host.address, strerror(-error));
    }
    return error;
}

static int start(struct rig_fcgi_server *server, struct rig_stack *stack, const struct rig_serve_options *options)
{
    int error = rig_host_open(&server->host, stack, options, REQUESTS, true, &server->listener);
    if (error != 0) {
        return error;
    }
    if (FCGX_Init() != 0) {
        rig_host_complain(&server->host, "cannot serve at %s: libfcgi did not start", server->host.address);
        return -EINVAL;
    }
    return start_workers(server);
}

struct rig_host *rig_serve_fastcgi(struct rig_stack *stack, struct rig_serve_options options)
{
    struct rig_fcgi_server *server = rig_host_new(sizeof *server, &options);
    if (!server) {
        return NULL;
    }
    server->host.stop = stop;
    server->listener = server->wake = -1;
    (void)pthread_mutex_init(&server->lock, NULL);
    (void)pthread_mutex_init(&server->log_lock, NULL);
    (void)pthread_mutex_init(&server->shortage, NULL);
    if (start(server, stack, &options) != 0) {
        free_server(server);
        return NULL;
    }
    return &server->host;
}
