/* Starting and stopping. */
#define _GNU_SOURCE
#include "harness/hosts/microhttpd/server.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 64
#define HEAD_MAX 32768
#define LOOK_NS 5000000 /* how often it is looked whether all is done */
#define LIMIT_ROOM \
    16 /* it counts those that have ended for a moment longer; the limit is kept where they are accepted */
#define QUIET_LOOKS 3 /* so often in turn must nothing be under way */

/* ---- telling ---- */

void rig_daemon_log(struct rig_server_daemon *server, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    (void)pthread_mutex_lock(&server->log_lock);
    rig_host_log(&server->host, "%s", line);
    (void)pthread_mutex_unlock(&server->log_lock);
}

void rig_turn_log(const struct rig_turn *turn, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    (void)pthread_mutex_lock(&turn->server->log_lock);
    rig_host_log_request(&turn->server->host, turn->request.method, turn->target, "%s", line);
    (void)pthread_mutex_unlock(&turn->server->log_lock);
}

static void RIG_PRINTF_(2, 0) log_theirs(void *self, const char *format, va_list arguments)
{
    char line[512];
    (void)vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    rig_daemon_log(self, "libmicrohttpd: %s", line);
}

/* ---- the end ---- */

/* In turn, since what has just been read from a socket is not yet known to be a request. */
static bool wait_quiet(struct rig_server_daemon *server)
{
    const struct timespec pause = {.tv_nsec = LOOK_NS};
    uint64_t left = (uint64_t)server->host.options.grace * (1000000000 / LOOK_NS);
    unsigned looks = 0;
    do {
        looks = rig_lines_are_quiet(server) ? looks + 1 : 0;
        (void)nanosleep(&pause, NULL);
    } while (looks < QUIET_LOOKS && left-- > 0);
    return looks == QUIET_LOOKS;
}

static void free_server(struct rig_server_daemon *server)
{
    rig_host_unlisten(&server->host, server->listener);
    if (server->wake >= 0) {
        (void)close(server->wake);
    }
    (void)pthread_cond_destroy(&server->changed);
    (void)pthread_mutex_destroy(&server->lock);
    (void)pthread_mutex_destroy(&server->log_lock);
    free(server);
}

static int stop(struct rig_host *host)
{
    struct rig_server_daemon *server = (struct rig_server_daemon *)host;
    rig_lines_stop(server);
    bool quiet = wait_quiet(server);
    rig_lines_end(server);
    MHD_stop_daemon(server->daemon);
    rig_workers_end(server);
    free_server(server);
    return quiet ? 0 : -ETIMEDOUT;
}

/* ---- the beginning ---- */

static struct MHD_Daemon *start_daemon(struct rig_server_daemon *server)
{
    const struct rig_serve_options *options = &server->host.options;
    const struct MHD_OptionItem items[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_theirs, server},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)options->connections * 2 + LIMIT_ROOM, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)options->timeout, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)(options->head_max ? options->head_max : HEAD_MAX), NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)rig_daemon_request, server},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)rig_daemon_completed, server},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)rig_lines_notify, server},
        {MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                                MHD_USE_ITC | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG,
                            0, NULL, NULL, rig_daemon_handle, server, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

static int start(struct rig_server_daemon *server, struct rig_stack *stack, const struct rig_serve_options *options)
{
    int error = rig_host_open(&server->host, stack, options, CONNECTIONS, false, &server->listener);
    if (error != 0) {
        return error;
    }
    const sigset_t before = rig_host_block_signals();
    server->daemon = start_daemon(server);
    error = server->daemon ? rig_lines_start(server) : errno ? -errno : -EINVAL; /* it need not say why */
    rig_host_restore_signals(&before);
    if (error != 0) {
        rig_host_complain(&server->host, "cannot serve at %s: %s: %s", server->host.address,
                          server->daemon ? "no thread" : "libmicrohttpd did not start", strerror(-error));
        if (server->daemon) {
            MHD_stop_daemon(server->daemon);
        }
        return -EINVAL;
    }
    return 0;
}

struct rig_host *rig_serve_microhttpd(struct rig_stack *stack, struct rig_serve_options options)
{
    struct rig_server_daemon *server = rig_host_new(sizeof *server, &options);
    if (!server) {
        return NULL;
    }
    server->host.stop = stop;
    server->listener = server->wake = -1;
    (void)pthread_mutex_init(&server->lock, NULL);
    (void)pthread_mutex_init(&server->log_lock, NULL);
    (void)pthread_cond_init(&server->changed, NULL);
    if (start(server, stack, &options) != 0) {
        free_server(server);
        return NULL;
    }
    return &server->host;
}
