/* The broken stack: neither the status nor the body shows anything; the rig names the lines. */
#include <stackrig/cmocka.h>
#include <stackrig/contract.h>
#include <stackrig/stackrig.h>

#include "../marker.h"
#include "stack_broken.c"

static struct rig_stack *stack;
static struct rig_client *client;

static int make_client(void **state)
{
    (void)state;
    stack = rig_stack_new((struct rig_stack_options){0});
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    return 0;
}

static int free_client(void **state)
{
    (void)state;
    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}

static void a_status_test_fails_by_itself(void **state)
{
    (void)state;
    assert_int_equal(build(stack, &(struct rig_setup){0}), 0);
    const struct rig_result *result = rig_get(client, "/items/13");

    assert_int_equal(result->status, 500); /* all that a test of the status alone would see */
    assert_false(rig_expect(result, .status = 500));
    const char *message = rig_expect_message(result);
    assert_non_null(strstr(message, "env.identity.replaced"));
    assert_non_null(strstr(message, "api_version"));
    assert_non_null(strstr(message, "stack_broken.c:"));
    rig_assert(result, .status = 500, .findings = {"env.identity.replaced", "env.identity.lost_write"});
}

static void the_copy_and_the_hand_over_are_named(void **state)
{
    (void)state;
    assert_int_equal(build(stack, &(struct rig_setup){0}), 0);
    const struct rig_result *result = rig_get(client, "/items/13");

    rig_assert(result, .status = 500, .findings = {"env.identity.replaced", "env.identity.lost_write"});
    assert_string_equal(finding_of(result, "env.identity.replaced")->layer, "api_version");
    assert_true(finding_names(result, "env.identity.replaced", "demo: copy"));
    assert_true(finding_names(result, "env.identity.replaced", "demo: hand-over"));
}

static void the_lost_write_and_who_missed_it_are_named(void **state)
{
    (void)state;
    assert_int_equal(build(stack, &(struct rig_setup){0}), 0);
    const struct rig_result *result = rig_get(client, "/items/13");

    rig_assert(result, .log_contains = "an unknown controller failed",
               .findings = {"env.identity.replaced", "env.identity.lost_write"});
    assert_true(finding_names(result, "env.identity.lost_write", "demo: lost write"));
    assert_true(finding_names(result, "env.identity.lost_write", "demo: looked for"));
}

/* The double of the incident's author: it expects to be called with the very same env. */
static void it_expects_call_with_the_same_env(void **state)
{
    (void)state;
    struct rig_recorder *app = rig_recorder_new();
    rig_use(stack, &api_version, .ignore = {"env.identity.*"});
    rig_run(stack, rig_recorder_app(app));
    const struct rig_result *result = rig_get(client, "/items/13");
    rig_assert(result, .status = 200);

    assert_int_equal(rig_recorder_count(app), 1);
    assert_int_not_equal(rig_recorder_call(app, 0)->env_id, result->env_id); /* here it gets another */
    rig_recorder_free(app);
}

static void the_contract_names_the_line(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&api_version, .env = {API_VERSION});
    const struct rig_contract_property *failed = only_failure(&report);
    assert_non_null(failed);
    assert_string_equal(failed->name, "env.same");
    assert_true(marker_at(failed->found[0].site, "demo: hand-over"));
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, make_client, free_client)
    const struct CMUnitTest tests[] = {
        TEST(a_status_test_fails_by_itself),
        TEST(the_copy_and_the_hand_over_are_named),
        TEST(the_lost_write_and_who_missed_it_are_named),
        TEST(it_expects_call_with_the_same_env),
        TEST(the_contract_names_the_line),
    };
    return cmocka_run_group_tests_name("copied_env, broken", tests, NULL, NULL);
}
