/* usage.*: wrong use of the interface, by layers and by tests */
#include "tests/unit/rules_test.h"

/* ---- usage.argument.* ---- */

static int sets_nameless(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    assert_int_equal(FAULT(rig_env_set(env, "", "x")), -EINVAL);
    return rig_next(next, env, res);
}
LAYER(sets_nameless);

static void test_argument_invalid(void **state)
{
    (void)state;
    STAND(&sets_nameless_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "usage.argument.invalid", "sets_nameless");
}

static int reads_short_line(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char line[2];
    (void)self;
    while (rig_input_line(rig_env_input(env), line, sizeof line) > 0) {
    }
    return rig_env_set(env, "x", "") ? -EIO : rig_next(next, env, res);
}
LAYER(reads_short_line);

static void test_argument_at_its_limit(void **state)
{
    (void)state;
    STAND(&reads_short_line_layer, answer_ok);
    expect_silent(rig_post(client, "/", .body = "a=b"), "usage.argument.invalid");
}

static int asks_for_null(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    assert_null(FAULT(rig_env_get(env, NULL)));
    return rig_next(next, env, res);
}
LAYER(asks_for_null);

static void test_argument_null(void **state)
{
    (void)state;
    STAND(&asks_for_null_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "usage.argument.null", "asks_for_null");
}

static int gives_allowed_null(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_input_read(rig_env_input(env), NULL, 0) != 0 || rig_env_set_bytes(env, "x", NULL, 0) != 0 ||
                rig_response_write(res, NULL, 0) != 0;
    rig_stack_free(NULL);
    return error ? -EIO : rig_next_at(NULL, next, env, res);
}
LAYER(gives_allowed_null);

static int answers_by_status(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_response_status(res) ? 0 : rig_response_set_status(res, 200);
}

static void test_argument_null_allowed(void **state)
{
    (void)state;
    STAND(&above_layer, answers_by_status);
    expect_silent(rig_get(client, NULL), "usage.argument.null");
    rig_client_free(client);
    rig_stack_free(stack);
    set_up(state);
    rig_use(stack, &gives_allowed_null_layer, .ignore = {"next.*"}); /* a write of nothing answers too */
    rig_run(stack, RIG_APP(answers_by_status));
    expect_silent(rig_get(client, "/"), "usage.argument.null");
}

/* ---- usage.return.invalid ---- */

static int returns_one(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, env, res) == 0;
}
LAYER(returns_one);

static void test_layer_returns_positive(void **state)
{
    (void)state;
    rig_use(stack, &above_layer);
    FAULT(rig_use(stack, &returns_one_layer));
    rig_run(stack, RIG_APP(answer_ok));
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "usage.return.invalid", "returns_one");
    assert_int_equal(result->error, -EINVAL);
}

static int returns_minus_one(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return -(rig_next(next, env, res) == 0);
}
LAYER(returns_minus_one);

static int handles_error(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, env, res) < 0 ? rig_respond(res, .status = 500) : 0;
}
LAYER(handles_error);

static void test_layer_returns_negative(void **state)
{
    (void)state;
    rig_use(stack, &handles_error_layer);
    rig_use(stack, &returns_minus_one_layer);
    rig_run(stack, RIG_APP(answer_ok));
    expect_silent(rig_get(client, "/"), "usage.return.invalid");
}

static int64_t gives_too_much(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer;
    return (int64_t)size + 1;
}

static int streams_too_much(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char piece[16];
    int64_t got = rig_input_read(rig_env_input(env), piece, sizeof piece);
    return got ? (int)got : FAULT(rig_response_stream(res, (struct rig_source){.read = gives_too_much}));
}

static void test_source_gives_too_much(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(streams_too_much));
    (void)expect_found(rig_get(client, "/"), "usage.return.invalid", RIG_LEVEL_ERROR, "streams_too_much");
    for (size_t i = 0; i < 2; i++) {
        behind(i ? &rig_server_passenger3 : &rig_server_http1);
        const struct rig_result *result = FAULT(rig_post(client, "/", .source.read = gives_too_much));
        (void)expect_found(result, "usage.return.invalid", RIG_LEVEL_ERROR, NULL);
        assert_int_equal(result->error, -EIO);
    }
}

/* ---- usage.body.twice ---- */

static int gives_two_bodies(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    assert_int_equal(FAULT(rig_respond(res, .body = "text", .bytes = {"data", 4})), -EINVAL);
    return rig_next(next, env, res);
}
LAYER(gives_two_bodies);

static void test_reply_with_two_bodies(void **state)
{
    (void)state;
    STAND(&gives_two_bodies_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "usage.body.twice", "gives_two_bodies");
}

static int answers_twice(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    int error = rig_respond(res, .body = "first thought");
    return error ? error : rig_respond(res, .bytes = {"second", 6});
}

static void test_reply_replaced(void **state)
{
    (void)state;
    STAND(&above_layer, answers_twice);
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, "usage.body.twice");
    assert_string_equal(result->body, "second");
}

/* ---- usage.client.* ---- */

static int resets_client(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_client_reset(client);
    return rig_next(next, env, res);
}
LAYER(resets_client);

/* rig_client_reset takes no site: the finding names the place of the layer in the stack. */
static void test_client_reset_inside_request(void **state)
{
    (void)state;
    rig_use(stack, &above_layer);
    FAULT(rig_use(stack, &resets_client_layer));
    rig_run(stack, RIG_APP(answer_ok));
    EXPECT_ERROR(rig_get(client, "/"), "usage.client.busy", "resets_client");
}

static void test_client_reset_between_requests(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    for (int i = 0; i < 3; i++) {
        rig_client_reset(client);
        expect_silent(rig_get(client, "/"), "usage.client.busy");
    }
}

static void test_too_many_envs_open(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    int open = 0;
    while (open < 100 && FAULT(rig_env_for(client, RIG_GET("/")))) {
        open++;
    }
    assert_in_range(open, 1, 99);
    rig_client_reset(client);
    EXPECT_ERROR(rig_get(client, "/"), "usage.client.too_many_open", NULL);
    for (int i = 0; i < open; i++) {
        assert_non_null(rig_env_for(client, RIG_GET("/")));
    }
    const struct rig_result *result = FAULT(rig_get(client, "/"));
    assert_int_equal(result->error, -EBUSY);
    assert_int_equal(result->delivery.outcome, RIG_NOT_SENT);
    assert_false(result->unchecked);
    assert_string_equal(result->site, fault_at);
    rig_client_reset(client);
    EXPECT_ERROR(rig_get(client, "/"), "usage.client.too_many_open", NULL);
}

static void test_envs_closed_in_time(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    for (int i = 0; i < 50; i++) {
        struct rig_env *env = rig_env_for(client, RIG_GET("/"));
        assert_non_null(env);
        if (i % 2 == 0) {
            rig_env_close(client, env);
        } else {
            expect_silent(rig_call(client, env), "usage.client.too_many_open");
        }
    }
}

/* ---- usage.fields.too_many ---- */

#define HEADERS_16                                                                                              \
    {"a", "1"}, {"b", "1"}, {"c", "1"}, {"d", "1"}, {"e", "1"}, {"f", "1"}, {"g", "1"}, {"h", "1"}, {"i", "1"}, \
        {"j", "1"}, {"k", "1"}, {"l", "1"}, {"m", "1"}, {"n", "1"}, {"o", "1"},                                 \
    {                                                                                                           \
        "p", "1"                                                                                                \
    }

static int replies_with_17(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const struct rig_reply reply = {.response = res, .headers = {HEADERS_16, {"q", "1"}}};
    assert_int_equal(FAULT(rig_respond_at(RIG_SITE, &reply)), -EINVAL);
    return rig_next(next, env, res);
}
LAYER(replies_with_17);

static void test_reply_with_17_headers(void **state)
{
    (void)state;
    STAND(&replies_with_17_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "usage.fields.too_many", "replies_with_17");
}

static int replies_with_16(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .headers = {HEADERS_16});
}

static void test_reply_with_16_headers(void **state)
{
    (void)state;
    STAND(&above_layer, replies_with_16);
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, "usage.fields.too_many");
    assert_int_equal(result->header_count, 16);
}

/* ---- usage.layer.init ---- */

struct options {
    int status;
};

static int fails_without_options(void *self, const void *options)
{
    if (!options) {
        return -ENOENT;
    }
    *(struct options *)self = *(const struct options *)options;
    return 0;
}
static const struct rig_middleware initialised_layer = {
    .name = "initialised", .call = pass_on, .self_size = sizeof(struct options), .init = fails_without_options};

static void test_layer_init_fails(void **state)
{
    (void)state;
    rig_use(stack, &above_layer);
    assert_int_equal(FAULT(rig_use(stack, &initialised_layer)), -ENOENT);
    rig_run(stack, RIG_APP(answer_ok));
    EXPECT_ERROR(rig_get(client, "/"), "usage.layer.init", NULL);
}

static void test_layer_init_succeeds(void **state)
{
    (void)state;
    rig_use(stack, &above_layer);
    assert_int_equal(rig_use(stack, &initialised_layer, &(struct options){.status = 401}), 0);
    rig_run(stack, RIG_APP(answer_ok));
    expect_silent(rig_get(client, "/"), "usage.layer.init");
}

/* ---- usage.map.prefix ---- */

static struct rig_stack *inner_stack(void)
{
    struct rig_stack *inner = rig_stack_new((struct rig_stack_options){.name = "inner"});
    assert_non_null(inner);
    rig_run(inner, RIG_APP(answer_ok));
    return inner;
}

static void test_map_without_slash(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    assert_int_equal(FAULT(rig_map(stack, "admin", inner_stack())), -EINVAL);
    EXPECT_ERROR(rig_get(client, "/"), "usage.map.prefix", NULL);
}

static void test_map_of_host(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    assert_int_equal(rig_map(stack, "http://example.org/admin", inner_stack()), 0);
    assert_int_equal(rig_map(stack, "/", inner_stack()), 0);
    expect_silent(rig_get(client, "/admin/users"), "usage.map.prefix");
}

/* ---- usage.rule.unknown ---- */

static void test_unknown_rule_ignored(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    EXPECT_ERROR(FAULT(rig_get(client, "/", .ignore = {"next.call.thrice"})), "usage.rule.unknown", NULL);
    rig_client_free(client);
    rig_stack_free(stack);
    set_up(state);
    rig_use(stack, &above_layer);
    FAULT(rig_use(stack, &below_layer, .ignore = {"nxt.*"}));
    rig_run(stack, RIG_APP(answer_ok));
    EXPECT_ERROR(rig_get(client, "/"), "usage.rule.unknown", NULL);
}

static void test_area_ignored(void **state)
{
    (void)state;
    rig_use(stack, &above_layer, .ignore = {"next.*"});
    rig_run(stack, RIG_APP(answer_ok));
    expect_silent(rig_get(client, "/", .ignore = {"env.identity.*", "next.call.twice"}), "usage.rule.unknown");
}

/* ---- usage.stack.* ---- */

static int adds_layer(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    assert_int_equal(FAULT(rig_use(stack, &above_layer)), -EINVAL);
    return rig_next(next, env, res);
}
LAYER(adds_layer);

static void test_stack_changed_after_request(void **state)
{
    (void)state;
    STAND(&adds_layer_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "usage.stack.frozen", "adds_layer");
    assert_int_equal(rig_use(stack, &above_layer), -EINVAL);
    assert_int_equal(rig_stack_layer_count(stack), 3);
}

static void test_second_client_of_stack(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    rig_get(client, "/");
    struct rig_client *second = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    expect_silent(rig_get(second, "/"), "usage.stack.frozen");
    rig_client_free(second);
}

static void test_stack_inside_itself(void **state)
{
    (void)state;
    rig_use(stack, &above_layer);
    rig_run(stack, rig_stack_app(stack));
    EXPECT_ERROR(FAULT(rig_get(client, "/")), "usage.stack.loop", NULL);
}

static void test_stack_inside_another(void **state)
{
    (void)state;
    struct rig_stack *inner = inner_stack();
    rig_use(stack, &above_layer);
    rig_run(stack, rig_stack_app(inner));
    expect_silent(rig_get(client, "/"), "usage.stack.loop");
    rig_client_free(client); /* before the stack that it borrows */
    rig_stack_free(inner);
    rig_stack_free(stack);
    set_up(state);
}

static void test_stack_without_app(void **state)
{
    (void)state;
    rig_use(stack, &above_layer);
    EXPECT_ERROR(FAULT(rig_get(client, "/")), "usage.stack.no_app", NULL);
}

static void test_stack_of_app_alone(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(answer_ok));
    expect_silent(rig_get(client, "/"), "usage.stack.no_app");
}

static int leaves_body(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 401);
}

static void test_warm_up_fails(void **state)
{
    (void)state;
    STAND(&above_layer, leaves_body);
    FAULT(rig_warm_up(stack, RIG_POST("/", .body = "unread")));
    EXPECT_ERROR(rig_get(client, "/"), "usage.stack.warm_up", NULL);
    expect_silent(rig_get(client, "/"), "usage.stack.warm_up");
}

static void test_warm_up_succeeds(void **state)
{
    (void)state;
    STAND(&above_layer, leaves_body);
    rig_warm_up(stack, RIG_POST("/", .body = ""));
    expect_silent(rig_get(client, "/"), "usage.stack.warm_up");
}

/* ---- which checks are on ---- */

static int refuses_and_goes_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    rig_respond(res, .status = 401);
    return sets_nameless(self, env, res, next);
}
LAYER(refuses_and_goes_on);

static void test_usage_seen_without_checks(void **state)
{
    (void)state;
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.checks = RIG_CHECKS_NONE});
    STAND(&refuses_and_goes_on_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "usage.argument.invalid", "refuses_and_goes_on");
}

int main(void)
{
    const struct CMUnitTest tests[] = {USAGE_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: usage", tests, NULL, NULL);
}
