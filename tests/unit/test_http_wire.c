/* Request heads off a buffer, and the framing that their fields ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/http/wire.h"

#define MANY 8

/* Reads a copy of the exact size, so that ASan sees a byte too far; the slices are of use only as offsets then. */
static int64_t read_head(const char *text, size_t size, struct rig_wire_head *head)
{
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    int64_t used = rig_wire_head(copy, size, head);
    free(copy);
    return used;
}

static void assert_slice(struct rig_slice slice, const char *expected)
{
    assert_non_null(slice.data);
    assert_int_equal(slice.size, strlen(expected));
    assert_memory_equal(slice.data, expected, slice.size);
}

static const char plain[] = "\r\nPOST /api/items?x=1 HTTP/1.1\r\n"
                            "Host: example.org:8080\r\n"
                            "X-Empty:\r\n"
                            "x-blank: \t a b\tc \t\r\n"
                            "Content-Length: 9\r\n"
                            "\r\n";

static void test_whole_head(void **state)
{
    (void)state;
    struct rig_wire_field fields[MANY];
    struct rig_wire_head head = {.fields = fields, .field_limit = MANY};
    char text[sizeof plain + 9];
    memcpy(text, plain, sizeof plain - 1);
    memcpy(text + sizeof plain - 1, "name=lamp", 10);
    assert_int_equal(rig_wire_head(text, strlen(text), &head), sizeof plain - 1);
    assert_slice(head.method, "POST");
    assert_slice(head.target, "/api/items?x=1");
    assert_int_equal(head.minor, 1);
    assert_int_equal(head.field_count, 4);
    assert_slice(fields[0].name, "Host");
    assert_slice(fields[0].value, "example.org:8080");
    assert_slice(fields[1].value, "");
    assert_slice(fields[2].value, "a b\tc");
    assert_null(head.reason);
}

static void test_every_truncation_wants_more(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof plain - 1; size++) {
        struct rig_wire_field fields[MANY];
        struct rig_wire_head head = {.fields = fields, .field_limit = MANY};
        int64_t used = read_head(plain, size, &head);
        if (used != 0) {
            fail_msg("after %zu bytes: %s", size, head.reason ? head.reason : "taken as complete");
        }
    }
}

static void test_taken(void **state)
{
    (void)state;
    const char *const taken[] = {
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: [::1]:80\r\n\r\n",
        "get / HTTP/1.1\r\nHost: a\r\n\r\n",
        "M-SEARCH * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
        "\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nA: caf\xc3\xa9\r\n\r\n",
        "GET /caf\xc3\xa9 HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nA: :\r\nB:b\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        struct rig_wire_field fields[MANY];
        struct rig_wire_head head = {.fields = fields, .field_limit = MANY};
        if (read_head(taken[i], strlen(taken[i]), &head) != (int64_t)strlen(taken[i])) {
            fail_msg("%s: %s", taken[i], head.reason ? head.reason : "wants more");
        }
    }
}

struct refused {
    const char *text;
    size_t at;
    int status;
    const char *reason; /* a part of it */
};

static const struct refused refused[] = {
    /* what is left of a body, taken for a request */
    {"name=lamp", 4, 400, "method"},
    {"{\"name\": \"lamp\"}", 0, 400, "method"},
    {"0\r\n\r\n", 1, 400, "method"},
    /* the request line */
    {"\nGET / HTTP/1.1\r\n", 0, 400, "LF without CR"},
    {"\rGET", 0, 400, "CR that no LF"},
    {" GET / HTTP/1.1\r\n", 0, 400, "method"},
    {"GET\t/ HTTP/1.1\r\n", 3, 400, "method"},
    {"GET\r\n", 3, 400, "method"},
    {"GET  / HTTP/1.1\r\n", 4, 400, "no request target"},
    {"GET \r\n", 4, 400, "no request target"},
    {"GET /\r\n", 5, 400, "without a version"},
    {"GET /\n", 5, 400, "without a version"},
    {"GET /\x01", 5, 400, "control character"},
    {"GET /\x7f", 5, 400, "control character"},
    {"GET /\t", 5, 400, "control character"},
    {"GET / http/1.1\r\n", 6, 400, "expected HTTP/1.1"},
    {"GET /  HTTP/1.1\r\n", 6, 400, "expected HTTP/1.1"},
    {"GET / b HTTP/1.1\r\n", 6, 400, "expected HTTP/1.1"},
    {"GET / HTTP/11\r\n", 12, 400, "expected HTTP/1.1"},
    {"GET / HTTP/x.1\r\n", 11, 400, "expected HTTP/1.1"},
    {"GET / HTTP/1.x\r\n", 13, 400, "expected HTTP/1.1"},
    {"GET / HTTP/1.10\r\n", 14, 400, "after the version"},
    {"GET / HTTP/1.1 \r\n", 14, 400, "after the version"},
    {"GET / HTTP/1.1\n", 14, 400, "LF without CR"},
    {"GET / HTTP/1.1\rX", 14, 400, "CR that no LF"},
    {"GET / HTTP/2.0\r\n", 11, 505, "version"},
    {"GET / HTTP/0.9\r\n", 11, 505, "version"},
    /* fields */
    {"GET / HTTP/1.1\r\n A: b\r\n", 16, 400, "obs-fold"},
    {"GET / HTTP/1.1\r\nA: b\r\n c\r\n", 22, 400, "obs-fold"},
    {"GET / HTTP/1.1\r\nA: b\r\n\tc\r\n", 22, 400, "obs-fold"},
    {"GET / HTTP/1.1\r\nA : b\r\n", 17, 400, "between field name and colon"},
    {"GET / HTTP/1.1\r\nA\r\n", 17, 400, "not a token"},
    {"GET / HTTP/1.1\r\n: b\r\n", 16, 400, "not a token"},
    {"GET / HTTP/1.1\r\nA(: b\r\n", 17, 400, "not a token"},
    {"GET / HTTP/1.1\r\nA: b\n", 20, 400, "LF without CR"},
    {"GET / HTTP/1.1\r\nA: b\rc\r\n", 20, 400, "CR that no LF"},
    {"GET / HTTP/1.1\r\nA: \x01\r\n", 19, 400, "control character"},
    {"GET / HTTP/1.1\r\nA: b\x7f\r\n", 20, 400, "control character"},
    {"GET / HTTP/1.1\r\nHost: a\r\n\n", 25, 400, "LF without CR"},
    /* Host */
    {"GET / HTTP/1.1\r\n\r\n", 18, 400, "without Host"},
    {"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 25, 400, "more than one Host"},
    {"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 25, 400, "more than one Host"},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 16, 400, "a Host that"},
    {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 16, 400, "a Host that"},
    {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 16, 400, "a Host that"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const struct refused *row = &refused[i];
        struct rig_wire_field fields[MANY];
        struct rig_wire_head head = {.fields = fields, .field_limit = MANY};
        int64_t used = read_head(row->text, strlen(row->text), &head);
        if (used != -EINVAL || head.at != row->at || head.status != row->status || !strstr(head.reason, row->reason)) {
            fail_msg("%s: %d, %d at %zu: %s", row->text, (int)used, head.status, head.at,
                     head.reason ? head.reason : "taken");
        }
    }
}

static void test_zero_bytes(void **state)
{
    (void)state;
    const struct rig_slice texts[] = {
        {"\0", 1}, {"G\0", 2}, {"GET /\0", 6}, {"GET / HTTP/1.0\r\nA: \0", 20}, {"GET / HTTP/1.0\r\nA\0", 18}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct rig_wire_field fields[MANY];
        struct rig_wire_head head = {.fields = fields, .field_limit = MANY};
        assert_int_equal(read_head(texts[i].data, texts[i].size, &head), -EINVAL);
    }
}

/* Told at the byte that shows it: no shorter piece of a refused head is refused, no longer one is taken. */
static void test_refused_as_soon_as_it_shows(void **state)
{
    (void)state;
    const char *text = "GET / HTTP/1.1\r\nA: b\x01 and so on\r\n\r\n";
    for (size_t size = 0; size <= strlen(text); size++) {
        struct rig_wire_field fields[MANY];
        struct rig_wire_head head = {.fields = fields, .field_limit = MANY};
        assert_int_equal(read_head(text, size, &head), size > 20 ? -EINVAL : 0);
    }
}

static void test_limits(void **state)
{
    (void)state;
    const char *text = "GET / HTTP/1.0\r\nA: 1\r\nB: 2\r\n\r\n";
    struct rig_wire_field fields[2];
    struct rig_wire_head head = {.fields = fields, .field_limit = 2};
    assert_int_equal(read_head(text, strlen(text), &head), strlen(text));
    head.field_limit = 1;
    assert_int_equal(read_head(text, strlen(text), &head), -EINVAL);
    assert_int_equal(head.status, 431);
    assert_int_equal(head.at, 22);
    head = (struct rig_wire_head){.fields = fields, .field_limit = 2, .size_limit = strlen(text)};
    assert_int_equal(read_head(text, strlen(text), &head), strlen(text));
    head.size_limit--;
    assert_int_equal(read_head(text, strlen(text), &head), -EINVAL);
    assert_int_equal(head.status, 431);
    assert_non_null(strstr(head.reason, "larger"));
    assert_int_equal(read_head(text, 10, &head), 0);
    head = (struct rig_wire_head){.fields = NULL, .field_limit = 0};
    assert_int_equal(read_head("GET / HTTP/1.0\r\n\r\n", 18, &head), 18);
}

static void test_default_size_limit(void **state)
{
    (void)state;
    struct rig_wire_head head = {.fields = NULL};
    char *text = malloc(RIG_WIRE_HEAD_MAX);
    assert_non_null(text);
    memset(text, 'A', RIG_WIRE_HEAD_MAX);
    assert_int_equal(rig_wire_head(text, RIG_WIRE_HEAD_MAX - 1, &head), 0);
    assert_int_equal(rig_wire_head(text, RIG_WIRE_HEAD_MAX, &head), -EINVAL);
    assert_int_equal(head.status, 431);
    free(text);
}

/* ---- framing ---- */

struct framed {
    const char *names[4], *values[4];
    unsigned minor;
    enum rig_framing_kind kind;
    uint64_t length;
    const char *reason; /* NULL: taken */
    size_t field;
    int status;
};

#define CL "Content-Length"
#define TE "Transfer-Encoding"
#define NO RIG_FRAMING_NONE

static const struct framed framings[] = {
    {{"Host"}, {"a"}, 1, NO, 0, NULL, 0, 0},
    {{"Host", CL}, {"a", "0"}, 1, RIG_FRAMING_LENGTH, 0, NULL, 0, 0},
    {{"content-LENGTH"}, {"00042"}, 1, RIG_FRAMING_LENGTH, 42, NULL, 0, 0},
    {{CL}, {"9223372036854775807"}, 1, RIG_FRAMING_LENGTH, INT64_MAX, NULL, 0, 0},
    {{CL, CL}, {"5", "5"}, 1, RIG_FRAMING_LENGTH, 5, NULL, 0, 0},
    {{CL}, {"5, 5"}, 0, RIG_FRAMING_LENGTH, 5, NULL, 0, 0},
    {{TE}, {"chunked"}, 1, RIG_FRAMING_CHUNKED, 0, NULL, 0, 0},
    {{TE}, {", Chunked ,"}, 1, RIG_FRAMING_CHUNKED, 0, NULL, 0, 0},
    {{TE, TE}, {"", "chunked"}, 1, RIG_FRAMING_CHUNKED, 0, NULL, 0, 0},
    {{CL, "A", CL}, {"5", "", "6"}, 1, NO, 0, "twice", 2, 400},
    {{CL}, {"5, 6"}, 1, NO, 0, "twice", 0, 400},
    {{CL}, {""}, 1, NO, 0, "not a number", 0, 400},
    {{CL}, {"5,"}, 1, NO, 0, "not a number", 0, 400},
    {{CL}, {"-1"}, 1, NO, 0, "not a number", 0, 400},
    {{CL}, {"+1"}, 1, NO, 0, "not a number", 0, 400},
    {{CL}, {"0x10"}, 1, NO, 0, "not a number", 0, 400},
    {{CL}, {"1 0"}, 1, NO, 0, "not a number", 0, 400},
    {{CL}, {"1.0"}, 1, NO, 0, "not a number", 0, 400},
    {{CL}, {"9223372036854775808"}, 1, NO, 0, "too large", 0, 400},
    {{CL}, {"18446744073709551617"}, 1, NO, 0, "too large", 0, 400},
    {{CL}, {"99999999999999999999999999"}, 1, NO, 0, "too large", 0, 400},
    {{CL, TE}, {"5", "chunked"}, 1, NO, 0, "both", 1, 400},
    {{TE, CL}, {"chunked", "0"}, 1, NO, 0, "both", 0, 400},
    {{TE}, {"chunked"}, 0, NO, 0, "HTTP/1.0", 0, 400},
    {{TE}, {"gzip"}, 1, NO, 0, "other than chunked", 0, 501},
    {{TE}, {"gzip, chunked"}, 1, NO, 0, "other than chunked", 0, 501},
    {{TE}, {"identity"}, 1, NO, 0, "other than chunked", 0, 501},
    {{TE}, {"xchunked"}, 1, NO, 0, "other than chunked", 0, 501},
    {{TE}, {"chunked;a=b"}, 1, NO, 0, "other than chunked", 0, 501},
    {{TE}, {"\"chunked\""}, 1, NO, 0, "other than chunked", 0, 501},
    {{TE}, {"chunked, gzip"}, 1, NO, 0, "after chunked", 0, 400},
    {{TE, TE}, {"chunked", "identity"}, 1, NO, 0, "after chunked", 1, 400},
    {{TE}, {"chunked, chunked"}, 1, NO, 0, "chunked twice", 0, 400},
    {{TE, TE}, {"chunked", "chunked"}, 1, NO, 0, "chunked twice", 1, 400},
    {{TE}, {""}, 1, NO, 0, "empty", 0, 400},
    {{TE}, {" , "}, 1, NO, 0, "empty", 0, 400},
};

static void test_framing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof framings / sizeof framings[0]; i++) {
        const struct framed *row = &framings[i];
        struct rig_wire_field fields[4];
        struct rig_framing framing;
        size_t count = 0;
        while (count < 4 && row->names[count]) {
            fields[count].name = (struct rig_slice){row->names[count], strlen(row->names[count])};
            fields[count].value = (struct rig_slice){row->values[count], strlen(row->values[count])};
            count++;
        }
        int status = rig_wire_framing(fields, count, row->minor, &framing);
        bool same = status == (row->reason ? -EINVAL : 0) && framing.kind == row->kind &&
                    framing.length == row->length && !framing.reason == !row->reason && framing.status == row->status &&
                    framing.field == row->field;
        if (!same || (row->reason && !strstr(framing.reason, row->reason))) {
            fail_msg("row %zu (%s: %s): %d, kind %d, field %zu, status %d, %s", i, row->names[0], row->values[0],
                     status, (int)framing.kind, framing.field, framing.status,
                     framing.reason ? framing.reason : "taken");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_head), cmocka_unit_test(test_every_truncation_wants_more),
        cmocka_unit_test(test_taken),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_zero_bytes), cmocka_unit_test(test_refused_as_soon_as_it_shows),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_default_size_limit),
        cmocka_unit_test(test_framing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
