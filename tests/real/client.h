/* A client of a gateway: sends one POST as the clients of the measurements did, and says what came of it in their words
 * (tests/conformance/early_response/results.tsv): "401", "502", "trunc", "lost:eof", "lost:write-EPIPE", ...; kept
 * alive, with ">" and what the next request on the connection got. */
#ifndef STACKRIG_TESTS_REAL_CLIENT_H
#define STACKRIG_TESTS_REAL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rig_real_ask {
    int port;
    const char *target; /* no two are the same */
    uint64_t body;      /* bytes, x */
    bool hides;         /* the body is requests for /smuggled of 1 KiB each, as far as there is room */
    bool chunked;
    enum rig_real_ask_kind {
        RIG_REAL_DUPLEX, /* reads while it writes, and goes on reading when a write has failed */
        RIG_REAL_NAIVE,  /* writes all, then reads */
        RIG_REAL_EXPECT, /* sends the body when it is told to go on */
        RIG_REAL_HALF,   /* naive, and pauses for 10 ms between head and body */
        RIG_REAL_SHUT,   /* writes all, says that nothing more comes (SHUT_WR), then reads */
        RIG_REAL_CUT,    /* the same behind half of the body and a pause */
        RIG_REAL_GONE    /* goes away behind half of the body and a pause */
    } kind;
    bool keep_alive; /* sends another request behind the answer */
};

void rig_real_send(const struct rig_real_ask *ask, char *outcome, size_t size);

#endif
