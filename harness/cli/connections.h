/* The connections that the requests of a file name. */
#ifndef STACKRIG_CLI_CONNECTIONS_H
#define STACKRIG_CLI_CONNECTIONS_H

#include <stackrig/connection.h>

#include "harness/cli/plan.h"

struct rig_connections {
    struct rig_client *client;
    struct rig_named_connection *list;
    size_t count, capacity;
};

/* Sends the request on its connection, or on one of its own. */
const struct rig_result *rig_connections_send(struct rig_connections *connections, const struct rig_case *one);
void rig_connections_free(struct rig_connections *connections); /* before the client */

#endif
