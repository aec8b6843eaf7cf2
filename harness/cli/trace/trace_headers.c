#include "harness/cli/trace/trace_headers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* As they were at the last look: their strings last as long as the result. A process has one run at a time. */
static struct {
    struct rig_header *list;
    size_t count, capacity;
    uint64_t response;
} seen;

void rig_trace_headers_forget(void)
{
    seen.count = 0;
    seen.response = 0;
}

/* The how manieth of its name it is. */
static size_t ordinal(const struct rig_header *list, size_t at)
{
    size_t before = 0;
    for (size_t i = 0; i < at; i++) {
        before += strcasecmp(list[i].name, list[at].name) == 0;
    }
    return before;
}

static const struct rig_header *nth(const struct rig_response *response, const char *name, size_t n)
{
    for (uint32_t i = 0; i < response->header_count; i++) {
        if (strcasecmp(response->headers[i].name, name) == 0 && n-- == 0) {
            return &response->headers[i];
        }
    }
    return NULL;
}

static bool is_same(const struct rig_header *a, const struct rig_header *b)
{
    return a->value == b->value || (a->value_size == b->value_size && memcmp(a->value, b->value, a->value_size) == 0);
}

/* Were the very same there the last time? */
static bool is_unchanged(const struct rig_response *response)
{
    bool same = seen.response == response->handle.serial && seen.count == response->header_count;
    for (size_t i = 0; same && i < seen.count; i++) {
        same = seen.list[i].value == response->headers[i].value;
    }
    return same;
}

static int keep(const struct rig_response *response)
{
    if (response->header_count > seen.capacity) {
        struct rig_header *grown = realloc(seen.list, response->header_count * sizeof *grown);
        if (!grown) {
            return -ENOMEM;
        }
        seen.list = grown;
        seen.capacity = response->header_count;
    }
    if (response->header_count > 0) {
        memcpy(seen.list, response->headers, response->header_count * sizeof *seen.list);
    }
    seen.count = response->header_count;
    seen.response = response->handle.serial;
    return 0;
}

int rig_trace_headers_look(const struct rig_response *response, rig_header_fn *each, void *closure)
{
    if (is_unchanged(response)) {
        return 0;
    }
    for (size_t i = 0; seen.response == response->handle.serial && i < seen.count; i++) {
        const struct rig_header *before = &seen.list[i], *now = nth(response, before->name, ordinal(seen.list, i));
        if (!now || !is_same(before, now)) {
            each(closure, before, now);
        }
    }
    return keep(response);
}
