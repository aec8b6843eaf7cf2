/* "Expects call with the very same env": a recorder below the layer under test, and the incident it would have found. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

static int version(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_env_set(env, "app.version", "2");
    return rig_next(next, env, res);
}
static const struct rig_middleware version_layer = {.name = "version", .call = version};

static int copying_version(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct rig_env *copy = rig_env_copy(env);
    return version(self, copy, res, next);
}
static const struct rig_middleware copying_version_layer = {.name = "copying_version", .call = copying_version};

static struct rig_recorder *recorder;
static struct rig_stack *stack;

static const struct rig_result *get_through(const struct rig_middleware *middleware, struct rig_client **client)
{
    recorder = rig_recorder_new();
    stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, middleware);
    rig_run(stack, rig_recorder_app(recorder));
    *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    return rig_get(*client, "/");
}

static void close_all(struct rig_client *client)
{
    rig_client_free(client);
    rig_stack_free(stack);
    rig_recorder_free(recorder);
}

static void test_passes_the_same_env(void **state)
{
    (void)state;
    struct rig_client *client;
    const struct rig_result *result = get_through(&version_layer, &client);
    rig_assert(result, .status = 200);
    assert_int_equal(rig_recorder_call(recorder, 0)->env_id, result->env_id);
    assert_string_equal(rig_recorded_env(rig_recorder_call(recorder, 0), "app.version"), "2");
    close_all(client);
}

static void test_a_copy_is_found(void **state)
{
    (void)state;
    struct rig_client *client;
    const struct rig_result *result = get_through(&copying_version_layer, &client);
    rig_assert(result, .status = 200, .findings = {"env.identity.replaced"});
    assert_int_not_equal(rig_recorder_call(recorder, 0)->env_id, result->env_id);
    close_all(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes_the_same_env),
        cmocka_unit_test(test_a_copy_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
