/* What the rig's rules find in a scenario, and what of it is none of the stack's mistakes. */
#include "tests/fuzz/stacks.h"

/* Who gives up at a read that fails leaves the rest of the body; the next on the connection meets it. */
static int gives_up(void *self, struct rig_env *env, struct rig_response *res)
{
    char byte;
    (void)self;
    bool failed = rig_input_read(rig_env_input(env), &byte, 1) < 0;
    int error = failed ? 0 : drain(env);
    return error ? error : rig_respond(res, .status = failed ? 400 : 200);
}

static void test_fuzz_left_by_a_failed_read(void **state)
{
    (void)state;
    OPEN_APP(gives_up);
    judge("# @connection a\n# @fault read 1 eintr\nPOST /\n\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n\n###\n# @connection "
          "a\nGET /");
    assert_int_equal(found_count, 0);
}

/* Reads all there is, be it whole or not. */
static int takes_all(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_bytes all;
    (void)self;
    int error = rig_input_all(rig_env_input(env), 4096, &all);
    return rig_respond(res, .status = error ? 400 : 204);
}

static void test_a_body_of_get_that_breaks_off(void **state)
{
    (void)state;
    OPEN_APP(takes_all);
    judge("# @fault read 1 early_end\nGET /\n\nab");
    assert_int_equal(found_count, 0);
    judge("# @fault read 1 early_end\nDELETE /\n\nab");
    assert_int_equal(found_count, 0);
    judge("# @fault read 1 early_end\nPOST /\n\nab");
    assert_found("input.truncated.accepted");
}

#define FUZZ_TEST(test_) cmocka_unit_test_teardown(test_, close_target)

int main(void)
{
    const struct CMUnitTest tests[] = {FUZZ_TEST(test_fuzz_left_by_a_failed_read),
                                       FUZZ_TEST(test_a_body_of_get_that_breaks_off)};
    return cmocka_run_group_tests_name("fuzz: tell", tests, NULL, NULL);
}
