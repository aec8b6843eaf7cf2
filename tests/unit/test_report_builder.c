/* The bounded text builder: counts as snprintf does, never writes past its memory, marks what it cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "harness/report/builder.h"

static void adds_and_counts(void **state)
{
    char buffer[32];
    struct rig_text text;
    (void)state;
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_add(&text, "one ");
    rig_text_add(&text, NULL);
    rig_text_printf(&text, "%d ", 2);
    rig_text_add_bytes(&text, "three!", 5);
    assert_string_equal(buffer, "one 2 three");
    assert_int_equal(rig_text_end(&text), 11);
    assert_false(rig_text_truncated(&text));
}

/* Every size from none to enough: the length is the same, the text a prefix, the byte behind untouched. */
static void holds_at_every_size(void **state)
{
    const char *whole = "a\\x0ab 12345 c";
    (void)state;
    for (size_t size = 0; size <= strlen(whole) + 1; size++) {
        char *buffer = malloc(size + 1);
        struct rig_text text;
        assert_non_null(buffer);
        buffer[size] = '#';
        rig_text_start(&text, buffer, size);
        rig_text_escape(&text, "a\nb");
        rig_text_printf(&text, " %d ", 12345);
        rig_text_add(&text, "c");
        assert_int_equal(rig_text_length(&text), strlen(whole));
        assert_int_equal(buffer[size], '#');
        assert_int_equal(rig_text_truncated(&text), size <= strlen(whole));
        if (size) {
            assert_int_equal(strlen(buffer), size - 1);
            assert_memory_equal(buffer, whole, size - 1);
        }
        free(buffer);
    }
}

static void marks_what_was_cut(void **state)
{
    char buffer[8];
    struct rig_text text;
    (void)state;
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_add(&text, "abcdefgh");
    assert_int_equal(rig_text_end(&text), 8);
    assert_string_equal(buffer, "abcd...");
}

static void counts_without_memory(void **state)
{
    struct rig_text text;
    (void)state;
    rig_text_start(&text, NULL, 100);
    rig_text_printf(&text, "%s", "abc");
    rig_text_escape(&text, "\x1b");
    assert_int_equal(rig_text_end(&text), 7);
}

static void escapes_all_but_printable_ascii(void **state)
{
    char buffer[64];
    struct rig_text text;
    (void)state;
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_escape_bytes(&text, "\0\x1f ~\x7f\x80\xff\"", 8);
    assert_string_equal(buffer, "\\x00\\x1f ~\\x7f\\x80\\xff\"");
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_escape(&text, NULL);
    assert_string_equal(buffer, "");
}

static void quotes_like_c(void **state)
{
    char value[RIG_TEXT_VALUE_MAX + 1], buffer[2 * RIG_TEXT_VALUE_MAX];
    struct rig_text text;
    (void)state;
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_quote(&text, "a \"b\" \\ \n");
    assert_string_equal(buffer, "\"a \\\"b\\\" \\\\ \\x0a\"");
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_quote_bytes(&text, "\0", 1);
    assert_string_equal(buffer, "\"\\x00\"");
    memset(value, 'v', sizeof value);
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_quote_bytes(&text, value, sizeof value);
    assert_string_equal(buffer + 1 + RIG_TEXT_VALUE_MAX, "\"... (1025 bytes)");
}

static void bounds_one_value(void **state)
{
    char value[RIG_TEXT_VALUE_MAX + 2], buffer[2 * RIG_TEXT_VALUE_MAX];
    struct rig_text text;
    (void)state;
    memset(value, 'v', sizeof value);
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_escape_bytes(&text, value, RIG_TEXT_VALUE_MAX);
    assert_int_equal(rig_text_end(&text), RIG_TEXT_VALUE_MAX);
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_escape_bytes(&text, value, RIG_TEXT_VALUE_MAX + 1);
    assert_string_equal(buffer + RIG_TEXT_VALUE_MAX, "... (1025 bytes)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_and_counts),
        cmocka_unit_test(holds_at_every_size),
        cmocka_unit_test(marks_what_was_cut),
        cmocka_unit_test(counts_without_memory),
        cmocka_unit_test(escapes_all_but_printable_ascii),
        cmocka_unit_test(quotes_like_c),
        cmocka_unit_test(bounds_one_value),
    };
    return cmocka_run_group_tests_name("report builder", tests, NULL, NULL);
}
