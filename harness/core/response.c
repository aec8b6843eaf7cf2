#include "harness/core/fields.h"
#include "harness/core/reader.h"
#include "harness/http/chars.h"

#include <errno.h>
#include <limits.h>

/* ---- what every call begins with ---- */

static struct rig_run *live(const char *site, const struct rig_response *response, const char *call)
{
    return response && response->handle.run
               ? response->handle.run
               : rig_live(site, response ? &response->handle : NULL, RIG_HANDLE_RESPONSE, call);
}

static int dead(const struct rig_response *response)
{
    return rig_live_error(response ? &response->handle : NULL);
}

static RIG_COLD struct rig_run *refuse_write(const char *site, struct rig_response *response, const char *call,
                                             int *error)
{
    struct rig_run *run = live(site, response, call);
    *error = run ? 0 : dead(response);
    if (!run || !response->out) {
        return run;
    }
    *error =
        rig_stale(run, RIG_HANDLE_RESPONSE, site, "%s came after the answer was out: response#%llu is being delivered",
                  call, (unsigned long long)response->handle.serial);
    return NULL;
}

/* The run of a response that can still be changed; NULL with *error set. */
static inline struct rig_run *writable(const char *site, struct rig_response *response, const char *call, int *error)
{
    *error = 0;
    return response && response->handle.run && !response->out ? response->handle.run
                                                              : refuse_write(site, response, call, error);
}

/* ---- the state ---- */

/* Where the layer was last that touched the response. */
static void note_touch(struct rig_run *run, const char *site)
{
    struct rig_hop *hop = rig_run_hop(run);
    if (hop) {
        hop->left_at = site;
    }
}

/* From now on the body is what that layer made of it. */
static void note_body(const struct rig_run *run, struct rig_response *response, const char *site)
{
    response->body_by = run->current_hop;
    response->body_at = site;
    response->status_last = false;
}

/* Of an answering call that is not the first. */
static RIG_COLD uint32_t note_again(const struct rig_run *run, struct rig_response *response, const char *site,
                                    int status, bool body)
{
    if (response->status != status) {
        response->status_by = run->current_hop;
        response->status_at = site;
        response->status_last = true;
    }
    if (body) {
        note_body(run, response, site);
    }
    return RIG_FACT_ALWAYS | (response->answered_by != run->current_hop ? RIG_FACT_ANSWERED : 0);
}

/* The facts of an answering call: does it stand over another layer's answer? status: as it becomes; body: it gives one. */
static uint32_t note_answer(struct rig_run *run, struct rig_response *response, const char *site, int status, bool body)
{
    struct rig_hop *hop = rig_run_hop(run);
    note_touch(run, site);
    if (RIG_UNLIKELY(response->answered)) {
        return note_again(run, response, site, status, body);
    }
    response->answered = true;
    response->answered_by = run->current_hop;
    response->answered_at = site;
    run->tally.answers++;
    if (hop) {
        hop->answered = true;
    }
    return RIG_FACT_ALWAYS;
}

static RIG_COLD void emit_status(struct rig_run *run, uint32_t facts, const char *site, int status)
{
    rig_emit(run, &(struct rig_event){.kind = RIG_EVENT_STATUS, .facts = facts, .site = site, .number = status});
}

static void set_status(struct rig_run *run, struct rig_response *response, int status, bool body, const char *site)
{
    uint32_t facts = note_answer(run, response, site, status, body);
    facts |= status < 100 || status > 599 ? RIG_FACT_BAD_STATUS : 0;
    response->status = status;
    response->zero = status == 0;
    run->tally.statuses++;
    struct rig_hop *hop = facts & RIG_FACT_ANSWERED ? rig_run_hop(run) : NULL;
    if (hop) {
        hop->status_over = true;
    }
    if (rig_is_wanted(run, RIG_EVENT_STATUS, facts)) {
        emit_status(run, facts, site, status);
    }
}

int rig_response_set_status_at(const char *site, struct rig_response *response, int status)
{
    int error;
    struct rig_run *run = writable(site, response, "rig_response_set_status", &error);
    if (run) {
        set_status(run, response, status, false, site);
    }
    return error;
}

int rig_response_status_at(const char *site, const struct rig_response *response)
{
    if (!live(site, response, "rig_response_status")) {
        return dead(response);
    }
    return response->status || response->zero || !response->answered ? response->status : 200;
}

int rig_response_error(const struct rig_response *response)
{
    return live(NULL, response, "rig_response_error") ? response->error : dead(response);
}

uint64_t rig_response_serial(const struct rig_response *response)
{
    return response ? response->handle.serial : 0;
}

/* ---- headers ---- */

static bool same_name(const struct rig_header *header, const char *name, size_t size)
{
    return header->name_size == size && rig_name_equal(header->name, size, name, size);
}

static struct rig_header *find_nth(const struct rig_response *response, const char *name, size_t size, size_t n)
{
    for (uint32_t i = 0; i < response->header_count; i++) {
        if (same_name(&response->headers[i], name, size) && n-- == 0) {
            return &response->headers[i];
        }
    }
    return NULL;
}

static struct rig_header *find_header(const struct rig_response *response, const char *name, size_t size)
{
    return find_nth(response, name, size, 0);
}

static RIG_APART bool grow_headers(struct rig_run *run, struct rig_response *response)
{
    uint32_t capacity = response->header_capacity ? response->header_capacity * 2 : 8;
    struct rig_header *grown = rig_arena_alloc(run->results, capacity * sizeof *grown);
    if (!grown) {
        return false;
    }
    if (response->header_count > 0) {
        memcpy(grown, response->headers, response->header_count * sizeof *grown);
    }
    response->headers = grown;
    response->header_capacity = capacity;
    return true;
}

static inline struct rig_header *add_slot(struct rig_run *run, struct rig_response *response)
{
    bool room = response->header_count < response->header_capacity || grow_headers(run, response);
    return room ? &response->headers[response->header_count] : NULL;
}

/* Removes all of that name from index `from` on. */
static void remove_from(struct rig_response *response, uint32_t from, const char *name, size_t size)
{
    uint32_t kept = from;
    for (uint32_t i = from; i < response->header_count; i++) {
        if (!same_name(&response->headers[i], name, size)) {
            response->headers[kept++] = response->headers[i];
        }
    }
    response->header_count = kept;
}

/* In the place of slot and all of that name behind it; slot NULL: one more. */
static inline int put_header(struct rig_run *run, struct rig_response *response, const char *site,
                             struct rig_slice name, struct rig_bytes value, struct rig_header *slot)
{
    size_t name_size = name.size, value_size = value.size;
    if ((name_size | value_size) > UINT32_MAX) {
        return -ENOMEM;
    }
    char *strings = rig_arena_alloc(run->results, name_size + value_size + 2);
    bool fresh = !slot;
    slot = slot ? slot : add_slot(run, response);
    if (!strings || !slot) {
        response->lost_by = run->current_hop < response->lost_by ? run->current_hop : response->lost_by;
        return -ENOMEM;
    }
    rig_copy_short(strings, name.data, name_size);
    strings[name_size] = '\0';
    rig_copy_short(strings + name_size + 1, value.data, value_size);
    strings[name_size + 1 + value_size] = '\0';
    /* Member by member: a struct made on the stack and copied is read back before its stores have settled. */
    slot->name = strings;
    slot->value = strings + name_size + 1;
    slot->name_size = (uint32_t)name_size;
    slot->value_size = (uint32_t)value_size;
    slot->site = site;
    slot->hop = run->current_hop;
    if (fresh) {
        response->header_count++;
    } else {
        remove_from(response, (uint32_t)(slot - response->headers) + 1, strings, name_size);
    }
    run->tally.headers++;
    return 0;
}

static void drop_header(struct rig_run *run, struct rig_response *response, const char *name)
{
    remove_from(response, 0, name, strlen(name));
    run->tally.headers++;
}

static int name_given(struct rig_run *run, const char *site, const char *name, const char *call)
{
    return name ? 0 : rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "%s was given a NULL header name", call);
}

static int change_header(const char *site, struct rig_response *response, const char *name, struct rig_bytes value,
                         bool replace, const char *call)
{
    int error;
    struct rig_run *run = writable(site, response, call, &error);
    if (!run || (error = name_given(run, site, name, call)) != 0) {
        return error;
    }
    if (!value.data) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site,
                          "%s was given a NULL value for %s: rig_response_remove_header removes", call, name);
    }
    size_t size = strlen(name);
    error = put_header(run, response, site, (struct rig_slice){name, size}, value,
                       replace ? find_header(response, name, size) : NULL);
    if (error == 0) {
        note_touch(run, site);
    }
    return error;
}

static inline struct rig_bytes bytes_of(const char *text)
{
    return (struct rig_bytes){text, text ? strlen(text) : 0};
}

int rig_response_set_header_at(const char *site, struct rig_response *response, const char *name, const char *value)
{
    return change_header(site, response, name, bytes_of(value), true, "rig_response_set_header");
}

int rig_response_set_header_bytes_at(const char *site, struct rig_response *response, const char *name,
                                     const void *data, size_t size)
{
    return change_header(site, response, name, (struct rig_bytes){data, size}, true, "rig_response_set_header_bytes");
}

int rig_response_add_header_at(const char *site, struct rig_response *response, const char *name, const char *value)
{
    return change_header(site, response, name, bytes_of(value), false, "rig_response_add_header");
}

int rig_response_add_header_bytes_at(const char *site, struct rig_response *response, const char *name,
                                     const void *data, size_t size)
{
    return change_header(site, response, name, (struct rig_bytes){data, size}, false, "rig_response_add_header_bytes");
}

int rig_response_remove_header_at(const char *site, struct rig_response *response, const char *name)
{
    int error;
    struct rig_run *run = writable(site, response, "rig_response_remove_header", &error);
    if (!run || (error = name_given(run, site, name, "rig_response_remove_header")) != 0) {
        return error;
    }
    drop_header(run, response, name);
    note_touch(run, site);
    return 0;
}

const char *rig_response_header_nth_at(const char *site, const struct rig_response *response, const char *name,
                                       size_t n)
{
    struct rig_run *run = live(site, response, "rig_response_header");
    if (!run || name_given(run, site, name, "rig_response_header") != 0) {
        return NULL;
    }
    const struct rig_header *header = find_nth(response, name, strlen(name), n);
    return header ? header->value : NULL;
}

const char *rig_response_header_at(const char *site, const struct rig_response *response, const char *name)
{
    return rig_response_header_nth_at(site, response, name, 0);
}

int rig_response_each_at(const char *site, const struct rig_response *response, rig_each_fn *visit, void *closure)
{
    struct rig_run *run = live(site, response, "rig_response_each");
    if (!run) {
        return dead(response);
    }
    if (!visit) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_response_each was given a NULL function");
    }
    for (uint32_t i = 0; i < response->header_count; i++) {
        const struct rig_header *header = &response->headers[i];
        int ended = visit(closure, header->name, header->value, header->value_size);
        if (ended != 0) {
            return ended;
        }
    }
    return 0;
}

/* ---- the whole answer ---- */

static int check_reply(struct rig_run *run, const char *site, const struct rig_reply *reply)
{
    if (reply->headers[RIG_FIELDS_MAX].name) {
        return rig_misuse(run, RIG_MISUSE_TOO_MANY_FIELDS, site,
                          "rig_respond takes %d headers: add the others with rig_response_add_header", RIG_FIELDS_MAX);
    }
    if (rig_fields_cut(reply->headers)) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_respond was given a header with a NULL name");
    }
    if (reply->body && reply->bytes.data) {
        return rig_misuse(run, RIG_MISUSE_TWO_BODIES, site, "rig_respond was given both .body and .bytes");
    }
    if (!reply->bytes.data && reply->bytes.size > 0) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site,
                          "rig_respond was given .bytes with a size but NULL data");
    }
    return 0;
}

/* Does the list name what its field names before that? */
static RIG_COLD bool is_named_before(const struct rig_field *list, const struct rig_field *field, size_t size)
{
    while (list < field && !rig_name_equal(list->name, strlen(list->name), field->name, size)) {
        list++;
    }
    return list < field;
}

/* The first of a name replaces what layers have set, those that follow it add. */
static RIG_APART int put_among(struct rig_run *run, struct rig_response *response, const char *site,
                               const struct rig_field *list, const struct rig_field *field)
{
    struct rig_slice name = rig_slice_of(field->name);
    struct rig_header *slot = find_header(response, name.data, name.size);
    if (slot && is_named_before(list, field, name.size)) {
        slot = NULL;
    }
    return put_header(run, response, site, name, bytes_of(field->value), slot);
}

int rig_respond_at(const char *site, const struct rig_reply *reply)
{
    int error;
    if (!reply) {
        return rig_misuse(NULL, RIG_MISUSE_NULL_ARGUMENT, site, "rig_respond was given a NULL reply");
    }
    struct rig_response *response = reply->response;
    struct rig_run *run = writable(site, response, "rig_respond", &error);
    if (!run || (error = check_reply(run, site, reply)) != 0) {
        return error;
    }
    set_status(run, response, reply->status ? reply->status : 200, true, site);
    bool fresh = response->header_count == 0; /* no layer has set any */
    for (const struct rig_field *field = reply->headers; field->name; field++) {
        if (!field->value) {
            drop_header(run, response, field->name);
        } else {
            error = fresh ? put_header(run, response, site, rig_slice_of(field->name), bytes_of(field->value), NULL)
                          : put_among(run, response, site, reply->headers, field);
        }
        if (error != 0) {
            return error;
        }
    }
    if (response->lost_by >= run->current_hop) { /* what a layer above has lost is still lost */
        response->lost_by = RIG_NO_HOP;
    }
    rig_body_drop(run, response);
    struct rig_bytes body = reply->body ? (struct rig_bytes){reply->body, strlen(reply->body)} : reply->bytes;
    error = body.size > 0 ? rig_buffer_append(&response->body, body.data, body.size) : 0;
    response->bodied = body.data != NULL;
    response->chunk_count = body.size > 0;
    response->starved = error != 0;
    return error;
}

static RIG_COLD int refuse_gone(struct rig_run *run, const char *site)
{
    if (rig_is_wanted(run, RIG_EVENT_WRITE, RIG_FACT_ERROR)) {
        rig_emit(run,
                 &(struct rig_event){.kind = RIG_EVENT_WRITE, .facts = RIG_FACT_ERROR, .site = site, .number = -EPIPE});
    }
    return -EPIPE;
}

int rig_response_write_at(const char *site, struct rig_response *response, const void *data, size_t size)
{
    int error;
    struct rig_run *run = writable(site, response, "rig_response_write", &error);
    if (!run) {
        return error;
    }
    if (!data && size > 0) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_response_write was given NULL data");
    }
    if (response->stream) {
        return rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, site,
                          "rig_response_write cannot append to a stream: take the body, or write first");
    }
    uint32_t facts = note_answer(run, response, site, response->status, size > 0);
    if (run->reader && run->reader->gone) {
        return refuse_gone(run, site);
    }
    error = rig_body_begin_chunk(run, response);
    error = error ? error : rig_buffer_append(&response->body, data, size);
    response->bodied = true;
    response->starved = response->starved || error != 0;
    if (error == 0 && rig_is_wanted(run, RIG_EVENT_WRITE, facts)) {
        rig_emit(run, &(struct rig_event){.kind = RIG_EVENT_WRITE, .facts = facts, .site = site, .size = size});
    }
    return error;
}

int rig_response_stream_at(const char *site, struct rig_response *response, struct rig_source source)
{
    int error;
    struct rig_run *run = writable(site, response, "rig_response_stream", &error);
    if (run && !source.read) {
        error = rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_response_stream needs a source with a read");
    }
    struct rig_guard *guard = run && error == 0 ? rig_guard_new(run, site, source) : NULL;
    if (!guard) {
        if (run && error == 0) {
            response->starved = true;
        }
        if (source.close) {
            source.close(source.self);
        }
        return error != 0 ? error : -ENOMEM;
    }
    rig_body_drop(run, response);
    response->stream = guard;
    run->tally.streams++;
    uint32_t facts = note_answer(run, response, site, response->status, true);
    if (rig_is_wanted(run, RIG_EVENT_STREAM, facts)) {
        rig_emit(run, &(struct rig_event){.kind = RIG_EVENT_STREAM, .facts = facts, .site = site, .guard = guard});
    }
    return 0;
}

struct rig_source rig_response_take_body_at(const char *site, struct rig_response *response)
{
    int error;
    struct rig_run *run = writable(site, response, "rig_response_take_body", &error);
    struct rig_guard *guard = run ? rig_body_take(run, response, site) : NULL;
    if (!guard) {
        return (struct rig_source){0};
    }
    if (response->answered) { /* else there is no body yet */
        note_body(run, response, site);
    }
    run->tally.takes++;
    if (rig_is_wanted(run, RIG_EVENT_TAKE, RIG_FACT_ALWAYS)) {
        rig_emit(run,
                 &(struct rig_event){.kind = RIG_EVENT_TAKE, .facts = RIG_FACT_ALWAYS, .site = site, .guard = guard});
    }
    return rig_guard_source(guard);
}
