/* A request on a connection that is kept, several at once, or bytes. */
#include "harness/client/connected.h"

#include <errno.h>

/* ---- how the connection stands afterwards ---- */

void rig_link_end(struct rig_link *connection, enum rig_end end, const char *why)
{
    connection->state.open = false;
    connection->state.end = end;
    connection->state.why = why;
}

/* With answers on it that nobody asked for yet, a client finds out later that its server has closed it. */
static bool is_closed_by_server(const struct rig_link *connection, const struct rig_delivery *delivery)
{
    const struct rig_upstream *upstream = connection->upstream;
    bool closed = delivery->client_connection == RIG_CONNECTION_CLOSED || delivery->outcome == RIG_RESET ||
                  delivery->outcome == RIG_CLOSED;
    return connection->client->server->relayed ? closed : (closed || upstream->closed) && !upstream->first;
}

/* more: what the client sends now goes on behind this request. */
static void settle(struct rig_link *connection, const struct rig_sending *sending, const struct rig_result *result,
                   bool more)
{
    const struct rig_delivery *delivery = &result->delivery;
    if (more && (delivery->outcome == RIG_GONE || sending->half_close)) {
        return;
    }
    if (delivery->outcome == RIG_GONE) {
        rig_link_end(connection, RIG_END_CLIENT, "the client has gone away");
        if (!result->refused) {
            rig_upstream_renew(connection->upstream); /* a gateway drops its connection, too */
        }
    } else if (sending->half_close) {
        rig_link_end(connection, RIG_END_CLIENT, "the client has said that it sends nothing more");
    } else if (delivery->outcome != RIG_NOT_SENT && is_closed_by_server(connection, delivery)) {
        rig_link_end(connection, RIG_END_SERVER, "the server closed it behind the answer before");
    }
}

/* ---- results ---- */

static void forget_results(struct rig_link *connection)
{
    connection->result_count = connection->result_room = 0;
    connection->resets = connection->client->resets;
}

/* Room for one more: 0 or -ENOMEM. */
static int reserve_result(struct rig_link *connection)
{
    if (connection->resets != connection->client->resets) {
        forget_results(connection);
    }
    size_t count = connection->result_count, room = count > 0 ? count * 2 : 1;
    if (count < connection->result_room) {
        return 0;
    }
    const struct rig_result **grown = rig_arena_alloc(&connection->client->runner.results, room * sizeof *grown);
    if (!grown) {
        return -ENOMEM;
    }
    if (count > 0) {
        memcpy(grown, connection->results, count * sizeof *grown);
    }
    connection->results = grown;
    connection->result_room = room;
    return 0;
}

static void keep_result(struct rig_link *connection, const struct rig_result *result)
{
    connection->results[connection->result_count++] = result;
}

/* ---- runs ---- */

struct rig_run *rig_link_open_run(struct rig_link *connection, const char *site, const struct rig_request *request,
                                  const void *frame, const struct rig_result **refused)
{
    struct rig_run *run = NULL;
    if (reserve_result(connection) != 0) {
        rig_request_drop_source(request);
        *refused = rig_unsent_at(site, connection->client, "rig_connection_send", -ENOMEM);
    } else {
        run = rig_send_open(site, connection->client, "rig_connection_send", request, frame, refused);
    }
    if (run) {
        connection->run = run;
        connection->report = run->report;
    }
    return run;
}

const struct rig_result *rig_link_close_run(struct rig_link *connection, struct rig_run *run,
                                            const struct rig_sending *sending, int error, bool more)
{
    run->report->result.error = error < 0 ? error : run->report->result.error;
    settle(connection, sending, &run->report->result, more);
    connection->run = NULL;
    const struct rig_result *result = rig_send_close(connection->client, run);
    keep_result(connection, result);
    return result;
}

const struct rig_result *rig_link_refuse_ended(const char *site, struct rig_link *connection,
                                               const struct rig_request *request, const void *frame)
{
    const struct rig_result *refused;
    struct rig_run *run = rig_link_open_run(connection, site, request, frame, &refused);
    if (!run) {
        return refused;
    }
    rig_request_drop_source(request);
    struct rig_exchange *exchange = rig_run_add_exchange(run);
    if (exchange) {
        rig_result_refuse(run, exchange, 0, connection->state.why);
        run->report->result.delivery.outcome = RIG_CLOSED;
    } else {
        run->report->result.error = -ENOMEM;
    }
    const struct rig_result *result = rig_send_close(connection->client, run);
    keep_result(connection, result);
    return result;
}

/* ---- a client that goes away before the stack can run ---- */

/* A client that only said that it sends nothing more gets what the profile has for it. */
void rig_link_refuse_gone(struct rig_run *run, struct rig_exchange *exchange, const struct rig_sending *sending,
                          const char *reason)
{
    struct rig_delivery *delivery = &run->report->result.delivery;
    const struct rig_wire wire = {.server = run->server,
                                  .body_failed = true,
                                  .break_read = true,
                                  .half_closed = true,
                                  .client = run->wire.client};
    rig_result_refuse(run, exchange, 0, reason);
    delivery->outcome = sending->half_close ? RIG_CLOSED : RIG_GONE;
    if (sending->half_close && run->server->relayed && run->server->deliver) {
        run->server->deliver(&wire, delivery);
        delivery->connection = RIG_CONNECTION_CLOSED;
        delivery->outcome = delivery->not_measured ? RIG_CLOSED : delivery->outcome;
        exchange->status = run->report->result.status = delivery->status;
    }
}

/* Does the stack get the request? A server that waits for the whole of it has it then. */
static bool arrives(struct rig_travel *travel)
{
    struct rig_run *run = travel->run;
    struct rig_input *input = run->wire_input;
    bool in_head = travel->cut && travel->sending->disconnect_after < travel->head.size;
    bool first = run->server->reads_first || (travel->cut && travel->coming < run->server->waits_below);
    bool waits = first && rig_travel_differs(travel) && input->source.read;
    if (in_head || (waits && (travel->cut || rig_input_buffer(run, input) != 0))) {
        rig_travel_wait(travel, travel->sending->disconnect_after);
        rig_link_refuse_gone(run, &run->exchanges[0], travel->sending, in_head ? RIG_GONE_IN_HEAD : RIG_GONE_IN_BODY);
        return false;
    }
    if (waits) {
        input->furthest = 0; /* it has come, but was not yet read */
        input->ended = false;
    }
    return true;
}

/* ---- a request ---- */

struct rig_travel *rig_travel_new(struct rig_run *run, const struct rig_sending *sending)
{
    struct rig_travel *travel = rig_arena_zeroed(&run->arena, sizeof *travel);
    if (travel) {
        travel->run = run;
        travel->sending = sending;
    }
    return travel;
}

void rig_link_note_received(struct rig_link *connection, const struct rig_travel *travel)
{
    uint64_t head = travel->reader.head, taken = travel->reader.taken;
    if (!travel->run->report->result.received) {
        connection->state.received = taken > head ? taken - head : 0;
    }
}

static int send_built(struct rig_link *connection, struct rig_run *run, const struct rig_sending *sending,
                      struct rig_sent *sent)
{
    struct rig_travel *travel = rig_travel_new(run, sending);
    int error = travel ? rig_travel_head(run, sent, &travel->head) : -ENOMEM;
    if (error != 0) {
        return error;
    }
    rig_travel_begin(travel, sent);
    struct rig_link_state *state = &connection->state;
    state->requests++;
    state->request_size = travel->size == UINT64_MAX ? 0 : travel->size;
    state->sent = travel->cut ? sending->disconnect_after : state->request_size;
    state->received = 0;
    rig_env_body(run, sent);
    const struct rig_request *request = &sending->request;
    error = request->fault ? rig_request_spoil(run, connection->client, request, sent) : 0;
    if (error != 0) {
        return error;
    }
    run->wire.client = connection->kind;
    run->wire.half_closed = sending->half_close;
    run->wire.body_failed = travel->cut;
    if (arrives(travel)) {
        rig_travel_watch(travel, run);
        rig_link_serve(connection, travel, sent);
        rig_link_note_received(connection, travel);
    }
    return 0;
}

static const struct rig_result *send_request(const char *site, struct rig_link *connection,
                                             const struct rig_sending *sending, const void *frame)
{
    const struct rig_result *result;
    struct rig_run *run = rig_link_open_run(connection, site, &sending->request, frame, &result);
    if (!run) {
        return result;
    }
    struct rig_sent sent = {0};
    int error = rig_send_build(run, connection->client, &sending->request, &sent);
    error = error ? error : send_built(connection, run, sending, &sent);
    return rig_link_close_run(connection, run, sending, error, false);
}

/* One that is wrong on purpose goes on the wire as it is. */
static const struct rig_result *send_malformed(const char *site, struct rig_link *connection,
                                               const struct rig_sending *sending, const void *frame)
{
    const struct rig_result *result;
    struct rig_client *client = connection->client;
    struct rig_run *run = rig_link_open_run(connection, site, &sending->request, frame, &result);
    if (!run) {
        return result;
    }
    struct rig_bytes wire = {NULL, 0};
    int error = rig_request_check(run, &sending->request);
    error = error ? error : rig_request_write(run, client, &sending->request, &wire);
    rig_request_drop_source(&sending->request);
    struct rig_sending raw = *sending;
    raw.raw = error ? NULL : rig_arena_copy(run->results, wire.data, wire.size);
    raw.raw_size = wire.size;
    raw.request.source = (struct rig_source){.read = NULL};
    if (!raw.raw) {
        return rig_link_close_run(connection, run, sending, error ? error : -ENOMEM, false);
    }
    connection->run = NULL;
    rig_run_abandon(run);
    return rig_link_send_raw(site, connection, &raw, frame);
}

/* Its slot may be another run's by now, and after a reset so may the memory of its report. */
bool rig_link_is_busy(struct rig_link *connection, const void *frame)
{
    (void)rig_runner_reclaim(&connection->client->runner, frame);
    const struct rig_run *run = connection->run;
    return run && run->state == RIG_RUN_OPEN && run->report == connection->report &&
           connection->resets == connection->client->resets;
}

static const struct rig_result *send_one(const char *site, struct rig_link *connection,
                                         const struct rig_sending *sending, const void *frame)
{
    if (!connection->state.open) {
        return rig_link_refuse_ended(site, connection, &sending->request, frame);
    }
    if (sending->raw) {
        return rig_link_send_raw(site, connection, sending, frame);
    }
    return sending->request.malformed ? send_malformed(site, connection, sending, frame)
                                      : send_request(site, connection, sending, frame);
}

/* Why nothing can be sent on it; NULL: it can. */
static const struct rig_result *refuse_call(const char *site, struct rig_link *connection, const char *call,
                                            const void *frame)
{
    if (!connection) {
        return rig_refused_at(site, NULL, call, RIG_MISUSE_NULL_ARGUMENT, "%s was given a NULL connection", call);
    }
    if (rig_link_is_busy(connection, frame)) {
        return rig_refused_at(site, connection->client, call, RIG_MISUSE_CLIENT_BUSY,
                              "%s came while a request is under way on that connection", call);
    }
    forget_results(connection);
    return NULL;
}

const struct rig_result *rig_connection_send_at(const char *site, struct rig_link *connection,
                                                const struct rig_sending *sending)
{
    const void *frame = __builtin_frame_address(0);
    const struct rig_result *refused = refuse_call(site, connection, "rig_connection_send", frame);
    if (refused) {
        rig_request_drop_source(&sending->request);
        return refused;
    }
    return send_one(site, connection, sending, frame);
}

const struct rig_result *rig_connection_pipeline_at(const char *site, struct rig_link *connection,
                                                    const struct rig_request *requests, size_t count)
{
    const void *frame = __builtin_frame_address(0);
    const struct rig_result *first = refuse_call(site, connection, "rig_connection_pipeline", frame);
    bool refused = first != NULL;
    for (size_t i = 0; i < count; i++) {
        if (refused) {
            rig_request_drop_source(&requests[i]);
            continue;
        }
        const struct rig_sending sending = {.request = requests[i]};
        const struct rig_result *result = send_one(site, connection, &sending, frame);
        first = first ? first : result;
    }
    return first ? first
                 : rig_refused_at(site, connection->client, "rig_connection_pipeline", RIG_MISUSE_BAD_ARGUMENT,
                                  "rig_connection_pipeline was given no request");
}
