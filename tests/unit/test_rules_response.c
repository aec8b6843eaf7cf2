/* response.* but for its framing, which has a program of its own */
#include "tests/unit/rules_test.h"

/* ---- response.missing ---- */

static int forgets_to_answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return FAULT(rig_response_set_header(res, "X-Seen", "yes"));
}

static void test_nobody_answers(void **state)
{
    (void)state;
    STAND(&above_layer, forgets_to_answer);
    EXPECT_ERROR(rig_get(client, "/"), "response.missing", "forgets_to_answer");
}

static int drops_request(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    (void)env;
    (void)next;
    return FAULT(rig_response_set_header(res, "X-Blocked", "yes"));
}
LAYER(drops_request);

static void test_layer_answers_nothing(void **state)
{
    (void)state;
    STAND(&drops_request_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "response.missing", "drops_request");
}

static int app_fails(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    (void)res;
    return -EIO;
}

static int swallows_error(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (rig_next(next, env, res) < 0) {
        FAULT(rig_response_set_header(res, "X-Failed", "yes"));
    }
    return 0;
}
LAYER(swallows_error);

static void test_error_swallowed(void **state)
{
    (void)state;
    STAND(&swallows_error_layer, app_fails);
    const struct rig_finding *finding =
        expect_only(rig_get(client, "/"), "response.missing", RIG_LEVEL_ERROR, "swallows_error");
    assert_non_null(strstr(finding->message, "an error from below"));
}

static int answers_with_status_only(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    rig_response_set_header(res, "X-Seen", "yes");
    return rig_response_set_status(res, 200);
}

static void test_headers_then_status_only(void **state)
{
    (void)state;
    STAND(&above_layer, answers_with_status_only);
    expect_silent(rig_get(client, "/"), "response.missing");
}

/* ---- response.answer.overwritten ---- */

static int shows_own_page(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_respond(res, .status = 200, .body = "our page"));
}
LAYER(shows_own_page);

static void test_answer_overwritten_above(void **state)
{
    (void)state;
    STAND(&shows_own_page_layer, answer_ok);
    const struct rig_result *result = rig_get(client, "/");
    const struct rig_finding *finding =
        expect_only(result, "response.answer.overwritten", RIG_LEVEL_NOTE, "shows_own_page");
    assert_string_equal(finding->message, "shows_own_page replaced the answer of answer_ok");
    assert_true(result->hops[1].status_over && !result->hops[3].status_over);
    assert_int_equal(result->finding_count, 1);
}

/* Whatever is looked at. */
static void test_status_over_without_checks(void **state)
{
    (void)state;
    STAND(&shows_own_page_layer, answer_ok);
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.checks = RIG_CHECKS_NONE});
    const struct rig_result *result = rig_get(client, "/");
    assert_true(result->hops[1].status_over && !result->hops[3].status_over);
}

static int shows_page_step_by_step(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    error = error ? error : FAULT(rig_response_set_status(res, 404));
    return error ? error : rig_respond(res, .status = 404, .body = "our page");
}
LAYER(shows_page_step_by_step);

static void test_answer_overwritten_step_by_step(void **state)
{
    (void)state;
    STAND(&shows_page_step_by_step_layer, answer_ok);
    (void)expect_only(rig_get(client, "/"), "response.answer.overwritten", RIG_LEVEL_NOTE, "shows_page_step_by_step");
}

static int64_t reads_inner(void *self, void *buffer, size_t size)
{
    const struct rig_source *inner = self;
    return inner->read(inner->self, buffer, size);
}

static void closes_inner(void *self)
{
    const struct rig_source *inner = self;
    inner->close(inner->self);
}

/* Wraps the body and adds a header: the answer is still the app's. */
static int wraps(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    struct rig_source *inner = rig_env_alloc(env, sizeof *inner);
    if (error || !inner) {
        return error ? error : -ENOMEM;
    }
    *inner = rig_response_take_body(res);
    rig_response_set_header(res, "X-Wrapped", "yes");
    return rig_response_stream(res, (struct rig_source){.read = reads_inner, .close = closes_inner, .self = inner});
}
LAYER(wraps);

static void test_answer_given_header_above(void **state)
{
    (void)state;
    STAND(&wraps_layer, answer_ok);
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, "response.answer.overwritten");
    assert_string_equal(result->body, "ok");
}

static int passes_twice(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_next(next, env, res));
}
LAYER(passes_twice);

/* The app is not above itself: that it answers anew is the second rig_next's doing. */
static void test_answer_given_again_below(void **state)
{
    (void)state;
    STAND(&passes_twice_layer, answer_ok);
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "next.call.twice", "passes_twice");
    assert_int_equal(result->finding_count, 1);
}

/* ---- response.status.* ---- */

static int status_from_path(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return FAULT(rig_response_set_status(res, atoi(rig_env_get(env, "PATH_INFO") + 1)));
}

static void test_status_99(void **state)
{
    (void)state;
    STAND(&above_layer, status_from_path);
    const struct rig_result *result = rig_get(client, "/99");
    EXPECT_ERROR(result, "response.status.min", "status_from_path");
    assert_false(result->hops[3].status_over); /* none was there */
    EXPECT_ERROR(rig_get(client, "/0"), "response.status.min", "status_from_path");
    EXPECT_ERROR(rig_get(client, "/-200"), "response.status.min", "status_from_path");
}

static void test_status_200(void **state)
{
    (void)state;
    STAND(&above_layer, status_from_path);
    expect_silent(rig_get(client, "/200"), "response.status.min");
    expect_silent(rig_get(client, "/100"), "response.status.min");
}

static void test_status_600(void **state)
{
    (void)state;
    STAND(&above_layer, status_from_path);
    EXPECT_ERROR(rig_get(client, "/600"), "response.status.max", "status_from_path");
}

static void test_status_599(void **state)
{
    (void)state;
    STAND(&above_layer, status_from_path);
    expect_silent(rig_get(client, "/599"), "response.status.max");
}

/* ---- response.header_name.token, response.header_value.chars ---- */

static int sets_spaced_name(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    FAULT(rig_response_set_header(res, "X Powered\x01", "C"));
    return rig_next(next, env, res);
}
LAYER(sets_spaced_name);

static void test_header_name_with_space(void **state)
{
    (void)state;
    STAND(&sets_spaced_name_layer, answer_ok);
    const struct rig_finding *finding =
        expect_only(rig_get(client, "/"), "response.header_name.token", RIG_LEVEL_ERROR, "sets_spaced_name");
    assert_string_equal(finding->subject, "X Powered\\x01");
}

static int sets_odd_name(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_response_set_header(res, "x!#$%&'*+-.^_`|~9", "C");
    return rig_next(next, env, res);
}
LAYER(sets_odd_name);

static void test_header_name_with_odd_token(void **state)
{
    (void)state;
    STAND(&sets_odd_name_layer, answer_ok);
    expect_silent(rig_get(client, "/"), "response.header_name.token");
}

static int redirects(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    (void)next;
    const char *to = rig_env_get(env, "app.to");
    return FAULT(rig_respond(res, .status = 302, .headers = {{"Location", to}}));
}
LAYER(redirects);

static void test_header_value_with_newline(void **state)
{
    (void)state;
    STAND(&redirects_layer, answer_ok);
    const struct rig_result *result = rig_get(client, "/", .env = {{"app.to", "/key\r\nSet-Cookie: a=b"}});
    const struct rig_finding *finding =
        expect_only(result, "response.header_value.chars", RIG_LEVEL_ERROR, "redirects");
    assert_string_equal(finding->subject, "Location");
    assert_string_equal(finding->message, "redirects set Location to a value with CR at offset 4 of 21");
}

static void test_header_value_with_control(void **state)
{
    (void)state;
    STAND(&redirects_layer, answer_ok);
    const struct rig_result *result = rig_get(client, "/", .env = {{"app.to", "/\x01"}});
    const struct rig_finding *finding =
        expect_only(result, "response.header_value.chars", RIG_LEVEL_ERROR, "redirects");
    assert_string_equal(finding->message, "redirects set Location to a value with byte 0x01 at offset 1 of 2");
}

static void test_header_value_with_tab(void **state)
{
    (void)state;
    STAND(&redirects_layer, answer_ok);
    const struct rig_result *result = rig_get(client, "/", .env = {{"app.to", "/a\tb\xc3\xa9%0d%0a"}});
    expect_silent(result, "response.header_value.chars");
}

/* ---- response.lifetime.stale ---- */

struct keeper {
    struct rig_response *res;
};

static int keeps_response(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    if (!keeper->res) {
        keeper->res = res;
    } else {
        FAULT(rig_response_set_header(keeper->res, "X-Kept", "yes"));
    }
    return rig_next(next, env, res);
}
LAYER_WITH(keeps_response, keeper);

static void test_response_kept_for_next_request(void **state)
{
    (void)state;
    STAND(&keeps_response_layer, answer_ok);
    assert_int_equal(rig_get(client, "/")->finding_count, 0);
    EXPECT_ERROR(rig_get(client, "/"), "response.lifetime.stale", "keeps_response");
}

static int keeps_response_of_now(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    keeper->res = res;
    int error = rig_next(next, env, res);
    rig_response_set_header(keeper->res, "X-Kept", "yes");
    return error;
}
LAYER_WITH(keeps_response_of_now, keeper);

static void test_response_of_each_request(void **state)
{
    (void)state;
    STAND(&keeps_response_of_now_layer, answer_ok);
    rig_get(client, "/");
    expect_silent(rig_get(client, "/"), "response.lifetime.stale");
}

int main(void)
{
    const struct CMUnitTest tests[] = {RESPONSE_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: response", tests, NULL, NULL);
}
