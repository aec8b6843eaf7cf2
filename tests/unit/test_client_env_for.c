/* An env built and called by hand. */
#include "tests/unit/core_test.h"

static struct rig_client *client;
static unsigned app_calls;

static int app_echoes(void *self, struct rig_env *env, struct rig_response *res)
{
    app_calls++;
    assert_int_equal(rig_env_log(env, "path %s", rig_env_get(env, "PATH_INFO")), 0);
    return answer_body(self, env, res);
}

static int set_up(void **state)
{
    (void)state;
    app_calls = 0;
    client = client_with((struct rig_app){.name = "app", .call = app_echoes},
                         (struct rig_client_options){.server = &rig_server_memory});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_client_free(client);
    return 0;
}

/* ---- as it should be ---- */

static int ended;

static void end(void *object)
{
    (void)object;
    ended++;
}

static struct rig_env *build(const char *target)
{
    char text[16] = "some body", ignore[32] = "env.log.*";
    size_t pieces[] = {2, 3};
    struct rig_env *env = rig_env_for(client, RIG_POST(target, .body = text, .pieces = pieces, .piece_count = 2,
                                                       .ignore = {ignore}, .enable = {"env.log.written"}));
    memset(text, '#', sizeof text); /* nothing of the request is kept */
    memset(ignore, '#', sizeof ignore);
    memset(pieces, 0, sizeof pieces);
    return env;
}

static void test_built_changed_called(void **state)
{
    static int object;
    char buffer[16];
    (void)state;
    ended = 0;
    struct rig_env *env = build("/x?y");
    assert_non_null(env);
    assert_string_equal(rig_env_get(env, "QUERY_STRING"), "y");
    assert_int_equal(app_calls, 0);
    assert_int_equal(rig_env_set(env, "PATH_INFO", "/changed"), 0);
    assert_int_equal(rig_env_set_object(env, "object", &object, end), 0);
    assert_int_equal(rig_input_read(rig_env_input(env), buffer, sizeof buffer), 2);
    assert_int_equal(rig_env_log(env, "by hand"), 0);
    assert_int_equal(rig_env_unset(env, "HTTP_HOST"), 0);
    rig_assert(rig_get(client, "/between"), .status = 200); /* others come and go */
    const struct rig_result *result = rig_call(client, env);
    rig_assert(result, .status = 200, .body = "me body", .log_contains = "by hand\npath /changed\n");
    assert_int_equal(result->finding_count, 0);
    assert_int_equal(result->suppressed_count, 1);
    assert_string_equal(result->suppressed[0].by, "env.log.*");
    assert_int_equal(result->suppressed[0].count, 2);
    assert_non_null(strstr(result->site, "test_client_env_for.c:"));
    assert_string_equal(result->target, "/x?y");
    assert_int_equal(result->hop_count, 1);
    assert_int_equal(result->hops[0].env_writes, 0); /* the test's own are no layer's */
    assert_int_equal(ended, 1);
    assert_int_equal(app_calls, 2);
}

static void test_closed_without_calling(void **state)
{
    static int object;
    (void)state;
    ended = 0;
    void (*const closes[])(struct rig_client *) = {NULL, rig_client_reset};
    for (size_t i = 0; i < COUNT(closes); i++) {
        struct rig_env *env = build("/x");
        assert_int_equal(rig_env_set_object(env, "object", &object, end), 0);
        if (closes[i]) {
            closes[i](client);
        } else {
            rig_env_close(client, env);
        }
        assert_int_equal(ended, i + 1);
        assert_null(rig_env_get(env, "PATH_INFO"));
        rig_assert(rig_get(client, "/"), .status = 200, .findings = {"env.lifetime.stale"});
    }
    struct rig_client *other = client_for(answer_ok);
    struct rig_env *env = rig_env_for(other, RIG_GET("/"));
    assert_int_equal(rig_env_set_object(env, "object", &object, end), 0);
    rig_client_free(other);
    assert_int_equal(ended, 3);
}

/* What is wrong with its body shows when it is called, and names that line. */
static void test_short_source(void **state)
{
    (void)state;
    struct counted body = {.size = 5};
    struct rig_client *echo = client_for(answer_body);
    struct rig_env *env = rig_env_for(echo, RIG_POST("/", .source = source_of(&body), .source_size = 9));
    const char *site = NULL;
    const struct rig_result *result = (site = RIG_SITE, rig_call(echo, env));
    rig_assert(result, .status = 500, .error = -ECONNRESET, .findings = {"request.content_length.mismatch"});
    assert_string_equal(result->findings[0].site, site);
    assert_string_equal(result->site, site);
    rig_client_free(echo);
}

static void test_rule_enabled_by_the_client(void **state)
{
    (void)state;
    struct rig_client *enabling =
        client_with((struct rig_app){.call = app_echoes}, (struct rig_client_options){.enable = {"env.*"}});
    struct rig_env *env = rig_env_for(enabling, RIG_GET("/"));
    rig_assert(rig_call(enabling, env), .status = 200, .findings = {"env.log.written"});
    rig_assert(rig_get(enabling, "/"), .status = 200, .findings = {"env.log.written"});
    rig_client_free(enabling);
    rig_assert(rig_get(client, "/"), .status = 200); /* which is off by default */
    rig_assert(rig_get(client, "/", .enable = {"env.log.written"}), .status = 200, .findings = {"env.log.written"});
}

/* ---- many at once ---- */

static void test_eight_at_once(void **state)
{
    struct rig_env *envs[8];
    char target[32];
    (void)state;
    for (size_t i = 0; i < COUNT(envs); i++) {
        (void)snprintf(target, sizeof target, "/%zu", i);
        envs[i] = build(target);
        assert_non_null(envs[i]);
    }
    struct counted body = {.size = 5}, sent = {.size = 5};
    assert_null(rig_env_for(client, RIG_POST("/", .source = source_of(&body))));
    assert_int_equal(body.closes, 1);
    const struct rig_result *busy = rig_post(client, "/", .source = source_of(&sent));
    assert_int_equal(busy->error, -EBUSY);
    assert_int_equal(sent.closes, 1);
    busy = rig_send_raw(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27);
    assert_int_equal(busy->error, -EBUSY);
    assert_int_equal(rig_call(client, NULL)->error, -EBUSY);
    assert_int_equal(rig_send_raw(client, NULL, 7)->error, -EBUSY);
    for (size_t i = COUNT(envs); i-- > 0;) { /* in any order */
        (void)snprintf(target, sizeof target, "/%zu", i);
        assert_string_equal(rig_env_get(envs[i], "PATH_INFO"), target);
        const struct rig_result *result = rig_call(client, envs[i]);
        rig_assert(result, .status = 200, .body = "some body");
    }
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"usage.client.too_many_open"});
    assert_int_equal(count_found(result, "usage.client.too_many_open"), 5);
}

/* ---- wrong use ---- */

static void expect_refused(const struct rig_result *result, int error, const char *rule)
{
    rig_assert(result, .error = error, .findings = {rule});
    assert_int_equal(result->finding_count, 1);
    assert_non_null(strstr(result->findings[0].site, "test_client_env_for.c:"));
    assert_int_equal(app_calls, 0);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    struct rig_client *other = client_for(answer_ok);
    struct rig_env *others = rig_env_for(other, RIG_GET("/"));
    struct rig_env *env = build("/x"), *copy = rig_env_copy(env);
    expect_refused(rig_call(client, NULL), -EINVAL, "usage.argument.null");
    expect_refused(rig_call(client, others), -EINVAL, "usage.argument.invalid");
    expect_refused(rig_call(client, copy), -EINVAL, "usage.argument.invalid");
    rig_env_close(client, env);
    expect_refused(rig_call(client, env), -ESTALE, "env.lifetime.stale");
    rig_env_close(NULL, others);
    rig_assert(rig_call(other, others), .status = 200);
    expect_refused(rig_call(other, others), -ESTALE, "env.lifetime.stale");
    rig_client_free(other);
}

static struct rig_client *own_client;

static int calls_its_own_env(void *self, struct rig_env *env, struct rig_response *res)
{
    rig_assert(rig_call(own_client, env), .error = -EINVAL, .findings = {"usage.argument.invalid"});
    struct rig_env *inner = rig_env_for(own_client, RIG_GET("/inner", .env = {{"inner", "x"}}));
    if (!rig_env_get(env, "inner")) {
        rig_assert(rig_call(own_client, inner), .status = 200);
    } else {
        rig_env_close(own_client, inner);
    }
    return answer_ok(self, env, res);
}

static void test_calls_inside_a_request(void **state)
{
    (void)state;
    own_client = client_for(calls_its_own_env);
    rig_assert(rig_get(own_client, "/"), .status = 200);
    rig_client_free(own_client);
}

/* A request that cannot be built gives no env; what was wrong is told at the latest at the end. */
static void test_requests_that_cannot_be_built(void **state)
{
    char message[512];
    static const struct {
        struct rig_request request;
        const char *rule;
    } rows[] = {
        {{.target = "no path"}, "request.target.invalid"}, {{.headers = {{"A B", "c"}}}, "request.header_name.token"},
        {{.env = {{"", "x"}}}, "request.env.invalid"},     {{.malformed = true}, "usage.argument.invalid"},
        {{.ignore = {"no.rule"}}, "usage.rule.unknown"},
    };
    (void)state;
    assert_null(rig_env_for(NULL, RIG_GET("/")));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig_client *failing = client_for(answer_ok);
        struct counted body = {.size = 5};
        struct rig_request request = rows[i].request;
        request.source = source_of(&body);
        assert_null(rig_env_for(failing, request));
        assert_int_equal(body.closes, 1);
        assert_true(rig_client_close(failing, message, sizeof message));
        assert_non_null(strstr(message, rows[i].rule));
    }
    struct rig_stack *stack = stack_new(); /* without an app */
    struct rig_client *failing = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    assert_null(rig_env_for(failing, RIG_GET("/")));
    assert_true(rig_client_close(failing, message, sizeof message));
    assert_non_null(strstr(message, "usage.stack.no_app"));
    rig_stack_free(stack);
}

static void test_late_building_is_told_by_a_call(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    assert_int_equal(rig_run(stack, RIG_APP(answer_ok)), 0);
    struct rig_client *late = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    struct rig_env *env = rig_env_for(late, RIG_GET("/"));
    assert_int_equal(rig_run(stack, RIG_APP(answer_ok)), -EINVAL);
    rig_assert(rig_call(late, env), .status = 200, .findings = {"usage.stack.frozen"});
    rig_client_free(late);
    rig_stack_free(stack);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_built_changed_called),
        TEST(test_closed_without_calling),
        TEST(test_short_source),
        TEST(test_rule_enabled_by_the_client),
        TEST(test_eight_at_once),
        TEST(test_wrong_calls),
        TEST(test_calls_inside_a_request),
        TEST(test_requests_that_cannot_be_built),
        TEST(test_late_building_is_told_by_a_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
