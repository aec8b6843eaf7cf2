/* The connections that the requests of a file name. */
#ifndef STACKRIG_CLI_CONNECTIONS_H
#define STACKRIG_CLI_CONNECTIONS_H

#include <stackrig/connection.h>

#include "fuzz/target/credentials.h"
#include "harness/cli/plan/plan.h"
#include "harness/report/secrets.h"

struct rig_connections {
    struct rig_client *client;
    struct rig_named_connection *list;
    size_t count, capacity;
};

#define RIG_TARGET_ROOM 65536

/* The secrets of this run, the same in each process of it. */
const struct rig_fuzz_credentials *rig_run_credentials(void);
/* How many of them the stack gets, once it is loaded: both if the plan carries some, or if it has a RIG_FUZZ, whose build
 * may count on them; else none. */
size_t rig_run_secret_count(const struct rig_plan *plan, const char *stack);
/* The request with the credentials that it says; in room its target, if they stand there. */
struct rig_request rig_request_carrying(const struct rig_case *one, char room[RIG_TARGET_ROOM]);
/* What of the request, with these, and of the settings must not be printed. */
void rig_case_secrets(struct rig_secrets *secrets, const struct rig_case *one, const struct rig_check_options *options);
/* Sends the request on its connection, or on one of its own. */
const struct rig_result *rig_connections_send(struct rig_connections *connections, const struct rig_case *one);
void rig_connections_free(struct rig_connections *connections); /* before the client */

#endif
