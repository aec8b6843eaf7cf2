/* Mistakes of the test: each has a result, or the client's end, that tells it with its line. */
#include "tests/unit/rules_test.h"

#include <stackrig/expect.h>
#undef rig_client_free /* findings that are not asserted are the subject here */

/* Ends the client: it tells that, and the place. */
static void expect_told_at_end(const char *what)
{
    char message[512] = "";
    bool told = rig_client_close(client, message, sizeof message);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    if (!told || !strstr(message, what) || !strstr(message, fault_at)) {
        fail_msg("%s at %s, not: %s", what, fault_at, message);
    }
}

/* ---- NULL and foreign handles ---- */

/* The test's own NULL has a result of its own, which names the line. */
static void test_nothing_sent_for_null(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    for (int i = 0; i < 2; i++) {
        const struct rig_result *result = i ? FAULT(rig_send_raw(client, NULL, 7)) : NULL;
        result = i ? result : FAULT(rig_send_at(RIG_SITE, client, NULL));
        EXPECT_ERROR(result, "usage.argument.null", NULL);
        assert_int_equal(result->error, -EINVAL);
        assert_int_equal(result->delivery.outcome, RIG_NOT_SENT);
        assert_null(result->refused);
        assert_false(rig_expect_at(RIG_SITE, &(struct rig_expectation){.result = result}));
        assert_non_null(strstr(rig_expect_message(result), "the request was not sent"));
    }
    const struct rig_result *none = rig_get(NULL, "/");
    assert_int_equal(none->error, -EINVAL);
    assert_int_equal(none->delivery.outcome, RIG_NOT_SENT);
    assert_int_equal(none->finding_count, 0); /* nobody is there to keep one */
    assert_string_equal(rig_expect_message(none), "the client was NULL: nothing was sent");
    assert_non_null(strstr(rig_error_text(none->error), "wrong use of the interface"));
    assert_int_equal(rig_send_raw(NULL, "", 0)->delivery.outcome, RIG_NOT_SENT);
    assert_int_equal(rig_call(NULL, NULL)->delivery.outcome, RIG_NOT_SENT);
}

static void test_env_closed_wrongly(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    FAULT(assert_null(rig_env_for(client, RIG_GET("/a b")))); /* told as the first, */
    rig_env_close(client, NULL);                              /* this is nothing, */
    (void)rig_get(client, "/c d");                            /* and this comes later */
    expect_told_at_end("2 error findings in results that no one asserted; the first:\n");
    struct rig_client *other = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    struct rig_env *env = rig_env_for(other, RIG_GET("/"));
    FAULT(rig_env_close(client, env));
    rig_env_close(other, env);
    rig_client_free(other);
    expect_told_at_end("rig_env_close was given env#");
}

/* ---- too many requests ---- */

/* With no further result, the client's end tells it. */
static void test_too_many_told_at_the_end(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    while (FAULT(rig_env_for(client, RIG_GET("/")))) {
    }
    expect_told_at_end("rig_env_for: 8 requests of this client are open already");
}

static void test_no_env_of_a_malformed_request(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    assert_null(FAULT(rig_env_for(client, RIG_GET("/", .malformed = true))));
    expect_told_at_end("rig_env_for cannot build the env of a .malformed request");
}

static const struct rig_result *deepest;

/* Sends itself until it cannot: the innermost that ran is told, with its line. */
static int sends_itself(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const struct rig_result *result = FAULT(rig_get(client, "/"));
    deepest = result->error == -EBUSY ? NULL : deepest ? deepest : result;
    return rig_next(next, env, res);
}
LAYER(sends_itself);

static void test_too_many_nested(void **state)
{
    (void)state;
    deepest = NULL;
    STAND(&sends_itself_layer, answer_ok);
    assert_int_equal(rig_get(client, "/")->error, 0);
    EXPECT_ERROR(deepest, "usage.client.too_many_open", "sends_itself");
    assert_int_equal(rig_get(client, "/")->finding_count, 0);
}

/* ---- options without an init ---- */

struct options {
    int status;
};

static int answers_as_told(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct options *options = self;
    return options->status ? rig_respond(res, .status = options->status) : rig_next(next, env, res);
}
LAYER_WITH(answers_as_told, options);

static void test_options_copied_without_init(void **state)
{
    (void)state;
    struct options options = {.status = 418};
    rig_use(stack, &answers_as_told_layer);
    rig_use(stack, &answers_as_told_layer, &options);
    options.status = 500;
    rig_run(stack, RIG_APP(answer_ok));
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(result->status, 418);
    assert_int_equal(result->hop_count, 2); /* the first had no options: zeroed */
}

static void test_options_for_nothing(void **state)
{
    (void)state;
    assert_int_equal(FAULT(rig_use(stack, &above_layer, &(struct options){.status = 1})), -EINVAL);
    rig_run(stack, RIG_APP(answer_ok));
    EXPECT_ERROR(rig_get(client, "/"), "usage.argument.invalid", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {RULE_TEST(test_nothing_sent_for_null) RULE_TEST(
        test_env_closed_wrongly) RULE_TEST(test_too_many_told_at_the_end) RULE_TEST(test_no_env_of_a_malformed_request)
                                           RULE_TEST(test_too_many_nested) RULE_TEST(test_options_copied_without_init)
                                               RULE_TEST(test_options_for_nothing)};
    return cmocka_run_group_tests_name("client: mistakes", tests, NULL, NULL);
}
