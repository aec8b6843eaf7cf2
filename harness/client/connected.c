/* A connection: opened, asked how it stands, closed. */
#include "harness/client/connected.h"

#include <errno.h>

struct rig_link *rig_connection_open_at(const char *site, struct rig_client *client,
                                        const struct rig_connection_options *options)
{
    if (!client) {
        (void)rig_misuse(NULL, RIG_MISUSE_NULL_ARGUMENT, site, "rig_connection_open was given a NULL client");
        return NULL;
    }
    struct rig_link *connection = rig_memory_alloc(&client->runner.memory, sizeof *connection);
    if (!connection) {
        return NULL;
    }
    memset(connection, 0, sizeof *connection);
    connection->client = client;
    connection->kind = options->kind;
    connection->state.open = true;
    connection->sibling = client->connections;
    client->connections = connection;
    return connection;
}

struct rig_connection_state rig_connection_state(const struct rig_link *connection)
{
    return connection ? connection->state : (struct rig_connection_state){0};
}

static void release(struct rig_link *connection)
{
    rig_memory_release(&connection->client->runner.memory, connection, sizeof *connection);
}

void rig_connection_close(struct rig_link *connection)
{
    if (!connection) {
        return;
    }
    struct rig_link **link = &connection->client->connections;
    while (*link != connection) {
        link = &(*link)->sibling;
    }
    *link = connection->sibling;
    release(connection);
}

void rig_connections_close(struct rig_client *client)
{
    while (client->connections) {
        rig_connection_close(client->connections);
    }
}
