/* The insides of a connection that is kept over several sends. */
#ifndef STACKRIG_CLIENT_CONNECTED_H
#define STACKRIG_CLIENT_CONNECTED_H

#include "harness/client/client.h"
#include "harness/core/reader.h"

#include <stackrig/connection.h>

#define RIG_SECOND INT64_C(1000000000)

struct rig_link {
    struct rig_client *client;
    struct rig_link *sibling; /* the client's list */
    enum rig_client_kind kind;
    struct rig_connection_state state;
};

/* How a request's bytes come. */
struct rig_travel {
    const struct rig_sending *sending;
    struct rig_run *run;
    struct rig_bytes head;   /* as on the wire */
    uint64_t size;           /* of head and body on the wire; UINT64_MAX: not known */
    uint64_t coming;         /* bytes of the body's content that come; UINT64_MAX: all */
    bool cut;                /* not all of the request comes */
    uint64_t lumps;          /* of .pace bytes, that have come so far */
    struct rig_source under; /* what is read; read NULL: bytes */
    const char *bytes;
    uint64_t at;
    struct rig_reader reader; /* at the other end */
    struct rig_server server; /* the profile, but that its client may be gone */
    const struct rig_server *profile;
};

/* The head of run's request as it goes on the wire: 0 or -ENOMEM. */
int rig_travel_head(struct rig_run *run, const struct rig_sent *sent, struct rig_bytes *head);
/* How much of the request comes, and when: told in travel, whose head is known; sent's body is changed so that it comes
 * that way. 0, or -ENOMEM. */
int rig_travel_begin(struct rig_travel *travel, struct rig_sent *sent);
/* Does it come otherwise than at once and whole? */
static inline bool rig_travel_differs(const struct rig_travel *travel)
{
    return travel->cut || travel->sending->pace > 0;
}
/* bytes of a request have come: moves the clock. */
void rig_travel_wait(struct rig_travel *travel, uint64_t bytes);
/* The client may be gone before it has the answer: the run's server says so. */
void rig_travel_watch(struct rig_travel *travel);

/* A client's connections, when it is freed. */
void rig_connections_close(struct rig_client *client);

#endif
