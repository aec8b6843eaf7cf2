/* Bytes on a connection that is kept: requests one behind the other, and the beginning of one that goes on later. */
#include "harness/client/connected.h"

#include "harness/http/wire.h"

#include <errno.h>

#define FIELDS_MAX 100 /* Apache's LimitRequestFields */

/* What a client has written down of a request: complete; or it goes on. */
enum part { PART_WHOLE, PART_HEAD, PART_BODY };

/* Where the chunked body ends; 0: it goes on. What is malformed goes to the end. */
static size_t chunked_end(const char *bytes, size_t size)
{
    struct rig_chunked chunked = {0};
    size_t at = 0;
    while (at < size && !chunked.done) {
        struct rig_slice piece;
        int64_t took = rig_chunked_decode(&chunked, bytes + at, size - at, &piece);
        if (took < 0) {
            return size;
        }
        at += (size_t)took;
    }
    return chunked.done ? at : 0;
}

/* The first request in bytes: its size. What is malformed is all there is. */
static size_t first_request(const char *bytes, size_t size, enum part *part)
{
    struct rig_wire_field fields[FIELDS_MAX];
    struct rig_wire_head head = {.fields = fields, .field_limit = FIELDS_MAX};
    struct rig_framing framing;
    int64_t head_size = rig_wire_head(bytes, size, &head);
    *part = head_size == 0 ? PART_HEAD : PART_WHOLE;
    if (head_size <= 0 || rig_wire_framing(fields, head.field_count, head.minor, &framing) != 0) {
        return size;
    }
    size_t at = (size_t)head_size, left = size - at, body = 0;
    if (framing.kind == RIG_FRAMING_CHUNKED) {
        body = chunked_end(bytes + at, left);
        *part = body == 0 ? PART_BODY : PART_WHOLE;
    } else if (framing.kind == RIG_FRAMING_LENGTH) {
        *part = framing.length > left ? PART_BODY : PART_WHOLE;
        body = *part == PART_WHOLE ? (size_t)framing.length : 0;
    }
    return *part == PART_WHOLE ? at + body : size;
}

static int keep_partial(struct rig_link *connection, const char *bytes, size_t size)
{
    connection->partial = rig_memory_alloc(&connection->client->runner.memory, size);
    if (!connection->partial) {
        return -ENOMEM;
    }
    memcpy(connection->partial, bytes, size);
    connection->partial_size = size;
    return 0;
}

/* What was kept, and what comes now, in the results' memory: a layer may jump out of a request. */
static int take_partial(struct rig_link *connection, struct rig_bytes *bytes)
{
    if (!connection->partial) {
        return 0;
    }
    struct rig_runner *runner = &connection->client->runner;
    struct rig_buffer joined = {.arena = &runner->results};
    int error = rig_buffer_append(&joined, connection->partial, connection->partial_size);
    error = error || bytes->size == 0 ? error : rig_buffer_append(&joined, bytes->data, bytes->size);
    if (error == 0) {
        rig_memory_release(&runner->memory, connection->partial, connection->partial_size);
        connection->partial = NULL;
        *bytes = (struct rig_bytes){joined.data, joined.size};
    }
    return error;
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

/* Not all of it is there: 0, or 1 when it is served all the same. */
static int serve_part(const struct raw *raw, struct rig_run *run, struct rig_bytes piece, enum part part)
{
    bool gone = raw->sending->disconnect_after > 0 && !raw->sending->half_close;
    if (!raw->ends) {
        int error = keep_partial(raw->connection, piece.data, piece.size);
        struct rig_exchange *exchange = error ? NULL : rig_run_add_exchange(run);
        if (exchange) {
            rig_result_refuse(run, exchange, 0, INCOMPLETE);
            run->report->result.delivery.client_connection = RIG_CONNECTION_KEPT;
            run->report->result.delivery.connection = RIG_CONNECTION_KEPT;
        }
        return exchange ? 0 : -ENOMEM;
    }
    if (part == PART_HEAD || run->server->reads_first) {
        struct rig_exchange *exchange = rig_run_add_exchange(run);
        if (!exchange) {
            return -ENOMEM;
        }
        rig_result_refuse(run, exchange, 0, part == PART_HEAD ? RIG_GONE_IN_HEAD : RIG_GONE_IN_BODY);
        run->report->result.delivery.outcome = gone ? RIG_GONE : RIG_CLOSED;
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

const struct rig_result *rig_link_send_raw(const char *site, struct rig_link *connection,
                                           const struct rig_sending *sending, const void *frame)
{
    uint64_t after = sending->disconnect_after;
    bool cut = after > 0 && after < sending->raw_size;
    struct rig_bytes bytes = {sending->raw, cut ? (size_t)after : sending->raw_size};
    struct raw raw = {connection, sending, site, frame, after > 0 || sending->half_close, 0, 0};
    const struct rig_result *first = NULL;
    if (take_partial(connection, &bytes) != 0) {
        return rig_unsent_at(site, connection->client, "rig_connection_send", -ENOMEM);
    }
    connection->state.request_size = sending->raw_size;
    connection->state.sent = bytes.size;
    connection->state.received = 0;
    size_t at = 0;
    do {
        enum part part = PART_HEAD;
        const char *from = bytes.size > 0 ? (const char *)bytes.data + at : "";
        size_t size = connection->state.open ? first_request(from, bytes.size - at, &part) : bytes.size - at;
        const struct rig_result *result =
            connection->state.open ? serve(&raw, (struct rig_bytes){from, size}, part, at + size < bytes.size)
                                   : rig_link_refuse_ended(site, connection, &sending->request, frame);
        first = first ? first : result;
        at += size;
    } while (at < bytes.size);
    return first;
}
