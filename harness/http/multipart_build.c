#include <stackrig/http/multipart.h>

#include <stdint.h>
#include <string.h>

#include "harness/http/chars.h"
#include "harness/http/sink.h"

#define BOUNDARY_START "----StackrigBoundary"
#define ESCAPED "\"\\\r\n" /* in a name */

static struct rig_bytes content_of(const struct rig_part *part)
{
    return part->body ? (struct rig_bytes){part->body, strlen(part->body)} : part->bytes;
}

const char *rig_multipart_refused(const struct rig_part *parts, size_t count, size_t *index)
{
    for (size_t i = 0; i < count; i++) {
        const struct rig_part *part = &parts[i];
        if (index) {
            *index = i;
        }
        if (!part->name) {
            return "a part without a name";
        }
        if ((part->body != NULL) + (part->bytes.data != NULL) + (part->path != NULL) > 1) {
            return "a part with more than one of body, bytes and path";
        }
        if (!part->body && !part->bytes.data && part->bytes.size > 0) {
            return "a part with a size but no bytes";
        }
        if (part->content_type && !rig_is_field_value(part->content_type, strlen(part->content_type))) {
            return "a content type with control characters";
        }
    }
    return NULL;
}

/* ---- the boundary ---- */

/* Counts, by the byte that follows it, where the candidate occurs in text. */
static void count_next(struct rig_bytes text, const char *candidate, size_t size, size_t counts[16])
{
    const char *at = text.data;
    size_t left = text.size;
    while (left > size) {
        const char *found = memchr(at, candidate[0], left - size);
        if (!found) {
            return;
        }
        left -= (size_t)(found - at) + 1;
        at = found + 1;
        int digit = memcmp(found, candidate, size) == 0 ? rig_char_hex(found[size]) : -1;
        if (digit >= 0) {
            counts[digit]++;
        }
    }
}

static struct rig_bytes string_bytes(const char *text)
{
    return text ? (struct rig_bytes){text, strlen(text)} : (struct rig_bytes){NULL, 0};
}

static void count_in_parts(const struct rig_part *parts, size_t count, const char *candidate, size_t size,
                           size_t counts[16])
{
    for (size_t i = 0; i < count; i++) {
        const struct rig_bytes texts[] = {string_bytes(parts[i].name), string_bytes(parts[i].filename),
                                          string_bytes(parts[i].content_type), content_of(&parts[i])};
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
            if (texts[k].data) {
                count_next(texts[k], candidate, size, counts);
            }
        }
    }
}

/* Digit by digit the one that follows least often what is chosen so far: each divides the occurrences by sixteen at
 * least, so twenty leave none, in a walk over the contents for each. */
void rig_multipart_boundary(const struct rig_part *parts, size_t count, char boundary[RIG_BOUNDARY_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    bool absent = false;
    memset(boundary, '0', RIG_BOUNDARY_SIZE - 1);
    boundary[RIG_BOUNDARY_SIZE - 1] = '\0';
    memcpy(boundary, BOUNDARY_START, sizeof BOUNDARY_START - 1);
    for (size_t used = sizeof BOUNDARY_START - 1; used < RIG_BOUNDARY_SIZE - 1 && !absent; used++) {
        size_t counts[16] = {0}, least = 0;
        count_in_parts(parts, count, boundary, used, counts);
        for (size_t digit = 1; digit < 16; digit++) {
            least = counts[digit] < counts[least] ? digit : least;
        }
        boundary[used] = digits[least];
        absent = counts[least] == 0;
    }
}

static bool in_boundary(char c)
{
    return rig_char_is(c, RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || (c && strchr("'()+_,-./:=? ", c));
}

const char *rig_multipart_boundary_refused(const char *boundary, size_t size, const struct rig_part *parts,
                                           size_t count)
{
    bool right = size > 0 && size <= RIG_BOUNDARY_MAX && boundary[size - 1] != ' ';
    for (size_t i = 0; i < size && right; i++) {
        right = in_boundary(boundary[i]);
    }
    if (!right) {
        return "a boundary has 1 to 70 letters, digits and '()+_,-./:=? and does not end with a space";
    }
    for (size_t i = 0; i < count; i++) {
        const struct rig_bytes texts[] = {string_bytes(parts[i].name), string_bytes(parts[i].filename),
                                          string_bytes(parts[i].content_type), content_of(&parts[i])};
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
            if (rig_contains(texts[k].data, texts[k].size, boundary, size)) {
                return "it stands in a part, which would end there";
            }
        }
    }
    return NULL;
}

/* ---- the body ---- */

static const char *escape_of(char c)
{
    return c == '"' ? "%22" : c == '\\' ? "%5C" : c == '\r' ? "%0D" : c == '\n' ? "%0A" : "%25";
}

/* Is there an escape in it, one that it has or one that it will get? */
static bool has_escape(const char *value)
{
    bool found = strpbrk(value, ESCAPED) != NULL;
    for (const char *at = strchr(value, '%'); at && !found; at = strchr(at + 1, '%')) {
        found = rig_char_hex(at[1]) >= 0 && rig_char_hex(at[2]) >= 0;
    }
    return found;
}

static void put_quoted(struct rig_sink *sink, const char *key, const char *value, const char *escaped)
{
    rig_sink_text(sink, key);
    rig_sink_text(sink, "=\"");
    for (;;) {
        size_t plain = strcspn(value, escaped);
        rig_sink_put(sink, value, plain);
        value += plain;
        if (*value == '\0') {
            break;
        }
        rig_sink_text(sink, escape_of(*value++));
    }
    rig_sink_text(sink, "\"");
}

static void put_part(struct rig_sink *sink, const struct rig_part *part, const char *boundary)
{
    struct rig_bytes content = content_of(part);
    const char *type = part->content_type;
    rig_sink_text(sink, "--");
    rig_sink_text(sink, boundary);
    rig_sink_text(sink, "\r\nContent-Disposition: form-data");
    put_quoted(sink, "; name", part->name, ESCAPED);
    if (part->filename) {
        put_quoted(sink, "; filename", part->filename, has_escape(part->filename) ? ESCAPED "%" : ESCAPED);
        type = type ? type : "application/octet-stream";
    }
    if (type) {
        rig_sink_text(sink, "\r\nContent-Type: ");
        rig_sink_text(sink, type);
    }
    if (part->length_header) {
        rig_sink_text(sink, "\r\nContent-Length: ");
        rig_sink_number(sink, content.size);
    }
    rig_sink_text(sink, "\r\n\r\n");
    rig_sink_put(sink, content.data, content.size);
    rig_sink_text(sink, "\r\n");
}

static size_t build(const struct rig_part *parts, size_t count, const char *boundary, char *out)
{
    struct rig_sink sink = {out, 0};
    for (size_t i = 0; i < count; i++) {
        put_part(&sink, &parts[i], boundary);
    }
    rig_sink_text(&sink, "--");
    rig_sink_text(&sink, boundary);
    rig_sink_text(&sink, "--\r\n");
    return sink.size;
}

size_t rig_multipart_build(const struct rig_part *parts, size_t count, const char *boundary, char *out, size_t out_size)
{
    size_t need = build(parts, count, boundary, NULL);
    if (out && need < SIZE_MAX && need <= out_size) {
        build(parts, count, boundary, out);
    }
    return need;
}
