/* Cookie and Set-Cookie, read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stackrig/http/cookie.h>

static bool is(struct rig_slice slice, const char *text)
{
    return text ? slice.data && slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0 : !slice.data;
}

/* ---- Cookie ---- */

static int note(void *closure, struct rig_pair cookie)
{
    char *seen = closure;
    size_t used = strlen(seen);
    (void)snprintf(seen + used, 200 - used, "[%.*s|%.*s]", (int)cookie.name.size, cookie.name.data,
                   cookie.value.data ? (int)cookie.value.size : 1, cookie.value.data ? cookie.value.data : "-");
    return cookie.name.size == 4 && memcmp(cookie.name.data, "stop", 4) == 0 ? 7 : 0;
}

static void assert_seen(const char *text, const char *expected)
{
    char seen[200] = "";
    assert_int_equal(rig_cookie_each(text, strlen(text), note, seen), 0);
    assert_string_equal(seen, expected);
}

static void test_cookies_of_a_request(void **state)
{
    (void)state;
    assert_seen("", "");
    assert_seen("a=1; b=2", "[a|1][b|2]");
    assert_seen("a=1;b=2; ;; a=3;", "[a|1][b|2][a|3]");
    assert_seen(" a = 1 ;\tb=\t2\t", "[a|1][b|2]");
    assert_seen("a=b=c; =1; flag; e=", "[a|b=c][|1][flag|-][e|]");
    assert_seen("a=\"b;c\"", "[a|\"b][c\"|-]");
    char seen[200] = "";
    assert_int_equal(rig_cookie_each("a=1; stop; b=2", 14, note, seen), 7);
    assert_string_equal(seen, "[a|1][stop|-]");
    assert_int_equal(rig_cookie_each(NULL, 0, note, seen), 0);
}

static void assert_decoded(const char *text, const char *expected)
{
    char out[32];
    size_t size = strlen(text);
    memcpy(out, text, size);
    size = rig_cookie_decode(out, size, out);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(out, expected, size);
}

static void test_values_are_decoded_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_decoded("a%3Cb+c%c3%A9", "a<b c\xc3\xa9");
    assert_decoded("100%+x%41", "100%+x%41");
    assert_decoded("%4", "%4");
    assert_decoded("%4g", "%4g");
    assert_decoded("", "");
}

static struct rig_slice slice(const char *text)
{
    return (struct rig_slice){text, text ? strlen(text) : 0};
}

static int64_t joined(const char *name, const char *value, char out[64])
{
    const struct rig_pair cookies[] = {{slice("a"), slice("1")}, {slice(name), slice(value)}};
    return rig_cookie_build(cookies, 2, out, 64);
}

static void test_cookies_are_joined(void **state)
{
    (void)state;
    char out[64] = "untouched";
    const struct rig_pair cookies[] = {{slice("a"), slice("1")}, {slice("b"), slice("\"x=y\"")}};
    assert_int_equal(rig_cookie_build(cookies, 2, NULL, 0), 12);
    assert_int_equal(rig_cookie_build(cookies, 2, out, 11), 12);
    assert_string_equal(out, "untouched");
    assert_int_equal(rig_cookie_build(cookies, 2, out, 12), 12);
    assert_memory_equal(out, "a=1; b=\"x=y\"", 13); /* nothing behind it was written */
    assert_int_equal(rig_cookie_build(NULL, 0, NULL, 0), 0);
    assert_int_equal(joined("flag", NULL, out), 9);
    assert_memory_equal(out, "a=1; flag", 9);
    assert_int_equal(joined("", "x", out), 7);
    static const char *const wrong[][2] = {{"a;b", "1"}, {"a", "1;b=2"}, {"a", "1\r\nX: y"}, {"a=b", "1"},
                                           {"", NULL},   {"a\x01", "1"}, {"a", " 1"},        {"a ", "1"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(joined(wrong[i][0], wrong[i][1], out), -EINVAL);
    }
}

/* ---- Set-Cookie ---- */

/* Of a copy of exactly its size, for ASan; the slices are good until the next call. */
static int parse(const char *text, struct rig_set_cookie *cookie)
{
    static char *copy;
    size_t size = text ? strlen(text) : 0;
    free(copy);
    copy = text ? malloc(size + 1) : NULL;
    if (!text) {
        return 0;
    }
    assert_non_null(copy);
    memcpy(copy, text, size + 1);
    return rig_set_cookie_parse(copy, size, cookie);
}

static void test_all_attributes_in_any_case(void **state)
{
    (void)state;
    struct rig_set_cookie cookie;
    assert_int_equal(
        parse("sid=a=b; DOMAIN=.Example.org; path=/app; Max-Age=10;expires=Thu, 31-Oct-21 07:28:00 GMT; Secure; "
              "HTTPonly; SameSite=lAX; partitioned; color=red",
              &cookie),
        0);
    assert_true(is(cookie.name, "sid") && is(cookie.value, "a=b"));
    assert_true(is(cookie.domain, ".Example.org") && is(cookie.path, "/app"));
    assert_true(cookie.has_max_age && cookie.has_expires);
    assert_int_equal(cookie.max_age, 10);
    assert_int_equal(cookie.expires, 1635665280);
    assert_true(cookie.secure && cookie.http_only && cookie.partitioned);
    assert_int_equal(cookie.same_site, RIG_SAME_SITE_LAX);
    assert_int_equal(parse("a=", &cookie), 0);
    assert_true(is(cookie.value, "") && is(cookie.domain, NULL) && is(cookie.path, NULL));
    assert_false(cookie.has_max_age || cookie.has_expires || cookie.secure || cookie.http_only || cookie.partitioned);
    assert_int_equal(cookie.same_site, RIG_SAME_SITE_UNSET);
    (void)parse(NULL, NULL);
}

static void test_blanks_and_quotes(void **state)
{
    (void)state;
    struct rig_set_cookie cookie;
    assert_int_equal(parse(" a\t= \"1 2\" ; path\t= /x ; ; secure ", &cookie), 0);
    assert_true(is(cookie.key, " a\t") && is(cookie.name, "a") && is(cookie.value, "\"1 2\""));
    assert_true(is(cookie.path, "/x") && cookie.secure);
    assert_int_equal(parse("a=1; insecure; path=/secure", &cookie), 0);
    assert_false(cookie.secure);
    (void)parse(NULL, NULL);
}

static void test_the_last_attribute_counts_and_a_bad_one_does_not(void **state)
{
    (void)state;
    struct rig_set_cookie cookie;
    assert_int_equal(
        parse("a=1; path=/x; path=/y; domain=d; domain=; max-age=5; max-age=x; expires=Thu, 01 Jan 1970 00:00:09 "
              "GMT; expires=never; samesite=strict; samesite=none",
              &cookie),
        0);
    assert_true(is(cookie.path, "/y") && is(cookie.domain, "d"));
    assert_true(cookie.has_max_age && cookie.max_age == 5);
    assert_true(cookie.has_expires && cookie.expires == 9);
    assert_int_equal(cookie.same_site, RIG_SAME_SITE_NONE);
    assert_int_equal(parse("a=1; domain; path=/x; path; max-age=; expires; samesite=strict; samesite=odd", &cookie), 0);
    assert_false(cookie.domain.data || cookie.path.data); /* without "=" they are as if they were not there */
    assert_false(cookie.has_max_age || cookie.has_expires);
    assert_int_equal(cookie.same_site, RIG_SAME_SITE_UNSET);
    (void)parse(NULL, NULL);
}

static void test_max_age_is_a_number_of_any_size(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool there;
        int64_t seconds;
    } ages[] = {
        {"a=1; max-age=0", true, 0},
        {"a=1; max-age=-5", true, -5},
        {"a=1; max-age=9223372036854775807", true, INT64_MAX},
        {"a=1; max-age=9223372036854775808", true, INT64_MAX},
        {"a=1; max-age=99999999999999999999999999999999", true, INT64_MAX},
        {"a=1; max-age=-99999999999999999999999999999999", true, -INT64_MAX},
        {"a=1; max-age=-", false, 0},
        {"a=1; max-age=+5", false, 0},
        {"a=1; max-age=5s", false, 0},
        {"a=1; max-age=1.5", false, 0},
        {"a=1; max-age=0x5", false, 0},
    };
    struct rig_set_cookie cookie;
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        assert_int_equal(parse(ages[i].text, &cookie), 0);
        assert_int_equal(cookie.has_max_age, ages[i].there);
        assert_true(cookie.max_age == ages[i].seconds);
    }
    (void)parse(NULL, NULL);
}

static void test_what_is_no_cookie(void **state)
{
    (void)state;
    struct rig_set_cookie cookie;
    static const char *const wrong[] = {"",       "a",     ";a=1",        "=1",     " =1",
                                        "a; b=1", "a=1\n", "a=1\r\nX: y", "a=\x7f", "\x01=1"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(parse(wrong[i], &cookie), -EINVAL);
    }
    assert_int_equal(rig_set_cookie_parse("a=\0b", 4, &cookie), -EINVAL);
    assert_int_equal(rig_set_cookie_parse(NULL, 0, &cookie), -EINVAL);
    (void)parse(NULL, NULL);
}

static void assert_built(struct rig_set_cookie_text cookie, const char *expected)
{
    char out[200] = "untouched";
    size_t size = strlen(expected);
    assert_null(rig_set_cookie_refused(&cookie));
    assert_int_equal(rig_set_cookie_build(&cookie, NULL, 0), size);
    assert_int_equal(rig_set_cookie_build(&cookie, out, size - 1), size);
    assert_string_equal(out, "untouched");
    assert_int_equal(rig_set_cookie_build(&cookie, out, size), size);
    assert_memory_equal(out, expected, size);
}

static void test_building(void **state)
{
    (void)state;
    assert_built((struct rig_set_cookie_text){.name = "a"}, "a=");
    assert_built((struct rig_set_cookie_text){.name = "a", .value = "b c;\r\n\xc3\xa9"}, "a=b+c%3B%0D%0A%C3%A9");
    assert_built((struct rig_set_cookie_text){.name = "a", .bytes = {"x\0y", 3}}, "a=x%00y");
    assert_built((struct rig_set_cookie_text){.name = "a", .value = "x&y+z", .as_is = true}, "a=x&y+z");
    assert_built((struct rig_set_cookie_text){.name = "v",
                                              .value = "1",
                                              .domain = "d.example",
                                              .path = "/p",
                                              .has_max_age = true,
                                              .max_age = INT64_MIN,
                                              .has_expires = true,
                                              .expires = 1635665280,
                                              .secure = true,
                                              .http_only = true,
                                              .partitioned = true,
                                              .same_site = RIG_SAME_SITE_STRICT},
                 "v=1; domain=d.example; path=/p; max-age=-9223372036854775808; expires=Sun, 31 Oct 2021 07:28:00 GMT; "
                 "secure; httponly; samesite=strict; partitioned");
    char out[100];
    const char expected[] = "a=; path=/; max-age=0; expires=Thu, 01 Jan 1970 00:00:00 GMT";
    const struct rig_set_cookie_text gone = {.name = "a", .value = "b", .path = "/", .has_max_age = true, .max_age = 9};
    assert_int_equal(rig_set_cookie_delete(&gone, out, sizeof out), sizeof expected - 1);
    assert_memory_equal(out, expected, sizeof expected - 1);
}

static void test_what_would_be_read_as_something_else_is_refused(void **state)
{
    (void)state;
    const struct rig_set_cookie_text wrong[] = {
        {.value = "1"},
        {.name = "", .value = "1"},
        {.name = "a b", .value = "1"},
        {.name = "a\n", .value = "1"},
        {.name = "a=b", .value = "1"},
        {.name = "a", .value = "1; secure", .as_is = true},
        {.name = "a", .bytes = {"\0", 1}, .as_is = true},
        {.name = "a", .value = "1", .path = "/; secure"},
        {.name = "a", .value = "1", .path = "/\r\nX: y"},
        {.name = "a", .value = "1", .domain = "d\n"},
        {.name = "a", .value = "1", .domain = "d;"},
        {.name = "a", .value = "1", .has_expires = true, .expires = INT64_MAX},
    };
    char out[64] = "untouched";
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_non_null(rig_set_cookie_refused(&wrong[i]));
        assert_int_equal(rig_set_cookie_build(&wrong[i], out, sizeof out), -EINVAL);
        assert_string_equal(out, "untouched");
    }
}

static void test_what_is_written_is_read_again(void **state)
{
    (void)state;
    char value[256], out[1024], decoded[1024];
    for (unsigned i = 0; i < sizeof value; i++) {
        value[i] = (char)i;
    }
    const struct rig_set_cookie_text text = {.name = "n", .bytes = {value, sizeof value}, .path = "/"};
    int64_t size = rig_set_cookie_build(&text, out, sizeof out);
    struct rig_set_cookie cookie;
    assert_true(size > 0 && (size_t)size <= sizeof out);
    assert_int_equal(rig_set_cookie_parse(out, (size_t)size, &cookie), 0);
    assert_int_equal(rig_cookie_decode(cookie.value.data, cookie.value.size, decoded), sizeof value);
    assert_memory_equal(decoded, value, sizeof value);
}

static int count_cookie(void *closure, struct rig_pair cookie)
{
    (void)cookie;
    ++*(size_t *)closure;
    return 0;
}

/* A million of everything takes no memory and no long time. */
static void test_endless_headers(void **state)
{
    (void)state;
    static const char *const again[] = {";", "; ", "=", ";a=b", ";path=/", ";max-age=9", ";expires=Thu, 1"};
    static const size_t cookies[] = {0, 0, 1, 1000000, 1000000, 1000000, 1000000};
    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++) {
        size_t piece = strlen(again[i]), size = piece * 1000000 + 3, count = 0;
        char *text = malloc(size);
        struct rig_set_cookie cookie;
        assert_non_null(text);
        memcpy(text, "n=v", 3);
        for (size_t at = 3; at < size; at += piece) {
            memcpy(text + at, again[i], piece);
        }
        assert_int_equal(rig_set_cookie_parse(text, size, &cookie), 0);
        assert_int_equal(rig_cookie_each(text + 3, size - 3, count_cookie, &count), 0);
        assert_int_equal(count, cookies[i]);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookies_of_a_request),
        cmocka_unit_test(test_values_are_decoded_whole_or_not_at_all),
        cmocka_unit_test(test_cookies_are_joined),
        cmocka_unit_test(test_all_attributes_in_any_case),
        cmocka_unit_test(test_blanks_and_quotes),
        cmocka_unit_test(test_the_last_attribute_counts_and_a_bad_one_does_not),
        cmocka_unit_test(test_max_age_is_a_number_of_any_size),
        cmocka_unit_test(test_what_is_no_cookie),
        cmocka_unit_test(test_building),
        cmocka_unit_test(test_what_would_be_read_as_something_else_is_refused),
        cmocka_unit_test(test_what_is_written_is_read_again),
        cmocka_unit_test(test_endless_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
