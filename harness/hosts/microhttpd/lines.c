/* Connections. They are accepted here, not by libmicrohttpd: with a thread for each connection, it closes those that come
 * beyond its limit, and those that wait when it stops. */
#define _GNU_SOURCE
#include "harness/hosts/microhttpd/server.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- accepting ---- */

static void let_go(struct rig_server_daemon *server)
{
    (void)pthread_mutex_lock(&server->lock);
    server->open--;
    server->waiting--;
    (void)pthread_cond_broadcast(&server->changed);
    (void)pthread_mutex_unlock(&server->lock);
}

/* Waits for room: false: there will be none. */
static bool has_room(struct rig_server_daemon *server)
{
    (void)pthread_mutex_lock(&server->lock);
    while (server->open >= server->host.options.connections && !server->ending) {
        (void)pthread_cond_wait(&server->changed, &server->lock);
    }
    bool room = !server->ending;
    (void)pthread_mutex_unlock(&server->lock);
    return room;
}

static bool is_stopping(struct rig_server_daemon *server)
{
    (void)pthread_mutex_lock(&server->lock);
    bool stopping = server->stopping;
    (void)pthread_mutex_unlock(&server->lock);
    return stopping;
}

static void hand_over(struct rig_server_daemon *server, int fd, const struct sockaddr *address, socklen_t size)
{
    (void)pthread_mutex_lock(&server->lock);
    server->open++;
    server->waiting++;
    (void)pthread_mutex_unlock(&server->lock);
    if (MHD_add_connection(server->daemon, fd, address, size) != MHD_YES) { /* which has closed it */
        rig_daemon_log(server, "a connection was closed: libmicrohttpd did not take it: %s", strerror(errno));
        let_go(server);
    }
}

static void *accept_all(void *self)
{
    struct rig_server_daemon *server = self;
    struct pollfd polled[] = {{.fd = server->listener, .events = POLLIN}, {.fd = server->wake, .events = POLLIN}};
    while (has_room(server)) {
        struct sockaddr_storage address;
        socklen_t size = sizeof address;
        bool last = is_stopping(server);
        if (poll(polled, 2, last ? 0 : -1) > 0 && polled[0].revents) {
            int fd = accept4(server->listener, (struct sockaddr *)&address, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (fd >= 0) {
                hand_over(server, fd, (struct sockaddr *)&address, size);
            } else {
                rig_host_tell_shortage(&server->host, &server->log_lock, errno);
            }
        } else if (last) {
            break;
        }
    }
    rig_host_unlisten(&server->host, server->listener);
    (void)pthread_mutex_lock(&server->lock);
    server->listener = -1;
    server->accepted = true;
    (void)pthread_mutex_unlock(&server->lock);
    return NULL;
}

int rig_lines_start(struct rig_server_daemon *server)
{
    server->wake = eventfd(0, EFD_CLOEXEC);
    return server->wake < 0 ? -errno : -pthread_create(&server->acceptor, NULL, accept_all, server);
}

static void tell(struct rig_server_daemon *server, bool *what)
{
    const uint64_t one = 1;
    (void)pthread_mutex_lock(&server->lock);
    *what = true;
    (void)pthread_cond_broadcast(&server->changed);
    (void)pthread_mutex_unlock(&server->lock);
    (void)!write(server->wake, &one, sizeof one);
}

void rig_lines_stop(struct rig_server_daemon *server)
{
    tell(server, &server->stopping);
}

void rig_lines_end(struct rig_server_daemon *server)
{
    tell(server, &server->ending);
    (void)pthread_join(server->acceptor, NULL);
}

/* ---- those that are open ---- */

static void begin(struct rig_server_daemon *server, struct MHD_Connection *connection, void **context)
{
    struct rig_line *line = calloc(1, sizeof *line);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    (void)pthread_mutex_lock(&server->lock);
    server->waiting--;
    if (line) { /* without one its requests are served, but the end does not wait for them */
        line->fd = info ? info->connect_fd : -1;
        line->next = server->lines;
        if (line->next) {
            line->next->before = line;
        }
        server->lines = line;
    }
    (void)pthread_mutex_unlock(&server->lock);
    *context = line;
}

static void end(struct rig_server_daemon *server, void **context)
{
    struct rig_line *line = *context;
    (void)pthread_mutex_lock(&server->lock);
    server->open--;
    if (line) {
        *(line->before ? &line->before->next : &server->lines) = line->next;
        if (line->next) {
            line->next->before = line->before;
        }
    }
    (void)pthread_cond_broadcast(&server->changed);
    (void)pthread_mutex_unlock(&server->lock);
    free(line);
    *context = NULL;
}

void rig_lines_notify(void *server, struct MHD_Connection *connection, void **line,
                      enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        begin(server, connection, line);
    } else {
        end(server, line);
    }
}

bool rig_lines_are_quiet(struct rig_server_daemon *server)
{
    (void)pthread_mutex_lock(&server->lock);
    bool quiet = server->accepted && server->waiting == 0;
    for (const struct rig_line *line = server->lines; line && quiet; line = line->next) {
        int unread = 0;
        quiet = !line->turn && (line->fd < 0 || ioctl(line->fd, FIONREAD, &unread) != 0 || unread == 0);
    }
    (void)pthread_mutex_unlock(&server->lock);
    return quiet;
}
