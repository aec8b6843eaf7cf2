/* Where an answer goes while it is made, in the place of the result: a server's connection. */
#ifndef STACKRIG_CORE_OUTLET_H
#define STACKRIG_CORE_OUTLET_H

#include "harness/core/run.h"

#include <stackrig/host_answer.h>

struct rig_outlet {
    const struct rig_host_answer *answer;
    bool began; /* told: its head was given */
    int failed; /* told: -errno of the server that it was given to */
};

/* Gives the answer to run's outlet, which is asked for once. 0, or -errno of the stream; *sent counts its bytes. */
int rig_outlet_send(struct rig_run *run, struct rig_response *response, uint64_t *sent);

#endif
