/* How a scenario's bytes are changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "fuzz/driver/change.h"
#include "fuzz/driver/mutate.h"
#include "fuzz/oracles/oracles.h"
#include "fuzz/scenario/scenario.h"

static struct rig_fuzz_scenario scenario;

static void test_mutations_stay_in_bounds(void **state)
{
    (void)state;
    uint8_t data[300], again[300];
    for (uint64_t seed = 0; seed < 20000; seed++) {
        size_t size = seed % 257, most = size + seed % 43;
        memset(data, (int)(seed * 37), sizeof data);
        data[most] = 0xa5;
        memcpy(again, data, sizeof data);
        size_t got = rig_fuzz_mutate(data, size, most, seed, NULL);
        assert_true(got <= most);
        assert_int_equal(data[most], 0xa5);
        assert_int_equal(rig_fuzz_mutate(again, size, most, seed, NULL), got);
        assert_memory_equal(data, again, sizeof data);
        uint8_t out[300];
        memset(out, 0xa5, sizeof out);
        size_t room = seed % 7 == 0 ? 0 : most;
        size_t crossed = rig_fuzz_cross(data, size, again, got, out, room, seed);
        assert_true(crossed <= room && crossed <= size + got);
        assert_int_equal(out[room], 0xa5);
    }
}

/* In the place of the fuzzer's own: as many as there is room for, and no more than that. */
static struct {
    size_t given, made;
    bool alike; /* all that was given are the literal's */
} changed;

static size_t change_bytes(uint8_t *data, size_t size, size_t max_size)
{
    changed.given = size;
    changed.alike = true;
    for (size_t i = 0; i < size; i++) {
        changed.alike = changed.alike && data[i] == 'a';
    }
    changed.made = max_size < 600 ? max_size : 600;
    memset(data, 'z', changed.made);
    return changed.made;
}

static size_t count_of(const uint8_t *data, size_t size, uint8_t byte)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += data[i] == byte;
    }
    return count;
}

/* One literal among words: what stands round it stays, its number is the new one's. */
static void test_bytes_of_a_literal_are_changed(void **state)
{
    static const size_t rooms[] = {305, 307, 563, 2000};
    uint8_t start[305], data[2001], again[2001];
    size_t literals = 0, wholes = 0;
    (void)state;
    memset(start, 'a', sizeof start);
    start[0] = RIG_FUZZ_OP_METHOD << 4 | 1;
    start[1] = RIG_FUZZ_OP_BODY << 4 | RIG_FUZZ_TOKEN_LITERAL;
    start[2] = 255;
    start[258] = 45; /* of 300 */
    start[304] = RIG_FUZZ_OP_HEADER << 4 | 2;
    for (uint64_t seed = 0; seed < 400; seed++) {
        size_t most = rooms[seed % 4];
        memset(data, 0xa5, sizeof data);
        memcpy(data, start, sizeof start);
        memcpy(again, data, sizeof data);
        changed.given = 0;
        size_t got = rig_fuzz_mutate(data, sizeof start, most, seed, change_bytes);
        assert_true(got <= most);
        assert_int_equal(data[most], 0xa5);
        if (changed.given == 300) {
            literals++;
            assert_true(changed.alike);
            assert_int_equal(data[0], start[0]);
            assert_int_equal(data[1], start[1]);
            assert_int_equal(rig_fuzz_op_size(data + 1, got - 1), got - 2);
            assert_int_equal(count_of(data, got, 'z'), changed.made);
            assert_int_equal(data[got - 1], start[304]);
            assert_true(changed.made == 600 || got + 2 > most);
        }
        wholes += changed.given == sizeof start;
        assert_int_equal(rig_fuzz_mutate(again, sizeof start, most, seed, change_bytes), got);
        assert_memory_equal(data, again, sizeof data);
    }
    assert_true(literals > 50 && wholes > 50);
}

/* Where none is, one comes. */
static void test_a_literal_comes_where_none_is(void **state)
{
    uint8_t data[601];
    size_t fresh = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 400; seed++) {
        size_t most = seed % 5;
        memset(data, 0xa5, sizeof data);
        data[0] = most > 0 ? RIG_FUZZ_OP_METHOD << 4 | 1 : data[0];
        changed.given = SIZE_MAX;
        size_t got = rig_fuzz_mutate(data, most > 0, most, seed, change_bytes);
        assert_true(got <= most);
        assert_int_equal(data[most], 0xa5);
        fresh += changed.given == 0 && got > 1;
    }
    assert_true(fresh > 20);
}

/* Ours, where the fuzzer has none of its own: values between delimiters, and bytes. */
static void test_values_become_what_is_taken_amiss(void **state)
{
    static const char text[] = "{\"a\":1,\"b\":2}";
    unsigned negative = 0, empty = 0, split = 0, shorter = 0, last = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 20000; seed++) {
        uint8_t data[64], again[64];
        size_t most = sizeof text - 1 + seed % 40;
        uint64_t dice = seed, same = seed;
        memset(data, 0xa5, sizeof data);
        memcpy(data, text, sizeof text - 1);
        memcpy(again, data, sizeof data);
        size_t got = rig_fuzz_change_bytes(data, sizeof text - 1, most, &dice);
        assert_true(got <= most);
        assert_int_equal(data[most], 0xa5);
        assert_int_equal(rig_fuzz_change_bytes(again, sizeof text - 1, most, &same), got);
        assert_memory_equal(data, again, got);
        data[got < 63 ? got : 63] = '\0';
        negative += strcmp((char *)data, "{\"a\":-1,\"b\":2}") == 0;
        empty += strcmp((char *)data, "{\"a\":,\"b\":2}") == 0;
        last += strcmp((char *)data, "{\"a\":1,\"b\":0}") == 0;
        split += strstr((char *)data, "\r\n" RIG_FUZZ_MARKER ": 1") != NULL;
        shorter += got < sizeof text - 1;
    }
    assert_true(negative > 20 && empty > 20 && last > 20 && split > 20 && shorter > 1000);
}

/* A text's literal comes to another value; nothing but that is changed. */
static void test_a_literal_is_changed_by_ours(void **state)
{
    static const uint8_t start[] = {
        RIG_FUZZ_OP_METHOD << 4 | 1, RIG_FUZZ_OP_BODY << 4 | RIG_FUZZ_TOKEN_LITERAL, 6, 'a', '=', '1', '&', 'b', '='};
    static const uint8_t wanted[] = {RIG_FUZZ_OP_METHOD << 4 | 1,
                                     RIG_FUZZ_OP_BODY << 4 | RIG_FUZZ_TOKEN_LITERAL,
                                     7,
                                     'a',
                                     '=',
                                     '-',
                                     '1',
                                     '&',
                                     'b',
                                     '='};
    unsigned seen = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 20000; seed++) {
        uint8_t data[64];
        memcpy(data, start, sizeof start);
        size_t got = rig_fuzz_mutate(data, sizeof start, sizeof data, seed, NULL);
        seen += got == sizeof wanted && memcmp(data, wanted, got) == 0;
    }
    assert_true(seen > 10);
}

/* Of a request: does it carry this pair of headers, the one behind the other? */
static bool has_pair(const struct rig_fuzz_request *request, const char *one, const char *two)
{
    bool has = false;
    for (unsigned i = 1; i < request->field_count; i++) {
        has = has || (strcmp(request->fields[i - 1].name, one) == 0 && strcmp(request->fields[i].name, two) == 0);
    }
    return has;
}

/* One mutation of nothing brings what would take several: headers that go together, a body with its Content-Type, one of
 * any bytes, one that is cut off. */
static void test_mutations_bring_what_belongs_together(void **state)
{
    (void)state;
    unsigned ranges = 0, forwarded = 0, forms = 0, others = 0, cut = 0;
    for (uint64_t seed = 0; seed < 400000; seed++) {
        uint8_t data[64];
        size_t size = rig_fuzz_mutate(data, 0, sizeof data, seed * 0x9E3779B97F4A7C15u, NULL);
        rig_fuzz_decode(NULL, data, size, &scenario);
        const struct rig_fuzz_request *request = &scenario.requests[0];
        const struct rig_bytes *body = &request->body;
        ranges += has_pair(request, "Range", "If-Range");
        forwarded += has_pair(request, "X-Forwarded-Proto", "X-Forwarded-Host");
        forms += body->size == 3 && memcmp(body->data, "a=1", 3) == 0 && rig_fuzz_has_field(request, "Content-Type");
        others += body->size > 0 && *(const unsigned char *)body->data >= 0x80 && body->size > 8;
        cut += body->size == 2 && memcmp(body->data, "a=", 2) == 0;
    }
    assert_true(ranges > 20);
    assert_true(forwarded > 100);
    assert_true(forms > 150);
    assert_true(others > 400);
    assert_true(cut > 50);
}

static void test_operations_are_told_apart(void **state)
{
    (void)state;
    unsigned char bytes[64];
    struct rig_fuzz_scenario *whole = &scenario;
    uint64_t seed = 1;
    for (unsigned run = 0; run < 20000; run++) {
        for (unsigned i = 0; i < sizeof bytes; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = (unsigned char)(seed >> 56);
        }
        size_t at = 0, ops = 0;
        while (at < sizeof bytes) {
            size_t size = rig_fuzz_op_size(bytes + at, sizeof bytes - at);
            assert_true(size > 0 && size <= sizeof bytes - at);
            at += size;
            ops++;
        }
        assert_true(ops > 0);
        rig_fuzz_decode(NULL, bytes, sizeof bytes, whole);
    }
    assert_int_equal(rig_fuzz_op_size(bytes, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mutations_stay_in_bounds),
        cmocka_unit_test(test_bytes_of_a_literal_are_changed),
        cmocka_unit_test(test_a_literal_comes_where_none_is),
        cmocka_unit_test(test_values_become_what_is_taken_amiss),
        cmocka_unit_test(test_a_literal_is_changed_by_ours),
        cmocka_unit_test(test_mutations_bring_what_belongs_together),
        cmocka_unit_test(test_operations_are_told_apart),
    };
    return cmocka_run_group_tests_name("fuzz: mutations", tests, NULL, NULL);
}
