/* input.* */
#include "tests/unit/rules_test.h"

/* ---- input.early_answer.unread ---- */

static int refuses(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    (void)env;
    (void)next;
    return FAULT(rig_respond(res, .status = 401));
}
LAYER(refuses);

static void test_early_answer_leaves_body(void **state)
{
    (void)state;
    STAND(&refuses_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/api/items?key=secret", .body = "name=lamp");
    const struct rig_finding *finding = expect_only(result, "input.early_answer.unread", RIG_LEVEL_ERROR, "refuses");
    assert_string_equal(finding->message, "refuses answered 401 and left 9 of 9 body bytes unread");
    assert_string_equal(finding->evidence[0].text, "POST /api/items, Content-Length: 9");
    assert_string_equal(finding->server, "http1");
    assert_string_equal(finding->follows, "the 9 bytes become the start of the next request on the connection (sure)");
    finding = finding_of(rig_post(client, "/", .body = "1"), "input.early_answer.unread");
    assert_string_equal(finding->follows, "the 1 byte becomes the start of the next request on the connection (sure)");
}

static int reads_one_byte_and_refuses(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char byte;
    (void)self;
    (void)next;
    rig_input_read(rig_env_input(env), &byte, 1);
    return FAULT(rig_respond(res, .status = 401));
}
LAYER(reads_one_byte_and_refuses);

static void test_early_answer_leaves_part(void **state)
{
    (void)state;
    STAND(&reads_one_byte_and_refuses_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    const struct rig_finding *finding =
        expect_only(result, "input.early_answer.unread", RIG_LEVEL_ERROR, "reads_one_byte_and_refuses");
    assert_non_null(strstr(finding->message, "left 8 of 9 body bytes unread"));
}

static void test_early_answer_leaves_chunked_body(void **state)
{
    (void)state;
    STAND(&refuses_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/", .bytes = {"", 0}, .chunked = true);
    const struct rig_finding *finding = expect_only(result, "input.early_answer.unread", RIG_LEVEL_ERROR, "refuses");
    assert_string_equal(finding->message, "refuses answered 401 and left its chunked body unread");
    assert_non_null(strstr(finding->follows, "the chunk framing left on the connection"));
    assert_string_equal(finding->evidence[0].text, "POST /, Transfer-Encoding: chunked");
}

static void test_early_answer_logged_by_gateway(void **state)
{
    (void)state;
    behind(&rig_server_passenger3);
    STAND(&refuses_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    const struct rig_finding *finding = expect_only(result, "input.early_answer.unread", RIG_LEVEL_WARNING, "refuses");
    assert_string_equal(finding->server, "passenger3 (modelled)");
    assert_non_null(strstr(finding->follows, " (sure); it logs \"Cannot read response from backend process: Connection "
                                             "reset by peer (104)\""));
}

static void test_early_answer_replaced_by_gateway(void **state)
{
    static char body[256 * 1024];
    (void)state;
    memset(body, 'x', sizeof body);
    behind(&rig_server_passenger3);
    STAND(&refuses_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/", .bytes = {body, sizeof body});
    const struct rig_finding *finding = expect_only(result, "input.early_answer.unread", RIG_LEVEL_ERROR, "refuses");
    assert_non_null(strstr(finding->follows, "answers 502, and the app's answer is gone (sure); it logs \"An error"));
    assert_non_null(strstr(finding->follows, "\" and \"[error] recv() failed (104"));
    assert_int_equal(result->delivery.status, 502);
}

/* The connection ends with the answer: nothing is lost to the client of this profile, so it is only noted. */
static void test_early_answer_before_close(void **state)
{
    (void)state;
    STAND(&refuses_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp", .headers = {{"Connection", "close"}});
    (void)expect_only(result, "input.early_answer.unread", RIG_LEVEL_NOTE, "refuses");
}

static void test_early_answer_is_a_race(void **state)
{
    static char body[64 * 1024];
    (void)state;
    memset(body, 'x', sizeof body);
    behind(&rig_server_passenger3);
    STAND(&refuses_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/", .bytes = {body, sizeof body});
    const struct rig_finding *finding = expect_only(result, "input.early_answer.unread", RIG_LEVEL_ERROR, "refuses");
    assert_non_null(strstr(finding->follows, "(a race: up to 14 of 20"));
}

static int64_t two_bytes(void *self, void *buffer, size_t size)
{
    int *given = self;
    if (*given == 2 || size == 0) {
        return 0;
    }
    *(char *)buffer = 'x';
    ++*given;
    return 1;
}

/* Nobody knows how long it is: a source without a size. */
static void test_early_answer_leaves_rest_of_chunked_body(void **state)
{
    int given = 0;
    (void)state;
    STAND(&reads_one_byte_and_refuses_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/", .source = {.read = two_bytes, .self = &given});
    const struct rig_finding *finding =
        expect_only(result, "input.early_answer.unread", RIG_LEVEL_ERROR, "reads_one_byte_and_refuses");
    assert_non_null(strstr(finding->message, "left the rest of its chunked body unread"));
}

/* Nobody knows its size: no number is told. */
static void test_chunked_body_unread_in_memory(void **state)
{
    int given = 0;
    (void)state;
    behind(&rig_server_memory);
    STAND(&refuses_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/", .source = {.read = two_bytes, .self = &given});
    const struct rig_finding *finding = finding_of(result, "input.body.unread");
    assert_string_equal(finding->message, "nobody read its chunked body");
}

static int64_t streams_nothing(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return 0;
}

static const char *stream_header;

static int refuses_in_a_stream(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self, (void)env, (void)next;
    (void)FAULT(rig_response_set_status(res, 401));
    if (stream_header) {
        rig_response_set_header(res, stream_header, "0");
    }
    return rig_response_stream(res, (struct rig_source){.read = streams_nothing});
}
LAYER(refuses_in_a_stream);

static void test_early_answer_without_length(void **state)
{
    (void)state;
    stream_header = NULL;
    STAND(&refuses_in_a_stream_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/", .body = "hello", .http_version = "1.0");
    const struct rig_finding *finding =
        expect_only(result, "input.early_answer.unread", RIG_LEVEL_ERROR, "refuses_in_a_stream");
    assert_non_null(strstr(finding->follows, "the client takes it as cut short (sure)"));
    assert_int_equal(result->delivery.outcome, RIG_TRUNCATED);
    stream_header = "Content-Length";
    result = rig_post(client, "/", .body = "hello", .http_version = "1.0");
    (void)expect_only(result, "input.early_answer.unread", RIG_LEVEL_NOTE, "refuses_in_a_stream");
    assert_int_equal(result->delivery.outcome, RIG_DELIVERED);
}

static int refuses_post(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    bool post = strcmp(rig_env_get(env, "REQUEST_METHOD"), "POST") == 0;
    return post ? refuses(self, env, res, next) : rig_next(next, env, res);
}
LAYER(refuses_post);

/* Two requests on one connection: the second is at fault, and the finding says which. */
static void test_early_answer_to_second_request(void **state)
{
    (void)state;
    STAND(&refuses_post_layer, answer_ok);
    static const char wire[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                               "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd";
    const struct rig_result *result = rig_send_raw(client, wire, sizeof wire - 1);
    const struct rig_finding *finding =
        expect_found(result, "input.early_answer.unread", RIG_LEVEL_ERROR, "refuses_post");
    assert_int_equal(finding->exchange, 1);
    assert_string_equal(finding->evidence[0].text, "POST /b, Content-Length: 4");
}

static int answers_nothing(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return FAULT(rig_response_set_header(res, "X-Seen", "yes"));
}

static void test_nobody_answers_and_leaves_body(void **state)
{
    (void)state;
    STAND(&above_layer, answers_nothing);
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    const struct rig_finding *finding =
        expect_found(result, "input.early_answer.unread", RIG_LEVEL_ERROR, "answers_nothing");
    assert_non_null(strstr(finding->message, "returned without an answer and left 9 of 9"));
    expect_found(result, "response.missing", RIG_LEVEL_ERROR, "answers_nothing");
}

static int fails(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    (void)env;
    (void)next;
    FAULT(rig_response_set_header(res, "X-Why", "no disk"));
    return -EIO;
}
LAYER(fails);

static void test_error_leaves_body(void **state)
{
    (void)state;
    STAND(&fails_layer, answer_ok);
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    const struct rig_finding *finding = expect_only(result, "input.early_answer.unread", RIG_LEVEL_ERROR, "fails");
    assert_non_null(strstr(finding->message, "fails returned -5 and left 9 of 9"));
}

static int drains_and_refuses(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    (void)next;
    int64_t drained = rig_input_drain(rig_env_input(env), 1024);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 401);
}
LAYER(drains_and_refuses);

static void test_early_answer_drains_body(void **state)
{
    (void)state;
    STAND(&drains_and_refuses_layer, answer_ok);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.early_answer.unread");
    expect_silent(rig_post(client, "/", .body = "name=lamp", .chunked = true), "input.early_answer.unread");
}

static int refuses_and_drains(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    (void)next;
    int error = rig_respond(res, .status = 401);
    return error || rig_input_drain(rig_env_input(env), 1024) >= 0 ? error : -EFBIG;
}
LAYER(refuses_and_drains);

static void test_early_answer_drains_afterwards(void **state)
{
    (void)state;
    STAND(&refuses_and_drains_layer, answer_ok);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.early_answer.unread");
}

/* ---- input.body.unread ---- */

static int answers_unread(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return FAULT(rig_respond(res, .status = 200));
}

static void test_body_unread_in_memory(void **state)
{
    (void)state;
    behind(&rig_server_memory);
    STAND(&above_layer, answers_unread);
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    (void)expect_only(result, "input.body.unread", RIG_LEVEL_NOTE, "answers_unread");
    assert_int_equal(result->finding_count, 1);
}

static void test_body_read_in_part_in_memory(void **state)
{
    (void)state;
    behind(&rig_server_memory);
    STAND(&reads_one_byte_and_refuses_layer, answer_ok);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.body.unread");
}

static void test_body_drained_in_memory(void **state)
{
    (void)state;
    behind(&rig_server_memory);
    STAND(&drains_and_refuses_layer, answer_ok);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.body.unread");
}

/* ---- input.lifetime.stale ---- */

struct keeper {
    struct rig_input *input;
};

static int keeps_input(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    if (!keeper->input) {
        keeper->input = rig_env_input(env);
    }
    FAULT(rig_input_drain(keeper->input, 1024));
    return rig_next(next, env, res);
}
LAYER_WITH(keeps_input, keeper);

static void test_input_kept_for_next_request(void **state)
{
    (void)state;
    STAND(&keeps_input_layer, answer_ok);
    assert_int_equal(rig_post(client, "/", .body = "a=b")->finding_count, 0);
    EXPECT_ERROR(rig_get(client, "/"), "input.lifetime.stale", "keeps_input");
}

static int fetches_input(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    keeper->input = rig_env_input(env);
    rig_input_drain(keeper->input, 1024);
    return rig_next(next, env, res);
}
LAYER_WITH(fetches_input, keeper);

static void test_input_fetched_each_request(void **state)
{
    (void)state;
    STAND(&fetches_input_layer, answer_ok);
    rig_post(client, "/", .body = "a=b");
    expect_silent(rig_post(client, "/", .body = "a=b"), "input.lifetime.stale");
}

int main(void)
{
    const struct CMUnitTest tests[] = {INPUT_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: input", tests, NULL, NULL);
}
