/* Starts workers, listens to them, and goes on after one that died or hangs. */
#ifndef STACKRIG_CLI_SUPERVISE_H
#define STACKRIG_CLI_SUPERVISE_H

#include "harness/cli/plan/plan.h"
#include "harness/cli/run/protocol.h"
#include "harness/cli/run/watch.h"

/* How a worker was lost. */
struct rig_loss {
    bool hang;
    char how[128];      /* "SIGSEGV", "ended itself with exit status 3", "no answer in 10 s" */
    const char *during; /* NULL: while the request ran */
    bool in_request;    /* job says which */
    bool is_short;      /* while an allocation failed: where.memory */
    bool fault;         /* while a fault was tried: where says which */
    bool cut;           /* nor will the rest of its faults be */
    size_t job;
    uint64_t took;          /* ns since it was last heard of, in that job */
    bool late;              /* is_short: some time after the allocation failed: it broke what is used later */
    struct rig_watch where; /* a copy; its strings end */
};

/* Did the library that a program stands on fall over a missing allocation of its own, outside of the program's handlers? */
bool rig_loss_of_library(const struct rig_loss *loss, const struct rig_check_options *options);

struct rig_sink {
    void (*report)(void *closure, size_t job, const struct rig_job_report *report);
    void (*loss)(void *closure, const struct rig_loss *loss);
    void (*layers)(void *closure, unsigned count);
    void (*shortage)(void *closure); /* an allocation failed, and the request came back */
    void (*found)(void *closure, size_t job, const struct rig_job_report *report); /* with allocations that failed */
    void (*lingering)(void *closure); /* a program did not end by itself: AddressSanitizer looked for no leaks */
    void (*restart)(void *closure);   /* the program ended by itself, and is started again for what is left */
    void (*tick)(void *closure, size_t done); /* now and then */
    void *closure;
};

/* The plan is one of one profile. How many jobs came to an end, by a report or a loss; less than all: the stack could not be built any more. On wrong
 * input (no such stack, ...) complains and returns false. */
bool rig_supervise(const struct rig_plan *plan, const struct rig_check_options *options, const struct rig_sink *sink,
                   size_t *done);

#endif
