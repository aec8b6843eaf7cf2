/* Bytes to a scenario. Total: there are no wrong bytes, only operations that change nothing. */
#include "fuzz/scenario/frame.h"
#include "fuzz/scenario/spoil.h"
#include "fuzz/scenario/strings.h"
#include "fuzz/scenario/twist.h"
#include "harness/core/arena.h"
#include "harness/http/chars.h"
#include "harness/http/rare.h"

#include <string.h>

struct decoder {
    const struct rig_fuzz_table *table;
    const struct rig_fuzz_index *index;
    const unsigned char *at, *end;
    struct rig_fuzz_scenario *scenario;
    struct rig_fuzz_request *request;
    struct rig_field *field; /* the last header; NULL: none */
    size_t value_size;
    uint32_t plain;   /* a bit for each header that needs no second look */
    bool field_plain; /* the last one, so far */
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

/* The word that the token says: it lasts as long as the table. */
static inline const struct rig_fuzz_entry *next_word(struct decoder *decoder, enum rig_fuzz_words group)
{
    unsigned number = decoder->token == RIG_FUZZ_TOKEN_BYTE ? next_byte(decoder) : decoder->token;
    size_t count = decoder->index->of[group].count;
    RIG_SURE(count > 0);
    return &decoder->index->of[group].words[RIG_LIKELY(number < count) ? number : number % count];
}

/* Begins the string with it, or appends to it. */
static inline void put(struct decoder *decoder, const char **string, size_t *size, const char *more, size_t more_size)
{
    if (*size > 0) {
        (void)rig_fuzz_append(decoder->scenario, string, size, more, more_size);
    } else {
        *string = more;
        *size = more_size;
    }
}

/* The same of a piece of a literal, which does not last: as much of it as there is room for. */
static RIG_COLD void put_some(struct decoder *decoder, const char **string, size_t *size, struct rig_slice piece,
                              bool text)
{
    const char *zero = text ? memchr(piece.data, '\0', piece.size) : NULL;
    (void)rig_fuzz_append(decoder->scenario, string, size, piece.data, zero ? (size_t)(zero - piece.data) : piece.size);
}

/* Of a text a zero byte is the end. */
static RIG_COLD void end_at_zero(struct rig_fuzz_scenario *scenario, const char *string, size_t *size)
{
    size_t kept = strlen(string);
    scenario->used -= *size - kept;
    *size = kept;
}

/* True: it may stand in a header's value as it is. */
static inline bool put_piece(struct decoder *decoder, const char **string, size_t *size, struct rig_slice piece,
                             bool text)
{
    struct rig_fuzz_scenario *scenario = decoder->scenario;
    bool last = *size == 0 || rig_fuzz_make_last(scenario, string, *size);
    size_t at = scenario->used - (*size > 0);
    if (!last || at + piece.size >= sizeof scenario->strings) {
        put_some(decoder, string, size, piece, text);
        return rig_is_field_value(piece.data, piece.size);
    }
    char *end = scenario->strings + at;
    end[piece.size] = '\0';
    *string = end - *size;
    *size += piece.size;
    scenario->used = at + piece.size + 1;
    bool plain = rig_copy_field_value(end, piece.data, piece.size);
    if (!plain && text) {
        end_at_zero(scenario, *string, size);
    }
    return plain;
}

/* Behind a zero byte nothing is put. */
static RIG_COLD bool append_pieces(struct decoder *decoder, const char **string, size_t *size, struct rig_slice piece,
                                   bool text)
{
    bool more = true, plain = put_piece(decoder, string, size, piece, text), ended = false;
    while (more) {
        ended = ended || (text && memchr(piece.data, '\0', piece.size));
        more = next_segment(decoder, &piece);
        plain = (ended || put_piece(decoder, string, size, piece, text)) && plain;
    }
    return plain;
}

/* True: all of it may stand in a header's value as it is. */
static RIG_APART bool append_literal(struct decoder *decoder, const char **string, size_t *size, bool text)
{
    struct rig_slice piece;
    bool more = next_segment(decoder, &piece);
    return more ? append_pieces(decoder, string, size, piece, text) : put_piece(decoder, string, size, piece, text);
}

/* Appends the word or literal that the token says. True: as above. */
static inline bool append_operand(struct decoder *decoder, enum rig_fuzz_words group, const char **string, size_t *size,
                                  bool text)
{
    if (decoder->token == RIG_FUZZ_TOKEN_LITERAL) {
        return append_literal(decoder, string, size, text);
    }
    const struct rig_fuzz_entry *word = next_word(decoder, group);
    put(decoder, string, size, word->text, word->size);
    return word->plain;
}

/* Sets a string to it; one that would be empty stays as it was. */
static RIG_APART void set_literal(struct decoder *decoder, const char **string)
{
    const char *fresh = NULL;
    size_t size = 0;
    (void)append_literal(decoder, &fresh, &size, true);
    *string = size > 0 ? fresh : *string;
}

static inline void set_operand(struct decoder *decoder, enum rig_fuzz_words group, const char **string)
{
    if (decoder->token == RIG_FUZZ_TOKEN_LITERAL) {
        set_literal(decoder, string);
    } else {
        *string = next_word(decoder, group)->text;
    }
}

/* ---- the target ---- */

static void twist(struct decoder *decoder)
{
    struct rig_fuzz_request *request = decoder->request;
    if (RIG_LIKELY(decoder->token == RIG_FUZZ_TOKEN_LITERAL)) {
        size_t size = strlen(request->target);
        (void)append_literal(decoder, &request->target, &size, true);
    } else {
        rig_fuzz_twist_target(decoder->scenario, request, (enum rig_fuzz_twist)decoder->token);
    }
}

static void add_query(struct decoder *decoder)
{
    struct rig_fuzz_request *request = decoder->request;
    size_t size = strlen(request->target);
    (void)rig_fuzz_append(decoder->scenario, &request->target, &size, strchr(request->target, '?') ? "&" : "?", 1);
    (void)append_operand(decoder, RIG_FUZZ_QUERIES, &request->target, &size, true);
}

/* ---- headers ---- */

/* The last header changes no more. */
static void end_field(struct decoder *decoder)
{
    if (decoder->field_plain && !rig_fuzz_is_padded(decoder->field->value, decoder->value_size)) {
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
    decoder->field = &request->fields[request->field_count++];
    *decoder->field = (struct rig_field){name, value};
    decoder->value_size = value_size;
    return true;
}

static RIG_APART void add_field(struct decoder *decoder, const char *name, const char *value)
{
    (void)begin_field(decoder, name, value, strlen(value));
}

static RIG_APART void begin_strange_header(struct decoder *decoder)
{
    const char *name = "";
    set_literal(decoder, &name);
    add_field(decoder, name, "");
}

static void begin_header(struct decoder *decoder)
{
    if (decoder->token == RIG_FUZZ_TOKEN_LITERAL) {
        begin_strange_header(decoder);
        return;
    }
    const struct rig_fuzz_entry *word = next_word(decoder, RIG_FUZZ_NAMES);
    decoder->field_plain = begin_field(decoder, word->text, "", 0) && word->plain;
}

static void add_value(struct decoder *decoder)
{
    if (!decoder->field) {
        add_field(decoder, "Accept", "");
    }
    bool plain = append_operand(decoder, RIG_FUZZ_VALUES, &decoder->field->value, &decoder->value_size, true);
    decoder->field_plain = decoder->field_plain && plain;
}

static void spoil(struct decoder *decoder)
{
    struct rig_field *field = decoder->field;
    size_t size;
    if (!field) {
        return;
    }
    decoder->field_plain = false; /* as far as is known */
    switch (decoder->token) {
    case RIG_FUZZ_SPOIL_UNDERSCORE:
    case RIG_FUZZ_SPOIL_UPPER:
    case RIG_FUZZ_SPOIL_LOWER:
    case RIG_FUZZ_SPOIL_NEAR:
        rig_fuzz_spoil_name(decoder->scenario, field, (enum rig_fuzz_spoil)decoder->token);
        break;
    case RIG_FUZZ_SPOIL_COLON:
        size = strlen(field->name);
        (void)rig_fuzz_append(decoder->scenario, &field->name, &size, " ", 1);
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
        rig_fuzz_spoil_value(decoder->scenario, field, &decoder->value_size, (enum rig_fuzz_spoil)decoder->token);
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
    decoder->field = NULL;
}

static RIG_APART void repeat(struct decoder *decoder, const struct rig_fuzz_request *before)
{
    struct rig_fuzz_request *request = decoder->request;
    rig_fuzz_seal(decoder->scenario);
    *request = *before;
    if (decoder->token == RIG_FUZZ_NEXT_SAME_STRANGER) {
        request->credentials = RIG_FUZZ_CLASS_NONE;
    }
    decoder->field = request->field_count > 0 ? &request->fields[request->field_count - 1] : NULL;
    decoder->value_size = decoder->field ? strlen(decoder->field->value) : 0;
}

/* False: there are as many requests as can be. */
static bool begin_next(struct decoder *decoder)
{
    const struct rig_fuzz_request *before = decoder->request;
    struct rig_fuzz_request *request = rig_fuzz_add(decoder->scenario);
    if (!request) {
        return false;
    }
    decoder->request = request;
    if (decoder->token == RIG_FUZZ_NEXT_SAME || decoder->token == RIG_FUZZ_NEXT_SAME_STRANGER) {
        repeat(decoder, before);
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

/* Apart from what most of a scenario's operations are. */
static RIG_APART void do_seldom(struct decoder *decoder, enum rig_fuzz_op op)
{
    switch (op) {
    case RIG_FUZZ_OP_QUERY:
        add_query(decoder);
        break;
    case RIG_FUZZ_OP_SPOIL:
        spoil(decoder);
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
    case RIG_FUZZ_OP_SET:
        set(decoder);
        break;
    case RIG_FUZZ_OP_METHOD: /* step's own; no default, so that the compiler tells of one that nobody does */
    case RIG_FUZZ_OP_TARGET:
    case RIG_FUZZ_OP_TWIST:
    case RIG_FUZZ_OP_HEADER:
    case RIG_FUZZ_OP_VALUE:
    case RIG_FUZZ_OP_AS:
    case RIG_FUZZ_OP_BODY:
    case RIG_FUZZ_OP_NEXT:
        break;
    }
}

/* There is a byte more. True: it begins the next request. No switch, which takes longer: values and headers first, for
 * that most of them are. */
static bool step(struct decoder *decoder)
{
    unsigned byte = *decoder->at++;
    enum rig_fuzz_op op = (enum rig_fuzz_op)(byte >> 4);
    decoder->token = byte & 15;
    if (op == RIG_FUZZ_OP_VALUE) {
        add_value(decoder);
    } else if (op == RIG_FUZZ_OP_HEADER) {
        begin_header(decoder);
    } else if (op == RIG_FUZZ_OP_METHOD) {
        set_operand(decoder, RIG_FUZZ_METHODS, &decoder->request->method);
    } else if (op == RIG_FUZZ_OP_TARGET) {
        set_operand(decoder, RIG_FUZZ_TARGETS, &decoder->request->target);
    } else if (op == RIG_FUZZ_OP_TWIST) {
        twist(decoder);
    } else if (op == RIG_FUZZ_OP_AS) {
        set_credentials(decoder);
    } else if (op == RIG_FUZZ_OP_BODY) {
        add_body(decoder);
    } else if (op != RIG_FUZZ_OP_NEXT) {
        do_seldom(decoder, op);
    }
    return op == RIG_FUZZ_OP_NEXT;
}

static void decode(const struct rig_fuzz_table *table, const struct rig_fuzz_index *index, const void *bytes,
                   size_t size, struct rig_fuzz_scenario *scenario)
{
    struct decoder decoder = {
        .table = table, .index = index, .at = bytes, .scenario = scenario, .request = rig_fuzz_add(scenario)};
    decoder.end = size > 0 ? decoder.at + size : decoder.at;
    bool next;
    do {
        next = false;
        while (!next && decoder.at < decoder.end) {
            next = step(&decoder);
        }
        end_request(&decoder);
    } while (next && begin_next(&decoder));
}

/* Apart: under ASan whoever has such a room pays for it. */
static RIG_APART void decode_by_list(const struct rig_fuzz_table *table, const void *bytes, size_t size,
                                     struct rig_fuzz_scenario *scenario)
{
    struct rig_fuzz_index index;
    rig_fuzz_index_words(table, &index);
    decode(table, &index, bytes, size, scenario);
}

void rig_fuzz_decode(const struct rig_fuzz_table *table, const void *bytes, size_t size,
                     struct rig_fuzz_scenario *scenario)
{
    rig_fuzz_clear(scenario);
    scenario->server = rig_fuzz_server_of(table, 0);
    for (unsigned i = 0; i < RIG_FUZZ_NAMED && table; i++) {
        if (table->names.of[i][0] != '\0') {
            memcpy(scenario->names.of[i], table->names.of[i], sizeof table->names.of[i]);
        }
    }
    if (table && table->index) {
        decode(table, table->index, bytes, size, scenario);
    } else {
        decode_by_list(table, bytes, size, scenario);
    }
    rig_fuzz_bound(table, scenario);
}
