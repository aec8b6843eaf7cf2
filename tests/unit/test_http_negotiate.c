/* Media types, q-values, ranges, Forwarded: what no recorded case of Rack says. */
#include <stackrig/cmocka.h>

#include <errno.h>
#include <stdio.h>

#include <stackrig/http/forwarded.h>
#include <stackrig/http/media_type.h>
#include <stackrig/http/negotiate.h>
#include <stackrig/http/range.h>
#include <stackrig/http/status.h>

/* ---- media types ---- */

static int print_pair(void *closure, struct rig_pair pair)
{
    char *out = closure, value[64];
    size_t size = pair.value.data ? rig_unquote(pair.value.data, pair.value.size, value) : 0;
    sprintf(out + strlen(out), "%.*s%s%.*s|", (int)pair.name.size, pair.name.data, pair.value.data ? ":" : "",
            (int)size, value);
    return 0;
}

static void test_media_type_parameters(void **state)
{
    static const char *const cases[][3] = {
        {"text/html", "text/html", ""},
        {" Text/HTML ;a=b", "text/html", "a:b|"},
        {"a/b; q=\"x;y,\\\"z\"; k=v", "a/b", "q:x;y,\"z|k:v|"},
        {"a/b;; ,=x;Flag", "a/b", "Flag|"},
        {"a/b; a = b c ", "a/b", "a:b c|"},
        {"a/b; q=\"x; k=v", "a/b", "q:\"x|k:v|"},
        {"a/b; q=\"\\\"; k=\"", "a/b", "q:\"; k=|"},
        {";a=b", "", "a:b|"},
        {"", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char type[32] = "", params[128] = "";
        rig_media_type(cases[i][0], strlen(cases[i][0]), type, sizeof type);
        assert_int_equal(rig_media_type_each(cases[i][0], strlen(cases[i][0]), print_pair, params), 0);
        assert_string_equal(type, cases[i][1]);
        assert_string_equal(params, cases[i][2]);
    }
}

static void test_media_type_parameter(void **state)
{
    static const char text[] = "multipart/mixed; charset=utf-8; Boundary=\"a \\\\b\"; boundary=c; flag";
    char out[8] = "1234567";
    (void)state;
    assert_int_equal(rig_media_type_param(text, strlen(text), "boundary", NULL, 0), 4);
    assert_int_equal(rig_media_type_param(text, strlen(text), "boundary", out, 3), 4);
    assert_string_equal(out, "1234567");
    assert_int_equal(rig_media_type_param(text, strlen(text), "boundary", out, 4), 4);
    assert_memory_equal(out, "a \\b5", 5);
    assert_int_equal(rig_media_type_param(text, strlen(text), "flag", out, 8), 0);
    assert_true(rig_media_type_param(text, strlen(text), "none", out, 8) == SIZE_MAX);
}

static void test_media_type_matches(void **state)
{
    (void)state;
    assert_true(rig_media_type_matches("Text/Plain", 10, "text/*", 6));
    assert_true(rig_media_type_matches("text/plain", 10, "text", 4));
    assert_true(rig_media_type_matches("text/plain", 10, "*/plain", 7));
    assert_false(rig_media_type_matches("text/plain", 10, "text/pla", 8));
    assert_false(rig_media_type_matches("text", 4, "text/plain", 10));
    assert_string_equal(rig_media_type_of(".HTML"), "text/html");
    assert_null(rig_media_type_of("html"));
    assert_null(rig_media_type_of(""));
}

/* ---- quality ---- */

static int print_quality(void *closure, struct rig_slice value, double quality)
{
    char *out = closure;
    sprintf(out + strlen(out), "%.*s:%g|", (int)value.size, value.data, quality);
    return 0;
}

static void test_quality(void **state)
{
    static const char *const cases[][2] = {{"a;x=y;q=0.5, b", "a:0.5|b:1|"},
                                           {",a,,b,", "a:1|b:1|"},
                                           {"a;Q=0.25;q=1", "a:0.25|"},
                                           {"a;q=7, b;q=1.5", "a:1|b:1|"},
                                           {"a;q=0.1.9", "a:0.1|"},
                                           {"a;q =0.5, b;q=-1, c;q=x", "a:1|b:1|c:1|"},
                                           {"a;x=\"q=0.1;,\";q=0.2", "a:0.2|"},
                                           {"a;q=0.00000000000000000000000000000001", "a:0|"},
                                           {"a;q=1000000000000000000000", "a:1|"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[64] = "";
        rig_quality_each(cases[i][0], strlen(cases[i][0]), print_quality, out);
        assert_string_equal(out, cases[i][1]);
    }
}

static void assert_best(int index, const char *accept)
{
    static const char *const types[] = {"text/html", "application/json", "text/plain"};
    assert_int_equal(rig_best_media_type(accept, strlen(accept), types, 3), index);
}

static void test_best_media_type(void **state)
{
    (void)state;
    assert_best(0, "*/*");
    assert_best(1, "text/html;q=0.1, */*;q=0.9, text/plain;q=0");
    assert_best(2, "text/*;q=0.5, text/html;q=0.4");
    assert_best(2, "text/html;q=0, text/*");
    assert_best(0, "application/json, TEXT/html"); /* of equal ones the last that is asked for */
    assert_best(1, "TEXT/html, application/json;q=1.0, image/png");
    assert_best(2, "*/*, text/plain");
    assert_best(0, "text/plain;q=0.5, text/*;q=0.4, text/html;q=0.5"); /* of one range the first that there is */
    assert_best(-1, "text/html;q=0");
    assert_best(-1, "");
}

static void assert_encoding(int index, const char *accept)
{
    static const char *const encodings[] = {"gzip", "br", "identity"};
    assert_int_equal(rig_best_encoding(accept, strlen(accept), encodings, 3), index);
}

static void test_best_encoding(void **state)
{
    (void)state;
    assert_encoding(2, "");
    assert_encoding(1, "br, *");
    assert_encoding(0, "*;q=0.5");
    assert_encoding(1, "gzip;q=0, BR;q=0.001");
    assert_encoding(2, "identity, gzip;q=0.5");
    assert_encoding(-1, "*;q=0");
    assert_encoding(2, "gzip;q=0, gzip, identity;q=0.1"); /* once refused it is refused */
    assert_encoding(2, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,gzip");
}

/* ---- ranges ---- */

static void test_ranges(void **state)
{
    struct rig_range ranges[3];
    (void)state;
#define RANGES(text_, length_, max_) rig_byte_ranges(text_, strlen(text_), length_, ranges, max_)
    assert_int_equal(RANGES("bytes=1-2, ,-1", 10, 2), 2); /* an empty element does not count */
    assert_int_equal(ranges[0].first, 1);
    assert_int_equal(ranges[1].first, 9);
    assert_int_equal(RANGES("bytes=0-99999999999999999999999", 10, 1), 1);
    assert_int_equal(ranges[0].last, 9);
    assert_int_equal(RANGES("bytes=99999999999999999999999-", 10, 1), 0);
    assert_int_equal(RANGES("bytes=-99999999999999999999999", 10, 1), 1);
    assert_int_equal(ranges[0].first, 0);
    assert_int_equal(RANGES("bytes=0-", UINT64_MAX, 1), 1);
    assert_int_equal(RANGES("bytes=0-,0-", UINT64_MAX, 2), 0);
    assert_int_equal(RANGES("bytes=0-9,0-0", 10, 2), 0);
    assert_int_equal(RANGES("bytes=0-8,0-0", 10, 2), 2);
    assert_int_equal(RANGES("bytes=0-1,2-3", 10, 1), -E2BIG);
    assert_int_equal(RANGES("bytes=0-1,2-3", 10, 0), -E2BIG);
    const char *const wrong[] = {"bytes=0 -1",
                                 "bytes= 0-1",
                                 "bytes=+0-1",
                                 "bytes=0x1-2",
                                 "bytes=1-2-3",
                                 "x-bytes=0-1",
                                 "bytes=0-1;x",
                                 "bytes=,",
                                 "bytes 0-1",
                                 "bytes=\"0-1\"",
                                 "",
                                 "bytes=--1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(RANGES(wrong[i], 10, 3), -EINVAL);
    }
    assert_int_equal(RANGES("bytes=0-1", 0, 3), -EINVAL);
    assert_int_equal(rig_byte_ranges(NULL, 0, 10, ranges, 3), -EINVAL);
}

/* ---- Forwarded ---- */

static int count_pairs(void *closure, struct rig_pair pair)
{
    ++*(size_t *)closure;
    return strcmp(pair.name.data, "proto") == 0 ? 5 : 0;
}

static void test_forwarded(void **state)
{
    enum { COUNT = RIG_FORWARDED_MAX + 1 };
    char many[COUNT * 4 + 1] = "";
    size_t seen = 0;
    (void)state;
    assert_int_equal(rig_forwarded_each("for=1;By=2,HOST=3;proto=4;for=5", 31, count_pairs, &seen), 5);
    assert_int_equal(seen, 4);
    seen = 0;
    assert_int_equal(rig_forwarded_each("for=1\nby=2\r\n host=3", 19, count_pairs, &seen), 0);
    assert_int_equal(seen, 3);
    assert_int_equal(rig_forwarded_each("for=\"1", 6, count_pairs, &seen), 0); /* the quote is no value */
    assert_int_equal(seen, 4);
    assert_int_equal(rig_forwarded_each("for=\"1;proto=2", 14, count_pairs, &seen), -EINVAL); /* and takes no more */
    assert_int_equal(rig_forwarded_each("for", 3, count_pairs, &seen), 0);
    assert_int_equal(rig_forwarded_each("\0for=1", 6, count_pairs, &seen), -EINVAL);
    for (size_t i = 0; i < COUNT; i++) {
        memcpy(many + i * 4, "by=;", 5);
    }
    seen = 0;
    assert_int_equal(rig_forwarded_each(many, (COUNT - 1) * 4, count_pairs, &seen), 0);
    assert_int_equal(rig_forwarded_each(many, COUNT * 4, count_pairs, &seen), -E2BIG);
    memcpy(many, "for=\"", 5);
    memset(many + 5, '\\', (size_t)COUNT * 2);
    many[5 + COUNT * 2] = '"';
    assert_int_equal(rig_forwarded_each(many, 6 + COUNT * 2, count_pairs, &seen), -E2BIG);
    many[3 + COUNT * 2] = '"';
    assert_int_equal(rig_forwarded_each(many, 4 + COUNT * 2, count_pairs, &seen), 0);
}

/* ---- hostile input ---- */

static int count(void *closure, struct rig_slice value, double quality)
{
    assert_true(value.size > 0 && quality >= 0 && quality <= 1);
    ++*(size_t *)closure;
    return 0;
}

/* Megabytes of quotes without an end, escapes and separators take no longer than others. */
static void test_megabytes_of_quotes(void **state)
{
    static const char *const pieces[] = {"\"\\\",", "\"", "\\\"", ",;", "a;q=\"", "\"\",", ";q=\"\\"};
    enum { SIZE = 4 << 20 };
    char *text = malloc(SIZE);
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        size_t elements = 0, size = strlen(pieces[i]), fill;
        struct rig_range range;
        for (fill = 0; fill + size <= SIZE; fill += size) {
            memcpy(text + fill, pieces[i], size);
        }
        rig_quality_each(text, fill, count, &elements);
        rig_media_type_param(text, fill, "charset", NULL, 0);
        rig_byte_ranges(text, fill, 100, &range, 1);
        assert_true(rig_unquote(text, fill, text) <= fill);
    }
    free(text);
}

/* ---- status codes ---- */

static void test_status(void **state)
{
    size_t known = 0;
    (void)state;
    for (int status = -1; status < 1100; status++) {
        const char *reason = rig_status_reason(status);
        int classes = rig_status_is_invalid(status) + rig_status_is_informational(status) +
                      rig_status_is_successful(status) + rig_status_is_redirection(status) +
                      rig_status_is_client_error(status) + rig_status_is_server_error(status);
        assert_int_equal(classes, 1);
        known += reason != NULL;
        assert_false(reason && rig_status_is_invalid(status));
        assert_true(rig_status_is_redirection(status) || !rig_status_is_redirect(status));
    }
    assert_int_equal(known, 60);
    assert_int_equal(rig_status_code("non_authoritative_information", 29), 203);
    assert_int_equal(rig_status_code("Not_Found", 9), -EINVAL);
    assert_int_equal(rig_status_code("not_foun", 8), -EINVAL);
    assert_int_equal(rig_status_code("", 0), -EINVAL);
    assert_null(rig_status_reason(418));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_media_type_parameters),
        cmocka_unit_test(test_media_type_parameter),
        cmocka_unit_test(test_media_type_matches),
        cmocka_unit_test(test_quality),
        cmocka_unit_test(test_best_media_type),
        cmocka_unit_test(test_best_encoding),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_forwarded),
        cmocka_unit_test(test_megabytes_of_quotes),
        cmocka_unit_test(test_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
