/* One request with each fault: what `stackrig check --faults` does in the worker. */
#ifndef STACKRIG_CLI_TRIED_H
#define STACKRIG_CLI_TRIED_H

#include "harness/core/run.h"

#include <stackrig/client.h>

#include "harness/cli/protocol.h"

#define RIG_TRIED_FINDINGS 256 /* of one request; more are counted, not kept */

struct rig_tried {
    struct rig_report report; /* all of its results in one; .status: how many there were */
    struct rig_finding findings[RIG_TRIED_FINDINGS];
    struct rig_suppressed *suppressed;
    size_t suppressed_capacity;
    struct rig_trials trials;
    int fd; /* the pipe to the parent, which is told now and then that it goes on */
};

/* Sends the request again and again. site: of the request. */
void rig_tried_run(struct rig_tried *tried, int fd, const char *site, struct rig_client *client,
                   const struct rig_request *request);
void rig_tried_free(struct rig_tried *tried);

#endif
