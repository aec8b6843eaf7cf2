/* The three forms of a scenario: bytes, value, text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fuzz/scenario/scenario.h"
#include "harness/http/chars.h"

#define TEXT_ROOM ((size_t)1 << 20)

static struct rig_fuzz_scenario one, two;
static char *text;
static unsigned char *bytes;

static int set_up(void **state)
{
    (void)state;
    text = malloc(TEXT_ROOM);
    bytes = malloc(TEXT_ROOM);
    return !text || !bytes;
}

static int tear_down(void **state)
{
    (void)state;
    free(text);
    free(bytes);
    return 0;
}

/* The same stream of numbers in every run: xorshift64*. */
static uint64_t seed = 0x9E3779B97F4A7C15u;
static unsigned random_byte(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (unsigned)((seed * 0x2545F4914F6CDD1Du) >> 56);
}

static void decode(const char *in, size_t size)
{
    rig_fuzz_decode(NULL, in, size, &one);
}

static void assert_text(const char *in, size_t size, const char *expected)
{
    decode(in, size);
    size_t length = rig_fuzz_write(&one, text, TEXT_ROOM);
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

#define OP(op_, token_) (char)(RIG_FUZZ_OP_##op_ << 4 | (token_))

/* ---- decoding ---- */

static void test_zero_bytes_are_the_simplest(void **state)
{
    (void)state;
    static const char zeros[64];
    for (size_t size = 0; size <= sizeof zeros; size++) {
        decode(zeros, size);
        assert_int_equal(one.count, 1);
        assert_string_equal(one.requests[0].method, "GET");
        assert_string_equal(one.requests[0].target, "/");
        assert_int_equal(one.requests[0].field_count, 0);
        assert_int_equal(one.requests[0].body.size, 0);
        assert_false(one.requests[0].malformed);
    }
    assert_text(NULL, 0, "# @escapes on\nGET /\n");
}

static void test_operations(void **state)
{
    (void)state;
    const char in[] = {OP(SET, 3),
                       OP(METHOD, 1),
                       OP(TARGET, 1),
                       OP(QUERY, 0),
                       OP(HEADER, 1),
                       OP(VALUE, 1),
                       OP(VALUE, 15),
                       3,
                       'a',
                       '\\',
                       'b',
                       OP(BODY, 0),
                       OP(BODY, 1),
                       OP(BODY, 15),
                       2,
                       '\0',
                       '\n',
                       OP(PIECES, 2),
                       OP(AS, 1),
                       OP(AS, 10),
                       OP(CONNECTION, 2),
                       OP(GONE, 0),
                       7,
                       OP(NEXT, 2),
                       OP(TWIST, 0)};
    assert_text(in, sizeof in,
                "# @escapes on\n# @server nginx+plain\n# @connection b\n# @as valid bearer\n# @pieces 3\n"
                "# @disconnect 8\nPOST /admin?a=1\nAuthorization: Basic a\\\\b\n\na=1&\\x00\\n\n"
                "\n###\n# @escapes on\n# @server nginx+plain\n# @connection b\n# @malformed on\n# @disconnect 8\n"
                "POST //admin?a=1\nAuthorization: Basic a\\\\b\n\na=1&\\x00\\n\n");
}

static void test_twists(void **state)
{
    (void)state;
    static const char *const twisted[] = {"//a/b?x",
                                          "/./a/b?x",
                                          "/x/../a/b?x",
                                          "/a/%62?x",
                                          "/a/%2562?x",
                                          "/a/b;p?x",
                                          "/a/B?x",
                                          "/a/b/?x",
                                          "/a/b/.?x",
                                          "/%2e/a/b?x",
                                          "/a/b%00?x",
                                          "/a/b.json?x",
                                          "http://example.org/a/b?x",
                                          "\\/a/b?x",
                                          "/a/b%0d%0aX-Rig-Marker:%201?x"};
    for (unsigned i = 0; i < sizeof twisted / sizeof *twisted; i++) {
        const char in[] = {OP(TARGET, 4), OP(TWIST, 15), 2, '?', 'x', (char)(RIG_FUZZ_OP_TWIST << 4 | i)};
        decode(in, sizeof in);
        assert_string_equal(one.requests[0].target, twisted[i]);
    }
}

static void assert_framed(enum rig_fuzz_frame frame, const char *name, const char *value, const char *body)
{
    const char in[] = {OP(METHOD, 1), OP(BODY, 0), (char)(RIG_FUZZ_OP_FRAME << 4 | frame)};
    decode(in, sizeof in);
    const struct rig_fuzz_request *request = &one.requests[0];
    assert_true(request->field_count > 0);
    assert_string_equal(request->fields[0].name, name);
    assert_string_equal(request->fields[0].value, value);
    assert_int_equal(request->body.size, strlen(body));
    assert_memory_equal(request->body.data, body, strlen(body));
    assert_true(request->malformed == (frame != RIG_FUZZ_FRAME_CHUNKED));
}

static void test_framings(void **state)
{
    (void)state;
    assert_framed(RIG_FUZZ_FRAME_CHUNKED, "Transfer-Encoding", "chunked", "a=1");
    assert_framed(RIG_FUZZ_FRAME_SHORTER, "Content-Length", "2", "a=1");
    assert_framed(RIG_FUZZ_FRAME_LONGER, "Content-Length", "4", "a=1");
    assert_framed(RIG_FUZZ_FRAME_ZERO, "Content-Length", "0", "a=1");
    assert_framed(RIG_FUZZ_FRAME_NEGATIVE, "Content-Length", "-1", "a=1");
    assert_framed(RIG_FUZZ_FRAME_PLUS, "Content-Length", "+3", "a=1");
    assert_framed(RIG_FUZZ_FRAME_HUGE, "Content-Length", "184467440737095516150", "a=1");
    assert_framed(RIG_FUZZ_FRAME_HEX, "Content-Length", "0x3", "a=1");
    assert_framed(RIG_FUZZ_FRAME_TWICE, "Content-Length", "3", "a=1");
    assert_framed(RIG_FUZZ_FRAME_TWO, "Content-Length", "3", "a=1");
    assert_string_equal(one.requests[0].fields[1].value, "4");
    assert_framed(RIG_FUZZ_FRAME_BOTH, "Transfer-Encoding", "chunked", "3\r\na=1\r\n0\r\n\r\n");
    assert_string_equal(one.requests[0].fields[1].value, "3");
    assert_framed(RIG_FUZZ_FRAME_XCHUNKED, "Transfer-Encoding", "xchunked", "3\r\na=1\r\n0\r\n\r\n");
    assert_framed(RIG_FUZZ_FRAME_EXTENSION, "Transfer-Encoding", "chunked", "3;a=\"b\"\r\na=1\r\n0\r\n\r\n");
    assert_framed(RIG_FUZZ_FRAME_BAD_CHUNK, "Transfer-Encoding", "chunked", "g\r\na=1\r\n0\r\n\r\n");
    assert_framed(RIG_FUZZ_FRAME_NO_LAST, "Transfer-Encoding", "chunked", "3\r\na=1\r\n");
}

static void assert_spoilt(enum rig_fuzz_spoil spoil, const char *name, const char *value)
{
    const char in[] = {OP(HEADER, 3), OP(VALUE, 15), 2, 'a', 'b', (char)(RIG_FUZZ_OP_SPOIL << 4 | spoil)};
    decode(in, sizeof in);
    const struct rig_field *last = &one.requests[0].fields[one.requests[0].field_count - 1];
    assert_string_equal(last->name, name);
    assert_string_equal(last->value, value);
}

static void test_spoilt_headers(void **state)
{
    (void)state;
    assert_spoilt(RIG_FUZZ_SPOIL_UNDERSCORE, "Content_Type", "ab");
    assert_spoilt(RIG_FUZZ_SPOIL_UPPER, "CONTENT-TYPE", "ab");
    assert_spoilt(RIG_FUZZ_SPOIL_LOWER, "content-type", "ab");
    assert_spoilt(RIG_FUZZ_SPOIL_NEAR, "Content-Typ", "ab");
    assert_spoilt(RIG_FUZZ_SPOIL_SPACES, "Content-Type", " ab\t");
    assert_true(one.requests[0].malformed);
    assert_spoilt(RIG_FUZZ_SPOIL_LONG, "Content-Type", "abababab");
    assert_false(one.requests[0].malformed);
    assert_spoilt(RIG_FUZZ_SPOIL_COLON, "Content-Type ", "ab");
    assert_spoilt(RIG_FUZZ_SPOIL_CUT, "Content-Type", "a");
    assert_spoilt(RIG_FUZZ_SPOIL_REPEAT, "Content-Type", "ab");
    assert_int_equal(one.requests[0].field_count, 2);
    assert_spoilt(RIG_FUZZ_SPOIL_AGAIN, "Content-Type", "");
    assert_spoilt(RIG_FUZZ_SPOIL_TYPICAL, "Content-Type", "application/x-www-form-urlencoded");
    assert_spoilt(RIG_FUZZ_SPOIL_TYPICAL + 2, "Content-Type", "multipart/form-data; boundary=b");
    assert_spoilt(RIG_FUZZ_SPOIL_HALF, "Content-Type", "a");
    assert_spoilt(RIG_FUZZ_SPOILS, "Content-Type", "ab");
    const char in[] = {OP(HEADER, 0), OP(SPOIL, RIG_FUZZ_SPOIL_HUGE)};
    decode(in, sizeof in);
    assert_int_equal(strlen(one.requests[0].fields[0].value), 1024);
}

static void assert_body(const char *in, size_t size, const char *type, const char *body)
{
    decode(in, size);
    const struct rig_fuzz_request *request = &one.requests[0];
    assert_int_equal(request->body.size, strlen(body));
    assert_true(body[0] == '\0' || memcmp(request->body.data, body, strlen(body)) == 0);
    assert_int_equal(request->field_count, type ? 1 : 0);
    assert_string_equal(type ? request->fields[0].value : "", type ? type : "");
    assert_false(request->malformed);
}

static void test_bodies_of_a_kind_and_cut_ones(void **state)
{
    (void)state;
    static const char multipart[] =
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; "
        "name=\"f\"; filename=\"a%0d%0aX-Rig-Marker:%201\"\r\n\r\nb\r\n--b--\r\n";
    const char json[] = {OP(SET, RIG_FUZZ_SET_KIND + 1)}, parts[] = {OP(SET, RIG_FUZZ_SET_KIND + 2)};
    const char another[] = {OP(BODY, 2), OP(SET, RIG_FUZZ_SET_KIND)};
    const char typed[] = {OP(HEADER, 3), OP(VALUE, 0), OP(SET, RIG_FUZZ_SET_KIND)};
    const char cut[] = {OP(BODY, 0), OP(SET, RIG_FUZZ_SET_BODY_CUT), OP(BODY, 2)};
    const char half[] = {OP(BODY, 4), OP(SET, RIG_FUZZ_SET_BODY_HALF)};
    const char gone[] = {OP(SET, RIG_FUZZ_SET_BODY_CUT), OP(BODY, 2), OP(SET, RIG_FUZZ_SET_BODY_HALF)};
    assert_body(json, sizeof json, "application/json", "{\"a\":[1,null,\"b\"]}");
    assert_body(parts, sizeof parts, "multipart/form-data; boundary=b", multipart);
    assert_body(another, sizeof another, "application/x-www-form-urlencoded", "x");
    assert_body(typed, sizeof typed, "a", "a=1&b=%20c");
    assert_body(cut, sizeof cut, NULL, "a=x");
    assert_body(half, sizeof half, NULL, "{\"a");
    assert_body(gone, sizeof gone, NULL, "");
}

/* Two that share a string do not share what is appended to one of them. */
static void test_what_is_repeated_is_a_copy(void **state)
{
    (void)state;
    const char header[] = {OP(HEADER, 3),
                           OP(VALUE, 15),
                           1,
                           'a',
                           OP(VALUE, 15),
                           1,
                           'b',
                           OP(SPOIL, RIG_FUZZ_SPOIL_REPEAT),
                           OP(VALUE, 15),
                           1,
                           'c'};
    decode(header, sizeof header);
    assert_string_equal(one.requests[0].fields[0].value, "ab");
    assert_string_equal(one.requests[0].fields[1].value, "abc");
    const char request[] = {OP(TARGET, 15), 1, '/', OP(TWIST, 15), 1, 'a', OP(NEXT, RIG_FUZZ_NEXT_SAME),
                            OP(TWIST, 15),  1, 'b'};
    decode(request, sizeof request);
    assert_string_equal(one.requests[0].target, "/a");
    assert_string_equal(one.requests[1].target, "/ab");
}

static void test_requests_are_bounded(void **state)
{
    (void)state;
    memset(bytes, RIG_FUZZ_OP_NEXT << 4, 100);
    rig_fuzz_decode(NULL, bytes, 100, &one);
    assert_int_equal(one.count, RIG_FUZZ_REQUESTS_MAX);
    memset(bytes, RIG_FUZZ_OP_HEADER << 4, 100);
    rig_fuzz_decode(NULL, bytes, 100, &one);
    assert_int_equal(one.requests[0].field_count, RIG_FUZZ_FIELDS_MAX);
    /* a body that doubles would be without end: what is beyond the limit is left out */
    memset(bytes, RIG_FUZZ_OP_BODY << 4 | 3, 4096);
    rig_fuzz_decode(NULL, bytes, 4096, &one);
    assert_true(one.requests[0].body.size > RIG_FUZZ_STRINGS_MAX / 2);
    assert_true(one.used <= RIG_FUZZ_STRINGS_MAX);
}

/* Of a text a zero byte is the end, of a body it is not. */
static void test_literals_that_grow(void **state)
{
    (void)state;
    const char in[] = {OP(METHOD, 15),
                       1,
                       'M',
                       OP(TARGET, 15),
                       2,
                       '/',
                       'a',
                       OP(TWIST, 15),
                       2,
                       '?',
                       'b',
                       OP(HEADER, 15),
                       1,
                       'N',
                       OP(VALUE, 15),
                       2,
                       'c',
                       0,
                       OP(VALUE, 15),
                       1,
                       'd',
                       OP(HEADER, 0),
                       OP(VALUE, 0),
                       OP(VALUE, 15),
                       1,
                       'e',
                       OP(BODY, 15),
                       3,
                       'f',
                       0,
                       'g',
                       OP(BODY, 15),
                       1,
                       'h'};
    assert_text(in, sizeof in, "# @escapes on\nM /a?b\nN: cd\nAccept: ae\n\nf\\x00gh\n");
}

/* ---- there and back ---- */

static void assert_round_trips(void)
{
    struct rig_scenario_error error = {0, 0, ""};
    size_t size = rig_fuzz_write(&one, text, TEXT_ROOM);
    assert_true(size < (size_t)8 * RIG_FUZZ_STRINGS_MAX); /* that is RIG_FUZZ_TEXT_MAX */
    for (size_t i = 0; i < size; i++) {
        assert_true(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
    }
    int status = rig_fuzz_read(text, size, &two, &error);
    if (status != 0 || !rig_fuzz_equal(&one, &two)) {
        fail_msg("%zu:%zu: %s\n%s", error.line, error.column, error.message, text);
    }
    size = rig_fuzz_encode(NULL, &one, bytes, TEXT_ROOM);
    assert_true(size < TEXT_ROOM);
    rig_fuzz_decode(NULL, bytes, size, &two);
    if (!rig_fuzz_equal(&one, &two)) {
        fail_msg("by bytes: %s", text);
    }
}

/* Whether names and values are looked at while bytes are decoded or behind that: it is the same. */
static void test_random_bytes_go_there_and_back(void **state)
{
    (void)state;
    unsigned char in[256];
    static struct rig_fuzz_index index;
    const struct rig_fuzz_table indexed = {.index = &index};
    rig_fuzz_index_words(NULL, &index);
    for (unsigned run = 0; run < 20000; run++) {
        size_t size = random_byte() * (1 + run % 2) / 2 + 1;
        for (size_t i = 0; i < size && i < sizeof in; i++) {
            in[i] = (unsigned char)random_byte();
        }
        rig_fuzz_decode(run % 3 ? &indexed : NULL, in, size < sizeof in ? size : sizeof in, &one);
        assert_round_trips();
    }
}

static void test_what_changes_the_last_of_too_many_headers_is_seen(void **state)
{
    (void)state;
    static struct rig_fuzz_index index;
    const struct rig_fuzz_table indexed = {.index = &index};
    char in[RIG_FUZZ_FIELDS_MAX + 1 + 3];
    rig_fuzz_index_words(NULL, &index);
    for (unsigned count = RIG_FUZZ_FIELDS_MAX - 1; count <= RIG_FUZZ_FIELDS_MAX + 1; count++) {
        memset(in, OP(HEADER, 1), count);
        memcpy(in + count, (char[]){OP(VALUE, RIG_FUZZ_TOKEN_LITERAL), 1, '\1'}, 3);
        rig_fuzz_decode(&indexed, in, count + 3, &one);
        assert_true(one.requests[0].malformed);
        assert_round_trips();
    }
}

/* A value four times over, and again, in a header after the other and a request after the other: few bytes, many strings. */
static void test_what_is_shared_goes_there_and_back(void **state)
{
    (void)state;
    unsigned char many[64] = {RIG_FUZZ_OP_HEADER << 4, RIG_FUZZ_OP_VALUE << 4 | RIG_FUZZ_TOKEN_LITERAL, 1, 0xff};
    for (unsigned longer = 0; longer < 9; longer++) {
        for (unsigned repeats = 0; repeats < 40; repeats++) {
            size_t size = 4;
            memset(many + size, RIG_FUZZ_OP_SPOIL << 4 | RIG_FUZZ_SPOIL_LONG, longer);
            size += longer;
            memset(many + size, RIG_FUZZ_OP_SPOIL << 4 | RIG_FUZZ_SPOIL_REPEAT, repeats);
            size += repeats;
            memset(many + size, RIG_FUZZ_OP_NEXT << 4 | RIG_FUZZ_NEXT_SAME, repeats % 9);
            size += repeats % 9;
            rig_fuzz_decode(NULL, many, size, &one);
            assert_round_trips();
        }
    }
}

static void test_no_word_is_longer_than_is_counted_with(void **state)
{
    (void)state;
    for (unsigned group = 0; group < RIG_FUZZ_GROUPS; group++) {
        for (size_t i = 0; i < rig_fuzz_word_count(NULL, (enum rig_fuzz_words)group); i++) {
            assert_true(strlen(rig_fuzz_word(NULL, (enum rig_fuzz_words)group, i)) <= RIG_FUZZ_LONGEST);
        }
    }
    for (unsigned kind = 0; kind < RIG_FUZZ_KINDS; kind++) {
        assert_true(strlen(rig_fuzz_typical_body(kind)->body) <= RIG_FUZZ_LONGEST);
    }
}

/* Every byte in every place that takes one. */
static void test_every_byte_goes_there_and_back(void **state)
{
    (void)state;
    static const char ops[] = {OP(METHOD, 15), OP(TARGET, 15), OP(TWIST, 15), OP(QUERY, 15),
                               OP(HEADER, 15), OP(VALUE, 15),  OP(BODY, 15),  OP(SET, 15)};
    for (unsigned op = 0; op < sizeof ops; op++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            const char in[] = {OP(METHOD, 1), ops[op], 1,       (char)byte, ops[op], 3,         'a',
                               (char)byte,    'b',     ops[op], 2,          'c',     (char)byte};
            decode(in, sizeof in);
            assert_round_trips();
        }
    }
}

static void test_texts_that_are_traps(void **state)
{
    (void)state;
    static const char *const bodies[] = {"### a", "{{a}}",      "{\n{a",    "a\n###\nb", "a\n# @name x",
                                         "< {%",  "\n\na\n\n",  "a\r\n",    "> {% %}",   "\xef\xbb\xbf",
                                         "\\x41", "// @name x", "a\n\n\nb", " ",         "a\n b"};
    for (unsigned i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        decode("\x01", 1);
        one.requests[0].body = (struct rig_bytes){bodies[i], strlen(bodies[i])};
        assert_round_trips();
        decode("\x01", 1);
        one.requests[0].target = bodies[i];
        one.requests[0].method = bodies[(i + 1) % 15];
        one.requests[0].fields[0] = (struct rig_field){bodies[i], bodies[i]};
        one.requests[0].field_count = 1;
        one.requests[0].malformed = true;
        assert_round_trips();
    }
}

static void test_literals_of_any_length(void **state)
{
    (void)state;
    static char long_one[3000];
    memset(long_one, 'x', sizeof long_one - 1);
    for (size_t size = 1; size < sizeof long_one; size += size < 600 ? 1 : 500) {
        decode("\x01", 1);
        one.requests[0].target = long_one + sizeof long_one - 1 - size;
        one.requests[0].malformed = true;
        one.requests[0].body = (struct rig_bytes){long_one, size};
        assert_round_trips();
    }
}

static void test_pieces_and_places(void **state)
{
    (void)state;
    for (unsigned i = 1; i < RIG_FUZZ_PIECE_MAX; i += i) {
        decode("\x01", 1);
        one.requests[0].body = (struct rig_bytes){"abcdefghijklmnopqrstuvwxyz", 26};
        one.requests[0].piece_count = 1 + i % 3;
        one.requests[0].pieces[0] = (uint16_t)i;
        one.requests[0].pieces[1] = one.requests[0].pieces[2] = RIG_FUZZ_PIECE_MAX;
        one.requests[0].chunked = (i & 0x55) != 0;
        one.requests[0].gone = i * 2 - 1;
        assert_round_trips();
    }
    one.requests[0].gone = RIG_FUZZ_GONE_MAX;
    assert_round_trips();
}

/* ---- text that is no fuzz scenario ---- */

static void assert_refused(const char *in, size_t line, const char *message)
{
    struct rig_scenario_error error;
    assert_int_equal(rig_fuzz_read(in, strlen(in), &one, &error), -22);
    assert_int_equal(error.line, line);
    assert_non_null(strstr(error.message, message));
}

static void test_what_no_scenario_holds(void **state)
{
    (void)state;
    assert_refused("# @as me\nGET /\n", 2, "no such class of credentials: me");
    assert_refused("# @as valid nose\nGET /\n", 2, "no such place of credentials: nose");
    assert_refused("# @connection zebra\nGET /\n", 2, "named a to o");
    assert_refused("GET /\n###\n# @credential query=a\nGET /\n", 4, "the same @credential for all");
    assert_refused("# @server apache\nGET /\n", 2, "no server that is fuzzed: apache");
    assert_refused("# @disconnect 65537\nGET /\n", 2, "goes away within");
    assert_refused("# @server memory\nGET /\n###\nGET /\n", 4, "one @server");
    assert_refused("# @pieces 1,1,1,1,1,1,1,1,1\nPOST /\n\nabc", 2, "at most 8 pieces");
    assert_refused("# @fault read 129 EIO\nPOST /\n\na", 2, "within 128 reads");
    assert_refused("# @fault read 1 endless\nPOST /\n\na", 2, "have an end");
    assert_refused("GET\n", 1, "expected a target");
    assert_refused(
        "GET /\n###\nGET /\n###\nGET /\n###\nGET /\n###\nGET /\n###\nGET /\n###\nGET /\n###\nGET /\n###\nGET /\n", 17,
        "at most 8 requests");
}

/* ---- the table ---- */

static void test_words_of_the_stack(void **state)
{
    (void)state;
    static const char *const routes[] = {"/pump", "/lamp"};
    struct rig_fuzz_table table = {.words = {[RIG_FUZZ_TARGETS] = routes}, .counts = {[RIG_FUZZ_TARGETS] = 2}};
    assert_string_equal(rig_fuzz_word(&table, RIG_FUZZ_TARGETS, 0), "/");
    assert_string_equal(rig_fuzz_word(&table, RIG_FUZZ_TARGETS, 2), "/lamp");
    assert_string_equal(rig_fuzz_word(&table, RIG_FUZZ_TARGETS, 3), rig_fuzz_word(NULL, RIG_FUZZ_TARGETS, 1));
    size_t count = rig_fuzz_word_count(NULL, RIG_FUZZ_TARGETS);
    assert_int_equal(rig_fuzz_word_count(&table, RIG_FUZZ_TARGETS), count + 2);
    assert_true(rig_fuzz_table_hash(&table) != rig_fuzz_table_hash(NULL));
    assert_true(rig_fuzz_table_hash(&table) == rig_fuzz_table_hash(&table));
    assert_true(rig_fuzz_table_hash(&table) == rig_fuzz_table_hash_of(&table, RIG_FUZZ_MEANINGS));
    assert_true(rig_fuzz_table_hash(&table) != rig_fuzz_table_hash_of(&table, RIG_FUZZ_MEANINGS + 1));
    static const char *const others[] = {"/pump", "/ramp"}, *const turned[] = {"/lamp", "/pump"};
    const struct rig_fuzz_table other = {.words = {[RIG_FUZZ_TARGETS] = others}, .counts = {[RIG_FUZZ_TARGETS] = 2}};
    const struct rig_fuzz_table order = {.words = {[RIG_FUZZ_TARGETS] = turned}, .counts = {[RIG_FUZZ_TARGETS] = 2}};
    assert_true(rig_fuzz_table_hash(&table) != rig_fuzz_table_hash(&other));
    assert_true(rig_fuzz_table_hash(&table) != rig_fuzz_table_hash(&order));
    const char in[] = {OP(TARGET, 2)};
    rig_fuzz_decode(&table, in, 1, &one);
    assert_string_equal(one.requests[0].target, "/lamp");
    /* bytes of one table, through the text, to another */
    size_t size = rig_fuzz_write(&one, text, TEXT_ROOM);
    assert_int_equal(rig_fuzz_read(text, size, &two, NULL), 0);
    size = rig_fuzz_encode(NULL, &two, bytes, TEXT_ROOM);
    rig_fuzz_decode(NULL, bytes, size, &two);
    assert_true(rig_fuzz_equal(&one, &two));
}

/* A table can be no larger than a byte can say. */
static void test_too_many_words(void **state)
{
    (void)state;
    static const char *many[1000];
    for (size_t i = 0; i < 1000; i++) {
        many[i] = "/x";
    }
    struct rig_fuzz_table table = {.words = {[RIG_FUZZ_TARGETS] = many}, .counts = {[RIG_FUZZ_TARGETS] = 1000}};
    assert_int_equal(rig_fuzz_word_count(&table, RIG_FUZZ_TARGETS), RIG_FUZZ_WORDS_MAX);
    assert_non_null(rig_fuzz_word(&table, RIG_FUZZ_TARGETS, RIG_FUZZ_WORDS_MAX - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zero_bytes_are_the_simplest),
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_twists),
        cmocka_unit_test(test_framings),
        cmocka_unit_test(test_spoilt_headers),
        cmocka_unit_test(test_bodies_of_a_kind_and_cut_ones),
        cmocka_unit_test(test_what_is_repeated_is_a_copy),
        cmocka_unit_test(test_requests_are_bounded),
        cmocka_unit_test(test_literals_that_grow),
        cmocka_unit_test(test_random_bytes_go_there_and_back),
        cmocka_unit_test(test_what_changes_the_last_of_too_many_headers_is_seen),
        cmocka_unit_test(test_what_is_shared_goes_there_and_back),
        cmocka_unit_test(test_no_word_is_longer_than_is_counted_with),
        cmocka_unit_test(test_every_byte_goes_there_and_back),
        cmocka_unit_test(test_texts_that_are_traps),
        cmocka_unit_test(test_literals_of_any_length),
        cmocka_unit_test(test_pieces_and_places),
        cmocka_unit_test(test_what_no_scenario_holds),
        cmocka_unit_test(test_words_of_the_stack),
        cmocka_unit_test(test_too_many_words),
    };
    return cmocka_run_group_tests_name("fuzz: codec", tests, set_up, tear_down);
}
