/* A request on its way along a connection that is kept: served there, behind what was left on it, or not at all because
 * the server has closed it; and what its client receives. */
#include "harness/client/connected.h"

#include <errno.h>
#include <stdio.h>

/* ---- what is received ---- */

struct words {
    const char *request; /* "GET /account" */
    const struct rig_blame *blame;
    const char *layer;
};

static const char *tell(struct rig_run *run, const struct words *words, const struct rig_received *received)
{
    const struct rig_blame *blame = words->blame;
    if (received->status == 0) {
        return rig_arena_print(
            &run->arena,
            "%s gets no answer: the server takes it for a part of what stands in the %s that %s left "
            "of %s",
            words->request, blame->left, words->layer, blame->request);
    }
    if (received->refused) {
        return rig_arena_print(&run->arena, "%s got a %d: %s left %s of %s on the connection before it", words->request,
                               received->status, words->layer, blame->left, blame->request);
    }
    const char *target = received->target ? received->target : "?";
    return rig_arena_print(&run->arena, "%s got %d, the answer to %s %.*s%s: %s left %s of %s on the connection",
                           words->request, received->status, received->method ? received->method : "?",
                           (int)strcspn(target, "?#"), target,
                           received->phantom ? ", which stood in a body" : ", another's request", words->layer,
                           blame->left, blame->request);
}

/* Tells the checks, and the delivery. */
static void deliver(struct rig_link *connection, struct rig_run *run, const struct rig_received *received)
{
    static const struct rig_received nothing = {.body = ""};
    const struct rig_blame *blame = &connection->upstream->blame;
    struct rig_result *result = &run->report->result;
    char request[96] = "what is sent next"; /* no request of ours: bytes behind one */
    if (result->method && result->target) {
        (void)snprintf(request, sizeof request, "%.20s %.*s", result->method, (int)strcspn(result->target, "?#"),
                       result->target);
    }
    const struct words words = {request, blame, blame->layer ? blame->layer : "a layer"};
    result->received = received ? received : &nothing;
    result->delivery = (struct rig_delivery){.outcome = RIG_MISDIRECTED,
                                             .status = result->received->status,
                                             .connection = RIG_CONNECTION_DESYNCHRONISED,
                                             .client_connection = RIG_CONNECTION_DESYNCHRONISED,
                                             .race = blame->race,
                                             .share = blame->share,
                                             .server = run->server->name,
                                             .modelled = run->server->modelled,
                                             .worked_out = run->server->worked_out,
                                             .source = blame->source,
                                             .unread = result->delivery.unread,
                                             .offered = result->delivery.offered};
    const char *text = tell(run, &words, result->received);
    const char *left = rig_arena_print(&run->arena, "%s, %s left", blame->request, blame->left);
    if (!text || !left) {
        result->error = -ENOMEM;
        return;
    }
    rig_emit(run, &(struct rig_event){.kind = RIG_EVENT_REUSE,
                                      .facts = RIG_FACT_ALWAYS | RIG_FACT_ERROR,
                                      .site = blame->site,
                                      .name = left,
                                      .value = text,
                                      .origin = blame->sent_at});
}

/* A gateway sees that more came than it asked for, and drops its connection. */
static void receive(struct rig_link *connection, struct rig_run *run)
{
    int error;
    struct rig_upstream *upstream = connection->upstream;
    const struct rig_received *received = rig_upstream_take(upstream, run, &error);
    if (error != 0) {
        run->report->result.error = error;
        return;
    }
    deliver(connection, run, received);
    connection->state.received = run->report->result.received->body_size;
    if (run->server->relayed) {
        rig_upstream_renew(upstream);
    }
}

/* ---- the connection before it ---- */

/* Where a gateway does not keep it, where it was closed and nothing came, and where nothing is left of what put it out
 * of step, it is as good as new. */
static void prepare(struct rig_link *connection)
{
    struct rig_upstream *upstream = connection->upstream;
    const struct rig_server *server = connection->client->server;
    bool idle = !upstream->first && !upstream->waiting;
    if (server->relayed && (!server->pools || (upstream->closed && idle))) {
        rig_upstream_renew(upstream);
    }
    upstream->out_of_step = upstream->out_of_step && !(idle && !upstream->closed);
}

static void finish(struct rig_link *connection, struct rig_travel *travel, bool out_of_step)
{
    struct rig_run *run = travel->run;
    bool gone = travel->reader.room == 0;
    rig_travel_end(travel);
    run->further = NULL;
    if (out_of_step && gone) {
        run->report->result.delivery.outcome = RIG_GONE;
    } else if (out_of_step) {
        receive(connection, run);
    } else if (connection->upstream->requests > 1 && rig_is_wanted(run, RIG_EVENT_REUSE, RIG_FACT_ALWAYS)) {
        rig_emit(run, &(struct rig_event){.kind = RIG_EVENT_REUSE, .facts = RIG_FACT_ALWAYS});
    }
}

/* How a request gets on. */
enum way {
    WAY_CLEAR,
    WAY_BEHIND, /* something was left, and waits for its end */
    WAY_CLOSED  /* it is served no more, but answers stand on the connection */
};

static enum way way_of(const struct rig_upstream *upstream)
{
    return upstream->closed ? WAY_CLOSED : upstream->waiting ? WAY_BEHIND : WAY_CLEAR;
}

static void serve_left(struct rig_serving *serving, const struct rig_leftover *left)
{
    serving->travel = NULL;
    rig_connection_serve_leftover(serving, left);
    if (left->cut) { /* what comes behind it is not known */
        serving->upstream->closed = true;
    }
}

static void serve_joined(struct rig_serving *serving, struct rig_bytes head, struct rig_bytes body)
{
    struct rig_bytes joined = rig_upstream_join(serving->upstream, serving->run, head, body);
    if (!joined.data) {
        serving->run->report->result.error = -ENOMEM;
        return;
    }
    serving->joined = serving->phantom = true;
    rig_travel_end(serving->travel);
    serving->travel = NULL;
    rig_connection_serve(serving, joined);
}

/* ---- a request in run's env ---- */

static void serve_clear(struct rig_serving *serving, const struct rig_sent *sent)
{
    struct rig_run *run = serving->run;
    struct rig_leftover left = {{NULL, 0}, NULL};
    enum rig_connection became = rig_run_exchange(run, &serving->client->app);
    rig_travel_end(serving->travel);
    if (became == RIG_CONNECTION_DESYNCHRONISED && run->server->keeps_alive) {
        left = rig_connection_leftover(run, sent);
    }
    rig_serving_answered(serving, &run->exchanges[run->exchange], became);
    rig_run_end_exchange(run);
    if (left.wire.size > 0) {
        serve_left(serving, &left);
    }
}

/* Its bytes, as the connection carries them. */
static void serve_behind(struct rig_serving *serving, const struct rig_sent *sent)
{
    struct rig_run *run = serving->run;
    struct rig_leftover body = {{NULL, 0}, NULL};
    if (sent->has_body) {
        body = rig_connection_leftover(run, sent);
    }
    rig_run_end_exchange(run);
    serve_joined(serving, serving->travel->head, body.wire);
}

void rig_link_serve(struct rig_link *connection, struct rig_travel *travel, const struct rig_sent *sent)
{
    struct rig_run *run = travel->run;
    struct rig_upstream *upstream = connection->upstream;
    struct rig_serving serving = {
        .run = run, .client = connection->client, .upstream = upstream, .travel = travel, .kind = connection->kind};
    prepare(connection);
    bool out_of_step = upstream->out_of_step;
    run->further = &serving.further;
    upstream->requests++;
    switch (way_of(upstream)) {
    case WAY_CLEAR:
        serve_clear(&serving, sent);
        break;
    case WAY_BEHIND:
        serve_behind(&serving, sent);
        break;
    case WAY_CLOSED:
        rig_run_end_exchange(run);
        break;
    }
    finish(connection, travel, out_of_step);
}

/* ---- a request as bytes ---- */

/* Of a request that is not read off these bytes itself: its name. */
static int name_request(struct rig_run *run, struct rig_bytes wire)
{
    struct rig_exchange *exchange = rig_run_add_exchange(run);
    const char *bytes = wire.data, *space = memchr(bytes, ' ', wire.size);
    size_t method = space ? (size_t)(space - bytes) : 0, rest = wire.size - method;
    const char *end = space && rest > 1 ? memchr(space + 1, ' ', rest - 1) : NULL;
    if (!exchange) {
        return -ENOMEM;
    }
    if (end) {
        exchange->method = rig_arena_copy(run->results, bytes, method);
        exchange->target = rig_arena_copy(run->results, space + 1, (size_t)(end - space) - 1);
        run->report->result.method = exchange->method;
        run->report->result.target = exchange->target;
    }
    return !end || (exchange->method && exchange->target) ? 0 : -ENOMEM;
}

static void serve_bytes(struct rig_serving *serving, struct rig_bytes wire, enum way way)
{
    struct rig_run *run = serving->run;
    if (way == WAY_CLEAR) {
        rig_connection_serve(serving, wire);
    } else if (name_request(run, wire) != 0) {
        run->report->result.error = -ENOMEM;
    } else if (way == WAY_BEHIND) {
        serve_joined(serving, wire, (struct rig_bytes){NULL, 0});
    }
}

void rig_link_serve_bytes(struct rig_link *connection, struct rig_travel *travel, struct rig_bytes wire)
{
    struct rig_run *run = travel->run;
    struct rig_upstream *upstream = connection->upstream;
    struct rig_serving serving = {
        .run = run, .client = connection->client, .upstream = upstream, .travel = travel, .kind = connection->kind};
    prepare(connection);
    bool out_of_step = upstream->out_of_step;
    upstream->requests++;
    serve_bytes(&serving, wire, way_of(upstream));
    finish(connection, travel, out_of_step);
}
