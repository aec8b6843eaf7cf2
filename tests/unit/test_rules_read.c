/* input.read.negative_length */
#include "tests/unit/rules_test.h"

static int reads_size(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char buffer[8] = "";
    struct rig_input *input = rig_env_input(env);
    bool negative = rig_env_get(env, "HTTP_X_NEGATIVE") != NULL;
    int64_t got = FAULT(rig_input_read(input, buffer, negative ? (size_t)(int64_t)-4 : 0));
    assert_int_equal(got, negative ? -EINVAL : 0);
    assert_int_equal(rig_input_line(input, buffer, sizeof buffer), 4);
    return rig_respond(res, .body = buffer);
}

static void test_read_of_negative_size(void **state)
{
    (void)state;
    STAND(&above_layer, reads_size);
    const struct rig_result *result = rig_post(client, "/", .body = "body", .headers = {{"X-Negative", "1"}});
    EXPECT_ERROR(result, "input.read.negative_length", "reads_size");
    assert_string_equal(result->body, "body");
}

static void test_read_of_no_bytes(void **state)
{
    (void)state;
    STAND(&above_layer, reads_size);
    expect_silent(rig_post(client, "/", .body = "body"), "input.read.negative_length");
}

int main(void)
{
    const struct CMUnitTest tests[] = {READ_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: read", tests, NULL, NULL);
}
