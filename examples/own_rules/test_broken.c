/* The broken stack: a test of the status passes; the team's own rule fails it. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include "../marker.h"
#include "stack_broken.c"

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

static void a_members_page_may_be_cached(void **state)
{
    (void)state;
    const struct rig_result *result = rig_get(client, "/account", .headers = {{"Cookie", "sid=4f2a"}});
    const struct rig_finding *finding = finding_of(result, "shop.member.no_store");
    rig_assert(result, .status = 200, .body = "ada", .findings = {"shop.member.no_store"});
    assert_string_equal(finding->message, "shop answered ada with Cache-Control: max-age=60");
    assert_true(marker_at(finding->site, "demo: answered"));
}

/* Nobody is logged in: the rule has nothing to say. */
static void a_strangers_page_may(void **state)
{
    (void)state;
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .body = "lamps");
    assert_int_equal(rig_result_armed(result, "shop.member.no_store"), 0);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, make_client, free_client)
    const struct CMUnitTest tests[] = {TEST(a_members_page_may_be_cached), TEST(a_strangers_page_may)};
    return cmocka_run_group_tests_name("own_rules, broken", tests, NULL, NULL);
}
