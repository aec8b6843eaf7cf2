/* The cases under the real libmicrohttpd, over a socketpair: no port is opened, the daemon runs only when it is told. */
#include "parity.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS 12

struct wire {
    int fd;
    char got[262144];
    size_t size;
    bool closed;
};

static void receive(struct wire *wire)
{
    ssize_t got;
    while (!wire->closed &&
           (got = recv(wire->fd, wire->got + wire->size, sizeof wire->got - 1 - wire->size, MSG_DONTWAIT)) >= 0) {
        wire->closed = got == 0;
        wire->size += (size_t)got;
    }
    wire->closed = wire->closed || (errno != EAGAIN && errno != EWOULDBLOCK);
    wire->got[wire->size] = '\0';
}

static void run(struct MHD_Daemon *daemon, struct wire *wire)
{
    for (int i = 0; i < TURNS; i++) {
        (void)MHD_run(daemon);
        errno = 0;
        receive(wire);
    }
}

static void put(struct MHD_Daemon *daemon, struct wire *wire, const void *data, size_t size)
{
    const char *bytes = data;
    while (size > 0) {
        ssize_t sent = send(wire->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            break; /* it has closed */
        }
        bytes += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
        run(daemon, wire);
    }
}

static void put_body(struct MHD_Daemon *daemon, struct wire *wire, const struct parity_case *parity)
{
    size_t left = strlen(parity->body), piece = 0;
    const char *at = parity->body;
    while (left > 0) {
        char head[32];
        size_t size = parity->pieces[piece] && parity->pieces[piece] < left ? parity->pieces[piece] : left;
        piece += piece + 1 < PIECES && parity->pieces[piece + 1];
        if (parity->chunked) {
            char *chunk = malloc(size + 40);
            int head_size = snprintf(head, sizeof head, "%zx\r\n", size);
            memcpy(chunk, head, (size_t)head_size);
            memcpy(chunk + head_size, at, size);
            memcpy(chunk + head_size + size, "\r\n", 2);
            put(daemon, wire, chunk, (size_t)head_size + size + 2);
            free(chunk);
        } else {
            put(daemon, wire, at, size);
        }
        at += size;
        left -= size;
    }
    if (parity->chunked) {
        put(daemon, wire, "0\r\n\r\n", 5);
    }
}

static void put_request(struct MHD_Daemon *daemon, struct wire *wire, const struct parity_case *parity)
{
    char head[16384];
    put(daemon, wire, head, print_head(parity, head, sizeof head));
    if (parity->body) {
        put_body(daemon, wire, parity);
    }
}

static void play(size_t i)
{
    const struct parity_case *parity = &parity_cases[i];
    static struct wire wire;
    int pair[2];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(4711)};
    address.sin_addr.s_addr = htonl(0xC0000201); /* 192.0.2.1 */
    memset(&wire, 0, sizeof wire);
    struct MHD_Daemon *daemon = parity_start(parity);
    if (!daemon || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        say("not started");
        return;
    }
    wire.fd = pair[0];
    if (MHD_add_connection(daemon, pair[1], (struct sockaddr *)&address, sizeof address) != MHD_YES) {
        say("connection refused");
    }
    put_request(daemon, &wire, parity);
    run(daemon, &wire);
    say_answer(true);
    tell_wire(wire.got, wire.size, strncmp(parity->line, "HEAD ", 5) == 0);
    say("connection %s", wire.closed ? "closed" : "kept");
    say_answer(false);
    close(wire.fd);
    run(daemon, &wire);
    MHD_stop_daemon(daemon);
}

/* ---- speed ---- */

static int speed(unsigned requests)
{
    char url[64];
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL,
                                                 speed_handler, NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_END);
    const union MHD_DaemonInfo *info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/items", info ? (unsigned)info->port : 0);
    int wrong = speed_over_loopback(url, requests);
    MHD_stop_daemon(daemon);
    return wrong;
}

int main(int argc, char **argv)
{
    return parity_main(argc, argv, parity_case_count, parity_name, play, speed);
}
