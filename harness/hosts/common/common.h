/* What the hosts' libraries share, each with a copy of its own. */
#ifndef STACKRIG_HOSTS_COMMON_H
#define STACKRIG_HOSTS_COMMON_H

#include <stackrig/host.h>

#include <pthread.h>
#include <signal.h>

#define RIG_HOST_ADDRESS "127.0.0.1:0"
#define RIG_HOST_TIMEOUT 30
#define RIG_HOST_GRACE 30
#define RIG_HOST_BODY_MAX ((uint64_t)16 << 20)

/* Takes the stack and the options, with their defaults: 0, or -errno after complaining. */
int rig_host_init(struct rig_host *host, struct rig_stack *stack, const struct rig_serve_options *options);

/* A socket that listens at options.address, and does not block. -1 after complaining. host->address says where. */
int rig_host_listen(struct rig_host *host, bool unix_too);
/* Why accept failed. Of a shortage of descriptors or memory, which may pass, it tells the log, then waits a moment. */
void rig_host_tell_shortage(const struct rig_host *host, pthread_mutex_t *log_lock, int error);
/* Closes it, and removes the path of a unix socket. */
void rig_host_unlisten(const struct rig_host *host, int listener);

/* "example.org:8080": SERVER_NAME and SERVER_PORT, in place; the port of one without is 80. */
struct rig_host_authority {
    char name[256], port[8];
};
void rig_host_authority(struct rig_host_authority *to, const char *host);

/* Signals are for the program's own threads. */
sigset_t rig_host_block_signals(void);
void rig_host_restore_signals(const sigset_t *before);

#endif
