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

/* Zeroed memory for a server, whose first member is its host. NULL after complaining. */
void *rig_host_new(size_t size, const struct rig_serve_options *options);
/* Takes the stack and the options, with their defaults, and listens: *listener, or -errno after complaining. */
int rig_host_open(struct rig_host *host, struct rig_stack *stack, const struct rig_serve_options *options,
                  unsigned connections, bool unix_too, int *listener);

/* A request through the stack, at the time that it is where the options say no other. */
const struct rig_result *rig_host_run(const struct rig_host *host, struct rig_client *client,
                                      const struct rig_request *request, const struct rig_host_answer *outlet);
/* Logs what was found, one thread at a time. */
void rig_host_tell_result(const struct rig_host *host, pthread_mutex_t *log_lock, const struct rig_result *result);

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
