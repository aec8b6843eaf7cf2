/* Request targets, taken and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/http/target.h"

struct taken {
    const char *text;
    enum rig_target_kind kind;
    const char *scheme, *authority, *host, *path, *query; /* NULL: absent */
    unsigned port;
};

#define ORIGIN RIG_TARGET_ORIGIN, NULL, NULL, NULL
#define ABSOLUTE RIG_TARGET_ABSOLUTE

static const struct taken taken[] = {
    {"/", ORIGIN, "/", NULL, 0},
    {"/api/items?x=1", ORIGIN, "/api/items", "x=1", 0},
    {"/?", ORIGIN, "/", "", 0},
    {"/a?b?c/d", ORIGIN, "/a", "b?c/d", 0},
    {"/a%20b?c%20d", ORIGIN, "/a%20b", "c%20d", 0},
    {"/a?c%20d", ORIGIN, "/a", "c%20d", 0},
    {"/%00", ORIGIN, "/%00", NULL, 0},
    {"//a//b", ORIGIN, "//a//b", NULL, 0},
    {"/../a/./", ORIGIN, "/../a/./", NULL, 0},
    {"/a:b@c;d=1,2!$&'()*+~", ORIGIN, "/a:b@c;d=1,2!$&'()*+~", NULL, 0},
    {"/a[1]?b={x}|^`\\", ORIGIN, "/a[1]", "b={x}|^`\\", 0},
    {"*", RIG_TARGET_ASTERISK, NULL, NULL, NULL, "*", NULL, 0},
    {"http://example.org", ABSOLUTE, "http", "example.org", "example.org", "/", NULL, 0},
    {"http://example.org/a?b", ABSOLUTE, "http", "example.org", "example.org", "/a", "b", 0},
    {"http://example.org?b", ABSOLUTE, "http", "example.org", "example.org", "/", "b", 0},
    {"HTTPS://Example.ORG:8443/", ABSOLUTE, "HTTPS", "Example.ORG:8443", "Example.ORG", "/", NULL, 8443},
    {"http://example.org:/", ABSOLUTE, "http", "example.org:", "example.org", "/", NULL, 0},
    {"http://h:65535/", ABSOLUTE, "http", "h:65535", "h", "/", NULL, 65535},
    {"http://h:0080/", ABSOLUTE, "http", "h:0080", "h", "/", NULL, 80},
    {"http://127.0.0.1:1/", ABSOLUTE, "http", "127.0.0.1:1", "127.0.0.1", "/", NULL, 1},
    {"http://[::1]:80/x", ABSOLUTE, "http", "[::1]:80", "[::1]", "/x", NULL, 80},
    {"http://[2001:db8::7]", ABSOLUTE, "http", "[2001:db8::7]", "[2001:db8::7]", "/", NULL, 0},
    {"http://a%2Db/%41", ABSOLUTE, "http", "a%2Db", "a%2Db", "/%41", NULL, 0},
    {"http://h_o-s.t~!$&'()*+,;=/", ABSOLUTE, "http", "h_o-s.t~!$&'()*+,;=", "h_o-s.t~!$&'()*+,;=", "/", NULL, 0},
    {"svn+ssh.x-1://h/", ABSOLUTE, "svn+ssh.x-1", "h", "h", "/", NULL, 0},
    {"example.org:443", RIG_TARGET_AUTHORITY, NULL, "example.org:443", "example.org", NULL, NULL, 443},
    {"[::1]:443", RIG_TARGET_AUTHORITY, NULL, "[::1]:443", "[::1]", NULL, NULL, 443},
};

/* A copy of the exact size, so that ASan sees a byte too far. */
static char *exact(const char *text, size_t size)
{
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    return copy;
}

static void assert_slice(const char *text, const char *what, struct rig_slice slice, const char *expected)
{
    bool same = expected ? slice.data && slice.size == strlen(expected) && !memcmp(slice.data, expected, slice.size)
                         : !slice.data;
    if (!same) {
        fail_msg("%s: %s is %.*s, expected %s", text, what, (int)slice.size, slice.data ? slice.data : "",
                 expected ? expected : "none");
    }
}

static void test_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        const struct taken *row = &taken[i];
        struct rig_target target;
        struct rig_target_error error = {0};
        char *text = exact(row->text, strlen(row->text));
        if (rig_target_split(text, strlen(row->text), &target, &error) != 0) {
            fail_msg("%s: refused: %s", row->text, error.reason);
        }
        assert_int_equal(target.kind, row->kind);
        assert_slice(row->text, "scheme", target.scheme, row->scheme);
        assert_slice(row->text, "authority", target.authority, row->authority);
        assert_slice(row->text, "host", target.host, row->host);
        assert_slice(row->text, "path", target.path, row->path);
        assert_slice(row->text, "query", target.query, row->query);
        assert_int_equal(target.port, row->port);
        free(text);
    }
}

struct refused {
    const char *text;
    size_t at;
    const char *reason; /* a part of it */
};

static const struct refused refused[] = {
    {"", 0, "empty"},
    {"items", 0, "begins with '/'"},
    {"?a=b", 0, "begins with '/'"},
    {"/a b", 2, "space"},
    {"/a?b c", 4, "space"},
    {"/a\tb", 2, "control"},
    {"/a\x7f", 2, "control"},
    {"/a\r\n", 2, "control"},
    {"/caf\xc3\xa9", 4, "beyond ASCII"},
    {"/\x80", 1, "beyond ASCII"},
    {"/a#b", 2, "fragment"},
    {"/a?b#", 4, "fragment"},
    {"/a\"", 2, "percent-encoded"},
    {"/<script>", 1, "percent-encoded"},
    {"/%", 1, "two hex"},
    {"/%4", 1, "two hex"},
    {"/%4g", 1, "two hex"},
    {"/a?%zz", 3, "two hex"},
    {"**", 0, "begins with '/'"},
    {"http://", 7, "no host"},
    {"http:///a", 7, "no host"},
    {"http://:80/", 7, "no host"},
    {"http://?a", 7, "no host"},
    {"http://user@h/", 11, "user name"},
    {"http://user:secret@h/", 12, "user name"},
    {"http://user:1@h/", 13, "user name"},
    {"http://h:x/", 9, "port"},
    {"http://h:8x/", 10, "port"},
    {"http://h:65536/", 9, "port"},
    {"http://h:99999999999999999999/", 9, "port"},
    {"http://h:0/", 9, "port"},
    {"http://h:-1/", 9, "port"},
    {"http://a b/", 8, "host name"},
    {"http://h%4/", 8, "host name"},
    {"http://h\\x/", 8, "host name"},
    {"http://caf\xc3\xa9/", 10, "host name"},
    {"http://h#a", 8, "fragment"},
    {"http://[::1", 7, "IPv6"},
    {"http://[]/", 7, "IPv6"},
    {"http://[::1]x/", 12, "host name"},
    {"http://[fe80::1%25eth0]/", 7, "IPv6"},
    {"1http://h/", 6, "port"},
    {"example.org", 0, "begins with '/'"},
    {"example.org:", 12, "without a port"},
    {"example.org:80/a", 14, "scheme://"},
    {"mailto:a", 7, "port"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const struct refused *row = &refused[i];
        struct rig_target target;
        struct rig_target_error error = {0};
        char *text = exact(row->text, strlen(row->text));
        int status = rig_target_split(text, strlen(row->text), &target, &error);
        if (status != -EINVAL || error.at != row->at || !strstr(error.reason, row->reason)) {
            fail_msg("%s: %d at %zu: %s; expected %zu: %s", row->text, status, error.at,
                     error.reason ? error.reason : "taken", row->at, row->reason);
        }
        free(text);
    }
}

/* A server takes '%' in a query as it comes; in a path, or of what it sends itself, it does not. */
static void test_received(void **state)
{
    (void)state;
    static const struct refused rows[] = {{"/a?%zz", 0, NULL},      {"/a?b=%", 0, NULL},         {"/a?b=%4&c", 0, NULL},
                                          {"http://h/?%", 0, NULL}, {"/%?a", 1, "two hex"},      {"/a%4", 2, "two hex"},
                                          {"/a?%#", 4, "fragment"}, {"http://h/%", 9, "two hex"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig_target target;
        struct rig_target_error error = {0};
        char *text = exact(rows[i].text, strlen(rows[i].text));
        int status = rig_target_received(text, strlen(rows[i].text), &target, &error);
        assert_int_equal(status, rows[i].reason ? -EINVAL : 0);
        assert_int_equal(error.at, rows[i].at);
        if (rows[i].reason) {
            assert_non_null(strstr(error.reason, rows[i].reason));
        } else {
            const char *query = strchr(rows[i].text, '?') + 1;
            assert_ptr_equal(target.query.data, text + (query - rows[i].text));
            assert_int_equal(target.query.size, strlen(query));
        }
        free(text);
    }
}

static void test_zero_byte(void **state)
{
    (void)state;
    struct rig_target target;
    struct rig_target_error error = {0};
    assert_int_equal(rig_target_split("/a\0b", 4, &target, &error), -EINVAL);
    assert_int_equal(error.at, 2);
    assert_int_equal(rig_target_split("h\0:1", 4, &target, &error), -EINVAL);
}

static void test_ipv6(void **state)
{
    (void)state;
    const char *const good[] = {"::",
                                "::1",
                                "1::",
                                "1:2:3:4:5:6:7:8",
                                "1:2:3:4:5:6:7::",
                                "::8",
                                "1::3:4:5:6:7:8",
                                "::ffff:1.2.3.4",
                                "1:2:3:4:5:6:0.0.0.255",
                                "ABCD::abcd",
                                "::2:3:4:5:6:7:8",
                                "1:2:3:4:5::1.2.3.4"};
    const char *const bad[] = {":",
                               ":1",
                               "1:",
                               "1",
                               "1::2::3",
                               ":::",
                               "1:2:3:4:5:6:7",
                               "12345::",
                               "g::",
                               "1:2:3:4:5:6:7:8:9",
                               "::1.2.3",
                               "::256.1.1.1",
                               "::1.2.3.4.5",
                               "::01.2.3.4",
                               "1.2.3.4",
                               "::1.2.3.4:5",
                               "1:2:3:4:5:6:7:8::",
                               "1:2:3:4:5:6::1.2.3.4",
                               "1:2:3:4:5:6:7:1.2.3.4",
                               "::a.2.3.4",
                               " ::1"};
    char text[64];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        size_t size = strlen(good[i]) + 2;
        text[0] = '[';
        memcpy(text + 1, good[i], size - 2);
        text[size - 1] = ']';
        if (rig_host_refused(text, size)) {
            fail_msg("%s: refused", good[i]);
        }
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t size = strlen(bad[i]) + 2;
        text[0] = '[';
        memcpy(text + 1, bad[i], size - 2);
        text[size - 1] = ']';
        if (!rig_host_refused(text, size)) {
            fail_msg("%s: taken", bad[i]);
        }
    }
}

static void test_host(void **state)
{
    (void)state;
    const char *const good[] = {"", "h", "h:80", "h:", "[::1]:8080", "127.0.0.1"};
    const char *const bad[] = {"h/", "h/a", "h?", "a b", "h:x", "u@h", ":80", "h,i j", "h:80:90", "http://h"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_null(rig_host_refused(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (!rig_host_refused(bad[i], strlen(bad[i]))) {
            fail_msg("%s: taken", bad[i]);
        }
    }
}

static void test_method_and_kind(void **state)
{
    (void)state;
    assert_null(rig_target_mismatch(RIG_TARGET_ORIGIN, "GET", 3));
    assert_null(rig_target_mismatch(RIG_TARGET_ABSOLUTE, "OPTIONS", 7));
    assert_null(rig_target_mismatch(RIG_TARGET_ASTERISK, "OPTIONS", 7));
    assert_null(rig_target_mismatch(RIG_TARGET_AUTHORITY, "CONNECT", 7));
    assert_non_null(rig_target_mismatch(RIG_TARGET_ASTERISK, "GET", 3));
    assert_non_null(rig_target_mismatch(RIG_TARGET_ORIGIN, "CONNECT", 7));
    assert_non_null(rig_target_mismatch(RIG_TARGET_ASTERISK, "CONNECT", 7));
    assert_non_null(rig_target_mismatch(RIG_TARGET_AUTHORITY, "GET", 3));
    assert_non_null(rig_target_mismatch(RIG_TARGET_ASTERISK, "options", 7)); /* methods have a case */
}

typedef bool is_fn(const char *text, size_t size);

/* From memory that ends where the text does. */
static void expect_each(is_fn *is, const char *const *texts, size_t count, bool expected)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(texts[i]);
        char *exact = malloc(size + (size == 0));
        assert_non_null(exact);
        memcpy(exact, texts[i], size);
        bool got = is(exact, size);
        free(exact);
        if (got != expected) {
            fail_msg("\"%s\": %s", texts[i], got ? "taken" : "refused");
        }
    }
}
#define ALL(is_, expected_, ...)                                             \
    do {                                                                     \
        const char *const texts_[] = {__VA_ARGS__};                          \
        expect_each(is_, texts_, sizeof texts_ / sizeof *texts_, expected_); \
    } while (0)

static void test_host_alone(void **state)
{
    (void)state;
    ALL(rig_is_host, true, "", "h", "H.", "a_b", "%41", "!$&'()*+,;=", "999.1.1.1", "[::]", "[v1F.a:b]", "[V1.~]");
    ALL(rig_is_host, false, "a b", "a:", "a@b", "::1", "[", "[]", "[::1", "[::1]:", "%", "%4", "%4g", "a\n", "a\"",
        "\xe9", "[v.a]", "[v1.]", "[v1]", "[v]", "[vg.a]", "[v1.a@]", "[fe80::1%25eth0]");
    assert_false(rig_is_host("a\0b", 3));
    ALL(rig_is_host_port, true, "", ":", ":80", "h", "h:", "h:99999999", "[::1]:8", "1234");
    ALL(rig_is_host_port, false, "h:x", "h:8x", "h:8:9", "u@h:8", "[::1]8", "http://h", "h:8\r\n");
}

static void test_absolute_uri(void **state)
{
    (void)state;
    ALL(rig_is_absolute_uri, true, "http://h/b?c=d", "urn:isbn:1", "a+b-1.c:", "http://[::1]/%20");
    ALL(rig_is_absolute_uri, false, "", "a", "/a:b", "1a:b", ":b", "a:b c", "a:b#c", "a:%", "a:%2", "a:%zz", "a:\xe9",
        "a_b:c", "a:b\n", "a:{}");
    assert_false(rig_is_absolute_uri("a:b\0c", 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),           cmocka_unit_test(test_refused),    cmocka_unit_test(test_received),
        cmocka_unit_test(test_zero_byte),       cmocka_unit_test(test_ipv6),       cmocka_unit_test(test_host),
        cmocka_unit_test(test_method_and_kind), cmocka_unit_test(test_host_alone), cmocka_unit_test(test_absolute_uri),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
