#include <stackrig/http/multipart.h>

#include <stdint.h>
#include <string.h>

#include "harness/http/chars.h"

#define BOUNDARY_START "----StackrigBoundary"

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
        if (part->body && part->bytes.data) {
            return "a part with both a body and bytes";
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

/* ---- the body ---- */

/* out NULL: only measures. size stays at SIZE_MAX once it has got there. */
struct sink {
    char *out;
    size_t size;
};

static void put(struct sink *sink, const void *data, size_t size)
{
    if (sink->out && size > 0) {
        memcpy(sink->out + sink->size, data, size);
    }
    sink->size = size < SIZE_MAX - sink->size ? sink->size + size : SIZE_MAX;
}

static void put_text(struct sink *sink, const char *text)
{
    put(sink, text, strlen(text));
}

static void put_quoted(struct sink *sink, const char *key, const char *value)
{
    put_text(sink, key);
    put_text(sink, "=\"");
    for (; *value; value++) {
        size_t plain = strcspn(value, "\"\r\n");
        put(sink, value, plain);
        value += plain;
        if (*value == '\0') {
            break;
        }
        put_text(sink, *value == '"' ? "%22" : *value == '\r' ? "%0D" : "%0A");
    }
    put_text(sink, "\"");
}

static void put_part(struct sink *sink, const struct rig_part *part, const char *boundary)
{
    struct rig_bytes content = content_of(part);
    const char *type = part->content_type;
    put_text(sink, "--");
    put_text(sink, boundary);
    put_text(sink, "\r\nContent-Disposition: form-data");
    put_quoted(sink, "; name", part->name);
    if (part->filename) {
        put_quoted(sink, "; filename", part->filename);
        type = type ? type : "application/octet-stream";
    }
    if (type) {
        put_text(sink, "\r\nContent-Type: ");
        put_text(sink, type);
    }
    put_text(sink, "\r\n\r\n");
    put(sink, content.data, content.size);
    put_text(sink, "\r\n");
}

static size_t build(const struct rig_part *parts, size_t count, const char *boundary, char *out)
{
    struct sink sink = {out, 0};
    for (size_t i = 0; i < count; i++) {
        put_part(&sink, &parts[i], boundary);
    }
    put_text(&sink, "--");
    put_text(&sink, boundary);
    put_text(&sink, "--\r\n");
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
