/* A request on a connection that is kept. */
#include "harness/client/connected.h"

#include <errno.h>

static void close_source(const struct rig_request *request)
{
    if (request->source.close) {
        request->source.close(request->source.self);
    }
}

/* ---- how the connection stands afterwards ---- */

static void end(struct rig_link *connection, enum rig_end end, const char *why)
{
    connection->state.open = false;
    connection->state.end = end;
    connection->state.why = why;
}

static void settle(struct rig_link *connection, const struct rig_sending *sending, const struct rig_result *result)
{
    const struct rig_delivery *delivery = &result->delivery;
    if (delivery->outcome == RIG_GONE) {
        end(connection, RIG_END_CLIENT, "the client has gone away");
    } else if (sending->half_close) {
        end(connection, RIG_END_CLIENT, "the client has said that it sends nothing more");
    } else if (delivery->client_connection == RIG_CONNECTION_CLOSED || delivery->outcome == RIG_RESET ||
               delivery->outcome == RIG_CLOSED) {
        end(connection, RIG_END_SERVER, "the server closed it behind the answer");
    }
}

/* ---- a client that goes away before the stack can run ---- */

static void refuse_gone(struct rig_travel *travel, const char *reason)
{
    struct rig_run *run = travel->run;
    rig_travel_wait(travel, travel->sending->disconnect_after);
    rig_result_refuse(run, &run->exchanges[0], 0, reason);
    run->report->result.delivery.outcome = RIG_GONE;
}

/* Does the stack get the request? A server that waits for the whole of it has it then. */
static bool arrives(struct rig_travel *travel)
{
    struct rig_run *run = travel->run;
    struct rig_input *input = run->wire_input;
    uint64_t after = travel->sending->disconnect_after;
    if (travel->cut && after < travel->head.size) {
        refuse_gone(travel, "the client went away in the head of its request");
        return false;
    }
    if (!run->server->reads_first || !rig_travel_differs(travel) || !input->source.read) {
        return true;
    }
    if (travel->cut || rig_input_buffer(run, input) != 0) {
        refuse_gone(travel, "the client went away in the body of its request, which the server waits for");
        return false;
    }
    input->furthest = 0; /* off the connection, but not yet read */
    input->ended = false;
    return true;
}

/* ---- the send ---- */

static int send_built(struct rig_link *connection, struct rig_run *run, const struct rig_sending *sending,
                      struct rig_sent *sent)
{
    struct rig_travel *travel = rig_arena_zeroed(&run->arena, sizeof *travel);
    if (!travel) {
        return -ENOMEM;
    }
    travel->run = run;
    travel->sending = sending;
    int error = rig_travel_head(run, sent, &travel->head);
    error = error ? error : rig_travel_begin(travel, sent);
    if (error != 0) {
        return error;
    }
    struct rig_connection_state *state = &connection->state;
    state->requests++;
    state->request_size = travel->size == UINT64_MAX ? 0 : travel->size;
    state->sent = travel->cut ? sending->disconnect_after : state->request_size;
    state->received = 0;
    rig_env_body(run, sent);
    run->wire.client = connection->kind;
    run->wire.body_failed = travel->cut;
    if (!arrives(travel)) {
        return 0;
    }
    rig_travel_watch(travel);
    rig_send_serve(run, connection->client, sent);
    uint64_t head = travel->reader.head, taken = travel->reader.taken;
    state->received = taken > head ? taken - head : 0;
    return 0;
}

static const struct rig_result *refuse_ended(const char *site, struct rig_link *connection,
                                             const struct rig_sending *sending, const void *frame)
{
    const struct rig_result *refused;
    struct rig_run *run = rig_send_open(site, connection->client, &sending->request, frame, &refused);
    if (!run) {
        return refused;
    }
    close_source(&sending->request);
    struct rig_exchange *exchange = rig_run_add_exchange(run);
    if (exchange) {
        rig_result_refuse(run, exchange, 0, connection->state.why);
        run->report->result.delivery.outcome = RIG_CLOSED;
    } else {
        run->report->result.error = -ENOMEM;
    }
    return rig_send_close(connection->client, run);
}

const struct rig_result *rig_connection_send_at(const char *site, struct rig_link *connection,
                                                const struct rig_sending *sending)
{
    if (!connection) {
        close_source(&sending->request);
        return rig_refused_at(site, NULL, "rig_connection_send", RIG_MISUSE_NULL_ARGUMENT,
                              "rig_connection_send was given a NULL connection");
    }
    const void *frame = __builtin_frame_address(0);
    if (!connection->state.open) {
        return refuse_ended(site, connection, sending, frame);
    }
    const struct rig_result *result;
    struct rig_client *client = connection->client;
    struct rig_run *run = rig_send_open(site, client, &sending->request, frame, &result);
    if (!run) {
        return result;
    }
    struct rig_sent sent = {0};
    int error = rig_send_build(run, client, &sending->request, &sent);
    error = error ? error : send_built(connection, run, sending, &sent);
    run->report->result.error = error != 0 ? error : run->report->result.error;
    settle(connection, sending, &run->report->result);
    return rig_send_close(client, run);
}
