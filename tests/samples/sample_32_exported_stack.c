/* A stack as `stackrig check STACK.so` loads it, and a test that builds the same one without the command. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <stdio.h>

static int greet_init(void *self, const void *options)
{
    snprintf(self, 32, "%s", (const char *)options);
    return 0;
}

static int greet(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    rig_response_set_header(res, "X-Greeting", self);
    return rig_next(next, env, res);
}
static const struct rig_middleware greet_layer = {.name = "greet", .call = greet, .self_size = 32, .init = greet_init};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const char *greeting = rig_setup_get(setup, "greeting");
    rig_use(stack, &greet_layer, greeting ? greeting : "Hello");
    return rig_run(stack, rig_scripted({.body = "there"}));
}
RIG_EXPORT(build);

static void test_the_setting_reaches_the_layer(void **state)
{
    (void)state;
    const struct rig_field settings[] = {{"greeting", "Good evening"}};
    const struct rig_setup setup = {.settings = settings, .setting_count = 1};
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    assert_int_equal(rig_exported_stack.build(stack, &setup), 0);
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_get(client, "/"), .body = "there", .headers = {{"X-Greeting", "Good evening"}});

    rig_client_free(client);
    rig_stack_free(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_setting_reaches_the_layer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
