/* A stack that was tested, served: the same layers behind a real server.
 *
 * The core needs no server. Each host is a library of its own, linked beside it:
 *
 *     cc main.c stack.c -lstackrig-host-microhttpd -lstackrig      HTTP/1.1 by libmicrohttpd
 *     cc main.c stack.c -lstackrig-host-fastcgi -lstackrig         FastCGI by libfcgi, behind nginx and others
 *
 * Threads: requests run at the same time, each on a thread of its own. They share the stack, so an instance that init
 * has set up may be read by all, and what a layer changes in it needs a lock of the layer's own. What belongs to a request
 * (env, response, input, what rig_env_alloc gives) is of its thread alone. */
#ifndef STACKRIG_SERVE_H
#define STACKRIG_SERVE_H

#include <stackrig/client.h>
#include <stackrig/stack.h>

struct rig_host; /* a server that runs */

struct rig_serve_options {
    /* Where to listen: "127.0.0.1:8080", "[::1]:8080", ":8080" (every address), port 0 for one that is free; FastCGI also
     * "unix:/run/app.sock". NULL: "127.0.0.1:0". */
    const char *address;
    unsigned connections; /* at once; 0: 64. FastCGI: requests at once, 0: 8. Each has a thread for the stack */
    unsigned timeout;     /* seconds without a byte to or from the client; 0: 30. The stack takes the time it takes */
    unsigned grace;       /* seconds that rig_serve_stop waits for answers under way; 0: 30 */
    /* Bytes of a connection's memory for the request's line and fields, and those of the answer; 0: 32 KiB. More than
     * fits is answered as the server does it: libmicrohttpd says 431, or 414 of the target. Not for FastCGI, where the web
     * server in front has its own limit. */
    size_t head_max;
    uint64_t body_max;                  /* bytes of a request body, more is a 413; 0: 16 MiB. UINT64_MAX: no limit */
    const struct rig_check_set *checks; /* NULL: none, a stack that is served is not checked */
    int64_t now;                        /* the stack's clock, ns since the epoch, standing still; 0: the real time */
    /* One line, without its end, of what layers write to the error stream, findings, and what the host has to say. By one
     * thread at a time. NULL: to stderr. */
    void (*log)(void *self, const char *line);
    void *log_self;
    char *error; /* where it is told why a server did not start; NULL: nowhere */
    size_t error_size;
};

RIG_BEGIN_DECLS
/* Begins to serve, on threads of its own, with all signals blocked. The stack is borrowed, and frozen; a warm-up request
 * of its goes first. NULL: options.error says why: the address, and what is wrong with it; a stack that cannot run; no
 * memory. */
struct rig_host *rig_serve_microhttpd(struct rig_stack *stack, struct rig_serve_options options);
struct rig_host *rig_serve_fastcgi(struct rig_stack *stack, struct rig_serve_options options);
/* "127.0.0.1:43121", with the port that was free; "unix:/run/app.sock". */
const char *rig_serve_address(const struct rig_host *host);
/* Takes the connections that wait, then no more, answers the requests that have come, waits until their answers are sent,
 * and frees host. 0, or -ETIMEDOUT: after the grace some were not done, and were cut off. A layer is not: one that does not
 * return is waited for even then, since a thread cannot be ended from outside. NULL: nothing. */
int rig_serve_stop(struct rig_host *host);
/* Waits for SIGTERM or SIGINT, then rig_serve_stop. Both must be blocked in every thread from before the server starts
 * (rig_serve_signals), else one that comes early ends the process as it does by default. */
int rig_serve_wait(struct rig_host *host);
/* Blocks SIGTERM and SIGINT in the calling thread and those it makes from then on. */
void rig_serve_signals(void);
RIG_END_DECLS

#endif
