/* An input gets as small as what it is kept for allows: operations, and bytes of literals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "fuzz/engine/shrink.h"
#include "fuzz/scenario/scenario.h"

#define LITERAL (RIG_FUZZ_OP_BODY << 4 | RIG_FUZZ_TOKEN_LITERAL)

struct want {
    const char *needed; /* in the body */
    unsigned asked, fails_at;
};

static struct rig_fuzz_scenario scenario;
static struct rig_fuzz_input input;

static int keeps(void *closure, const struct rig_fuzz_input *less)
{
    struct want *want = closure;
    rig_fuzz_decode(NULL, less->bytes, less->size, &scenario);
    const struct rig_bytes *body = &scenario.requests[0].body;
    bool has = false;
    for (size_t i = 0; i + strlen(want->needed) <= body->size; i++) {
        has = has || memcmp((const char *)body->data + i, want->needed, strlen(want->needed)) == 0;
    }
    return ++want->asked == want->fails_at ? -ENOMEM : has;
}

/* A method, a body of so many bytes with "needle" in it, a header. */
static void make(size_t size)
{
    size_t at = 0;
    input.bytes[at++] = RIG_FUZZ_OP_METHOD << 4 | 1;
    input.bytes[at++] = LITERAL;
    for (size_t done = 0, segment = UINT8_MAX; segment == UINT8_MAX; done += segment) {
        segment = size - done < UINT8_MAX ? size - done : UINT8_MAX;
        input.bytes[at++] = (unsigned char)segment;
        memset(input.bytes + at, 'h', segment);
        at += segment;
    }
    memcpy(input.bytes + 10, "nee", 3);
    memcpy(input.bytes + 20, "dle", 3);
    input.bytes[at++] = RIG_FUZZ_OP_HEADER << 4 | 2;
    input.size = at;
}

static void test_operations_and_bytes_go(void **state)
{
    static const unsigned char least[] = {LITERAL, 3, 'd', 'l', 'e'};
    static const size_t sizes[] = {40, 254, 255, 256, 600, 3000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct want want = {.needed = "dle"};
        make(sizes[i]);
        assert_int_equal(rig_fuzz_shrink(&input, 2000, keeps, &want), 0);
        assert_int_equal(input.size, sizeof least);
        assert_memory_equal(input.bytes, least, sizeof least);
    }
}

/* Bytes alone are counted: without a try left operations go all the same. One that is too long is left alone. */
static void test_tries_are_counted(void **state)
{
    struct want want = {.needed = "dle"};
    (void)state;
    make(600);
    assert_int_equal(rig_fuzz_shrink(&input, 0, keeps, &want), 0);
    assert_int_equal(input.size, 604);
    make(600);
    want.asked = 0;
    assert_int_equal(rig_fuzz_shrink(&input, 5, keeps, &want), 0);
    assert_in_range(want.asked, 6, 5 + 3 * 3);
    assert_in_range(input.size, 6, 603);
    make(5000);
    assert_int_equal(rig_fuzz_shrink(&input, 2000, keeps, &want), 0);
    assert_int_equal(input.size, 5021);
}

/* Then nothing more is asked, and what is left still holds. */
static void test_an_error_ends_it(void **state)
{
    (void)state;
    struct want all = {.needed = "dle"};
    make(40);
    assert_int_equal(rig_fuzz_shrink(&input, 2000, keeps, &all), 0);
    assert_true(all.asked > 12); /* operations, then bytes */
    for (unsigned at = 1; at <= all.asked; at++) {
        struct want want = {.needed = "dle", .fails_at = at};
        make(40);
        assert_int_equal(rig_fuzz_shrink(&input, 2000, keeps, &want), -ENOMEM);
        assert_int_equal(want.asked, at);
        want.fails_at = 0;
        assert_int_equal(keeps(&want, &input), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations_and_bytes_go),
        cmocka_unit_test(test_tries_are_counted),
        cmocka_unit_test(test_an_error_ends_it),
    };
    return cmocka_run_group_tests_name("fuzz: shrinking", tests, NULL, NULL);
}
