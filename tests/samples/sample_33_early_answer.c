/* The first incident: an authentication layer that answers without reading the body. A plain test of the status fails
 * by itself; the mended layer drains first, up to a limit. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

static int deny(struct rig_response *res)
{
    return rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"App\""}});
}

static int broken(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_env_get(env, "HTTP_AUTHORIZATION") ? rig_next(next, env, res) : deny(res);
}
static const struct rig_middleware broken_layer = {.name = "authentication", .call = broken};

static int mended(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (rig_env_get(env, "HTTP_AUTHORIZATION")) {
        return rig_next(next, env, res);
    }
    if (rig_input_drain(rig_env_input(env), 1 << 20) < 0) {
        rig_response_set_header(res, "Connection", "close"); /* too much to read: then no next request either */
    }
    return deny(res);
}
static const struct rig_middleware mended_layer = {.name = "authentication", .call = mended};

static void denies(const struct rig_middleware *middleware, const char *finding)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, middleware, .auth = true);
    rig_run(stack, rig_scripted({.status = 201}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    const struct rig_result *result = rig_post(client, "/api/items", .body = "name=pump");
    assert_int_equal(rig_expect(result, .status = 401), finding == NULL);
    rig_assert(result, .status = 401, .findings = {finding}, .headers = {{"WWW-Authenticate", "Basic realm=\"App\""}});
    assert_true(rig_result_armed(result, "input.early_answer.unread") > 0);
    rig_assert(rig_post(client, "/api/items", .body = "name=pump", .headers = {{"Authorization", "Basic eDp5"}}),
               .status = 201);

    rig_client_free(client);
    rig_stack_free(stack);
}

static void test_broken(void **state)
{
    (void)state;
    denies(&broken_layer, "input.early_answer.unread");
}

static void test_mended(void **state)
{
    (void)state;
    denies(&mended_layer, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_broken), cmocka_unit_test(test_mended)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
