/* A request as bytes on the wire, for one that is wrong on purpose: nothing is checked, nothing is mended. */
#include "harness/client/client.h"

#include "harness/http/wire.h"

#include <errno.h>
#include <stdio.h>

#define PIECE 4096

static int add(struct rig_buffer *wire, const char *text)
{
    return rig_buffer_append(wire, text, strlen(text));
}

static int add_field(struct rig_buffer *wire, const char *name, const char *value)
{
    int error = add(wire, name);
    error = error ? error : add(wire, ": ");
    error = error ? error : add(wire, value);
    return error ? error : add(wire, "\r\n");
}

static bool is_named(const struct rig_request *request, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < RIG_FIELDS_MAX && request->headers[i].name; i++) {
        if (rig_name_equal(request->headers[i].name, strlen(request->headers[i].name), name, size)) {
            return true;
        }
    }
    for (size_t i = 0; i < request->header_count; i++) {
        const char *given = request->header_list[i].name;
        if (rig_name_equal(given, strlen(given), name, size)) {
            return true;
        }
    }
    return false;
}

static int add_given(struct rig_buffer *wire, const struct rig_request *request)
{
    int error = 0;
    for (size_t i = 0; i < RIG_FIELDS_MAX && request->headers[i].name && !error; i++) {
        error = request->headers[i].value ? add_field(wire, request->headers[i].name, request->headers[i].value) : 0;
    }
    for (size_t i = 0; i < request->header_count && !error; i++) {
        const struct rig_field *field = &request->header_list[i];
        error = field->value ? add_field(wire, field->name, field->value) : 0;
    }
    return error;
}

/* The whole body in memory. */
static int read_body(struct rig_run *run, struct rig_sent *sent)
{
    struct rig_buffer whole = {.arena = &run->arena};
    while (sent->source.read) {
        unsigned char *room = rig_buffer_room(&whole, PIECE);
        int64_t got = room ? sent->source.read(sent->source.self, room, PIECE) : -ENOMEM;
        if (got < 0 || got > PIECE) {
            return got < 0 ? (int)got : -EIO;
        }
        if (got == 0) {
            sent->bytes = whole.data;
            sent->size = whole.size;
            break;
        }
        whole.size += (size_t)got;
    }
    return 0;
}

static int add_chunked(struct rig_buffer *wire, const struct rig_request *request, const struct rig_sent *sent)
{
    const char *at = sent->bytes;
    uint64_t left = sent->size;
    for (size_t piece = 0; left > 0; piece += piece + 1 < request->piece_count) {
        uint64_t size = request->piece_count > 0 ? request->pieces[piece] : left;
        size = size < left ? size : left;
        unsigned char *room = rig_buffer_room(wire, (size_t)size + RIG_CHUNK_OVERHEAD);
        if (!room) {
            return -ENOMEM;
        }
        wire->size += rig_chunk_encode(at, (size_t)size, (char *)room, (size_t)size + RIG_CHUNK_OVERHEAD);
        at += size;
        left -= size;
    }
    return add(wire, "0\r\n\r\n");
}

static int add_framing(struct rig_run *run, struct rig_buffer *wire, const struct rig_request *request,
                       const struct rig_sent *sent)
{
    if (is_named(request, "Content-Length") || is_named(request, "Transfer-Encoding")) {
        return 0;
    }
    if (request->chunked) {
        return add_field(wire, "Transfer-Encoding", "chunked");
    }
    char *length = rig_arena_print(&run->arena, "%llu", (unsigned long long)sent->size);
    return !sent->has_body ? 0 : length ? add_field(wire, "Content-Length", length) : -ENOMEM;
}

int rig_request_write(struct rig_run *run, const struct rig_request *request, struct rig_bytes *wire)
{
    struct rig_sent sent = {0};
    struct rig_buffer out = {.arena = &run->arena};
    const char *type = NULL, *target = rig_request_target(run, request);
    int error = target ? rig_request_body(run, request, &sent, &type) : -ENOMEM;
    error = error ? error : read_body(run, &sent);
    error = error ? error : add(&out, request->method ? request->method : "GET");
    error = error ? error : add(&out, " ");
    error = error ? error : add(&out, target);
    error = error ? error : add(&out, " HTTP/");
    error = error ? error : add(&out, request->http_version ? request->http_version : "1.1");
    error = error ? error : add(&out, "\r\n");
    error = error || is_named(request, "Host") ? error : add_field(&out, "Host", "example.org");
    error = error ? error : add_given(&out, request);
    error = error || !type || is_named(request, "Content-Type") ? error : add_field(&out, "Content-Type", type);
    error = error ? error : add_framing(run, &out, request, &sent);
    error = error ? error : add(&out, "\r\n");
    if (error == 0 && sent.has_body) {
        error = request->chunked ? add_chunked(&out, request, &sent)
                                 : rig_buffer_append(&out, sent.bytes, (size_t)sent.size);
    }
    *wire = (struct rig_bytes){out.data, out.size};
    return error;
}
