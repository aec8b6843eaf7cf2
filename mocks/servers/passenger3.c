/* nginx in front of Phusion Passenger 3.0: the web server buffers the whole body; the hop sends headers and body to the
 * app over a unix socket, in two writes, and only then reads the answer, to its end. The app's input copies the whole
 * body to a temporary file on its first read.
 *
 * A model: Passenger 3 itself was not run. A program that follows its order of system calls was, behind nginx
 * (early-response 3 `passenger3`, 4 `p3hop-unix`, 5). An app that closes with the body untouched, then:
 *   size              client             gateway's log
 *   0                 answer             -
 *   up to 2 KiB       answer (a)         Cannot read response ...
 *   below 224 KiB     race (b)           the same, or An error occured while sending ... and nginx's line
 *   from 224 KiB      502, 20 of 20      An error occured while sending ... (c) and nginx's line
 * (a) a 1-byte body was lost once in 4 tries, in the matrix never; its log line was not kept, the one here follows from
 *     the kernel (a write to a unix socket whose other end has closed is Broken pipe at once).
 * (b) 64 KiB: up to 14 of 20 when the app closes at once, 0 of 20 after 20 ms; 208 KiB: 1 of 20 even then. The scan's
 *     first losses lie between 2 and 8 KiB. Every loss at 64 KiB was logged as Broken pipe (32).
 * (c) the lines of an app that closed after 20 ms. One that closes at once mostly gets Broken pipe (32), and nginx
 *     sometimes `upstream prematurely closed connection while reading response header from upstream`.
 * An answer without a length (E3n) fares no worse: the hop reads to the end of the connection anyway. The client had it
 * 20 of 20 times up to 1 KiB and lost it up to 7 of 20 times at 64 KiB, always from 1 MiB (nothing measured between).
 * The delivery's `connection` is the hop's, from the gateway to the app, which always closes; the client's own, to nginx,
 * is not modelled.
 * Not modelled: how repeated request headers reach the app. */
#include <stackrig/servers.h>

#define KIB ((uint64_t)1024)
#define SENDING "An error occured while sending the request body to the request handler: "
#define READING_LOG "Cannot read response from backend process: Connection reset by peer (104)"
#define NGINX_LOG "recv() failed (104: Connection reset by peer) while reading response header from upstream"

/* What became of an answer, by unread bytes: the last row whose `from` they reach. */
static const struct band {
    uint64_t from;
    enum rig_outcome outcome;
    const char *share; /* NULL: sure */
    const char *log[2];
    const char *follows, *source;
} bands[] = {
    {1,
     RIG_REPLACED,
     "1 of 4, once; 0 of 20 in the matrix",
     {SENDING "Broken pipe (32)", NGINX_LOG},
     "as a rule the client has the answer and only the gateway's log shows an error; once in 4 tries at this size it "
     "got a 502 instead, because headers and body are two writes",
     "early-response 4: p3hop, a 1-B body lost 1/4 once"},
    {2,
     RIG_DELIVERED,
     NULL,
     {READING_LOG, NULL},
     "the client has the answer; only the gateway's log shows an error",
     "early-response 5: 1 B ... 192 KiB: 401, complete"},
    {2 * KIB,
     RIG_REPLACED,
     "up to 14 of 20 at 64 KiB",
     {SENDING "Broken pipe (32)", NGINX_LOG},
     "if the gateway is still sending the body when the app closes, it answers 502 and the app's answer is gone; else "
     "it delivers the answer and logs \"" READING_LOG "\"",
     "early-response 4, 5: p3hop-unix, 64K: up to 14/20, racily from ~2 KiB"},
    {208 * KIB,
     RIG_REPLACED,
     "1 of 20 at 208 KiB after everything the socket takes was sent; up to 14 of 20 at 64 KiB before",
     {SENDING "Connection reset by peer (104)", NGINX_LOG},
     "if the gateway is still sending the body when the app closes, it answers 502 and the app's answer is gone; else "
     "it delivers the answer and logs \"" READING_LOG "\"",
     "early-response 3: passenger3, unix settled: 208K 1/20"},
    {224 * KIB,
     RIG_REPLACED,
     NULL,
     {SENDING "Connection reset by peer (104)", NGINX_LOG},
     "the socket does not hold the body: the gateway is still sending it when the app closes, answers 502, and the "
     "app's answer is gone",
     "early-response 3, 5: passenger3, unix settled: 224K 20/20"},
};

static void deliver(const struct rig_wire *wire, struct rig_delivery *delivery)
{
    uint64_t unread = wire->body_size > wire->body_taken ? wire->body_size - wire->body_taken : 0;
    const struct band *band = NULL;
    delivery->outcome = RIG_DELIVERED;
    delivery->connection = RIG_CONNECTION_CLOSED;
    for (size_t i = 0; i < sizeof bands / sizeof *bands && bands[i].from <= unread; i++) {
        band = &bands[i];
    }
    if (!band) {
        return;
    }
    delivery->outcome = band->outcome;
    if (band->outcome == RIG_REPLACED) {
        delivery->status = 502;
    }
    delivery->race = band->share != NULL;
    delivery->share = band->share;
    delivery->log[0] = band->log[0];
    delivery->log[1] = band->log[1];
    delivery->follows = band->follows;
    delivery->source = band->source;
    if (!wire->length_known && band->share && unread >= 2 * KIB) {
        delivery->share = "up to 7 of 20 at 64 KiB";
        delivery->source = "early-response 4: p3hop-unix, E3n: 64K up to 7/20";
    }
}

const struct rig_server rig_server_passenger3 = {
    .name = "passenger3",
    .title = "nginx and Passenger 3 over a unix socket: the first read buffers the whole body (modelled)",
    .rewindable = true,
    .buffers_all = true,
    .modelled = true,
    .no_upgrade = true, /* the hop only reads once it has sent the request: what the client sends next reaches nobody */
    .repeats_joined = true,
    .deliver = deliver,
};
