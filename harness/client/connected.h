/* The insides of a connection that is kept over several sends. */
#ifndef STACKRIG_CLIENT_CONNECTED_H
#define STACKRIG_CLIENT_CONNECTED_H

#include "harness/client/measure.h"
#include "harness/client/upstream.h"
#include "harness/core/reader.h"

#define RIG_SECOND INT64_C(1000000000)

/* The beginning of a request that was sent as bytes. */
struct rig_partial {
    char *bytes;
    size_t size, room;
    struct rig_measure measure; /* of these bytes */
};

struct rig_link {
    struct rig_client *client;
    struct rig_link *sibling; /* the client's list */
    enum rig_client_kind kind;
    struct rig_link_state state;
    struct rig_upstream *upstream;
    struct rig_partial partial;
    const struct rig_result **results; /* of the last send; in the client's results */
    size_t result_count, result_room;
    unsigned resets;           /* the client's count of resets then */
    const struct rig_run *run; /* the one that is under way, if its report is still this */
    const struct rig_report *report;
};

/* How a request's bytes come. */
struct rig_travel {
    const struct rig_sending *sending;
    struct rig_run *run;
    struct rig_bytes head;   /* as on the wire */
    uint64_t size;           /* of head and body on the wire; UINT64_MAX: not known */
    uint64_t coming;         /* bytes of the body's content that come; UINT64_MAX: all */
    bool cut;                /* not all of the request comes */
    bool announced;          /* CONTENT_LENGTH tells how much should */
    uint64_t before;         /* bytes that were sent in one with it, before it */
    uint64_t lumps;          /* of .pace bytes, that have come so far */
    struct rig_source under; /* what is read; read NULL: bytes */
    const char *bytes;
    uint64_t at;
    struct rig_reader reader; /* at the other end */
};

/* In run's memory; NULL: out of memory. */
struct rig_travel *rig_travel_new(struct rig_run *run, const struct rig_sending *sending);
/* The head of run's request as it goes on the wire: 0 or -ENOMEM. */
int rig_travel_head(struct rig_run *run, const struct rig_sent *sent, struct rig_bytes *head);
/* How much of the request comes, and when: told in travel, whose head is known; sent's body is changed so that it comes
 * that way. */
void rig_travel_begin(struct rig_travel *travel, struct rig_sent *sent);
/* The same for a request that was read off bytes: its content that came; cut: there is no more. */
void rig_travel_carry(struct rig_travel *travel, struct rig_sent *sent, uint64_t content, bool cut);
/* Does it come otherwise than at once and whole? */
static inline bool rig_travel_differs(const struct rig_travel *travel)
{
    return travel->cut || travel->sending->pace > 0;
}
/* So many bytes of all that is sent have come: moves the clock. */
void rig_travel_wait(struct rig_travel *travel, uint64_t bytes);
/* The client may be gone before it has the answer: the run's delivery says so. */
void rig_travel_watch(struct rig_travel *travel, struct rig_run *run);
/* The answer is out: what else happens in the run is no business of its. */
void rig_travel_end(struct rig_travel *travel);

/* ---- connected_send.c, connected_raw.c ---- */

#define RIG_GONE_IN_HEAD "the client went away in the head of its request"
#define RIG_GONE_IN_BODY "the client went away in the body of its request, which the server waits for"

/* As rig_send_open and rig_send_close, and what they mean for the connection; more: another request is sent in one with
 * it. */
struct rig_run *rig_link_open_run(struct rig_link *connection, const char *site, const struct rig_request *request,
                                  const void *frame, const struct rig_result **refused);
const struct rig_result *rig_link_close_run(struct rig_link *connection, struct rig_run *run,
                                            const struct rig_sending *sending, int error, bool more);
/* It is open no longer. */
void rig_link_end(struct rig_link *connection, enum rig_end end, const char *why);
/* It is not open: nothing is sent. */
const struct rig_result *rig_link_refuse_ended(const char *site, struct rig_link *connection,
                                               const struct rig_request *request, const void *frame);
const struct rig_result *rig_link_send_raw(const char *site, struct rig_link *connection,
                                           const struct rig_sending *sending, const void *frame);
/* Forgets the beginning of a request that was sent as bytes. */
void rig_link_drop_partial(struct rig_link *connection);
/* Does the call of that frame stand in a request on it? */
bool rig_link_is_busy(struct rig_link *connection, const void *frame);
/* What the client has of the answer. */
void rig_link_note_received(struct rig_link *connection, const struct rig_travel *travel);

/* The client breaks its request off before the stack can run: .disconnect_after, .half_close of sending. */
void rig_link_refuse_gone(struct rig_run *run, struct rig_exchange *exchange, const struct rig_sending *sending,
                          const char *reason);

/* ---- connected_serve.c ---- */

/* The request in run's env, on the connection's way to the stack: its answer, or what came in its place. */
void rig_link_serve(struct rig_link *connection, struct rig_travel *travel, const struct rig_sent *sent);
/* The same for a request as bytes: whole, or broken off where its client goes away. */
void rig_link_serve_bytes(struct rig_link *connection, struct rig_travel *travel, struct rig_bytes wire);

/* A client's connections, when it is freed. */
void rig_connections_close(struct rig_client *client);

#endif
