#define _GNU_SOURCE
#include "tests/real/recorder.h"
#include "harness/http/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIELDS_MAX 512

/* ---- HTTP ---- */

/* A chunked body in one chunk, so that its cutting by the network does not show: its wire bytes; 0: it needs more. */
static size_t add_chunked(const char *body, size_t size, struct text *request)
{
    struct rig_chunked chunked = {0};
    struct text content = {0};
    struct rig_slice piece;
    size_t at = 0, last = 0;
    char line[32];
    text_add(&content, "", 0);
    while (at < size && !chunked.done) {
        int64_t took = rig_chunked_decode(&chunked, body + at, size - at, &piece);
        if (took < 0) {
            break;
        }
        text_add(&content, piece.data, piece.size);
        last = piece.size > 0 ? at + (size_t)took : last;
        at += (size_t)took;
    }
    if (chunked.done) {
        const char *trailers = memmem(body + last + (last > 0 ? 2 : 0), at - last - (last > 0 ? 2 : 0), "\r\n", 2);
        snprintf(line, sizeof line, "%zx\r\n", content.size);
        text_puts(request, content.size > 0 ? line : "");
        text_add(request, content.data, content.size);
        text_puts(request, content.size > 0 ? "\r\n0\r\n" : "0\r\n");
        text_add(request, trailers + 2, (size_t)(body + at - trailers - 2));
    }
    text_free(&content);
    return chunked.done ? at : 0;
}

/* The bytes of the first request, which is kept as lines; 0: it is not whole. */
static size_t take_http(const char *bytes, size_t size, struct text *lines)
{
    struct rig_wire_field fields[FIELDS_MAX];
    struct rig_wire_head head = {.fields = fields, .field_limit = FIELDS_MAX, .size_limit = 1 << 20};
    struct rig_framing framing;
    struct text request = {0};
    const char *end = memmem(bytes, size, "\r\n\r\n", 4);
    if (!end) {
        return 0;
    }
    size_t head_size = (size_t)(end - bytes) + 4, body = 0;
    text_add(&request, bytes, head_size);
    if (rig_wire_head(bytes, size, &head) > 0 &&
        rig_wire_framing(fields, head.field_count, head.minor, &framing) == 0 && framing.kind != RIG_FRAMING_NONE) {
        bool chunked = framing.kind == RIG_FRAMING_CHUNKED;
        body = chunked                              ? add_chunked(end + 4, size - head_size, &request)
               : framing.length <= size - head_size ? (size_t)framing.length
                                                    : SIZE_MAX;
        if (chunked ? body == 0 : body == SIZE_MAX) {
            text_free(&request);
            return 0;
        }
        text_add(&request, end + 4, chunked ? 0 : body);
    }
    text_add_lines(lines, '<', request.data, request.size);
    text_free(&request);
    return head_size + body;
}

static const char http_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
static const char fastcgi_answer[] = "\x01\x06\x00\x01\x00\x2a\x00\x00"
                                     "Status: 200 OK\r\nContent-Type: text/p\r\n\r\nok"
                                     "\x01\x06\x00\x01\x00\x00\x00\x00"
                                     "\x01\x03\x00\x01\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";

/* ---- sockets ---- */

int recorder_open(struct recorder *recorder, bool fastcgi)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *recorder = (struct recorder){.fastcgi = fastcgi};
    for (size_t i = 0; i < RECORDER_CONNECTIONS; i++) {
        recorder->connections[i].socket = -1;
    }
    recorder->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (recorder->listener < 0 || bind(recorder->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(recorder->listener, 32) != 0 ||
        getsockname(recorder->listener, (struct sockaddr *)&address, &size) != 0) {
        return -errno;
    }
    recorder->port = ntohs(address.sin_port);
    return 0;
}

static void drop(struct recorder_connection *connection)
{
    if (connection->socket >= 0) {
        close(connection->socket);
    }
    connection->socket = -1;
    connection->continued = false;
    text_free(&connection->got);
}

static int accept_next(const struct recorder *recorder)
{
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    return accept4(recorder->listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void recorder_reset(struct recorder *recorder)
{
    for (size_t i = 0; i < RECORDER_CONNECTIONS; i++) {
        drop(&recorder->connections[i]);
    }
    for (int late; (late = accept_next(recorder)) >= 0;) {
        close(late);
    }
    text_free(&recorder->arrived);
    recorder->count = 0;
}

void recorder_close(struct recorder *recorder)
{
    recorder_reset(recorder);
    close(recorder->listener);
}

static void accept_one(struct recorder *recorder)
{
    for (size_t i = 0; i < RECORDER_CONNECTIONS; i++) {
        if (recorder->connections[i].socket < 0) {
            recorder->connections[i].socket = accept_next(recorder);
            return;
        }
    }
}

static void answer(struct recorder *recorder, struct recorder_connection *connection)
{
    const char *bytes = recorder->fastcgi ? fastcgi_answer : http_answer;
    size_t size = recorder->fastcgi ? sizeof fastcgi_answer - 1 : sizeof http_answer - 1;
    (void)!send(connection->socket, bytes, size, MSG_NOSIGNAL);
    shutdown(connection->socket, SHUT_WR);
    recorder->count++;
    drop(connection);
}

/* A request that broke off: the gateway gave it up while it was on its way. */
static void keep_part(struct recorder *recorder, const struct recorder_connection *connection)
{
    if (connection->got.size > 0) {
        if (recorder->fastcgi) {
            recorder_fastcgi(connection->got.data, connection->got.size, true, &recorder->arrived);
        } else {
            text_add_lines(&recorder->arrived, '<', connection->got.data, connection->got.size);
        }
        text_puts(&recorder->arrived, "! breaks off\n");
    }
}

void recorder_end(struct recorder *recorder)
{
    for (size_t i = 0; i < RECORDER_CONNECTIONS; i++) {
        keep_part(recorder, &recorder->connections[i]);
    }
}

/* The head is there, and it asks. */
static bool waits_for_100(const struct text *got)
{
    const char *end = memmem(got->data, got->size, "\r\n\r\n", 4);
    const char *expect = strcasestr(got->data, "\r\nexpect: 100-continue");
    return end && expect && expect < end;
}

static void read_one(struct recorder *recorder, struct recorder_connection *connection)
{
    char piece[65536];
    ssize_t got = recv(connection->socket, piece, sizeof piece, 0);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) {
            keep_part(recorder, connection);
            drop(connection);
        }
        return;
    }
    text_add(&connection->got, piece, (size_t)got);
    size_t took = recorder->fastcgi
                      ? recorder_fastcgi(connection->got.data, connection->got.size, false, &recorder->arrived)
                      : take_http(connection->got.data, connection->got.size, &recorder->arrived);
    if (took > 0) {
        answer(recorder, connection);
    } else if (!recorder->fastcgi && !connection->continued && waits_for_100(&connection->got)) {
        static const char go[] = "HTTP/1.1 100 Continue\r\n\r\n";
        (void)!send(connection->socket, go, sizeof go - 1, MSG_NOSIGNAL);
        connection->continued = true;
    }
}

void recorder_turn(struct recorder *recorder, int other, int milliseconds)
{
    struct pollfd fds[RECORDER_CONNECTIONS + 2] = {{.fd = other, .events = POLLIN},
                                                   {.fd = recorder->listener, .events = POLLIN}};
    for (size_t i = 0; i < RECORDER_CONNECTIONS; i++) {
        fds[i + 2] = (struct pollfd){.fd = recorder->connections[i].socket, .events = POLLIN};
    }
    if (poll(fds, RECORDER_CONNECTIONS + 2, milliseconds) <= 0) {
        return;
    }
    if (fds[1].revents) {
        accept_one(recorder);
    }
    for (size_t i = 0; i < RECORDER_CONNECTIONS; i++) {
        if (fds[i + 2].revents) {
            read_one(recorder, &recorder->connections[i]);
        }
    }
}
