/* The process that loads the stack and runs the requests. */
#ifndef STACKRIG_CLI_WORKER_H
#define STACKRIG_CLI_WORKER_H

#include <stackrig/stack.h>

#include "harness/cli/plan/plan.h"
#include "harness/cli/run/tried.h"
#include "harness/cli/run/watch.h"

#define RIG_ALLOCATIONS_MAX 1000 /* of one request, for --each-malloc */

struct rig_worker {
    const struct rig_check_options *options;
    const struct rig_plan *plan;
    struct rig_watch *watch;
    size_t first_job;
    struct rig_shortage first_malloc; /* of the first job; .nth 0: it has not run yet. Else it has, and so have those
                                       * before */
    int fd;                           /* the pipe to the parent */
    bool (*over)(void);               /* has the program come to its end by itself? NULL: it has not */
    bool inside;                      /* a program, whose main() may hold the lock of a stream while it waits there */
};

/* Runs the plan, one of one profile, from its first job on, then ends the process. */
_Noreturn void rig_worker_run(const struct rig_worker *worker);
/* In a program that runs as a child: the jobs of the first one's profile, through the program's app. */
void rig_worker_serve(const struct rig_worker *worker, struct rig_app app);
/* Says why nothing can be run, and ends the process. */
_Noreturn void rig_worker_refuse(const struct rig_worker *worker, const char *why);

#endif
