/* A server that speaks HTTP/1.1 over TCP to its clients, gives the stack the body as it comes and drains nothing.
 *
 * Measured (early-response: the cells `direct` over TCP, a small answer with a length, loopback):
 * - Kept alive (E7): the client has the answer; what is left of the body is parsed as the next request. 1 byte: the
 *   next request gets a 400, 20 of 20. 1 KiB and more that hold requests: those are answered, 20 of 20. A chunked body
 *   leaves its framing behind even when it is empty: 400, 20 of 20 up to 1 KiB; at 64 KiB and more up to 2 of 20
 *   connections were gone before the next request.
 * - Not kept alive (E3): the server closes with bytes unread, the kernel sends RST at once. What that does depends on
 *   the client. The client of this profile is a duplex one: it reads while it writes and goes on reading after a write
 *   error, as curl does. It lost nothing at any size (0 of 3,360), so the outcome here is "delivered", surely. A naive
 *   client, one that writes everything before it reads, lost the answer from 64 KiB on; `follows` says so.
 *
 * Not covered: answers without a length (with bytes unread they are always seen as truncated), answers beyond the
 * client's receive window, and real networks, where RFC 9112 9.6 warns that the RST can overtake the answer. */
#include <stackrig/servers.h>

#define KIB ((uint64_t)1024)

static void desynchronised(const struct rig_wire *wire, uint64_t unread, struct rig_delivery *delivery)
{
    delivery->connection = RIG_CONNECTION_DESYNCHRONISED;
    if (wire->chunked) {
        delivery->follows = "the chunk framing left on the connection is taken for the next request's first line: the "
                            "next request on the connection gets a 400";
        delivery->source = "early-response 7: direct, chunked, even 0 B: 400 20/20";
    } else if (unread < KIB) {
        delivery->follows = "the unread bytes become the start of the next request on the connection";
        delivery->source = "early-response 7: direct, CL, 1 B: 400 20/20";
    } else {
        delivery->follows = "the unread bytes become the start of the next request on the connection: requests hidden "
                            "in them are run, and the next user gets their answer";
        delivery->source = "early-response 7: direct, CL, >= 1K holding requests: the response to /smuggled 20/20";
    }
}

static void closed_unread(uint64_t unread, struct rig_delivery *delivery)
{
    if (unread < 64 * KIB) {
        delivery->follows = "the connection ends with a reset behind the answer; a client that reads while it writes "
                            "has it";
        delivery->source = "early-response 3: direct, duplex client: never lost with a length (0 of 3,360)";
    } else {
        delivery->follows = "the connection ends with a reset behind the answer; a client that reads while it writes "
                            "has it, one that writes everything first can lose it";
        delivery->source = "early-response 3: direct: duplex client 0 of 3,360 lost, naive client over TCP lost from "
                           "64K, racy";
    }
}

static void deliver(const struct rig_wire *wire, struct rig_delivery *delivery)
{
    uint64_t unread = wire->body_size > wire->body_taken ? wire->body_size - wire->body_taken : 0;
    bool clean = unread == 0 && (wire->body_ended || !wire->chunked);
    delivery->outcome = RIG_DELIVERED;
    delivery->connection = wire->keep_alive ? RIG_CONNECTION_KEPT : RIG_CONNECTION_CLOSED;
    if (clean || wire->body_failed) { /* what a client still gets that broke off its body: not measured */
        return;
    }
    if (wire->keep_alive) {
        desynchronised(wire, unread, delivery);
    } else {
        closed_unread(unread, delivery);
    }
}

const struct rig_server rig_server_http1 = {
    .name = "http1",
    .title = "a kept-alive TCP connection, plain input, nobody drains",
    .keeps_alive = true,
    .repeats_joined = true,
    .deliver = deliver,
};
