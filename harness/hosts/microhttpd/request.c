/* What libmicrohttpd calls, on the connection's thread: from its request to the rig's. */
#define _GNU_SOURCE
#include "harness/hosts/microhttpd/server.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The target as it came: before libmicrohttpd splits and decodes it. */
void *rig_daemon_request(void *server, const char *target, struct MHD_Connection *connection)
{
    struct rig_turn *turn = rig_turn_new(server, target, connection);
    struct rig_server_daemon *owner = server;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (turn && info) {
        turn->line = info->socket_context;
    }
    if (turn && turn->line) {
        (void)pthread_mutex_lock(&owner->lock);
        turn->line->turn = turn;
        (void)pthread_mutex_unlock(&owner->lock);
    }
    return turn;
}

/* ---- the request ---- */

static enum MHD_Result add_field(void *self, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct rig_turn *turn = self;
    (void)kind;
    turn->fields[turn->field_count++] = (struct rig_field){name, value ? value : ""};
    return MHD_YES;
}

static const char *find(const struct rig_turn *turn, const char *name)
{
    for (size_t i = 0; i < turn->field_count; i++) {
        if (strcasecmp(turn->fields[i].name, name) == 0) {
            return turn->fields[i].value;
        }
    }
    return NULL;
}

static void find_client(struct rig_turn *turn, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    socklen_t size =
        address && address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (!address ||
        getnameinfo(address, size, turn->remote_addr, sizeof turn->remote_addr, NULL, 0, NI_NUMERICHOST) != 0) {
        turn->remote_addr[0] = '\0';
    }
}

/* libmicrohttpd has read these, so they are right: a body with a length, one in chunks, or none. */
static void describe_body(struct rig_turn *turn)
{
    struct rig_request *request = &turn->request;
    const char *length = find(turn, "Content-Length");
    request->source_size = length ? strtoull(length, NULL, 10) : 0;
    if (request->source_size > 0 || find(turn, "Transfer-Encoding")) {
        request->source = rig_turn_source(turn);
    }
}

static void describe_server(struct rig_turn *turn)
{
    const char *host = find(turn, "Host");
    if (host && *host && turn->target[0] == '/') { /* else the target itself names it */
        rig_host_authority(&turn->authority, host);
        turn->request.env[0] = (struct rig_field){"SERVER_NAME", turn->authority.name};
        turn->request.env[1] = (struct rig_field){"SERVER_PORT", turn->authority.port};
    }
}

static int describe(struct rig_turn *turn, struct MHD_Connection *connection, const char *method, const char *version)
{
    int count = MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL);
    turn->fields = calloc((size_t)count + 1, sizeof *turn->fields);
    if (!turn->fields) {
        return -ENOMEM;
    }
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, add_field, turn);
    find_client(turn, connection);
    turn->request = (struct rig_request){.method = method,
                                         .target = turn->target,
                                         .http_version = strcmp(version, "HTTP/1.0") == 0 ? "1.0" : "1.1",
                                         .header_list = turn->field_count > 0 ? turn->fields : NULL,
                                         .header_count = turn->field_count,
                                         .remote_addr = turn->remote_addr[0] ? turn->remote_addr : NULL};
    describe_body(turn);
    describe_server(turn);
    return 0;
}

/* ---- the calls ---- */

/* An answer in the first call ends the connection: only where the client waits to be told whether to send its body is
 * the stack waited for here. libmicrohttpd then says 100 Continue, if there is no answer. */
static enum MHD_Result begin(struct rig_turn *turn, struct MHD_Connection *connection, const char *method,
                             const char *version)
{
    int error = describe(turn, connection, method, version);
    if (error == 0 && turn->request.source_size > turn->server->host.options.body_max) {
        return rig_turn_refuse(connection, 413);
    }
    turn->begun = error == 0;
    error = error ? error : rig_worker_begin(turn);
    if (error != 0) {
        turn->begun = false;
        turn->request.method = method;
        rig_turn_log(turn, "there is no %s to run it", error == -ENOMEM ? "memory" : "thread");
        return rig_turn_refuse(connection, 503);
    }
    const char *expect = find(turn, "Expect");
    bool waits = expect && strcasecmp(expect, "100-continue") == 0 && turn->request.source.read;
    return waits && rig_turn_wait_asked(turn) ? rig_turn_queue(turn, connection) : MHD_YES;
}

enum MHD_Result rig_daemon_handle(void *server, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *size, void **self)
{
    struct rig_turn *turn = *self;
    (void)url;
    if (!turn) {
        rig_daemon_log(server, "a request came when there was no memory for it");
        return MHD_NO;
    }
    if (!turn->begun) {
        return begin(turn, connection, method, version);
    }
    if (*size > 0) {
        bool taken = rig_turn_take(turn, data, *size);
        *size = 0;
        return taken ? MHD_YES : MHD_NO;
    }
    rig_turn_wait_answer(turn);
    return rig_turn_queue(turn, connection);
}

void rig_daemon_completed(void *server, struct MHD_Connection *connection, void **self,
                          enum MHD_RequestTerminationCode how)
{
    struct rig_turn *turn = *self;
    struct rig_server_daemon *owner = server;
    (void)connection, (void)how;
    if (!turn) {
        return;
    }
    *self = NULL;
    rig_turn_end(turn);
    (void)pthread_mutex_lock(&owner->lock);
    if (turn->line) {
        turn->line->turn = NULL;
    }
    (void)pthread_cond_broadcast(&owner->changed);
    (void)pthread_mutex_unlock(&owner->lock);
    rig_turn_free(turn);
}
