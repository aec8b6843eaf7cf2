/* One request with each fault: what `stackrig check --faults` does in the worker. */
#ifndef STACKRIG_CLI_TRIED_H
#define STACKRIG_CLI_TRIED_H

#include "harness/core/run.h"

#include <stackrig/client.h>

#include "harness/cli/run/protocol.h"

#define RIG_TRIED_FINDINGS 256 /* of one request; more are counted, not kept */

struct rig_tried {
    struct rig_report report; /* all of its results in one; .status: how many there were */
    struct rig_finding findings[RIG_TRIED_FINDINGS];
    struct rig_again again[RIG_TRIED_FINDINGS];
    int last[RIG_TRIED_FINDINGS]; /* the request that had it last */
    bool at_once;                 /* what is found is told before the next request, which may be the last */
    struct rig_suppressed *suppressed;
    size_t suppressed_capacity;
    struct rig_trials trials;
    int64_t begun;      /* of the wall clock */
    bool (*over)(void); /* of the worker, set before each */
    int fd;             /* the pipe to the parent, which is told now and then that it goes on */
    uint32_t job;
};

/* Sends the request again and again, and leaves out what the watch says. Does not return where that says stop: the report
 * is sent, and the process ends. site: of the request. */
void rig_tried_run(struct rig_tried *tried, int fd, uint32_t job, const char *site, struct rig_client *client,
                   const struct rig_request *request);
/* An allocation that fails, alone or with all after it. */
struct rig_shortage {
    uint64_t nth; /* from 1 */
    bool always;
};

/* The same with each allocation, from one on: for --each-malloc. Tells the parent of each that failed, and came back.
 * memory: shows which one it is. */
void rig_tried_short(struct rig_tried *tried, int fd, uint32_t job, const char *site, struct rig_client *client,
                     const struct rig_request *request, const struct rig_shortage *first,
                     struct rig_malloc_fault *memory);
void rig_tried_free(struct rig_tried *tried);

#endif
