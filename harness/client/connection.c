/* What stands on a connection, parsed as a server parses it: one request after the other, and what an unread body left
 * is taken for the next. */
#include "harness/client/connected.h"
#include "harness/client/measure.h"

#include <errno.h>

#define HEAD_SHOWN 256

void rig_result_refuse(struct rig_run *run, struct rig_exchange *exchange, int status, const char *reason)
{
    exchange->status = status;
    exchange->refused = reason;
    if (run->exchange > 0) {
        return;
    }
    struct rig_result *result = &run->report->result;
    result->status = status;
    result->refused = reason;
    result->delivery = (struct rig_delivery){.outcome = RIG_REFUSED,
                                             .status = status,
                                             .connection = RIG_CONNECTION_CLOSED,
                                             .server = run->server->name,
                                             .modelled = run->server->modelled};
}

/* ---- a request on the wire ---- */

struct found {
    struct rig_wire_head head;
    struct rig_framing framing;
    struct rig_sent sent;
    const char *bytes; /* of the request */
    size_t size;       /* from there to the end of the wire */
    size_t head_size;
    size_t body_size;                /* on the wire, its framing included */
    bool cut;                        /* the body ends with the wire, before its own end */
    uint64_t content;                /* bytes of the body that are there */
    const struct rig_passed *passed; /* by the gateway; NULL: there is none */
};

int rig_env_wire_fields(struct rig_run *run, struct rig_client *client, struct rig_sent *sent,
                        const struct rig_wire_field *fields, size_t count)
{
    int error = 0;
    for (size_t i = 0; i < count && !error; i++) {
        const struct rig_wire_field *field = &fields[i];
        const struct rig_name *name =
            rig_names_get(&client->names, &run->arena, field->name.data, field->name.size, &error);
        const char *value = name ? rig_arena_copy(&run->arena, field->value.data, field->value.size) : NULL;
        error = value  ? rig_env_field(run, sent, name, (struct rig_slice){value, field->value.size})
                : name ? -ENOMEM
                       : error;
    }
    return error ? error : rig_env_host(run, sent);
}

/* Bytes that break off: the client went away in the middle of its body. */
struct broken_off {
    const char *at;
    size_t left;
};

static int64_t read_broken_off(void *self, void *buffer, size_t size)
{
    struct broken_off *body = self;
    if (body->left == 0) {
        return -ECONNRESET;
    }
    size = size < body->left ? size : body->left;
    memcpy(buffer, body->at, size);
    body->at += size;
    body->left -= size;
    return (int64_t)size;
}

static int break_off(struct rig_run *run, struct found *found)
{
    struct broken_off *body = rig_arena_alloc(&run->arena, sizeof *body);
    if (!body) {
        return -ENOMEM;
    }
    *body = (struct broken_off){found->sent.bytes, (size_t)found->content};
    found->sent.bytes = NULL;
    found->sent.source = (struct rig_source){.read = read_broken_off, .self = body};
    return 0;
}

/* What is wrong with it, for as long as the result. */
static const char *reason_of(struct rig_run *run, const struct rig_measure *measure)
{
    const char *told =
        measure->chunked.reason ? rig_arena_print(run->results, "chunked body: %s", measure->chunked.reason) : NULL;
    return told ? told : measure->reason;
}

static void take_measured(struct found *found, const struct rig_measure *measure, const struct rig_buffer *content)
{
    struct rig_sent *sent = &found->sent;
    found->framing = measure->framing;
    found->head_size = measure->head_size;
    found->body_size = measure->body_size;
    found->content = measure->content;
    sent->method = found->head.method;
    sent->target = found->head.target;
    sent->minor = found->head.minor;
    sent->has_body = measure->framing.kind != RIG_FRAMING_NONE;
    sent->chunked = measure->framing.kind == RIG_FRAMING_CHUNKED;
    if (sent->chunked) {
        sent->bytes = content->data ? (const void *)content->data : "";
        sent->size = content->size;
        sent->size_known = !found->cut;
    } else if (sent->has_body) {
        sent->bytes = found->bytes + found->head_size;
        sent->size = measure->framing.length;
        sent->size_known = true;
    }
}

/* The next request: 1; 0: the head is not complete; -EINVAL with status and reason; -ENOMEM. */
static int find_request(struct rig_run *run, struct found *found, int *status, const char **reason)
{
    struct rig_buffer content = {.arena = &run->arena};
    struct rig_measure measure = {0};
    found->head.field_limit = RIG_WIRE_FIELDS_MAX;
    found->head.host_optional = run->server->host_optional;
    found->head.fields = rig_arena_alloc(&run->arena, RIG_WIRE_FIELDS_MAX * sizeof *found->head.fields);
    if (!found->head.fields) {
        return -ENOMEM;
    }
    int got = rig_measure_request(&measure, &found->head, (struct rig_bytes){found->bytes, found->size}, &content);
    if (got < 0) {
        *status = measure.status;
        *reason = reason_of(run, &measure);
        return got;
    }
    found->cut = got == 0;
    take_measured(found, &measure, &content);
    return found->head_size > 0;
}

/* The same as a gateway finds it. */
static int find_passed(struct rig_run *run, struct found *found, int *status, const char **reason)
{
    struct rig_passed *passed = rig_arena_alloc(&run->arena, sizeof *passed);
    int got =
        passed ? rig_gateway_find(run, (struct rig_bytes){found->bytes, found->size}, passed, &found->sent) : -ENOMEM;
    if (got == 1) {
        found->passed = passed;
        found->head.method = found->sent.method;
        found->head.target = found->sent.target;
        found->head_size = passed->head_size;
        found->body_size = passed->size - passed->head_size;
        found->content = passed->content.size;
        found->cut = passed->cut;
        found->framing.kind = passed->chunked        ? RIG_FRAMING_CHUNKED
                              : found->sent.has_body ? RIG_FRAMING_LENGTH
                                                     : RIG_FRAMING_NONE;
    } else if (got == -EINVAL) {
        *status = passed->status;
        *reason = rig_gateway_reason(run, passed);
    }
    return got;
}

/* ---- serving ---- */

static bool is_known_method(struct rig_slice method)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (method.size == strlen(known[i]) && memcmp(method.data, known[i], method.size) == 0) {
            return true;
        }
    }
    return false;
}

/* What a server makes of it together with the request that then comes on the connection; NULL: out of memory. */
static const char *judge_joined(struct rig_run *run, struct found *found, struct rig_bytes joined, int *status)
{
    found->head.field_count = 0;
    int64_t parsed = rig_wire_head(joined.data, joined.size, &found->head);
    struct rig_slice method = found->head.method;
    *status = parsed < 0 ? found->head.status : 400;
    if (parsed < 0) {
        return rig_arena_print(run->results, "malformed with the next request on the connection behind it: %s",
                               found->head.reason);
    }
    if (!is_known_method(method)) {
        return rig_arena_print(run->results,
                               "with the next request on the connection behind it, its method is \"%.*s\"",
                               (int)(method.size < 60 ? method.size : 60), method.data);
    }
    *status = 0;
    return rig_is_empty_lines((struct rig_bytes){found->bytes, found->size})
               ? "empty lines, which a server skips: the next request on the connection is served as it is"
               : "it waits for its end: the next request on the connection becomes part of it";
}

/* The beginning of a request, fine so far: judged with what then comes, the next request of whoever uses it. */
static void refuse_beginning(struct rig_run *run, struct found *found, struct rig_exchange *exchange)
{
    static const char follower[] = "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n";
    struct rig_buffer joined = {.arena = &run->arena};
    int status = 0;
    const char *told = NULL;
    if (rig_buffer_append(&joined, found->bytes, found->size) == 0 &&
        rig_buffer_append(&joined, follower, sizeof follower - 1) == 0) {
        told = judge_joined(run, found, (struct rig_bytes){joined.data, joined.size}, &status);
    }
    if (told) {
        rig_result_refuse(run, exchange, status, told);
    } else {
        run->report->result.error = -ENOMEM;
    }
}

/* A server that answers 400 closes the connection behind it. */
static void refuse(struct rig_serving *serving, struct found *found, struct rig_exchange *exchange, int status,
                   const char *reason)
{
    struct rig_run *run = serving->run;
    if (reason) {
        rig_result_refuse(run, exchange, status, reason);
        rig_serving_refused(serving, exchange);
    } else if (serving->upstream) {
        rig_serving_waits(serving, exchange, (struct rig_bytes){found->bytes, found->size},
                          "it waits for its end: the next request on the connection becomes part of it");
    } else if (exchange->phantom) {
        refuse_beginning(run, found, exchange);
    } else {
        rig_result_refuse(run, exchange, 0, "the request is not complete: a server waits for the rest");
    }
}

/* Where on the wire the next request begins, counted from this one's first byte. */
static size_t next_begin(const struct rig_run *run, const struct found *found)
{
    uint64_t taken = run->wire_input->furthest;
    struct rig_chunked chunked = {0};
    if (run->wire.body_ended || found->framing.kind == RIG_FRAMING_NONE) {
        return found->head_size + found->body_size;
    }
    if (found->framing.kind == RIG_FRAMING_LENGTH) {
        return found->head_size + (size_t)taken;
    }
    int64_t took =
        rig_measure_chunks(&chunked, NULL, found->bytes + found->head_size, found->size - found->head_size, taken);
    return found->head_size + (size_t)(took > 0 ? took : 0);
}

/* What the gateway's server finds behind a request whose chunks the gateway has taken off: what is left of the content,
 * and what came behind the request. data NULL: its framing is still there, or *error. */
static struct rig_bytes left_unchunked(struct rig_run *run, const struct found *found, int *error)
{
    struct rig_buffer left = {.arena = &run->arena};
    if (!found->passed || found->framing.kind != RIG_FRAMING_CHUNKED || run->wire.body_ended ||
        found->content >= run->server->unchunks_below) {
        return (struct rig_bytes){NULL, 0};
    }
    size_t taken = (size_t)run->wire_input->furthest, whole = found->head_size + found->body_size;
    const char *content = found->passed->content.data;
    *error = rig_buffer_append(&left, "", 0);
    *error = *error ? *error : rig_buffer_append(&left, content + taken, (size_t)found->content - taken);
    *error = *error ? *error : rig_buffer_append(&left, found->bytes + whole, found->size - whole);
    return (struct rig_bytes){*error ? NULL : left.data, left.size};
}

static const char *target_refused(const struct found *found, struct rig_target *target)
{
    struct rig_slice text = found->sent.target, method = found->sent.method;
    struct rig_target_error wrong = {NULL, 0};
    return rig_target_received(text.data, text.size, target, &wrong) != 0
               ? wrong.reason
               : rig_target_mismatch(target->kind, method.data, method.size);
}

/* How the body comes: at once, broken off, or as its client sends it. */
static int set_body(struct rig_serving *serving, struct found *found)
{
    struct rig_travel *travel = serving->travel;
    if (travel) {
        travel->head.size = found->head_size;
        rig_travel_carry(travel, &found->sent, found->content, found->cut);
        return 0;
    }
    return found->cut ? break_off(serving->run, found) : 0;
}

static int build_found(struct rig_run *run, struct rig_client *client, struct found *found, const char **reason)
{
    struct rig_target target;
    *reason = target_refused(found, &target);
    int error = *reason ? -EINVAL : rig_run_begin(run);
    error = error ? error : rig_env_line(run, client, &found->sent, &target);
    error = error ? error : rig_env_wire_fields(run, client, &found->sent, found->head.fields, found->head.field_count);
    found->sent.keep_alive = rig_sent_keeps_alive(&found->sent);
    return error;
}

static int build_passed(struct rig_run *run, struct rig_client *client, const struct found *found,
                        struct rig_exchange *exchange)
{
    int error = rig_run_begin(run);
    return error ? error : rig_gateway_env(run, client, found->passed, &found->sent, exchange);
}

/* A gateway has taken the whole request off the client's connection, and may keep that whatever its server does. */
static bool goes_on(const struct rig_run *run, const struct found *found, enum rig_connection connection)
{
    return found->passed && !found->cut && connection != RIG_CONNECTION_DESYNCHRONISED && run->delivery &&
           run->delivery->client_connection == RIG_CONNECTION_KEPT;
}

/* Runs the request; the bytes that it and its body took, 0: the connection is at its end. */
static size_t run_found(struct rig_serving *serving, struct found *found, struct rig_exchange *exchange)
{
    struct rig_run *run = serving->run;
    struct rig_client *client = serving->client;
    const char *reason = NULL;
    int error = found->passed ? build_passed(run, client, found, exchange) : build_found(run, client, found, &reason);
    error = error ? error : set_body(serving, found);
    if (error != 0) {
        if (reason) {
            rig_result_refuse(run, exchange, 400, reason);
        }
        if (reason || error == RIG_REQUEST_REFUSED) {
            rig_serving_refused(serving, exchange);
        } else {
            run->report->result.error = error;
        }
        return 0;
    }
    run->further = &serving->further;
    rig_env_body(run, &found->sent);
    run->wire.body_failed = found->cut;
    run->wire.half_closed = serving->travel && serving->travel->sending->half_close;
    run->wire.client = serving->phantom ? RIG_CLIENT_DUPLEX : serving->kind;
    enum rig_connection connection = rig_run_exchange(run, &client->app);
    bool on = goes_on(run, found, connection);
    size_t begin = on ? found->head_size + found->body_size : next_begin(run, found);
    bool out_of_step = connection == RIG_CONNECTION_DESYNCHRONISED;
    struct rig_bytes left = {NULL, 0};
    if (!on && out_of_step && run->server->keeps_alive) {
        left = left_unchunked(run, found, &run->report->result.error);
    }
    if (serving->travel) {
        rig_travel_end(serving->travel);
        serving->travel = NULL;
    }
    rig_serving_answered(serving, exchange, connection);
    rig_run_end_exchange(run);
    serving->phantom = serving->phantom || out_of_step;
    if (left.data) {
        if (left.size > 0) {
            rig_connection_serve(serving, left);
        }
        return 0;
    }
    return on || (connection != RIG_CONNECTION_CLOSED && run->server->keeps_alive) ? begin : 0;
}

static int name_exchange(struct rig_run *run, const struct found *found, struct rig_exchange *exchange)
{
    exchange->method = rig_arena_copy(run->results, found->head.method.data, found->head.method.size);
    exchange->target = rig_arena_copy(run->results, found->head.target.data, found->head.target.size);
    return exchange->method && exchange->target ? 0 : -ENOMEM;
}

/* The bytes of what stands there, with its place among the result's exchanges; NULL: out of memory. */
static struct rig_exchange *add_exchange(struct rig_serving *serving, struct rig_bytes wire)
{
    struct rig_run *run = serving->run;
    struct rig_exchange *exchange = rig_run_add_exchange(run);
    size_t shown = wire.size < HEAD_SHOWN ? wire.size : HEAD_SHOWN;
    char *head = exchange ? rig_arena_copy(run->results, wire.data, shown) : NULL;
    if (!head) {
        return NULL;
    }
    exchange->phantom = serving->phantom;
    exchange->head = (struct rig_bytes){head, shown};
    return exchange;
}

/* What was found, with nothing wrong in its head. */
static size_t serve_found(struct rig_serving *serving, struct found *found, struct rig_exchange *exchange)
{
    struct rig_run *run = serving->run;
    if (name_exchange(run, found, exchange) != 0) {
        run->report->result.error = -ENOMEM;
        return 0;
    }
    if (run->exchange == 0) {
        run->report->result.method = exchange->method;
        run->report->result.target = exchange->target;
    }
    if (serving->cut && found->cut) {
        rig_result_refuse(run, exchange, 0, serving->cut);
        return 0;
    }
    if (serving->joined && !is_known_method(found->head.method)) {
        struct rig_slice method = found->head.method;
        const char *told = rig_arena_print(run->results, "behind what was left of a body, its method is \"%.*s\"",
                                           (int)(method.size < 60 ? method.size : 60), method.data);
        refuse(serving, found, exchange, 400, told ? told : "its method is none");
        return 0;
    }
    serving->joined = false;
    if (serving->phantom && found->cut) {
        rig_serving_waits(serving, exchange, (struct rig_bytes){found->bytes, found->size},
                          "it waits for its body: the next request on the connection becomes part of it");
        return 0;
    }
    return run_found(serving, found, exchange);
}

/* One request of the wire; the bytes it took, 0: nothing more is served. */
static size_t serve_one(struct rig_serving *serving, struct rig_bytes wire)
{
    struct rig_run *run = serving->run;
    struct rig_exchange *exchange = add_exchange(serving, wire);
    struct found found = {.bytes = wire.data, .size = wire.size};
    int status = 400;
    const char *reason = NULL;
    bool through = rig_has_gateway(run) && !serving->phantom && !serving->joined;
    int got = !exchange ? -ENOMEM
              : through ? find_passed(run, &found, &status, &reason)
                        : find_request(run, &found, &status, &reason);
    if (got == -ENOMEM) {
        run->report->result.error = -ENOMEM;
        return 0;
    }
    if (got == 1) {
        return serve_found(serving, &found, exchange);
    }
    if (serving->cut && got == 0) {
        rig_result_refuse(run, exchange, 0, serving->cut);
    } else {
        refuse(serving, &found, exchange, status, got < 0 ? (reason ? reason : "malformed") : NULL);
    }
    return 0;
}

void rig_connection_serve(struct rig_serving *serving, struct rig_bytes wire)
{
    struct rig_run *run = serving->run;
    size_t at = 0;
    if (wire.size == 0) {
        struct rig_exchange *exchange = rig_run_add_exchange(run);
        if (exchange) {
            rig_result_refuse(run, exchange, 0, "there is nothing on the connection");
        } else {
            run->report->result.error = -ENOMEM;
        }
    }
    while (at < wire.size && run->report->result.exchange_count < RIG_EXCHANGES_MAX) {
        size_t took = serve_one(serving, (struct rig_bytes){(const char *)wire.data + at, wire.size - at});
        if (took == 0) {
            return;
        }
        at += took;
    }
    if (at < wire.size && serving->upstream) { /* it closes behind so many: early-response 7, 63 on a connection */
        serving->upstream->closed = true;
    }
}

void rig_connection_serve_leftover(struct rig_serving *serving, const struct rig_leftover *left)
{
    serving->cut = left->cut;
    serving->phantom = true;
    if (left->wire.size > 0) {
        rig_connection_serve(serving, left->wire);
    }
}
