/* Multipart bodies, whole and cut: the same parts, or the same error. The first line is the Content-Type. */
#include "tests/fuzz/targets/bytes.h"

#include <stackrig/http/multipart.h>

struct seen {
    uint64_t hash;
    int error;
};

static void add(struct seen *seen, struct rig_slice slice)
{
    for (size_t i = 0; i < slice.size; i++) {
        seen->hash = (seen->hash ^ (unsigned char)slice.data[i]) * 0x100000001b3u;
    }
}

static void see(struct seen *seen, const struct rig_multipart_event *event)
{
    if (event->kind == RIG_MULTIPART_DATA) {
        CLAIM(event->data.size > 0);
        add(seen, event->data);
        return;
    }
    seen->hash = (seen->hash ^ (uint64_t)event->kind) * 0x9E3779B97F4A7C15u;
    if (event->kind == RIG_MULTIPART_HEAD) {
        add(seen, event->head->name);
        add(seen, event->head->filename);
        add(seen, event->head->content_type);
        add(seen, event->head->lines);
        add(seen, rig_multipart_header(event->head->lines, "X-A"));
    }
}

/* Takes one piece; RIG_MULTIPART_END is the end of all. */
static bool feed(struct rig_multipart *parser, struct seen *seen, struct rig_slice piece)
{
    for (struct rig_multipart_event event = {.kind = RIG_MULTIPART_HEAD}; event.kind != RIG_MULTIPART_NOTHING;) {
        seen->error = rig_multipart_next(parser, &piece, &event);
        if (seen->error != 0) {
            return false;
        }
        if (event.kind != RIG_MULTIPART_NOTHING) {
            see(seen, &event);
        }
        if (event.kind == RIG_MULTIPART_END) {
            return false;
        }
    }
    CLAIM(piece.size == 0);
    return true;
}

static struct seen parse(struct rig_slice boundary, const char *body, size_t size, size_t most)
{
    struct seen seen = {0, 0};
    struct rig_multipart *parser = NULL;
    struct rig_multipart_options options = {.limits = {.head = 512, .parts = 16, .files = 4}};
    seen.error = rig_multipart_open(boundary, options, &parser);
    bool more = seen.error == 0;
    for (size_t at = 0; more && at < size; at += most) {
        size_t piece = size - at < most ? size - at : most;
        char *copy = room(piece);
        memcpy(copy, body + at, piece);
        more = feed(parser, &seen, (struct rig_slice){copy, piece});
        free(copy);
    }
    if (more) {
        seen.error = rig_multipart_finish(parser);
    }
    rig_multipart_free(parser);
    return seen;
}

static void try_form(struct rig_slice boundary, const char *body, size_t size)
{
    struct rig_multipart_form *form = NULL;
    struct rig_params *params = NULL;
    size_t count = 0;
    if (rig_multipart_form_open(boundary, (struct rig_multipart_options){0}, &form) == 0 &&
        rig_multipart_form_add(form, body, size) == 0 && rig_multipart_form_end(form) == 0) {
        const struct rig_multipart_part *parts = rig_multipart_form_parts(form, &count);
        for (size_t i = 0; i < count; i++) {
            CLAIM(!parts[i].content.data || parts[i].content.data[parts[i].content.size] == '\0');
        }
        (void)rig_multipart_form_params(form, (struct rig_query_options){0}, &params);
    }
    rig_params_free(params);
    rig_multipart_form_free(form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t line = newline ? (size_t)(newline - data) : size;
    struct rig_slice boundary = {NULL, 0};
    char *type = room(line);
    memcpy(type, data, line);
    if (rig_multipart_boundary_of(type, line, &boundary) == 0 && boundary.data && newline) {
        const char *body = (const char *)newline + 1;
        size_t body_size = size - line - 1;
        struct seen whole = parse(boundary, body, body_size, SIZE_MAX / 2);
        for (size_t most = 1; most <= 8; most = most * 2 + 1) {
            struct seen cut = parse(boundary, body, body_size, most);
            CLAIM(cut.error == whole.error);
            CLAIM(cut.error != 0 || cut.hash == whole.hash);
        }
        try_form(boundary, body, body_size);
    }
    free(type);
    return 0;
}
