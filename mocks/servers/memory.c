/* No connection at all: request and answer are handed over in memory, as the mock clients of most frameworks do.
 * Nothing was measured and nothing is claimed. */
#include <stackrig/servers.h>

static void deliver(const struct rig_wire *wire, struct rig_delivery *delivery)
{
    (void)wire;
    delivery->outcome = RIG_DELIVERED;
    delivery->connection = RIG_CONNECTION_KEPT;
}

const struct rig_server rig_server_memory = {
    .name = "memory",
    .title = "request and answer in memory: nothing can go wrong on the wire",
    .rewindable = true,
    .repeats_joined = true,
    .deliver = deliver,
};
