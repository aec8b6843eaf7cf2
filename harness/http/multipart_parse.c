/* Multipart bodies, piece by piece: which bytes are a part's header lines, which its content. What was seen of a
 * boundary is counted, not kept: if it turns out to be content, it is the boundary's own bytes that are given out. */
#include <string.h>

#include <stackrig/http/multipart.h>

#include "harness/http/chars.h"
#include "harness/http/multipart_head.h"
#include "harness/http/region.h"

#define LINE_END 2 /* bytes */

/* A body that ends in more than that is told as over the limit, as Rack does. */
#define PREAMBLE_MAX ((uint64_t)16 * 1024)
#define UNENDED_HEAD_MAX ((size_t)64 * 1024)

enum state {
    PREAMBLE,
    HEAD,
    BODY,
    BODY_ENDS, /* a part has ended with the last boundary: the end is still to be told */
    ENDED,
    FAILED
};

struct rig_multipart {
    enum state state;
    int error; /* when FAILED */
    struct rig_multipart_options options;
    uint64_t taken; /* bytes of the body */
    size_t parts, files, escapes;
    char *lines; /* a part's header lines; behind them scratch for what they say */
    size_t lines_size, lines_room;
    struct rig_multipart_head head;
    /* CR LF "--" boundary, and the byte behind it; how many of these bytes were seen, and how many of them only in
     * thought: where a boundary may stand though no line has ended. */
    char delimiter[2 + 2 + RIG_BOUNDARY_MAX + 1];
    size_t delimiter_size, seen, imagined;
    bool only_end;   /* the body began with the last boundary */
    bool bare_start; /* a part without content has just ended, even without a line end of its own */
};

static int fail(struct rig_multipart *parser, int error)
{
    parser->state = FAILED;
    parser->error = error;
    return error;
}

/* ---- opening ---- */

static void set_defaults(struct rig_multipart_limits *limits)
{
    limits->bytes = limits->bytes > 0 ? limits->bytes : (uint64_t)10 << 30;
    limits->parts = limits->parts > 0 ? limits->parts : 4095;
    limits->files = limits->files > 0 ? limits->files : 127;
    limits->head = limits->head > 0 ? limits->head : (size_t)1 << 20;
    limits->head = limits->head < SIZE_MAX / 8 ? limits->head : SIZE_MAX / 8;
    limits->escapes = limits->escapes > 0 ? limits->escapes : 8192;
}

static void expect_boundary(struct rig_multipart *parser)
{
    parser->seen = parser->imagined = LINE_END;
}

int rig_multipart_open(struct rig_slice boundary, struct rig_multipart_options options, struct rig_multipart **parser)
{
    *parser = NULL;
    set_defaults(&options.limits);
    if (boundary.size > RIG_BOUNDARY_MAX) {
        return RIG_MULTIPART_LIMIT;
    }
    if (boundary.size == 0 || !rig_is_field_value(boundary.data, boundary.size)) {
        return RIG_MULTIPART_BAD_BOUNDARY;
    }
    if (options.has_content_length && options.content_length > options.limits.bytes) {
        return RIG_MULTIPART_LIMIT;
    }
    struct rig_multipart *opened = rig_allocate(&options.allocator, sizeof *opened);
    if (!opened) {
        return -ENOMEM;
    }
    *opened = (struct rig_multipart){.state = PREAMBLE, .options = options};
    memcpy(opened->delimiter, "\r\n--", 4);
    memcpy(opened->delimiter + 4, boundary.data, boundary.size);
    opened->delimiter_size = 4 + boundary.size;
    expect_boundary(opened);
    *parser = opened;
    return 0;
}

void rig_multipart_free(struct rig_multipart *parser)
{
    if (parser) {
        struct rig_allocator allocator = parser->options.allocator;
        rig_release(&allocator, parser->lines);
        rig_release(&allocator, parser);
    }
}

/* ---- boundaries ---- */

enum found { NO_BOUNDARY, NEXT_PART, LAST_BOUNDARY };

/* One more byte of a delimiter that has begun. False: it is none, and the byte not looked at. */
static bool continues(struct rig_multipart *parser, char c, enum found *found)
{
    size_t size = parser->delimiter_size;
    *found = NO_BOUNDARY;
    if (parser->seen < size) {
        return c == parser->delimiter[parser->seen] && ++parser->seen > 0;
    }
    if (parser->seen == size) {
        parser->delimiter[size] = c;
        return (c == '\r' || c == '-') && ++parser->seen > 0;
    }
    if (c != (parser->delimiter[size] == '-' ? '-' : '\n')) {
        return false;
    }
    *found = c == '-' ? LAST_BOUNDARY : NEXT_PART;
    return true;
}

/* How many bytes stand before what may be a delimiter, as far as can be seen. */
static size_t plain_size(const struct rig_multipart *parser, struct rig_slice data)
{
    const char *cr = data.data, *end = data.data + data.size;
    while (cr < end && (cr = memchr(cr, '\r', (size_t)(end - cr)))) {
        size_t size = (size_t)(end - cr) < parser->delimiter_size ? (size_t)(end - cr) : parser->delimiter_size;
        if (memcmp(cr, parser->delimiter, size) == 0) {
            return (size_t)(cr - data.data);
        }
        cr++;
    }
    return data.size;
}

/* Takes bytes up to the end of a boundary, or the end of a piece of content (*piece, then not empty). A CR stands only at
 * a delimiter's start, so that no byte is looked at more than a few times. */
static size_t scan(struct rig_multipart *parser, struct rig_slice data, enum found *found, struct rig_slice *piece)
{
    size_t at = 0;
    *found = NO_BOUNDARY;
    *piece = (struct rig_slice){NULL, 0};
    while (at < data.size && *found == NO_BOUNDARY) {
        if (parser->seen > 0 && continues(parser, data.data[at], found)) {
            at++;
            continue;
        }
        *piece = (struct rig_slice){parser->delimiter + parser->imagined, parser->seen - parser->imagined};
        parser->seen = parser->imagined = 0;
        if (piece->size > 0) {
            return at;
        }
        struct rig_slice rest = {data.data + at, data.size - at};
        *piece = (struct rig_slice){rest.data, plain_size(parser, rest)};
        if (piece->size > 0) {
            return at + piece->size;
        }
        parser->seen = 1;
        at++;
    }
    return at;
}

/* ---- the states ---- */

static size_t read_preamble(struct rig_multipart *parser, struct rig_slice data)
{
    size_t at = 0;
    while (at < data.size && parser->state == PREAMBLE) {
        enum found found = NO_BOUNDARY;
        struct rig_slice piece;
        at += scan(parser, rig_slice_after(data, at), &found, &piece);
        if (found == NEXT_PART) {
            parser->state = HEAD;
        } else if (found == LAST_BOUNDARY) {
            parser->only_end = parser->taken + at == parser->delimiter_size; /* without CR LF, but with "--" */
            expect_boundary(parser);
        }
    }
    return at;
}

/* Room for lines of that size, and for scratch behind them. */
static bool reserve(struct rig_multipart *parser, size_t size)
{
    const struct rig_allocator *allocator = &parser->options.allocator;
    if (size <= parser->lines_room) {
        return true;
    }
    size_t room = size < 256 ? 512 : size * 2;
    char *grown = rig_allocate(allocator, room + RIG_MULTIPART_SCRATCH(room));
    if (!grown) {
        return false;
    }
    if (parser->lines_size > 0) {
        memcpy(grown, parser->lines, parser->lines_size);
    }
    rig_release(allocator, parser->lines);
    parser->lines = grown;
    parser->lines_room = room;
    return true;
}

static bool head_is_whole(const struct rig_multipart *parser)
{
    size_t size = parser->lines_size;
    const char *lines = parser->lines;
    return (size == LINE_END && memcmp(lines, "\r\n", 2) == 0) ||
           (size >= 4 && memcmp(lines + size - 4, "\r\n\r\n", 4) == 0);
}

static int begin_part(struct rig_multipart *parser, struct rig_multipart_event *event)
{
    const struct rig_multipart_limits *limits = &parser->options.limits;
    struct rig_slice lines = {parser->lines, parser->lines_size - LINE_END};
    rig_multipart_read_head(lines, parser->lines + parser->lines_size, &parser->head, &parser->escapes);
    parser->lines_size = 0;
    parser->parts++;
    parser->files += parser->head.filename.data != NULL;
    if (parser->escapes > limits->escapes) {
        return RIG_MULTIPART_LIMIT;
    }
    if (parser->files > limits->files) {
        return RIG_MULTIPART_TOO_MANY_FILES;
    }
    if (parser->parts > limits->parts) {
        return RIG_MULTIPART_TOO_MANY_PARTS;
    }
    expect_boundary(parser);
    parser->state = BODY;
    event->kind = RIG_MULTIPART_HEAD;
    event->head = &parser->head;
    return 0;
}

static int64_t read_head(struct rig_multipart *parser, struct rig_slice data, struct rig_multipart_event *event)
{
    size_t at = 0;
    while (at < data.size) {
        const char *end = memchr(data.data + at, '\n', data.size - at);
        size_t size = end ? (size_t)(end - data.data) - at + 1 : data.size - at;
        if (size > parser->options.limits.head + LINE_END - parser->lines_size) {
            return RIG_MULTIPART_LIMIT;
        }
        if (!reserve(parser, parser->lines_size + size)) {
            return -ENOMEM;
        }
        memcpy(parser->lines + parser->lines_size, data.data + at, size);
        parser->lines_size += size;
        at += size;
        if (head_is_whole(parser)) {
            int error = begin_part(parser, event);
            return error ? error : (int64_t)at;
        }
    }
    return (int64_t)at;
}

static size_t read_body(struct rig_multipart *parser, struct rig_slice data, struct rig_multipart_event *event)
{
    enum found found = NO_BOUNDARY;
    size_t taken = scan(parser, data, &found, &event->data);
    if (event->data.size > 0) {
        event->kind = RIG_MULTIPART_DATA;
    } else if (found != NO_BOUNDARY) {
        parser->bare_start = parser->imagined > 0;
        parser->seen = parser->imagined = 0;
        parser->state = found == NEXT_PART ? HEAD : BODY_ENDS;
        event->kind = RIG_MULTIPART_PART_END;
    }
    return taken;
}

static int64_t read_some(struct rig_multipart *parser, struct rig_slice data, struct rig_multipart_event *event)
{
    int64_t taken = 0;
    if (parser->state == PREAMBLE) {
        taken = (int64_t)read_preamble(parser, data);
        data = rig_slice_after(data, (size_t)taken);
    }
    if (parser->state == HEAD) {
        int64_t of_head = read_head(parser, data, event);
        return of_head < 0 ? of_head : taken + of_head;
    }
    return parser->state == BODY ? (int64_t)read_body(parser, data, event) : taken;
}

/* ---- the interface ---- */

static void take_off(struct rig_slice *data, size_t size)
{
    if (size > 0) {
        *data = rig_slice_after(*data, size);
    }
}

static size_t allowed(const struct rig_multipart *parser, size_t size)
{
    uint64_t left = parser->options.limits.bytes - parser->taken;
    if (parser->options.has_content_length && parser->options.content_length - parser->taken < left) {
        left = parser->options.content_length - parser->taken;
    }
    return left < size ? (size_t)left : size;
}

/* Bytes behind all that are allowed: too many, or after the content that was announced. */
static int skip_rest(struct rig_multipart *parser, struct rig_slice *data)
{
    const struct rig_multipart_options *options = &parser->options;
    if (!options->has_content_length || parser->taken < options->content_length) {
        return fail(parser, RIG_MULTIPART_LIMIT);
    }
    take_off(data, data->size);
    return 0;
}

int rig_multipart_next(struct rig_multipart *parser, struct rig_slice *data, struct rig_multipart_event *event)
{
    *event = (struct rig_multipart_event){.kind = RIG_MULTIPART_NOTHING};
    if (parser->state == FAILED) {
        return parser->error;
    }
    if (parser->state == BODY_ENDS) {
        parser->state = ENDED;
        event->kind = RIG_MULTIPART_END;
        return 0;
    }
    if (parser->state == ENDED || data->size == 0) {
        take_off(data, data->size);
        return 0;
    }
    int64_t taken = read_some(parser, (struct rig_slice){data->data, allowed(parser, data->size)}, event);
    if (taken < 0) {
        return fail(parser, (int)taken);
    }
    parser->taken += (uint64_t)taken;
    take_off(data, (size_t)taken);
    return event->kind == RIG_MULTIPART_NOTHING && data->size > 0 ? skip_rest(parser, data) : 0;
}

static bool may_end_here(const struct rig_multipart *parser)
{
    switch (parser->state) {
    case PREAMBLE:
        return parser->only_end && parser->taken == parser->delimiter_size + LINE_END && parser->seen == LINE_END;
    case HEAD:
        return parser->bare_start && parser->lines_size == 0;
    case BODY_ENDS:
    case ENDED:
        return true;
    default:
        return false;
    }
}

int rig_multipart_finish(struct rig_multipart *parser)
{
    const struct rig_multipart_options *options = &parser->options;
    if (parser->state == FAILED) {
        return parser->error;
    }
    if (may_end_here(parser)) {
        return 0;
    }
    if ((parser->state == PREAMBLE && parser->taken > PREAMBLE_MAX) ||
        (parser->state == HEAD && parser->lines_size > UNENDED_HEAD_MAX)) {
        return fail(parser, RIG_MULTIPART_LIMIT);
    }
    bool is_short = options->has_content_length && parser->taken < options->content_length;
    return fail(parser, is_short ? RIG_MULTIPART_LENGTH_MISMATCH : RIG_MULTIPART_ENDED_EARLY);
}
