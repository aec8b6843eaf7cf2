/* Bytes on a connection that is kept: requests one behind the other, and the beginning of one that goes on later. */
#include "harness/client/connected.h"

#include <errno.h>

/* What a client has written down of a request: complete; or it goes on. */
enum part { PART_WHOLE, PART_HEAD, PART_BODY };

/* The first request in bytes, which begin with those measured before: its size. What is malformed is all there is. */
static size_t first_request(const struct rig_server *server, struct rig_measure *measure, struct rig_bytes bytes,
                            enum part *part)
{
    struct rig_wire_field fields[RIG_WIRE_FIELDS_MAX];
    struct rig_wire_head head = {
        .fields = fields, .field_limit = RIG_WIRE_FIELDS_MAX, .host_optional = server->host_optional};
    int got = rig_measure_request(measure, &head, bytes, NULL);
    size_t size = got == 1 ? measure->head_size + measure->body_size : bytes.size;
    *part = got != 0 ? PART_WHOLE : measure->head_size > 0 ? PART_BODY : PART_HEAD;
    if (*part == PART_WHOLE) {
        *measure = (struct rig_measure){.head_size = 0};
    }
    return size;
}

/* ---- the beginning of one ---- */

/* bytes behind it: 0, or -ENOMEM and nothing has changed. */
static int keep(struct rig_link *connection, struct rig_bytes bytes)
{
    struct rig_partial *partial = &connection->partial;
    struct rig_memory *memory = &connection->client->runner.memory;
    size_t size = partial->size + bytes.size;
    if (size > partial->room) {
        size_t room = size < partial->room * 2 ? partial->room * 2 : size;
        char *grown = rig_memory_alloc(memory, room);
        if (!grown) {
            return -ENOMEM;
        }
        if (partial->bytes) {
            memcpy(grown, partial->bytes, partial->size);
            rig_memory_release(memory, partial->bytes, partial->room);
        }
        partial->bytes = grown;
        partial->room = room;
    }
    if (bytes.size > 0) {
        memcpy(partial->bytes + partial->size, bytes.data, bytes.size);
    }
    partial->size = size;
    return 0;
}

void rig_link_drop_partial(struct rig_link *connection)
{
    struct rig_partial *partial = &connection->partial;
    if (partial->bytes) {
        rig_memory_release(&connection->client->runner.memory, partial->bytes, partial->room);
    }
    *partial = (struct rig_partial){.bytes = NULL};
}

/* Into the results' memory: a layer may jump out of a request. */
static int take_partial(struct rig_link *connection, struct rig_bytes *bytes)
{
    const struct rig_partial *partial = &connection->partial;
    bytes->data = rig_arena_copy(&connection->client->runner.results, partial->bytes, partial->size);
    if (!bytes->data) {
        return -ENOMEM;
    }
    rig_link_drop_partial(connection);
    return 0;
}

/* ---- one request of the bytes ---- */

struct raw {
    struct rig_link *connection;
    const struct rig_sending *sending;
    const char *site;
    const void *frame;
    bool ends; /* the client sends nothing after these bytes */
    uint64_t before, lumps;
};

#define INCOMPLETE "the request is not complete: a server waits for the rest"

/* It goes on with what is sent next. */
static int wait_for_rest(struct rig_link *connection, struct rig_run *run, struct rig_bytes piece)
{
    bool kept = piece.data == connection->partial.bytes;
    if (piece.size > RIG_WAITING_MAX) {
        rig_link_drop_partial(connection);
        rig_link_end(connection, RIG_END_CLIENT, "the request on it went on for longer than is kept");
        return rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, run->site,
                          "a request that is sent in pieces goes on after %zu bytes: no more than %zu are kept of it",
                          piece.size, RIG_WAITING_MAX);
    }
    struct rig_exchange *exchange = rig_run_add_exchange(run);
    if (!exchange || (!kept && keep(connection, piece) != 0)) {
        return -ENOMEM;
    }
    rig_result_refuse(run, exchange, 0, INCOMPLETE);
    run->report->result.delivery.client_connection = RIG_CONNECTION_KEPT;
    run->report->result.delivery.connection = RIG_CONNECTION_KEPT;
    return 0;
}

/* Not all of it is there: 0, or 1 when it is served all the same. */
static int serve_part(const struct raw *raw, struct rig_run *run, struct rig_bytes piece, enum part part)
{
    if (!raw->ends) {
        return wait_for_rest(raw->connection, run, piece);
    }
    if (part == PART_HEAD || run->server->reads_first || piece.size < run->server->waits_below) {
        struct rig_exchange *exchange = rig_run_add_exchange(run);
        if (!exchange) {
            return -ENOMEM;
        }
        rig_link_refuse_gone(run, exchange, raw->sending, part == PART_HEAD ? RIG_GONE_IN_HEAD : RIG_GONE_IN_BODY);
        return 0;
    }
    return 1;
}

static const struct rig_result *serve(struct raw *raw, struct rig_bytes piece, enum part part, bool more)
{
    const struct rig_result *result;
    struct rig_link *connection = raw->connection;
    struct rig_run *run = rig_link_open_run(connection, raw->site, &raw->sending->request, raw->frame, &result);
    if (!run) {
        return result;
    }
    struct rig_travel *travel = rig_travel_new(run, raw->sending);
    int error = travel ? 0 : -ENOMEM;
    if (error == 0) {
        travel->before = raw->before;
        travel->lumps = raw->lumps;
        travel->cut = part != PART_WHOLE && raw->ends;
        connection->state.requests++;
        error = part == PART_WHOLE ? 1 : serve_part(raw, run, piece, part);
    }
    if (error == 1) {
        if (run->server->reads_first) {
            rig_travel_wait(travel, piece.size);
        }
        rig_travel_watch(travel, run);
        rig_link_serve_bytes(connection, travel, piece);
        rig_link_note_received(connection, travel);
        error = 0;
    }
    if (travel) {
        raw->lumps = travel->lumps;
    }
    raw->before += piece.size;
    return rig_link_close_run(connection, run, raw->sending, error, more);
}

/* The first has that size. */
static const struct rig_result *serve_all(struct raw *raw, struct rig_bytes bytes, size_t size, enum part part)
{
    struct rig_link *connection = raw->connection;
    const struct rig_result *first = NULL;
    for (;;) {
        struct rig_bytes piece = {bytes.data, size};
        const struct rig_result *result =
            connection->state.open ? serve(raw, piece, part, size < bytes.size)
                                   : rig_link_refuse_ended(raw->site, connection, &raw->sending->request, raw->frame);
        first = first ? first : result;
        bytes = (struct rig_bytes){(const char *)bytes.data + size, bytes.size - size};
        if (bytes.size == 0) {
            return first;
        }
        size = bytes.size;
        if (connection->state.open) {
            size = first_request(connection->client->server, &connection->partial.measure, bytes, &part);
        }
    }
}

const struct rig_result *rig_link_send_raw(const char *site, struct rig_link *connection,
                                           const struct rig_sending *sending, const void *frame)
{
    uint64_t after = sending->disconnect_after;
    bool cut = after > 0 && after < sending->raw_size;
    struct rig_bytes bytes = {sending->raw, cut ? (size_t)after : sending->raw_size};
    struct raw raw = {connection, sending, site, frame, after > 0 || sending->half_close, 0, 0};
    struct rig_partial *partial = &connection->partial;
    size_t kept = partial->size;
    if (kept == 0) {
        partial->measure = (struct rig_measure){.head_size = 0};
    } else if (keep(connection, bytes) != 0) {
        return rig_unsent_at(site, connection->client, "rig_connection_send", -ENOMEM);
    } else {
        bytes = (struct rig_bytes){partial->bytes, partial->size};
    }
    enum part part;
    size_t size = first_request(connection->client->server, &partial->measure, bytes, &part);
    if (kept > 0 && (part == PART_WHOLE || raw.ends) && take_partial(connection, &bytes) != 0) {
        return rig_unsent_at(site, connection->client, "rig_connection_send", -ENOMEM);
    }
    connection->state.request_size = kept + sending->raw_size;
    connection->state.sent = bytes.size;
    connection->state.received = 0;
    return serve_all(&raw, bytes, size, part);
}
