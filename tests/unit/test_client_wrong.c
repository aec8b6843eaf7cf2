/* Requests that are wrong: by mistake, which is an error of the test's own, or on purpose, which the server judges. */
#include "tests/unit/core_test.h"

static struct rig_client *client;
static unsigned app_calls;

static int app_counts(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *listed = rig_env_get(env, "HTTP_X_LISTED");
    app_calls++;
    assert_int_equal(rig_response_set_header(res, "X-Listed", listed ? listed : "none"), 0);
    return answer_body(self, env, res);
}

static int set_up(void **state)
{
    (void)state;
    app_calls = 0;
    client = client_with(RIG_APP(app_counts), (struct rig_client_options){.now = 0});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_client_free(client);
    return 0;
}

/* ---- by mistake ---- */

/* Nothing runs; the finding names the test's own line. */
static void expect_wrong(struct rig_request request, const char *rule, const char *text)
{
    const struct rig_result *result = rig_send(client, request);
    if (result->finding_count != 1 || strcmp(result->findings[0].rule, rule) != 0 ||
        !strstr(result->findings[0].message, text)) {
        fail_msg("expected %s with \"%s\", got %zu: %s: %s", rule, text, result->finding_count,
                 result->finding_count ? result->findings[0].rule : "-",
                 result->finding_count ? result->findings[0].message : "-");
    }
    rig_assert(result, .error = -EINVAL, .findings = {rule});
    assert_null(result->findings[0].layer);
    assert_non_null(strstr(result->findings[0].site, "test_client_wrong.c:"));
    assert_int_equal(result->hop_count, 0);
    assert_int_equal(app_calls, 0);
    assert_int_equal(result->delivery.outcome, RIG_NOT_SENT);
}

static void test_wrong_lines(void **state)
{
    static const char *const methods[] = {"", "GET ", "G(T", "G\nT", "\xc3\xa9"};
    static const char *const versions[] = {"",      "1",         "2",       "2.0",      "1.2",
                                           "HTTP/", "HTTP/1.10", "HTTP/11", "http/1.1", "1.10"};
    static const struct {
        const char *method, *target, *text;
    } targets[] = {
        {NULL, "x:y", "\"x:y\" cannot be sent"},
        {NULL, "/a|b", "must be percent-encoded"},
        {NULL, "/[a]", "must be percent-encoded"},
        {NULL, " /a", "a space must be sent as %20"},
        {NULL, "/a#b#c", "a second '#'"},
        {NULL, "/a#b c", "a space must be sent as %20"},
        {NULL, "/ ", "a space must be sent as %20"},
        {NULL, "/%4", "without two hex digits"},
        {NULL, "/\xc3\xa9", "a byte beyond ASCII"},
        {NULL, "/\n", "control character"},
        {NULL, "http:", "host:port is for CONNECT only"},
        {NULL, "mailto:a@b", "host:port is for CONNECT only"},
        {NULL, "127.0.0.1:80/", "host:port is for CONNECT only"},
        {NULL, "http://", "no host"},
        {NULL, "http://?a", "no host"},
        {NULL, "http://:80/", "no host"},
        {NULL, "http://h:a/", "a port is a number"},
        {NULL, "http://h:-1/", "a port is a number"},
        {NULL, "http://[::1/", "not an IPv6 address"},
        {NULL, "//[::1]x/", "not an IPv6 address"},
        {NULL, "http://a!b/", "not allowed in a host name"},
        {NULL, "http://a@b@c/", "not allowed in a host name"},
        {NULL, "*", "cannot be sent"},
        {"GET", "host:443", "cannot be sent"},
        {"CONNECT", "/", "cannot be sent"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++) {
        expect_wrong((struct rig_request){.method = methods[i]}, "request.method.token", "is no method");
    }
    for (size_t i = 0; i < COUNT(versions); i++) {
        expect_wrong(RIG_GET("/", .http_version = versions[i]), "request.version.invalid", "neither 1.0 nor 1.1");
    }
    for (size_t i = 0; i < COUNT(targets); i++) {
        expect_wrong((struct rig_request){.method = targets[i].method, .target = targets[i].target},
                     "request.target.invalid", targets[i].text);
    }
}

static void test_wrong_headers(void **state)
{
    static const char *const names[] = {"", "A B", "A:", "A\r", "(A)", "\xc3\xa9"};
    static const char *const values[] = {"a\r\nB: c", "\n", "\r", "a\x01", "\x7f"};
    static char long_name[66000];
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct rig_field listed[] = {{names[i], "x"}};
        expect_wrong(RIG_GET("/", .headers = {{names[i], "x"}}), "request.header_name.token", "is no header name");
        expect_wrong(RIG_GET("/", .header_list = listed, .header_count = 1), "request.header_name.token",
                     "is no header name");
    }
    for (size_t i = 0; i < COUNT(values); i++) {
        expect_wrong(RIG_GET("/", .headers = {{"A", values[i]}}), "request.header_value.chars", "the value of A");
    }
    memset(long_name, 'n', sizeof long_name - 1);
    for (size_t size = 65525; size < 65540; size++) { /* with HTTP_ before it, it is to fit 65535 bytes */
        long_name[size] = '\0';
        const struct rig_request request = RIG_GET("/", .headers = {{long_name, "x"}});
        if (size + 5 <= 65535) {
            rig_assert(rig_send(client, request), .status = 200);
            app_calls = 0;
        } else {
            expect_wrong(request, "request.header_name.token", "is no header name");
        }
        long_name[size] = 'n';
        rig_client_reset(client);
    }
}

static struct rig_request filled(bool headers, bool params, bool env)
{
    struct rig_request request = RIG_POST("/");
    for (size_t i = 0; i <= RIG_FIELDS_MAX; i++) {
        request.headers[i].name = headers ? "A" : NULL;
        request.params[i].name = params ? "A" : NULL;
        request.env[i].name = env ? "A" : NULL;
    }
    return request;
}

/* How to mend it is said of the very case. */
static void expect_mend(struct rig_request request, const char *rule, const char *mend)
{
    const struct rig_result *result = rig_send(client, request);
    rig_assert(result, .error = -EINVAL, .findings = {rule});
    assert_int_equal(result->finding_count, 1);
    if (!strstr(result->findings[0].mend, mend)) {
        fail_msg("\"%s\" is not in \"%s\"", mend, result->findings[0].mend);
    }
}

static void test_how_to_mend(void **state)
{
    static const struct rig_part missing = {.name = "a", .path = "/no/such/file"}, nameless = {.body = "x"},
                                 good = {.name = "a", .body = "\r\n--x--"};
    static const struct rig_field own[] = {{"Content-Type", "multipart/form-data; boundary=x"}};
    static const size_t zero = 0;
    (void)state;
    expect_mend(RIG_GET("/a b"), "request.target.invalid", "percent-encode it");
    expect_mend(RIG_GET("/100%"), "request.target.invalid", "is %25");
    expect_mend(RIG_GET("*"), "request.target.invalid", "'*' for OPTIONS");
    expect_mend(RIG_GET("/", .script_name = "a"), "request.target.invalid", "\"\" for the root");
    expect_mend(RIG_POST("/", .parts = &missing, .part_count = 1), "request.body.invalid", "a .path is taken from");
    expect_mend(RIG_POST("/", .parts = &nameless, .part_count = 1), "request.body.invalid", "struct rig_part");
    expect_mend(RIG_POST("/", .parts = &good, .part_count = 1, .header_list = own, .header_count = 1),
                "request.body.invalid", "leave the boundary out");
    expect_mend(RIG_POST("/", .body = "x", .pieces = &zero, .piece_count = 1), "request.body.invalid", "from 1 on");
    expect_mend(RIG_POST("/", .bytes = {NULL, 1}), "request.body.invalid", "give the data");
    expect_mend(RIG_POST("/", .body = "x", .json = "{}"), "request.body.twice", ".json");
    expect_mend(RIG_GET("/", .param_count = 1), "request.fields.too_many", "give both");
    expect_mend(filled(true, false, false), "request.fields.too_many", ".header_list, with its .header_count");
    expect_mend(RIG_GET("/", .env = {{NULL, "x"}}), "request.fields.too_many", "give it a name");
}

static void test_wrong_fields(void **state)
{
    static const struct rig_field unnamed[] = {{"A", "b"}, {NULL, "c"}};
    const char *nine[RIG_IGNORE_MAX + 1];
    (void)state;
    expect_wrong(filled(true, false, false), "request.fields.too_many", "the request's .headers holds more than 16");
    expect_wrong(filled(false, true, false), "request.fields.too_many", "the request's .params holds more than 16");
    expect_wrong(filled(false, false, true), "request.fields.too_many", "the request's .env holds more than 16");
    expect_wrong(RIG_GET("/", .header_count = 1), "request.fields.too_many", "with no .header_list");
    const size_t piece = 1;
    const struct rig_part lone = {.name = "a"};
    const struct rig_param param = {.name = "a"};
    expect_wrong(RIG_GET("/", .header_list = unnamed), "request.fields.too_many",
                 "a .header_list with a .header_count of 0");
    expect_wrong(RIG_GET("/", .env_list = unnamed), "request.fields.too_many", ".env_list with a .env_count of 0");
    expect_wrong(RIG_GET("/", .param_list = &param), "request.fields.too_many", ".param_list with a .param_count of 0");
    expect_wrong(RIG_POST("/", .query_list = &param), "request.fields.too_many",
                 ".query_list with a .query_count of 0");
    expect_wrong(RIG_POST("/", .parts = &lone), "request.fields.too_many", ".parts with a .part_count of 0");
    expect_wrong(RIG_POST("/", .body = "a", .pieces = &piece), "request.fields.too_many",
                 ".pieces with a .piece_count of 0");
    expect_mend(RIG_POST("/", .param_list = &param), "request.fields.too_many", "RIG_PARAMS(...)");
    expect_wrong(RIG_GET("/", .header_list = unnamed, .header_count = 1000000), "request.fields.too_many",
                 "1000000 headers: the rig sends at most 4096");
    expect_wrong(RIG_GET("/", .env_list = unnamed, .env_count = 2), "request.fields.too_many",
                 ".env_list[1] has no name");
    expect_wrong(RIG_GET("/", .env_count = 1), "request.fields.too_many", "with no .env_list");
    expect_wrong(RIG_GET("/", .param_count = 1), "request.fields.too_many", "with no .param_list");
    expect_wrong(RIG_GET("/", .query_count = 1), "request.fields.too_many", "with no .query_list");
    expect_wrong(RIG_GET("/", .header_list = unnamed, .header_count = 2), "request.fields.too_many",
                 ".header_list[1] has no name");
    for (size_t i = 0; i <= RIG_IGNORE_MAX; i++) {
        nine[i] = "env.*";
    }
    struct rig_request ignores = RIG_GET("/"), enables = ignores;
    memcpy(ignores.ignore, nine, sizeof nine);
    memcpy(enables.enable, nine, sizeof nine);
    expect_wrong(ignores, "request.fields.too_many", ".ignore holds more than 8 patterns");
    expect_wrong(enables, "request.fields.too_many", ".enable holds more than 8 patterns");
    expect_wrong(RIG_GET("/", .ignore = {"env.*", "no.rule"}), "usage.rule.unknown", ".ignore names \"no.rule\"");
    expect_wrong(RIG_GET("/", .enable = {"env"}), "usage.rule.unknown", ".enable names \"env\"");
    expect_wrong(RIG_GET("/", .env = {{"", "x"}}), "request.env.invalid", "has no name");
}

static void test_wrong_bodies(void **state)
{
    static const struct rig_part parts[] = {{.name = "a", .body = "b"}}, nameless[] = {{.body = "b"}};
    static const size_t pieces[] = {1, 0};
    (void)state;
    struct counted source = {.size = 5};
    static const char twice[] = "request.body.twice", invalid[] = "request.body.invalid";
    expect_wrong(RIG_POST("/", .body = "a", .bytes = {"b", 1}), twice, "2 bodies");
    expect_wrong(RIG_POST("/", .body = "a", .parts = parts, .part_count = 1), twice, "2 bodies");
    expect_wrong(RIG_POST("/", .bytes = {"a", 1}, .parts = parts, .part_count = 1, .source = source_of(&source)), twice,
                 "3 bodies");
    expect_wrong(RIG_POST("/", .bytes = {NULL, 5}), invalid, "size of 5 but no data");
    expect_wrong(RIG_POST("/", .part_count = 2), invalid, ".part_count of 2 without .parts");
    expect_wrong(RIG_POST("/", .parts = nameless, .part_count = 1), invalid, ".parts[0]");
    expect_wrong(RIG_POST("/", .source_size = 5), invalid, "no read function");
    expect_wrong(RIG_POST("/", .source = {.close = counted_close, .self = &source}), invalid, "no read function");
    expect_wrong(RIG_POST("/", .body = "a", .piece_count = 1), invalid, ".pieces");
    expect_wrong(RIG_POST("/", .body = "a", .pieces = pieces, .piece_count = 2), invalid, ".pieces of 0 bytes");
    assert_int_equal(source.closes, 2);
}

static void test_wrong_framing(void **state)
{
    (void)state;
    struct counted source = {.size = 5};
    static const char both[] = "request.framing.invalid", body[] = "request.body.invalid";
    static const char length[] = "request.content_length.mismatch";
    expect_wrong(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "3"}, {"Transfer-Encoding", "chunked"}}),
                 both, "both Content-Length and Transfer-Encoding");
    expect_wrong(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "3"}}, .chunked = true), both,
                 "both Content-Length and a chunked body");
    expect_wrong(RIG_POST("/", .body = "abc", .headers = {{"Transfer-Encoding", "gzip"}}), body,
                 "\"gzip\": the rig sends no other transfer");
    expect_wrong(RIG_POST("/", .body = "abc", .headers = {{"Transfer-Encoding", "gzip, chunked"}}), body,
                 "\"gzip, chunked\": the rig sends no other transfer");
    expect_wrong(
        RIG_POST("/", .body = "abc", .headers = {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}),
        body, "no other transfer");
    expect_wrong(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "4"}}), length, "says 4, the body has 3");
    expect_wrong(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", ""}}), length, "is no number");
    expect_wrong(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "3 "}}), length, "");
    expect_wrong(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "-3"}}), length, "is no number");
    expect_wrong(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "99999999999999999999"}}), length,
                 "is no number");
    expect_wrong(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "3"}, {"content-length", "3"}}), length,
                 "is no number"); /* one header with two values, to the app */
    expect_wrong(RIG_GET("/", .headers = {{"Content-Length", "5"}}), length, "says 5, the body has 0");
    expect_wrong(RIG_POST("/", .source = source_of(&source), .source_size = 5, .headers = {{"Content-Length", "6"}}),
                 length, "says 6, the body has 5");
}

/* ---- on purpose ---- */

static void expect_refused(struct rig_request request, int status, const char *text)
{
    request.malformed = true;
    const struct rig_result *result = rig_send(client, request);
    rig_assert(result, .status = status, .refused = true);
    if (!strstr(result->refused, text)) {
        fail_msg("refused: %s, expected %s", result->refused, text);
    }
    assert_int_equal(result->delivery.outcome, RIG_REFUSED);
    assert_int_equal(result->hop_count, 0);
    assert_int_equal(app_calls, 0);
}

static void test_malformed_is_judged_by_the_server(void **state)
{
    (void)state;
    expect_refused((struct rig_request){.method = "GE T"}, 400, "");
    expect_refused(RIG_GET("no path"), 400, "");
    expect_refused(RIG_GET("/\xc3\xa9"), 400, "");
    expect_refused(RIG_GET("/", .headers = {{"A B", "c"}}), 400, "");
    expect_refused(RIG_GET("/", .headers = {{"A", "b\rc"}}), 400, "");
    expect_refused(RIG_GET("/", .http_version = "2.0"), 505, "");
    expect_refused(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "3"}, {"Transfer-Encoding", "chunked"}}),
                   400, "");
    expect_refused(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "3"}, {"Content-Length", "4"}}), 400,
                   "");
    expect_refused(RIG_POST("/", .body = "abc", .headers = {{"Transfer-Encoding", "gzip"}}), 501, "");
    expect_refused(RIG_POST("/", .body = "zzz", .headers = {{"Transfer-Encoding", "chunked"}}), 400, "chunk");
}

/* What is not wrong on the wire runs, whatever was meant. */
static void test_malformed_that_is_not(void **state)
{
    static const size_t pieces[] = {2, 1};
    static const struct rig_field listed[] = {{"X-Listed", "1"}, {"X-None", NULL}};
    static const struct rig_part parts[] = {{.name = "a", .body = "b"}};
    (void)state;
    struct counted source = {.size = 5000};
    rig_assert(rig_get(client, "/", .malformed = true), .status = 200, .body = "");
    rig_assert(rig_post(client, "/?q", .body = "abc", .malformed = true), .status = 200, .body = "abc");
    rig_assert(
        rig_post(client, "/", .body = "abcdef", .chunked = true, .pieces = pieces, .piece_count = 2, .malformed = true),
        .status = 200, .body = "abcdef");
    rig_assert(rig_post(client, "/", .body = "", .chunked = true, .malformed = true), .status = 200, .body = "");
    rig_assert(rig_post(client, "/", .params = {{"a", "b"}}, .malformed = true), .status = 200, .body = "a=b");
    rig_assert(
        rig_get(client, "/", .params = {{"a", "b"}}, .header_list = listed, .header_count = 2, .malformed = true),
        .status = 200, .headers = {{"X-Listed", "1"}});
    rig_assert(rig_post(client, "/", .parts = parts, .part_count = 1, .malformed = true), .status = 200,
               .body_contains = "name=\"a\"");
    const struct rig_result *result = rig_post(client, "/", .source = source_of(&source), .malformed = true);
    rig_assert(result, .status = 200);
    assert_int_equal(result->body_size, 5000);
    rig_assert(rig_post(client, "/", .body = "ab", .headers = {{"Content-Length", "2"}, {"content-type", "x/y"}},
                        .malformed = true),
               .status = 200, .body = "ab");
    rig_assert(rig_get(client, "/", .headers = {{"Host", "a.example"}}, .http_version = "1.0", .malformed = true),
               .status = 200);
}

static char sees_host[64], sees_default[64];

static int app_sees_defaults(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *host = rig_env_get(env, "HTTP_HOST"), *value = rig_env_get(env, "HTTP_X_DEFAULT");
    (void)snprintf(sees_host, sizeof sees_host, "%s", host ? host : "-");
    (void)snprintf(sees_default, sizeof sees_default, "%s", value ? value : "-");
    return answer_body(self, env, res);
}

static void test_malformed_has_the_defaults(void **state)
{
    (void)state;
    struct rig_client *other = client_with(
        RIG_APP(app_sees_defaults),
        (struct rig_client_options){.headers = {{"X-Default", "d"}, {"Host", "own.example"}, {"X-None", NULL}}});
    rig_assert(rig_get(other, "/", .malformed = true), .status = 200);
    assert_string_equal(sees_default, "d");
    assert_string_equal(sees_host, "own.example");
    rig_assert(rig_get(other, "/", .headers = {{"x-default", "e"}, {"host", "f"}}, .malformed = true), .status = 200);
    assert_string_equal(sees_default, "e");
    assert_string_equal(sees_host, "f");
    rig_assert(rig_get(other, "/", .headers = {{"X-Default", NULL}}, .malformed = true), .status = 200);
    assert_string_equal(sees_default, "-");
    rig_client_free(other);
}

/* What bytes on the wire cannot carry is not dropped. */
static void test_malformed_cannot_carry(void **state)
{
    static const size_t pieces[] = {1};
    static const char invalid[] = "usage.argument.invalid";
    (void)state;
    expect_wrong(RIG_GET("/", .env = {{"A", "b"}}, .malformed = true), invalid, "its .env");
    expect_wrong(RIG_GET("/", .script_name = "/app", .malformed = true), invalid, "its .script_name");
    expect_wrong(RIG_GET("/", .remote_addr = "192.0.2.9", .malformed = true), invalid, "its .remote_addr");
    expect_wrong(RIG_POST("/", .body = "ab", .pieces = pieces, .piece_count = 1, .malformed = true), invalid,
                 "its .pieces without .chunked");
}

/* A body that is longer than it says: the rest is the next request on the connection. */
static void test_malformed_smuggles(void **state)
{
    (void)state;
    const struct rig_result *result = rig_post(client, "/", .body = "abcGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
                                               .headers = {{"Content-Length", "3"}}, .malformed = true);
    rig_assert(result, .status = 200, .body = "abc");
    assert_int_equal(result->exchange_count, 2);
    assert_string_equal(result->exchanges[1].target, "/smuggled");
    assert_int_equal(result->exchanges[1].status, 200);
}

/* A stack that cannot run runs for nobody, and what was to be sent is closed. */
static void test_sending_to_a_broken_stack(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    (void)state;
    struct rig_stack *stack = stack_new();
    struct rig_client *broken = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    struct counted source = {.size = 5};
    rig_assert(rig_post(broken, "/", .source = source_of(&source)), .error = -EINVAL,
               .findings = {"usage.stack.no_app"});
    assert_int_equal(source.closes, 1);
    const struct rig_result *result = rig_send_raw(broken, text, sizeof text - 1);
    rig_assert(result, .error = -EINVAL, .findings = {"usage.stack.no_app"});
    assert_int_equal(result->exchange_count, 0);
    assert_int_equal(result->delivery.outcome, RIG_NOT_SENT);
    assert_string_equal(result->delivery.server, "http1");
    rig_client_free(broken);
    rig_stack_free(stack);
}

/* Wrong use stays wrong use. */
static void test_malformed_does_not_excuse_wrong_use(void **state)
{
    (void)state;
    struct counted source = {.size = 5, .fail_at = 3, .error = -EIO}, twice = {.size = 5};
    struct rig_request too_many = filled(true, false, false);
    too_many.malformed = true;
    expect_wrong(too_many, "request.fields.too_many", "the request's .headers holds more than 16");
    expect_wrong(RIG_GET("/", .header_count = 1, .malformed = true), "request.fields.too_many", "no .header_list");
    expect_wrong(RIG_GET("/", .ignore = {"no.rule"}, .malformed = true), "usage.rule.unknown", "no.rule");
    expect_wrong(RIG_POST("/", .body = "abc", .chunked = true, .piece_count = 1, .malformed = true),
                 "request.body.invalid", ".pieces");
    expect_wrong(RIG_POST("/", .body = "abc", .source = source_of(&twice), .malformed = true), "request.body.twice",
                 "");
    assert_int_equal(twice.closes, 1);
    rig_assert(rig_post(client, "/", .source = source_of(&source), .malformed = true), .error = -EIO);
    assert_int_equal(source.closes, 1);
    assert_int_equal(app_calls, 0);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_how_to_mend),
        TEST(test_wrong_lines),
        TEST(test_wrong_headers),
        TEST(test_wrong_fields),
        TEST(test_wrong_bodies),
        TEST(test_wrong_framing),
        TEST(test_malformed_is_judged_by_the_server),
        TEST(test_malformed_that_is_not),
        TEST(test_malformed_has_the_defaults),
        TEST(test_malformed_cannot_carry),
        TEST(test_malformed_smuggles),
        TEST(test_sending_to_a_broken_stack),
        TEST(test_malformed_does_not_excuse_wrong_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
