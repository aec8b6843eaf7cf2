/* The cases under libulfius and the real libmicrohttpd, over loopback. */
#define _GNU_SOURCE
#include "endpoints.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct wire {
    int fd;
    char got[524288];
    size_t size;
    bool closed;
};

/* ---- the server ---- */

/* One that is free now. */
static unsigned short free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool bound = fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
                 getsockname(fd, (struct sockaddr *)&address, &size) == 0;
    (void)close(fd);
    return bound ? ntohs(address.sin_port) : 0;
}

/* On loopback; tried again where somebody else was faster. */
static bool start(const struct ulfius_case *parity, struct _u_instance *instance, struct sockaddr_in *address)
{
    for (int tried = 0; tried < 20; tried++) {
        *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(free_port())};
        address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (!parity_instance(parity, instance, ntohs(address->sin_port), address)) {
            return false;
        }
        if (ulfius_start_framework(instance) == U_OK) {
            return true;
        }
        ulfius_clean_instance(instance);
    }
    return false;
}

/* ---- the client ---- */

static bool put(int fd, const void *data, size_t size)
{
    const char *bytes = data;
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false; /* it has closed */
        }
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static void put_piece(int fd, const struct parity_case *parity, const char *at, size_t size)
{
    char head[32];
    int head_size = parity->chunked ? snprintf(head, sizeof head, "%zx\r\n", size) : 0;
    (void)(put(fd, head, (size_t)head_size) && put(fd, at, size) && put(fd, "\r\n", parity->chunked ? 2 : 0));
}

static void put_request(int fd, const struct parity_case *parity)
{
    char head[16384];
    (void)put(fd, head, print_head(parity, head, sizeof head));
    size_t left = parity->body ? strlen(parity->body) : 0, piece = 0;
    const char *at = parity->body;
    while (left > 0) {
        size_t size = parity->pieces[piece] && parity->pieces[piece] < left ? parity->pieces[piece] : left;
        piece += piece + 1 < PIECES && parity->pieces[piece + 1];
        put_piece(fd, parity, at, size);
        at += size;
        left -= size;
    }
    if (parity->body && parity->chunked) {
        (void)put(fd, "0\r\n\r\n", 5);
    }
}

static bool ends_with(const struct wire *wire, const char *end)
{
    size_t size = strlen(end);
    return wire->size >= size && memcmp(wire->got + wire->size - size, end, size) == 0;
}

/* All of the answer is here. */
static bool is_whole(const struct wire *wire, bool head_request)
{
    const char *end = strstr(wire->got, "\r\n\r\n"), *field;
    if (!end) {
        return false;
    }
    long status = strtol(wire->got + 9, NULL, 10);
    size_t body = wire->size - (size_t)(end + 4 - wire->got);
    if (head_request || status == 204 || status == 304 || status == 101) {
        return true;
    }
    field = strcasestr(wire->got, "\r\nTransfer-Encoding: chunked");
    if (field && field < end) {
        return ends_with(wire, "\r\n0\r\n\r\n");
    }
    field = strcasestr(wire->got, "\r\nContent-Length: ");
    return field && field < end && body >= strtoul(field + 18, NULL, 10);
}

static void receive(struct wire *wire, bool head_request)
{
    wire->got[0] = '\0';
    while (!wire->closed && !is_whole(wire, head_request)) {
        ssize_t got = recv(wire->fd, wire->got + wire->size, sizeof wire->got - 1 - wire->size, 0);
        wire->closed = got <= 0;
        wire->size += got > 0 ? (size_t)got : 0;
        wire->got[wire->size] = '\0';
    }
}

/* Asked for with a further request on it. */
static bool is_kept(struct wire *wire)
{
    static const char ping[] = "GET " PING " HTTP/1.1\r\nHost: example.org\r\n\r\n";
    char answer[16];
    return !wire->closed && put(wire->fd, ping, sizeof ping - 1) && recv(wire->fd, answer, sizeof answer, 0) > 0;
}

static void exchange(const struct ulfius_case *parity, const struct sockaddr_in *address)
{
    static struct wire wire;
    memset(&wire, 0, sizeof wire);
    bool head_request = strncmp(parity->request.line, "HEAD ", 5) == 0;
    const struct timeval patience = {.tv_sec = 10};
    wire.fd = socket(AF_INET, SOCK_STREAM, 0);
    if (wire.fd < 0 || setsockopt(wire.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
        connect(wire.fd, (const struct sockaddr *)address, sizeof *address) != 0) {
        say("not connected");
    }
    put_request(wire.fd, &parity->request);
    receive(&wire, head_request);
    bool kept = is_kept(&wire);
    (void)close(wire.fd);
    say_answer(true);
    tell_wire(wire.got, wire.size, head_request);
    say("connection %s", kept ? "kept" : "closed");
    say_answer(false);
}

static void play(size_t i)
{
    const struct ulfius_case *parity = &ulfius_cases[i];
    struct _u_instance instance;
    struct sockaddr_in address;
    if (!start(parity, &instance, &address)) {
        say("not started");
        return;
    }
    exchange(parity, &address);
    (void)ulfius_stop_framework(&instance); /* its threads have ended: all is said */
    ulfius_clean_instance(&instance);
}

static int speed(unsigned requests)
{
    static const struct ulfius_case standard = {.set_up = set_speed};
    struct _u_instance instance;
    struct sockaddr_in address;
    char url[64];
    if (!start(&standard, &instance, &address)) {
        return 1;
    }
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/items", (unsigned)ntohs(address.sin_port));
    int wrong = speed_over_loopback(url, requests);
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
    return wrong;
}

int main(int argc, char **argv)
{
    return parity_main(argc, argv, ulfius_case_count, ulfius_name, play, speed);
}
