/* Assertions: what they fail for, and what they then say. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <errno.h>

static struct rig_client *client;

static int etag_app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .headers = {{"ETag", "\"f55c\\\""}}, .body = "say \"hi\"\\\n");
}

static int bare_app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res);
}

static void use_app(struct rig_app app)
{
    client = rig_client_new(app, (struct rig_client_options){.server = &rig_server_memory});
    assert_non_null(client);
}

static int tear_down(void **state)
{
    (void)state;
    rig_client_free(client);
    return 0;
}

static void says(const struct rig_result *result, const char *text)
{
    const char *message = rig_expect_message(result);
    assert_non_null(message);
    if (!strstr(message, text)) {
        fail_msg("expected: %s\nin: %s", text, message);
    }
}

static void test_no_options(void **state)
{
    (void)state;
    use_app(RIG_APP(bare_app));
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result);
    assert_true(rig_expect(result));
    rig_assert(result, .status = 200, .body = "");
    assert_false(rig_expect(NULL));
    assert_false(rig_expect(result, .headers = {{NULL, "x"}}));
    says(result, "a field without a name in .headers");
}

static int repeating_app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .headers = {{"Link", "<1>"}, {"Link", "<2>"}, {"Link", "<3>"}});
}

/* Which of them comes first is nobody's concern. */
static void test_any_of_repeated_headers(void **state)
{
    (void)state;
    use_app(RIG_APP(repeating_app));
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .headers = {{"Link", "<3>"}, {"link", "<1>"}});
    assert_false(rig_expect(result, .headers = {{"Link", "<4>"}}));
    says(result, "header Link: expected \"<4>\", got \"<1>\", \"<2>\", \"<3>\"\n");
    assert_false(rig_expect(result, .headers = {{"Link", NULL}}));
    says(result, "header Link: expected none, got \"<1>\", \"<2>\", \"<3>\"\n");
}

static int failing_app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env, (void)res;
    return -EIO;
}

static void test_no_options_still_fail_for_an_error(void **state)
{
    (void)state;
    use_app(RIG_APP(failing_app));
    const struct rig_result *result = rig_get(client, "/");
    assert_false(rig_expect(result));
    says(result, "error: expected 0, got -5 (the source of a body failed, or a layer's own error)");
    assert_null(strstr(rig_expect_message(result), "not sent"));
}

/* What was expected can be pasted back into the test. */
static void test_values_are_quoted(void **state)
{
    (void)state;
    use_app(RIG_APP(etag_app));
    const struct rig_result *result = rig_get(client, "/");
    assert_false(rig_expect(result, .headers = {{"ETag", "\"1\""}}, .body = "\"", .body_contains = "a\"b"));
    says(result, "header ETag: expected \"\\\"1\\\"\", got \"\\\"f55c\\\\\\\"\"");
    says(result, "body: expected 1 bytes \"\\\"\"\n");
    says(result, "got 10 bytes \"say \\\"hi\\\"\\\\\\x0a\"");
    says(result, "body: expected to contain \"a\\\"b\"");
    assert_false(rig_expect(result, .log_contains = "\\"));
    says(result, "log: expected to contain \"\\\\\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_no_options, tear_down),
        cmocka_unit_test_teardown(test_any_of_repeated_headers, tear_down),
        cmocka_unit_test_teardown(test_no_options_still_fail_for_an_error, tear_down),
        cmocka_unit_test_teardown(test_values_are_quoted, tear_down),
    };
    return cmocka_run_group_tests_name("client: assertions", tests, NULL, NULL);
}
