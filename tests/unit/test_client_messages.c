/* Assertions: each way one fails, word for word; secrets stay out; what nobody asserted is told at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* Any framework's failure: here it is kept, and the test goes on. */
static char failed_at[128], failed_with[8192];
static unsigned failures;

static void keep_failure(const char *site, const char *message)
{
    failures++;
    (void)snprintf(failed_at, sizeof failed_at, "%s", site);
    (void)snprintf(failed_with, sizeof failed_with, "%s", message);
}

#define RIG_FAIL(site_, message_) keep_failure(site_, message_)
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdlib.h>

#define COUNT(array_) (sizeof(array_) / sizeof *(array_))

/* ---- what is asserted ---- */

static int app_answers(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *path = rig_env_get(env, "PATH_INFO");
    (void)self;
    if (strcmp(path, "/fails") == 0) {
        return -EIO;
    }
    if (strcmp(path, "/misuses") == 0) {
        (void)rig_env_set(env, "", "x");
        (void)rig_env_get(env, NULL);
    }
    if (strcmp(path, "/logs") == 0) {
        (void)rig_env_log(env, "something happened");
        (void)rig_env_log(env, "Authorization: Basic bG9nZ2Vk");
    }
    return rig_respond(res, .status = 200,
                       .headers = {{"ETag", "x1"}, {"Set-Cookie", "sid=hidden; Path=/"}, {"Empty", ""}},
                       .bytes = {"body\0end", 8});
}

static struct rig_client *client;
static const struct rig_result *result;

static int set_up(void **state)
{
    (void)state;
    failures = 0;
    failed_at[0] = failed_with[0] = '\0';
    client = rig_client_new(RIG_APP(app_answers), (struct rig_client_options){.server = &rig_server_memory});
    return client ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    (void)rig_client_close(client, NULL, 0);
    return 0;
}

/* One failure, at that line, saying that and nothing of what must not be said. */
static void expect_failed(const char *site, const char *text)
{
    assert_int_equal(failures, 1);
    assert_string_equal(failed_at, site);
    if (!strstr(failed_with, text)) {
        fail_msg("\"%s\" is not in:\n%s", text, failed_with);
    }
    failures = 0;
}

#define FAILS(text_, ...)             \
    do {                              \
        const char *site_ = RIG_SITE; \
        rig_assert(__VA_ARGS__);      \
        expect_failed(site_, text_);  \
    } while (0)

static void test_each_way(void **state)
{
    (void)state;
    result = rig_get(client, "/x?y=1");
    rig_assert(result, .status = 200, .bytes = {"body\0end", 8}, .body_contains = "body",
               .headers = {{"etag", "x1"}, {"None", NULL}});
    assert_int_equal(failures, 0);
    FAILS("status: expected 404, got 200", result, .status = 404);
    FAILS("body: expected 4 bytes \"body\"\n", result, .body = "body");
    FAILS("got 8 bytes \"body\\x00end\"", result, .body = "");
    FAILS("body: expected 8 bytes \"body\\x00END\"", result, .bytes = {"body\0END", 8});
    FAILS("body: expected to contain \"END\"", result, .body_contains = "END");
    FAILS("log: expected to contain \"x\"", result, .log_contains = "x");
    FAILS("header ETag: expected \"x2\", got \"x1\"", result, .headers = {{"ETag", "x2"}});
    FAILS("header ETag: expected none, got \"x1\"", result, .headers = {{"ETag", NULL}});
    FAILS("header Vary: expected \"a\", got none", result, .headers = {{"Vary", "a"}});
    FAILS("header Empty: expected none, got \"\"", result, .headers = {{"Empty", NULL}});
    FAILS("error: expected -5, got 0", result, .error = -EIO);
    FAILS("the server was expected to refuse the request, and let it through", result, .refused = true);
    FAILS("expected a finding of next.call.twice, and there was none", result, .findings = {"next.call.twice"});
    FAILS("expected a finding of next.call.thrice, which is no rule", result, .findings = {"next.call.thrice"});
    FAILS("finding of next.*, which is no rule: patterns are for .ignore", result, .findings = {"next.*"});
    rig_assert(result, .status = 200); /* and holds again */
    assert_int_equal(failures, 0);
}

/* What a person sees: what was written, what differs, then what came. */
static void test_whole_message(void **state)
{
    (void)state;
    result = rig_post(client, "/logs?token=hidden", .body = "");
    rig_assert(result, .status = 201, .headers = {{"ETag", "x2"}}, .log_contains = "happened");
    assert_int_equal(failures, 1);
    char expected[1024];
    (void)snprintf(
        expected, sizeof expected,
        "rig_assert(result, .status = 201, .headers = {{\"ETag\", \"x2\"}}, .log_contains = \"happened\") does "
        "not hold:\n"
        "  status: expected 201, got 200\n"
        "  header ETag: expected \"x2\", got \"x1\"\n"
        "  request: POST /logs?token=****, sent at %s\n"
        "  response: 200, 8 body bytes\n"
        "    ETag: x1\n"
        "    Set-Cookie: sid=****; Path=/\n"
        "    Empty: \n"
        "    body\\x00end\n"
        "  log: something happened\\x0aAuthorization: Basic ****",
        result->site);
    if (strncmp(failed_with, expected, strlen(expected)) != 0) {
        assert_string_equal(failed_with, expected);
    }
}

static void test_secrets_stay_out(void **state)
{
    (void)state;
    result = rig_get(client, "/logs");
    FAILS("header Set-Cookie: expected \"sid=****; Path=/\", got \"sid=****; Path=/\" (masked; they differ from byte 5 "
          "on)",
          result, .headers = {{"Set-Cookie", "sid=secret; Path=/"}});
    assert_null(strstr(failed_with, "hidden"));
    assert_null(strstr(failed_with, "bG9nZ2Vk"));
    FAILS("got \"sid=****", result, .headers = {{"Set-Cookie", NULL}});
    assert_null(strstr(failed_with, "hidden"));
}

static void test_cookies_and_expressions(void **state)
{
    (void)state;
    result = rig_get(client, "/");
    rig_assert(result, .cookies = {{"sid", "hidden"}, {"x", NULL}}, .body_matches = "^body[^x]end$",
               .header_matches = {{"ETag", "^x[0-9]$"}, {"Set-Cookie", "Path=/"}, {"Empty", "^$"}});
    assert_int_equal(failures, 0);
    FAILS("cookie sid: expected \"****\", got \"****\" (masked; they differ from byte 3 on)", result,
          .cookies = {{"sid", "hiked"}});
    FAILS("cookie sid: expected none, got \"****\"\n", result, .cookies = {{"x", NULL}, {"sid", NULL}});
    assert_null(strstr(failed_with, "hidden"));
    FAILS("cookie Sid: expected \"****\", got none\n", result, .cookies = {{"Sid", "hidden"}});
    FAILS("body: expected to match \"^end\"\n", result, .body_matches = "^end");
    FAILS("body: not an extended regular expression: \"(\" (", result, .body_matches = "(");
    FAILS("header ETag: expected to match \"^y\", got \"x1\"\n", result, .header_matches = {{"ETag", "^y"}});
    FAILS("header Set-Cookie: expected to match \"sid=****\", got \"", result,
          .header_matches = {{"Set-Cookie", "sid=77"}});
    FAILS("header Via: expected to match \"y\", got none\n", result, .header_matches = {{"Via", "y"}});
    FAILS("header Empty: not an extended regular expression: \"[\" (", result, .header_matches = {{"Empty", "["}});
    FAILS("header Location: expected \"/x\", got none\n", result, .location = "/x");
    FAILS("media type of Content-Type: expected \"text/html\", got none\n", result, .media_type = "text/html");
    FAILS("it was not kept (.discard_body)", rig_get(client, "/", .discard_body = true), .body_matches = "");
}

/* ---- what nobody asked for ---- */

static void test_unasked(void **state)
{
    (void)state;
    result = rig_get(client, "/misuses");
    FAILS("a finding that .findings does not name:\n    ", result, .status = 200);
    assert_non_null(strstr(failed_with, "[usage.argument.invalid]\n      "));
    assert_non_null(strstr(failed_with, "[usage.argument.null]"));
    FAILS("[usage.argument.null]", result, .findings = {"usage.argument.invalid"});
    assert_null(strstr(failed_with, "[usage.argument.invalid]"));
    rig_assert(result, .findings = {"usage.argument.null", "usage.argument.invalid"});
    assert_int_equal(failures, 0);

    result = rig_get(client, "/fails");
    FAILS("error: expected 0, got -5", result, .status = 500); /* a status of 500 does not excuse the error */
    rig_assert(result, .status = 500, .error = -EIO);

    result = rig_get(client, "no path", .malformed = true);
    FAILS("the server refused the request: ", result, .status = 400);
    rig_assert(result, .status = 400, .refused = true);
    result = rig_get(client, "no path");
    FAILS("the request was not sent", result, .findings = {"request.target.invalid"});
    rig_assert(result, .error = -EINVAL, .findings = {"request.target.invalid"});
    assert_int_equal(failures, 0);
}

/* A request that was not sent: what it was refused for is the news, not the numbers of an answer. */
static void test_unsent(void **state)
{
    (void)state;
    result = rig_get(client, "no path");
    rig_assert(result, .status = 200);
    char expected[512];
    (void)snprintf(expected, sizeof expected,
                   "rig_assert(result, .status = 200) does not hold:\n"
                   "  the request was not sent (-EINVAL): see the finding below\n"
                   "  status: expected 200, got 0\n"
                   "  a finding that .findings does not name:\n"
                   "    %s: error: ",
                   result->site);
    assert_memory_equal(failed_with, expected, strlen(expected));
    expect_failed(failed_at, "  response: none");
    FAILS("error: expected 0, got -22 (wrong use of the interface, or a layer's own error); the request was not sent",
          result, .findings = {"request.target.invalid"});
    result = rig_send(client, (struct rig_request){.method = "no method"});
    (void)snprintf(expected, sizeof expected, "\n  request: sent at %s\n  response: none", result->site);
    FAILS(expected, result);
}

/* What has no place of its own is told where the request was sent. */
static void test_options_have_the_place_of_the_send(void **state)
{
    (void)state;
    (void)rig_client_close(client, NULL, 0);
    client = rig_client_new(RIG_APP(app_answers), (struct rig_client_options){.ignore = {"next.cal"}});
    result = rig_get(client, "/");
    assert_int_equal(result->finding_count, 1);
    assert_ptr_equal(result->findings[0].site, result->site);
}

static void test_wrong_expectations(void **state)
{
    (void)state;
    result = rig_get(client, "/");
    struct rig_expectation many = {.result = result};
    for (size_t i = 0; i <= RIG_FIELDS_MAX; i++) {
        many.headers[i] = (struct rig_field){"ETag", "x1"};
    }
    assert_false(rig_expect_at(RIG_SITE, &many));
    assert_non_null(strstr(rig_expect_message(result), "the expectation's .headers holds more than 16"));
    FAILS("a field without a name in .cookies", result, .cookies = {{"sid", "hidden"}, {NULL, "x"}});
    FAILS("a field without a name in .header_matches", result, .header_matches = {{NULL, "x"}});
    struct rig_expectation cookies = {.result = result};
    for (size_t i = 0; i <= RIG_FIELDS_MAX; i++) {
        cookies.cookies[i] = (struct rig_field){"sid", "hidden"};
    }
    assert_false(rig_expect_at(RIG_SITE, &cookies));
    assert_non_null(strstr(rig_expect_message(result), "the expectation's .cookies holds more than 16"));
    struct rig_expectation rules = {.result = result};
    for (size_t i = 0; i <= RIG_FIELDS_MAX; i++) {
        rules.findings[i] = "usage.argument.null";
    }
    assert_false(rig_expect_at(RIG_SITE, &rules));
    many.headers[RIG_FIELDS_MAX] = (struct rig_field){NULL, NULL};
    assert_true(rig_expect_at(RIG_SITE, &many));
    FAILS("NULL result", NULL, .status = 200);
    assert_false(rig_expect(NULL, .status = 200));
    assert_string_equal(rig_expect_message(NULL), "there is no result");
}

static void test_discarded_body(void **state)
{
    (void)state;
    result = rig_get(client, "/", .discard_body = true);
    assert_int_equal(result->body_size, 8);
    rig_assert(result, .status = 200);
    assert_int_equal(failures, 0);
    FAILS("it was not kept (.discard_body)", result, .body = "");
    FAILS("it was not kept (.discard_body)", result, .bytes = {"", 0});
    FAILS("it was not kept (.discard_body)", result, .body_contains = "body");
}

/* A body of any bytes: what stands behind a zero byte is found, too. */
static void test_body_contains(void **state)
{
    (void)state;
    result = rig_get(client, "/");
    rig_assert(result, .body_contains = "end");
    rig_assert(result, .body_contains = "");
    assert_int_equal(failures, 0);
    FAILS("to contain \"endx\"", result, .body_contains = "endx");
}

static void test_null_client(void **state)
{
    (void)state;
    const struct rig_result *nobody = rig_get(NULL, "/");
    FAILS("the client was NULL", nobody, .error = -EINVAL);
    assert_false(rig_expect(nobody, .error = -EINVAL));
    assert_non_null(strstr(rig_expect_message(nobody), "the client was NULL"));
}

/* ---- rules that do not exist ---- */

static void test_unknown_rule_asked_for(void **state)
{
    (void)state;
    result = rig_get(client, "/");
    assert_false(rig_result_found(result, "no.such.rule"));
    FAILS("the rule \"no.such.rule\", which does not exist", result, .status = 200);
    rig_assert(result, .status = 200); /* told once */
    assert_int_equal(rig_result_armed(result, NULL), 0);
    FAILS("\"(NULL)\", which does not exist", rig_get(client, "/"), .status = 200); /* by whichever comes next */
    assert_false(rig_result_found(result, "usage.argument.null"));
    assert_false(rig_result_found(NULL, "no.such.rule"));
    assert_int_equal(rig_result_armed(NULL, "usage.argument.null"), 0);
    rig_assert(result, .status = 200);
    assert_int_equal(failures, 0);
    result = rig_get(client, "/misuses");
    assert_true(rig_result_found(result, "usage.argument.null"));
    assert_true(rig_result_armed(result, "usage.argument.null") > 0);
}

/* ---- what nobody asserted ---- */

#define TOLD_AT_THE_END(count_, text_)                                                                            \
    do {                                                                                                          \
        const char *site_ = RIG_SITE;                                                                             \
        rig_client_free(client);                                                                                  \
        client = rig_client_new(RIG_APP(app_answers), (struct rig_client_options){.server = &rig_server_memory}); \
        expect_failed(site_, text_);                                                                              \
        assert_memory_equal(failed_with, count_, strlen(count_));                                                 \
    } while (0)

static void test_unasserted_findings_fail_at_the_end(void **state)
{
    (void)state;
    (void)rig_get(client, "/");
    rig_client_free(client); /* nothing to tell */
    assert_int_equal(failures, 0);
    client = rig_client_new(RIG_APP(app_answers), (struct rig_client_options){.server = &rig_server_memory});
    result = rig_get(client, "/misuses");
    char sent_at[128];
    (void)snprintf(sent_at, sizeof sent_at, "\n  request: GET /misuses, sent at %s", result->site);
    TOLD_AT_THE_END("2 error findings in results that no one asserted; the first:", sent_at);
    (void)rig_get(client, "/misuses", .ignore = {"usage.argument.invalid"});
    TOLD_AT_THE_END("1 error finding in results", "[usage.argument.null]");
    (void)rig_get(client, "/misuses");
    rig_client_reset(client); /* does not forget them */
    rig_assert(rig_get(client, "/misuses"), .findings = {"usage.argument.null", "usage.argument.invalid"});
    TOLD_AT_THE_END("2 error findings", "[usage.argument.invalid]");
    (void)rig_expect(rig_get(client, "/misuses")); /* an assertion, though it does not hold */
    rig_client_free(client);
    assert_int_equal(failures, 0);
    client = rig_client_new(RIG_APP(app_answers), (struct rig_client_options){.server = &rig_server_memory});
}

static struct rig_env *kept;

static int app_keeps(void *self, struct rig_env *env, struct rig_response *res)
{
    kept = env;
    return app_answers(self, env, res);
}

static void test_stray_uses_fail_at_the_end(void **state)
{
    (void)state;
    (void)rig_client_close(client, NULL, 0);
    client = rig_client_new(RIG_APP(app_keeps), (struct rig_client_options){.server = &rig_server_memory});
    rig_assert(rig_get(client, "/"), .status = 200);
    (void)rig_env_get(kept, "x");
    TOLD_AT_THE_END("1 error finding", "rig_env_get used env#");
    assert_non_null(strstr(failed_with, "test_client_messages.c:"));
}

static void test_close_tells_in_any_room(void **state)
{
    char message[16] = "##############";
    (void)state;
    (void)rig_get(client, "/misuses");
    assert_true(rig_client_close(client, message, 8));
    assert_string_equal(message, "2 error");
    assert_int_equal(message[8], '#');
    client = rig_client_new(RIG_APP(app_answers), (struct rig_client_options){.server = &rig_server_memory});
    (void)rig_get(client, "/misuses");
    assert_true(rig_client_close(client, NULL, 0));
    client = rig_client_new(RIG_APP(app_answers), (struct rig_client_options){.server = &rig_server_memory});
}

/* ---- the plain functions beside ---- */

static void test_texts(void **state)
{
    (void)state;
    assert_string_equal(rig_error_text(0), "no error");
    static const int errors[] = {EINVAL, ENOMEM, ESTALE, ESPIPE, EFBIG, EBUSY, ECONNRESET, EIO};
    for (size_t i = 0; i < COUNT(errors); i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(rig_error_text(-errors[i]), rig_error_text(-errors[k]));
        }
        assert_string_not_equal(rig_error_text(-errors[i]), rig_error_text(-EPERM));
    }
    assert_non_null(rig_error_text(-EPERM));
    assert_non_null(rig_error_text(7));
    assert_string_equal(rig_level_name(RIG_LEVEL_OFF), "off");
    assert_string_equal(rig_level_name(RIG_LEVEL_NOTE), "note");
    assert_string_equal(rig_level_name(RIG_LEVEL_WARNING), "warning");
    assert_string_equal(rig_level_name(RIG_LEVEL_ERROR), "error");
    assert_int_equal(rig_version(), RIG_VERSION);
}

static void test_setup(void **state)
{
    static const struct rig_secret secrets[] = {{"valid", "alice", "1"}, {"other", "bob", "2"}};
    static const struct rig_field settings[] = {{"realm", "x"}, {"empty", ""}};
    const struct rig_setup setup = {.secrets = secrets, .secret_count = 2, .settings = settings, .setting_count = 2};
    (void)state;
    assert_string_equal(rig_setup_get(&setup, "realm"), "x");
    assert_string_equal(rig_setup_get(&setup, "empty"), "");
    assert_null(rig_setup_get(&setup, "none"));
    assert_null(rig_setup_get(&setup, NULL));
    assert_null(rig_setup_get(NULL, "realm"));
    assert_string_equal(rig_setup_secret(&setup, "other")->name, "bob");
    assert_null(rig_setup_secret(&setup, "none"));
    assert_null(rig_setup_secret(&setup, NULL));
    assert_null(rig_setup_secret(NULL, "valid"));
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_each_way),
        TEST(test_whole_message),
        TEST(test_secrets_stay_out),
        TEST(test_cookies_and_expressions),
        TEST(test_unasked),
        TEST(test_unsent),
        TEST(test_options_have_the_place_of_the_send),
        TEST(test_wrong_expectations),
        TEST(test_discarded_body),
        TEST(test_body_contains),
        TEST(test_null_client),
        TEST(test_unknown_rule_asked_for),
        TEST(test_unasserted_findings_fail_at_the_end),
        TEST(test_stray_uses_fail_at_the_end),
        TEST(test_close_tells_in_any_room),
        TEST(test_texts),
        TEST(test_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
