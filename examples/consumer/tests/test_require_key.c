#include "../src/require_key.h"

#include <stackrig/cmocka.h>

static struct rig_stack *stack;
static struct rig_client *client;

static int setup(void **state)
{
    (void)state;
    stack = rig_stack_new((struct rig_stack_options){0});
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    return build_items(stack, "a-key");
}

static int teardown(void **state)
{
    (void)state;
    rig_stack_free(stack);
    rig_client_free(client);
    return 0;
}

static void test_the_key_passes(void **state)
{
    (void)state;
    rig_assert(rig_post(client, "/items", .body = "name=lamp", .headers = {{"X-Api-Key", "a-key"}}), .status = 200,
               .body = "9 bytes\n");
}

/* would fail too if the body were left unread: every answer is checked against all rules */
static void test_another_key_is_refused(void **state)
{
    (void)state;
    rig_assert(rig_post(client, "/items", .body = "name=lamp", .headers = {{"X-Api-Key", "a-kez"}}), .status = 401);
    rig_assert(rig_post(client, "/items", .body = "name=lamp"), .status = 401);
}

static void test_a_part_of_the_key_is_refused(void **state)
{
    static const char *const parts[] = {"", "a", "a-ke", "key", "a-key-"};
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        rig_assert(rig_get(client, "/items", .headers = {{"X-Api-Key", parts[i]}}), .status = 401);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_key_passes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_key_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_part_of_the_key_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
