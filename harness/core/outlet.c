#include "harness/core/outlet.h"

#include "harness/http/wire.h"

#include <errno.h>

#define PIECE 16384

static const struct rig_field *list_headers(struct rig_run *run, const struct rig_response *response)
{
    struct rig_field *list = rig_arena_alloc(run->results, (response->header_count + 1) * sizeof *list);
    for (uint32_t i = 0; list && i < response->header_count; i++) {
        list[i] = (struct rig_field){response->headers[i].name, response->headers[i].value};
    }
    return list;
}

/* What is sent before a stream. Of an answer that lacks something for want of memory only that it failed. */
static struct rig_host_head make_head(struct rig_run *run, const struct rig_response *response)
{
    struct rig_host_head head = {
        .status = 500, .error = run->returned, .head_request = run->wire.head_request, .body = {"", 0}};
    head.headers = list_headers(run, response);
    if (!head.headers || (head.error == 0 && rig_response_is_starved(response))) {
        head.error = -ENOMEM;
        return head;
    }
    bool bodiless = rig_status_is_bodiless(response->status);
    head.status = response->status;
    head.header_count = response->header_count;
    head.stream = response->stream && !bodiless;
    if (!response->stream && !bodiless && response->body.size > 0) {
        head.body = (struct rig_bytes){response->body.data, response->body.size};
    }
    return head;
}

/* The client's going away ends a stream as its own end does. */
static int give_stream(struct rig_outlet *outlet, struct rig_guard *stream, uint64_t *sent)
{
    const struct rig_source source = rig_guard_source(stream);
    unsigned char piece[PIECE];
    int64_t got;
    while ((got = source.read(source.self, piece, sizeof piece)) > 0) {
        outlet->failed = outlet->answer->body(outlet->answer->self, piece, (size_t)got);
        if (outlet->failed != 0) {
            return 0;
        }
        *sent += (uint64_t)got;
    }
    return (int)got;
}

int rig_outlet_send(struct rig_run *run, struct rig_response *response, uint64_t *sent)
{
    struct rig_outlet *outlet = run->outlet;
    const struct rig_host_head head = make_head(run, response);
    run->outlet = NULL; /* what comes behind this request has no answer here */
    outlet->failed = outlet->answer->head(outlet->answer->self, &head);
    outlet->began = outlet->failed == 0;
    return outlet->began && head.stream && !head.head_request ? give_stream(outlet, response->stream, sent) : 0;
}
