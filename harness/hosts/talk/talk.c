#define _GNU_SOURCE
#include "harness/hosts/talk/answer.h"
#include "harness/core/wall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMEOUT 10000
#define ENDED_MS 100
#define PIECE 65536

/* Both ways of one connection. */
struct talk {
    int fd;
    const struct rig_talk_request *request;
    size_t sent, head; /* head: bytes before the body */
    int write_error;
    struct rig_talk_bytes in;
    bool ended;
    int64_t until;
};

int rig_talk_open(const char *address)
{
    char name[128];
    const char *colon = strrchr(address, ':');
    bool bracketed = address[0] == '[' && colon;
    size_t size = colon ? (size_t)(colon - address) : sizeof name;
    if (size >= sizeof name || size < 2) {
        return -EINVAL;
    }
    memcpy(name, address + bracketed, size - 2 * bracketed);
    name[size - 2 * bracketed] = '\0';
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    if (getaddrinfo(name, colon + 1, &hints, &found) != 0) {
        return -EINVAL;
    }
    int one = 1, fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) != 0 ? -errno : 0;
    freeaddrinfo(found);
    if (error != 0 && fd >= 0) {
        (void)close(fd);
    }
    if (error == 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    return error ? error : fd;
}

static size_t to_send(const struct talk *talk)
{
    size_t most = talk->request->expects && !talk->in.continued ? talk->head : talk->request->size;
    return talk->write_error || talk->sent >= most ? 0 : most - talk->sent;
}

static void write_some(struct talk *talk)
{
    const char *data = talk->request->data;
    ssize_t put = send(talk->fd, data + talk->sent, to_send(talk), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put > 0) {
        talk->sent += (size_t)put;
    } else if (put < 0 && errno != EAGAIN && errno != EINTR) {
        talk->write_error = -errno;
    }
}

static int read_some(struct talk *talk)
{
    struct rig_talk_bytes *in = &talk->in;
    if (in->room - in->size < PIECE) {
        size_t room = in->room * 2 + PIECE;
        char *grown = realloc(in->data, room + 1);
        if (!grown) {
            return -ENOMEM;
        }
        in->data = grown;
        in->room = room;
    }
    ssize_t got = recv(talk->fd, in->data + in->size, in->room - in->size, MSG_DONTWAIT);
    if (got > 0) {
        in->size += (size_t)got;
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        talk->ended = true;
        in->error = got == 0 ? 0 : -errno;
    }
    return 0;
}

/* 1: something happened; 0: the time is up, or there is nothing to wait for. */
static int step(struct talk *talk, bool reads)
{
    bool writes = to_send(talk) > 0;
    struct pollfd poller = {.fd = talk->fd, .events = (short)((writes ? POLLOUT : 0) | (reads ? POLLIN : 0))};
    int64_t left = talk->until - rig_wall_ms();
    if (left <= 0 || !poller.events || poll(&poller, 1, (int)left) <= 0) {
        return 0;
    }
    if (writes && poller.revents & (POLLOUT | POLLERR | POLLHUP)) {
        write_some(talk);
    }
    int error = reads && poller.revents & (POLLIN | POLLERR | POLLHUP) ? read_some(talk) : 0;
    return error ? error : 1;
}

static int converse(struct talk *talk)
{
    int going = 1;
    while (talk->request->naive && to_send(talk) > 0 && going == 1) {
        going = step(talk, false);
    }
    going = 1;
    while (!rig_talk_answered(&talk->in, talk->request->is_head) && !talk->ended && going == 1) {
        going = step(talk, true);
    }
    return going < 0 ? going : 0;
}

int rig_talk(int fd, const struct rig_talk_request *request, struct rig_talk_answer *answer)
{
    const char *blank = memmem(request->data, request->size, "\r\n\r\n", 4);
    struct talk talk = {.fd = fd,
                        .request = request,
                        .head = blank ? (size_t)(blank + 4 - (const char *)request->data) : request->size,
                        .until = rig_wall_ms() + (request->timeout ? request->timeout : TIMEOUT)};
    *answer = (struct rig_talk_answer){0};
    int error = converse(&talk);
    error = error ? error : rig_talk_read(&talk.in, request->is_head, talk.ended, answer);
    if (error != 0) {
        free(talk.in.data);
        return error;
    }
    answer->error = talk.in.error ? talk.in.error : talk.write_error;
    answer->kept = !talk.ended && answer->outcome == RIG_TALK_WHOLE;
    return 0;
}

bool rig_talk_ended(int fd)
{
    char byte;
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    return poll(&poller, 1, ENDED_MS) > 0 && recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}
