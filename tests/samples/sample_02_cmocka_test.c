/* The same in cmocka: a failure is cmocka's own, at the test's line. One client for each test. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

static int greet(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *name = rig_env_get(env, "HTTP_X_NAME");
    if (!name) {
        return rig_respond(res, .status = 400, .body = "no name");
    }
    rig_response_set_status(res, 200);
    rig_response_write(res, "Hello ", 6);
    return rig_response_write(res, name, strlen(name));
}

static int setup(void **state)
{
    *state = rig_client_new(RIG_APP(greet), (struct rig_client_options){.headers = {{"X-Name", "World"}}});
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    rig_client_free(*state);
    return 0;
}

static void test_greets_the_default_name(void **state)
{
    rig_assert(rig_get(*state, "/"), .status = 200, .body = "Hello World");
}

static void test_greets_by_name(void **state)
{
    rig_assert(rig_get(*state, "/", .headers = {{"X-Name", "Ada"}}), .body = "Hello Ada");
}

static void test_needs_a_name(void **state)
{
    rig_assert(rig_get(*state, "/", .headers = {{"X-Name", NULL}}), .status = 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_greets_the_default_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_greets_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_needs_a_name, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
