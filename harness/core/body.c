/* Response bodies: every source is behind a guard that knows whether it was read, closed, or closed twice. */
#include "harness/core/outlet.h"
#include "harness/core/reader.h"
#include "harness/http/rare.h"

#include <errno.h>

#define PULL_PIECE 16384
#define STARTS_FIRST 8

struct rig_guard *rig_guard_new(struct rig_run *run, const char *site, struct rig_source source)
{
    struct rig_guard *guard = rig_pool_take_empty(&run->runner->guards, run);
    if (guard) {
        guard->source = source;
        guard->site = site;
        guard->hop = run->current_hop;
        guard->sibling = run->guards;
        run->guards = guard;
    }
    return guard;
}

static void emit(struct rig_run *run, enum rig_event_kind kind, uint32_t facts, struct rig_guard *guard, int64_t number)
{
    if (rig_is_wanted(run, kind, facts)) {
        rig_emit(run, &(struct rig_event){
                          .kind = kind, .facts = facts, .site = guard->site, .guard = guard, .number = number});
    }
}

/* What happens while a body is pulled or closed is the doing of the layer that made it. */
static uint32_t enter_guard(struct rig_run *run, struct rig_guard *guard)
{
    uint32_t before = run->current_hop;
    run->current_hop = guard->hop;
    if (rig_is_wanted(run, RIG_EVENT_BODY_CALL, RIG_FACT_ALWAYS)) {
        rig_emit(run, &(struct rig_event){
                          .kind = RIG_EVENT_BODY_CALL, .facts = RIG_FACT_ALWAYS, .site = guard->site, .guard = guard});
    }
    return before;
}

static void leave_guard(struct rig_run *run, uint32_t before)
{
    run->current_hop = before;
    if (rig_is_wanted(run, RIG_EVENT_BODY_CALL, RIG_FACT_ALWAYS)) {
        rig_emit(run, &(struct rig_event){.kind = RIG_EVENT_BODY_CALL, .facts = RIG_FACT_ALWAYS});
    }
}

/* What a read may give: a wrapper sees the chunks that were written. Not the empty ones: 0 is the end. */
static size_t chunk_left(struct rig_guard *guard)
{
    while (guard->start < guard->start_count && guard->starts[guard->start] <= guard->at) {
        guard->start++;
    }
    return (guard->start < guard->start_count ? guard->starts[guard->start] : guard->size) - guard->at;
}

static int64_t guard_read(void *self, void *buffer, size_t size)
{
    struct rig_guard *guard = self;
    struct rig_run *run = rig_live(NULL, &guard->handle, RIG_HANDLE_GUARD, "reading a response body");
    if (!run) {
        return -ESTALE;
    }
    if (guard->closes > 0) {
        emit(run, RIG_EVENT_BODY_READ, RIG_FACT_ALWAYS | RIG_FACT_CLOSED, guard, -EINVAL);
        return -EINVAL;
    }
    int64_t got;
    if (guard->source.read) {
        uint32_t before = enter_guard(run, guard);
        got = guard->source.read(guard->source.self, buffer, size);
        if (!rig_is_read(got, size)) {
            (void)rig_misuse(run, RIG_MISUSE_BAD_RETURN, guard->site,
                             got > 0 ? "a response body's read gave %lld bytes where %zu were asked for"
                                     : "a response body's read returned %lld, which is no -errno, for %zu bytes",
                             (long long)got, size);
            got = -EIO;
        }
        leave_guard(run, before);
    } else {
        size_t left = chunk_left(guard);
        got = (int64_t)(size < left ? size : left);
        if (got > 0) {
            memcpy(buffer, guard->bytes + guard->at, (size_t)got);
        }
        guard->at += (size_t)got;
    }
    emit(run, RIG_EVENT_BODY_READ,
         RIG_FACT_ALWAYS | (got < 0 ? RIG_FACT_ERROR : 0) | (guard->ended ? RIG_FACT_AGAIN : 0), guard, got);
    guard->ended = guard->ended || (got == 0 && size > 0);
    return got;
}

static void close_guard(struct rig_run *run, struct rig_guard *guard)
{
    guard->closes++;
    emit(run, RIG_EVENT_BODY_CLOSE, RIG_FACT_ALWAYS | (guard->closes > 1 ? RIG_FACT_AGAIN : 0), guard, 0);
    if (guard->closes == 1 && guard->source.close) {
        uint32_t before = enter_guard(run, guard);
        guard->source.close(guard->source.self);
        leave_guard(run, before);
    }
}

static void guard_close(void *self)
{
    struct rig_guard *guard = self;
    struct rig_run *run = rig_live(NULL, &guard->handle, RIG_HANDLE_GUARD, "closing a response body");
    if (run) {
        close_guard(run, guard);
    }
}

static int guard_rewind(void *self)
{
    struct rig_guard *guard = self;
    struct rig_run *run = rig_live(NULL, &guard->handle, RIG_HANDLE_GUARD, "rewinding a response body");
    if (!run) {
        return -ESTALE;
    }
    if (guard->source.rewind) {
        uint32_t before = enter_guard(run, guard);
        int error = guard->source.rewind(guard->source.self);
        leave_guard(run, before);
        guard->ended = guard->ended && error != 0;
        return error;
    }
    if (guard->source.read) {
        return -ESPIPE;
    }
    guard->at = guard->start = 0;
    guard->ended = false;
    return 0;
}

struct rig_source rig_guard_source(struct rig_guard *guard)
{
    return (struct rig_source){.read = guard_read, .rewind = guard_rewind, .close = guard_close, .self = guard};
}

/* ---- chunks ---- */

static int grow_starts(struct rig_run *run, struct rig_response *response)
{
    uint32_t capacity = response->starts ? response->start_capacity * 2 : STARTS_FIRST;
    size_t *grown = rig_arena_alloc(run->results, capacity * sizeof *grown);
    if (!grown) {
        return -ENOMEM;
    }
    if (response->starts) {
        memcpy(grown, response->starts, response->chunk_count * sizeof *grown);
    } else {
        grown[0] = 0; /* of the first, which had none */
    }
    response->starts = grown;
    response->start_capacity = capacity;
    return 0;
}

int rig_body_begin_chunk(struct rig_run *run, struct rig_response *response)
{
    if (response->chunk_count == 0 || response->chunk_count == RIG_CHUNKS_MAX) {
        response->chunk_count += response->chunk_count == 0;
        return 0;
    }
    if (response->chunk_count >= response->start_capacity && grow_starts(run, response) != 0) {
        return -ENOMEM;
    }
    response->starts[response->chunk_count++] = response->body.size;
    return 0;
}

/* ---- taken and dropped ---- */

struct rig_guard *rig_body_take(struct rig_run *run, struct rig_response *response, const char *site)
{
    struct rig_guard *guard = response->stream;
    if (!guard) {
        guard = rig_guard_new(run, site, (struct rig_source){0});
        if (!guard) {
            return NULL;
        }
        guard->bytes = response->body.data;
        guard->size = response->body.size;
        guard->starts = response->starts;
        guard->start_count = response->starts ? response->chunk_count : 0;
    }
    guard->taken = true;
    guard->taken_at = site;
    guard->taken_by = run->current_hop;
    response->stream = NULL;
    response->body = (struct rig_buffer){.arena = response->body.arena};
    rig_body_forget_chunks(response);
    return guard;
}

void rig_body_drop_stream(struct rig_run *run, struct rig_response *response)
{
    struct rig_guard *guard = response->stream;
    response->stream = NULL;
    close_guard(run, guard);
}

/* ---- pulled ---- */

/* That the rig has no room for a stream is no fault of the stream's. */
static int starve(struct rig_run *run)
{
    run->starved = true;
    return -ENOMEM;
}

/* A client that has gone away ends a stream as its own end does. */
static bool is_read_on(struct rig_run *run, uint64_t size)
{
    return !run->reader || rig_reader_take(run, size);
}

static RIG_APART int drop_stream(struct rig_run *run, struct rig_guard *guard, uint64_t *total)
{
    unsigned char scratch[PULL_PIECE];
    int64_t got;
    while ((got = guard_read(guard, scratch, sizeof scratch)) > 0) {
        *total += (uint64_t)got;
        if (!is_read_on(run, (uint64_t)got)) {
            return 0;
        }
    }
    return (int)got;
}

static RIG_APART int pull_stream(struct rig_run *run, struct rig_response *response)
{
    struct rig_buffer *kept = &response->body;
    for (;;) {
        unsigned char *into = rig_buffer_room(kept, PULL_PIECE);
        if (!into) {
            return starve(run);
        }
        int64_t got = guard_read(response->stream, into, PULL_PIECE);
        if (got <= 0) {
            return (int)got;
        }
        if (rig_body_begin_chunk(run, response) != 0) {
            return starve(run);
        }
        kept->size += (size_t)got;
        kept->data[kept->size] = '\0';
        if (!is_read_on(run, (uint64_t)got)) {
            return 0;
        }
    }
}

static RIG_APART int send_stream(struct rig_run *run, struct rig_response *response, uint64_t *dropped)
{
    if (run->reader) {
        rig_reader_begin(run->reader, response);
        if (run->reader->gone) {
            return 0;
        }
    }
    return run->discard_body ? drop_stream(run, response->stream, dropped) : pull_stream(run, response);
}

static RIG_APART int list_chunks(struct rig_run *run, const struct rig_response *response, struct rig_result *result)
{
    size_t count = response->chunk_count;
    struct rig_bytes *list = rig_arena_alloc(run->results, count * sizeof *list);
    if (!list) {
        return starve(run);
    }
    for (size_t i = 0; i < count; i++) {
        size_t end = i + 1 < count ? response->starts[i + 1] : response->body.size;
        list[i] = (struct rig_bytes){result->body + response->starts[i], end - response->starts[i]};
    }
    result->chunks = list;
    result->chunk_count = count;
    return 0;
}

/* What there is besides the bytes. Only the first exchange's is seen. */
static int describe_body(struct rig_run *run, const struct rig_response *response, struct rig_result *result)
{
    struct rig_report *report = run->report;
    if (result != &report->result) {
        return 0;
    }
    report->bodied = response->bodied && !run->wire.head_request;
    report->streamed = response->stream != NULL;
    if (response->chunk_count == 0 || run->discard_body) {
        return 0;
    }
    if (response->starts) {
        return list_chunks(run, response, result);
    }
    report->chunk = (struct rig_bytes){result->body, result->body_size}; /* a single one needs no list of its own */
    result->chunks = &report->chunk;
    result->chunk_count = response->chunk_count;
    return 0;
}

int rig_body_pull(struct rig_run *run, struct rig_response *response, struct rig_result *result)
{
    uint64_t dropped = 0;
    int failed = 0;
    response->out = true;
    run->starved = run->starved || (rig_response_is_starved(response) && run->returned == 0);
    if (run->outlet) {
        failed = rig_outlet_send(run, response, &dropped);
    } else if (response->stream) {
        failed = send_stream(run, response, &dropped);
    }
    result->body = "";
    result->body_size = response->body.size + (size_t)dropped;
    if (response->body.data && !run->discard_body) {
        response->body.data[response->body.size] = '\0';
        result->body = (const char *)response->body.data;
    }
    run->answer_size = result->body_size;
    int listed = describe_body(run, response, result);
    return failed ? failed : listed;
}

void rig_guards_close(struct rig_run *run, bool taken)
{
    for (struct rig_guard *guard = run->guards; guard; guard = guard->sibling) {
        if (guard->taken == taken && guard->closes == 0) {
            close_guard(run, guard);
        }
    }
}
