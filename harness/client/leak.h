/* Memory that a layer takes and nobody gives back, seen by sending the same request again: what is kept once (a cache,
 * what is set up on first use) is none, nor is what grows up to some size and then no more. */
#ifndef STACKRIG_CLIENT_LEAK_H
#define STACKRIG_CLIENT_LEAK_H

#include "harness/client/client.h"
#include "harness/client/others.h"

#define RIG_LEAKS_MAX 64 /* places of one sweep; of more the first are looked at */
#define RIG_LEAK_TURNS 1024
#define RIG_LEAK_RULE "state.memory.leaked"

#define RIG_LEAKS_NO_LIBRARY \
    "leaks: libstackrig-malloc.so is not loaded (LD_PRELOAD), or another malloc stands before it"
#define RIG_LEAKS_NO_THREADS "leaks: another thread runs or wakes by itself, and may give back what is taken here"

/* A place that kept memory. */
struct rig_leak {
    const void *caller;
    const char *layer; /* NULL: none's: the source of a body, a destructor */
    unsigned layer_number;
    enum rig_level level; /* of the finding; OFF: it came to an end */
    bool told;
    uint64_t blocks, bytes; /* that RIG_LEAK_TURNS requests left */
    char where[64];         /* as in struct rig_malloc_fault */
};

struct rig_leaks {
    const char *not_tried; /* why it cannot be seen; NULL: it can */
    struct rig_leak known[RIG_LEAKS_MAX];
    size_t count;
    struct rig_others others; /* when it was sent */
    bool open;                /* the books are, for the request that is sent next */
};

/* The same request, so much later; false: it did not come back. */
typedef bool rig_again_fn(void *closure, int64_t later);

void rig_leaks_start(struct rig_leaks *leaks);
/* Around a request and all that is freed after it. */
void rig_leaks_open(struct rig_leaks *leaks);
/* level: that of a leak in it, OFF: it says nothing. Sends the request again if it kept what none before it did. */
void rig_leaks_close(struct rig_leaks *leaks, enum rig_level level, rig_again_fn *again, void *closure);
/* The next that is to be told, which is so then; NULL: none. */
const struct rig_leak *rig_leaks_next(struct rig_leaks *leaks);
/* An error, but that a request which asks to change something may be kept on purpose when it succeeds: a warning. */
enum rig_level rig_leak_level(const struct rig_result *result);
void rig_leak_find(const struct rig_leak *leak, struct rig_run *run);

#endif
