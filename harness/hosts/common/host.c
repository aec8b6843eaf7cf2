#define _GNU_SOURCE
#include "harness/hosts/common/common.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- the beginning ---- */

void *rig_host_new(size_t size, const struct rig_serve_options *options)
{
    struct rig_host *host = calloc(1, size);
    if (!host) {
        const struct rig_host nobody = {.options = *options};
        rig_host_complain(&nobody, "cannot serve: out of memory");
    }
    return host;
}

static int take(struct rig_host *host, struct rig_stack *stack, const struct rig_serve_options *options)
{
    host->stack = stack;
    host->options = *options;
    struct rig_serve_options *to = &host->options;
    to->address = to->address ? to->address : RIG_HOST_ADDRESS;
    to->timeout = to->timeout ? to->timeout : RIG_HOST_TIMEOUT;
    to->grace = to->grace ? to->grace : RIG_HOST_GRACE;
    to->body_max = to->body_max ? to->body_max : RIG_HOST_BODY_MAX;
    to->checks = to->checks ? to->checks : RIG_CHECKS_NONE;
    if (!stack) {
        rig_host_complain(host, "there is no stack to serve: it is NULL");
        return -EINVAL;
    }
    return rig_host_inspect(host);
}

int rig_host_open(struct rig_host *host, struct rig_stack *stack, const struct rig_serve_options *options,
                  unsigned connections, bool unix_too, int *listener)
{
    int error = take(host, stack, options);
    if (error != 0) {
        return error;
    }
    host->options.connections = options->connections ? options->connections : connections;
    *listener = rig_host_listen(host, unix_too);
    return *listener < 0 ? -EINVAL : 0;
}

/* ---- a request ---- */

static int64_t real_now(void)
{
    struct timespec now;
    (void)timespec_get(&now, TIME_UTC);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const struct rig_result *rig_host_run(const struct rig_host *host, struct rig_client *client,
                                      const struct rig_request *request, const struct rig_host_answer *outlet)
{
    if (host->options.now == 0) {
        rig_client_set_now(client, real_now());
    }
    return rig_host_send(client, request, outlet);
}

void rig_host_tell_result(const struct rig_host *host, pthread_mutex_t *log_lock, const struct rig_result *result)
{
    (void)pthread_mutex_lock(log_lock);
    rig_host_log_result(host, result);
    (void)pthread_mutex_unlock(log_lock);
}

void rig_host_authority(struct rig_host_authority *to, const char *host)
{
    const char *bracket = host[0] == '[' ? strchr(host, ']') : NULL;
    size_t size = bracket ? (size_t)(bracket + 1 - host) : strcspn(host, ":");
    const char *port = host[size] == ':' && host[size + 1] ? host + size + 1 : "80";
    (void)snprintf(to->name, sizeof to->name, "%.*s", (int)(size < 255 ? size : 255), host);
    (void)snprintf(to->port, sizeof to->port, "%.7s", port);
}

sigset_t rig_host_block_signals(void)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    return before;
}

void rig_host_restore_signals(const sigset_t *before)
{
    (void)pthread_sigmask(SIG_SETMASK, before, NULL);
}
