#include "harness/client/upstream.h"

#include <errno.h>
#include <stdio.h>

/* ---- its life ---- */

struct rig_upstream *rig_upstream_new(struct rig_client *client)
{
    struct rig_upstream *upstream = rig_memory_alloc(&client->runner.memory, sizeof *upstream);
    if (upstream) {
        memset(upstream, 0, sizeof *upstream);
        upstream->client = client;
        upstream->links = 1;
    }
    return upstream;
}

void rig_upstream_share(struct rig_upstream *upstream)
{
    upstream->links++;
}

static void wait_no_more(struct rig_upstream *upstream)
{
    if (upstream->waiting) {
        rig_memory_release(&upstream->client->runner.memory, upstream->waiting, upstream->waiting_size);
    }
    upstream->waiting = NULL;
    upstream->waiting_size = 0;
}

static void drop_first(struct rig_upstream *upstream)
{
    struct rig_unclaimed *first = upstream->first;
    upstream->first = first->next;
    upstream->last = first->next ? upstream->last : NULL;
    upstream->unclaimed--;
    rig_memory_release(&upstream->client->runner.memory, first, first->size);
}

void rig_upstream_renew(struct rig_upstream *upstream)
{
    wait_no_more(upstream);
    while (upstream->first) {
        drop_first(upstream);
    }
    upstream->out_of_step = upstream->closed = false;
    upstream->requests = 0;
}

void rig_upstream_leave(struct rig_upstream *upstream)
{
    if (--upstream->links == 0) {
        rig_upstream_renew(upstream);
        rig_memory_release(&upstream->client->runner.memory, upstream, sizeof *upstream);
    }
}

/* ---- answers ---- */

/* Strings and bytes are cut from *at. */
static const char *keep(char **at, const char *bytes, size_t size)
{
    char *copy = *at;
    if (!bytes) {
        return NULL;
    }
    memcpy(copy, bytes, size);
    copy[size] = '\0';
    *at += size + 1;
    return copy;
}

static size_t string_size(const char *string)
{
    return string ? strlen(string) + 1 : 0;
}

static size_t size_of(const struct rig_received *from)
{
    size_t size = from->body_size + 1 + string_size(from->method) + string_size(from->target) +
                  (from->header_count + 1) * sizeof *from->headers;
    for (size_t i = 0; i < from->header_count; i++) {
        size += string_size(from->headers[i].name) + string_size(from->headers[i].value);
    }
    return size;
}

/* A copy, all of it in memory of size_of(from) bytes. */
static void copy_received(struct rig_received *to, const struct rig_received *from, void *memory)
{
    struct rig_field *headers = memory;
    char *at = (char *)(headers + from->header_count + 1);
    *to = *from;
    to->method = keep(&at, from->method, from->method ? strlen(from->method) : 0);
    to->target = keep(&at, from->target, from->target ? strlen(from->target) : 0);
    to->body = keep(&at, from->body, from->body_size);
    for (size_t i = 0; i < from->header_count; i++) {
        const struct rig_field *field = &from->headers[i];
        headers[i].name = keep(&at, field->name, strlen(field->name));
        headers[i].value = keep(&at, field->value, field->value ? strlen(field->value) : 0);
    }
    headers[from->header_count] = (struct rig_field){NULL, NULL};
    to->headers = headers;
}

static int add_unclaimed(struct rig_upstream *upstream, const struct rig_received *received)
{
    size_t size = sizeof(struct rig_unclaimed) + size_of(received);
    struct rig_unclaimed *fresh = rig_memory_alloc(&upstream->client->runner.memory, size);
    if (!fresh) {
        return -ENOMEM;
    }
    fresh->next = NULL;
    fresh->size = size;
    copy_received(&fresh->received, received, fresh + 1);
    if (upstream->last) {
        upstream->last->next = fresh;
    } else {
        upstream->first = fresh;
    }
    upstream->last = fresh;
    upstream->unclaimed++;
    return 0;
}

const struct rig_received *rig_upstream_take(struct rig_upstream *upstream, struct rig_run *run, int *error)
{
    *error = 0;
    if (!upstream->first) {
        return NULL;
    }
    const struct rig_received *from = &upstream->first->received;
    struct rig_received *copy = rig_arena_alloc(run->results, sizeof *copy);
    void *memory = copy ? rig_arena_alloc(run->results, size_of(from)) : NULL;
    if (!memory) {
        *error = -ENOMEM;
        return NULL;
    }
    copy_received(copy, from, memory);
    drop_first(upstream);
    return copy;
}

struct rig_bytes rig_upstream_join(struct rig_upstream *upstream, struct rig_run *run, struct rig_bytes head,
                                   struct rig_bytes body)
{
    struct rig_buffer joined = {.arena = &run->arena};
    int error = rig_buffer_append(&joined, upstream->waiting, upstream->waiting_size);
    error = error ? error : rig_buffer_append(&joined, head.data, head.size);
    error = error || body.size == 0 ? error : rig_buffer_append(&joined, body.data, body.size);
    if (error != 0) {
        return (struct rig_bytes){NULL, 0};
    }
    wait_no_more(upstream);
    return (struct rig_bytes){joined.data, joined.size};
}

/* ---- what comes of requests on it ---- */

static void set_blame(struct rig_blame *blame, const struct rig_run *run, const struct rig_exchange *exchange)
{
    const struct rig_delivery *delivery = run->delivery;
    const struct rig_response *response = run->response;
    const struct rig_wire *wire = &run->wire;
    unsigned hop = response->answered ? response->answered_by : run->first_hop;
    unsigned long long left = wire->body_size > wire->body_taken ? wire->body_size - wire->body_taken : 0;
    *blame = (struct rig_blame){.site = response->answered ? response->answered_at : NULL,
                                .layer = hop < run->hop_count ? run->hops[hop].layer : NULL,
                                .sent_at = run->site,
                                .race = delivery->race,
                                .share = delivery->share,
                                .source = delivery->source};
    const char *target = exchange->target ? exchange->target : "?";
    (void)snprintf(blame->request, sizeof blame->request, "%.20s %.*s", exchange->method ? exchange->method : "?",
                   (int)strcspn(target, "?#"), target);
    (void)snprintf(blame->left, sizeof blame->left,
                   left > 0               ? "%llu byte%s"
                   : wire->body_taken > 0 ? "the end"
                                          : "the chunks",
                   left, left == 1 ? "" : "s");
}

static void note(struct rig_serving *serving, const struct rig_received *received)
{
    if (add_unclaimed(serving->upstream, received) != 0) {
        serving->run->report->result.error = -ENOMEM;
        serving->upstream->closed = true; /* what comes next cannot be told */
    }
}

/* Is it the client's own request on a connection that is in step? */
static bool is_its_own(const struct rig_serving *serving)
{
    return serving->run->exchange == 0 && !serving->upstream->out_of_step;
}

void rig_serving_answered(struct rig_serving *serving, const struct rig_exchange *exchange,
                          enum rig_connection connection)
{
    struct rig_upstream *upstream = serving->upstream;
    struct rig_run *run = serving->run;
    if (!upstream) {
        return;
    }
    if (serving->drops && exchange->phantom) {
        upstream->closed = true;
    } else if (!is_its_own(serving)) {
        const struct rig_result *result = run->exchange == 0 ? &run->report->result : run->further;
        const struct rig_received received = {.status = result->status,
                                              .headers = result->headers,
                                              .header_count = result->headers ? result->header_count : 0,
                                              .body = result->body,
                                              .body_size = run->discard_body ? 0 : result->body_size,
                                              .method = exchange->method,
                                              .target = exchange->target,
                                              .phantom = exchange->phantom,
                                              .site = run->site};
        note(serving, &received);
    }
    if (connection == RIG_CONNECTION_DESYNCHRONISED && !upstream->out_of_step) {
        set_blame(&upstream->blame, run, exchange);
        upstream->out_of_step = true;
        serving->drops = run->server->phantoms_most > 0 && run->wire.body_size > run->server->phantoms_most;
    }
    bool gone = run->delivery && run->delivery->outcome == RIG_GONE; /* that is its client's doing */
    upstream->closed = upstream->closed || (connection == RIG_CONNECTION_CLOSED && !gone);
}

void rig_serving_refused(struct rig_serving *serving, const struct rig_exchange *exchange)
{
    if (!serving->upstream) {
        return;
    }
    if (!is_its_own(serving)) {
        const struct rig_received received = {.status = exchange->status,
                                              .body = "",
                                              .method = exchange->method,
                                              .target = exchange->target,
                                              .phantom = exchange->phantom,
                                              .refused = exchange->refused,
                                              .site = serving->run->site};
        note(serving, &received);
    }
    serving->upstream->closed = true;
}

bool rig_is_empty_lines(struct rig_bytes bytes)
{
    const char *at = bytes.data;
    size_t i = 0;
    while (i < bytes.size && (at[i] == '\r' || at[i] == '\n')) {
        i++;
    }
    return i == bytes.size;
}

void rig_serving_waits(struct rig_serving *serving, struct rig_exchange *exchange, struct rig_bytes bytes,
                       const char *why)
{
    struct rig_upstream *upstream = serving->upstream;
    bool empty = rig_is_empty_lines(bytes);
    rig_result_refuse(serving->run, exchange, 0, empty ? "empty lines, which a server skips" : why);
    if (!upstream || empty) {
        return;
    }
    char *waiting =
        bytes.size <= RIG_WAITING_MAX ? rig_memory_alloc(&upstream->client->runner.memory, bytes.size) : NULL;
    if (waiting) {
        memcpy(waiting, bytes.data, bytes.size);
        wait_no_more(upstream);
        upstream->waiting = waiting;
        upstream->waiting_size = bytes.size;
    } else {
        upstream->closed = true;
        serving->run->report->result.error =
            bytes.size <= RIG_WAITING_MAX ? -ENOMEM : serving->run->report->result.error;
    }
}
