/* Forms of the multipart kind. Bytes wait in the buffer until it is sure what they are: of a value the last four, for they
 * may be the beginning of a boundary. */
#include "mocks/frameworks/microhttpd/post.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DELIMITER 4 /* CR LF - - */

static const char *boundary_here(const struct MHD_PostProcessor *post)
{
    return post->nested ? post->nested_boundary : post->boundary;
}

static bool fail(struct MHD_PostProcessor *post)
{
    post->failed = true;
    return false;
}

/* The first size bytes are done with. */
static void drop(struct MHD_PostProcessor *post, size_t size)
{
    post->held -= size;
    memmove(post->buffer, post->buffer + size, post->held);
}

static void forget(char **text)
{
    free(*text);
    *text = NULL;
}

/* ---- headers ---- */

/* The quoted value behind name=; an earlier one stays. */
static bool keep_quoted(const char *line, const char *name, char **text)
{
    size_t size = strlen(name);
    for (const char *at = line; !*text && (at = strcasestr(at, name)); at += size) {
        const char *begin = at + size + 2;
        bool own = at > line && (at[-1] == ' ' || at[-1] == ';') && at[size] == '=' && at[size + 1] == '"';
        const char *end = own ? strchr(begin, '"') : NULL;
        if (end && !(*text = strndup(begin, (size_t)(end - begin)))) {
            return false;
        }
    }
    return true;
}

static bool keep_rest(const char *line, const char *name, char **text)
{
    size_t size = strlen(name);
    if (!*text && strncasecmp(line, name, size) == 0) {
        *text = strdup(line + size);
        return *text != NULL;
    }
    return true;
}

static bool read_header(struct MHD_PostProcessor *post, const char *line)
{
    static const char disposition[] = "Content-Disposition: ";
    struct part *part = &post->part;
    if (strncasecmp(line, disposition, sizeof disposition - 1) == 0) {
        return keep_quoted(line, "name", &part->name) && keep_quoted(line, "filename", &part->filename);
    }
    return keep_rest(line, "Content-Type: ", &part->type) &&
           keep_rest(line, "Content-Transfer-Encoding: ", &part->encoding);
}

/* A part that is itself made of parts. */
static bool begin_nested(struct MHD_PostProcessor *post)
{
    static const char mixed[] = "multipart/mixed";
    const char *type = post->part.type;
    if (post->nested || !type || strncasecmp(type, mixed, sizeof mixed - 1) != 0) {
        post->state = PART_VALUE;
        return true;
    }
    const char *at = strcasestr(type, "boundary=");
    forget(&post->nested_boundary);
    post->nested_boundary = at ? strdup(at + 9) : NULL;
    if (!post->nested_boundary) {
        return fail(post);
    }
    forget(&post->part.type);
    post->nested = true;
    post->state = PART_PREAMBLE;
    return true;
}

/* One line; true with *waits when it has not ended yet. */
static bool take_header(struct MHD_PostProcessor *post, bool *waits)
{
    char *end = memchr(post->buffer, '\n', post->held);
    if (!end) {
        *waits = post->held < post->room;
        return *waits || fail(post);
    }
    size_t size = (size_t)(end - post->buffer);
    bool empty = size == 0 || (size == 1 && post->buffer[0] == '\r');
    *end = '\0';
    if (size > 0 && post->buffer[size - 1] == '\r') {
        post->buffer[size - 1] = '\0';
    }
    bool read = empty || read_header(post, post->buffer) || fail(post);
    drop(post, size + 1);
    if (read && empty) {
        post->offset = 0;
        post->given = false;
        return begin_nested(post);
    }
    return read;
}

/* ---- values ---- */

static bool begins_boundary(const struct MHD_PostProcessor *post, size_t at)
{
    return memcmp(post->buffer + at, "\r\n--", DELIMITER) == 0;
}

/* Where the value ends, or may end. found: a boundary stands there. */
static size_t end_of_value(const struct MHD_PostProcessor *post, bool *found)
{
    const char *boundary = boundary_here(post);
    size_t size = strlen(boundary), at = 0;
    *found = false;
    while (at + DELIMITER < post->held) {
        const char *cr = memchr(post->buffer + at, '\r', post->held - DELIMITER - at);
        if (!cr) {
            return post->held - DELIMITER;
        }
        at = (size_t)(cr - post->buffer);
        if (!begins_boundary(post, at)) {
            at++;
            continue;
        }
        if (at + DELIMITER + size > post->held) {
            return at;
        }
        if (memcmp(post->buffer + at + DELIMITER, boundary, size) == 0) {
            *found = true;
            return at;
        }
        at += DELIMITER;
    }
    return at;
}

static bool take_value(struct MHD_PostProcessor *post, bool *waits)
{
    bool found;
    if (post->held == 0) {
        *waits = true;
        return true;
    }
    size_t size = end_of_value(post, &found);
    if (!found && size == 0 && post->held == post->room) {
        return fail(post);
    }
    bool more = (size == 0 && post->given) || rig_mhd_post_give(post, post->part.name, post->buffer, size);
    drop(post, size + (found ? DELIMITER + strlen(boundary_here(post)) : 0));
    post->state = found ? PART_BOUNDARY : PART_VALUE;
    *waits = !found;
    return more;
}

/* ---- boundaries ---- */

/* The first of its level: what stands before it is skipped. */
static bool take_preamble(struct MHD_PostProcessor *post, bool *waits)
{
    const char *boundary = boundary_here(post);
    size_t size = strlen(boundary) + 2;
    const char *dashes = memchr(post->buffer, '-', post->held);
    drop(post, dashes ? (size_t)(dashes - post->buffer) : post->held);
    if (post->held < size) {
        *waits = true;
        return true;
    }
    if (post->buffer[1] == '-' && memcmp(post->buffer + 2, boundary, size - 2) == 0) {
        drop(post, size);
        post->state = PART_BOUNDARY;
    } else {
        drop(post, 1);
    }
    return true;
}

static void end_level(struct MHD_PostProcessor *post)
{
    if (post->nested) {
        post->nested = false;
        post->keeps = true;
        post->state = PART_PREAMBLE;
    } else {
        post->state = PART_DONE;
    }
}

/* The parts of a nested level have the name of that around them. */
static void forget_part(struct MHD_PostProcessor *post)
{
    if (!post->nested) {
        forget(&post->part.name);
    }
    forget(&post->part.filename);
    forget(&post->part.type);
    forget(&post->part.encoding);
}

/* Behind a boundary: CR LF and a further part, or two dashes and the end. */
static bool take_boundary(struct MHD_PostProcessor *post, bool *waits)
{
    if (post->held < 2) {
        *waits = true;
        return true;
    }
    bool last = memcmp(post->buffer, "--", 2) == 0;
    if (!last && memcmp(post->buffer, "\r\n", 2) != 0) {
        return fail(post);
    }
    drop(post, 2);
    if (last) {
        end_level(post);
        return true;
    }
    if (!post->keeps) {
        forget_part(post);
    }
    post->keeps = false;
    post->state = PART_HEADERS;
    return true;
}

/* Behind the last boundary: line ends alone. */
static bool take_epilogue(struct MHD_PostProcessor *post, bool *waits)
{
    size_t size = 0;
    while (size < post->held && (post->buffer[size] == '\r' || post->buffer[size] == '\n')) {
        size++;
    }
    drop(post, size);
    *waits = true;
    return post->held == 0 || fail(post);
}

static bool take(struct MHD_PostProcessor *post, bool *waits)
{
    switch (post->state) {
    case PART_PREAMBLE:
        return take_preamble(post, waits);
    case PART_BOUNDARY:
        return take_boundary(post, waits);
    case PART_HEADERS:
        return take_header(post, waits);
    case PART_VALUE:
        return take_value(post, waits);
    default:
        return take_epilogue(post, waits);
    }
}

/* As much as the buffer takes, before each step. */
static void refill(struct MHD_PostProcessor *post, const char **data, size_t *size)
{
    size_t room = post->room - post->held, some = *size < room ? *size : room;
    memcpy(post->buffer + post->held, *data, some);
    post->held += some;
    *data += some;
    *size -= some;
}

enum MHD_Result rig_mhd_post_multipart(struct MHD_PostProcessor *post, const char *data, size_t size)
{
    bool waits = false;
    while (!waits || size > 0) {
        size_t held = post->held;
        refill(post, &data, &size);
        if (waits && held == post->held) {
            return fail(post) ? MHD_YES : MHD_NO; /* it waits for more than the buffer holds */
        }
        waits = false;
        if (!take(post, &waits)) {
            return MHD_NO;
        }
    }
    return MHD_YES;
}
