/* Connections: one for each request. They lie outside the request's memory and wait when they have ended, so that a handler
 * that keeps one is told. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

_Thread_local struct MHD_Connection *rig_mhd_current;

struct MHD_Connection *rig_mhd_enter(struct MHD_Connection *connection)
{
    struct MHD_Connection *before = rig_mhd_current;
    rig_mhd_current = connection;
    return before;
}

static void find_stale(const struct MHD_Connection *here, const struct stray *stray)
{
    FOUND(here, "env.lifetime.stale", stray->site, "%s used the connection of env#%llu, whose request has ended",
          stray->call, (unsigned long long)stray->env_serial);
}

/* In the request that does it, else in the daemon's next one. The ended one's env may be freed with its client. */
static void tell_stale(const struct MHD_Connection *ended, const struct stray *stray)
{
    const struct MHD_Connection *here = rig_mhd_here();
    struct MHD_Daemon *daemon = ended->daemon;
    if (here && here->state != STATE_OVER) {
        find_stale(here, stray);
        return;
    }
    pthread_mutex_lock(&daemon->lock);
    daemon->stray = daemon->stray.call ? daemon->stray : *stray;
    pthread_mutex_unlock(&daemon->lock);
}

bool rig_mhd_live(const char *site, const struct MHD_Connection *connection, const char *call)
{
    if (!connection) {
        return false;
    }
    if (connection->state != STATE_OVER) {
        return true;
    }
    tell_stale(connection, &(struct stray){site, call, connection->env_serial});
    return false;
}

void rig_mhd_tell_stray(struct MHD_Connection *connection)
{
    struct MHD_Daemon *daemon = connection->daemon;
    pthread_mutex_lock(&daemon->lock);
    const struct stray stray = daemon->stray;
    daemon->stray = (struct stray){0};
    pthread_mutex_unlock(&daemon->lock);
    if (stray.call) {
        find_stale(connection, &stray);
    }
}

struct MHD_Connection *rig_mhd_connection_new(struct MHD_Daemon *daemon)
{
    struct MHD_Connection *connection = calloc(1, sizeof *connection);
    if (connection) {
        connection->daemon = daemon;
        connection->timeout = daemon->timeout;
        pthread_mutex_init(&connection->lock, NULL);
        pthread_cond_init(&connection->resumed, NULL);
        pthread_mutex_lock(&daemon->lock);
        daemon->open++;
        pthread_mutex_unlock(&daemon->lock);
    }
    return connection;
}

void rig_mhd_connection_end(struct MHD_Connection *connection)
{
    struct MHD_Daemon *daemon = connection->daemon;
    connection->state = STATE_OVER;
    connection->env = NULL; /* may be freed before this is */
    connection->res = NULL;
    connection->values = connection->last = NULL;
    pthread_mutex_destroy(&connection->lock);
    pthread_cond_destroy(&connection->resumed);
    pthread_mutex_lock(&daemon->lock);
    struct MHD_Connection *oldest = daemon->ended[daemon->ended_at];
    daemon->ended[daemon->ended_at] = connection;
    daemon->ended_at = (daemon->ended_at + 1) % QUARANTINE;
    daemon->open--;
    pthread_mutex_unlock(&daemon->lock);
    free(oldest);
}

/* By the kernel's clock: the request's stands still. */
static struct timespec in_time(unsigned milliseconds)
{
    struct timespec until;
    (void)syscall(SYS_clock_gettime, CLOCK_REALTIME, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += milliseconds % 1000 * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    return until;
}

static int wait_for_resume(struct MHD_Connection *connection)
{
    const struct timespec until = in_time(connection->daemon->patience);
    int error = 0;
    rig_mhd_turn_give(connection->daemon); /* who resumes it may do so in its loop */
    pthread_mutex_lock(&connection->lock);
    while (connection->suspended && error == 0) {
        error = pthread_cond_timedwait(&connection->resumed, &connection->lock, &until);
    }
    bool waits = connection->suspended;
    connection->suspended = false;
    pthread_mutex_unlock(&connection->lock);
    if (!rig_mhd_turn_take(connection->daemon)) {
        return -ECONNABORTED;
    }
    if (waits) {
        FOUND(connection, "microhttpd.suspend.not_resumed", NULL, "nobody resumed the connection within %u ms",
              connection->daemon->patience);
    }
    return waits ? -ETIMEDOUT : 0;
}

int rig_mhd_wait(struct MHD_Connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    bool suspended = connection->suspended;
    pthread_mutex_unlock(&connection->lock);
    return suspended ? wait_for_resume(connection) : 0;
}

/* ---- findings ---- */

void rig_mhd_find(const struct MHD_Connection *connection, const struct rig_foreign_finding *find, const char *format,
                  ...)
{
    char text[512];
    connection = connection ? connection : rig_mhd_here();
    if (!connection || connection->state == STATE_OVER) {
        return;
    }
    struct rig_foreign_finding whole = *find;
    whole.visit = find->visit ? find->visit : connection->visit;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)rig_foreign_find(connection->env, &whole, "%s", text);
}

void rig_mhd_tell_armed(const struct MHD_Connection *connection)
{
    static const char *const rules[ARMED_COUNT] = {
        [ARMED_EARLY] = "microhttpd.answer.early",           [ARMED_HEADER] = "microhttpd.header.refused",
        [ARMED_QUEUE] = "microhttpd.queue.refused",          [ARMED_REQ_CLS] = "microhttpd.req_cls.leaked",
        [ARMED_DESTROYED] = "microhttpd.response.destroyed", [ARMED_LEAKED] = "microhttpd.response.leaked",
        [ARMED_SUSPEND] = "microhttpd.suspend.not_resumed",  [ARMED_UPLOAD] = "microhttpd.upload.not_taken"};
    /* a dispatcher breaks no other */
    unsigned armed = connection->armed & (connection->daemon->above ? 1u << ARMED_QUEUE : ~0u);
    for (unsigned i = 0; i < ARMED_COUNT; i++) {
        if (armed >> i & 1u) {
            (void)rig_foreign_arm(connection->env, rules[i]);
        }
    }
}
