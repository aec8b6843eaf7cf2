/* The classes of bytes, each spelt out, and what is built on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "harness/http/chars.h"

#define ALPHA "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

struct class_row {
    const char *name;
    unsigned bit;
    const char *members; /* ASCII */
};

static const struct class_row classes[] = {
    {"tchar", RIG_CHAR_TOKEN, "!#$%&'*+-.^_`|~" DIGIT ALPHA},
    {"value", RIG_CHAR_VALUE, "\t !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" DIGIT ALPHA},
    {"digit", RIG_CHAR_DIGIT, DIGIT},
    {"hex", RIG_CHAR_HEX, DIGIT "abcdefABCDEF"},
    {"unreserved", RIG_CHAR_UNRESERVED, "-._~" DIGIT ALPHA},
    {"sub-delims", RIG_CHAR_SUBDELIM, "!$&'()*+,;="},
    {"target", RIG_CHAR_TARGET, "!$&'()*+,-./:;=@[\\]^_`{|}~" DIGIT ALPHA},
    {"alpha", RIG_CHAR_ALPHA, ALPHA},
    {"path", RIG_CHAR_PATH, "!$&'()*+,-./:;=@_~" DIGIT ALPHA},
};

static void test_every_byte_of_every_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        for (int byte = 0; byte < 256; byte++) {
            bool high = byte >= 0x80 && classes[i].bit == RIG_CHAR_VALUE; /* obs-text */
            bool expected = high || (byte > 0 && byte < 0x80 && strchr(classes[i].members, byte));
            if (rig_char_is((char)byte, classes[i].bit) != expected) {
                fail_msg("%s: byte 0x%02x", classes[i].name, (unsigned)byte);
            }
        }
    }
}

static void test_hex(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        const char *digits = "0123456789abcdef", *found = byte ? strchr(digits, rig_char_lower((char)byte)) : NULL;
        assert_int_equal(rig_char_hex((char)byte), found ? found - digits : -1);
    }
}

static void test_lower(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        int expected = byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;
        assert_int_equal((unsigned char)rig_char_lower((char)byte), expected);
    }
}

static void test_token(void **state)
{
    (void)state;
    assert_true(rig_is_token("X-Api-Version", 13));
    assert_true(rig_is_token("!", 1));
    assert_false(rig_is_token("", 0));
    assert_false(rig_is_token("X A", 3));
    assert_false(rig_is_token("X:", 2));
    assert_false(rig_is_token("X\0", 2));
    assert_false(rig_is_token("caf\xc3\xa9", 5));
}

static void test_field_value(void **state)
{
    (void)state;
    assert_true(rig_is_field_value("", 0));
    assert_true(rig_is_field_value("a b\tc \"caf\xc3\xa9\"", 13));
}

/* They look at eight and sixteen bytes at once. */
static void test_every_byte_at_every_place(void **state)
{
    char text[40], copy[sizeof text];
    (void)state;
    for (size_t size = 1; size <= sizeof text; size++) {
        for (size_t at = 0; at < size; at++) {
            for (int byte = 0; byte < 256; byte++) {
                memset(text, 'a', size);
                memset(copy, '?', size);
                text[at] = (char)byte;
                bool control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
                assert_int_equal(rig_is_field_value(text, size), !control);
                assert_int_equal(rig_copy_field_value(copy, text, size), !control);
                assert_memory_equal(copy, text, size);
                assert_int_equal(rig_is_token(text, size), rig_char_is(text[at], RIG_CHAR_TOKEN));
            }
        }
    }
}

static void test_digits(void **state)
{
    (void)state;
    assert_true(rig_is_digits("0123456789", 10));
    assert_false(rig_is_digits("", 0));
    assert_false(rig_is_digits("-1", 2));
    assert_false(rig_is_digits("1 ", 2));
    assert_false(rig_is_digits("0x1", 3));
}

static void test_number(void **state)
{
    static const struct {
        const char *text;
        bool is_one;
        uint64_t number;
    } rows[] = {
        {"0", true, 0},
        {"9999999999999999999", true, 9999999999999999999u},
        {"18446744073709551615", true, UINT64_MAX},
        {"0000000000000000000000000018446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999999", false, 0},
        {"184467440737095516150", false, 0},
        {"", false, 0},
        {"1a", false, 0},
        {"-1", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t number = 42;
        assert_int_equal(rig_number((struct rig_slice){rows[i].text, strlen(rows[i].text)}, &number), rows[i].is_one);
        assert_true(number == (rows[i].is_one ? rows[i].number : 42));
    }
}

static void test_name_equal(void **state)
{
    (void)state;
    assert_true(rig_name_equal("Content-Length", 14, "content-lENGTH", 14));
    assert_true(rig_name_equal("", 0, "", 0));
    assert_false(rig_name_equal("Host", 4, "Hosts", 5));
    assert_false(rig_name_equal("Host", 4, "Hose", 4));
    /* '@' and '`', '[' and '{' differ in the same bit as letters do */
    assert_false(rig_name_equal("@", 1, "`", 1));
    assert_false(rig_name_equal("[", 1, "{", 1));
    assert_false(rig_name_equal("\xc9", 1, "\xe9", 1));
}

static void test_trimmed(void **state)
{
    (void)state;
    struct rig_slice text = rig_trimmed((struct rig_slice){" \t a b\t ", 8});
    assert_int_equal(text.size, 3);
    assert_memory_equal(text.data, "a b", 3);
    assert_int_equal(rig_trimmed((struct rig_slice){" \t ", 3}).size, 0);
    assert_int_equal(rig_trimmed((struct rig_slice){"\r", 1}).size, 1);
    assert_int_equal(rig_trimmed((struct rig_slice){NULL, 0}).size, 0);
}

static bool list_has(const char *list, const char *token)
{
    return rig_list_has((struct rig_slice){list, strlen(list)}, token);
}

static void test_list(void **state)
{
    (void)state;
    assert_true(list_has("close", "close"));
    assert_true(list_has("Close", "cLOSE"));
    assert_true(list_has("a,close", "close"));
    assert_true(list_has(" ,\tclose ,b", "close"));
    assert_false(list_has("", "close"));
    assert_false(list_has(",", "close"));
    assert_false(list_has("closed, clos", "close"));
    assert_false(list_has("clo se", "close"));
    assert_false(rig_list_has((struct rig_slice){NULL, 0}, "close"));
}

/* All texts of up to seven a and b, and all parts of up to three, beside what strstr finds. */
static void test_contains(void **state)
{
    (void)state;
    for (unsigned part = 1; part < 16; part++) {
        for (unsigned text = 1; text < 256; text++) {
            char in[9] = "", of[5] = "";
            size_t size = 0, part_size = 0;
            for (unsigned rest = text; rest > 1; rest >>= 1) { /* the highest bit says where it ends */
                in[size++] = (char)('a' + (rest & 1));
            }
            for (unsigned rest = part; rest > 1; rest >>= 1) {
                of[part_size++] = (char)('a' + (rest & 1));
            }
            assert_int_equal(rig_contains(in, size, of, part_size), strstr(in, of) != NULL);
        }
    }
    assert_true(rig_contains("a\0b", 3, "\0b", 2));
    assert_false(rig_contains("ab", 1, "ab", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_of_every_class),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_lower),
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_field_value),
        cmocka_unit_test(test_every_byte_at_every_place),
        cmocka_unit_test(test_digits),
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_name_equal),
        cmocka_unit_test(test_trimmed),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_contains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
