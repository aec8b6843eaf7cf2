/* What an answer says: accessors, cookies, matchers, and the answer as a server is handed it. */
#include "tests/unit/core_test.h"

/* ---- an app that answers what the test tells it ---- */

static struct {
    int status;
    struct rig_field headers[12];
    struct rig_bytes body; /* data NULL: none is given */
    struct counted *stream;
} told;

static int tells(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    int error = rig_respond(res, .status = told.status, .bytes = told.body);
    for (size_t i = 0; told.headers[i].name && error == 0; i++) {
        error = rig_response_add_header(res, told.headers[i].name, told.headers[i].value);
    }
    return error || !told.stream ? error : rig_response_stream(res, source_of(told.stream));
}

static struct rig_client *client;

static int set_up(void **state)
{
    (void)state;
    memset(&told, 0, sizeof told);
    client = client_with(RIG_APP(tells), (struct rig_client_options){.checks = RIG_CHECKS_NONE});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_client_free(client);
    return 0;
}

#define ANSWERS(...) answers((struct rig_field[12]){__VA_ARGS__})

static const struct rig_result *answers(const struct rig_field headers[12])
{
    memcpy(told.headers, headers, sizeof told.headers);
    return rig_get(client, "/");
}

/* ---- status ---- */

static void test_status(void **state)
{
    (void)state;
    for (int status = 100; status < 700; status++) {
        told.status = status;
        const struct rig_result *result = rig_get(client, "/");
        const int is[] = {rig_result_is_invalid(result),      rig_result_is_informational(result),
                          rig_result_is_successful(result),   rig_result_is_redirection(result),
                          rig_result_is_client_error(result), rig_result_is_server_error(result)};
        for (int i = 0; i < 6; i++) {
            assert_int_equal(is[i], i == (status > 599 ? 0 : status / 100));
        }
        assert_int_equal(rig_result_is_ok(result), status == 200);
        assert_int_equal(rig_result_is_created(result), status == 201);
        assert_int_equal(rig_result_is_accepted(result), status == 202);
        assert_int_equal(rig_result_is_no_content(result), status == 204);
        assert_int_equal(rig_result_is_moved_permanently(result), status == 301);
        assert_int_equal(rig_result_is_bad_request(result), status == 400);
        assert_int_equal(rig_result_is_unauthorized(result), status == 401);
        assert_int_equal(rig_result_is_forbidden(result), status == 403);
        assert_int_equal(rig_result_is_not_found(result), status == 404);
        assert_int_equal(rig_result_is_method_not_allowed(result), status == 405);
        assert_int_equal(rig_result_is_not_acceptable(result), status == 406);
        assert_int_equal(rig_result_is_request_timeout(result), status == 408);
        assert_int_equal(rig_result_is_precondition_failed(result), status == 412);
        assert_int_equal(rig_result_is_unprocessable(result), status == 422);
        assert_int_equal(rig_result_is_redirect(result),
                         (status >= 301 && status <= 303) || status == 307 || status == 308);
        assert_int_equal(rig_result_is_empty(result), status == 201 || status == 204 || status == 304);
        rig_client_reset(client);
    }
}

/* ---- headers ---- */

static void test_headers(void **state)
{
    (void)state;
    const struct rig_result *result = ANSWERS({"Location", "/x"}, {"ETAG", "\"1\""}, {"cache-control", "no-store"},
                                              {"A", "1"}, {"a", "2"}, {"B", "3"}, {"A", ""});
    assert_string_equal(rig_result_location(result), "/x");
    assert_string_equal(rig_result_etag(result), "\"1\"");
    assert_string_equal(rig_result_cache_control(result), "no-store");
    assert_null(rig_result_content_type(result));
    assert_string_equal(rig_result_header_nth(result, "a", 0), "1");
    assert_string_equal(rig_result_header_nth(result, "a", 1), "2");
    assert_string_equal(rig_result_header_nth(result, "a", 2), "");
    assert_null(rig_result_header_nth(result, "a", 3));
    assert_null(rig_result_header_nth(result, NULL, 0));
    assert_null(rig_result_header_nth(NULL, "a", 0));
    assert_string_equal(result->headers[3].name, "A"); /* as they were set */
    assert_string_equal(result->headers[4].name, "a");
}

static void test_media_type(void **state)
{
    size_t count;
    (void)state;
    const struct rig_result *result = ANSWERS({"Content-Type", "Text/HTML ; Charset=\"UTF-\\8\"; a=b=c; q=;;flag"});
    const struct rig_field *params = rig_result_media_type_params(result, &count);
    assert_string_equal(rig_result_media_type(result), "text/html");
    assert_string_equal(rig_result_charset(result), "UTF-8");
    assert_string_equal(rig_result_media_type_param(result, "A"), "b=c");
    assert_string_equal(rig_result_media_type_param(result, "q"), "");
    assert_null(rig_result_media_type_param(result, "b"));
    assert_null(rig_result_media_type_param(result, NULL));
    assert_string_equal(params[0].name, "charset");
    assert_true(count >= 3);
    assert_ptr_equal(rig_result_media_type_params(result, &count), params); /* read once */
    rig_assert(result, .media_type = "text/html");

    static const char *const none[] = {"", " ", ";charset=x"};
    for (size_t i = 0; i < COUNT(none); i++) {
        assert_null(rig_result_media_type(ANSWERS({"Content-Type", none[i]})));
    }
    assert_null(rig_result_media_type(ANSWERS({0})));
    assert_null(rig_result_charset(ANSWERS({0})));
    assert_null(rig_result_media_type(NULL));
}

static void test_content_length(void **state)
{
    static const struct {
        const char *value;
        int64_t length;
    } cases[] = {
        {NULL, -ENOENT},
        {"0", 0},
        {"007", 7},
        {" 12\t", 12},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775808", -ERANGE},
        {"99999999999999999999999999999999999", -ERANGE},
        {"", -EINVAL},
        {" ", -EINVAL},
        {"abc", -EINVAL},
        {"12abc", -EINVAL},
        {"-1", -EINVAL},
        {"+1", -EINVAL},
        {"1.0", -EINVAL},
        {"0x10", -EINVAL},
        {"1, 1", -EINVAL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct rig_result *result = cases[i].value ? ANSWERS({"Content-Length", cases[i].value}) : ANSWERS({0});
        assert_true(rig_result_content_length(result) == cases[i].length);
    }
    assert_true(rig_result_content_length(ANSWERS({"Content-Length", "3"}, {"content-length", "3"})) == -EINVAL);
}

static void test_chunked(void **state)
{
    static const struct {
        const char *value;
        bool chunked;
    } cases[] = {{"chunked", true},   {"CHUNKED", true},    {"gzip, chunked", true}, {"gzip,Chunked ", true},
                 {"chunkedx", false}, {"x-chunked", false}, {"gzip", false},         {"", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(rig_result_is_chunked(ANSWERS({"Transfer-Encoding", cases[i].value})), cases[i].chunked);
    }
    assert_false(rig_result_is_chunked(ANSWERS({0})));
    assert_true(rig_result_is_chunked(ANSWERS({"Transfer-Encoding", "gzip"}, {"transfer-encoding", "chunked"})));
}

/* ---- cookies ---- */

static void test_cookies(void **state)
{
    size_t count;
    (void)state;
    const struct rig_result *result =
        ANSWERS({"Set-Cookie", "sid=abc; Path=/app; SECURE; Max-Age=5"}, {"set-cookie", "a=1"}, {"Set-Cookie", "A=2"},
                {"Set-Cookie", "no cookie"}, {"Set-Cookie", "a="}, {"Cookie", "x=1"}, {"SET-COOKIE", "b=\"q\"=="});
    const struct rig_set_cookie *cookies = rig_result_cookies(result, &count);
    assert_int_equal(count, 5); /* in order; not the one that is none */
    assert_memory_equal(cookies[2].name.data, "A", 1);
    const struct rig_set_cookie *sid = rig_result_cookie(result, "sid");
    assert_ptr_equal(sid, &cookies[0]);
    assert_true(sid->secure && sid->has_max_age && sid->max_age == 5);
    assert_memory_equal(sid->path.data, "/app", 4);
    assert_string_equal(rig_result_cookie_value(result, "sid"), "abc");
    assert_string_equal(rig_result_cookie_value(result, "a"), ""); /* the last of that name */
    assert_ptr_equal(rig_result_cookie(result, "a"), &cookies[3]);
    assert_string_equal(rig_result_cookie_value(result, "A"), "2");
    assert_string_equal(rig_result_cookie_value(result, "b"), "\"q\"==");
    assert_null(rig_result_cookie_value(result, "x"));
    assert_null(rig_result_cookie(result, "si"));
    assert_null(rig_result_cookie(result, NULL));
    assert_null(rig_result_cookie(NULL, "sid"));
    assert_ptr_equal(rig_result_cookies(result, &count), cookies); /* read once */
    rig_assert(result, .cookies = {{"sid", "abc"}, {"x", NULL}, {"A", "2"}});

    result = ANSWERS({0});
    assert_null(rig_result_cookie(result, "sid"));
    (void)rig_result_cookies(result, &count);
    assert_int_equal(count, 0);
    assert_null(rig_result_cookies(rig_get(NULL, "/"), &count)); /* what came of no client */
    assert_int_equal(count, 0);
}

/* ---- matchers ---- */

static void test_matchers(void **state)
{
    (void)state;
    told.body = (struct rig_bytes){"one\0two\nthree", 13};
    const struct rig_result *result = ANSWERS({"Link", "</a>"}, {"Link", "</b>; rel=next"});
    assert_true(rig_result_matches(result, "^one"));
    assert_true(rig_result_matches(result, "t(wo|hree)$"));
    assert_true(rig_result_matches(result, "two")); /* behind a zero byte */
    assert_true(rig_result_matches(result, ""));
    assert_false(rig_result_matches(result, "^two"));
    assert_false(rig_result_matches(result, "four"));
    assert_true(rig_result_contains(result, "two\nth"));
    assert_false(rig_result_contains(result, "twoo"));
    assert_true(rig_result_header_matches(result, "link", "rel=[a-z]+"));
    assert_false(rig_result_header_matches(result, "link", "rel=[0-9]+"));
    assert_false(rig_result_header_matches(result, "Via", ""));
    assert_false(rig_result_matches(NULL, "one"));
    assert_false(rig_result_contains(NULL, "one"));
    assert_false(rig_result_contains(result, NULL));
    rig_assert(result, .body_matches = "o.t", .header_matches = {{"Link", "^</b>"}});

    told.body = (struct rig_bytes){"", 0};
    result = rig_get(client, "/");
    assert_true(rig_result_matches(result, "^$"));
    assert_false(rig_result_matches(result, "."));
}

/* A wrong expression is no answer; that it was wrong is told by the next assertion. */
static void test_wrong_expressions(void **state)
{
    (void)state;
    const struct rig_result *result = rig_get(client, "/");
    assert_false(rig_result_matches(result, "("));
    assert_false(rig_expect(result, .status = 200));
    assert_non_null(strstr(rig_expect_message(result), "the expression \"(\" cannot be matched: "));
    assert_true(rig_expect(result, .status = 200));
    assert_false(rig_result_matches(result, NULL));
    assert_false(rig_expect(result, .status = 200));
    assert_non_null(strstr(rig_expect_message(result), "cannot be matched: it is NULL"));
}

/* ---- as a server is handed it ---- */

/* "A: 1\nB: 2\n" and the body. */
static const char *finished_text(const struct rig_result *result)
{
    static char text[512];
    const struct rig_finished *finished = rig_result_finish(result);
    size_t at = 0;
    for (size_t i = 0; i < finished->header_count; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%s: %s\n", finished->headers[i].name,
                               finished->headers[i].value);
    }
    at += (size_t)snprintf(text + at, sizeof text - at, "%s", finished->stream ? "(stream)" : "");
    for (size_t i = 0; i < finished->chunk_count; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "[%.*s]", (int)finished->chunks[i].size,
                               (const char *)finished->chunks[i].data);
    }
    assert_int_equal(finished->status, result->status);
    assert_ptr_equal(rig_result_finish(result), finished);
    return text;
}

static void test_finish(void **state)
{
    (void)state;
    told.body = (struct rig_bytes){"abc", 3};
    assert_string_equal(finished_text(ANSWERS({"A", "1"})), "A: 1\nContent-Length: 3\n[abc]");
    assert_string_equal(finished_text(ANSWERS({"content-length", "9"}, {"A", "1"}, {"Content-Length", "x"})),
                        "content-length: 3\nA: 1\n[abc]");
    assert_string_equal(finished_text(ANSWERS({"Transfer-Encoding", "gzip, chunked"})),
                        "Transfer-Encoding: gzip, chunked\n[abc]");
    static const int bodiless[] = {100, 199, 204, 304};
    for (size_t i = 0; i < COUNT(bodiless); i++) {
        told.status = bodiless[i];
        assert_string_equal(finished_text(ANSWERS({"Content-Type", "a/b"}, {"A", "1"}, {"Content-Length", "3"})),
                            "A: 1\n");
    }
    told.status = 205;
    assert_string_equal(finished_text(ANSWERS({0})), "Content-Length: 3\n[abc]");
    told.body = (struct rig_bytes){"", 0};
    assert_string_equal(finished_text(ANSWERS({0})), "Content-Length: 0\n");
    told.body = (struct rig_bytes){NULL, 0};
    assert_string_equal(finished_text(ANSWERS({"A", "1"})), "A: 1\n"); /* nothing was said of a body */
    assert_null(rig_result_finish(NULL));
    assert_null(rig_result_finish(rig_get(NULL, "/")));
}

static void test_finish_of_streams_and_head(void **state)
{
    struct counted body = {.size = 4};
    (void)state;
    told.stream = &body;
    assert_string_equal(finished_text(ANSWERS({"A", "1"})), "A: 1\n(stream)[abcd]");
    told.status = 204;
    body = (struct counted){.size = 4};
    assert_string_equal(finished_text(ANSWERS({0})), "");
    told.stream = NULL;
    told.status = 200;
    told.body = (struct rig_bytes){"abc", 3};
    ANSWERS({"Content-Length", "3"});
    assert_string_equal(finished_text(rig_head(client, "/")), "Content-Length: 3\n"); /* as a GET's would be */
    assert_string_equal(finished_text(rig_get(client, "/", .discard_body = true)), "Content-Length: 3\n");
}

/* ---- memory ---- */

static bool admit_until(void *self, size_t size)
{
    int *left = self;
    (void)size;
    return *left != 0 && (*left)--;
}

/* Whatever piece is not there: nothing is made up, and the next assertion says why. */
static void test_without_memory(void **state)
{
    (void)state;
    int left = -1;
    struct rig_client *poor =
        client_with(RIG_APP(tells), (struct rig_client_options){.allocator = {.admit = admit_until, .self = &left}});
    told.body = (struct rig_bytes){"x", 1};
    memcpy(told.headers, (struct rig_field[]){{"Set-Cookie", "a=1"}, {"Content-Type", "Text/HTML; charset=x"}},
           2 * sizeof *told.headers);
    unsigned failed = 0;
    for (int pieces = 0; pieces < 32; pieces++) {
        const struct rig_result *result = rig_get(poor, "/");
        left = pieces;
        const char *value = rig_result_cookie_value(result, "a");
        const struct rig_finished *finished = rig_result_finish(result);
        const char *type = rig_result_media_type(result), *charset = rig_result_charset(result);
        left = -1;
        assert_true(!value || strcmp(value, "1") == 0);
        assert_true(!finished || finished->header_count == 3);
        assert_true(!type || strcmp(type, "text/html") == 0);
        assert_true(!charset || strcmp(charset, "x") == 0);
        bool whole = value && finished && type && charset;
        assert_int_equal(rig_expect(result, .status = 200), whole);
        assert_true(whole || strstr(rig_expect_message(result), "there was no memory for what the test asked"));
        rig_assert(result, .cookies = {{"a", "1"}});
        failed += !whole;
    }
    assert_in_range(failed, 4, 31);
    rig_client_free(poor);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_status),         TEST(test_headers),
        TEST(test_media_type),     TEST(test_content_length),
        TEST(test_chunked),        TEST(test_cookies),
        TEST(test_matchers),       TEST(test_wrong_expressions),
        TEST(test_finish),         TEST(test_finish_of_streams_and_head),
        TEST(test_without_memory),
    };
    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
