/* A connection: opened, asked how it stands, closed. */
#include "harness/client/connected.h"

#include <errno.h>

static struct rig_link *new_link(struct rig_client *client, const struct rig_link *shared)
{
    struct rig_link *connection = rig_memory_alloc(&client->runner.memory, sizeof *connection);
    if (!connection) {
        return NULL;
    }
    memset(connection, 0, sizeof *connection);
    connection->client = client;
    connection->upstream = shared && client->server->pools ? shared->upstream : rig_upstream_new(client);
    if (!connection->upstream) {
        rig_memory_release(&client->runner.memory, connection, sizeof *connection);
        return NULL;
    }
    if (shared && client->server->pools) {
        rig_upstream_share(connection->upstream);
    }
    return connection;
}

struct rig_link *rig_connection_open_at(const char *site, struct rig_client *client,
                                        const struct rig_connection_options *options)
{
    if (!client) {
        (void)rig_misuse(NULL, RIG_MISUSE_NULL_ARGUMENT, site, "rig_connection_open was given a NULL client");
        return NULL;
    }
    if (options->shared && options->shared->client != client) {
        rig_mistake_keep(&client->runner.stray, RIG_EVENT_MISUSE, RIG_MISUSE_BAD_ARGUMENT, site,
                         "rig_connection_open's .shared is a connection of another client");
        return NULL;
    }
    struct rig_link *connection = new_link(client, options->shared);
    if (connection) {
        connection->kind = options->kind;
        connection->state.open = true;
        connection->sibling = client->connections;
        client->connections = connection;
    }
    return connection;
}

struct rig_link_state rig_connection_state(const struct rig_link *connection)
{
    if (!connection) {
        return (struct rig_link_state){0};
    }
    struct rig_link_state state = connection->state;
    const struct rig_upstream *upstream = connection->upstream;
    state.out_of_step = upstream->out_of_step;
    state.waiting = (struct rig_bytes){upstream->waiting, upstream->waiting_size};
    state.unclaimed = upstream->unclaimed;
    return state;
}

const struct rig_result *rig_connection_result(const struct rig_link *connection, size_t index)
{
    bool there = connection && connection->resets == connection->client->resets && index < connection->result_count;
    return there ? connection->results[index] : NULL;
}

void rig_connection_close(struct rig_link *connection)
{
    if (!connection) {
        return;
    }
    if (rig_link_is_busy(connection, __builtin_frame_address(0))) {
        (void)rig_misuse(NULL, RIG_MISUSE_CLIENT_BUSY, NULL,
                         "rig_connection_close came while a request is under way on that connection");
        return;
    }
    struct rig_memory *memory = &connection->client->runner.memory;
    struct rig_link **link = &connection->client->connections;
    while (*link != connection) {
        link = &(*link)->sibling;
    }
    *link = connection->sibling;
    rig_link_drop_partial(connection);
    rig_upstream_leave(connection->upstream);
    rig_memory_release(memory, connection, sizeof *connection);
}

void rig_connections_close(struct rig_client *client)
{
    while (client->connections) {
        rig_connection_close(client->connections);
    }
}
