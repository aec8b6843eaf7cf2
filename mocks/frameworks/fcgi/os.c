/* The system calls of libfcgi (its os_unix.c, which it calls by these names): a connection in memory, record by record, as
 * a web server fills it. No record is longer than what is asked for: what libfcgi holds is then of one record, and how
 * much of it was read shows in the stream. */
#include "mocks/frameworks/fcgi/fcgi.h"

#include <errno.h>
#include <string.h>

/* libfcgi's internal header is not installed. */
int OS_LibInit(int stdioFds[3]);
int OS_CreateLocalIpcFd(const char *bindPath, int backlog);
int OS_Accept(int listen_sock, int fail_on_intr, const char *webServerAddrs);
int OS_Read(int fd, char *buf, size_t len);
int OS_Write(int fd, char *buf, size_t len);
int OS_Close(int fd, int shutdown);
int OS_IpcClose(int ipcFd, int shutdown);
int OS_IsFcgi(int sock);
int OS_ShutdownPending(void);

#define EXPORT __attribute__((visibility("default")))
#define LISTENER 1 /* numbers of no descriptors: nothing here asks the kernel */
#define CONNECTION 2

enum type { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, STDERR = 7 };

/* ---- to the program ---- */

static int put_head(char *buffer, enum type type, size_t size)
{
    const unsigned char head[RIG_FCGI_HEAD] = {
        1, (unsigned char)type, 0, 1, (unsigned char)(size >> 8), (unsigned char)(size & 0xff), 0, 0};
    memcpy(buffer, head, sizeof head);
    return (int)(sizeof head + size);
}

static int give_begin(struct rig_fcgi_turn *turn, char *buffer)
{
    const char responder[8] = {0, 1, 0, 0, 0, 0, 0, 0}; /* nginx keeps no connection unless it is told to */
    turn->begun = true;
    memcpy(buffer + RIG_FCGI_HEAD, responder, sizeof responder);
    return put_head(buffer, BEGIN_REQUEST, sizeof responder);
}

static int give_params(struct rig_fcgi_turn *turn, char *buffer, size_t room)
{
    size_t left = turn->params.size - turn->params_at, size = left < room ? left : room;
    turn->params_ended = size == 0;
    if (size > 0) {
        memcpy(buffer + RIG_FCGI_HEAD, turn->params.data + turn->params_at, size);
    }
    turn->params_at += size;
    return put_head(buffer, PARAMS, size);
}

/* The stream is over then, after EINTR too: libfcgi tries nothing again. */
static int fail_body(struct rig_fcgi_turn *turn, int error)
{
    char none;
    if (error != -EINTR && error != -EAGAIN) { /* it stays: whoever reads meets it */
        (void)rig_input_read_at(rig_site_of(turn->reader), rig_env_input(turn->env), &none, 1);
    }
    errno = -error;
    return -1;
}

static int give_body(struct rig_fcgi_turn *turn, char *buffer, size_t room)
{
    rig_fcgi_settle(turn);
    int64_t got = turn->body_ended ? 0 : rig_foreign_fill(turn->env, buffer + RIG_FCGI_HEAD, room);
    if (got < 0) {
        return fail_body(turn, (int)got);
    }
    turn->body_ended = got == 0;
    turn->piece = (size_t)got;
    turn->piece_read = 0;
    return put_head(buffer, STDIN, (size_t)got);
}

EXPORT int OS_Read(int fd, char *buf, size_t len)
{
    struct rig_fcgi_turn *turn = rig_fcgi_turn();
    if (!turn || fd != CONNECTION || len < (size_t)2 * RIG_FCGI_HEAD) {
        errno = EBADF;
        return -1;
    }
    size_t room = len - RIG_FCGI_HEAD > 0xffff ? 0xffff : len - RIG_FCGI_HEAD;
    if (!turn->begun) {
        return give_begin(turn, buf);
    }
    return turn->params_ended ? give_body(turn, buf, room) : give_params(turn, buf, room);
}

/* ---- from the program ---- */

/* Takes what it can of a record's head: how many bytes. */
static size_t take_head(struct rig_fcgi_record *record, const char *data, size_t size)
{
    size_t wanted = RIG_FCGI_HEAD - record->head_size, taken = size < wanted ? size : wanted;
    memcpy(record->head + record->head_size, data, taken);
    record->head_size += taken;
    if (record->head_size == RIG_FCGI_HEAD) {
        record->content = (size_t)record->head[4] << 8 | record->head[5];
        record->padding = record->head[6];
    }
    return taken;
}

static void take_content(struct rig_fcgi_turn *turn, const char *data, size_t size)
{
    switch (turn->record.head[1]) {
    case STDOUT:
        turn->starved = rig_fcgi_add(turn, &turn->out, data, size) != 0 || turn->starved;
        break;
    case STDERR:
        (void)rig_env_log_write_at(rig_site_of(turn->logger), turn->env, data, size);
        break;
    case END_REQUEST:
        turn->ended = true;
        break;
    default:
        break;
    }
}

static size_t take(struct rig_fcgi_turn *turn, const char *data, size_t size)
{
    struct rig_fcgi_record *record = &turn->record;
    if (record->head_size < RIG_FCGI_HEAD) {
        return take_head(record, data, size);
    }
    size_t *left = record->content > 0 ? &record->content : &record->padding;
    size_t taken = size < *left ? size : *left;
    if (left == &record->content && taken > 0) {
        take_content(turn, data, taken);
    }
    *left -= taken;
    return taken;
}

EXPORT int OS_Write(int fd, char *buf, size_t len)
{
    struct rig_fcgi_turn *turn = rig_fcgi_turn();
    if (!turn || fd != CONNECTION || turn->closed) {
        errno = EPIPE;
        return -1;
    }
    for (size_t at = 0; at < len;) {
        at += take(turn, buf + at, len - at);
        const struct rig_fcgi_record *record = &turn->record;
        if (record->head_size == RIG_FCGI_HEAD && record->content == 0 && record->padding == 0) {
            turn->record = (struct rig_fcgi_record){.head_size = 0};
        }
    }
    return (int)len;
}

/* ---- the connection ---- */

EXPORT int OS_Accept(int listen_sock, int fail_on_intr, const char *webServerAddrs)
{
    (void)listen_sock;
    (void)fail_on_intr;
    (void)webServerAddrs;
    struct rig_fcgi_turn *turn = rig_fcgi_turn();
    if (!turn || turn->taken) {
        turn = rig_fcgi_loop_wait() ? rig_fcgi_turn() : NULL;
    }
    if (!turn) {
        errno = ECONNABORTED;
        return -1;
    }
    turn->taken = true;
    return CONNECTION;
}

EXPORT int OS_Close(int fd, int shutdown)
{
    struct rig_fcgi_turn *turn = rig_fcgi_turn();
    (void)shutdown;
    if (turn && fd == CONNECTION) {
        turn->closed = true;
    }
    return 0;
}

EXPORT int OS_IpcClose(int ipcFd, int shutdown)
{
    return OS_Close(ipcFd, shutdown);
}

EXPORT int OS_LibInit(int stdioFds[3])
{
    (void)stdioFds;
    return 0;
}

EXPORT int OS_CreateLocalIpcFd(const char *bindPath, int backlog)
{
    (void)bindPath;
    (void)backlog;
    return LISTENER;
}

EXPORT int OS_IsFcgi(int sock)
{
    (void)sock;
    return 1;
}

EXPORT int OS_ShutdownPending(void)
{
    return 0;
}
