/* A request as its client writes it: what the rig makes an env of, put back on the wire. */
#include "harness/client/client.h"

#include "harness/http/wire.h"

#include <stackrig/foreign.h>
#include <stackrig/host.h>

#include <errno.h>

#define PIECE 16384

static int add(struct rig_buffer *wire, const char *text)
{
    return rig_buffer_append(wire, text, strlen(text));
}

static int add_line(struct rig_buffer *wire, const struct rig_sent *sent)
{
    int error = rig_buffer_append(wire, sent->method.data, sent->method.size);
    error = error ? error : add(wire, " ");
    error = error ? error : rig_buffer_append(wire, sent->target.data, sent->target.size);
    error = error ? error : add(wire, sent->minor ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
    return error;
}

static int add_field(void *closure, const char *name, const char *value, size_t size)
{
    struct rig_buffer *wire = closure;
    int error = add(wire, name);
    error = error ? error : add(wire, ": ");
    error = error ? error : rig_buffer_append(wire, value, size);
    return error ? error : add(wire, "\r\n");
}

static int64_t read_body(struct rig_run *run, void *to, size_t size)
{
    return rig_input_read_at(run->site, run->env->input, to, size);
}

/* In the pieces that the request asks for, where it is chunked. */
static int add_body(struct rig_run *run, struct rig_buffer *wire, bool chunked)
{
    unsigned char piece[PIECE];
    char framed[PIECE + RIG_CHUNK_OVERHEAD];
    int64_t got;
    int error = 0;
    while (!error && (got = read_body(run, piece, sizeof piece)) != 0) {
        if (got < 0) {
            return (int)got;
        }
        size_t size = (size_t)got;
        error = chunked ? rig_buffer_append(wire, framed, rig_chunk_encode(piece, size, framed, sizeof framed))
                        : rig_buffer_append(wire, piece, size);
    }
    return error || !chunked ? error : add(wire, "0\r\n\r\n");
}

static int write_request(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                         struct rig_bytes *wire)
{
    struct rig_sent sent = {0};
    struct rig_buffer out = {.arena = run->results};
    if (request->malformed) {
        int error = rig_request_check(run, request);
        return error ? error : rig_request_write(run, client, request, wire);
    }
    int error = rig_send_build(run, client, request, &sent);
    error = error ? error : add_line(&out, &sent);
    error = error ? error : rig_foreign_fields(run->env, add_field, &out);
    error = error ? error : add(&out, "\r\n");
    error = error ? error : add_body(run, &out, sent.chunked);
    *wire = (struct rig_bytes){out.data, out.size};
    return error;
}

int rig_host_wire(struct rig_client *client, const struct rig_request *request, struct rig_bytes *wire)
{
    const struct rig_result *refused;
    *wire = (struct rig_bytes){NULL, 0};
    struct rig_run *run = rig_send_open(NULL, client, "rig_serve", request, __builtin_frame_address(0), &refused);
    if (!run) {
        return refused->error;
    }
    int error = write_request(run, client, request, wire);
    const void *kept = error || !wire->data ? NULL : rig_arena_copy(run->results, wire->data, wire->size);
    error = error || kept ? error : -ENOMEM;
    *wire = (struct rig_bytes){kept, kept ? wire->size : 0};
    run->report->result.error = error < 0 ? error : 0;
    (void)rig_send_close(client, run);
    return error > 0 ? -EINVAL : error;
}
