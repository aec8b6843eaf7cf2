/* Connections: several requests on one, one behind the other or all at once; clients that go away, are slow, or have
 * said all they will; clients whose gateway sends their requests on one connection to the server.
 *
 *     struct rig_link *connection = rig_connection_open(client);
 *     rig_assert(rig_connection_send(connection, RIG_POST("/login", .body = "user=ada")), .status = 200);
 *     rig_connection_send(connection, RIG_POST("/upload", .body = text), .disconnect_after = 100);
 *     rig_connection_close(connection);
 *
 * The connection is the one that the client's server profile stands for: to the stack's server, or to a gateway before
 * it. A body that is left unread stays on the connection that the stack's server answers on, if that is kept: bytes that
 * make whole requests are served at once (exchanges of that result, .phantom), others wait, and the next request is
 * appended to them. From then on the connection is out of step: who sends on it gets what stands in result->received,
 * delivery.outcome is RIG_MISDIRECTED, and input.early_answer.misdirected names the layer that left the body. Behind a
 * gateway that is the next request of any connection that shares it; the gateway then drops it. It does so in time for
 * requests in more than 256 KiB, as measured (struct rig_server, phantoms_most).
 * Measured (early-response 7): a lone byte makes the next request a 400, on a direct connection and behind nginx, Apache
 * and HAProxy; requests in a body of 1 KiB or more are answered in place of the next on a direct connection, and in a
 * race behind a gateway. Not measured, so nothing is claimed of it: what a server makes of requests that stand
 * behind one after which it closes. */
#ifndef STACKRIG_CONNECTION_H
#define STACKRIG_CONNECTION_H

#include <stackrig/client.h>

struct rig_link; /* a connection; enum rig_connection is what became of one */

struct rig_connection_options {
    /* 0: RIG_CLIENT_DUPLEX. */
    enum rig_client_kind kind;
    /* Behind a gateway that keeps its connections to the server (struct rig_server, pools): this one's requests go where
     * those of the other go. Of the same client. Else it changes nothing. NULL: one of its own. */
    const struct rig_link *shared;
    int end_;
};

/* One request and what its client does meanwhile. Times are the rig's: nobody waits, the client's clock moves. */
struct rig_sending {
    struct rig_request request;
    /* In its place, as rig_connection_send_raw has it: bytes. Several requests are answered one by one; one that has not
     * come to its end goes on with the next bytes. 1 MiB of one is kept; what then still goes on is
     * usage.argument.invalid, and the connection is ended. In one piece a request may be of any size. */
    const void *raw;
    size_t raw_size;
    /* The client goes away for good after so many bytes of the request, head and body as they stand on the wire (see
     * request_size below); from the whole size on: when all is sent, before any answer. 0: it stays. What the layers
     * see is said at RIG_CLIENT_GONE below. */
    uint64_t disconnect_after;
    /* The client goes away after so many bytes of the answer: "HTTP/1.1 200 OK", the layers' headers, an empty line, the
     * body. (What a server adds, Date and the like, is not counted.) 0: it stays. A stream is closed once the piece that
     * goes beyond it was pulled. */
    uint64_t disconnect_after_response;
    /* It sends nothing more after this request, and says so (SHUT_WR), but waits for the answer. With disconnect_after:
     * nothing more after those bytes. nginx takes that for the client's end, also behind a whole request; Apache answers
     * 400 to one that is not whole, the others close. (Measured: tests/conformance/early_response/broken-off.tsv. Not
     * measured without a gateway: delivery.not_measured.) */
    bool half_close;
    /* A body that does not come to its end ends all the same: layers read 0, as CGI's standard input gives it, and can
     * tell by CONTENT_LENGTH alone. Else -ECONNRESET. */
    bool early_end;
    uint64_t pace;          /* bytes of the request that come in one .pace_every; 0: all at once */
    uint64_t response_pace; /* bytes of a stream that the client takes in one .pace_every; 0: as they are made */
    int64_t pace_every;     /* ns; 0: a second */
    int end_;
};

/* RIG_CLIENT_GONE: a client that goes away
 * - in the head of its request, or in the body before a server or gateway that waits for all of it
 *   (struct rig_server, reads_first, waits_below): the stack never runs. The result is refused.
 * - in the body: layers read what came, then -ECONNRESET, for good (.early_end: 0). From then on rig_response_write
 *   gives -EPIPE, and a stream is closed unread.
 * - when all is sent: a stream is read once, then closed. rig_response_write only fills a buffer and does not fail.
 * A server behind a gateway meets the end of its connection (HAProxy over TCP: a reset) before that of the body.
 * In each case delivery.outcome is RIG_GONE, and what is left on the connection reaches nobody. */

enum rig_end { RIG_END_NONE, RIG_END_CLIENT, RIG_END_SERVER };

struct rig_link_state {
    bool open;         /* a request can be sent on it */
    enum rig_end end;  /* who ended it; RIG_END_NONE: nobody */
    const char *why;   /* it is not open: why; else NULL. Lasts as long as the connection */
    unsigned requests; /* that were sent on it */
    /* of the last one: */
    uint64_t request_size; /* its bytes on the wire; 0: not known, a source without a size */
    uint64_t sent;         /* those that the client sent */
    uint64_t received;     /* bytes of the answer's body that the client has */
    /* of the connection that the stack's server answers on: */
    bool out_of_step;         /* what comes on it is no answer to what is sent on it */
    struct rig_bytes waiting; /* what was left on it and waits for its end. Lasts until something is sent on it */
    size_t unclaimed;         /* answers on it that nobody asked for */
};

/* rig_connection_open(client), rig_connection_open(client, .kind = RIG_CLIENT_NAIVE): NULL when out of memory, or for a
 * NULL client. It is closed by rig_connection_close or with its client. */
#define rig_connection_open(...) RIG_CONNECTION_OPEN_(__VA_ARGS__, .end_ = 0)
#define RIG_CONNECTION_OPEN_(client_, ...) \
    rig_connection_open_at(RIG_SITE, client_, RIG_REF_(rig_connection_options, __VA_ARGS__))
/* rig_connection_send(connection, RIG_GET("/"), .pace = 100): never NULL. On a connection that is no longer open nothing
 * is sent: the result is refused. */
#define rig_connection_send(connection_, ...) \
    rig_connection_send_at(RIG_SITE, connection_, RIG_REF_(rig_sending, .request = __VA_ARGS__, .end_ = 0))

/* rig_connection_send_raw(connection, bytes, size, .half_close = true): the result of the first request in them, see
 * rig_connection_result for the others. */
#define rig_connection_send_raw(connection_, bytes_, ...) \
    rig_connection_send_at(RIG_SITE, connection_,         \
                           RIG_REF_(rig_sending, .raw = bytes_, .raw_size = __VA_ARGS__, .end_ = 0))
/* rig_connection_pipeline(connection, RIG_GET("/a"), RIG_POST("/b", .body = "c")): all are sent before the first is
 * answered. The result of the first, see rig_connection_result. In C only: in C++ use rig_connection_pipeline_at. */
#define rig_connection_pipeline(connection_, ...)                                                \
    rig_connection_pipeline_at(RIG_SITE, connection_, (const struct rig_request[]){__VA_ARGS__}, \
                               sizeof((const struct rig_request[]){__VA_ARGS__}) / sizeof(struct rig_request))

RIG_BEGIN_DECLS
struct rig_link *rig_connection_open_at(const char *site, struct rig_client *client,
                                        const struct rig_connection_options *options);
const struct rig_result *rig_connection_send_at(const char *site, struct rig_link *connection,
                                                const struct rig_sending *sending);
const struct rig_result *rig_connection_pipeline_at(const char *site, struct rig_link *connection,
                                                    const struct rig_request *requests, size_t count);
/* What the last call that sent something got, request by request, from 0; NULL past the last. Lasts until
 * rig_client_reset. */
const struct rig_result *rig_connection_result(const struct rig_link *connection, size_t index);
/* Of NULL: all zero. */
struct rig_link_state rig_connection_state(const struct rig_link *connection);
void rig_connection_close(struct rig_link *connection); /* NULL: nothing */
RIG_END_DECLS

#endif
