/* For hosts: what brings a stack into a real server. Not part of what a test or a layer needs; CONTRIBUTING.md says how
 * one is added.
 *
 * A host has a client for each thread that runs the stack. It makes a struct rig_request of what the server has received,
 * the body as its .source, and rig_host_send runs the stack for it. The answer is handed over while the request is open:
 * the head when the outermost layer has returned, then, of a stream, piece by piece as it is pulled. */
#ifndef STACKRIG_HOST_H
#define STACKRIG_HOST_H

#include <stackrig/host_answer.h>
#include <stackrig/serve.h>

struct rig_host {
    struct rig_stack *stack;
    struct rig_serve_options options; /* its defaults filled in */
    char address[160];
    int (*stop)(struct rig_host *host); /* 0 or -ETIMEDOUT; frees host */
};

#define rig_host_send(...) rig_host_send_at(RIG_SITE, __VA_ARGS__)

RIG_BEGIN_DECLS
/* The profile of a host's clients: a body that comes once, nothing is claimed of the way back. */
extern const struct rig_server rig_server_host;

/* A client for one thread; number: from 0, no two have the same, so that rig_env_serial is unique in all of the host. NULL:
 * out of memory. */
struct rig_client *rig_host_client(const struct rig_host *host, unsigned number);
/* Freezes the stack and sends its warm-up: 0, or -EINVAL or -ENOMEM with the reason in options.error. */
int rig_host_inspect(const struct rig_host *host);
/* Drops the client's last result, then runs its app for the request. The result, never NULL, is good until the next call;
 * its body is empty where the answer was a stream. .error: -EINVAL, and nothing was given: it is no request that a stack
 * takes, to be answered 400; what no layer handled, which is in the head; -errno of a stream that broke off: the answer
 * must not look whole. */
const struct rig_result *rig_host_send_at(const char *site, struct rig_client *client,
                                          const struct rig_request *request, const struct rig_host_answer *answer);
/* Tells options.log what the layers wrote to the error stream, what no layer handled, and the findings. A lock of the
 * host's own must be held, here and in the next two. */
void rig_host_log_result(const struct rig_host *host, const struct rig_result *result);
/* One line: a control character in it, but a tab, is told as "\x0a". */
void rig_host_log(const struct rig_host *host, const char *format, ...) RIG_PRINTF_(2, 3);
/* "GET /a?token=****: " and what follows: secrets of the target are hidden. */
void rig_host_log_request(const struct rig_host *host, const char *method, const char *target, const char *format, ...)
    RIG_PRINTF_(4, 5);
/* Writes to options.error. */
void rig_host_complain(const struct rig_host *host, const char *format, ...) RIG_PRINTF_(2, 3);
/* The request as a client writes it on its connection, in client's memory until its next request: 0, -EINVAL (the result
 * says why), -ENOMEM. For those that compare a server with the rig. */
int rig_host_wire(struct rig_client *client, const struct rig_request *request, struct rig_bytes *wire);
RIG_END_DECLS

#endif
