/* Bytes to a scenario. Total: there are no wrong bytes, only operations that change nothing. */
#include "fuzz/scenario/frame.h"
#include "fuzz/scenario/strings.h"
#include "fuzz/scenario/twist.h"
#include "harness/core/arena.h"
#include "harness/http/chars.h"

#include <string.h>

struct decoder {
    const struct rig_fuzz_table *table;
    const unsigned char *at, *end;
    struct rig_fuzz_scenario *scenario;
    struct rig_fuzz_request *request;
    size_t value_size; /* of the last header */
    uint32_t plain;    /* a bit for each header that needs no second look */
    bool field_plain;  /* the last one, so far */
    enum rig_fuzz_frame frame;
    unsigned token;
};

/* ---- operands ---- */

static unsigned next_byte(struct decoder *decoder)
{
    return decoder->at < decoder->end ? *decoder->at++ : 0;
}

/* One segment of a literal; true: another one follows. */
static bool next_segment(struct decoder *decoder, struct rig_slice *segment)
{
    size_t size = next_byte(decoder), left = (size_t)(decoder->end - decoder->at);
    bool more = size == UINT8_MAX && left > size;
    size = size < left ? size : left;
    *segment = (struct rig_slice){(const char *)decoder->at, size};
    decoder->at += size;
    return more;
}

/* A string that grows. */
struct grown {
    const char **string;
    size_t *size;
    bool text, ended; /* of a text a zero byte is the end */
};

static void append_piece(struct decoder *decoder, struct grown *grown, struct rig_slice piece)
{
    const char *zero = grown->text && piece.size > 0 ? memchr(piece.data, '\0', piece.size) : NULL;
    if (!grown->ended) {
        (void)rig_fuzz_append(decoder->scenario, grown->string, grown->size, piece.data,
                              zero ? (size_t)(zero - piece.data) : piece.size);
    }
    grown->ended = grown->ended || zero;
}

static inline size_t next_number(struct decoder *decoder, enum rig_fuzz_words group)
{
    unsigned number = decoder->token == RIG_FUZZ_TOKEN_BYTE ? next_byte(decoder) : decoder->token;
    size_t count = rig_fuzz_word_count(decoder->table, group);
    RIG_SURE(count > 0);
    return number < count ? number : number % count;
}

/* The word that the token says: it lasts as long as the table. */
static inline const char *next_word(struct decoder *decoder, enum rig_fuzz_words group)
{
    return rig_fuzz_word(decoder->table, group, next_number(decoder, group));
}

static RIG_APART bool append_word(struct decoder *decoder, enum rig_fuzz_words group, const char **string, size_t *size,
                                  bool text)
{
    const char *word = next_word(decoder, group);
    size_t word_size = strlen(word);
    if (*size == 0) {
        *string = word;
        *size = word_size;
    } else {
        (void)rig_fuzz_append(decoder->scenario, string, size, word, word_size);
    }
    return text && rig_is_field_value(word, word_size);
}

static RIG_APART bool append_segments(struct decoder *decoder, struct grown grown)
{
    struct rig_slice piece;
    while (next_segment(decoder, &piece)) {
        append_piece(decoder, &grown, piece);
    }
    append_piece(decoder, &grown, piece);
    return false;
}

/* Nearly all literals are one short segment: a text's is looked at while it is copied. */
static bool append_literal(struct decoder *decoder, const char **string, size_t *size, bool text)
{
    size_t left = (size_t)(decoder->end - decoder->at), piece_size = left > 0 ? *decoder->at : 0;
    if (!text || piece_size >= left || piece_size == UINT8_MAX) {
        return append_segments(decoder, (struct grown){string, size, text, false});
    }
    struct rig_slice piece = {(const char *)decoder->at + 1, piece_size};
    decoder->at += 1 + piece_size;
    return rig_fuzz_append_text(decoder->scenario, string, size, piece);
}

/* Appends the word or literal that the token says. True: what was appended may stand in a header's value as it is. */
static bool append_operand(struct decoder *decoder, enum rig_fuzz_words group, const char **string, size_t *size,
                           bool text)
{
    return decoder->token == RIG_FUZZ_TOKEN_LITERAL ? append_literal(decoder, string, size, text)
                                                    : append_word(decoder, group, string, size, text);
}

/* Sets a string to it; one that would be empty stays as it was. */
static void set_operand(struct decoder *decoder, enum rig_fuzz_words group, const char **string)
{
    const char *fresh = NULL;
    size_t size = 0;
    if (decoder->token != RIG_FUZZ_TOKEN_LITERAL) { /* nobody asks how long it is */
        fresh = next_word(decoder, group);
        size = fresh[0] != '\0';
    } else {
        (void)append_literal(decoder, &fresh, &size, true);
    }
    *string = size > 0 ? fresh : *string;
}

static void append(struct decoder *decoder, const char **string, const char *more, size_t size)
{
    size_t old = strlen(*string);
    (void)rig_fuzz_append(decoder->scenario, string, &old, more, size);
}

/* ---- the target ---- */

static void twist(struct decoder *decoder)
{
    struct rig_fuzz_request *request = decoder->request;
    if (decoder->token == RIG_FUZZ_TOKEN_LITERAL) {
        size_t size = strlen(request->target);
        (void)append_literal(decoder, &request->target, &size, true);
    } else {
        rig_fuzz_twist_target(decoder->scenario, request, (enum rig_fuzz_twist)decoder->token);
    }
}

static void add_query(struct decoder *decoder)
{
    struct rig_fuzz_request *request = decoder->request;
    append(decoder, &request->target, strchr(request->target, '?') ? "&" : "?", 1);
    size_t size = strlen(request->target);
    (void)append_operand(decoder, RIG_FUZZ_QUERIES, &request->target, &size, true);
}

/* ---- headers ---- */

static struct rig_field *last_field(struct decoder *decoder)
{
    struct rig_fuzz_request *request = decoder->request;
    return request->field_count > 0 ? &request->fields[request->field_count - 1] : NULL;
}

/* The last header changes no more. */
static void end_field(struct decoder *decoder)
{
    const struct rig_field *field = last_field(decoder);
    if (field && decoder->field_plain && !rig_fuzz_is_padded(field->value, decoder->value_size)) {
        decoder->plain |= 1u << (decoder->request->field_count - 1);
    }
    decoder->field_plain = false;
}

/* False: there is no room, what follows still changes the last one. */
static bool begin_field(struct decoder *decoder, const char *name, const char *value, size_t value_size)
{
    struct rig_fuzz_request *request = decoder->request;
    if (request->field_count == RIG_FUZZ_FIELDS_MAX) {
        decoder->field_plain = false;
        return false;
    }
    end_field(decoder);
    request->fields[request->field_count++] = (struct rig_field){name, value};
    decoder->value_size = value_size;
    return true;
}

static void add_field(struct decoder *decoder, const char *name, const char *value)
{
    (void)begin_field(decoder, name, value, strlen(value));
}

static void begin_header(struct decoder *decoder)
{
    const char *name = "";
    if (decoder->token == RIG_FUZZ_TOKEN_LITERAL) {
        set_operand(decoder, RIG_FUZZ_NAMES, &name);
        (void)begin_field(decoder, name, "", 0);
        return;
    }
    size_t number = next_number(decoder, RIG_FUZZ_NAMES);
    bool began = begin_field(decoder, rig_fuzz_word(decoder->table, RIG_FUZZ_NAMES, number), "", 0);
    decoder->field_plain = began && rig_fuzz_is_plain(decoder->table, number);
}

static void add_value(struct decoder *decoder)
{
    struct rig_field *field = last_field(decoder);
    if (!field) { /* the operand is gone over all the same */
        add_field(decoder, "Accept", "");
        field = last_field(decoder);
    }
    bool plain = append_operand(decoder, RIG_FUZZ_VALUES, &field->value, &decoder->value_size, true);
    decoder->field_plain = decoder->field_plain && plain;
}

static void spoil_name(struct decoder *decoder, struct rig_field *field, enum rig_fuzz_spoil spoil)
{
    size_t size = strlen(field->name);
    size_t kept = spoil == RIG_FUZZ_SPOIL_NEAR && size > 1 ? size - 1 : size;
    char *name = rig_fuzz_copy(decoder->scenario, field->name, kept);
    for (size_t i = 0; name && i < kept; i++) {
        char c = name[i];
        bool letter = rig_char_is(c, RIG_CHAR_ALPHA);
        name[i] = (char)(spoil == RIG_FUZZ_SPOIL_UNDERSCORE && c == '-' ? '_'
                         : spoil == RIG_FUZZ_SPOIL_UPPER && letter      ? c & ~0x20
                         : spoil == RIG_FUZZ_SPOIL_LOWER && letter      ? c | 0x20
                                                                        : c);
    }
    field->name = name ? name : field->name;
}

static void spoil_value(struct decoder *decoder, struct rig_field *field, enum rig_fuzz_spoil spoil)
{
    static const char filler[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const char *old = field->value, *fresh = NULL;
    size_t old_size = strlen(old), size = 0;
    struct rig_fuzz_scenario *scenario = decoder->scenario;
    if (spoil == RIG_FUZZ_SPOIL_SPACES) {
        (void)rig_fuzz_append(scenario, &fresh, &size, " ", 1);
    }
    (void)rig_fuzz_append(scenario, &fresh, &size, old,
                          spoil == RIG_FUZZ_SPOIL_HALF                  ? old_size / 2
                          : spoil == RIG_FUZZ_SPOIL_CUT && old_size > 0 ? old_size - 1
                                                                        : old_size);
    if (spoil == RIG_FUZZ_SPOIL_SPACES) {
        (void)rig_fuzz_append(scenario, &fresh, &size, "\t", 1);
    }
    for (unsigned i = 0; spoil == RIG_FUZZ_SPOIL_LONG && i < 3; i++) {
        (void)rig_fuzz_append(scenario, &fresh, &size, old, old_size);
    }
    while (spoil == RIG_FUZZ_SPOIL_HUGE && size < 1024 &&
           rig_fuzz_append(scenario, &fresh, &size, filler, sizeof filler - 1)) {
    }
    if (fresh) {
        field->value = fresh;
        decoder->value_size = size;
    }
}

static void spoil(struct decoder *decoder)
{
    struct rig_field *field = last_field(decoder);
    if (!field) {
        return;
    }
    decoder->field_plain = false; /* as far as is known */
    switch (decoder->token) {
    case RIG_FUZZ_SPOIL_UNDERSCORE:
    case RIG_FUZZ_SPOIL_UPPER:
    case RIG_FUZZ_SPOIL_LOWER:
    case RIG_FUZZ_SPOIL_NEAR:
        spoil_name(decoder, field, (enum rig_fuzz_spoil)decoder->token);
        break;
    case RIG_FUZZ_SPOIL_COLON:
        append(decoder, &field->name, " ", 1);
        decoder->value_size = strlen(field->value);
        break;
    case RIG_FUZZ_SPOIL_REPEAT:
    case RIG_FUZZ_SPOIL_AGAIN:
        rig_fuzz_seal(decoder->scenario);
        add_field(decoder, field->name, decoder->token == RIG_FUZZ_SPOIL_REPEAT ? field->value : "");
        break;
    case RIG_FUZZ_SPOIL_SPACES:
    case RIG_FUZZ_SPOIL_LONG:
    case RIG_FUZZ_SPOIL_HUGE:
    case RIG_FUZZ_SPOIL_CUT:
    case RIG_FUZZ_SPOIL_HALF:
        spoil_value(decoder, field, (enum rig_fuzz_spoil)decoder->token);
        break;
    default:
        if (decoder->token < RIG_FUZZ_SPOILS) {
            field->value = rig_fuzz_typical_value(field->name, decoder->token - RIG_FUZZ_SPOIL_TYPICAL);
            decoder->value_size = strlen(field->value);
        }
    }
}

/* ---- the body ---- */

static void add_body(struct decoder *decoder)
{
    struct rig_fuzz_request *request = decoder->request;
    const char *body = request->body.data;
    size_t size = request->body.size;
    (void)append_operand(decoder, RIG_FUZZ_BODIES, &body, &size, false);
    request->body = (struct rig_bytes){body, size};
}

static void set_pieces(struct decoder *decoder)
{
    struct rig_fuzz_request *request = decoder->request;
    request->chunked = decoder->token == RIG_FUZZ_TOKEN_BYTE;
    if (decoder->token < RIG_FUZZ_TOKEN_BYTE) {
        request->pieces[0] = (uint16_t)(decoder->token + 1);
        request->piece_count = 1;
        return;
    }
    request->piece_count = 1 + next_byte(decoder) % RIG_FUZZ_PIECES_MAX;
    for (uint32_t i = 0; i < request->piece_count; i++) {
        unsigned low = next_byte(decoder), size = low | next_byte(decoder) << 8;
        request->pieces[i] = (uint16_t)(size > 0 ? size : 1);
    }
}

/* ---- the operations ---- */

static void set_fault(struct decoder *decoder)
{
    struct rig_fuzz_request *request = decoder->request;
    unsigned which = next_byte(decoder);
    request->fault = (uint8_t)(decoder->token <= RIG_FAULT_MORE ? decoder->token : RIG_FAULT_NONE);
    request->fault_read = (uint8_t)((which & 0x7f) + 1);
    request->fault_always = (which & 0x80) != 0;
}

static void set_gone(struct decoder *decoder)
{
    unsigned low = next_byte(decoder);
    unsigned high = decoder->token == RIG_FUZZ_TOKEN_LITERAL ? next_byte(decoder) : decoder->token;
    decoder->request->gone = (low | high << 8) + 1;
}

static void set_credentials(struct decoder *decoder)
{
    if (decoder->token < RIG_FUZZ_CLASSES) {
        decoder->request->credentials = (uint8_t)decoder->token;
    } else if (decoder->token < RIG_FUZZ_CLASSES + RIG_FUZZ_PLACES) {
        decoder->request->place = (uint8_t)(decoder->token - RIG_FUZZ_CLASSES);
    }
}

static void end_request(struct decoder *decoder)
{
    end_field(decoder);
    if (decoder->frame != RIG_FUZZ_FRAME_LENGTH) {
        rig_fuzz_frame(decoder->scenario, decoder->request, decoder->frame);
    }
    rig_fuzz_settle(decoder->request, decoder->plain);
    decoder->plain = 0;
    decoder->frame = RIG_FUZZ_FRAME_LENGTH;
    decoder->value_size = 0;
}

/* False: there are as many requests as can be. */
static bool begin_next(struct decoder *decoder)
{
    const struct rig_fuzz_request *before = decoder->request;
    end_request(decoder);
    struct rig_fuzz_request *request = rig_fuzz_add(decoder->scenario);
    if (!request) {
        return false;
    }
    decoder->request = request;
    if (decoder->token == RIG_FUZZ_NEXT_SAME || decoder->token == RIG_FUZZ_NEXT_SAME_STRANGER) {
        rig_fuzz_seal(decoder->scenario);
        *request = *before;
        if (decoder->token == RIG_FUZZ_NEXT_SAME_STRANGER) {
            request->credentials = RIG_FUZZ_CLASS_NONE;
        }
        const struct rig_field *field = last_field(decoder);
        decoder->value_size = field ? strlen(field->value) : 0;
    }
    return true;
}

/* What is there stays: a body of another kind, or of none, is worth a try. */
static void set_kind(struct decoder *decoder, unsigned kind)
{
    struct rig_fuzz_request *request = decoder->request;
    const struct rig_fuzz_typical *typical = rig_fuzz_typical_body(kind);
    if (!rig_fuzz_has_field(request, "Content-Type")) {
        add_field(decoder, "Content-Type", typical->type);
    }
    if (request->body.size == 0) {
        request->body = (struct rig_bytes){typical->body, strlen(typical->body)};
    }
}

static void set(struct decoder *decoder)
{
    struct rig_fuzz_request *request = decoder->request;
    if (decoder->token < RIG_FUZZ_SET_BODY_HALF) {
        decoder->scenario->server = rig_fuzz_server_of(decoder->table, decoder->token % RIG_FUZZ_SERVERS);
    } else if (decoder->token == RIG_FUZZ_SET_BODY_HALF) {
        request->body.size /= 2;
    } else if (decoder->token == RIG_FUZZ_SET_BODY_CUT) {
        request->body.size -= request->body.size > 0;
    } else if (decoder->token >= RIG_FUZZ_SET_KIND && decoder->token < RIG_FUZZ_SET_BODY_CUT) {
        set_kind(decoder, decoder->token - RIG_FUZZ_SET_KIND);
    } else if (decoder->token == RIG_FUZZ_SET_1_0 || decoder->token == RIG_FUZZ_SET_1_1) {
        request->version = decoder->token == RIG_FUZZ_SET_1_0 ? "1.0" : "1.1";
    } else if (decoder->token == RIG_FUZZ_SET_MALFORMED) {
        request->malformed = true;
    } else if (decoder->token == RIG_FUZZ_SET_VERSION) {
        set_operand(decoder, RIG_FUZZ_VALUES, &request->version);
    }
}

static bool step(struct decoder *decoder)
{
    unsigned byte = next_byte(decoder);
    decoder->token = byte & 15;
    switch ((enum rig_fuzz_op)(byte >> 4)) {
    case RIG_FUZZ_OP_METHOD:
        set_operand(decoder, RIG_FUZZ_METHODS, &decoder->request->method);
        break;
    case RIG_FUZZ_OP_TARGET:
        set_operand(decoder, RIG_FUZZ_TARGETS, &decoder->request->target);
        break;
    case RIG_FUZZ_OP_TWIST:
        twist(decoder);
        break;
    case RIG_FUZZ_OP_QUERY:
        add_query(decoder);
        break;
    case RIG_FUZZ_OP_HEADER:
        begin_header(decoder);
        break;
    case RIG_FUZZ_OP_VALUE:
        add_value(decoder);
        break;
    case RIG_FUZZ_OP_SPOIL:
        spoil(decoder);
        break;
    case RIG_FUZZ_OP_AS:
        set_credentials(decoder);
        break;
    case RIG_FUZZ_OP_BODY:
        add_body(decoder);
        break;
    case RIG_FUZZ_OP_FRAME:
        decoder->frame = (enum rig_fuzz_frame)decoder->token;
        break;
    case RIG_FUZZ_OP_PIECES:
        set_pieces(decoder);
        break;
    case RIG_FUZZ_OP_FAULT:
        set_fault(decoder);
        break;
    case RIG_FUZZ_OP_GONE:
        set_gone(decoder);
        break;
    case RIG_FUZZ_OP_CONNECTION:
        decoder->request->connection = (uint8_t)decoder->token;
        break;
    case RIG_FUZZ_OP_NEXT:
        return begin_next(decoder);
    case RIG_FUZZ_OP_SET:
        set(decoder);
        break;
    }
    return true;
}

void rig_fuzz_decode(const struct rig_fuzz_table *table, const void *bytes, size_t size,
                     struct rig_fuzz_scenario *scenario)
{
    rig_fuzz_clear(scenario);
    scenario->server = rig_fuzz_server_of(table, 0);
    if (table) {
        scenario->names = table->names;
    }
    struct decoder decoder = {.table = table, .at = bytes, .scenario = scenario, .request = rig_fuzz_add(scenario)};
    decoder.end = size > 0 ? decoder.at + size : decoder.at;
    bool more = true;
    while (more && decoder.at < decoder.end) {
        more = step(&decoder);
    }
    if (more) { /* else the last one has been ended */
        end_request(&decoder);
    }
    rig_fuzz_bound(table, scenario);
}
