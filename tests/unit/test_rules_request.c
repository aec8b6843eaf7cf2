/* request.*: requests that the test itself got wrong */
#include "tests/unit/rules_test.h"

/* The finding names the send; the stack is not reached. */
#define EXPECT_WRONG(rule_, ...)                              \
    do {                                                      \
        const struct rig_result *wrong_ = FAULT(__VA_ARGS__); \
        EXPECT_ERROR(wrong_, rule_, NULL);                    \
        assert_int_equal(wrong_->error, -EINVAL);             \
        assert_int_equal(wrong_->hop_count, 0);               \
    } while (0)

static int set_up_app(void **state)
{
    int error = set_up(state);
    return error ? error : rig_run(stack, RIG_APP(answer_after_reading));
}

/* ---- bodies ---- */

static void test_request_with_two_bodies(void **state)
{
    (void)state;
    EXPECT_WRONG("request.body.twice", rig_post(client, "/", .body = "a", .bytes = {"b", 1}));
}

static void test_request_with_params_and_query(void **state)
{
    (void)state;
    expect_silent(rig_get(client, "/?a=1", .params = {{"b", "2"}}), "request.body.twice");
    expect_silent(rig_post(client, "/?a=1", .params = {{"b", "2"}}), "request.body.twice");
}

static void test_request_with_wrong_length(void **state)
{
    (void)state;
    struct rig_request request = RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "4"}});
    EXPECT_WRONG("request.content_length.mismatch", rig_send(client, request));
    request.headers[0].value = "3 ";
    EXPECT_WRONG("request.content_length.mismatch", rig_send(client, request));
}

static void test_request_with_right_length(void **state)
{
    (void)state;
    expect_silent(rig_post(client, "/", .body = "abc", .headers = {{"Content-Length", "3"}}),
                  "request.content_length.mismatch");
}

static void test_request_with_both_framings(void **state)
{
    (void)state;
    struct rig_request request = RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "3"}});
    request.chunked = true;
    EXPECT_WRONG("request.framing.both", rig_send(client, request));
    request.chunked = false;
    request.headers[1] = (struct rig_field){"Transfer-Encoding", "chunked"};
    EXPECT_WRONG("request.framing.both", rig_send(client, request));
}

static void test_request_chunked(void **state)
{
    (void)state;
    expect_silent(rig_post(client, "/", .body = "abc", .chunked = true), "request.framing.both");
}

/* ---- env ---- */

static void test_request_with_nameless_env(void **state)
{
    (void)state;
    EXPECT_WRONG("request.env.invalid", rig_get(client, "/", .env = {{"", "x"}}));
}

static void test_request_with_env(void **state)
{
    (void)state;
    expect_silent(rig_get(client, "/", .env = {{"app.user", "ann"}, {"REMOTE_ADDR", NULL}}), "request.env.invalid");
}

/* ---- headers ---- */

#define HEADERS_16                                                                                              \
    {"a", "1"}, {"b", "1"}, {"c", "1"}, {"d", "1"}, {"e", "1"}, {"f", "1"}, {"g", "1"}, {"h", "1"}, {"i", "1"}, \
        {"j", "1"}, {"k", "1"}, {"l", "1"}, {"m", "1"}, {"n", "1"}, {"o", "1"},                                 \
    {                                                                                                           \
        "p", "1"                                                                                                \
    }

static void test_request_with_17_headers(void **state)
{
    (void)state;
    EXPECT_WRONG("request.fields.too_many", rig_get(client, "/", .headers = {HEADERS_16, {"q", "1"}}));
}

static void test_request_with_16_headers(void **state)
{
    (void)state;
    const struct rig_field more[] = {{"q", "1"}, {"r", "1"}};
    expect_silent(rig_get(client, "/", .headers = {HEADERS_16}, .header_list = more, .header_count = 2),
                  "request.fields.too_many");
}

static void test_request_with_bad_header_name(void **state)
{
    (void)state;
    EXPECT_WRONG("request.header_name.token", rig_get(client, "/", .headers = {{"X Name", "1"}}));
    EXPECT_WRONG("request.header_name.token", rig_get(client, "/", .headers = {{"X-Name:", "1"}}));
    EXPECT_WRONG("request.header_name.token", rig_get(client, "/", .headers = {{"", "1"}}));
}

static void test_request_with_odd_header_name(void **state)
{
    (void)state;
    expect_silent(rig_get(client, "/", .headers = {{"x!#$%&'*+-.^_`|~9", "1"}}), "request.header_name.token");
}

static void test_request_with_newline_in_header(void **state)
{
    (void)state;
    EXPECT_WRONG("request.header_value.chars", rig_get(client, "/", .headers = {{"X-A", "1\r\nX-B: 2"}}));
    EXPECT_WRONG("request.header_value.chars", rig_get(client, "/", .headers = {{"X-A", "1\n"}}));
    EXPECT_WRONG("request.header_value.chars", rig_get(client, "/", .headers = {{"X-A", "\x7f"}}));
}

static void test_request_with_tab_in_header(void **state)
{
    (void)state;
    expect_silent(rig_get(client, "/", .headers = {{"X-A", "1\t2\xe9"}, {"X-B", ""}}), "request.header_value.chars");
}

/* ---- the request line ---- */

static void test_request_with_bad_method(void **state)
{
    (void)state;
    EXPECT_WRONG("request.method.token", rig_send(client, (struct rig_request){.method = "GET /admin", .target = "/"}));
    EXPECT_WRONG("request.method.token", rig_send(client, (struct rig_request){.method = "", .target = "/"}));
}

static void test_request_with_odd_method(void **state)
{
    (void)state;
    expect_silent(rig_send(client, (struct rig_request){.method = "M-SEARCH", .target = "/"}), "request.method.token");
}

static void test_request_with_bad_target(void **state)
{
    (void)state;
    EXPECT_WRONG("request.target.invalid", rig_get(client, "items"));
    EXPECT_WRONG("request.target.invalid", rig_get(client, "/a b"));
    EXPECT_WRONG("request.target.invalid", rig_get(client, "/a\r\nHost: b"));
}

static void test_request_with_escaped_target(void **state)
{
    (void)state;
    expect_silent(rig_get(client, "/a%20b?c=%0d%0a"), "request.target.invalid");
    expect_silent(rig_get(client, "http://example.org/x"), "request.target.invalid");
    expect_silent(rig_options(client, "*"), "request.target.invalid");
}

static void test_request_with_bad_version(void **state)
{
    (void)state;
    EXPECT_WRONG("request.version.invalid", rig_get(client, "/", .http_version = "2"));
}

static void test_request_with_version_1_0(void **state)
{
    (void)state;
    expect_silent(rig_get(client, "/", .http_version = "1.0"), "request.version.invalid");
}

#define REQUEST_TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up_app, tear_down),

int main(void)
{
    const struct CMUnitTest tests[] = {REQUEST_TESTS(REQUEST_TEST)};
    return cmocka_run_group_tests_name("rules: request", tests, NULL, NULL);
}
