#define _GNU_SOURCE
#include "harness/hosts/common/common.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

int rig_host_init(struct rig_host *host, struct rig_stack *stack, const struct rig_serve_options *options)
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
