/* The cases under the real libmicrohttpd, over a socketpair: no port is opened, the daemon runs only when it is told. */
#include "parity.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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
    int size = snprintf(head, sizeof head, "%s\r\n", parity->line);
    for (size_t i = 0; i < HEADERS && parity->headers[i]; i++) {
        size += snprintf(head + size, sizeof head - (size_t)size, "%s\r\n", parity->headers[i]);
    }
    if (parity->body && parity->chunked) {
        size += snprintf(head + size, sizeof head - (size_t)size, "Transfer-Encoding: chunked\r\n");
    } else if (parity->body) {
        size += snprintf(head + size, sizeof head - (size_t)size, "Content-Length: %zu\r\n", strlen(parity->body));
    }
    size += snprintf(head + size, sizeof head - (size_t)size, "\r\n");
    put(daemon, wire, head, (size_t)size);
    if (parity->body) {
        put_body(daemon, wire, parity);
    }
}

/* ---- what came back ---- */

static size_t unchunk(const char *from, size_t size, char *to)
{
    size_t at = 0, out = 0;
    while (at < size) {
        char *end;
        unsigned long chunk = strtoul(from + at, &end, 16);
        at = (size_t)(end - from) + 2;
        if (chunk == 0) {
            for (const char *line = from + at; line < from + size && *line != '\r';) {
                const char *stop = strstr(line, "\r\n");
                say("trailer %.*s", (int)(stop - line), line);
                line = stop + 2;
            }
            return out;
        }
        chunk = at + chunk <= size ? chunk : size - at;
        memcpy(to + out, from + at, chunk);
        out += chunk;
        at += chunk + 2;
    }
    say("cut short");
    return out;
}

static void tell_header(const char *line, size_t size)
{
    if (strncasecmp(line, "Date:", 5) == 0) {
        say("header Date: then");
    } else {
        say("header %.*s", (int)size, line);
    }
}

static void tell_answer(struct wire *wire, bool head_request)
{
    static char body[262144];
    char *at = wire->got, *end;
    if (strncmp(at, "HTTP/1.1 100 ", 13) == 0) {
        at = strstr(at, "\r\n\r\n") + 4;
        say("100 Continue");
    }
    if (at == wire->got + wire->size) {
        say("no answer");
        return;
    }
    end = strstr(at, "\r\n\r\n");
    char *line = strstr(at, "\r\n");
    say("status %.3s", memchr(at, ' ', (size_t)(line - at)) ? (char *)memchr(at, ' ', (size_t)(line - at)) + 1 : at);
    if (strncmp(at, "HTTP/1.1 ", 9) != 0) {
        say("version %.*s", (int)strcspn(at, " "), at);
    }
    long status = strtol(strchr(at, ' '), NULL, 10);
    bool chunked = false;
    size_t length = 0;
    while (line < end) {
        line += 2;
        char *stop = strstr(line, "\r\n");
        chunked = chunked || strncasecmp(line, "Transfer-Encoding: chunked", 26) == 0;
        length = strncasecmp(line, "Content-Length: ", 16) == 0 ? strtoul(line + 16, NULL, 10) : length;
        tell_header(line, (size_t)(stop - line));
        line = stop;
    }
    size_t size = wire->size - (size_t)(end + 4 - wire->got);
    if (head_request) {
        say("body of HEAD %zu", size);
        return;
    }
    memcpy(body, end + 4, size);
    size = chunked ? unchunk(end + 4, size, body) : size;
    if (size < length && status != 304) {
        say("cut short");
    }
    say_bytes("body", body, size);
}

static void run_case(const struct parity_case *parity)
{
    static struct wire wire;
    int pair[2];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(4711)};
    address.sin_addr.s_addr = htonl(0xC0000201); /* 192.0.2.1 */
    forget_said();
    memset(&wire, 0, sizeof wire);
    struct MHD_Daemon *daemon = parity_start(parity);
    if (!daemon || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        printf("== %s\nnot started\n", parity->name);
        return;
    }
    wire.fd = pair[0];
    if (MHD_add_connection(daemon, pair[1], (struct sockaddr *)&address, sizeof address) != MHD_YES) {
        say("connection refused");
    }
    put_request(daemon, &wire, parity);
    run(daemon, &wire);
    say_answer(true);
    tell_answer(&wire, strncmp(parity->line, "HEAD ", 5) == 0);
    say("connection %s", wire.closed ? "closed" : "kept");
    say_answer(false);
    close(wire.fd);
    run(daemon, &wire);
    MHD_stop_daemon(daemon);
    printf("== %s\n%s%s", parity->name, said(false), said(true));
}

/* ---- speed ---- */

static size_t swallow(char *data, size_t size, size_t count, void *closure)
{
    (void)data;
    *(size_t *)closure += size * count;
    return size * count;
}

/* One connection, kept alive: libcurl reuses it. */
static int exchange(CURL *curl, unsigned requests)
{
    uint64_t begin = 0;
    size_t swallowed = 0;
    long status = 200;
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &swallowed);
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "name=lamp");
    (void)curl_easy_setopt(curl, CURLOPT_USERPWD, "ada:lace");
    (void)curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    for (unsigned i = 0; i < requests + SPEED_WARM && status == 200; i++) {
        begin = i == SPEED_WARM ? speed_now() : begin;
        status = curl_easy_perform(curl) == CURLE_OK ? 200 : 0;
        (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    speed_tell("real", speed_now() - begin, requests);
    return status != 200 || swallowed != (size_t)(requests + SPEED_WARM) * 4;
}

static int speed(unsigned requests)
{
    char url[64];
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL,
                                                 speed_handler, NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_END);
    const union MHD_DaemonInfo *info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    CURL *curl = info ? curl_easy_init() : NULL;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/items", info ? (unsigned)info->port : 0);
    int wrong = !curl || curl_easy_setopt(curl, CURLOPT_URL, url) != CURLE_OK || exchange(curl, requests) != 0;
    curl_easy_cleanup(curl);
    MHD_stop_daemon(daemon);
    return wrong;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--speed") == 0) {
        return speed((unsigned)strtoul(argv[2], NULL, 10));
    }
    for (size_t i = 0; i < parity_case_count; i++) {
        if (argc < 2 || strstr(parity_cases[i].name, argv[1])) {
            run_case(&parity_cases[i]);
            fflush(stdout);
        }
    }
    return 0;
}
