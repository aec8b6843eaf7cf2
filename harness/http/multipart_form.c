/* The parts of a multipart body, in memory. */
#include <stackrig/http/multipart.h>

#include <string.h>

#include "harness/http/region.h"

/* A part that grows: its content is a piece of memory of its own. */
struct kept {
    char *content;
    size_t room;
};

struct rig_multipart_form {
    struct rig_multipart *parser;
    struct rig_allocator allocator;
    struct rig_region region; /* what the heads point to */
    struct rig_multipart_part *parts;
    struct kept *kept; /* beside the parts */
    size_t count, room;
    size_t left, files_left; /* bytes that may still be kept */
    bool dropped;            /* the part that has begun is not kept */
    int error;
};

/* ---- opening ---- */

int rig_multipart_form_open(struct rig_slice boundary, struct rig_multipart_options options,
                            struct rig_multipart_form **form)
{
    struct rig_multipart *parser = NULL;
    *form = NULL;
    int error = rig_multipart_open(boundary, options, &parser);
    if (error) {
        return error;
    }
    struct rig_multipart_form *opened = rig_allocate(&options.allocator, sizeof *opened);
    if (!opened) {
        rig_multipart_free(parser);
        return -ENOMEM;
    }
    const struct rig_multipart_limits *limits = &options.limits;
    *opened =
        (struct rig_multipart_form){.parser = parser,
                                    .allocator = options.allocator,
                                    .region = {.allocator = options.allocator},
                                    .left = limits->kept > 0 ? limits->kept : (size_t)16 << 20,
                                    .files_left = limits->kept_files > 0 ? limits->kept_files : (size_t)256 << 20};
    *form = opened;
    return 0;
}

void rig_multipart_form_free(struct rig_multipart_form *form)
{
    if (!form) {
        return;
    }
    struct rig_allocator allocator = form->allocator;
    for (size_t i = 0; i < form->count; i++) {
        rig_release(&allocator, form->kept[i].content);
    }
    rig_release(&allocator, form->kept);
    rig_release(&allocator, form->parts);
    rig_region_free(&form->region);
    rig_multipart_free(form->parser);
    rig_release(&allocator, form);
}

/* ---- keeping ---- */

/* A larger piece of memory with what the old one holds; NULL: out of memory, and the old one stays. */
static void *grown(const struct rig_allocator *allocator, void *old, size_t old_size, size_t size)
{
    void *memory = rig_allocate(allocator, size);
    if (memory) {
        if (old_size > 0) {
            memcpy(memory, old, old_size);
        }
        rig_release(allocator, old);
    }
    return memory;
}

static bool reserve_part(struct rig_multipart_form *form)
{
    if (form->count < form->room) {
        return true;
    }
    size_t room = form->room > 0 ? form->room * 2 : 8;
    void *parts = grown(&form->allocator, form->parts, form->count * sizeof *form->parts, room * sizeof *form->parts);
    if (!parts) {
        return false;
    }
    form->parts = parts;
    void *kept = grown(&form->allocator, form->kept, form->count * sizeof *form->kept, room * sizeof *form->kept);
    if (!kept) {
        return false;
    }
    form->kept = kept;
    form->room = room;
    return true;
}

static bool copy_slice(struct rig_multipart_form *form, struct rig_slice *slice)
{
    if (slice->data) {
        slice->data = rig_region_text(&form->region, slice->data, slice->size);
        return slice->data != NULL;
    }
    return true;
}

static int begin_part(struct rig_multipart_form *form, const struct rig_multipart_head *head)
{
    if (head->lines.size > form->left) {
        return RIG_MULTIPART_LIMIT;
    }
    form->left -= head->lines.size;
    form->dropped = head->filename.data && head->filename.size == 0;
    if (form->dropped) {
        return 0;
    }
    if (!reserve_part(form)) {
        return -ENOMEM;
    }
    struct rig_multipart_part *part = &form->parts[form->count];
    *part = (struct rig_multipart_part){.head = *head};
    if (!copy_slice(form, &part->head.name) || !copy_slice(form, &part->head.filename) ||
        !copy_slice(form, &part->head.content_type) || !copy_slice(form, &part->head.lines)) {
        return -ENOMEM;
    }
    form->kept[form->count++] = (struct kept){NULL, 0};
    return 0;
}

static int add_content(struct rig_multipart_form *form, struct rig_slice data)
{
    if (form->dropped) {
        return 0;
    }
    struct rig_multipart_part *part = &form->parts[form->count - 1];
    struct kept *kept = &form->kept[form->count - 1];
    size_t *left = part->head.filename.data ? &form->files_left : &form->left;
    size_t size = part->content.size + data.size;
    if (data.size > *left) {
        return RIG_MULTIPART_LIMIT;
    }
    if (size + 1 > kept->room) {
        size_t room = size + 1 > 2 * kept->room ? size + 1 : 2 * kept->room;
        char *content = grown(&form->allocator, kept->content, part->content.size, room);
        if (!content) {
            return -ENOMEM;
        }
        *kept = (struct kept){content, room};
    }
    *left -= data.size;
    memcpy(kept->content + part->content.size, data.data, data.size);
    kept->content[size] = '\0';
    part->content = (struct rig_slice){kept->content, size};
    return 0;
}

static void end_part(struct rig_multipart_form *form)
{
    if (form->dropped) {
        return;
    }
    struct rig_multipart_part *part = &form->parts[form->count - 1];
    if (!part->content.data) {
        part->content.data = "";
    }
    part->part = (struct rig_part){.name = part->head.name.data,
                                   .filename = part->head.filename.data,
                                   .content_type = part->head.content_type.data,
                                   .bytes = {part->content.data, part->content.size}};
}

static int take(struct rig_multipart_form *form, const struct rig_multipart_event *event)
{
    switch (event->kind) {
    case RIG_MULTIPART_HEAD:
        return begin_part(form, event->head);
    case RIG_MULTIPART_DATA:
        return add_content(form, event->data);
    case RIG_MULTIPART_PART_END:
        end_part(form);
        return 0;
    default:
        return 0;
    }
}

int rig_multipart_form_add(struct rig_multipart_form *form, const void *data, size_t size)
{
    struct rig_slice rest = {data, size};
    struct rig_multipart_event event = {.kind = RIG_MULTIPART_END};
    while (!form->error && event.kind != RIG_MULTIPART_NOTHING) {
        form->error = rig_multipart_next(form->parser, &rest, &event);
        if (!form->error) {
            form->error = take(form, &event);
        }
    }
    return form->error;
}

int rig_multipart_form_end(struct rig_multipart_form *form)
{
    if (!form->error) {
        form->error = rig_multipart_finish(form->parser);
    }
    return form->error;
}

/* ---- a whole body ---- */

static int read_all(struct rig_source body, const struct rig_multipart_options *options,
                    struct rig_multipart_form *form)
{
    char piece[4096];
    uint64_t left = options->has_content_length ? options->content_length : UINT64_MAX;
    while (left > 0) {
        int64_t size = body.read(body.self, piece, left < sizeof piece ? (size_t)left : sizeof piece);
        if (size <= 0) {
            return size < 0 ? (int)size : rig_multipart_form_end(form);
        }
        int error = rig_multipart_form_add(form, piece, (size_t)size);
        if (error) {
            return error;
        }
        left -= (uint64_t)size;
    }
    return rig_multipart_form_end(form);
}

int rig_multipart_form_read(struct rig_source body, const char *content_type, size_t size,
                            struct rig_multipart_options options, struct rig_multipart_form **form)
{
    struct rig_slice boundary;
    *form = NULL;
    if (!body.read) {
        return RIG_MULTIPART_NO_INPUT;
    }
    if (options.has_content_length && options.content_length == 0) {
        return 0;
    }
    int error = rig_multipart_boundary_of(content_type, size, &boundary);
    if (error || !boundary.data) {
        return error;
    }
    error = rig_multipart_form_open(boundary, options, form);
    if (!error) {
        error = read_all(body, &options, *form);
    }
    if (error) {
        rig_multipart_form_free(*form);
        *form = NULL;
    }
    return error;
}

/* ---- the outcome ---- */

const struct rig_multipart_part *rig_multipart_form_parts(const struct rig_multipart_form *form, size_t *count)
{
    *count = form->count;
    return form->parts;
}

int rig_multipart_form_params(const struct rig_multipart_form *form, struct rig_query_options options,
                              struct rig_params **params)
{
    struct rig_params *made = rig_params_new(options);
    int error = made ? 0 : -ENOMEM;
    *params = NULL;
    for (size_t i = 0; i < form->count && !error; i++) {
        const struct rig_multipart_part *part = &form->parts[i];
        struct rig_slice content = part->content;
        struct rig_param value = {.bytes = part->part.bytes};
        if (part->head.filename.data) {
            value = (struct rig_param){.file = &part->part};
        } else if (!memchr(content.data, '\0', content.size)) {
            value.value = content.data;
        }
        error = rig_params_add(made, part->head.name.data, part->head.name.size, value);
    }
    if (error) {
        rig_params_free(made);
        return error;
    }
    *params = made;
    return 0;
}
