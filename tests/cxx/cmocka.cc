// C++20: cmocka's functions have C linkage, and a failed assertion fails as cmocka's own do.
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <cstdlib>

namespace
{

struct Greeting {
    const char *text;
};

int greet(void *self, rig_env *env, rig_response *res, rig_next *next)
{
    rig_response_set_header(res, "X-Greeting", static_cast<Greeting *>(self)->text);
    return rig_next(next, env, res);
}

int answer(void *, rig_env *, rig_response *res)
{
    return rig_respond(res, .body = "hi");
}

const rig_middleware greet_layer = {.name = "greet", .call = greet, .self_size = sizeof(Greeting)};

void asserts(const char *greeting)
{
    Greeting options = {.text = "hello"};
    rig_stack *stack = rig_stack_new({});
    rig_use(stack, &greet_layer, .options = &options, .name = "outer");
    rig_run(stack, RIG_APP(answer));
    rig_client *client = rig_client_new(rig_stack_app(stack), {});
    bool holds = rig_expect(rig_get(client, "/"), .body = "hi", .headers = {{"X-Greeting", greeting}});
    if (holds) {
        rig_assert(rig_get(client, "/"), .headers = {{"X-Greeting", greeting}});
    }
    rig_client_free(client);
    rig_stack_free(stack);
    assert_true(holds);
}

void test_passes(void **)
{
    asserts("hello");
}

void test_fails(void **)
{
    RIG_FAIL("cmocka.cc:1", "as it should");
}

} // namespace

int main()
{
    const CMUnitTest good[] = {cmocka_unit_test(test_passes)}, bad[] = {cmocka_unit_test(test_fails)};
    bool right = cmocka_run_group_tests(good, nullptr, nullptr) == 0;
    cmocka_set_message_output(CM_OUTPUT_TAP); // of the failure that is meant
    return right && cmocka_run_group_tests(bad, nullptr, nullptr) == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
