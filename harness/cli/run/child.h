/* A program as a child process: its input stays open, its output is kept to be shown. */
#ifndef STACKRIG_CLI_CHILD_H
#define STACKRIG_CLI_CHILD_H

#include <sys/types.h>

#include "harness/cli/run/worker.h"

#define RIG_CHILD_OUTPUT 8192 /* bytes that are kept: the last ones */

struct rig_child {
    int in, out; /* our ends; -1: closed */
    char text[RIG_CHILD_OUTPUT];
    size_t size;
    bool cut;   /* there was more before */
    bool asked; /* it did not end by itself: it got SIGTERM */
};

/* Starts options->program, handed what the worker has; worker->fd is its end of the pipe. The process, -1: errno. */
pid_t rig_child_start(struct rig_child *child, struct rig_worker *worker);
/* Keeps what it has printed meanwhile; never waits. */
void rig_child_listen(struct rig_child *child);
/* On stderr, if there is any. */
void rig_child_show(const struct rig_child *child, const char *path);
/* Ends its input, then asks it to end, then waits no more. True: it has ended by itself or at SIGTERM, with this status. */
bool rig_child_end(struct rig_child *child, pid_t process, int *status);
/* A crash, or what a sanitizer said at the end? */
bool rig_child_crashed(const struct rig_child *child, int status);
void rig_child_close(struct rig_child *child);

#endif
