/* Targets as a person writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/http/reference.h"

/* A copy of the exact size, so that ASan sees a byte too far. */
static int split(const char *text, size_t size, struct rig_target *target, size_t *wire, struct rig_target_error *error)
{
    static char *copy;
    free(copy);
    copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    int status = rig_reference_split(copy, size, target, wire, error);
    if (size == 0) {
        free(copy);
        copy = NULL;
    }
    return status;
}

static void assert_slice(const char *text, const char *name, struct rig_slice slice, const char *expected)
{
    bool same =
        expected ? slice.size == strlen(expected) && memcmp(slice.data, expected, slice.size) == 0 : !slice.data;
    if (!same) {
        fail_msg("%s: %s is \"%.*s\", expected %s", text, name, (int)slice.size, slice.data,
                 expected ? expected : "none");
    }
}

static void test_taken(void **state)
{
    static const struct {
        const char *text, *scheme, *authority, *host, *digits, *path, *query;
        size_t wire;
    } rows[] = {
        {"/a?b", NULL, NULL, NULL, NULL, "/a", "b", 4},
        {"/a#", NULL, NULL, NULL, NULL, "/a", NULL, 2},
        {"/:@!$&'()*+,;=~%2f?[/?:]", NULL, NULL, NULL, NULL, "/:@!$&'()*+,;=~%2f", "[/?:]", 24},
        {"a/b:c", NULL, NULL, NULL, NULL, "a/b:c", NULL, 0},
        {"a?b:c", NULL, NULL, NULL, NULL, "a", "b:c", 0},
        {"?#[", NULL, NULL, NULL, NULL, "", "", 0},
        {"//h:8/", NULL, "h:8", "h", "8", "/", NULL, 0},
        {"//u:p@/x", NULL, "", "", NULL, "/x", NULL, 0},
        {"http://h", "http", "h", "h", NULL, "", NULL, 8},
        {"HTTP://h/", "HTTP", "h", "h", NULL, "/", NULL, 9},
        {"http://h:00/", "http", "h:00", "h", "0", "/", NULL, 12},
        {"wss://h:0070?q#f", "wss", "h:0070", "h", "70", "", "q", 14},
        {"http://h:123456789012345678901234567890", "http", "h:123456789012345678901234567890", "h",
         "123456789012345678901234567890", "", NULL, 39},
        {"http://u%40@h_-.1%7e/", "http", "h_-.1%7e", "h_-.1%7e", NULL, "/", NULL, 0},
        {"http://h/@?m=a@b", "http", "h", "h", NULL, "/@", "m=a@b", 16},
        {"http://[::1]:/", "http", "[::1]:", "[::1]", NULL, "/", NULL, 14},
        {"http:/a", "http", "", NULL, NULL, "/a", NULL, 0},
        {"http:///a", "http", "", "", NULL, "/a", NULL, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig_target target;
        struct rig_target_error error = {0};
        size_t wire = 99;
        if (split(rows[i].text, strlen(rows[i].text), &target, &wire, &error) != 0) {
            fail_msg("%s: refused: %s", rows[i].text, error.reason);
        }
        assert_slice(rows[i].text, "scheme", target.scheme, rows[i].scheme);
        assert_slice(rows[i].text, "authority", target.authority, rows[i].authority);
        assert_slice(rows[i].text, "host", target.host, rows[i].host);
        assert_slice(rows[i].text, "port", target.digits, rows[i].digits);
        assert_slice(rows[i].text, "path", target.path, rows[i].path);
        assert_slice(rows[i].text, "query", target.query, rows[i].query);
        assert_int_equal(wire, rows[i].wire);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        size_t at;
        const char *reason;
    } rows[] = {
        {" /", 0, "space"},
        {"/a ", 2, "space"},
        {"/a|", 2, "percent-encoded"},
        {"/?{", 2, "percent-encoded"},
        {"/#\"", 2, "percent-encoded"},
        {"/%4", 1, "two hex"},
        {"%", 0, "two hex"},
        {"/a#b#", 4, "second"},
        {"\xc3\xa9", 0, "beyond ASCII"},
        {":", 0, "first segment"},
        {"1a:b", 2, "first segment"},
        {"_:/b", 1, "first segment"},
        {"a:", 2, "CONNECT"},
        {"a:b", 2, "CONNECT"},
        {"http:?a", 5, "CONNECT"},
        {"http://", 7, "no host"},
        {"ftp://h/", 0, "https, ws, wss"},
        {"file:///x", 0, "https, ws, wss"},
        {"httpx://h/", 0, "https, ws, wss"},
        {"http://#", 7, "no host"},
        {"http://@", 8, "no host"},
        {"//:8", 2, "no host"},
        {"http://h:8x", 10, "port"},
        {"http://h~", 8, "host name"},
        {"http://h%4", 8, "host name"},
        {"http://h]", 8, "host name"},
        {"http://u@v@", 10, "host name"},
        {"//[::1", 2, "IPv6"},
        {"//[", 2, "IPv6"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig_target target;
        struct rig_target_error error = {0};
        size_t wire;
        int status = split(rows[i].text, strlen(rows[i].text), &target, &wire, &error);
        if (status != -EINVAL || error.at != rows[i].at || !strstr(error.reason, rows[i].reason)) {
            fail_msg("%s: %d at %zu: %s; expected %zu: %s", rows[i].text, status, error.at,
                     error.reason ? error.reason : "taken", rows[i].at, rows[i].reason);
        }
    }
}

/* Which bytes a path, a query and a host may have. */
static void test_bytes(void **state)
{
    static const char path[] = "-._~!$&'()*+,;=:@/", in_query[] = "-._~!$&'()*+,;=:@/?[]", host[] = "-._";
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        bool alnum = (byte >= '0' && byte <= '9') || ((byte | 32) >= 'a' && (byte | 32) <= 'z');
        char texts[3][16] = {"/a#", "/?a#", "http://a#b/"};
        const char *const also[] = {path, in_query, host};
        const size_t at[] = {2, 3, 8}, size[] = {3, 4, 11};
        for (size_t i = 0; i < 3; i++) {
            struct rig_target target;
            struct rig_target_error error;
            size_t wire;
            texts[i][at[i]] = (char)byte;
            bool ends = byte == '#' || (i != 1 && byte == '?') || (i == 2 && (byte == '/' || byte == '@'));
            bool taken = alnum || ends || (byte && strchr(also[i], byte));
            if ((split(texts[i], size[i], &target, &wire, &error) == 0) != taken) {
                fail_msg("byte %d in %s", byte, also[i]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_taken), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
