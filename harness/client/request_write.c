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

/* What stands in no byte of a request cannot reach the stack this way. */
static int check_carried(struct rig_run *run, const struct rig_request *request)
{
    const char *lost = request->env[0].name || request->env_count > 0  ? ".env"
                       : request->script_name                          ? ".script_name"
                       : request->remote_addr                          ? ".remote_addr"
                       : request->secure                               ? ".secure"
                       : request->piece_count > 0 && !request->chunked ? ".pieces without .chunked"
                                                                       : NULL;
    return lost ? rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, run->site,
                             "a .malformed request goes on the wire as bytes, which cannot carry its %s", lost)
                : 0;
}

static int add_if_sent(struct rig_buffer *wire, const struct rig_field *field)
{
    return field->value ? add_field(wire, field->name, field->value) : 0;
}

static int add_given(struct rig_buffer *wire, const struct rig_client *client, const struct rig_request *request)
{
    int error = 0;
    for (size_t i = 0; i < RIG_FIELDS_MAX && request->headers[i].name && !error; i++) {
        error = add_if_sent(wire, &request->headers[i]);
    }
    for (size_t i = 0; i < request->header_count && !error; i++) {
        error = add_if_sent(wire, &request->header_list[i]);
    }
    for (const struct rig_field *field = client->headers; field->name && !error; field++) {
        error = rig_request_names(request, field->name) ? 0 : add_if_sent(wire, field);
    }
    bool xhr = request->xhr && !rig_headers_name(client, request, RIG_XHR_NAME);
    return error || !xhr ? error : add_field(wire, RIG_XHR_NAME, RIG_XHR_VALUE);
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

static int add_framing(struct rig_run *run, struct rig_buffer *wire, const struct rig_client *client,
                       const struct rig_request *request, const struct rig_sent *sent)
{
    if (rig_headers_name(client, request, "Content-Length") || rig_headers_name(client, request, "Transfer-Encoding")) {
        return 0;
    }
    if (request->chunked) {
        return add_field(wire, "Transfer-Encoding", "chunked");
    }
    char *length = rig_arena_print(&run->arena, "%llu", (unsigned long long)sent->size);
    return !sent->has_body ? 0 : length ? add_field(wire, "Content-Length", length) : -ENOMEM;
}

/* The target as it is, its query with the params. */
static int find_target(struct rig_run *run, const struct rig_request *request, const char **target)
{
    *target = request->target && request->target[0] ? request->target : "/";
    if (!rig_request_has_query(request)) {
        return 0;
    }
    const char *mark = strchr(*target, '?');
    size_t size = mark ? (size_t)(mark - *target) : strlen(*target);
    struct rig_slice query = {mark ? mark + 1 : NULL, mark ? strlen(mark + 1) : 0};
    struct rig_buffer whole = {.arena = &run->arena};
    int error = rig_request_query(run, request, &query);
    error = error ? error : rig_buffer_append(&whole, *target, size);
    error = error || !query.data ? error : rig_buffer_append(&whole, "?", 1);
    error = error ? error : rig_buffer_append(&whole, query.data, query.size);
    *target = (const char *)whole.data;
    return error;
}

/* The Content-Type that the request has of its own, or the client's; data NULL: none. */
static struct rig_slice type_of(const struct rig_client *client, const struct rig_request *request)
{
    static const char name[] = "Content-Type";
    const struct rig_field *lists[] = {request->headers, request->header_list, client->headers};
    const size_t counts[] = {RIG_FIELDS_MAX, request->header_count, RIG_FIELDS_MAX};
    for (size_t list = 0; list < sizeof lists / sizeof lists[0]; list++) {
        for (size_t i = 0; i < counts[list] && lists[list][i].name; i++) {
            const struct rig_field *field = &lists[list][i];
            if (rig_name_equal(field->name, strlen(field->name), name, sizeof name - 1)) {
                return (struct rig_slice){field->value, field->value ? strlen(field->value) : 0};
            }
        }
    }
    return (struct rig_slice){NULL, 0};
}

static int add_version(struct rig_buffer *wire, const char *version)
{
    bool whole = version && strncmp(version, "HTTP/", 5) == 0;
    int error = add(wire, whole ? " " : " HTTP/");
    return error ? error : add(wire, version ? version : "1.1");
}

int rig_request_write(struct rig_run *run, const struct rig_client *client, const struct rig_request *request,
                      struct rig_bytes *wire)
{
    struct rig_sent sent = {0};
    struct rig_buffer out = {.arena = &run->arena};
    const char *type = NULL, *target = NULL;
    int error = check_carried(run, request);
    error = error ? error : find_target(run, request, &target);
    sent.value[RIG_NAME_CONTENT_TYPE] = type_of(client, request);
    error = error ? error : rig_request_body(run, request, &sent, &type);
    error = error ? error : read_body(run, &sent);
    error = error ? error : add(&out, request->method ? request->method : "GET");
    error = error ? error : add(&out, " ");
    error = error ? error : add(&out, target);
    error = error ? error : add_version(&out, request->http_version);
    error = error ? error : add(&out, "\r\n");
    error = error || rig_headers_name(client, request, "Host") ? error : add_field(&out, "Host", RIG_DEFAULT_HOST);
    error = error ? error : add_given(&out, client, request);
    error = error || !type || rig_headers_name(client, request, "Content-Type") ? error
                                                                                : add_field(&out, "Content-Type", type);
    error = error ? error : add_framing(run, &out, client, request, &sent);
    error = error ? error : add(&out, "\r\n");
    if (error == 0 && sent.has_body) {
        error = request->chunked ? add_chunked(&out, request, &sent)
                                 : rig_buffer_append(&out, sent.bytes, (size_t)sent.size);
    }
    *wire = (struct rig_bytes){out.data, out.size};
    return error;
}
