#define _GNU_SOURCE
#include "tests/real/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_MS 8000
#define CHUNK 16384
#define PAUSE_NS 10000000
#define ANSWER_MAX 65536

#define HIDDEN_SIZE 1024

static const char hidden_head[] = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\nX-Padding: ";

/* What is sent and what comes back, on one connection. */
struct talk {
    int fd;
    const char *out;
    size_t out_size, sent;
    int write_error;
    bool body_waits; /* for 100 Continue */
    size_t head_size;
    char in[ANSWER_MAX + 1];
    size_t in_size;
    bool ended; /* nothing more comes */
    int read_error;
    int64_t until;
};

/* What the bytes are that came. */
struct seen {
    int status; /* 0: no head yet */
    bool whole, by_end, own;
    size_t size; /* bytes of it, when whole */
};

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the request ---- */

static void fill_body(char *to, uint64_t size, bool hides)
{
    memset(to, 'x', size);
    for (uint64_t at = 0; hides && at + HIDDEN_SIZE <= size; at += HIDDEN_SIZE) {
        memcpy(to + at, hidden_head, sizeof hidden_head - 1);
        memcpy(to + at + HIDDEN_SIZE - 4, "\r\n\r\n", 4);
    }
}

static char *build_request(const struct rig_real_ask *ask, size_t *size, size_t *head_size)
{
    char *body = malloc(ask->body + 1), *all = malloc(ask->body + ask->body / CHUNK * 16 + 1024), *at = all;
    if (!body || !all) {
        free(body);
        free(all);
        return NULL;
    }
    fill_body(body, ask->body, ask->hides);
    at += sprintf(at, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n%s%s",
                  ask->target, ask->keep_alive ? "" : "Connection: close\r\n",
                  ask->kind == RIG_REAL_EXPECT ? "Expect: 100-continue\r\n" : "");
    at += ask->chunked ? sprintf(at, "Transfer-Encoding: chunked\r\n\r\n")
                       : sprintf(at, "Content-Length: %llu\r\n\r\n", (unsigned long long)ask->body);
    *head_size = (size_t)(at - all);
    if (!ask->chunked) {
        memcpy(at, body, ask->body);
        at += ask->body;
    }
    for (uint64_t done = 0; ask->chunked && done < ask->body;) {
        uint64_t piece = ask->body - done < CHUNK ? ask->body - done : CHUNK;
        at += sprintf(at, "%llx\r\n", (unsigned long long)piece);
        memcpy(at, body + done, piece);
        memcpy(at + piece, "\r\n", 2);
        at += piece + 2;
        done += piece;
    }
    at += ask->chunked ? sprintf(at, "0\r\n\r\n") : 0;
    *size = (size_t)(at - all);
    free(body);
    return all;
}

/* ---- the answer ---- */

/* All chunks are there, and the empty one. */
static bool chunks_end(const char *at, const char *end, const char **behind)
{
    while (at < end) {
        char *line_end;
        unsigned long long size = strtoull(at, &line_end, 16);
        const char *data = memmem(line_end, (size_t)(end - line_end), "\r\n", 2);
        if (!data || size + 4 > (unsigned long long)(end - data)) {
            return false;
        }
        at = data + 2 + size + 2;
        if (size == 0) {
            *behind = at;
            return true;
        }
    }
    return false;
}

static bool has_own_target(const char *head, const char *target)
{
    const char *named = strstr(head, "X-Target: ");
    size_t size = strlen(target);
    return !named || (strncmp(named + 10, target, size) == 0 && named[10 + size] == '\r');
}

static struct seen look_at(struct talk *talk, const char *target, bool ended)
{
    struct seen seen = {0};
    talk->in[talk->in_size] = '\0';
    char *end = memmem(talk->in, talk->in_size, "\r\n\r\n", 4);
    if (!end || sscanf(talk->in, "HTTP/1.%*d %d", &seen.status) != 1) {
        seen.status = 0;
        return seen;
    }
    const char *body = end + 4, *all = talk->in + talk->in_size, *behind = body;
    char saved = *body;
    *(end + 4) = '\0';
    const char *length = strcasestr(talk->in, "\r\nContent-Length:"),
               *chunked = strcasestr(talk->in, "\r\nTransfer-Encoding: chunked");
    seen.own = has_own_target(talk->in, target);
    unsigned long long announced = length ? strtoull(length + 17, NULL, 10) : 0;
    *(end + 4) = saved;
    if (seen.status / 100 == 1) {
        seen.whole = true;
    } else if (chunked) {
        seen.whole = chunks_end(body, all, &behind);
    } else if (length) {
        seen.whole = announced <= (unsigned long long)(all - body);
        behind = seen.whole ? body + announced : body;
    } else {
        seen.by_end = seen.whole = ended && talk->read_error == 0;
        behind = all;
    }
    seen.size = (size_t)(behind - talk->in);
    return seen;
}

static void drop(struct talk *talk, size_t size)
{
    talk->in_size -= size;
    memmove(talk->in, talk->in + size, talk->in_size);
}

/* ---- both ways ---- */

static void write_some(struct talk *talk)
{
    size_t most = talk->body_waits ? talk->head_size : talk->out_size;
    ssize_t put = send(talk->fd, talk->out + talk->sent, most - talk->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put > 0) {
        talk->sent += (size_t)put;
    } else if (put < 0 && errno != EAGAIN && errno != EINTR) {
        talk->write_error = errno;
    }
}

static void read_some(struct talk *talk)
{
    ssize_t got = recv(talk->fd, talk->in + talk->in_size, ANSWER_MAX - talk->in_size, MSG_DONTWAIT);
    if (got > 0) {
        talk->in_size += (size_t)got;
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        talk->ended = true;
        talk->read_error = got == 0 ? 0 : errno;
    }
}

static bool is_writing(const struct talk *talk)
{
    return talk->write_error == 0 && talk->sent < (talk->body_waits ? talk->head_size : talk->out_size);
}

/* false: the time is up, or nothing more can happen. */
static bool step(struct talk *talk, bool reads)
{
    struct pollfd poller = {.fd = talk->fd};
    bool writes = is_writing(talk);
    int64_t left = talk->until - now_ms();
    poller.events = (short)((writes ? POLLOUT : 0) | (reads && !talk->ended ? POLLIN : 0));
    if (left <= 0 || !poller.events || poll(&poller, 1, (int)left) <= 0) {
        return false;
    }
    if (writes && poller.revents & (POLLOUT | POLLERR | POLLHUP)) {
        write_some(talk);
    }
    if (reads && !talk->ended && poller.revents & (POLLIN | POLLERR | POLLHUP)) {
        read_some(talk);
    }
    return true;
}

/* Until the answer is there, or the connection is over. */
static struct seen await_answer(struct talk *talk, const char *target)
{
    struct seen seen;
    for (;;) {
        seen = look_at(talk, target, talk->ended);
        if (seen.status / 100 == 1) {
            talk->body_waits = false;
            drop(talk, seen.size);
        } else if (seen.whole || talk->ended || !step(talk, true)) {
            return seen;
        }
    }
}

/* ---- what came of it ---- */

static void tell(const struct talk *talk, const struct seen *seen, char *outcome, size_t size)
{
    if (seen->whole && !seen->own) {
        (void)snprintf(outcome, size, "wrong:(other-request)");
    } else if (seen->whole) {
        (void)snprintf(outcome, size, "%d%s", seen->status, seen->by_end ? "(eof)" : "");
    } else if (!talk->ended) {
        (void)snprintf(outcome, size, "timeout");
    } else if (seen->status) {
        (void)snprintf(outcome, size, "trunc");
    } else if (talk->in_size > 0) {
        (void)snprintf(outcome, size, "garbage");
    } else {
        (void)snprintf(outcome, size, talk->read_error ? "lost:read-%s" : "lost:eof",
                       strerrorname_np(talk->read_error));
    }
}

/* "401" "DESYNC:400" "DESYNC:401:(other-request)" "lost:eof" */
static void tell_next(const struct talk *talk, const struct seen *seen, char *outcome, size_t size)
{
    bool phantom = seen->whole && (seen->status == 400 || !seen->own);
    if (phantom) {
        (void)snprintf(outcome, size, "DESYNC:%d", seen->status);
    } else {
        tell(talk, seen, outcome, size);
    }
}

/* The body must be out before the next request. */
static void send_next(struct talk *talk, const struct rig_real_ask *ask, char *outcome, size_t size)
{
    char request[512], target[280];
    struct seen seen = {0};
    (void)snprintf(target, sizeof target, "%s-next", ask->target);
    int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", target);
    while (is_writing(talk) && step(talk, true)) {
    }
    if (talk->sent == talk->out_size) {
        talk->out = request;
        talk->out_size = (size_t)length;
        talk->sent = 0;
        seen = await_answer(talk, target);
    }
    talk->ended = talk->ended || talk->write_error;
    tell_next(talk, &seen, outcome, size);
}

static int dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return -1;
    }
    if (fd >= 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    return fd;
}

/* All but a duplex client write first; what they do behind it. false: that failed, and they do not read. */
static bool write_first(struct talk *talk, const struct rig_real_ask *ask)
{
    bool breaks_off = ask->kind == RIG_REAL_CUT || ask->kind == RIG_REAL_GONE;
    size_t all = breaks_off ? talk->head_size + (talk->out_size - talk->head_size) / 2 : talk->out_size;
    talk->out_size = ask->kind == RIG_REAL_HALF ? talk->head_size : all;
    while (is_writing(talk) && step(talk, false)) {
    }
    if (ask->kind == RIG_REAL_HALF || breaks_off) {
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    talk->out_size = all;
    while (is_writing(talk) && step(talk, false)) {
    }
    if (ask->kind == RIG_REAL_SHUT || ask->kind == RIG_REAL_CUT) {
        (void)shutdown(talk->fd, SHUT_WR);
    }
    return talk->write_error == 0;
}

static void talk_to(struct talk *talk, const struct rig_real_ask *ask, char *outcome, size_t size)
{
    bool reads_on = ask->kind == RIG_REAL_DUPLEX || ask->kind == RIG_REAL_EXPECT;
    if (!reads_on && !write_first(talk, ask)) {
        (void)snprintf(outcome, size, "lost:write-%s", strerrorname_np(talk->write_error));
        return;
    }
    if (ask->kind == RIG_REAL_GONE) {
        (void)snprintf(outcome, size, "gone");
        return;
    }
    struct seen seen = await_answer(talk, ask->target);
    tell(talk, &seen, outcome, size);
    if (ask->keep_alive && seen.whole) {
        size_t used = strlen(outcome);
        drop(talk, seen.size);
        (void)snprintf(outcome + used, size - used, ">");
        send_next(talk, ask, outcome + used + 1, size - used - 1);
    }
}

void rig_real_send(const struct rig_real_ask *ask, char *outcome, size_t size)
{
    struct talk *talk = calloc(1, sizeof *talk);
    size_t request_size = 0, head_size = 0;
    char *request = talk ? build_request(ask, &request_size, &head_size) : NULL;
    int fd = request ? dial(ask->port) : -1;
    (void)snprintf(outcome, size, "no-connection");
    if (fd >= 0) {
        talk->fd = fd;
        talk->out = request;
        talk->out_size = request_size;
        talk->head_size = head_size;
        talk->body_waits = ask->kind == RIG_REAL_EXPECT;
        talk->until = now_ms() + DEADLINE_MS;
        talk_to(talk, ask, outcome, size);
        (void)close(fd);
    }
    free(request);
    free(talk);
}
