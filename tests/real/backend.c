#define _GNU_SOURCE
#include "tests/real/backend.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define IDLE_MS 5       /* how soon a connection learns of a new play */
#define WAIT_SECONDS 5  /* for bytes within a request; for an end when it lingers */
#define REQUESTS_MAX 64 /* on one connection: as many as can hide in a body */
#define SETTLED_MS 20   /* all has come, and lies there for so long */
#define QUIET_MS 100    /* or nothing more came for so long: what is under way may wait for a busy processor */

struct connection {
    struct rig_real_backend *backend;
    int fd;
};

static void nap(long ms)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* ---- one request ---- */

/* Returns when the gateway has sent all that the kernel takes. */
static void settle(const struct rig_real_body *body)
{
    int before = -1, now = 0;
    long quiet = 0, wanted = 0;
    for (long spent = 0; spent < 2000 && quiet <= wanted; spent += 5) {
        nap(5);
        (void)ioctl(body->fd, FIONREAD, &now);
        quiet = now == before ? quiet + 5 : 0;
        wanted = body->framing == RIG_REAL_LENGTH && (uint64_t)now >= body->left ? SETTLED_MS : QUIET_MS;
        before = now;
    }
}

static int write_answer(int fd, const struct rig_real_answer *answer, bool apart)
{
    size_t first = apart ? answer->head : answer->size;
    int result = rig_real_write_all(fd, answer->text, first);
    return result == 0 && first < answer->size ? rig_real_write_all(fd, answer->text + first, answer->size - first)
                                               : result;
}

static void close_as(int fd, const struct rig_engine *engine)
{
    char scratch[16384];
    if (engine->closes != RIG_CLOSES_PLAIN) {
        (void)shutdown(fd, SHUT_WR);
    }
    while (engine->closes == RIG_CLOSES_LINGERS && recv(fd, scratch, sizeof scratch, 0) > 0) {
    }
    (void)close(fd);
}

/* Does the connection stay behind this answer? */
/* (The measurements' FastCGI backends kept it also where the gateway had not asked for that.) */
static bool keeps(const struct rig_real_play *play, enum rig_real_protocol protocol)
{
    const struct rig_case *it = &play->situation;
    bool asked = it->keep_alive && protocol != RIG_REAL_SCGI;
    switch (it->engine->keeps) {
    case RIG_KEEPS_UNREAD:
    case RIG_KEEPS_DRAINED:
        return asked;
    case RIG_KEEPS_READ:
        return asked && it->end_read;
    default:
        return false;
    }
}

/* libmicrohttpd has no answer while it hands over the body: it closes without a byte. */
static bool refuses(int fd, const struct rig_real_play *play, struct rig_real_body *body)
{
    char scratch[8192];
    if (!play->situation.engine->refuses || !play->situation.uploading || body->ended) {
        return false;
    }
    (void)rig_real_read_body(body, scratch, sizeof scratch);
    close_as(fd, play->situation.engine);
    return true;
}

/* What the engine takes off the connection by itself before the stack runs. */
static int read_ahead(int fd, const struct rig_engine *engine, struct rig_real_body *body)
{
    char scratch[16384];
    if (engine->reads == RIG_READS_FIRST) {
        return (int)rig_real_drain_body(body);
    }
    if (engine->reads_ahead > 0) { /* its first read is over; what came with the head, it has */
        size_t room = engine->reads_ahead < sizeof scratch ? (size_t)engine->reads_ahead : sizeof scratch;
        (void)recv(fd, scratch, room, MSG_DONTWAIT);
    }
    return 0;
}

static void note(struct rig_real_backend *backend, const struct rig_real_body *body)
{
    (void)pthread_mutex_lock(&backend->lock);
    backend->seen.reached++;
    backend->seen.whole += body->ended;
    backend->seen.ended += body->error == -ENODATA;
    backend->seen.reset += body->error != 0 && body->error != -ENODATA;
    (void)pthread_mutex_unlock(&backend->lock);
}

/* true: the connection stays, and the next request on it is to be read; else it is closed. */
static bool serve(struct rig_real_backend *backend, int fd, const struct rig_real_play *play)
{
    const struct rig_engine *engine = play->situation.engine;
    struct rig_real_request request;
    struct rig_real_answer answer;
    int got = rig_real_read_request(fd, backend->protocol, &request);
    if (got <= 0) {
        static const char bad[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        if (got == -EBADMSG && backend->protocol == RIG_REAL_HTTP) {
            (void)rig_real_write_all(fd, bad, sizeof bad - 1);
        }
        (void)close(fd);
        return false;
    }
    if (refuses(fd, play, &request.body)) {
        return false;
    }
    bool stays = keeps(play, backend->protocol);
    int failed = read_ahead(fd, engine, &request.body);
    failed = failed ? failed : rig_real_answer(&answer, backend->protocol, play, &request, stays);
    note(backend, &request.body);
    if (failed) {
        (void)close(fd);
        return false;
    }
    if (play->settled) {
        settle(&request.body);
    }
    request.body.closed = false;
    int result = stays && engine->keeps == RIG_KEEPS_DRAINED ? (int)rig_real_drain_body(&request.body) : 0;
    result = result == 0 ? write_answer(fd, &answer, engine->apart) : result;
    if (result != 0 || !stays) {
        close_as(fd, engine);
        return false;
    }
    return true;
}

/* ---- connections ---- */

static void answer_early(struct rig_real_backend *backend, int fd, const struct rig_real_play *play)
{
    struct rig_real_answer answer;
    if (rig_real_answer(&answer, backend->protocol, play, NULL, false) == 0) {
        (void)write_answer(fd, &answer, false);
    }
    close_as(fd, play->situation.engine);
}

static bool is_over(struct rig_real_backend *backend, unsigned turn)
{
    (void)pthread_mutex_lock(&backend->lock);
    bool over = backend->stopping || backend->turn != turn;
    (void)pthread_mutex_unlock(&backend->lock);
    return over;
}

/* true: bytes or an end have come; false: the play is over. */
static bool await_request(struct rig_real_backend *backend, int fd, unsigned turn)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    while (poll(&poller, 1, IDLE_MS) == 0) {
        if (is_over(backend, turn)) {
            return false;
        }
    }
    return true;
}

static void *serve_connection(void *closure)
{
    struct connection connection = *(struct connection *)closure;
    struct rig_real_backend *backend = connection.backend;
    free(closure);
    (void)pthread_mutex_lock(&backend->lock);
    struct rig_real_play play = backend->play;
    unsigned turn = backend->turn;
    (void)pthread_mutex_unlock(&backend->lock);
    if (!play.situation.engine) { /* nothing is played yet */
        (void)close(connection.fd);
    } else if (play.situation.engine->early) {
        answer_early(backend, connection.fd, &play);
    } else {
        bool open = true;
        for (unsigned i = 0; open && i < REQUESTS_MAX && await_request(backend, connection.fd, turn); i++) {
            open = serve(backend, connection.fd, &play);
        }
        if (open) {
            (void)close(connection.fd);
        }
    }
    (void)pthread_mutex_lock(&backend->lock);
    backend->active--;
    (void)pthread_cond_broadcast(&backend->changed);
    (void)pthread_mutex_unlock(&backend->lock);
    return NULL;
}

static void start_connection(struct rig_real_backend *backend, int fd)
{
    const struct timeval wait = {.tv_sec = WAIT_SECONDS};
    struct connection *connection = malloc(sizeof *connection);
    pthread_t thread;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    (void)pthread_mutex_lock(&backend->lock);
    if (connection) {
        *connection = (struct connection){backend, fd};
    }
    if (connection && pthread_create(&thread, NULL, serve_connection, connection) == 0) {
        (void)pthread_detach(thread);
        backend->active++;
    } else {
        free(connection);
        (void)close(fd);
    }
    (void)pthread_mutex_unlock(&backend->lock);
}

static bool is_stopping(struct rig_real_backend *backend)
{
    (void)pthread_mutex_lock(&backend->lock);
    bool stopping = backend->stopping;
    (void)pthread_mutex_unlock(&backend->lock);
    return stopping;
}

static void *accept_connections(void *closure)
{
    struct rig_real_backend *backend = closure;
    for (;;) {
        int fd = accept4(backend->fd, NULL, NULL, SOCK_CLOEXEC); // cppcheck-suppress nullPointer
        if (is_stopping(backend)) {
            if (fd >= 0) {
                (void)close(fd);
            }
            return NULL;
        }
        if (fd >= 0) {
            start_connection(backend, fd);
        }
    }
}

/* ---- starting and stopping ---- */

static int listen_tcp(struct rig_real_backend *backend)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(backend->fd, (struct sockaddr *)&address, size) != 0 ||
        getsockname(backend->fd, (struct sockaddr *)&address, &size) != 0) {
        return -errno;
    }
    (void)snprintf(backend->address, sizeof backend->address, "127.0.0.1:%d", ntohs(address.sin_port));
    return 0;
}

static int listen_unix(struct rig_real_backend *backend)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int size = snprintf(address.sun_path, sizeof address.sun_path, "%s/b%d", rig_real_folder(), backend->fd);
    if (size < 0 || (size_t)size >= sizeof address.sun_path) {
        return -ENAMETOOLONG;
    }
    if (bind(backend->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        return -errno;
    }
    (void)chmod(address.sun_path, 0666); /* Apache does not connect as root */
    (void)snprintf(backend->address, sizeof backend->address, "unix:%s", address.sun_path);
    return 0;
}

int rig_real_backend_start(struct rig_real_backend *backend, enum rig_real_protocol protocol, bool tcp)
{
    memset(backend, 0, sizeof *backend);
    backend->protocol = protocol;
    (void)pthread_mutex_init(&backend->lock, NULL);
    (void)pthread_cond_init(&backend->changed, NULL);
    backend->fd = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (backend->fd < 0) {
        return -errno;
    }
    int result = tcp ? listen_tcp(backend) : listen_unix(backend);
    result = result == 0 && listen(backend->fd, 64) != 0 ? -errno : result;
    result = result == 0 ? -pthread_create(&backend->thread, NULL, accept_connections, backend) : result;
    if (result != 0) {
        (void)close(backend->fd);
    }
    return result;
}

static int await_quiet(struct rig_real_backend *backend)
{
    struct timespec until;
    int result = 0;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 2 * WAIT_SECONDS;
    while (backend->active > 0 && result == 0) {
        result = -pthread_cond_timedwait(&backend->changed, &backend->lock, &until);
    }
    return backend->active > 0 ? -ETIMEDOUT : 0;
}

int rig_real_backend_play(struct rig_real_backend *backend, const struct rig_real_play *play)
{
    (void)pthread_mutex_lock(&backend->lock);
    backend->play = *play;
    backend->turn++;
    int result = await_quiet(backend);
    (void)pthread_mutex_unlock(&backend->lock);
    nap(10); /* the gateway, too, sees that its idle connections are closed */
    return result;
}

struct rig_real_seen rig_real_backend_seen(struct rig_real_backend *backend, long ms)
{
    bool busy = true;
    for (long waited = 0; busy && waited < ms; waited += IDLE_MS) {
        nap(IDLE_MS);
        (void)pthread_mutex_lock(&backend->lock);
        busy = waited < ms / 4 || backend->active > 0;
        (void)pthread_mutex_unlock(&backend->lock);
    }
    (void)pthread_mutex_lock(&backend->lock);
    struct rig_real_seen seen = backend->seen;
    backend->seen = (struct rig_real_seen){0};
    (void)pthread_mutex_unlock(&backend->lock);
    return seen;
}

void rig_real_backend_stop(struct rig_real_backend *backend)
{
    (void)pthread_mutex_lock(&backend->lock);
    backend->stopping = true;
    (void)await_quiet(backend);
    (void)pthread_mutex_unlock(&backend->lock);
    (void)shutdown(backend->fd, SHUT_RDWR);
    (void)pthread_join(backend->thread, NULL);
    (void)close(backend->fd);
}
