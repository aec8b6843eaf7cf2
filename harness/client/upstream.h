/* The connection that the stack's server answers on, kept over several requests: the client's own, or behind a gateway
 * one that it keeps for whoever comes next. What was left of a body stands on it, and answers that nobody asked for. */
#ifndef STACKRIG_CLIENT_UPSTREAM_H
#define STACKRIG_CLIENT_UPSTREAM_H

#include "harness/client/client.h"

#include <stackrig/connection.h>

#define RIG_WAITING_MAX ((size_t)1 << 20) /* bytes that are kept of a request that does not end */

/* An answer that was sent and not yet received, in one piece of memory. */
struct rig_unclaimed {
    struct rig_unclaimed *next;
    size_t size;
    struct rig_received received;
};

/* Who left what on it, so that all that follows is out of step. */
struct rig_blame {
    const char *site, *layer; /* site NULL: unknown */
    const char *sent_at;
    char request[96]; /* "POST /upload" */
    char left[64];    /* "9 bytes" */
    bool race;
    const char *share, *source;
};

struct rig_upstream {
    struct rig_client *client;
    unsigned links;    /* that share it */
    unsigned requests; /* that came on it, since it was opened */
    char *waiting;     /* bytes that wait for the rest of what the server takes them for */
    size_t waiting_size;
    struct rig_unclaimed *first, *last;
    size_t unclaimed;
    bool out_of_step; /* since .blame */
    bool closed;      /* by the server */
    struct rig_blame blame;
};

struct rig_upstream *rig_upstream_new(struct rig_client *client); /* NULL: out of memory */
void rig_upstream_share(struct rig_upstream *upstream);
void rig_upstream_leave(struct rig_upstream *upstream); /* the last frees it */
/* A fresh connection in its place. */
void rig_upstream_renew(struct rig_upstream *upstream);
/* The first answer that nobody asked for, taken off it, in the run's results; NULL: there is none, or *error. */
const struct rig_received *rig_upstream_take(struct rig_upstream *upstream, struct rig_run *run, int *error);
/* What waits, and bytes behind it, in the run's memory; it waits no more. data NULL: out of memory. */
struct rig_bytes rig_upstream_join(struct rig_upstream *upstream, struct rig_run *run, struct rig_bytes head,
                                   struct rig_bytes body);

/* ---- what comes of requests that are served on it; nothing where serving->upstream is NULL ---- */

/* Before the exchange ends. */
void rig_serving_answered(struct rig_serving *serving, const struct rig_exchange *exchange,
                          enum rig_connection connection);
void rig_serving_refused(struct rig_serving *serving, const struct rig_exchange *exchange);
/* The bytes are the beginning of a request. */
void rig_serving_waits(struct rig_serving *serving, struct rig_exchange *exchange, struct rig_bytes bytes,
                       const char *why);
/* Line ends and nothing else: a server skips them before a request. */
bool rig_is_empty_lines(struct rig_bytes bytes);

#endif
