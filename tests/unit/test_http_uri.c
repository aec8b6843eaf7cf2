/* URIs cut and resolved: RFC 3986's own examples, and what is refused. */
#include <stackrig/http/uri.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* In memory of exactly the promised size, so that AddressSanitizer sees a byte too many. */
static void check(const char *base, const char *text, const char *wanted)
{
    size_t base_size = strlen(base), size = strlen(text);
    char *out = malloc(base_size + size + 2);
    const char *reason = NULL;
    int64_t got = rig_uri_resolve(base, base_size, text, size, out, &reason);
    if (!wanted) {
        assert_int_equal(got, -EINVAL);
        assert_non_null(reason);
    } else {
        assert_int_equal(got, strlen(wanted));
        assert_memory_equal(out, wanted, strlen(wanted));
    }
    free(out);
}

/* RFC 3986 section 5.4 */
static void test_examples(void **state)
{
    (void)state;
    static const char *const normal[][2] = {{"g:h", "g:h"},
                                            {"g", "http://a/b/c/g"},
                                            {"./g", "http://a/b/c/g"},
                                            {"g/", "http://a/b/c/g/"},
                                            {"/g", "http://a/g"},
                                            {"//g", "http://g"},
                                            {"?y", "http://a/b/c/d;p?y"},
                                            {"g?y", "http://a/b/c/g?y"},
                                            {"#s", "http://a/b/c/d;p?q#s"},
                                            {"g#s", "http://a/b/c/g#s"},
                                            {"g?y#s", "http://a/b/c/g?y#s"},
                                            {";x", "http://a/b/c/;x"},
                                            {"g;x", "http://a/b/c/g;x"},
                                            {"g;x?y#s", "http://a/b/c/g;x?y#s"},
                                            {"", "http://a/b/c/d;p?q"},
                                            {".", "http://a/b/c/"},
                                            {"./", "http://a/b/c/"},
                                            {"..", "http://a/b/"},
                                            {"../", "http://a/b/"},
                                            {"../g", "http://a/b/g"},
                                            {"../..", "http://a/"},
                                            {"../../", "http://a/"},
                                            {"../../g", "http://a/g"}};
    static const char *const odd[][2] = {{"../../../g", "http://a/g"},
                                         {"../../../../g", "http://a/g"},
                                         {"/./g", "http://a/g"},
                                         {"/../g", "http://a/g"},
                                         {"g.", "http://a/b/c/g."},
                                         {".g", "http://a/b/c/.g"},
                                         {"g..", "http://a/b/c/g.."},
                                         {"..g", "http://a/b/c/..g"},
                                         {"./../g", "http://a/b/g"},
                                         {"./g/.", "http://a/b/c/g/"},
                                         {"g/./h", "http://a/b/c/g/h"},
                                         {"g/../h", "http://a/b/c/h"},
                                         {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
                                         {"g;x=1/../y", "http://a/b/c/y"},
                                         {"g?y/./x", "http://a/b/c/g?y/./x"},
                                         {"g?y/../x", "http://a/b/c/g?y/../x"},
                                         {"g#s/../x", "http://a/b/c/g#s/../x"},
                                         {"http:g", "http:g"}};
    for (size_t i = 0; i < sizeof normal / sizeof normal[0]; i++) {
        check("http://a/b/c/d;p?q", normal[i][0], normal[i][1]);
    }
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        check("http://a/b/c/d;p?q", odd[i][0], odd[i][1]);
    }
}

static void test_bases(void **state)
{
    (void)state;
    check("http://a", "x", "http://a/x");
    check("http://a", "..", "http://a/");
    check("http://a?q", "", "http://a?q");
    check("http://a?q#f", "", "http://a?q");
    check("http://a/b?q", "c?", "http://a/c?");
    check("https://a:8443/b", "//u:p@[::1]:80/x", "https://u:p@[::1]:80/x");
    check("http://a/./b/../c", "", "http://a/./b/../c");
    check("http://a/b", "http:/..//:8?x", "http:/.//:8?x"); /* without a host it has none: make fuzz found it */
    check("x:/a", "..//b", "x:/.//b");
    check("http://a/b", "/..//c", "http://a//c");
    check("/a", "b", NULL);
    check("http://a b/", "c", NULL);
    check("http://a/", "b c", NULL);
}

static void is(struct rig_slice slice, const char *wanted)
{
    assert_int_equal(!slice.data, !wanted);
    if (wanted) {
        assert_int_equal(slice.size, strlen(wanted));
        assert_memory_equal(slice.data, wanted, slice.size);
    }
}

static void test_parts(void **state)
{
    (void)state;
    struct rig_uri uri;
    static const char full[] = "HTTP://u:p@[::1]:8080/a/b?c?d#e?f/g";
    assert_int_equal(rig_uri_split(full, sizeof full - 1, &uri, NULL), 0);
    is(uri.scheme, "HTTP");
    is(uri.authority, "u:p@[::1]:8080");
    is(uri.userinfo, "u:p");
    is(uri.host, "[::1]");
    is(uri.port, "8080");
    is(uri.path, "/a/b");
    is(uri.query, "c?d");
    is(uri.fragment, "e?f/g");
    assert_int_equal(rig_uri_split("file:///x", 9, &uri, NULL), 0);
    is(uri.authority, "");
    is(uri.host, "");
    is(uri.port, NULL);
    is(uri.path, "/x");
    assert_int_equal(rig_uri_split("a/b:c?#", 7, &uri, NULL), 0);
    is(uri.scheme, NULL);
    is(uri.authority, NULL);
    is(uri.path, "a/b:c");
    is(uri.query, "");
    is(uri.fragment, "");
    assert_int_equal(rig_uri_split(NULL, 0, &uri, NULL), 0);
    is(uri.path, "");
    assert_int_equal(rig_uri_split("http://a:/", 10, &uri, NULL), 0);
    is(uri.host, "a");
    is(uri.port, "");
    assert_int_equal(rig_uri_split("http://[::1]:099999", 19, &uri, NULL), 0);
    is(uri.host, "[::1]");
    is(uri.port, "099999");
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"/a b",
                                        "/%zz",
                                        "/%4",
                                        "/\x7f",
                                        "/a\nb",
                                        "/\xc3\xa9",
                                        "/a\"b",
                                        "/<a>",
                                        "#a#b",
                                        "http://a b/",
                                        "http://[::1/",
                                        "http://a:x",
                                        "http://a::0",
                                        "http://[::1]:6:5/",
                                        "http://[::1]x:8",
                                        "//a@b@c/",
                                        "http://[1]/",
                                        "http://:80"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct rig_uri uri;
        const char *reason = NULL;
        if (rig_uri_split(texts[i], strlen(texts[i]), &uri, &reason) == 0) {
            fail_msg("\"%s\" was taken", texts[i]);
        }
        assert_non_null(reason);
    }
    assert_int_equal(rig_uri_split("/a\0b", 4, &(struct rig_uri){0}, NULL), -EINVAL);
}

/* Many segments, in time that grows with their number. */
static void test_many_segments(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    char *path = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i += 3) {
        memcpy(path + i, i < SIZE / 2 ? "/aa" : "/..", 3);
    }
    char *out = malloc(SIZE + 12);
    assert_int_equal(rig_uri_resolve("http://h/x", 10, path, SIZE, out, NULL), 9);
    assert_memory_equal(out, "http://h/", 9);
    free(out);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples), cmocka_unit_test(test_bases),         cmocka_unit_test(test_parts),
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_many_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
