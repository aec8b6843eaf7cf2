/* What an unread body leaves on the connection. */
#include "harness/client/client.h"

#include "harness/http/wire.h"

#include <errno.h>

/* A body that cannot be looked at to its end: why a request in it is not whole. */
#define LOOKED_AT_A_PART "it goes on behind the first 65536 bytes left on the connection: not looked at further"
#define BROKE_OFF "its client breaks off the body that it stands in: the connection ends there"

/* The rest of a source, a byte beyond the limit to see whether there is more. */
static int append_source(struct rig_input *input, struct rig_buffer *rest, const char **cut)
{
    uint64_t whole = input->size_known ? input->size - input->furthest : UINT64_MAX;
    while (rest->size < whole && rest->size <= RIG_LEFTOVER_MAX) {
        size_t most = RIG_LEFTOVER_MAX + 1 - rest->size;
        most = most < whole - rest->size ? most : (size_t)(whole - rest->size);
        unsigned char *room = rig_buffer_room(rest, most);
        if (!room) {
            return -ENOMEM;
        }
        int64_t got = input->source.read(input->source.self, room, most);
        if (got <= 0 || (uint64_t)got > most) {
            *cut = got == 0 && !input->size_known ? NULL : BROKE_OFF;
            return 0;
        }
        rest->size += (size_t)got;
    }
    if (rest->size > RIG_LEFTOVER_MAX) {
        rest->size = RIG_LEFTOVER_MAX;
        *cut = LOOKED_AT_A_PART;
    }
    return 0;
}

static int append_chunk(struct rig_buffer *wire, const char *bytes, size_t size)
{
    unsigned char *room = rig_buffer_room(wire, size + RIG_CHUNK_OVERHEAD);
    if (!room) {
        return -ENOMEM;
    }
    wire->size += rig_chunk_encode(bytes, size, (char *)room, size + RIG_CHUNK_OVERHEAD);
    return 0;
}

/* The body's chunks, less what was taken: that ends with the last byte of content, so of the chunk it ends in the rest
 * is left, be it only the line end. The bytes that were taken are not needed for that. */
static int append_chunks(const struct rig_sent *sent, uint64_t taken, struct rig_bytes rest, const char *cut,
                         struct rig_buffer *wire)
{
    const char *at = rest.data;
    uint64_t total = taken + rest.size, end;
    size_t piece = 0;
    for (uint64_t start = 0; start < total; start = end) {
        uint64_t size = sent->piece_count > 0 ? sent->pieces[piece] : total;
        piece += piece + 1 < sent->piece_count;
        end = size < total - start ? start + size : total;
        if (end < taken) {
            continue;
        }
        bool begun = start < taken;
        size_t left = (size_t)(end - (begun ? taken : start));
        int error = begun && left > 0 ? rig_buffer_append(wire, at, left) : 0;
        error = error ? error : begun ? rig_buffer_append(wire, "\r\n", 2) : append_chunk(wire, at, left);
        if (error != 0) {
            return error;
        }
        at = left > 0 ? at + left : at;
    }
    if (cut) {
        wire->size -= total > 0 ? 2 : 0; /* the chunk goes on */
        return 0;
    }
    return rig_buffer_append(wire, "0\r\n\r\n", 5);
}

struct rig_leftover rig_connection_leftover(struct rig_run *run, const struct rig_sent *sent)
{
    struct rig_input *input = run->wire_input;
    struct rig_buffer rest = {.arena = &run->arena}, wire = {.arena = &run->arena};
    struct rig_leftover left = {{NULL, 0}, NULL};
    int error = 0;
    if (input->bytes) {
        left.wire = (struct rig_bytes){input->bytes + input->furthest, (size_t)(input->size - input->furthest)};
    } else if (input->source.read && !rig_input_broke(input)) {
        error = append_source(input, &rest, &left.cut);
        left.wire = (struct rig_bytes){rest.data, rest.size};
    }
    /* the body's size, or of a long source enough to tell */
    if (error == 0 && sent->chunked && input->furthest + left.wire.size >= run->server->unchunks_below) {
        error = append_chunks(sent, input->furthest, left.wire, left.cut, &wire);
        left.wire = (struct rig_bytes){wire.data, wire.size};
    }
    if (error != 0) {
        run->report->result.error = error;
        left.wire.size = 0;
    }
    return left;
}
