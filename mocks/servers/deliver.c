/* A composed profile's delivery: both timings are simulated, the verdict is the worse of the two. */
#include "mocks/servers/model.h"

#include <stdio.h>

#define ANSWER_HEAD 100 /* an answer's head, about: it counts towards the window */

/* From harmless to worst. */
static const struct {
    unsigned got;
    enum rig_outcome outcome;
    int status; /* 0: the answer's own; -1: none */
} ranks[] = {
    {RIG_GOT_WHOLE, RIG_DELIVERED, 0}, {RIG_GOT_ANOTHERS, RIG_DELIVERED, 0}, {RIG_GOT_CUT, RIG_TRUNCATED, 0},
    {RIG_GOT_400, RIG_REPLACED, 400},  {RIG_GOT_502, RIG_REPLACED, 502},     {RIG_GOT_503, RIG_REPLACED, 503},
    {RIG_GOT_NOTHING, RIG_CLOSED, -1}, {RIG_GOT_RESET, RIG_RESET, -1},
};

static size_t rank_of(const struct rig_fate *fate)
{
    size_t rank = sizeof ranks / sizeof *ranks - 1;
    while (rank > 0 && !(fate->got & ranks[rank].got)) {
        rank--;
    }
    return rank;
}

/* Without a gateway the client is the front, whichever it is. */
static const struct rig_front *front_of(const struct rig_wire *wire)
{
    const struct rig_front *front = wire->server->front;
    return !front->client || wire->client == RIG_CLIENT_DUPLEX ? front
           : wire->client == RIG_CLIENT_NAIVE                  ? RIG_FRONT(NAIVE)
                                                               : RIG_FRONT(HALF);
}

static struct rig_case case_of(const struct rig_wire *wire)
{
    const struct rig_server *server = wire->server;
    const struct rig_front *front = front_of(wire);
    uint64_t taken = wire->body_taken < wire->body_size ? wire->body_taken : wire->body_size;
    bool bodiless = wire->body_size == 0 && !wire->chunked;
    return (struct rig_case){.front = front,
                             .client = wire->client,
                             .transport = server->transport,
                             .engine = server->engine,
                             .chunked = wire->chunked,
                             .keep_alive = wire->keep_alive,
                             .expects = wire->expects,
                             .shuts = wire->half_closed,
                             .breaks_off = wire->body_failed,
                             .break_met = wire->break_read,
                             .length_known = wire->length_known,
                             .uploading = taken > 0 && taken < wire->body_size,
                             .end_read = wire->end_read || (bodiless && !front->fastcgi),
                             .body = wire->body_size,
                             .taken = taken,
                             .answer = ANSWER_HEAD + (wire->head_request ? 0 : wire->answer_size)};
}

/* ---- what the front logs ---- */

static void log_write(const struct rig_wire *wire, const struct rig_fate *fate, struct rig_delivery *delivery)
{
    const struct rig_front *front = wire->server->front;
    bool first = fate->write == 1 && front->log_first[0];
    const char *const *lines = first ? front->log_first : fate->pipe ? front->log_pipe : front->log_reset;
    delivery->log[0] = fate->write == 2 && front->log_second ? front->log_second : lines[0];
    delivery->log[1] = lines[1];
    if (first && lines[1] && wire->body_size == 0) { /* nothing is left unread in between: an end, not a reset */
        delivery->log[1] = front->log_gone;
    }
}

static void log_lines(const struct rig_wire *wire, const struct rig_fate *fate, struct rig_delivery *delivery)
{
    const struct rig_front *front = front_of(wire);
    if (fate->cause == RIG_CAUSE_WRITE) {
        log_write(wire, fate, delivery);
    } else if (fate->cause == RIG_CAUSE_READ) {
        delivery->log[0] = wire->length_known ? front->log_read : front->log_cut[0];
        delivery->log[1] = wire->length_known ? NULL : front->log_cut[1];
    } else if (fate->cause == RIG_CAUSE_GONE) {
        const char *own = wire->server->engine->refuses ? wire->server->engine->log : NULL;
        delivery->log[0] = front->log_gone ? front->log_gone : own;
        delivery->log[1] = front->log_gone ? own : NULL;
    } else if (fate->cause == RIG_CAUSE_MORE) {
        delivery->log[0] = front->log_more;
    }
}

/* ---- what follows ---- */

static const char *read_follows(const struct rig_front *front)
{
    return front->client ? "the connection ends with a reset behind the answer; a client that reads while it writes "
                           "has it"
           : front->log_read ? "the client has the answer; only the gateway's log shows an error"
                             : NULL;
}

static const char *cut_follows(const struct rig_front *front)
{
    return front->fastcgi
               ? "the connection is reset before the end record: the client can get the answer's head and "
                 "not its body"
               : "the connection ends with a reset in place of the answer's end: the client has it cut short";
}

static void replaced_follows(const struct rig_front *front, bool race, struct rig_delivery *delivery)
{
    if (!race) {
        rig_delivery_says(delivery,
                          "the socket does not hold the body: the gateway is still sending it when the app closes, "
                          "answers %d, and the app's answer is gone",
                          front->status);
        return;
    }
    rig_delivery_says(
        delivery,
        "if the gateway is still sending the body when the app closes, it answers %d and the app's answer "
        "is gone; else it delivers the answer%s%s%s",
        front->status, front->log_read ? " and logs \"" : "", front->log_read ? front->log_read : "",
        front->log_read ? "\"" : "");
}

static void write_follows(const struct rig_front *front, bool race, struct rig_delivery *delivery)
{
    switch (front->on_write) {
    case RIG_WRITE_SALVAGES:
        delivery->follows = front->client ? read_follows(front)
                                          : "the gateway's write can fail, and it delivers the answer all the same";
        return;
    case RIG_WRITE_ANSWERS:
        replaced_follows(front, race, delivery);
        return;
    case RIG_WRITE_CLOSES:
        delivery->follows = "the gateway is still sending the body when the app closes: it closes the client's "
                            "connection without a byte";
        return;
    case RIG_WRITE_GIVES_UP:
        delivery->follows = "the client is still writing when the connection closes, and never reads the answer";
        return;
    }
}

static void out_of_step(const struct rig_wire *wire, const struct rig_fate *fate, struct rig_delivery *delivery)
{
    unsigned long long rest = wire->body_size - wire->body_taken;
    const char *whose = front_of(wire)->client ? "the connection" : "the gateway's connection";
    if (wire->chunked && wire->body_size >= rig_front_unchunks_below(front_of(wire))) {
        rig_delivery_says(delivery,
                          "the chunk framing left on %s is taken for the next request's first line: the next "
                          "request on it gets a 400",
                          whose);
        return;
    }
    rig_delivery_says(delivery, "the %llu byte%s the start of the next request on %s%s", rest,
                      rest == 1 ? " becomes" : "s become", whose,
                      fate->next & RIG_NEXT_PHANTOM ? ": requests hidden in them are run, and the next user gets their "
                                                      "answer"
                                                    : ", which gets a 400");
}

/* The client said that it sends nothing more. */
static void shut_follows(const struct rig_wire *wire, struct rig_delivery *delivery)
{
    bool closes = front_of(wire)->on_break == RIG_BREAK_CLOSES;
    delivery->follows = !wire->body_failed ? "the gateway takes a client that says it sends nothing more for gone, and "
                                             "closes without an answer, unless that is through before"
                        : closes           ? "the gateway closes the connection of a client that breaks off its request"
                                           : "the gateway answers 400 to a client that breaks off its request";
}

static void say(const struct rig_wire *wire, const struct rig_fate *fate, bool race, struct rig_delivery *delivery)
{
    const struct rig_front *front = front_of(wire);
    if (wire->body_failed || (wire->half_closed && front->drops_shut)) {
        shut_follows(wire, delivery);
    } else if (fate->cause == RIG_CAUSE_GONE && wire->server->engine->refuses) {
        delivery->follows = "the server refuses an answer while the upload is pending and closes without a byte";
    } else if (delivery->outcome == RIG_TRUNCATED) {
        delivery->follows = cut_follows(front);
    } else if (fate->cause == RIG_CAUSE_WRITE) {
        write_follows(front, race, delivery);
    } else if (fate->cause == RIG_CAUSE_GONE) {
        delivery->follows = "the server has closed before the request arrived: the gateway answers in its place";
    } else if (fate->desynchronised) {
        out_of_step(wire, fate, delivery);
    } else if (fate->cause == RIG_CAUSE_MORE) {
        delivery->follows = "the server answers what is left of the body, and the gateway drops the connection for it";
    } else if (fate->cause == RIG_CAUSE_READ) {
        delivery->follows = read_follows(front);
    }
}

/* ---- the whole ---- */

static const char *share_of(const struct rig_wire *wire, const struct rig_fate *fate)
{
    const struct rig_front *front = front_of(wire);
    bool tcp = wire->server->transport->tcp;
    if (wire->body_failed || wire->half_closed) {
        return "it goes either way";
    }
    if (fate->desynchronised) {
        const char *share = (wire->chunked ? front->share_kept_chunked : front->share_kept)[tcp];
        return share ? share : "not measured";
    }
    if (front->share_small && wire->body_size <= front->flight) {
        return front->share_small;
    }
    return front->share[tcp] ? front->share[tcp] : "not measured";
}

static enum rig_connection clients_own(const struct rig_fate *fate)
{
    return fate->next & RIG_NEXT_LOST     ? RIG_CONNECTION_DESYNCHRONISED
           : fate->next & RIG_NEXT_CLOSED ? RIG_CONNECTION_CLOSED
                                          : RIG_CONNECTION_KEPT;
}

void rig_deliver_broken_off(struct rig_delivery *delivery)
{
    delivery->not_measured = true;
    delivery->follows = "the request's body broke off: what its client still gets of the answer was not measured";
}

/* Measured with a server over TCP that reads a request, or its head alone, and closes: GET, and 9 B, 64 KiB and 1 MiB, 5
 * times each. The gateways kept their clients' connections. */
static void deliver_hung_up(const struct rig_wire *wire, struct rig_delivery *delivery)
{
    const struct rig_front *front = front_of(wire);
    uint64_t left = wire->body_size - wire->body_taken;
    delivery->status = front->client ? 0 : front->status_hung_up;
    delivery->outcome = delivery->status ? RIG_REPLACED : RIG_CLOSED;
    if (front->client) {
        return;
    }
    if (!front->status_hung_up) {
        delivery->not_measured = true;
        delivery->follows = "the server closes without an answer: what its gateway makes of that was not measured";
        return;
    }
    delivery->client_connection = wire->keep_alive ? RIG_CONNECTION_KEPT : RIG_CONNECTION_CLOSED;
    delivery->log[0] = left == 0 ? front->log_hung_up[0] : NULL;
    delivery->log[1] = left == 0 ? front->log_hung_up[1] : NULL;
    delivery->follows = "the server closes without an answer: the gateway answers in its place";
    delivery->source = "mocks/servers/deliver.c: a server that reads the request and closes";
    if (front->on_write == RIG_WRITE_CLOSES && left > front->flight) {
        delivery->race = true;
        delivery->share = "of 1 MiB unread 1 of 5 had no answer at all";
    }
}

void rig_composed_deliver(const struct rig_wire *wire, struct rig_delivery *delivery)
{
    if (wire->hung_up) {
        delivery->worked_out = wire->server->worked_out;
        delivery->connection = delivery->client_connection = RIG_CONNECTION_CLOSED;
        deliver_hung_up(wire, delivery);
        return;
    }
    delivery->outcome = RIG_DELIVERED;
    delivery->worked_out = wire->server->worked_out;
    delivery->connection = delivery->client_connection = RIG_CONNECTION_CLOSED;
    bool whole = front_of(wire)->whole_first && !wire->half_closed; /* its client has nothing to do with it */
    if (wire->body_failed && (whole || front_of(wire)->on_break == RIG_BREAK_UNKNOWN)) {
        rig_deliver_broken_off(delivery);
        return;
    }
    struct rig_case it = case_of(wire);
    bool all_read = it.end_read && it.taken == it.body && !it.engine->early &&
                    !it.breaks_off; /* then it is all one when it closes */
    struct rig_fate worst = rig_simulate(&it, RIG_TIMING_WORST);
    struct rig_fate settled = all_read ? worst : rig_simulate(&it, RIG_TIMING_SETTLED);
    struct rig_fate both = rig_fate_of_both(worst, settled);
    size_t worst_rank = rank_of(&worst), settled_rank = rank_of(&settled);
    const struct rig_fate *verdict = settled_rank >= worst_rank ? &settled : &worst;
    size_t rank = settled_rank > worst_rank ? settled_rank : worst_rank;
    bool keeps = both.next & RIG_NEXT_ANSWER && wire->server->engine->keeps != RIG_KEEPS_NONE;
    delivery->timing = settled_rank == worst_rank  ? RIG_TIMING_ANY
                       : settled_rank > worst_rank ? RIG_TIMING_SETTLED
                                                   : RIG_TIMING_WORST;
    delivery->outcome = ranks[rank].outcome;
    delivery->status = ranks[rank].status < 0 ? 0 : ranks[rank].status ? ranks[rank].status : wire->status;
    delivery->connection = both.desynchronised         ? RIG_CONNECTION_DESYNCHRONISED
                           : wire->keep_alive && keeps ? RIG_CONNECTION_KEPT
                                                       : RIG_CONNECTION_CLOSED;
    delivery->client_connection = clients_own(&both);
    delivery->race = !rig_fate_sure(&both);
    delivery->share = delivery->race && !delivery->worked_out ? share_of(wire, &both) : NULL;
    log_lines(wire, verdict, delivery);
    if (!delivery->log[0] && settled_rank == worst_rank) { /* it comes to the same, but for the log */
        log_lines(wire, &worst, delivery);
        verdict = delivery->log[0] ? &worst : verdict;
    }
    say(wire, verdict, delivery->race, delivery);
    delivery->source =
        delivery->follows || delivery->log[0] || rank > 0 || both.desynchronised ? front_of(wire)->source : NULL;
}
