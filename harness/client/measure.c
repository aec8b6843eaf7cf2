#include "harness/client/measure.h"

#include <errno.h>

int64_t rig_measure_chunks(struct rig_chunked *chunked, struct rig_buffer *content, const char *from, size_t size,
                           uint64_t wanted)
{
    size_t at = 0;
    while (at < size && !chunked->done && chunked->content < wanted) {
        struct rig_slice piece;
        int64_t took = rig_chunked_decode(chunked, from + at, size - at, &piece);
        if (took < 0) {
            return took;
        }
        at += (size_t)took;
        if (chunked->content > wanted) {
            at -= (size_t)(chunked->content - wanted);
        }
        if (content && rig_buffer_append(content, piece.data, piece.size) != 0) {
            return -ENOMEM;
        }
    }
    return (int64_t)at;
}

static int measure_head(struct rig_measure *measure, struct rig_wire_head *head, struct rig_bytes bytes)
{
    int64_t size = rig_wire_head(bytes.data, bytes.size, head);
    if (size <= 0) {
        measure->status = head->status;
        measure->reason = head->reason;
        return (int)size;
    }
    if (rig_wire_framing(head->fields, head->field_count, head->minor, &measure->framing) != 0) {
        measure->status = measure->framing.status;
        measure->reason = measure->framing.reason;
        return -EINVAL;
    }
    measure->head_size = (size_t)size;
    return 1;
}

static int measure_chunked(struct rig_measure *measure, const char *from, size_t size, struct rig_buffer *content)
{
    int64_t took = rig_measure_chunks(&measure->chunked, content, from + measure->body_size, size - measure->body_size,
                                      UINT64_MAX);
    if (took < 0) {
        measure->status = 400;
        measure->reason = measure->chunked.reason;
        return (int)took;
    }
    measure->body_size += (size_t)took;
    measure->content = measure->chunked.content;
    return measure->chunked.done;
}

static int measure_body(struct rig_measure *measure, const char *from, size_t size, struct rig_buffer *content)
{
    if (measure->framing.kind == RIG_FRAMING_CHUNKED) {
        return measure_chunked(measure, from, size, content);
    }
    uint64_t length = measure->framing.kind == RIG_FRAMING_LENGTH ? measure->framing.length : 0;
    measure->body_size = length < size ? (size_t)length : size;
    measure->content = measure->body_size;
    return length <= size;
}

int rig_measure_request(struct rig_measure *measure, struct rig_wire_head *head, struct rig_bytes bytes,
                        struct rig_buffer *content)
{
    int got = measure->head_size > 0 ? 1 : measure_head(measure, head, bytes);
    const char *from = bytes.data;
    return got == 1 ? measure_body(measure, from + measure->head_size, bytes.size - measure->head_size, content) : got;
}
