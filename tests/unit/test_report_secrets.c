/* What a request holds in secret is hidden wherever a layer put it. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "harness/report/secrets.h"

static void hides(const struct rig_request *request, const char *text, const char *shown)
{
    struct rig_field settings[] = {{"db.password", "setting-secret"}, {"plain", "setting-plain"}};
    struct rig_secrets secrets = {0};
    rig_secrets_collect(&secrets, request, settings, 2);
    char *hidden = rig_secrets_hide(&secrets, text);
    assert_string_equal(hidden, shown);
    free(hidden);
    rig_secrets_free(&secrets);
}

static void hides_settings(void **state)
{
    (void)state;
    hides(&(struct rig_request){0}, "a setting-secret, a setting-plain", "a ****, a setting-plain");
}

static void hides_credentials(void **state)
{
    const struct rig_request request = {.headers = {{"authorization", "Basic am9lOmNvcnJlY3Rob3JzZQ=="}}};
    const struct rig_request bearer = {.env = {{"HTTP_AUTHORIZATION", "Bearer abc.def"}, {"X", NULL}}};
    const struct rig_request odd = {.headers = {{"Authorization", "Basic %%%"}, {"X-Api-Key", "key with space"}}};
    (void)state;
    hides(&request, "Basic am9lOmNvcnJlY3Rob3JzZQ==: joe has correcthorse", "Basic ****: joe has ****");
    hides(&bearer, "got abc.def, Bearer abc.de", "got ****, Bearer abc.de");
    hides(&odd, "got key with space, key", "got ****, key");
    const struct rig_request bytes = {.headers = {{"X-Api-Key", "gr\xc3\xbcn-key"}}};
    hides(&bytes, "gr\xc3\xbcn-key, shown as gr\\xc3\\xbcn-key", "****, shown as ****");
}

static void hides_cookies(void **state)
{
    const struct rig_field list[] = {{"Cookie", "sid=abcdef; theme=dark; x=1"}};
    const struct rig_request request = {.header_list = list, .header_count = 1};
    (void)state;
    hides(&request, "sid abcdef, theme dark, x 1", "sid ****, theme ****, x 1");
}

static void hides_forms_and_queries(void **state)
{
    const struct rig_request request = {.target = "/a?token=q%2fv+w%&b=visible#f",
                                        .body = "user=joey&password=p%40ssw"};
    const struct rig_request bytes = {.bytes = {"password=abcdX", 13}, .params = {{"api_key", "param-key"}}};
    (void)state;
    hides(&request, "q%2fv+w% or q/v w%, visible joey p%40ssw p@ssw", "**** or ****, visible joey **** ****");
    hides(&bytes, "abcd param-key", "**** ****");
}

/* Content-Disposition in any case, before or behind other lines; a line end within a value; LF alone. */
static void hides_parts_of_a_form(void **state)
{
    const struct rig_request form = {
        .body =
            "--xy\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\njoey\r\n"
            "--xy\r\ncontent-type: text/plain\r\ncontent-disposition: form-data; filename=\"a\"; name=api-key\r\n\r\n"
            "two\r\n--x lines\r\n--xy\r\nContent-Disposition: form-data; "
            "name=\"new_password\"\r\n\r\nhorse\r\n--xy--\r\n"};
    const struct rig_request lf = {
        .body = "--xy\nContent-Disposition: form-data; name=\"password\"\n\ncorrect\n--xy\n"
                "Content-Disposition: form-data; name=\"b\"; filename=\"password\"\n\nshown\n--xy--\n"};
    const struct rig_request cut = {.bytes = {"--xy\r\nContent-Disposition: form-data; name=token\r\n\r\nabcdefX", 58}};
    const struct rig_request headless = {.body = "--xy\r\n--xy\r\nContent-Disposition: name=\"\"\r\n\r\nshown"};
    (void)state;
    hides(&form, "joey, two\r\n--x lines, horse, shown as two\\x0d\\x0a--x lines", "joey, ****, ****, shown as ****");
    hides(&lf, "correct shown", "**** shown");
    hides(&cut, "abcdef", "****");
    const struct rig_request preamble = {
        .body = "-- a note\r\n--xy\r\nContent-Disposition: form-data; name=token\r\n\r\nabcdef\r\n--xy--\r\n"};
    hides(&headless, "shown", "shown");
    hides(&preamble, "abcdef", "****");
}

static void the_longest_first(void **state)
{
    const struct rig_request request = {.headers = {{"X-Token", "abcd"}, {"X-Secret", "abcdefgh"}}};
    (void)state;
    hides(&request, "abcdefgh abcdefg", "**** ****efg");
}

static void leaves_the_rest(void **state)
{
    const struct rig_request request = {.headers = {{"X-Token", "abc"}, {"Accept", "text/html"}, {"Cookie", NULL}}};
    struct rig_secrets none = {0};
    (void)state;
    hides(&request, "abc text/html", "abc text/html");
    assert_null(rig_secrets_hide(&none, NULL));
    none.starved = true; /* which of them stands in a text is not known */
    assert_null(rig_secrets_hide(&none, "a text"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hides_settings),        cmocka_unit_test(hides_credentials),
        cmocka_unit_test(hides_cookies),         cmocka_unit_test(hides_forms_and_queries),
        cmocka_unit_test(hides_parts_of_a_form), cmocka_unit_test(the_longest_first),
        cmocka_unit_test(leaves_the_rest),
    };
    return cmocka_run_group_tests_name("report: secrets", tests, NULL, NULL);
}
