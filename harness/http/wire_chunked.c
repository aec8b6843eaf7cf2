#include <errno.h>
#include <string.h>

#include "harness/http/wire.h"

enum state {
    SIZE_FIRST, /* the first digit of a size line; 0, so that a zeroed struct begins here */
    SIZE,
    EXTENSION_BLANK, /* blanks after the size: only an extension may follow */
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_FIRST,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF,
    BAD
};

static bool refuse(struct rig_chunked *c, const char *reason)
{
    c->reason = reason;
    c->state = BAD;
    return false;
}

static bool add_digit(struct rig_chunked *c, char byte)
{
    if (c->left > (uint64_t)INT64_MAX / 16) {
        return refuse(c, "a chunk size too large to count");
    }
    c->left = c->left * 16 + (uint64_t)rig_char_hex(byte);
    c->state = SIZE;
    return true;
}

static bool size_line(struct rig_chunked *c, char byte)
{
    if (++c->line > RIG_CHUNK_LINE_MAX) {
        return refuse(c, "a chunk size line longer than the limit");
    }
    if (c->state == SIZE_FIRST || c->state == SIZE) {
        if (rig_char_is(byte, RIG_CHAR_HEX)) {
            return add_digit(c, byte);
        }
        if (c->state == SIZE_FIRST) {
            return refuse(c, "a chunk without a size");
        }
    }
    if (byte == '\r') {
        c->state = SIZE_LF;
        return true;
    }
    if (c->state == EXTENSION) {
        return rig_char_is(byte, RIG_CHAR_VALUE) ? true : refuse(c, "a control character in a chunk extension");
    }
    if (byte == ';') {
        c->state = EXTENSION;
        return true;
    }
    if (byte == ' ' || byte == '\t') {
        c->state = EXTENSION_BLANK;
        return true;
    }
    return refuse(c, byte == '\n' ? "a line that ends in LF without CR" : "a chunk size that is not hexadecimal");
}

static bool trailer(struct rig_chunked *c, char byte)
{
    if (++c->line > RIG_CHUNK_TRAILER_MAX) {
        return refuse(c, "trailers longer than the limit");
    }
    if (byte == '\n') {
        return refuse(c, "a line that ends in LF without CR");
    }
    if (c->state == TRAILER_VALUE) {
        if (byte == '\r') {
            c->state = TRAILER_LF;
            return true;
        }
        return rig_char_is(byte, RIG_CHAR_VALUE) ? true : refuse(c, "a control character in a trailer");
    }
    if (c->state == TRAILER_FIRST && byte == '\r') {
        c->state = LAST_LF;
        return true;
    }
    if (c->state == TRAILER_NAME && byte == ':') {
        c->state = TRAILER_VALUE;
        return true;
    }
    c->state = TRAILER_NAME;
    return rig_char_is(byte, RIG_CHAR_TOKEN) ? true : refuse(c, "a trailer name that is not a token");
}

/* The LF of a CR LF. */
static bool line_end(struct rig_chunked *c, char byte)
{
    if (byte != '\n') {
        return refuse(c, "a CR that no LF follows");
    }
    switch (c->state) {
    case SIZE_LF:
        c->line = 0;
        c->state = c->left > 0 ? DATA : TRAILER_FIRST;
        break;
    case DATA_LF:
        c->state = SIZE_FIRST;
        break;
    case TRAILER_LF:
        c->state = TRAILER_FIRST;
        break;
    default:
        c->done = true;
        break;
    }
    return true;
}

/* One byte that is not content. */
static bool step(struct rig_chunked *c, char byte)
{
    switch (c->state) {
    case DATA_CR:
        if (byte != '\r') {
            return refuse(c, "a chunk that does not end where its size says");
        }
        c->state = DATA_LF;
        return true;
    case SIZE_LF:
    case DATA_LF:
    case TRAILER_LF:
    case LAST_LF:
        return line_end(c, byte);
    case TRAILER_FIRST:
    case TRAILER_NAME:
    case TRAILER_VALUE:
        return trailer(c, byte);
    default:
        return size_line(c, byte);
    }
}

int64_t rig_chunked_decode(struct rig_chunked *chunked, const void *data, size_t size, struct rig_slice *piece)
{
    const char *bytes = data;
    size_t at = 0;
    *piece = (struct rig_slice){0};
    if (chunked->state == BAD) {
        return -EINVAL;
    }
    while (at < size && !chunked->done) {
        if (chunked->state == DATA) {
            size_t take = size - at < chunked->left ? size - at : (size_t)chunked->left;
            *piece = (struct rig_slice){bytes + at, take};
            at += take;
            chunked->left -= take;
            chunked->content += take;
            if (chunked->left == 0) {
                chunked->state = DATA_CR;
            }
            return (int64_t)at;
        }
        if (!step(chunked, bytes[at])) {
            return -EINVAL;
        }
        at++;
    }
    return (int64_t)at;
}

size_t rig_chunk_encode(const void *piece, size_t size, char *out, size_t out_size)
{
    static const char digits[] = "0123456789abcdef";
    char line[2 * sizeof size];
    size_t used = 0;
    for (size_t rest = size; rest > 0 || used == 0; rest /= 16) {
        line[sizeof line - ++used] = digits[rest % 16];
    }
    size_t need = used + 2 + size + 2;
    if (need < size || need > out_size) {
        return need < size ? SIZE_MAX : need;
    }
    memcpy(out, line + sizeof line - used, used);
    memcpy(out + used, "\r\n", 2);
    if (size > 0) {
        memcpy(out + used + 2, piece, size);
    }
    memcpy(out + used + 2 + size, "\r\n", 2);
    return need;
}
