/* The post processor, and forms of the urlencoded kind. How a value is cut, and which bodies are refused, was measured with
 * 0.9.75. */
#include "mocks/frameworks/microhttpd/post.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DELIMITER_ROOM 4 /* bytes beside those that the handler asked for */

/* ---- life ---- */

/* What stands behind boundary=, without its quotes. NULL: there is none. */
static char *boundary_of(const char *type)
{
    const char *at = strcasestr(type, "boundary=");
    if (!at || !at[9]) {
        return NULL;
    }
    at += 9;
    size_t size = strlen(at);
    bool quoted = at[0] == '"' && size >= 2 && at[size - 1] == '"';
    return quoted ? strndup(at + 1, size - 2) : strdup(at);
}

struct MHD_PostProcessor *MHD_create_post_processor(struct MHD_Connection *connection, size_t room,
                                                    MHD_PostDataIterator iterator, void *cls)
{
    static const char urlencoded[] = MHD_HTTP_POST_ENCODING_FORM_URLENCODED;
    static const char multipart[] = MHD_HTTP_POST_ENCODING_MULTIPART_FORMDATA;
    if (room < 256 || !iterator || !rig_mhd_live(RIG_CALLER, connection, "MHD_create_post_processor")) {
        return NULL;
    }
    const char *type = rig_mhd_header(connection, "Content-Type");
    bool parts = type && strncasecmp(type, multipart, sizeof multipart - 1) == 0;
    if (!type || (!parts && strncasecmp(type, urlencoded, sizeof urlencoded - 1) != 0)) {
        return NULL;
    }
    char *boundary = parts ? boundary_of(type) : NULL;
    if (parts && (!boundary || strlen(boundary) * 2 + 2 > room)) {
        free(boundary);
        return NULL;
    }
    room += DELIMITER_ROOM;
    struct MHD_PostProcessor *post = calloc(1, sizeof *post + room + 1);
    if (!post) {
        free(boundary);
        return NULL;
    }
    *post = (struct MHD_PostProcessor){
        .iterator = iterator, .cls = cls, .multipart = parts, .boundary = boundary, .room = room};
    return post;
}

enum MHD_Result MHD_post_process(struct MHD_PostProcessor *post, const char *data, size_t size)
{
    if (!post) {
        return MHD_NO;
    }
    if (size == 0) {
        return MHD_YES;
    }
    if (!data || post->failed) {
        return MHD_NO;
    }
    return post->multipart ? rig_mhd_post_multipart(post, data, size) : rig_mhd_post_urlencoded(post, data, size);
}

enum MHD_Result MHD_destroy_post_processor(struct MHD_PostProcessor *post)
{
    if (!post) {
        return MHD_YES;
    }
    enum MHD_Result whole = MHD_NO;
    if (post->multipart) {
        bool begun = post->state != PART_PREAMBLE || post->nested;
        whole = !post->failed && (!begun || post->state == PART_DONE) ? MHD_YES : MHD_NO;
    } else {
        whole = rig_mhd_post_urlencoded_end(post);
    }
    free(post->boundary);
    free(post->nested_boundary);
    free(post->part.name);
    free(post->part.filename);
    free(post->part.type);
    free(post->part.encoding);
    free(post);
    return whole;
}

bool rig_mhd_post_give(struct MHD_PostProcessor *post, const char *name, const char *data, size_t size)
{
    const struct part *part = &post->part;
    uint64_t offset = post->offset;
    post->offset += size;
    post->given = true;
    bool more = post->iterator(post->cls, MHD_POSTDATA_KIND, name, part->filename, part->type, part->encoding, data,
                               offset, size) == MHD_YES;
    post->failed = post->failed || !more;
    return more;
}

/* ---- urlencoded ---- */

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static size_t unescape(char *text)
{
    for (char *at = text; *at; at++) {
        *at = *at == '+' ? ' ' : *at;
    }
    return MHD_http_unescape(text);
}

/* The bytes at the end that may be the beginning of an escape. */
static size_t begun_escape(const char *text, size_t size)
{
    if (size > 0 && text[size - 1] == '%') {
        return 1;
    }
    return size > 1 && text[size - 2] == '%' && is_hex(text[size - 1]) ? 2 : 0;
}

/* What there is of the value; last: it ends here. */
static bool flush(struct MHD_PostProcessor *post, bool last)
{
    size_t kept = last ? 0 : begun_escape(post->value, post->value_size);
    size_t size = post->value_size - kept;
    char rest[2] = {0};
    if (size == 0 && !(last && !post->given)) {
        return true;
    }
    memcpy(rest, post->value + size, kept);
    post->value[size] = '\0';
    post->buffer[post->held] = '\0';
    bool more = rig_mhd_post_give(post, post->buffer, post->value, unescape(post->value));
    memcpy(post->value, rest, kept);
    post->value_size = kept;
    return more;
}

static void begin_field(struct MHD_PostProcessor *post)
{
    post->form = FORM_NAME;
    post->held = post->value_size = 0;
    post->offset = 0;
    post->given = false;
}

static bool begin_value(struct MHD_PostProcessor *post)
{
    if (post->held == 0) {
        post->failed = true; /* a value without a name */
        return false;
    }
    post->buffer[post->held] = '\0';
    post->held = unescape(post->buffer);
    post->form = FORM_VALUE;
    return true;
}

/* At '&', CR or LF. */
static bool end_field(struct MHD_PostProcessor *post, bool line_end)
{
    bool named = post->form == FORM_VALUE || (post->held > 0 && !line_end && begin_value(post));
    bool more = !named || flush(post, true);
    begin_field(post);
    post->form = line_end ? FORM_ENDED : FORM_NAME;
    return more;
}

static bool add_to_name(struct MHD_PostProcessor *post, char c)
{
    if (post->held + 1 >= post->room) {
        post->failed = true;
        return false;
    }
    post->buffer[post->held++] = c;
    return true;
}

static bool add_to_value(struct MHD_PostProcessor *post, char c)
{
    if (post->value_size == URLENCODED_PIECE && !flush(post, false)) {
        return false;
    }
    post->value[post->value_size++] = c;
    return true;
}

static bool take(struct MHD_PostProcessor *post, char c)
{
    bool line_end = c == '\r' || c == '\n';
    if (post->form == FORM_ENDED) {
        post->failed = !line_end;
        return line_end;
    }
    if (line_end || c == '&') {
        return end_field(post, line_end);
    }
    if (post->form == FORM_VALUE) {
        return add_to_value(post, c);
    }
    return c == '=' ? begin_value(post) : add_to_name(post, c);
}

enum MHD_Result rig_mhd_post_urlencoded(struct MHD_PostProcessor *post, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!take(post, data[i])) {
            return MHD_NO;
        }
    }
    return post->form != FORM_VALUE || flush(post, false) ? MHD_YES : MHD_NO;
}

enum MHD_Result rig_mhd_post_urlencoded_end(struct MHD_PostProcessor *post)
{
    if (post->failed) {
        return MHD_NO;
    }
    if (post->form == FORM_VALUE && post->value_size == 0 && !post->given && !flush(post, true)) {
        return MHD_NO;
    }
    return (post->form == FORM_NAME && post->held == 0) || post->form == FORM_ENDED ||
                   (post->form == FORM_VALUE && post->value_size == 0)
               ? MHD_YES
               : MHD_NO;
}
