/* The process that loads the stack and runs the requests. */
#ifndef STACKRIG_CLI_WORKER_H
#define STACKRIG_CLI_WORKER_H

#include "harness/cli/plan.h"
#include "harness/cli/tried.h"
#include "harness/cli/watch.h"

#define RIG_ALLOCATIONS_MAX 1000 /* of one request, for --each-malloc */

struct rig_worker {
    const struct rig_check_options *options;
    const struct rig_plan *plan;
    struct rig_watch *watch;
    size_t first_job;
    struct rig_shortage first_malloc; /* of the first job; .nth 0: it has not run yet. Else it has, and so have those
                                       * before */
    int fd;                           /* the pipe to the parent */
};

/* Runs the plan from its first job on, then ends the process. */
_Noreturn void rig_worker_run(const struct rig_worker *worker);

#endif
