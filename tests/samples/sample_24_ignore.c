/* A finding that is known and accepted: kept quiet for one request, one layer or a whole client, and counted. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#define UNREAD "input.early_answer.unread"

static int closed_today(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    (void)env;
    (void)next;
    return rig_respond(res, .status = 503);
}
static const struct rig_middleware closed_layer = {.name = "closed_today", .call = closed_today};

static void assert_counted(const struct rig_result *result, const char *by)
{
    rig_assert(result, .status = 503);
    assert_int_equal(result->finding_count, 0);
    assert_int_equal(result->suppressed_count, 1);
    assert_string_equal(result->suppressed[0].rule, UNREAD);
    assert_string_equal(result->suppressed[0].by, by);
}

static void test_ignored(void **state)
{
    (void)state;
    struct rig_stack *strict = rig_stack_new((struct rig_stack_options){0});
    rig_use(strict, &closed_layer);
    rig_run(strict, rig_scripted({.status = 200}));
    struct rig_client *client = rig_client_new(rig_stack_app(strict), (struct rig_client_options){0});
    rig_assert(rig_post(client, "/", .body = "x"), .status = 503, .findings = {UNREAD});
    assert_counted(rig_post(client, "/", .body = "x", .ignore = {UNREAD}), UNREAD);
    rig_client_free(client);

    client = rig_client_new(rig_stack_app(strict), (struct rig_client_options){.ignore = {"input.*"}});
    assert_counted(rig_post(client, "/", .body = "x"), "input.*");
    rig_client_free(client);
    rig_stack_free(strict);

    struct rig_stack *lenient = rig_stack_new((struct rig_stack_options){0});
    rig_use(lenient, &closed_layer, .ignore = {UNREAD});
    rig_run(lenient, rig_scripted({.status = 200}));
    client = rig_client_new(rig_stack_app(lenient), (struct rig_client_options){0});
    assert_counted(rig_post(client, "/", .body = "x"), UNREAD);
    rig_client_free(client);
    rig_stack_free(lenient);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ignored)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
