/* A scenario to bytes: the words of the table where they fit, literals for the rest. */
#include "fuzz/scenario/scenario.h"
#include "harness/http/chars.h"

#include <string.h>

struct encoder {
    const struct rig_fuzz_table *table;
    unsigned char *out;
    size_t room, size;
};

static void put(struct encoder *encoder, unsigned byte)
{
    if (encoder->size < encoder->room) {
        encoder->out[encoder->size] = (unsigned char)byte;
    }
    encoder->size++;
}

static void put_op(struct encoder *encoder, enum rig_fuzz_op op, unsigned token)
{
    put(encoder, (unsigned)op << 4 | token);
}

static void put_word(struct encoder *encoder, enum rig_fuzz_op op, size_t number)
{
    put_op(encoder, op, number < RIG_FUZZ_TOKEN_BYTE ? (unsigned)number : RIG_FUZZ_TOKEN_BYTE);
    if (number >= RIG_FUZZ_TOKEN_BYTE) {
        put(encoder, (unsigned)number);
    }
}

static void put_literal(struct encoder *encoder, enum rig_fuzz_op op, const char *text, size_t size)
{
    put_op(encoder, op, RIG_FUZZ_TOKEN_LITERAL);
    size_t segment;
    do {
        segment = size < UINT8_MAX ? size : UINT8_MAX;
        put(encoder, (unsigned)segment);
        for (size_t i = 0; i < segment; i++) {
            put(encoder, (unsigned char)text[i]);
        }
        text += segment;
        size -= segment;
    } while (segment == UINT8_MAX);
}

/* The longest word that text begins with; *length 0: none. */
static size_t find_word(const struct encoder *encoder, enum rig_fuzz_words group, const char *text, size_t size,
                        size_t *length)
{
    size_t count = rig_fuzz_word_count(encoder->table, group), found = 0;
    *length = 0;
    for (size_t i = 0; i < count; i++) {
        const char *word = rig_fuzz_word(encoder->table, group, i);
        size_t word_size = strlen(word);
        if (word_size > *length && word_size <= size && memcmp(word, text, word_size) == 0) {
            *length = word_size;
            found = i;
        }
    }
    return found;
}

/* One operation that sets the whole. */
static void put_whole(struct encoder *encoder, enum rig_fuzz_op op, enum rig_fuzz_words group, const char *text)
{
    size_t size = strlen(text), length, number = find_word(encoder, group, text, size, &length);
    if (length == size && size > 0) {
        put_word(encoder, op, number);
    } else {
        put_literal(encoder, op, text, size);
    }
}

/* One operation for each word, and for what stands between words. */
static void put_pieces(struct encoder *encoder, enum rig_fuzz_op op, enum rig_fuzz_words group, const char *text,
                       size_t size)
{
    size_t literal = 0, at = 0;
    while (at < size) {
        size_t length, number = find_word(encoder, group, text + at, size - at, &length);
        if (length < 3 && length < size) { /* a word of two bytes is no shorter than they are */
            at++;
            continue;
        }
        if (at > literal) {
            put_literal(encoder, op, text + literal, at - literal);
        }
        put_word(encoder, op, number);
        at += length;
        literal = at;
    }
    if (at > literal) {
        put_literal(encoder, op, text + literal, at - literal);
    }
}

static void put_target(struct encoder *encoder, const char *target)
{
    size_t size = strlen(target), length, number = find_word(encoder, RIG_FUZZ_TARGETS, target, size, &length);
    if (length == 1 && size > 1) {
        put_literal(encoder, RIG_FUZZ_OP_TARGET, target, size);
        return;
    }
    if (length == 0) {
        put_literal(encoder, RIG_FUZZ_OP_TARGET, target, size);
        return;
    }
    if (number > 0) {
        put_word(encoder, RIG_FUZZ_OP_TARGET, number);
    }
    if (length < size) {
        put_literal(encoder, RIG_FUZZ_OP_TWIST, target + length, size - length);
    }
}

static void put_body(struct encoder *encoder, const struct rig_fuzz_request *request)
{
    put_pieces(encoder, RIG_FUZZ_OP_BODY, RIG_FUZZ_BODIES, request->body.data, request->body.size);
    if (request->piece_count > 0) {
        bool small = request->piece_count == 1 && request->pieces[0] <= RIG_FUZZ_TOKEN_BYTE && !request->chunked;
        if (small) {
            put_op(encoder, RIG_FUZZ_OP_PIECES, request->pieces[0] - 1u);
            return;
        }
        put_op(encoder, RIG_FUZZ_OP_PIECES, request->chunked ? RIG_FUZZ_TOKEN_BYTE : RIG_FUZZ_TOKEN_LITERAL);
        put(encoder, request->piece_count - 1);
        for (uint32_t i = 0; i < request->piece_count; i++) {
            put(encoder, request->pieces[i] & 255u);
            put(encoder, request->pieces[i] >> 8);
        }
    }
}

static void put_conduct(struct encoder *encoder, const struct rig_fuzz_request *request)
{
    if (request->credentials != RIG_FUZZ_CLASS_NONE) {
        put_op(encoder, RIG_FUZZ_OP_AS, request->credentials);
    }
    if (request->place != RIG_FUZZ_PLACE_BASIC) {
        put_op(encoder, RIG_FUZZ_OP_AS, RIG_FUZZ_CLASSES + request->place);
    }
    if (request->fault != RIG_FAULT_NONE) {
        put_op(encoder, RIG_FUZZ_OP_FAULT, request->fault);
        put(encoder, (request->fault_read - 1u) | (request->fault_always ? 0x80u : 0));
    }
    if (request->gone > 0) {
        unsigned place = request->gone - 1, high = place >> 8;
        put_op(encoder, RIG_FUZZ_OP_GONE, high < RIG_FUZZ_TOKEN_LITERAL ? high : RIG_FUZZ_TOKEN_LITERAL);
        put(encoder, place & 255u);
        if (high >= RIG_FUZZ_TOKEN_LITERAL) {
            put(encoder, high);
        }
    }
    if (request->connection > 0) {
        put_op(encoder, RIG_FUZZ_OP_CONNECTION, request->connection);
    }
}

static void put_request(struct encoder *encoder, const struct rig_fuzz_request *request)
{
    if (strcmp(request->method, "GET") != 0) {
        put_whole(encoder, RIG_FUZZ_OP_METHOD, RIG_FUZZ_METHODS, request->method);
    }
    put_target(encoder, request->target);
    if (strcmp(request->version, "1.0") == 0) {
        put_op(encoder, RIG_FUZZ_OP_SET, RIG_FUZZ_SET_1_0);
    } else if (strcmp(request->version, "1.1") != 0) {
        put_literal(encoder, RIG_FUZZ_OP_SET, request->version, strlen(request->version));
    }
    for (unsigned i = 0; i < request->field_count; i++) {
        const struct rig_field *field = &request->fields[i];
        put_whole(encoder, RIG_FUZZ_OP_HEADER, RIG_FUZZ_NAMES, field->name);
        put_pieces(encoder, RIG_FUZZ_OP_VALUE, RIG_FUZZ_VALUES, field->value, strlen(field->value));
    }
    put_body(encoder, request);
    put_conduct(encoder, request);
    if (request->malformed) {
        put_op(encoder, RIG_FUZZ_OP_SET, RIG_FUZZ_SET_MALFORMED);
    }
}

size_t rig_fuzz_encode(const struct rig_fuzz_table *table, const struct rig_fuzz_scenario *scenario, unsigned char *out,
                       size_t room)
{
    struct encoder encoder = {.table = table, .out = out, .room = room};
    if (scenario->server > 0) {
        put_op(&encoder, RIG_FUZZ_OP_SET, RIG_FUZZ_SET_SERVER + scenario->server);
    }
    for (uint32_t i = 0; i < scenario->count; i++) {
        if (i > 0) {
            put_op(&encoder, RIG_FUZZ_OP_NEXT, RIG_FUZZ_NEXT_NEW);
        }
        put_request(&encoder, &scenario->requests[i]);
    }
    return encoder.size;
}
