/* A backend that keeps what it is sent: HTTP/1.x, or FastCGI. It answers each request with 200 and closes. */
#ifndef TESTS_REAL_RECORDER_H
#define TESTS_REAL_RECORDER_H

#include "tests/conformance/gateways/text.h"

#include <stdbool.h>

#define RECORDER_CONNECTIONS 8

struct recorder {
    int listener; /* non-blocking */
    int port;     /* of 127.0.0.1 */
    bool fastcgi;
    struct recorder_connection {
        int socket;     /* -1: free */
        bool continued; /* it was told to send the body */
        struct text got;
    } connections[RECORDER_CONNECTIONS];
    struct text arrived; /* lines behind `< `, one request after the other; FastCGI: its variables, then its body */
    unsigned count;      /* requests */
};

int recorder_open(struct recorder *recorder, bool fastcgi); /* 0 or -errno */
void recorder_close(struct recorder *recorder);
/* Takes what there is, waiting up to `milliseconds` for it or for `other` to be readable (-1: none). */
void recorder_turn(struct recorder *recorder, int other, int milliseconds);
/* No more will come: keeps what is there of requests that are not whole. */
void recorder_end(struct recorder *recorder);
/* Forgets what arrived, and its connections. */
void recorder_reset(struct recorder *recorder);

/* For the recorder: one whole FastCGI request in bytes? Its variables and body as lines; 0: it needs more. part: what
 * there is of it. */
size_t recorder_fastcgi(const char *bytes, size_t size, bool part, struct text *lines);

#endif
