/* The lines `# @key value` before a request. */
#include <stackrig/faults.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "harness/checks/own.h"
#include "harness/client/error_names.h"
#include "harness/client/scenario_parse.h"
#include "harness/coverage/table.h"

#define KEYS                                                                                                      \
    "name, server, connection, as, credential, credentials, expect, chunks, pieces, fault, disconnect, escapes, " \
    "malformed, "                                                                                                 \
    "host, ignore, enable"

static bool is_word(struct rig_slice slice, const char *word)
{
    return slice.size == strlen(word) && memcmp(slice.data, word, slice.size) == 0;
}

/* Cuts the next word off; size 0 at the end. */
static struct rig_slice next_word(struct rig_slice *text)
{
    *text = rig_trimmed(*text);
    size_t size = 0;
    while (size < text->size && text->data[size] != ' ' && text->data[size] != '\t') {
        size++;
    }
    struct rig_slice word = {text->data, size};
    text->data += size;
    text->size -= size;
    return word;
}

/* The only word of a value; data NULL: there are none or several. */
static struct rig_slice only_word(struct rig_slice value)
{
    struct rig_slice word = next_word(&value);
    return word.size > 0 && value.size == 0 ? word : (struct rig_slice){NULL, 0};
}

static const char *copied(struct rig_scenario_parser *parser, struct rig_slice text)
{
    return rig_arena_copy(parser->arena, text.data, text.size);
}

/* A C string of ours: what is looked up or kept must not end early at a zero byte. */
static int copy_word(struct rig_scenario_parser *parser, struct rig_slice value, const char *what, const char **copy)
{
    struct rig_slice word = only_word(value);
    if (!word.data || memchr(word.data, '\0', word.size)) {
        return rig_scenario_refuse_at(parser, value.data, "expected %s, found '%s'", what, rig_excerpt(value).text);
    }
    *copy = copied(parser, word);
    return *copy ? 0 : -ENOMEM;
}

/* ---- one function a key ---- */

static int set_name(struct rig_scenario_parser *parser, struct rig_slice value)
{
    if (value.size == 0 || memchr(value.data, '\0', value.size)) {
        return rig_scenario_refuse_at(parser, value.data, "expected a name after @name");
    }
    parser->request->name = copied(parser, value);
    return parser->request->name ? 0 : -ENOMEM;
}

static int set_server(struct rig_scenario_parser *parser, struct rig_slice value)
{
    return copy_word(parser, value, "the name of one server profile", &parser->request->server);
}

static int set_connection(struct rig_scenario_parser *parser, struct rig_slice value)
{
    return copy_word(parser, value, "the name of one connection", &parser->request->connection);
}

static int add_expect(struct rig_scenario_parser *parser, struct rig_scenario_expect expect)
{
    size_t count = parser->request->expect_count;
    if (count == parser->expect_capacity) {
        void *grown =
            rig_scenario_grown(parser->arena, parser->expects, count, &parser->expect_capacity, sizeof expect);
        if (!grown) {
            return -ENOMEM;
        }
        parser->expects = grown;
    }
    expect.line = parser->line.number;
    parser->expects[count] = expect;
    parser->request->expect_count = count + 1;
    return 0;
}

/* A request ends in one status and one error. */
static int refuse_second(struct rig_scenario_parser *parser, struct rig_slice value, enum rig_scenario_expect_kind kind,
                         const char *what)
{
    for (size_t i = 0; i < parser->request->expect_count; i++) {
        if (parser->expects[i].kind == kind) {
            return rig_scenario_refuse_at(parser, value.data, "expected one %s; line %zu has one already", what,
                                          parser->expects[i].line);
        }
    }
    return 0;
}

static int expect_status(struct rig_scenario_parser *parser, struct rig_slice value)
{
    struct rig_slice word = only_word(value);
    if (word.size != 3 || !rig_is_digits(word.data, 3) || word.data[0] == '0') {
        return rig_scenario_refuse_at(parser, value.data, "expected a status of three digits, found '%s'",
                                      rig_excerpt(value).text);
    }
    int refused = refuse_second(parser, value, RIG_EXPECT_STATUS, "status");
    if (refused) {
        return refused;
    }
    int status = (word.data[0] - '0') * 100 + (word.data[1] - '0') * 10 + (word.data[2] - '0');
    return add_expect(parser, (struct rig_scenario_expect){.kind = RIG_EXPECT_STATUS, .status = status});
}

/* Nothing, if it is a rule of the rig's. */
static int note_own(struct rig_scenario_parser *parser, struct rig_slice value, const char *id)
{
    size_t count = parser->request->own_count;
    if (rig_rule_pattern_known(id)) {
        return 0;
    }
    if (count == parser->own_capacity) {
        void *grown = rig_scenario_grown(parser->arena, parser->own, count, &parser->own_capacity, sizeof *parser->own);
        if (!grown) {
            return -ENOMEM;
        }
        parser->own = grown;
    }
    size_t column = (size_t)(value.data - parser->line.text.data) + 1;
    parser->own[count] = (struct rig_scenario_own){.id = id, .line = parser->line.number, .column = column};
    parser->request->own_count = count + 1;
    return 0;
}

static int expect_finding(struct rig_scenario_parser *parser, struct rig_slice value)
{
    struct rig_scenario_expect expect = {.kind = RIG_EXPECT_FINDING};
    int status = copy_word(parser, value, "the id of one rule", &expect.rule);
    if (status) {
        return status;
    }
    if (!rig_rule_find(expect.rule) && !rig_own_id_is_good(expect.rule)) {
        return rig_scenario_refuse_at(parser, value.data, "expected the id of a rule, '%s' is none",
                                      rig_excerpt(value).text);
    }
    status = note_own(parser, value, expect.rule);
    return status ? status : add_expect(parser, expect);
}

/* -5 of "-5"; 0: it is no error. */
static int negative_number(struct rig_slice word)
{
    int number = 0;
    if (word.size < 2 || word.size > 5 || word.data[0] != '-' || !rig_is_digits(word.data + 1, word.size - 1)) {
        return 0;
    }
    for (size_t i = 1; i < word.size; i++) {
        number = number * 10 + (word.data[i] - '0');
    }
    return -number;
}

static int expect_error(struct rig_scenario_parser *parser, struct rig_slice value)
{
    struct rig_slice word = only_word(value);
    int error = negative_number(word);
    if (!error && word.data) {
        size_t minus = word.data[0] == '-'; /* as C code has it: -EIO */
        error = rig_error_named(word.data + minus, word.size - minus);
    }
    if (!error) {
        return rig_scenario_refuse_at(parser, value.data, "expected an error as -5 or EIO, found '%s'",
                                      rig_excerpt(value).text);
    }
    int refused = refuse_second(parser, value, RIG_EXPECT_ERROR, "error");
    return refused ? refused
                   : add_expect(parser, (struct rig_scenario_expect){.kind = RIG_EXPECT_ERROR, .error = error});
}

static int set_expect(struct rig_scenario_parser *parser, struct rig_slice value)
{
    struct rig_slice rest = value, kind = next_word(&rest);
    rest = rig_trimmed(rest);
    if (is_word(kind, "status")) {
        return expect_status(parser, rest);
    }
    if (is_word(kind, "finding")) {
        return expect_finding(parser, rest);
    }
    if (is_word(kind, "error")) {
        return expect_error(parser, rest);
    }
    return rig_scenario_refuse_at(parser, value.data, "expected 'status N', 'finding RULE' or 'error NAME', found '%s'",
                                  rig_excerpt(value).text);
}

/* Cuts the next number off a comma list; false: it is none, or more than any buffer holds. */
static bool next_size(struct rig_slice *list, size_t *size)
{
    size_t digits = 0, value = 0;
    *list = rig_trimmed(*list);
    while (digits < list->size && rig_char_is(list->data[digits], RIG_CHAR_DIGIT)) {
        size_t digit = (size_t)(list->data[digits] - '0');
        if (value > (PTRDIFF_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
        digits++;
    }
    *list = rig_trimmed(rig_slice_after(*list, digits));
    *size = value;
    return value > 0;
}

static int set_pieces(struct rig_scenario_parser *parser, struct rig_slice value)
{
    size_t count = 1;
    if (parser->request->request.pieces) {
        return rig_scenario_refuse_at(parser, value.data, "expected one of @chunks and @pieces for a request");
    }
    for (size_t i = 0; i < value.size; i++) {
        count += value.data[i] == ',';
    }
    size_t *pieces = rig_arena_alloc(parser->arena, count * sizeof *pieces);
    struct rig_slice rest = value;
    for (size_t i = 0; pieces && i < count; i++) {
        bool fine = next_size(&rest, &pieces[i]);
        if (!fine || (i + 1 < count ? rest.data[0] != ',' : rest.size > 0)) {
            return rig_scenario_refuse_at(parser, rest.data, "expected sizes from 1, as in: 1,5");
        }
        rest = i + 1 < count ? rig_slice_after(rest, 1) : rest;
    }
    parser->request->request.pieces = pieces;
    parser->request->request.piece_count = count;
    return pieces ? 0 : -ENOMEM;
}

/* A read's error by its name in C, or what else a read may do as rig_fault_name says it. */
static enum rig_fault_kind fault_named(struct rig_slice word)
{
    static const struct {
        const char *name;
        enum rig_fault_kind kind;
    } errors[] = {{"EINTR", RIG_FAULT_EINTR},
                  {"EAGAIN", RIG_FAULT_EAGAIN},
                  {"EIO", RIG_FAULT_ERROR},
                  {"ECONNRESET", RIG_FAULT_GONE}};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (is_word(word, errors[i].name)) {
            return errors[i].kind;
        }
    }
    for (int kind = RIG_FAULT_ONE_BYTE; kind < RIG_FAULT_POOL; kind++) {
        if (is_word(word, rig_fault_name((enum rig_fault_kind)kind))) {
            return (enum rig_fault_kind)kind;
        }
    }
    return RIG_FAULT_NONE;
}

/* read 2 EINTR [always] */
static int set_fault(struct rig_scenario_parser *parser, struct rig_slice value)
{
    size_t nth = 0;
    struct rig_slice rest = value, what = next_word(&rest), number = next_word(&rest), name = next_word(&rest);
    struct rig_slice always = rig_trimmed(rest);
    enum rig_fault_kind kind = fault_named(name);
    bool fine = is_word(what, "read") && next_size(&number, &nth) && number.size == 0 &&
                (always.size == 0 || is_word(always, "always"));
    if (!fine || kind == RIG_FAULT_NONE) {
        return rig_scenario_refuse_at(
            parser, fine && name.size > 0 ? name.data : value.data,
            "expected 'read N FAULT' or 'read N FAULT always', FAULT an error (EINTR, EAGAIN, "
            "EIO, ECONNRESET) or one_byte, half, slow, early_end ...; found '%s'",
            rig_excerpt(value).text);
    }
    struct rig_faulty *fault = rig_arena_zeroed(parser->arena, sizeof *fault);
    if (fault) {
        *fault = (struct rig_faulty){.kind = kind, .chance = nth, .always = always.size > 0};
    }
    parser->request->request.fault = fault;
    parser->fault_line = parser->line.number;
    return fault ? 0 : -ENOMEM;
}

static int set_chunks(struct rig_scenario_parser *parser, struct rig_slice value)
{
    parser->request->request.chunked = true;
    return set_pieces(parser, value);
}

static int set_disconnect(struct rig_scenario_parser *parser, struct rig_slice value)
{
    uint64_t after = 0;
    if (!rig_number(value, &after) || after == 0) {
        return rig_scenario_refuse_at(parser, value.data, "expected a number of bytes from 1, found '%s'",
                                      rig_excerpt(value).text);
    }
    parser->request->disconnect_after = after;
    return 0;
}

/* The classes and places are known to who makes the credentials. */
static int set_as(struct rig_scenario_parser *parser, struct rig_slice value)
{
    struct rig_slice rest = value, credentials = next_word(&rest);
    int status =
        copy_word(parser, credentials, "a class of credentials, as in: valid basic", &parser->request->credentials);
    rest = rig_trimmed(rest);
    return status || rest.size == 0 ? status : copy_word(parser, rest, "one place", &parser->request->place);
}

/* header=X-Auth-Token: what a place of @as is named. */
static int set_place_name(struct rig_scenario_parser *parser, struct rig_slice value)
{
    static const char *const places[] = {"header=", "cookie=", "query="};
    for (unsigned i = 0; i < 3; i++) {
        size_t size = strlen(places[i]);
        bool this = value.size > size && memcmp(value.data, places[i], size) == 0;
        struct rig_slice name = this ? rig_slice_after(value, size) : value;
        if (this && name.size <= RIG_CREDENTIAL_NAME_MAX && rig_is_token(name.data, name.size)) {
            if (parser->names_seen & (1u << i)) {
                return rig_scenario_refuse_at(parser, value.data, "expected @credential %s once for a request",
                                              places[i]);
            }
            parser->names_seen |= 1u << i;
            parser->names[i] = copied(parser, name);
            return parser->names[i] ? 0 : -ENOMEM;
        }
    }
    return rig_scenario_refuse_at(parser, value.data,
                                  "expected header=NAME, cookie=NAME or query=NAME, a name a token of up to %d "
                                  "letters; found '%s'",
                                  RIG_CREDENTIAL_NAME_MAX, rig_excerpt(value).text);
}

/* What a header that stands in the text is: coverage counts it so. */
static int set_credentials(struct rig_scenario_parser *parser, struct rig_slice value)
{
    if (rig_cover_class_of(value.data, value.size) == RIG_COVER_UNKNOWN) {
        return rig_scenario_refuse_at(parser, value.data,
                                      "expected a class of credentials, as none, wrong_scheme, malformed, "
                                      "wrong_secret, expired, other_user, valid; found '%s'",
                                      rig_excerpt(value).text);
    }
    return copy_word(parser, value, "one class", &parser->request->request.credentials);
}

static int set_switch(struct rig_scenario_parser *parser, struct rig_slice value, bool *on)
{
    *on = is_word(value, "on");
    if (!*on && !is_word(value, "off")) {
        return rig_scenario_refuse_at(parser, value.data, "expected on or off, found '%s'", rig_excerpt(value).text);
    }
    return 0;
}

static int set_escapes(struct rig_scenario_parser *parser, struct rig_slice value)
{
    return set_switch(parser, value, &parser->escapes);
}

static int set_malformed(struct rig_scenario_parser *parser, struct rig_slice value)
{
    return set_switch(parser, value, &parser->request->request.malformed);
}

/* Off: it has none. HTTP/1.1 wants one: see keep_request. */
static int set_host(struct rig_scenario_parser *parser, struct rig_slice value)
{
    bool on = false;
    int status = set_switch(parser, value, &on);
    parser->no_host = status == 0 && !on;
    return status || on ? status : rig_scenario_add_header(parser, (struct rig_field){"Host", NULL});
}

static int add_pattern(struct rig_scenario_parser *parser, struct rig_slice value, const char **patterns)
{
    const char *pattern = NULL;
    int status = copy_word(parser, value, "one rule, or area.*", &pattern);
    size_t count = 0;
    if (status) {
        return status;
    }
    if (!rig_rule_pattern_known(pattern) && !rig_own_pattern_is_good(pattern)) {
        return rig_scenario_refuse_at(parser, value.data, "expected a rule or area.*, '%s' matches none",
                                      rig_excerpt(value).text);
    }
    while (patterns[count]) {
        count++;
    }
    if (count == RIG_IGNORE_MAX) {
        return rig_scenario_refuse_at(parser, value.data, "expected at most %d of these", RIG_IGNORE_MAX);
    }
    patterns[count] = pattern;
    return note_own(parser, value, pattern);
}

static int add_ignore(struct rig_scenario_parser *parser, struct rig_slice value)
{
    return add_pattern(parser, value, parser->request->request.ignore);
}

static int add_enable(struct rig_scenario_parser *parser, struct rig_slice value)
{
    return add_pattern(parser, value, parser->request->request.enable);
}

/* ---- the table ---- */

struct key {
    const char *name;
    int (*set)(struct rig_scenario_parser *parser, struct rig_slice value); /* NULL: not in this version */
    bool many;                                                              /* may stand more than once */
};

static const struct key keys[] = {
    {"name", set_name, false},
    {"server", set_server, false},
    {"expect", set_expect, true},
    {"chunks", set_chunks, false},
    {"pieces", set_pieces, false},
    {"escapes", set_escapes, false},
    {"malformed", set_malformed, false},
    {"host", set_host, false},
    {"ignore", add_ignore, true},
    {"enable", add_enable, true},
    {"fault", set_fault, false},
    {"as", set_as, false},
    {"credential", set_place_name, true},
    {"credentials", set_credentials, false},
    {"connection", set_connection, false},
    {"disconnect", set_disconnect, false},
};

#define KEY_COUNT (sizeof keys / sizeof keys[0])

/* Cuts "@key" off the rest of a comment; size 0: it does not begin with @. */
static struct rig_slice cut_key(struct rig_slice *rest)
{
    struct rig_slice word = next_word(rest);
    if (word.size == 0 || word.data[0] != '@') {
        return (struct rig_slice){NULL, 0};
    }
    *rest = rig_trimmed(*rest);
    return word;
}

static size_t find_key(struct rig_slice word)
{
    size_t i = 0;
    while (i < KEY_COUNT && !is_word(rig_slice_after(word, 1), keys[i].name)) {
        i++;
    }
    return i;
}

bool rig_scenario_is_directive(struct rig_slice rest)
{
    struct rig_slice word = cut_key(&rest);
    return word.size > 0 && find_key(word) < KEY_COUNT;
}

int rig_scenario_comment(struct rig_scenario_parser *parser, struct rig_slice rest)
{
    struct rig_slice word = cut_key(&rest);
    if (word.size == 0) {
        return 0;
    }
    size_t i = find_key(word);
    if (i == KEY_COUNT) {
        return rig_scenario_refuse_at(parser, word.data, "expected one of @ " KEYS "; found '%s'",
                                      rig_excerpt(word).text);
    }
    if (!keys[i].set) {
        return rig_scenario_refuse_at(parser, word.data, "@%s is not available in this version", keys[i].name);
    }
    if (!keys[i].many && (parser->keys_seen & (1u << i))) {
        return rig_scenario_refuse_at(parser, word.data, "expected @%s once for a request", keys[i].name);
    }
    parser->keys_seen |= 1u << i;
    parser->first_key = parser->first_key ? parser->first_key : parser->line.number;
    return keys[i].set(parser, rest);
}
