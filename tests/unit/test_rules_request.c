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

static int64_t no_bytes(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return 0;
}

static void test_request_with_two_bodies(void **state)
{
    (void)state;
    EXPECT_WRONG("request.body.twice", rig_post(client, "/", .body = "a", .bytes = {"b", 1}));
}

/* A body beats the params; beside parts they are parts too. */
static void test_request_with_params_and_body(void **state)
{
    (void)state;
    const struct rig_part part = {.name = "a", .body = "1"};
    expect_silent(rig_post(client, "/", .body = "a=1", .params = {{"b", "2"}}), "request.body.twice");
    expect_silent(rig_post(client, "/", .parts = &part, .part_count = 1, .params = {{"b", "2"}}), "request.body.twice");
}

static void test_request_with_impossible_body(void **state)
{
    (void)state;
    const size_t pieces[] = {2, 0};
    const struct rig_part nameless = {.body = "1"};
    EXPECT_WRONG("request.body.invalid", rig_post(client, "/", .bytes = {NULL, 5}));
    EXPECT_WRONG("request.body.invalid", rig_post(client, "/", .source_size = 5));
    EXPECT_WRONG("request.body.invalid", rig_post(client, "/", .body = "abc", .pieces = pieces, .piece_count = 2));
    EXPECT_WRONG("request.body.invalid", rig_post(client, "/", .parts = &nameless, .part_count = 1));
    EXPECT_WRONG("request.body.invalid", rig_post(client, "/", .part_count = 1));
}

static void test_request_with_empty_body(void **state)
{
    (void)state;
    expect_silent(rig_post(client, "/", .bytes = {"", 0}), "request.body.invalid");
    expect_silent(rig_post(client, "/", .source.read = no_bytes), "request.body.invalid");
}

static void test_request_with_params_that_cannot_be(void **state)
{
    (void)state;
    const struct rig_part file = {.filename = "a", .body = "1"};
    const struct rig_param nameless[] = {{.value = "1"}}, upload[] = {{.name = "f", .file = &file}};
    const struct rig_param sizeless[] = {{.name = "a", .bytes = {NULL, 1}}},
                           zero[] = {{.name = "a\0b", .name_size = 3}};
    const struct rig_param inner[] = {RIG_PARAM_MAP_OF("a", RIG_PARAM("b", "1"))};
    EXPECT_WRONG("request.params.invalid", rig_get(client, "/", .param_list = nameless, .param_count = 1));
    EXPECT_WRONG("request.params.invalid", rig_post(client, "/", .param_list = nameless, .param_count = 1));
    EXPECT_WRONG("request.params.invalid", rig_get(client, "/", .param_list = upload, .param_count = 1));
    EXPECT_WRONG("request.params.invalid", rig_post(client, "/", .query_list = upload, .query_count = 1));
    EXPECT_WRONG("request.params.invalid", rig_post(client, "/", .param_list = sizeless, .param_count = 1));
    const struct rig_param kindless = {.name = "a", .kind = (enum rig_param_kind)77};
    EXPECT_WRONG("request.params.invalid", rig_post(client, "/", .param_list = &kindless, .param_count = 1));
    EXPECT_WRONG("request.params.invalid", rig_get(client, "/", .query_list = &kindless, .query_count = 1));
    const struct rig_request parts = RIG_POST("/", .multipart = true, .param_list = zero, .param_count = 1);
    EXPECT_WRONG("request.params.invalid", rig_send(client, parts));
    EXPECT_WRONG("request.params.invalid", rig_options(client, "*", .query_list = inner, .query_count = 1));
    struct rig_request flat = RIG_GET("/", .param_list = inner, .param_count = 1);
    flat.param_style = RIG_QUERY_STYLE_FLAT;
    EXPECT_WRONG("request.params.invalid", rig_send(client, flat));
}

static void test_request_with_nested_params(void **state)
{
    (void)state;
    const struct rig_part file = {.filename = "a", .body = "1"};
    const struct rig_param params[] = {RIG_PARAM_MAP_OF("a", RIG_PARAM("b", "1"), RIG_PARAM_LIST_OF("c", {0}))};
    const struct rig_param upload[] = {{.name = "f", .file = &file}};
    expect_silent(rig_get(client, "/", .param_list = params, .param_count = 1), "request.params.invalid");
    expect_silent(rig_post(client, "/", .param_list = upload, .param_count = 1), "request.params.invalid");
    const struct rig_param zero[] = {{.name = "a\0b", .name_size = 3}};
    expect_silent(rig_post(client, "/", .param_list = zero, .param_count = 1), "request.params.invalid");
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

/* Behind any server: also one that buffers the body. */
static void test_request_with_short_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        behind(i ? &rig_server_passenger3 : &rig_server_http1);
        const struct rig_result *result = FAULT(rig_post(client, "/", .source.read = no_bytes, .source_size = 5));
        (void)expect_only(result, "request.content_length.mismatch", RIG_LEVEL_ERROR, NULL);
    }
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
    EXPECT_WRONG("request.framing.invalid", rig_send(client, request));
    request.chunked = false;
    request.headers[1] = (struct rig_field){"Transfer-Encoding", "chunked"};
    EXPECT_WRONG("request.framing.invalid", rig_send(client, request));
    request = RIG_POST("/", .body = "abc", .chunked = true, .http_version = "1.0");
    EXPECT_WRONG("request.framing.invalid", rig_send(client, request));
    EXPECT_WRONG("request.framing.invalid", rig_post(client, "/", .source.read = no_bytes, .http_version = "1.0"));
}

static void test_request_chunked(void **state)
{
    (void)state;
    expect_silent(rig_post(client, "/", .body = "abc", .chunked = true), "request.framing.invalid");
    expect_silent(rig_post(client, "/", .body = "abc", .http_version = "1.0"), "request.framing.invalid");
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
    EXPECT_WRONG("request.fields.too_many", rig_get(client, "/", .headers = {{"a", "1"}, {NULL, "x"}, {"b", "1"}}));
    EXPECT_WRONG("request.fields.too_many", rig_get(client, "/", .params = {{NULL, "x"}}));
    EXPECT_WRONG("request.fields.too_many", rig_get(client, "/", .params = {{"a", "b"}, {NULL, NULL}, {"c", "d"}}));
    EXPECT_WRONG("request.fields.too_many", rig_get(client, "/", .headers = {{NULL, NULL}, {NULL, NULL}, {"c", "d"}}));
    EXPECT_WRONG("request.fields.too_many", rig_get(client, "/", .env = {[3] = {"c", "d"}}));
    EXPECT_WRONG("request.fields.too_many", rig_get(client, "/", .env = {{"a", "b"}, [15] = {"c", "d"}}));
    EXPECT_WRONG("request.fields.too_many", rig_get(client, "/", .env = {{NULL, "x"}}));
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

static void test_request_with_two_hosts(void **state)
{
    (void)state;
    const struct rig_field more[] = {{"host", "a.example"}};
    struct rig_request request = RIG_GET("/", .headers = {{"Host", "a.example"}, {"Host", "a.example"}});
    EXPECT_WRONG("request.host.invalid", rig_send(client, request));
    request.http_version = "1.0";
    EXPECT_WRONG("request.host.invalid", rig_send(client, request));
    request = RIG_GET("/", .headers = {{"Host", "a.example"}}, .header_list = more, .header_count = 1);
    EXPECT_WRONG("request.host.invalid", rig_send(client, request));
    EXPECT_WRONG("request.host.invalid", rig_get(client, "/", .headers = {{"Host", NULL}}));
    EXPECT_WRONG("request.host.invalid", rig_get(client, "/", .headers = {{"Host", "a/b"}}));
}

static void test_request_with_one_host(void **state)
{
    (void)state;
    expect_silent(rig_get(client, "/", .headers = {{"Host", "a.example:81"}}), "request.host.invalid");
    expect_silent(rig_get(client, "/", .headers = {{"Host", "[::1]"}}), "request.host.invalid");
    expect_silent(rig_get(client, "/", .headers = {{"Host", ""}}), "request.host.invalid");
    expect_silent(rig_get(client, "/", .headers = {{"Host", NULL}}, .http_version = "1.0"), "request.host.invalid");
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
    EXPECT_WRONG("request.target.invalid", rig_get(client, "example.org:80/items"));
    EXPECT_WRONG("request.target.invalid", rig_get(client, "/a b"));
    EXPECT_WRONG("request.target.invalid", rig_get(client, "/a\r\nHost: b"));
    EXPECT_WRONG("request.target.invalid", rig_get(client, "/", .script_name = "app"));
    EXPECT_WRONG("request.target.invalid", rig_get(client, "/", .script_name = "/app/"));
    EXPECT_WRONG("request.target.invalid", rig_get(client, "/", .script_name = "/"));
    EXPECT_WRONG("request.target.invalid", rig_get(client, "/", .script_name = "/a b"));
    EXPECT_WRONG("request.target.invalid", rig_get(client, "/", .script_name = "/a?b"));
}

static void test_request_with_escaped_target(void **state)
{
    (void)state;
    expect_silent(rig_get(client, "/a%20b?c=%0d%0a"), "request.target.invalid");
    expect_silent(rig_get(client, "http://example.org/x"), "request.target.invalid");
    expect_silent(rig_get(client, "items?a#b"), "request.target.invalid");
    expect_silent(rig_options(client, "*"), "request.target.invalid");
    expect_silent(rig_get(client, "/", .script_name = "/app/v1"), "request.target.invalid");
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
