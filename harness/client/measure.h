/* Where a request that stands on a connection ends. */
#ifndef STACKRIG_CLIENT_MEASURE_H
#define STACKRIG_CLIENT_MEASURE_H

#include "harness/core/arena.h"
#include "harness/http/wire.h"

#define RIG_WIRE_FIELDS_MAX 100 /* of one request: Apache's LimitRequestFields */

/* As far as its bytes are there. Begins zeroed. */
struct rig_measure {
    size_t head_size; /* 0: the head goes on */
    struct rig_framing framing;
    size_t body_size; /* on the wire, its framing included */
    uint64_t content; /* bytes of the body */
    struct rig_chunked chunked;
    int status; /* it is malformed: what a server answers, */
    const char *reason;
};

/* All bytes from the request's first on; what was measured before is not looked at again. 1: the request ends at
 * head_size + body_size; 0: it goes on; -EINVAL: malformed; -ENOMEM. head, with its fields, is filled while head_size
 * is 0. content: where a chunked body's goes; NULL: nowhere. */
int rig_measure_request(struct rig_measure *measure, struct rig_wire_head *head, struct rig_bytes bytes,
                        struct rig_buffer *content);
/* Decodes up to `wanted` content bytes; UINT64_MAX: all. The bytes taken off the wire, or as above. */
int64_t rig_measure_chunks(struct rig_chunked *chunked, struct rig_buffer *content, const char *from, size_t size,
                           uint64_t wanted);

#endif
