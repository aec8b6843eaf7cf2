/* A backend's side of a connection: reads what a gateway sends, never a byte more than it was asked for, so that what
 * the stack leaves unread stays in the socket. HTTP/1.1, FastCGI (its specification, sections 3 and 5), SCGI. */
#ifndef STACKRIG_TESTS_REAL_REQUESTS_H
#define STACKRIG_TESTS_REAL_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RIG_REAL_HEAD_MAX 16384

enum rig_real_protocol { RIG_REAL_HTTP, RIG_REAL_FASTCGI, RIG_REAL_SCGI };

/* The body as it lies in the socket. */
struct rig_real_body {
    int fd;
    enum { RIG_REAL_LENGTH, RIG_REAL_CHUNKED, RIG_REAL_RECORDS } framing;
    uint64_t size;   /* announced; with chunks: 0 */
    uint64_t left;   /* of it, of the chunk, of the record */
    unsigned behind; /* bytes behind the chunk or record that are read before the next: line end, padding */
    bool ended;      /* its end was read */
    bool closed;     /* nobody may read any more: it reads as ended */
    int error;       /* a read's, negative; -ENODATA: the connection ended before the body */
};

struct rig_real_request {
    char method[32], target[256];
    unsigned id;
    struct rig_real_body body;
};

/* The head of the next request: 1; 0: the connection ended before its first byte; -EBADMSG: it is none; other -errno. */
int rig_real_read_request(int fd, enum rig_real_protocol protocol, struct rig_real_request *request);
/* As the read of a struct rig_source: self is the body. */
int64_t rig_real_read_body(void *self, void *buffer, size_t size);
int64_t rig_real_drain_body(struct rig_real_body *body); /* to its end: 0, or -errno */

/* 0, or -errno; -ENODATA: the connection ended before that */
int rig_real_read_all(int fd, void *buffer, size_t size);
int rig_real_write_all(int fd, const void *data, size_t size);

#endif
