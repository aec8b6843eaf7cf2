/* The chunked coding, at every split of its bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/http/wire.h"

struct decoded {
    char content[512];
    size_t size;
    uint64_t consumed, counted;
    bool done;
    const char *reason;
};

/* Feeds one piece of the wire, in a copy of its exact size, to its end. False: refused. */
static bool feed(struct rig_chunked *chunked, const char *data, size_t size, struct decoded *out)
{
    char *copy = malloc(size ? size : 1);
    size_t at = 0;
    int64_t used = 0;
    assert_non_null(copy);
    memcpy(copy, data, size);
    while (at < size && !chunked->done) {
        struct rig_slice piece;
        used = rig_chunked_decode(chunked, copy + at, size - at, &piece);
        if (used < 0) {
            break;
        }
        assert_true(used > 0);
        at += (size_t)used;
        out->consumed += (uint64_t)used;
        assert_true(out->size + piece.size <= sizeof out->content);
        if (piece.size > 0) {
            memcpy(out->content + out->size, piece.data, piece.size);
        }
        out->size += piece.size;
    }
    out->counted = chunked->content;
    out->done = chunked->done;
    out->reason = chunked->reason;
    free(copy);
    return used >= 0;
}

/* In pieces of step bytes; the first of them of first bytes. */
static struct decoded decode(const char *wire, size_t size, size_t first, size_t step)
{
    struct rig_chunked chunked = {0};
    struct decoded out = {.size = 0};
    size_t at = 0;
    size_t next = first;
    while (at < size) {
        size_t take = next < size - at ? next : size - at;
        if (!feed(&chunked, wire + at, take, &out)) {
            break;
        }
        at += take;
        next = step;
    }
    return out;
}

struct taken {
    const char *wire;
    const char *content;
    size_t consumed; /* 0: all */
};

static const struct taken taken[] = {
    {"0\r\n\r\n", "", 0},
    {"5\r\nhello\r\n0\r\n\r\n", "hello", 0},
    {"1\r\nh\r\n4\r\nello\r\n0\r\n\r\n", "hello", 0},
    {"a\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0},
    {"A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0},
    {"00000000000000000005\r\nhello\r\n000\r\n\r\n", "hello", 0},
    {"5;name=value\r\nhello\r\n0;last\r\n\r\n", "hello", 0},
    {"5 \t; a=\"b;c\"\r\nhello\r\n0\r\n\r\n", "hello", 0},
    {"7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n", "\r\n0\r\n\r\n", 0},
    {"1\r\nx\r\n0\r\nTrailer: a\r\nB:\r\n\r\n", "x", 0},
    {"1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "x", 11},
};

static void test_taken_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        size_t size = strlen(taken[i].wire), consumed = taken[i].consumed ? taken[i].consumed : size;
        for (size_t first = 1; first <= size; first++) {
            for (int bytewise = 0; bytewise < 2; bytewise++) {
                struct decoded out = decode(taken[i].wire, size, first, bytewise ? 1 : size);
                bool same = out.done && out.consumed == consumed && out.size == strlen(taken[i].content) &&
                            out.counted == out.size && memcmp(out.content, taken[i].content, out.size) == 0;
                if (!same) {
                    fail_msg("%s, split at %zu: %s, %zu bytes of content", taken[i].wire, first,
                             out.reason ? out.reason : "not done", out.size);
                }
            }
        }
    }
}

static void test_truncated_is_not_done(void **state)
{
    (void)state;
    const char *wire = "5;a\r\nhello\r\n0\r\nA: b\r\n\r\n";
    for (size_t size = 1; size < strlen(wire); size++) {
        struct decoded out = decode(wire, size, size, 1);
        assert_false(out.done);
        assert_null(out.reason);
        assert_int_equal(out.consumed, size);
    }
}

struct refused {
    const char *wire;
    size_t at;
    const char *reason; /* a part of it */
};

static const struct refused refused[] = {
    {"\r\n", 0, "without a size"},
    {"g\r\n", 0, "without a size"},
    {";a\r\n", 0, "without a size"},
    {"-1\r\n", 0, "without a size"},
    {" 5\r\n", 0, "without a size"},
    {"0x5\r\n", 1, "not hexadecimal"},
    {"5g\r\n", 1, "not hexadecimal"},
    {"5 5\r\n", 2, "not hexadecimal"},
    {"5\n", 1, "LF without CR"},
    {"5;a\n", 3, "control"},
    {"5;a\x01\r\n", 3, "control"},
    {"5\rhello", 2, "CR that no LF"},
    {"5;a\rb", 4, "CR that no LF"},
    {"8000000000000000\r\n", 15, "too large"},
    {"fffffffffffffffff\r\n", 15, "too large"},
    {"5\r\nhello!\r\n", 8, "does not end"},
    {"5\r\nhell\r\n0\r\n", 8, "does not end"},
    {"5\r\nhello\n", 8, "does not end"},
    {"5\r\nhello\r0", 9, "CR that no LF"},
    {"0\r\n\n", 3, "LF without CR"},
    {"0\r\n\rX", 4, "CR that no LF"},
    {"0\r\n A: b\r\n", 3, "not a token"},
    {"0\r\n: b\r\n", 3, "not a token"},
    {"0\r\nA b\r\n", 4, "not a token"},
    {"0\r\nA\r\n", 4, "not a token"},
    {"0\r\nA: b\n", 7, "LF without CR"},
    {"0\r\nA: \x01\r\n", 6, "control"},
    {"0\r\nA: b\rc", 8, "CR that no LF"},
};

static void test_refused_at_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        size_t size = strlen(refused[i].wire);
        for (size_t first = 1; first <= size; first++) {
            struct decoded out = decode(refused[i].wire, size, first, 1);
            bool there = first > refused[i].at ? out.consumed <= refused[i].at : out.consumed == refused[i].at;
            if (!out.reason || out.done || !there || !strstr(out.reason, refused[i].reason)) {
                fail_msg("%s, split at %zu: %s at %u", refused[i].wire, first, out.reason ? out.reason : "taken",
                         (unsigned)out.consumed);
            }
        }
    }
}

static void test_refused_stays_refused(void **state)
{
    (void)state;
    struct rig_chunked chunked = {0};
    struct rig_slice piece;
    assert_int_equal(rig_chunked_decode(&chunked, "x", 1, &piece), -EINVAL);
    assert_int_equal(rig_chunked_decode(&chunked, "0\r\n\r\n", 5, &piece), -EINVAL);
    assert_non_null(chunked.reason);
    assert_int_equal(piece.size, 0);
}

static void test_done_takes_no_more(void **state)
{
    (void)state;
    struct rig_chunked chunked = {0};
    struct rig_slice piece;
    assert_int_equal(rig_chunked_decode(&chunked, "0\r\n\r\nmore", 9, &piece), 5);
    assert_true(chunked.done);
    assert_int_equal(rig_chunked_decode(&chunked, "more", 4, &piece), 0);
}

/* Bytes up to the limit are taken, one more is not. */
static bool takes(const char *start, char fill, size_t line, size_t used)
{
    struct rig_chunked chunked = {0};
    struct decoded out = {.size = 0};
    bool fine = feed(&chunked, start, strlen(start), &out);
    for (size_t i = used; fine && i < line; i++) {
        fine = feed(&chunked, &fill, 1, &out);
    }
    return fine;
}

static void test_limits(void **state)
{
    (void)state;
    assert_true(takes("7fffffffffffffff\r\n", 'a', 100, 0));
    assert_true(takes("1;", 'a', RIG_CHUNK_LINE_MAX, 2));
    assert_false(takes("1;", 'a', RIG_CHUNK_LINE_MAX + 1, 2));
    assert_false(takes("0", '0', RIG_CHUNK_LINE_MAX + 1, 1));
    assert_true(takes("0\r\nA:", 'a', RIG_CHUNK_TRAILER_MAX, 2));
    assert_false(takes("0\r\nA:", 'a', RIG_CHUNK_TRAILER_MAX + 1, 2));
}

/* Each size line has the whole limit to itself. */
static void test_limit_is_per_line(void **state)
{
    (void)state;
    struct rig_chunked chunked = {0};
    struct decoded out = {.size = 0};
    for (size_t i = 0; i < RIG_CHUNK_LINE_MAX; i++) {
        assert_true(feed(&chunked, "1;extension\r\nx\r\n", 16, &out));
    }
    assert_int_equal(out.size, RIG_CHUNK_LINE_MAX);
}

static void test_encode(void **state)
{
    (void)state;
    char out[64];
    assert_int_equal(rig_chunk_encode("hello", 5, out, sizeof out), 10);
    assert_memory_equal(out, "5\r\nhello\r\n", 10);
    assert_int_equal(rig_chunk_encode("0123456789abcdef", 16, out, sizeof out), 22);
    assert_memory_equal(out, "10\r\n0123456789abcdef\r\n", 22);
    assert_int_equal(rig_chunk_encode(NULL, 0, out, sizeof out), 5);
    assert_memory_equal(out, "0\r\n\r\n", 5);
    assert_int_equal(rig_chunk_encode("hello", 5, out, 10), 10);
    assert_int_equal(out[0], '5');
    out[0] = '!';
    assert_int_equal(rig_chunk_encode("hello", 5, out, 9), 10);
    assert_int_equal(out[0], '!');
    assert_int_equal(rig_chunk_encode("hello", 5, NULL, 0), 10);
    assert_true(rig_chunk_encode(NULL, SIZE_MAX - 4, NULL, 0) == SIZE_MAX);
    assert_true(rig_chunk_encode(NULL, SIZE_MAX - 100, NULL, 0) == SIZE_MAX - 100 + RIG_CHUNK_OVERHEAD);
}

static void test_encoded_decodes(void **state)
{
    (void)state;
    char content[300], wire[512];
    for (size_t i = 0; i < sizeof content; i++) {
        content[i] = (char)(i * 7);
    }
    for (size_t size = 1; size <= sizeof content; size += 13) {
        size_t used = rig_chunk_encode(content, size, wire, sizeof wire);
        used += rig_chunk_encode(NULL, 0, wire + used, sizeof wire - used);
        struct decoded out = decode(wire, used, used, 1);
        assert_true(out.done);
        assert_int_equal(out.size, size);
        assert_memory_equal(out.content, content, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_at_every_split),   cmocka_unit_test(test_truncated_is_not_done),
        cmocka_unit_test(test_refused_at_every_split), cmocka_unit_test(test_refused_stays_refused),
        cmocka_unit_test(test_done_takes_no_more),     cmocka_unit_test(test_limits),
        cmocka_unit_test(test_limit_is_per_line),      cmocka_unit_test(test_encode),
        cmocka_unit_test(test_encoded_decodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
