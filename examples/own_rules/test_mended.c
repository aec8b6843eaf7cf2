/* The mended stack: the rule was armed, and found nothing. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include "../marker.h"
#include "stack_mended.c"

static struct rig_stack *stack;
static struct rig_client *client;

static int make_client(void **state)
{
    (void)state;
    stack = rig_stack_new((struct rig_stack_options){0});
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.rules = shop_rules});
    return build(stack, &(struct rig_setup){0});
}

static int free_client(void **state)
{
    (void)state;
    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}

static void a_members_page_is_not_stored(void **state)
{
    (void)state;
    const struct rig_result *result = rig_get(client, "/account", .headers = {{"Cookie", "sid=4f2a"}});
    rig_assert(result, .status = 200, .body = "ada", .headers = {{"Cache-Control", "no-store"}});
    assert_true(rig_result_armed(result, "shop.member.no_store") > 0);
}

static void a_strangers_page_is_cached(void **state)
{
    (void)state;
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .body = "lamps", .headers = {{"Cache-Control", "max-age=60"}});
    assert_null(finding_of(result, "shop.member.no_store"));
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, make_client, free_client)
    const struct CMUnitTest tests[] = {TEST(a_members_page_is_not_stored), TEST(a_strangers_page_is_cached)};
    return cmocka_run_group_tests_name("own_rules, mended", tests, NULL, NULL);
}
