/* Response bodies: every source is behind a guard that knows whether it was read, closed, or closed twice. */
#include "harness/core/run.h"

#include <errno.h>

#define PULL_PIECE 16384

struct rig_guard *rig_guard_new(struct rig_run *run, const char *site, struct rig_source source)
{
    struct rig_guard *guard = rig_pool_take(&run->runner->guards, run);
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
        rig_emit(run, (struct rig_event){
                          .kind = kind, .facts = facts, .site = guard->site, .guard = guard, .number = number});
    }
}

/* What happens while a body is pulled or closed is the doing of the layer that made it. */
static uint32_t enter_guard(struct rig_run *run, struct rig_guard *guard)
{
    uint32_t before = run->current_hop;
    run->current_hop = guard->hop;
    if (rig_is_wanted(run, RIG_EVENT_BODY_CALL, RIG_FACT_ALWAYS)) {
        rig_emit(run, (struct rig_event){
                          .kind = RIG_EVENT_BODY_CALL, .facts = RIG_FACT_ALWAYS, .site = guard->site, .guard = guard});
    }
    return before;
}

static void leave_guard(struct rig_run *run, uint32_t before)
{
    run->current_hop = before;
    if (rig_is_wanted(run, RIG_EVENT_BODY_CALL, RIG_FACT_ALWAYS)) {
        rig_emit(run, (struct rig_event){.kind = RIG_EVENT_BODY_CALL, .facts = RIG_FACT_ALWAYS});
    }
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
        got = (int64_t)(size < guard->size - guard->at ? size : guard->size - guard->at);
        if (got > 0) {
            memcpy(buffer, guard->bytes + guard->at, (size_t)got);
        }
        guard->at += (size_t)got;
    }
    emit(run, RIG_EVENT_BODY_READ, RIG_FACT_ALWAYS | (got < 0 ? RIG_FACT_ERROR : 0), guard, got);
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
        return error;
    }
    guard->at = guard->source.read ? guard->at : 0;
    return guard->source.read ? -ESPIPE : 0;
}

struct rig_source rig_guard_source(struct rig_guard *guard)
{
    return (struct rig_source){.read = guard_read, .rewind = guard_rewind, .close = guard_close, .self = guard};
}

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
    }
    guard->taken = true;
    guard->taken_at = site;
    guard->taken_by = run->current_hop;
    response->stream = NULL;
    response->body = (struct rig_buffer){.arena = response->body.arena};
    return guard;
}

void rig_body_drop(struct rig_run *run, struct rig_response *response)
{
    if (response->stream) {
        struct rig_guard *guard = response->stream;
        response->stream = NULL;
        close_guard(run, guard);
    }
    response->body.size = 0;
}

/* All of a stream into the result, or only its count. That the rig has no room for it is no fault of the stream's. */
static int pull_stream(struct rig_run *run, struct rig_guard *guard, struct rig_buffer *kept, uint64_t *total)
{
    unsigned char scratch[PULL_PIECE];
    bool discard = run->discard_body;
    for (;;) {
        unsigned char *into = discard ? scratch : rig_buffer_room(kept, PULL_PIECE);
        if (!into) {
            run->starved = true;
            return -ENOMEM;
        }
        int64_t got = guard_read(guard, into, PULL_PIECE);
        if (got <= 0) {
            return (int)got;
        }
        *total += (uint64_t)got;
        if (!discard) {
            kept->size += (size_t)got;
            kept->data[kept->size] = '\0';
        }
    }
}

int rig_body_pull(struct rig_run *run, struct rig_response *response, struct rig_result *result)
{
    uint64_t total = response->body.size;
    int failed = 0;
    if (response->stream) {
        failed = pull_stream(run, response->stream, &response->body, &total);
    }
    result->body = response->body.data && !run->discard_body ? (const char *)response->body.data : "";
    result->body_size = (size_t)total;
    if (response->body.data && !run->discard_body) {
        response->body.data[response->body.size] = '\0';
    }
    return failed;
}

void rig_guards_close(struct rig_run *run, bool taken)
{
    for (struct rig_guard *guard = run->guards; guard; guard = guard->sibling) {
        if (guard->taken == taken && guard->closes == 0) {
            close_guard(run, guard);
        }
    }
}
