/* HTML, paths, comparing: what no recorded case of Rack says. Texts are of their exact size, for ASan. */
#include <stackrig/cmocka.h>

#include <stackrig/http/compare.h>
#include <stackrig/http/html.h>
#include <stackrig/http/path.h>
#include <stackrig/http/percent.h>

typedef size_t text_fn(const char *text, size_t size, char *out, size_t out_size);

static void assert_becomes(text_fn *function, const char *text, const char *expected)
{
    size_t size = strlen(text), need = strlen(expected);
    char *copy = malloc(size + 1), *out = malloc(need + 1);
    assert_true(copy && out);
    memcpy(copy, text, size);
    memset(out, '.', need + 1);
    assert_int_equal(function(copy, size, NULL, 0), need);
    if (need > 0) {
        assert_int_equal(function(copy, size, out, need - 1), need);
        assert_int_equal(out[0], '.');
    }
    assert_int_equal(function(copy, size, out, need), need);
    assert_memory_equal(out, expected, need);
    assert_int_equal(out[need], '.');
    free(copy);
    free(out);
}

static void test_html(void **state)
{
    (void)state;
    assert_becomes(rig_html_escape, "", "");
    assert_becomes(rig_html_escape, "<&>'\"", "&lt;&amp;&gt;&#39;&quot;");
    assert_becomes(rig_html_escape, "a&amp;", "a&amp;amp;");
}

static void test_path_encoded(void **state)
{
    (void)state;
    assert_becomes(rig_percent_encode_path, "/a b/%2f?#[]~\xff", "/a%20b/%252f?%23[]~%FF");
    assert_true(rig_percent_is_valid("%aF%00", 6));
    assert_true(rig_percent_is_valid("", 0));
    assert_false(rig_percent_is_valid("%aF%0", 5));
    assert_false(rig_percent_is_valid("%", 1));
    assert_false(rig_percent_is_valid("%%41", 4));
}

static void test_path_clean(void **state)
{
    static const char *const cases[][2] = {{"", "/"},
                                           {"/", "/"},
                                           {".", ""},
                                           {"..", ""},
                                           {"/a/../../b", "/b"},
                                           {"../a", "a"},
                                           {"a/..", ""},
                                           {"/a/./b//c/", "/a/b/c"},
                                           {"a/b/../../../c", "c"},
                                           {"/...", "/..."},
                                           {"/..a/.b", "/..a/.b"},
                                           {"a//", "a"},
                                           {"//a", "/a"},
                                           {"/a/b/c/../../d/..", "/a"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_becomes(rig_path_clean, cases[i][0], cases[i][1]);
    }
}

/* Markus Kuhn's boundaries, in short: the first and last of each size, and what is beside them. */
static void test_path_valid(void **state)
{
    static const char *const right[] = {"",
                                        "/a",
                                        "\x7f",
                                        "\xc2\x80",
                                        "\xdf\xbf",
                                        "\xe0\xa0\x80",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xef\xbf\xbf",
                                        "\xf0\x90\x80\x80",
                                        "\xf4\x8f\xbf\xbf"};
    static const char *const wrong[] = {"\x80",
                                        "\xc1\xbf",
                                        "\xc2",
                                        "\xc2\x41",
                                        "\xe0\x9f\xbf",
                                        "\xed\xa0\x80",
                                        "\xe2\x82",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xff",
                                        "a\xe2\x82/b"};
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        assert_true(rig_path_is_valid(right[i], strlen(right[i])));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(rig_path_is_valid(wrong[i], strlen(wrong[i])));
    }
    assert_false(rig_path_is_valid("/a\0b", 4));
}

static void test_compare(void **state)
{
    unsigned char a[64], b[64];
    (void)state;
    memset(a, 0x5a, sizeof a);
    memcpy(b, a, sizeof b);
    assert_true(rig_secure_equal(a, sizeof a, b, sizeof b));
    assert_false(rig_secure_equal(a, sizeof a, b, sizeof b - 1));
    for (size_t i = 0; i < sizeof b; i++) {
        for (unsigned bit = 1; bit < 256; bit <<= 1) {
            b[i] ^= (unsigned char)bit;
            assert_false(rig_secure_equal(a, sizeof a, b, sizeof b));
            b[i] ^= (unsigned char)bit;
        }
    }
    assert_true(rig_secure_equal(NULL, 0, "", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html),       cmocka_unit_test(test_path_encoded), cmocka_unit_test(test_path_clean),
        cmocka_unit_test(test_path_valid), cmocka_unit_test(test_compare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
