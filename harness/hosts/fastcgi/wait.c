/* The next request: on the connection that the web server keeps, or on a new one. */
#define _GNU_SOURCE
#include "harness/hosts/fastcgi/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Of what the web server sends or takes: without a byte in that time it is given up. */
static void limit_time(const struct rig_fcgi_server *server, int fd)
{
    const struct timeval patience = {.tv_sec = (time_t)server->host.options.timeout};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

void rig_fcgi_let_go(struct rig_fcgi_worker *worker)
{
    if (worker->request.ipcFd < 0) {
        (void)dup3(worker->server->wake, worker->fd, O_CLOEXEC);
    }
}

static void leave_connection(struct rig_fcgi_worker *worker)
{
    if (worker->request.ipcFd >= 0) {
        FCGX_Free(&worker->request, 1);
    }
    rig_fcgi_let_go(worker);
}

/* ---- a new one ---- */

/* Under the lock, since one that is closed may be another's. */
static int accept_one(struct rig_fcgi_server *server)
{
    errno = EAGAIN;
    (void)pthread_mutex_lock(&server->lock);
    int fd = server->listener < 0 ? -1 : accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    int error = errno;
    (void)pthread_mutex_unlock(&server->lock);
    return fd < 0 ? -error : fd;
}

static void close_listener(struct rig_fcgi_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    rig_host_unlisten(&server->host, server->listener);
    server->listener = -1;
    (void)pthread_mutex_unlock(&server->lock);
}

/* One tells it, the others wait as long. */
static void await_room(struct rig_fcgi_server *server, int error)
{
    if (pthread_mutex_trylock(&server->shortage) == 0) {
        rig_host_tell_shortage(&server->host, &server->log_lock, error);
    } else {
        (void)pthread_mutex_lock(&server->shortage);
    }
    (void)pthread_mutex_unlock(&server->shortage);
}

/* false: all connections are cut off, and one that is taken now would not be. */
static bool take(struct rig_fcgi_worker *worker, int fd)
{
    struct rig_fcgi_server *server = worker->server;
    limit_time(server, fd);
    (void)dup3(fd, worker->fd, O_CLOEXEC);
    worker->request.ipcFd = fd;
    worker->request.keepConnection = 1; /* else FCGX_Accept_r closes it as that of a request before */
    (void)pthread_mutex_lock(&server->lock);
    bool ending = server->ending;
    (void)pthread_mutex_unlock(&server->lock);
    return !ending;
}

/* A kept connection without a request gives way to one that waits. */
static bool take_connection(struct rig_fcgi_worker *worker)
{
    int fd = accept_one(worker->server);
    if (fd >= 0) {
        leave_connection(worker);
        return take(worker, fd);
    }
    if (fd != -EAGAIN) { /* else another thread was faster */
        await_room(worker->server, -fd);
    }
    return false;
}

/* ---- waiting ---- */

bool rig_fcgi_wait(struct rig_fcgi_worker *worker)
{
    struct rig_fcgi_server *server = worker->server;
    for (;;) {
        (void)pthread_mutex_lock(&server->lock);
        bool last = server->stopping, ending = server->ending, kept = worker->request.ipcFd >= 0;
        struct pollfd polled[] = {{.fd = server->listener, .events = POLLIN},
                                  {.fd = worker->request.ipcFd, .events = POLLIN},
                                  {.fd = server->wake, .events = POLLIN}};
        (void)pthread_mutex_unlock(&server->lock);
        if (ending) {
            return false;
        }
        int ready = poll(polled, last ? 2 : 3, last ? 0 : kept ? (int)server->host.options.timeout * 1000 : -1);
        if (ready > 0 && polled[1].revents) {
            return true;
        }
        if (ready > 0 && polled[0].revents && take_connection(worker)) {
            return true;
        }
        if (ready == 0 && last) {
            close_listener(server);
            return false;
        }
        if (ready == 0 && kept) {
            leave_connection(worker);
        }
    }
}
