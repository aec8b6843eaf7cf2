/* Where a host listens: an address of TCP, or a path. */
#define _GNU_SOURCE
#include "harness/hosts/common/common.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 511
#define SHORTAGE_NS 50000000
#define UNIX_PREFIX "unix:"

static int refuse(const struct rig_host *host, int fd, const char *what)
{
    int error = errno;
    rig_host_complain(host, "cannot listen at %s: %s%s%s", host->options.address, what, *what ? ": " : "",
                      strerror(error));
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

static int begin(int fd, const struct sockaddr *address, socklen_t size)
{
    return bind(fd, address, size) == 0 && listen(fd, BACKLOG) == 0 ? 0 : -1;
}

/* ---- TCP ---- */

static bool split(const char *address, char *name, size_t name_size, char *port, size_t port_size)
{
    const char *colon = strrchr(address, ':');
    bool bracketed = address[0] == '[' && colon && colon > address && colon[-1] == ']';
    const char *begin = bracketed ? address + 1 : address;
    size_t size = colon ? (size_t)(colon - begin) - bracketed : 0;
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
    if (!colon || size >= name_size || digits == 0 || digits >= port_size || colon[1 + digits] != '\0') {
        return false;
    }
    memcpy(name, begin, size);
    name[size] = '\0';
    memcpy(port, colon + 1, digits + 1);
    return true;
}

static void name_address(struct rig_host *host, int fd)
{
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof bound;
    char name[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
    (void)getsockname(fd, (struct sockaddr *)&bound, &size);
    (void)getnameinfo((struct sockaddr *)&bound, size, name, sizeof name, port, sizeof port,
                      NI_NUMERICHOST | NI_NUMERICSERV);
    (void)snprintf(host->address, sizeof host->address, strchr(name, ':') ? "[%.100s]:%s" : "%.100s:%s", name, port);
}

static int listen_tcp(struct rig_host *host)
{
    char name[128], port[8];
    const char *address = host->options.address;
    if (!split(address, name, sizeof name, port, sizeof port) || atoi(port) > 65535) {
        rig_host_complain(host, "cannot listen at %s: an address is HOST:PORT or unix:PATH", address);
        return -1;
    }
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    int error = getaddrinfo(*name ? name : NULL, port, &hints, &found);
    if (error != 0) {
        rig_host_complain(host, "cannot listen at %s: %s", address, gai_strerror(error));
        return -1;
    }
    int one = 1, fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        begin(fd, found->ai_addr, found->ai_addrlen) != 0) {
        fd = refuse(host, fd, "");
    } else {
        name_address(host, fd);
    }
    freeaddrinfo(found);
    return fd;
}

/* ---- a path ---- */

/* A socket that nobody listens at was left by a server that did not end well. */
static bool is_left_over(const struct sockaddr_un *address)
{
    struct stat found;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool left = fd >= 0 && stat(address->sun_path, &found) == 0 && S_ISSOCK(found.st_mode) &&
                connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    if (fd >= 0) {
        (void)close(fd);
    }
    return left;
}

static int listen_unix(struct rig_host *host)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = host->options.address + sizeof UNIX_PREFIX - 1;
    if (strlen(path) >= sizeof address.sun_path || !*path) {
        errno = *path ? ENAMETOOLONG : EINVAL;
        return refuse(host, -1, "");
    }
    memcpy(address.sun_path, path, strlen(path));
    if (is_left_over(&address)) {
        (void)unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || begin(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        return refuse(host, fd, "");
    }
    (void)snprintf(host->address, sizeof host->address, "%s", host->options.address);
    return fd;
}

static bool is_unix(const char *address)
{
    return strncmp(address, UNIX_PREFIX, sizeof UNIX_PREFIX - 1) == 0;
}

int rig_host_listen(struct rig_host *host, bool unix_too)
{
    if (!is_unix(host->options.address)) {
        return listen_tcp(host);
    }
    if (!unix_too) {
        rig_host_complain(host, "cannot listen at %s: this host serves TCP alone", host->options.address);
        return -1;
    }
    return listen_unix(host);
}

void rig_host_tell_shortage(const struct rig_host *host, pthread_mutex_t *log_lock, int error)
{
    const struct timespec pause = {.tv_nsec = SHORTAGE_NS};
    if (error != EAGAIN && error != EINTR && error != ECONNABORTED) {
        (void)pthread_mutex_lock(log_lock);
        rig_host_log(host, "cannot accept a connection at %s: %s", host->address, strerror(error));
        (void)pthread_mutex_unlock(log_lock);
        (void)nanosleep(&pause, NULL);
    }
}

void rig_host_unlisten(const struct rig_host *host, int listener)
{
    if (listener < 0) {
        return;
    }
    if (is_unix(host->address)) {
        (void)unlink(host->address + sizeof UNIX_PREFIX - 1);
    }
    (void)close(listener);
}
