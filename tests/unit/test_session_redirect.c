/* Sessions: redirects followed, by status, method, body, Location and limit. */
#include "tests/unit/session_test.h"

/* What a request became after a redirect of that status. */
static void becomes(int status, const char *method, const char *wanted, bool with_body)
{
    ANSWERS({.status = status, .headers = {{"Location", "/new"}}}, {0});
    struct rig_request request = {.method = method, .target = "/old", .headers = {{"X-Once", "1"}}};
    bool sends_body = strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
    request.body = sends_body ? "raw" : NULL;
    if (sends_body) {
        request.headers[1] = (struct rig_field){"content-type", "text/x"};
        request.headers[2] = (struct rig_field){"Content-Language", "en"};
    }
    rig_assert(rig_session_send(session, request), .status = status);
    rig_assert(rig_session_follow(session), .status = 200);
    asked_for("REQUEST_METHOD", wanted);
    asked_for("PATH_INFO", "/new");
    asked_for("HTTP_REFERER", "http://example.org/old");
    asked_for("HTTP_X_ONCE", NULL);
    asked_for("CONTENT_TYPE", with_body ? "text/x" : NULL);
    asked_for("HTTP_CONTENT_LANGUAGE", with_body ? "en" : NULL);
    asked_for("CONTENT_LENGTH", with_body ? "3" : NULL);
    asked_with_body(with_body ? "raw" : "");
    tear_down(NULL);
}

static void test_methods(void **state)
{
    (void)state;
    for (int status = 301; status <= 303; status++) {
        becomes(status, "GET", "GET", false);
        becomes(status, "HEAD", "HEAD", false);
        becomes(status, "POST", "GET", false);
        becomes(status, "PUT", status == 303 ? "GET" : "PUT", status != 303);
        becomes(status, "DELETE", status == 303 ? "GET" : "DELETE", status != 303);
    }
    for (int status = 307; status <= 308; status++) {
        becomes(status, "GET", "GET", false);
        becomes(status, "HEAD", "HEAD", false);
        becomes(status, "POST", "POST", true);
        becomes(status, "PATCH", "PATCH", true);
        becomes(status, "LINK", "LINK", true);
    }
}

static void test_built_bodies_sent_again(void **state)
{
    (void)state;
    ANSWERS({.status = 307, .headers = {{"Location", "/x"}}}, {.status = 308, .headers = {{"Location", "/y"}}}, {0});
    struct rig_part part = {.name = "f", .filename = "a.txt", .body = "contents"};
    rig_assert(rig_session_post(session, "/", .parts = &part, .part_count = 1), .status = 307);
    char type[100];
    (void)snprintf(type, sizeof type, "%s", asked("CONTENT_TYPE"));
    rig_assert(rig_session_follow(session, .limit = 2), .status = 200);
    asked_for("CONTENT_TYPE", type);
    assert_non_null(strstr(rig_recorder_call(recorder, 2)->body.data, "contents"));
    asked_for("HTTP_REFERER", "http://example.org/x");
}

static void test_generated_body_is_gone(void **state)
{
    (void)state;
    ANSWERS({.status = 307, .headers = {{"Location", "/x"}}}, {.status = 302, .headers = {{"Location", "/x"}}}, {0});
    struct counted body = {.size = 10};
    rig_assert(rig_session_post(session, "/", .source = source_of(&body), .source_size = 10), .status = 307);
    rig_assert(rig_session_follow(session), .error = -EINVAL, .findings = {"request.body.invalid"});
    body = (struct counted){.size = 10};
    rig_assert(rig_session_post(session, "/", .source = source_of(&body), .source_size = 10), .status = 302);
    rig_assert(rig_session_follow(session), .status = 200);
    assert_int_equal(body.closes, 1);
}

/* ---- where to ---- */

static void leads(const char *location, const char *url)
{
    ANSWERS({.status = 302, .headers = {{"Location", location}}}, {0});
    rig_assert(rig_session_get(session, "https://a.test:444/dir/page?q=1#top"), .status = 302);
    assert_string_equal(rig_session_location(session), url);
    rig_assert(rig_session_follow(session), .status = 200);
    size_t size = strcspn(url, "#");
    assert_int_equal(strlen(rig_session_last_url(session)), size);
    assert_memory_equal(rig_session_last_url(session), url, size);
    assert_string_equal(rig_session_last_fragment(session), url[size] ? url + size + 1 : "top");
    asked_for("HTTP_REFERER", strncmp(url, "https", 5) == 0 ? "https://a.test:444/dir/page?q=1" : NULL);
    tear_down(NULL);
}

static void test_locations(void **state)
{
    (void)state;
    leads("next", "https://a.test:444/dir/next");
    leads("../../x/./y?z", "https://a.test:444/x/y?z");
    leads("?x", "https://a.test:444/dir/page?x");
    leads("", "https://a.test:444/dir/page?q=1");
    leads("#end", "https://a.test:444/dir/page?q=1#end");
    leads("//b.test/x", "https://b.test/x");
    leads("HTTPS://b.test/a%20b?c=%26", "https://b.test/a%20b?c=%26");
    leads("http://b.test:81/", "http://b.test:81/");
    leads("https://b.test:80/", "https://b.test:80/");
}

static void test_user_in_location(void **state)
{
    (void)state;
    ANSWERS({.status = 302, .headers = {{"Location", "http://u:p@b.test/"}}}, {0});
    rig_assert(rig_session_get(session, "/"), .status = 302);
    rig_assert(rig_session_follow(session), .status = 200);
    assert_string_equal(rig_session_last_url(session), "http://b.test/");
    asked_for("HTTP_AUTHORIZATION", NULL);
}

static void nowhere(const char *location)
{
    ANSWERS({.status = 302, .headers = {{"Location", location}}}, {0});
    rig_assert(rig_session_get(session, "/"), .status = 302);
    assert_null(rig_session_location(session));
    rig_assert(rig_session_follow(session), .error = -EINVAL, .findings = {"request.redirect.invalid"});
    assert_int_equal(rig_recorder_count(recorder), 1);
    tear_down(NULL);
}

static void test_locations_refused(void **state)
{
    (void)state;
    nowhere("/%zz");
    nowhere("/a b");
    nowhere("mailto:ada@example.org");
    nowhere("javascript:alert(1)");
    nowhere("file:///etc/passwd");
    nowhere("http://:80/");
    nowhere("http://a b/");
}

static void test_mounted_stack(void **state)
{
    (void)state;
    OPTIONS(.script_name = "/app");
    ANSWERS({.status = 302, .headers = {{"Location", "/app/b?c"}, {"Set-Cookie", "a=1"}}},
            {.status = 302, .headers = {{"Location", "x"}}}, {.status = 302, .headers = {{"Location", "/apple"}}}, {0});
    rig_assert(rig_session_get(session, "/a"), .status = 302);
    assert_string_equal(rig_session_last_url(session), "http://example.org/app/a");
    assert_string_equal(rig_jar_find(rig_session_jar(session), "a")->path, "/app");
    rig_assert(rig_session_follow(session), .status = 302);
    asked_for("SCRIPT_NAME", "/app");
    asked_for("PATH_INFO", "/b");
    asked_for("QUERY_STRING", "c");
    asked_for("HTTP_COOKIE", "a=1");
    rig_assert(rig_session_follow(session), .status = 302);
    asked_for("SCRIPT_NAME", "/app");
    asked_for("PATH_INFO", "/x");
    rig_assert(rig_session_follow(session), .status = 200);
    asked_for("SCRIPT_NAME", "");
    asked_for("PATH_INFO", "/apple");
}

/* What a request points to need not outlast its send. */
static void test_mount_of_a_request(void **state)
{
    (void)state;
    char name[] = "/app";
    ANSWERS({.status = 302, .headers = {{"Location", "/app/b"}}}, {0});
    rig_assert(rig_session_get(session, "/a", .script_name = name), .status = 302);
    memset(name, 'x', sizeof name - 1);
    rig_assert(rig_session_follow(session), .status = 200);
    asked_for("SCRIPT_NAME", "/app");
    asked_for("PATH_INFO", "/b");
}

static void test_cookies_and_headers_on_the_way(void **state)
{
    (void)state;
    OPTIONS(.headers = {{"X-Always", "1"}});
    ANSWERS({.status = 303, .headers = {{"Location", "/in"}, {"Set-Cookie", "sid=1; path=/in"}}}, {0});
    rig_assert(rig_session_post(session, "/login", .body = "u=ada"), .status = 303);
    static const size_t one[] = {1};
    rig_assert(rig_session_follow(session, .headers = {{"X-Hop", "1"}}, .pieces = one, .piece_count = 1),
               .status = 200);
    asked_for("HTTP_COOKIE", "sid=1");
    asked_for("HTTP_X_ALWAYS", "1");
    asked_for("HTTP_X_HOP", "1");
}

/* ---- how far ---- */

static void test_followed_by_itself(void **state)
{
    (void)state;
    OPTIONS(.follow = 2);
    ANSWERS({.status = 302, .headers = {{"Location", "/2"}}}, {.status = 301, .headers = {{"Location", "/3"}}},
            {.status = 200}, {.status = 302});
    rig_assert(rig_session_get(session, "/1"), .status = 200);
    assert_string_equal(rig_session_last_url(session), "http://example.org/3");
    assert_int_equal(rig_recorder_count(recorder), 3);
    rig_assert(rig_session_get(session, "/no-location"), .status = 302);
}

static int loops(void *self, struct rig_env *env, struct rig_response *res)
{
    ++*(unsigned *)self;
    (void)env;
    return rig_respond(res, .status = 302, .headers = {{"Location", "/"}});
}

static void test_loop_ends(void **state)
{
    (void)state;
    unsigned count = 0;
    client =
        client_with((struct rig_app){.name = "loops", .call = loops, .self = &count}, (struct rig_client_options){0});
    session = rig_session_new(client, (struct rig_session_options){.follow = 20});
    rig_assert(rig_session_get(session, "/"), .error = -EINVAL, .findings = {"request.redirect.too_many"});
    assert_int_equal(count, 21);
    rig_assert(rig_session_follow(session, .limit = 3), .error = -EINVAL, .findings = {"request.redirect.too_many"});
    rig_assert(rig_session_last(session), .status = 302); /* the last that was sent */
    assert_int_equal(count, 24);
    rig_assert(rig_session_follow(session), .status = 302);
}

/* A reset between answer and redirect takes the result, not what leads on. */
static void test_followed_after_a_reset(void **state)
{
    (void)state;
    ANSWERS({.status = 307, .headers = {{"Location", "/x"}}}, {0});
    rig_assert(rig_session_post(session, "/", .json = "{}"), .status = 307);
    rig_client_reset(client);
    rig_assert(rig_session_follow(session), .status = 200);
    asked_for("CONTENT_TYPE", "application/json");
    asked_with_body("{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_methods),
        SESSION_TEST(test_built_bodies_sent_again),
        SESSION_TEST(test_generated_body_is_gone),
        SESSION_TEST(test_locations),
        SESSION_TEST(test_user_in_location),
        SESSION_TEST(test_locations_refused),
        SESSION_TEST(test_mounted_stack),
        SESSION_TEST(test_mount_of_a_request),
        SESSION_TEST(test_cookies_and_headers_on_the_way),
        SESSION_TEST(test_followed_by_itself),
        SESSION_TEST(test_loop_ends),
        SESSION_TEST(test_followed_after_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
