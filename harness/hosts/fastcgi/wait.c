/* The next request: on the connection that the web server keeps, or on a new one. */
#define _GNU_SOURCE
#include "harness/hosts/fastcgi/server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

static bool is_stopping(struct rig_fcgi_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    bool stopping = server->stopping;
    (void)pthread_mutex_unlock(&server->lock);
    return stopping;
}

/* Of what the web server sends or takes: without a byte in that time it is given up. */
static void limit_time(const struct rig_fcgi_server *server, int fd)
{
    const struct timeval patience = {.tv_sec = (time_t)server->host.options.timeout};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

void rig_fcgi_hold(struct rig_fcgi_worker *worker, int fd)
{
    (void)pthread_mutex_lock(&worker->server->lock);
    worker->fd = fd;
    (void)pthread_mutex_unlock(&worker->server->lock);
}

static void leave_connection(struct rig_fcgi_worker *worker)
{
    rig_fcgi_hold(worker, -1);
    if (worker->request.ipcFd >= 0) {
        FCGX_Free(&worker->request, 1);
    }
}

/* A kept connection without a request gives way to one that waits. */
static bool take_connection(struct rig_fcgi_worker *worker)
{
    /* cppcheck-suppress nullPointer */
    int fd = accept4(worker->server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        return false; /* another thread was faster */
    }
    leave_connection(worker);
    limit_time(worker->server, fd);
    worker->request.ipcFd = fd;         /* FCGX_Accept_r then accepts none itself, */
    worker->request.keepConnection = 1; /* nor closes this one as that of a request before */
    rig_fcgi_hold(worker, fd);
    return true;
}

bool rig_fcgi_wait(struct rig_fcgi_worker *worker)
{
    struct rig_fcgi_server *server = worker->server;
    for (;;) {
        struct pollfd polled[] = {{.fd = server->listener, .events = POLLIN},
                                  {.fd = worker->request.ipcFd, .events = POLLIN},
                                  {.fd = server->wake, .events = POLLIN}};
        bool last = is_stopping(server), kept = worker->request.ipcFd >= 0;
        int ready = poll(polled, last ? 2 : 3, last ? 0 : kept ? (int)server->host.options.timeout * 1000 : -1);
        if (ready > 0 && polled[1].revents) {
            return true;
        }
        if (ready > 0 && polled[0].revents && take_connection(worker)) {
            return true;
        }
        if (ready == 0 && last) {
            return false;
        }
        if (ready == 0 && kept) {
            leave_connection(worker);
        }
    }
}
