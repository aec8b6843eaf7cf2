/* The mended stack: the error reporter knows whose error it was, and the rig has nothing to say. */
#include <stackrig/cmocka.h>
#include <stackrig/contract.h>
#include <stackrig/stackrig.h>

#include "stack_mended.c"

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

static void the_reporter_names_the_controller(void **state)
{
    (void)state;
    assert_int_equal(build(stack, &(struct rig_setup){0}), 0);
    const struct rig_result *result = rig_get(client, "/items/13");

    rig_assert(result, .status = 500, .log_contains = "ItemsController#show failed");
    assert_non_null(rig_result_header(result, "X-Request-Id"));
    assert_int_equal(result->finding_count, 0);
    assert_true(rig_result_armed(result, "env.identity.replaced") > 0);
}

/* The double of the incident's author, in two lines: it expects to be called with the very same env. */
static void it_expects_call_with_the_same_env(void **state)
{
    (void)state;
    struct rig_recorder *app = rig_recorder_new();
    rig_use(stack, &api_version);
    rig_run(stack, rig_recorder_app(app));

    const struct rig_result *result = rig_get(client, "/items/1");
    assert_int_equal(rig_recorder_call(app, 0)->env_id, result->env_id);
    rig_recorder_free(app);
}

static void it_chooses_a_version(void **state)
{
    static const struct {
        const char *asked, *given;
    } cases[] = {
        {NULL, "1"},
        {"2", "2"},
        {"2, 1", "2"},
        {"2,1", "2"},
        {" 3 , 1", "3"},
        {"", "1"},
        {", 2", "1"},
        {"2024-01-15-beta", "2024-01-15-beta"},
        {"2024-01-15-beta1", "1"},
    };
    (void)state;
    assert_int_equal(build(stack, &(struct rig_setup){0}), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct rig_result *result = rig_get(client, "/items/1", .headers = {{"X-Api-Version", cases[i].asked}});
        rig_assert(result, .status = 200, .headers = {{"X-Api-Version", cases[i].given}, {"X-Runtime", "0 us"}});
        assert_int_equal(result->finding_count, 0);
    }
}

static void it_is_as_every_layer_should_be(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&api_version, .env = {API_VERSION});
    assert_true(rig_contract_held(&report));
    assert_int_equal(report.not_applicable, 1); /* it never answers */
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, make_client, free_client)
    const struct CMUnitTest tests[] = {
        TEST(the_reporter_names_the_controller),
        TEST(it_expects_call_with_the_same_env),
        TEST(it_chooses_a_version),
        TEST(it_is_as_every_layer_should_be),
    };
    return cmocka_run_group_tests_name("copied_env, mended", tests, NULL, NULL);
}
