/* Dates of headers and of cookies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stackrig/http/date.h>

#define NONE INT64_MIN
#define DAY INT64_C(86400)

/* A copy of exactly its size, for ASan. NONE: refused. */
static int64_t with(int64_t now, bool of_cookie, const char *text)
{
    size_t size = strlen(text);
    char *copy = malloc(size + 1);
    int64_t seconds = 0;
    assert_non_null(copy);
    char *exact = memcpy(copy + 1, text, size);
    int result = of_cookie ? rig_cookie_date_parse(exact, size, &seconds) : rig_date_parse(exact, size, now, &seconds);
    free(copy);
    if (result != 0) {
        assert_int_equal(result, -EINVAL);
    }
    return result == 0 ? seconds : NONE;
}

static int64_t parsed(const char *text)
{
    return with(0, false, text);
}

static int64_t of_cookie(const char *text)
{
    return with(0, true, text);
}

static void test_the_three_forms(void **state)
{
    (void)state;
    assert_int_equal(parsed("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    assert_int_equal(parsed("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
    assert_int_equal(parsed("Sun Nov  6 08:49:37 1994"), 784111777);
    assert_int_equal(parsed("Sun Nov 16 08:49:37 1994"), 784111777 + 10 * DAY);
    assert_int_equal(parsed("Mon, 06 Nov 1994 08:49:37 GMT"), 784111777); /* the day's name is not compared */
    assert_int_equal(parsed("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
    assert_int_equal(parsed("Wed, 31 Dec 1969 23:59:59 GMT"), -1);
    assert_int_equal(parsed("Sat, 01 Jan 0000 00:00:00 GMT"), INT64_C(-62167219200));
    assert_int_equal(parsed("Fri, 31 Dec 9999 23:59:59 GMT"), INT64_C(253402300799));
    assert_int_equal(parsed("Sat, 31 Dec 2016 23:59:60 GMT"), 1483228800);
}

static void test_other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "Sun",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 NOV 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 19940 08:49:37 GMT",
        "Sun, 06 Nov 1994  8:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT\n",
        "99999999999999999999999999999999999999",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_true(parsed(wrong[i]) == NONE);
    }
    int64_t seconds = 0;
    assert_int_equal(rig_date_parse("Sun, 06 Nov 1994 08:49:37 GM\0", 29, 0, &seconds), -EINVAL);
    assert_int_equal(rig_date_parse(NULL, 0, 0, &seconds), -EINVAL);
    assert_int_equal(rig_cookie_date_parse(NULL, 0, &seconds), -EINVAL);
}

static void test_leap_days(void **state)
{
    (void)state;
    assert_int_equal(parsed("Tue, 29 Feb 2000 00:00:00 GMT"), 951782400);
    assert_int_equal(parsed("Thu, 29 Feb 1996 00:00:00 GMT"), 825552000);
    assert_true(parsed("Thu, 29 Feb 1900 00:00:00 GMT") == NONE);
    assert_true(parsed("Thu, 29 Feb 2100 00:00:00 GMT") == NONE);
    assert_true(parsed("Thu, 29 Feb 2023 00:00:00 GMT") == NONE);
    assert_true(parsed("Thu, 30 Feb 2000 00:00:00 GMT") == NONE);
    assert_true(of_cookie("29 Feb 2023 00:00:00") == NONE);
    assert_int_equal(of_cookie("29 Feb 2000 00:00:00"), 951782400);
}

/* 2026-01-01 and the years that are more than fifty years ahead of it. */
static void test_years_of_two_digits(void **state)
{
    (void)state;
    const int64_t now = 1767225600;
    assert_int_equal(with(now, false, "Wednesday, 01-Jan-76 00:00:00 GMT"), INT64_C(3345062400));
    assert_int_equal(with(now, false, "Saturday, 01-Jan-77 00:00:00 GMT"), 220924800);
    assert_int_equal(with(now, false, "Saturday, 01-Jan-00 00:00:00 GMT"), 946684800);
    assert_int_equal(parsed("Tuesday, 01-Jan-69 00:00:00 GMT"), INT64_C(3124224000));
    assert_int_equal(parsed("Thursday, 01-Jan-70 00:00:00 GMT"), 0);
    assert_int_equal(of_cookie("Thu, 01-Jan-70 00:00:00 GMT"), 0);
    assert_int_equal(of_cookie("Tue, 01-Jan-69 00:00:00 GMT"), INT64_C(3124224000));
    assert_int_equal(of_cookie("Fri, 01-Jan-99 00:00:00 GMT"), 915148800);
    assert_true(of_cookie("01-Jan-100 00:00:00") == NONE);
    assert_true(with(INT64_MAX, false, "Thursday, 01-Jan-70 00:00:00 GMT") != 0); /* no year there is: no crash */
}

/* RFC 6265 section 5.1.1. */
static void test_a_cookie_s_date_in_any_form(void **state)
{
    (void)state;
    static const char *const same[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "6 november 1994 8:49:37",
        "1994/NOVEMBER/06 08:49:37 PST",
        "08:49:37 06 1994 nov",
        "6th Nov 1994 08:49:37.123",
        "Nov 6 94;;;08:49:37x 17",
        "\t06\x7enov\x60"
        "94\x5b"
        "8:49:37",
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_int_equal(of_cookie(same[i]), 784111777);
    }
    static const char *const wrong[] = {
        "",
        "whenever",
        "06 Nov 1994",
        "Nov 1994 08:49:37",
        "06 1994 08:49:37",
        "06 Nov 08:49:37",
        "06 Nov 1600 08:49:37",
        "32 Nov 1994 08:49:37",
        "06 Nov 1994 24:49:37",
        "06 Nov 1994 08:60:37",
        "06 Nov 1994 08:49:60",
        "06 Nov 1994 08:49",
        "06 Nov 1994 008:49:37",
        "06 Nov 19940 08:49:37",
        "06 No 1994 08:49:37",
        "06\rNov\r1994\r08:49:37",
        "06 Nov 99999999999999999999 08:49:37",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_true(of_cookie(wrong[i]) == NONE);
    }
}

static void test_written_and_read_again(void **state)
{
    (void)state;
    char out[RIG_DATE_SIZE];
    for (int64_t at = INT64_C(-62167219200); at <= INT64_C(253402300799); at += 47 * DAY + 3661) {
        assert_int_equal(rig_date_format(at, out), 0);
        assert_int_equal(strlen(out), RIG_DATE_SIZE - 1);
        assert_int_equal(parsed(out), at);
    }
    assert_int_equal(rig_date_format(784111777, out), 0);
    assert_string_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_int_equal(rig_date_format(951782399, out), 0);
    assert_string_equal(out, "Mon, 28 Feb 2000 23:59:59 GMT");
    assert_int_equal(rig_date_format(INT64_C(-62167219200), out), 0);
    assert_string_equal(out, "Sat, 01 Jan 0000 00:00:00 GMT");
    assert_int_equal(rig_date_format(INT64_C(253402300799), out), 0);
    assert_string_equal(out, "Fri, 31 Dec 9999 23:59:59 GMT");
    static const int64_t beyond[] = {INT64_C(253402300800), INT64_C(-62167219201), INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        assert_int_equal(rig_date_format(beyond[i], out), -EINVAL);
        assert_string_equal(out, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_three_forms),
        cmocka_unit_test(test_other_forms_are_refused),
        cmocka_unit_test(test_leap_days),
        cmocka_unit_test(test_years_of_two_digits),
        cmocka_unit_test(test_a_cookie_s_date_in_any_form),
        cmocka_unit_test(test_written_and_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
