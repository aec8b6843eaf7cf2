/* Percent-encoding and urlencoded forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <stackrig/http/percent.h>

struct encoding {
    const char *plain, *encoded;
};

static const struct encoding encodings[] = {
    {"", ""},
    {"aZ09-._", "aZ09-._"},
    {"a/b?c=d&e", "a%2Fb%3Fc%3Dd%26e"},
    {"caf\xc3\xa9 %", "caf%C3%A9+%25"},
    {"a b+c", "a+b%2Bc"},
    {"*-._~", "*-._%7E"},
    {"\r\n\x01", "%0D%0A%01"},
};

static void test_encode(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof encodings / sizeof encodings[0]; i++) {
        const struct encoding *row = &encodings[i];
        char out[64];
        size_t size = rig_percent_encode(row->plain, strlen(row->plain), out, sizeof out);
        assert_int_equal(size, strlen(row->encoded));
        assert_memory_equal(out, row->encoded, size);
    }
}

static void test_encode_measures_and_respects_the_size(void **state)
{
    (void)state;
    char out[4] = "...";
    assert_int_equal(rig_percent_encode("a=b", 3, NULL, 0), 5);
    assert_int_equal(rig_percent_encode("a=b", 3, out, 4), 5);
    assert_string_equal(out, "...");
    assert_int_equal(rig_percent_encode("a\0", 2, out, 4), 4);
    assert_memory_equal(out, "a%00", 4);
}

static void test_decode_is_the_inverse_for_every_byte(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char plain = (char)byte, encoded[3];
        size_t size = rig_percent_encode(&plain, 1, encoded, 3);
        assert_int_equal(rig_percent_decode(encoded, size, true, encoded), 1);
        assert_int_equal((unsigned char)encoded[0], byte);
    }
}

static void test_decode(void **state)
{
    (void)state;
    char out[16];
    assert_int_equal(rig_percent_decode("a%2fb+", 6, false, out), 4);
    assert_memory_equal(out, "a/b+", 4);
    assert_int_equal(rig_percent_decode("a%2Fb+", 6, true, out), 4);
    assert_memory_equal(out, "a/b ", 4);
    assert_int_equal(rig_percent_decode("%00", 3, false, out), 1);
    assert_int_equal(out[0], 0);
    assert_int_equal(rig_percent_decode("", 0, false, out), 0);
    assert_int_equal(rig_percent_decode("%%41%4", 6, false, out), 4);
    assert_memory_equal(out, "%A%4", 4);
}

static void test_decode_keeps_what_is_no_escape(void **state)
{
    (void)state;
    const char *const bad[] = {"%", "%4", "a%", "%4g", "%g4", "% 1", "%-1", "ab%2"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t size = strlen(bad[i]);
        char *text = malloc(size), out[8]; /* its exact size, for ASan */
        assert_non_null(text);
        memcpy(text, bad[i], size);
        assert_int_equal(rig_percent_decode(text, size, false, out), size);
        assert_memory_equal(out, bad[i], size);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_encode_measures_and_respects_the_size),
        cmocka_unit_test(test_decode_is_the_inverse_for_every_byte),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_decode_keeps_what_is_no_escape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
