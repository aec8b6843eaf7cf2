/* Sessions: cookies from answer to request, defaults, the last request, several sessions of one client. */
#include "tests/unit/session_test.h"

static int sets_cookies(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (strcmp(rig_env_get(env, "QUERY_STRING"), "set") == 0) {
        assert_int_equal(rig_response_add_header(res, "Set-Cookie", "sid=1; path=/"), 0);
        assert_int_equal(rig_response_add_header(res, "set-cookie", "deep=2; path=/a"), 0);
        assert_int_equal(rig_response_add_header(res, "Set-Cookie", "=refused"), 0);
    }
    return rig_respond(res, .status = 200);
}

static void test_cookies_are_kept(void **state)
{
    (void)state;
    answers((struct rig_app){.name = "app", .call = sets_cookies});
    rig_assert(rig_session_get(session, "/?set"), .status = 200);
    asked_for("HTTP_COOKIE", NULL);
    rig_assert(rig_session_get(session, "/a/b?c"), .status = 200);
    asked_for("HTTP_COOKIE", "deep=2; sid=1");
    rig_assert(rig_session_get(session, "http://other.test/"), .status = 200);
    asked_for("HTTP_COOKIE", NULL);
    rig_assert(rig_session_get(session, "/", .headers = {{"cookie", "own=1"}}), .status = 200);
    asked_for("HTTP_COOKIE", "own=1");
    assert_string_equal(rig_session_cookie(session, "sid"), "1");
    assert_null(rig_session_cookie(session, "SID"));
    assert_int_equal(rig_session_delete_cookie(session, "sid"), 1);
    rig_assert(rig_session_get(session, "/a"), .status = 200);
    asked_for("HTTP_COOKIE", "deep=2");
    rig_session_clear_cookies(session);
    rig_assert(rig_session_get(session, "/a"), .status = 200);
    asked_for("HTTP_COOKIE", NULL);
}

static void test_cookies_by_the_clock(void **state)
{
    (void)state;
    ANSWERS({.headers = {{"Set-Cookie", "a=1; max-age=60"}}}, {0});
    rig_assert(rig_session_get(session, "/"), .status = 200);
    rig_client_set_now(client, rig_client_now(client) + (int64_t)60 * 1000000000 - 1);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("HTTP_COOKIE", "a=1");
    assert_string_equal(rig_session_cookie(session, "a"), "1");
    rig_client_set_now(client, rig_client_now(client) + 1);
    assert_int_equal(rig_client_now(client), (int64_t)1750000060 * 1000000000);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("HTTP_COOKIE", NULL);
    assert_null(rig_session_cookie(session, "a"));
    assert_int_equal(rig_jar_count(rig_session_jar(session)), 1);
}

static void test_cookies_by_hand(void **state)
{
    (void)state;
    ANSWERS({0});
    assert_int_equal(rig_session_put_cookie(session, "a", "x y&z"), 0);
    assert_string_equal(rig_session_cookie(session, "a"), "x y&z");
    assert_int_equal(rig_session_set_cookie(session, NULL, "b=1; path=/p"), 0);
    assert_int_equal(rig_session_set_cookie(session, "https://example.org/", "c=2; secure"), 0);
    assert_int_equal(rig_session_set_cookie(session, "/p/q", "d=3"), 0);
    rig_assert(rig_session_get(session, "/p"), .status = 200);
    asked_for("HTTP_COOKIE", "b=1; d=3; a=x+y%26z");
    rig_assert(rig_session_get(session, "https://example.org/"), .status = 200);
    asked_for("HTTP_COOKIE", "a=x+y%26z; c=2");
    assert_int_equal(rig_session_set_cookie(session, NULL, "flag"), 0);
    assert_null(rig_session_cookie(session, "flag"));
}

static int answers_early(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 302, .headers = {{"Set-Cookie", "a=1"}, {"Location", "/x"}});
}

/* What never came sets no cookie and leads nowhere. */
static void test_answer_that_was_lost(void **state)
{
    (void)state;
    client = client_with((struct rig_app){.name = "app", .call = answers_early},
                         (struct rig_client_options){.server = &rig_server_passenger3, .ignore = {"input.*"}});
    session = rig_session_new(client, (struct rig_session_options){.follow = 3});
    static char body[300 << 10];
    const struct rig_result *result = rig_session_post(session, "/", .bytes = {body, sizeof body});
    assert_int_equal(result->delivery.outcome, RIG_REPLACED);
    rig_assert(result);
    assert_int_equal(rig_jar_count(rig_session_jar(session)), 0);
    assert_int_equal(rig_session_last_status(session), 502); /* the gateway's */
    assert_null(rig_session_location(session));
    assert_ptr_equal(rig_session_last(session), result);
    rig_assert(rig_session_follow(session), .error = -EINVAL, .findings = {"usage.redirect.none"});
}

/* ---- defaults ---- */

static void test_defaults(void **state)
{
    (void)state;
    OPTIONS(.headers = {{"X-A", "1"}, {"X-B", "1"}}, .env = {{"my.flag", "on"}, {"my.other", "s"}},
            .remote_addr = "127.0.0.1", .script_name = "/app");
    ANSWERS({0});
    rig_assert(rig_session_get(session, "/x", .headers = {{"x-a", "2"}}, .env = {{"my.other", "r"}}), .status = 200);
    asked_for("HTTP_X_A", "2");
    asked_for("HTTP_X_B", "1");
    asked_for("my.flag", "on");
    asked_for("my.other", "r");
    asked_for("REMOTE_ADDR", "127.0.0.1");
    asked_for("SCRIPT_NAME", "/app");
    assert_int_equal(rig_session_header(session, "x-b", "3"), 0);
    assert_int_equal(rig_session_header(session, "X-A", NULL), 0);
    assert_int_equal(rig_session_header(session, "X-C", NULL), 0);
    assert_int_equal(rig_session_env(session, "my.flag", NULL), 0);
    assert_int_equal(rig_session_env(session, "my.new", "n"), 0);
    struct rig_field list[] = {{"X-L", "l"}}, env[] = {{"my.new", "listed"}};
    rig_assert(rig_session_get(session, "/x", .header_list = list, .header_count = 1, .env_list = env, .env_count = 1,
                               .remote_addr = "192.0.2.9", .script_name = ""),
               .status = 200);
    asked_for("HTTP_X_A", NULL);
    asked_for("HTTP_X_B", "3");
    asked_for("HTTP_X_L", "l");
    asked_for("my.flag", NULL);
    asked_for("my.new", "listed");
    asked_for("REMOTE_ADDR", "192.0.2.9");
    asked_for("SCRIPT_NAME", "");
}

static void test_json_and_xhr(void **state)
{
    (void)state;
    ANSWERS({0});
    rig_assert(rig_session_post(session, "/", .json = "{\"a\":1}", .xhr = true), .status = 200);
    asked_for("CONTENT_TYPE", "application/json");
    asked_for("HTTP_X_REQUESTED_WITH", "XMLHttpRequest");
    asked_with_body("{\"a\":1}");
    rig_assert(rig_session_post(session, "/", .json = "[]", .headers = {{"Content-Type", "application/ld+json"}}),
               .status = 200);
    asked_for("CONTENT_TYPE", "application/ld+json");
    asked_for("HTTP_X_REQUESTED_WITH", NULL);
    rig_assert(rig_session_post(session, "/", .json = "[]", .body = "x"), .error = -EINVAL,
               .findings = {"request.body.twice"});
}

static void test_forms(void **state)
{
    (void)state;
    OPTIONS(.forms = true);
    ANSWERS({0});
    rig_assert(rig_session_post(session, "/"), .status = 200);
    asked_for("CONTENT_TYPE", "application/x-www-form-urlencoded");
    asked_for("CONTENT_LENGTH", "0");
    rig_assert(rig_session_delete(session, "/"), .status = 200);
    asked_for("CONTENT_LENGTH", "0");
    rig_assert(rig_session_put(session, "/", .body = ""), .status = 200);
    asked_for("CONTENT_TYPE", NULL);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("CONTENT_LENGTH", NULL);
    rig_assert(rig_session_head(session, "/"), .status = 200);
    asked_for("CONTENT_LENGTH", "0");
    asked_for("CONTENT_TYPE", "application/x-www-form-urlencoded");
    rig_assert(rig_session_post(session, "/", .param_count = 3), .error = -EINVAL,
               .findings = {"request.fields.too_many"}); /* the list is missing: no form is made of it */
}

/* ---- where it goes ---- */

static void test_origin(void **state)
{
    (void)state;
    OPTIONS(.origin = "HTTPS://app.test:8443");
    ANSWERS({.headers = {{"Set-Cookie", "a=1; secure"}}}, {0});
    rig_assert(rig_session_get(session, "/x?y"), .status = 200);
    asked_for("HTTP_HOST", "app.test:8443");
    asked_for("SERVER_NAME", "app.test");
    asked_for("SERVER_PORT", "8443");
    asked_for("REQUEST_SCHEME", "https");
    asked_for("HTTPS", "on");
    asked_for("PATH_INFO", "/x");
    asked_for("QUERY_STRING", "y");
    asked_for("REQUEST_URI", "/x?y");
    assert_string_equal(rig_session_last_url(session), "https://app.test:8443/x?y");
    rig_assert(rig_session_get(session, "HTTPS://h.test:443?x"), .status = 200);
    assert_string_equal(rig_session_last_url(session), "https://h.test/?x"); /* as browsers write it */
    asked_for("HTTP_HOST", "h.test");
    rig_assert(rig_session_get(session, "z"), .status = 200);
    asked_for("PATH_INFO", "/z");
    asked_for("HTTP_COOKIE", "a=1");
    rig_assert(rig_session_get(session, "?q=1"), .status = 200);
    asked_for("PATH_INFO", "/");
    rig_assert(rig_session_get(session, "//other.test/p"), .status = 200);
    asked_for("HTTP_HOST", "other.test");
    asked_for("HTTPS", "on");
    rig_assert(rig_session_get(session, "http://u:p@h.test#f"), .status = 200);
    assert_string_equal(rig_session_last_url(session), "http://h.test/");
    assert_string_equal(rig_session_last_fragment(session), "f");
    asked_for("HTTPS", "off");
    asked_for("HTTP_HOST", "h.test");
    rig_assert(rig_session_send(session, RIG_OPTIONS("*")), .status = 200);
    asked_for("PATH_INFO", "*");
    asked_for("HTTP_HOST", "app.test:8443");
    asked_for("HTTPS", "on");
    rig_assert(rig_session_get(session, "http://h.test//a//b"), .status = 200);
    asked_for("PATH_INFO", "//a//b");
    assert_string_equal(rig_session_last_url(session), "http://h.test//a//b");
    rig_assert(rig_session_get(session, "http://h.test/a?"), .status = 200);
    assert_string_equal(rig_session_last_url(session), "http://h.test/a"); /* an empty query is none */
    rig_assert(rig_session_get(session, "http:///p", .secure = true), .status = 200);
    assert_string_equal(rig_session_last_url(session), "http://app.test:8443/p");
    asked_for("HTTPS", "off"); /* the target itself says http */
    rig_assert(rig_session_get(session, "/a", .env = {{"HTTPS", "off"}}), .status = 200);
    asked_for("REQUEST_SCHEME", "https"); /* the origin says so */
}

/* A session takes the ports that a client takes, in targets, origins and redirects. */
static void test_any_port(void **state)
{
    (void)state;
    static const char *const ports[] = {"0", "65535", "65536", "99999", "123456789012345678901"};
    for (size_t i = 0; i < COUNT(ports); i++) {
        char origin[60], url[80];
        (void)snprintf(origin, sizeof origin, "http://h:%s", ports[i]);
        (void)snprintf(url, sizeof url, "%s/", origin);
        OPTIONS(.origin = origin);
        ANSWERS({0}, {0}, {0}, {.status = 302, .headers = {{"Location", url}}}, {0});
        rig_assert(rig_get(client, url), .status = 200);
        asked_for("SERVER_PORT", ports[i]);
        assert_int_equal(rig_session_put_cookie(session, "a", "1"), 0);
        rig_assert(rig_session_get(session, url), .status = 200);
        asked_for("SERVER_PORT", ports[i]);
        asked_for("HTTP_HOST", origin + 7);
        asked_for("HTTP_COOKIE", "a=1");
        rig_assert(rig_session_get(session, "/"), .status = 200);
        asked_for("SERVER_PORT", ports[i]);
        rig_assert(rig_session_get(session, "http://other.test/"), .status = 302);
        rig_assert(rig_session_follow(session), .status = 200);
        asked_for("SERVER_PORT", ports[i]);
        tear_down(NULL);
    }
}

static void test_https_by_env(void **state)
{
    (void)state;
    ANSWERS({0});
    rig_assert(rig_session_get(session, "/s?t", .secure = true), .status = 200);
    assert_string_equal(rig_session_last_url(session), "https://example.org/s?t");
    asked_for("HTTPS", "on");
    asked_for("REQUEST_URI", "/s?t");
    rig_assert(rig_session_get(session, "/", .env = {{"HTTPS", "on"}}), .status = 200);
    asked_for("REQUEST_SCHEME", "https");
    asked_for("SERVER_PORT", "443");
    assert_int_equal(rig_session_env(session, "HTTPS", "on"), 0);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("REQUEST_SCHEME", "https");
    rig_assert(rig_session_get(session, "/", .env = {{"HTTPS", "off"}}), .status = 200);
    asked_for("REQUEST_SCHEME", "http");
}

/* ---- the last request ---- */

static void test_last(void **state)
{
    (void)state;
    ANSWERS({.status = 201}, {.status = 404});
    assert_null(rig_session_last(session));
    assert_null(rig_session_last_url(session));
    assert_null(rig_session_last_method(session));
    assert_null(rig_session_last_fragment(session));
    assert_int_equal(rig_session_last_status(session), 0);
    const struct rig_result *result = rig_session_get(session, "/p?q=1", .params = {{"a", "b c"}});
    rig_assert(result, .status = 201);
    assert_ptr_equal(rig_session_last(session), result);
    assert_int_equal(rig_session_last_status(session), 201);
    assert_string_equal(rig_session_last_method(session), "GET");
    assert_string_equal(rig_session_last_url(session), "http://example.org/p?q=1&a=b+c");
    rig_assert(rig_session_get(session, "/a b"), .error = -EINVAL, .findings = {"request.target.invalid"});
    rig_assert(rig_session_post(session, "/", .body = "a", .json = "b"), .error = -EINVAL,
               .findings = {"request.body.twice"});
    assert_ptr_equal(rig_session_last(session), result); /* neither was sent */
    rig_client_reset(client);
    assert_null(rig_session_last(session));
    assert_int_equal(rig_session_last_status(session), 201);
    rig_assert(rig_session_send(session, RIG_PUT("/", .body = "x")), .status = 404);
    assert_string_equal(rig_session_last_method(session), "PUT");
}

/* ---- several ---- */

static void test_named_sessions(void **state)
{
    (void)state;
    OPTIONS(.headers = {{"X-A", "1"}});
    ANSWERS({.headers = {{"Set-Cookie", "who=ada"}}}, {0});
    struct rig_session *bob = rig_session_named(session, "bob");
    assert_ptr_equal(rig_session_named(bob, "bob"), bob);
    assert_ptr_not_equal(rig_session_named(bob, "eve"), bob);
    assert_ptr_equal(rig_session_named(session, "bob"), bob);
    assert_int_equal(rig_session_header(session, "X-A", "2"), 0);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    rig_assert(rig_session_get(bob, "/"), .status = 200);
    asked_for("HTTP_COOKIE", NULL);
    asked_for("HTTP_X_A", "1");
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("HTTP_COOKIE", "who=ada");
    rig_session_free(bob);
    assert_non_null(rig_session_named(session, "bob"));
    assert_null(rig_session_named(session, NULL));
}

static void test_copy_and_restore(void **state)
{
    (void)state;
    ANSWERS({.headers = {{"Set-Cookie", "a=1"}}}, {.headers = {{"Set-Cookie", "a=2"}}}, {0});
    assert_int_equal(rig_session_basic(session, "u", "p"), 0);
    assert_int_equal(rig_session_header(session, "X-A", "1"), 0);
    assert_int_equal(rig_session_env(session, "my.x", "1"), 0);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    struct rig_session *copy = rig_session_copy(session);
    struct rig_jar *saved = rig_jar_copy(rig_session_jar(session));
    rig_assert(rig_session_get(session, "/"), .status = 200);
    assert_string_equal(rig_session_cookie(session, "a"), "2");
    rig_assert(rig_session_get(copy, "/"), .status = 200);
    asked_for("HTTP_COOKIE", "a=1");
    asked_for("HTTP_AUTHORIZATION", "Basic dTpw");
    asked_for("HTTP_X_A", "1");
    asked_for("my.x", "1");
    assert_int_equal(rig_jar_restore(rig_session_jar(session), saved), 0);
    assert_string_equal(rig_session_cookie(session, "a"), "1");
    rig_jar_free(saved);
    rig_session_free(copy);
}

/* A layer that sends through the very session that its request came from. */
static int sends(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (rig_env_get(env, "HTTP_X_INNER")) {
        return rig_respond(res, .status = 204, .headers = {{"Set-Cookie", "inner=1"}});
    }
    rig_assert(rig_session_get(session, "/inner", .headers = {{"X-Inner", "1"}}), .status = 204);
    return rig_respond(res, .status = 307, .headers = {{"Location", "/next"}, {"Set-Cookie", "outer=1"}});
}

static void test_send_inside_a_send(void **state)
{
    (void)state;
    client = client_for(sends);
    session = rig_session_new(client, (struct rig_session_options){0});
    rig_assert(rig_session_post(session, "/outer", .body = "b"), .status = 307);
    assert_string_equal(rig_session_last_url(session), "http://example.org/outer");
    rig_assert(rig_session_follow(session), .status = 307);
    assert_string_equal(rig_session_last_url(session), "http://example.org/next");
    assert_string_equal(rig_session_cookie(session, "inner"), "1");
    assert_string_equal(rig_session_cookie(session, "outer"), "1");
}

static void test_freed_after_its_client(void **state)
{
    (void)state;
    ANSWERS({.headers = {{"Set-Cookie", "a=1"}}});
    rig_assert(rig_session_get(session, "/"), .status = 200);
    rig_client_free(client);
    client = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_cookies_are_kept),
        SESSION_TEST(test_cookies_by_the_clock),
        SESSION_TEST(test_cookies_by_hand),
        SESSION_TEST(test_answer_that_was_lost),
        SESSION_TEST(test_defaults),
        SESSION_TEST(test_json_and_xhr),
        SESSION_TEST(test_forms),
        SESSION_TEST(test_origin),
        SESSION_TEST(test_any_port),
        SESSION_TEST(test_https_by_env),
        SESSION_TEST(test_last),
        SESSION_TEST(test_named_sessions),
        SESSION_TEST(test_copy_and_restore),
        SESSION_TEST(test_send_inside_a_send),
        SESSION_TEST(test_freed_after_its_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
