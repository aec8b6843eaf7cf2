/* A server that speaks HTTP/1.1 over TCP to its clients, gives the stack the body as it comes and drains nothing.
 *
 * Measured (early-response: the cells `direct` over TCP, a small answer, loopback; the client of this profile is the
 * duplex one: it reads while it writes and goes on reading after a write error, as curl does):
 * - Kept alive (E7): the client has the answer; what is left of the body is parsed as the next request. 1 byte: the
 *   next request gets a 400, 20 of 20. 1 KiB and more that hold requests: those are answered, 20 of 20. A chunked body
 *   leaves its framing behind even when it is empty: 400, 20 of 20 up to 1 KiB. At 64 KiB, 1 MiB and 16 MiB it was 19,
 *   18 and 20 of 20: the other connections were gone before the next request.
 * - Not kept alive (E3): the server closes with bytes unread, the kernel sends RST at once. With a length the client
 *   lost nothing at any size (0 of 3,360), so the outcome is "delivered", surely. A naive client, one that writes
 *   everything before it reads, lost the answer from 64 KiB on; `follows` says so.
 * - The same without a length (E3n): the RST comes in place of the end, so the answer is taken as cut short: 20 of 20
 *   from 1 byte on, chunked from 0 on (16 MiB chunked: 19 of 20).
 *
 * Naive and half clients (stackrig/connection.h): as the profile "direct:tcp+kept" says.
 *
 * A chunked body of which a part was read was not measured: what is left need not begin with framing, so no 400 is
 * claimed, only that it is the next request.
 * Not covered: answers beyond the client's receive window, and real networks, where RFC 9112 9.6 warns that the RST can
 * overtake the answer. */
#include "harness/http/rare.h"
#include "mocks/servers/model.h"

#define KIB RIG_KIB

static void say_bytes(uint64_t unread, const char *further, struct rig_delivery *delivery)
{
    bool one = unread == 1;
    rig_delivery_says(delivery, "the %llu byte%s the start of the next request on the connection%s",
                      (unsigned long long)unread, one ? " becomes" : "s become", further);
}

static void say_chunked(const struct rig_wire *wire, uint64_t unread, struct rig_delivery *delivery)
{
    if (wire->body_taken == 0) {
        rig_delivery_says(delivery, "the chunk framing left on the connection is taken for the next request's first "
                                    "line: the next request on the connection gets a 400");
        delivery->source = "early-response 7: direct, chunked, even 0 B: 400 20/20";
    } else {
        if (unread > 0) {
            say_bytes(unread, ", with the framing around them", delivery);
        } else {
            rig_delivery_says(delivery, "the rest of the chunked body becomes the start of the next request on the "
                                        "connection");
        }
        delivery->source = "early-response 9, rule 6: keep-alive with bytes unread: the leftover is the next request";
    }
    if (unread >= 64 * KIB) {
        delivery->race = true;
        delivery->share = RIG_FRONT(DIRECT)->share_kept_chunked[1];
        delivery->source =
            "early-response, results.tsv: direct-tcp E7, chunked, duplex: 64K 19/20, 1M 18/20, 16M 20/20";
    }
}

static void desynchronised(const struct rig_wire *wire, uint64_t unread, struct rig_delivery *delivery)
{
    delivery->connection = RIG_CONNECTION_DESYNCHRONISED;
    if (wire->chunked) {
        say_chunked(wire, unread, delivery);
    } else if (unread < KIB) {
        say_bytes(unread, "", delivery);
        delivery->source = "early-response 7: direct, CL, 1 B: 400 20/20";
    } else {
        say_bytes(unread, ": requests hidden in them are run, and the next user gets their answer", delivery);
        delivery->source = "early-response 7: direct, CL, >= 1K holding requests: the response to /smuggled 20/20";
    }
}

static void closed_unread(const struct rig_wire *wire, uint64_t unread, struct rig_delivery *delivery)
{
    if (!wire->length_known) {
        delivery->outcome = RIG_TRUNCATED;
        rig_delivery_says(delivery, "the answer has no length and the connection ends with a reset in place of its "
                                    "end: the client takes it as cut short");
        delivery->source = "early-response 3: direct, duplex client, E3n: always seen as truncated (20/20 from 1 B)";
    } else if (unread < 64 * KIB) {
        rig_delivery_says(delivery, "the connection ends with a reset behind the answer; a client that reads while it "
                                    "writes has it");
        delivery->source = "early-response 3: direct, duplex client: never lost with a length (0 of 3,360)";
    } else {
        rig_delivery_says(delivery, "the connection ends with a reset behind the answer; a client that reads while it "
                                    "writes has it, one that writes everything first can lose it");
        delivery->source = "early-response 3: direct: duplex client 0 of 3,360 lost, naive client over TCP lost from "
                           "64K, racy";
    }
}

/* Any other client than the duplex one: the same cells, as composed profiles tell them. */
static const struct rig_server kept = {RIG_COMPOSED(DIRECT, TCP, KEPT)};

static RIG_APART void deliver_to_another(const struct rig_wire *wire, struct rig_delivery *delivery)
{
    struct rig_wire before = *wire;
    before.server = &kept;
    rig_composed_deliver(&before, delivery);
}

static RIG_APART void deliver_unclean(const struct rig_wire *wire, struct rig_delivery *delivery)
{
    uint64_t unread = wire->body_size > wire->body_taken ? wire->body_size - wire->body_taken : 0;
    if (wire->body_failed) {
        rig_deliver_broken_off(delivery);
    } else if (wire->keep_alive) {
        desynchronised(wire, unread, delivery);
    } else {
        closed_unread(wire, unread, delivery);
    }
}

static void deliver(const struct rig_wire *wire, struct rig_delivery *delivery)
{
    if (RIG_UNLIKELY(wire->client != RIG_CLIENT_DUPLEX)) {
        deliver_to_another(wire, delivery);
        return;
    }
    bool clean = wire->body_taken >= wire->body_size && (wire->body_ended || !wire->chunked);
    delivery->outcome = RIG_DELIVERED;
    delivery->connection = wire->keep_alive ? RIG_CONNECTION_KEPT : RIG_CONNECTION_CLOSED;
    if (RIG_UNLIKELY(!clean || wire->body_failed)) {
        deliver_unclean(wire, delivery);
    }
}

const struct rig_server rig_server_http1 = {
    .name = "http1",
    .title = "a kept-alive TCP connection, plain input, nobody drains",
    .keeps_alive = true,
    .repeats_joined = true,
    .deliver = deliver,
};
