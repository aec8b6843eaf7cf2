/* Requests that stand in the bytes of another, behind it: what is judged of them, and what is not. */
#include "tests/fuzz/stacks.h"

/* On a connection; the last header's value ends the head, and begins another request. */
#define BEHIND(as_, first_, further_) \
    "# @escapes on\n# @connection a\n# @malformed on\n" as_ first_ "\nX-A: a\\r\\n\\r\\n" further_

static bool all_but_admin(const struct rig_fuzz_who *who)
{
    return strcmp(who->path, "/admin") != 0 || strcmp(who->credentials, "valid") == 0;
}

static void test_who_has_entered(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_literal, .protect = {"members"}};
    static const struct rig_fuzz model = {.build = build_literal, .authorize = all_but_admin};
    open_target(&what);
    judge(BEHIND("", "GET /admin", "GET / HTTP/1.1\\r\\nHost: a"));
    assert_found("fuzz.app.entered");
    assert_string_equal(last_message,
                        "members was entered by a request without credentials, which stood behind another "
                        "in its bytes, and answered 200");
    assert_string_equal(last_site, let_in_at);
    judge(BEHIND("", "GET /admin", "GET /admin HTTP/1.1\\r\\nHost: a"));
    assert_int_equal(found_count, 0);
    judge(BEHIND("# @as valid bearer\n", "GET /admin", "GET / HTTP/1.1\\r\\nHost: a"));
    assert_nothing(RIG_FUZZ_APP_ENTERED);
    close_target(NULL);
    open_target(&model);
    judge(BEHIND("", "GET /admin", "GET / HTTP/1.1\\r\\nHost: a"));
    assert_nothing(RIG_FUZZ_APP_ENTERED);
}

/* It has credentials, and waits for a byte: the next one's first. */
static void test_who_enters_with_the_next_one(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_right, .protect = {"members"}};
    open_target(&what);
    judge(
        BEHIND("# @as valid bearer\n", "GET /",
               "GET / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 1") "\n\n###\n" BEHIND("", "GET /",
                                                                                        "GET / HTTP/1.1\\r\\nHost: a"));
    assert_nothing(RIG_FUZZ_APP_ENTERED);
}

/* The first waits for a byte, the second's first; what is left of that is a request, and the third its own. */
static void test_who_is_behind_the_next_one(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_literal, .protect = {"members"}};
    open_target(&what);
    judge("# @escapes on\n# @connection a\n# @malformed on\nGET /\nContent-Length: 1\n###\n"
          "# @escapes on\n# @connection a\n# @malformed on\nGET /\n###\n# @escapes on\n# @connection a\nGET /");
    assert_found("fuzz.app.entered");
    assert_int_equal(last_request, 2);
}

/* By the path: an error, or what a header had. */
static int answers(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    static char text[512];
    const char *path = rig_env_get(env, "PATH_INFO"), *who = rig_env_get(env, "HTTP_AUTHORIZATION");
    int64_t size = rig_input_read(rig_env_input(env), text, sizeof text - 1);
    text[size > 0 ? size : 0] = '\0';
    int error = drain(env);
    if (strcmp(path, "/log") == 0) {
        rig_env_log(env, "%s %s", rig_env_get(env, "QUERY_STRING"), who ? who : "-");
    }
    int status = strcmp(path, "/99") == 0 ? 99 : strcmp(path, "/503") == 0 || error ? 503 : 200;
    bool shows = strcmp(path, "/who") == 0 && who;
    return rig_respond(res, .status = status, .body = shows ? who : text);
}

static void test_how_it_was_answered(void **state)
{
    (void)state;
    OPEN_APP(answers);
    judge(BEHIND("", "GET /", "GET / HTTP/1.1\\r\\nHost: a"));
    assert_nothing(RIG_FUZZ_STATUS_UNDECLARED);
    judge(BEHIND("", "GET /", "PUT /503 HTTP/1.1\\r\\nHost: a"));
    assert_found("fuzz.status.undeclared");
    assert_string_equal(last_message, "PUT was answered 503");
    judge(BEHIND("# @disconnect 90\n", "GET /", "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 99"));
    assert_int_equal(found_count, 0); /* its body breaks off */
}

static void test_what_the_rules_find(void **state)
{
    (void)state;
    OPEN_APP(answers);
    judge(BEHIND("", "GET /", "GET /99 HTTP/1.1\\r\\nHost: a"));
    assert_found("response.status.min");
}

static void test_what_came_out(void **state)
{
    (void)state;
    OPEN_APP(answers);
    judge(BEHIND("# @as valid bearer\n", "GET /", "GET / HTTP/1.1\\r\\nHost: a"));
    assert_int_equal(found_count, 0);
    judge(BEHIND("# @as valid bearer\n", "GET /", "GET /who HTTP/1.1\\r\\nHost: a"));
    assert_found("fuzz.secret.reflected");
    assert_string_equal(last_message, "the secret of this run stands in the response's body");
    judge(BEHIND("# @as other bearer\n", "GET /", "GET /log HTTP/1.1\\r\\nHost: a"));
    assert_found("fuzz.secret.reflected");
    assert_string_equal(last_message, "the secret of this run's other user stands in the log");
    /* the header is its body, its query the first one's */
    judge(BEHIND("# @as valid bearer\n", "GET /",
                 "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 60\\r\\n\\r\\nAAAAAAAAAA"));
    assert_int_equal(found_count, 0);
    judge("# @escapes on\n# @connection a\n# @malformed on\n# @as valid query\n"
          "GET /\\x20HTTP/1.1\\r\\nHost:\\x20a\\r\\n\\r\\nGET\\x20/log");
    assert_int_equal(found_count, 0);
    char text[256]; /* nor is what these bytes have themselves any class's */
    (void)snprintf(text, sizeof text, BEHIND("", "GET /", "GET /who HTTP/1.1\\r\\nHost: a\\r\\nAuthorization: %s"),
                   target.credentials.values[0]);
    judge(text);
    assert_int_equal(found_count, 0);
}

#define FUZZ_TEST(test_) cmocka_unit_test_teardown(test_, close_target)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FUZZ_TEST(test_who_has_entered),
        FUZZ_TEST(test_who_enters_with_the_next_one),
        FUZZ_TEST(test_who_is_behind_the_next_one),
        FUZZ_TEST(test_how_it_was_answered),
        FUZZ_TEST(test_what_the_rules_find),
        FUZZ_TEST(test_what_came_out),
    };
    return cmocka_run_group_tests_name("fuzz: further requests", tests, NULL, NULL);
}
