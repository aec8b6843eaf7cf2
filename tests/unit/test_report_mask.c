/* Secrets are never shown; what helps to find the fault is. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "harness/report/mask.h"

/* Those of the user's, by whichever of their spellings; none of them by a part. */
static void knows_the_users_names(void **state)
{
    (void)state;
    assert_int_equal(setenv("STACKRIG_MASK", "X-Internal,,http_app_user,", 1), 0);
    assert_true(rig_name_sensitive("x-internal", 10));
    assert_true(rig_name_sensitive("HTTP_X_INTERNAL", 15));
    assert_true(rig_name_sensitive("App-User", 8));
    assert_true(rig_name_sensitive("Cookie", 6));
    assert_false(rig_name_sensitive("X-Internal-Id", 13));
    assert_false(rig_name_sensitive("X-Intern", 8));
    assert_false(rig_name_sensitive("", 0));
    assert_false(rig_name_sensitive("HTTP_", 5));
    assert_int_equal(unsetenv("STACKRIG_MASK"), 0);
    assert_false(rig_name_sensitive("X-Internal", 10));
}

static void knows_sensitive_names(void **state)
{
    static const char *const sensitive[] = {"Authorization",
                                            "authorization",
                                            "Proxy-Authorization",
                                            "Cookie",
                                            "Set-Cookie",
                                            "HTTP_AUTHORIZATION",
                                            "HTTP_COOKIE",
                                            "http_proxy_authorization",
                                            "X-Api-Key",
                                            "HTTP_X_API_KEY",
                                            "api_key",
                                            "apikey",
                                            "db.password",
                                            "PASSWD",
                                            "client_secret",
                                            "X-CSRF-Token",
                                            "app.token.value"};
    static const char *const plain[] = {
        "",      "Accept", "HTTP_ACCEPT", "Authorizations", "X-Cookie-Count", "Authorize",
        "HTTP_", "api",    "key",         "pass",           "REMOTE_USER",    "tok-en"};
    (void)state;
    for (size_t i = 0; i < sizeof sensitive / sizeof *sensitive; i++) {
        if (!rig_name_sensitive(sensitive[i], strlen(sensitive[i]))) {
            fail_msg("%s is sensitive", sensitive[i]);
        }
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (rig_name_sensitive(plain[i], strlen(plain[i]))) {
            fail_msg("%s is not sensitive", plain[i]);
        }
    }
    assert_false(rig_name_sensitive(NULL, 0));
    assert_true(rig_name_sensitive("tokenfoo", 5));
    assert_false(rig_name_sensitive("tokenfoo", 4));
}

static void shows_value(const char *name, const char *value, const char *shown)
{
    char buffer[256];
    struct rig_text text;
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_value(&text, name, value);
    assert_string_equal(buffer, shown);
}

static void masks_values(void **state)
{
    (void)state;
    shows_value("Authorization", "Basic dXNlcjpwYXNz", "Basic ****");
    shows_value("HTTP_AUTHORIZATION", "bearer abc.def", "bearer ****");
    shows_value("Authorization", "hunter2 or so", "****");
    shows_value("Authorization", "Basic", "****");
    shows_value("Authorization", "", "");
    shows_value("X-Api-Key", "Basic abc", "****");
    shows_value("Cookie", "sid=abc; theme=dark", "sid=****; theme=****");
    shows_value("Cookie", "nonsense", "****");
    shows_value("Set-Cookie", "sid=abc; Path=/; HttpOnly", "sid=****; Path=/; HttpOnly");
    shows_value("set-cookie", "sid; Path=/", "****; Path=/");
    shows_value("Accept", "a\r\nb", "a\\x0d\\x0ab");
    shows_value(NULL, "plain", "plain");
    shows_value("Location", "/login?next=/x&token=a b&x=1", "/login?next=/x&token=****&x=1");
    shows_value("Location", "https://joe:pw@h/?password=x#f", "https://****@h/?password=****");
    shows_value("Accept", "a/b; token=abc; q=1", "a/b; token=****; q=1");
    shows_value("Cookie", NULL, "");
}

static void shows_prose(const char *prose, const char *shown)
{
    char buffer[512];
    struct rig_text text;
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_prose(&text, prose);
    assert_string_equal(buffer, shown);
}

static void masks_prose(void **state)
{
    (void)state;
    shows_prose("bad Authorization: Basic dXNlcjpwYXNz, go away", "bad Authorization: Basic ****");
    shows_prose("the target \"/a?x\r\nSet-Cookie: a=1\" cannot be sent: a control character",
                "the target \"/a?x\\x0d\\x0aSet-Cookie: a=****\" cannot be sent: a control character");
    shows_prose("\"Cookie: a=\"b\"; c=d\" is wrong", "\"Cookie: a=****; c=****\" is wrong");
    shows_prose("the target \"/a b?token=12 3&c\" is wrong", "the target \"/a b?token=****&c\" is wrong");
    shows_prose("the target \"/a b?token=12 3\" is wrong", "the target \"/a b?token=****\" is wrong");
    shows_prose("Cookie: a=b\nnext line", "Cookie: a=****\\x0anext line");
    shows_prose("Cookie: sid=abc; b=c", "Cookie: sid=****; b=****");
    shows_prose("login with password=hunter2, user=joe", "login with password=****, user=joe");
    shows_prose("password = \"hunter2 \\\" x\" user", "password = \"****\" user");
    shows_prose("{\"password\": \"hunter2\", \"user\": \"joe\"}", "{\"password\": \"****\", \"user\": \"joe\"}");
    shows_prose("GET /a?token=abc&x=1", "GET /a?token=****&x=1");
    shows_prose("see http://joe:pw@example.org/a@b", "see http://****@example.org/a@b");
    shows_prose("password:hunter2", "password:****");
    shows_prose("\x1b[31m\n", "\\x1b[31m\\x0a");
}

static void leaves_remarks_alone(void **state)
{
    (void)state;
    shows_prose("token.c:42: set here", "token.c:42: set here");
    shows_prose("app.token: nobody above sees it", "app.token: nobody above sees it");
    shows_prose("the token is missing", "the token is missing");
    shows_prose("http://example.org/a", "http://example.org/a");
    shows_prose("password=", "password=");
    shows_prose("a=b: c", "a=b: c");
    shows_prose(NULL, "");
}

static void masks_targets(void **state)
{
    char buffer[256];
    struct rig_text text;
    (void)state;
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_target(&text, "http://u:p@h/x?a=1&%74oken=abc&api_key=d#e");
    assert_string_equal(buffer, "http://****@h/x?a=1&%74oken=****&api_key=****");
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_target(&text, "/token:x/%zz\n");
    assert_string_equal(buffer, "/token:x/%zz\\x0a");
    rig_text_target(&text, NULL);
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_target(&text, "/a b?token=12 3\r\nSet-Cookie: a=1");
    assert_string_equal(buffer, "/a b?token=****\\x0d\\x0aSet-Cookie: a=****");
}

static void masks_bodies(void **state)
{
    static const char form[] = "csrf_token=a\0bc&password=x&name=\"y\"";
    char buffer[256];
    struct rig_text text;
    (void)state;
    rig_text_start(&text, buffer, sizeof buffer);
    assert_true(rig_text_free_bytes(&text, form, sizeof form - 1));
    assert_string_equal(buffer, "csrf_token=****&password=****&name=\"y\"");
    rig_text_start(&text, buffer, sizeof buffer);
    assert_true(rig_text_quote_free_bytes(&text, form, sizeof form - 1));
    assert_string_equal(buffer, "\"csrf_token=****&password=****&name=\\\"y\\\"\"");
    rig_text_start(&text, buffer, sizeof buffer);
    assert_false(rig_text_quote_free_bytes(&text, "a=b", 3));
    assert_false(rig_text_quote_value(&text, "ETag", "\"1\"", 3));
    assert_true(rig_text_quote_value(&text, "Cookie", "a=b", 3));
    assert_string_equal(buffer, "\"a=b\"\"\\\"1\\\"\"\"a=****\"");
}

static void bounds_prose(void **state)
{
    char prose[RIG_TEXT_VALUE_MAX + 100], buffer[2 * sizeof prose];
    struct rig_text text;
    (void)state;
    memset(prose, 'a', sizeof prose);
    prose[sizeof prose - 1] = '\0';
    rig_text_start(&text, buffer, sizeof buffer);
    rig_text_prose(&text, prose);
    assert_int_equal(rig_text_end(&text), RIG_TEXT_VALUE_MAX + (int)strlen("... (1123 bytes)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_users_names), cmocka_unit_test(knows_sensitive_names),
        cmocka_unit_test(masks_values),          cmocka_unit_test(masks_prose),
        cmocka_unit_test(leaves_remarks_alone),  cmocka_unit_test(masks_targets),
        cmocka_unit_test(bounds_prose),          cmocka_unit_test(masks_bodies),
    };
    return cmocka_run_group_tests_name("report mask", tests, NULL, NULL);
}
