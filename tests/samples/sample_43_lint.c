/* What layers make of CGI's variables and of the answer is looked at between all of them. A rule that is off by default
 * can be turned on for one layer. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

/* Takes the mount point off the path, and the slash with it. */
static int mount(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_env_set(env, "SCRIPT_NAME", "/app");
    rig_env_set(env, "PATH_INFO", rig_env_get(env, "PATH_INFO") + sizeof "/app/" - 1);
    return rig_next(next, env, res);
}
static const struct rig_middleware mount_layer = {.name = "mount", .call = mount};

/* A 304 keeps the headers of the 200. */
static int cache(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : rig_respond(res, .status = 304, .headers = {{"Content-Type", "text/html"}, {"Age", "7"}});
}
static const struct rig_middleware cache_layer = {.name = "cache", .call = cache};

static int page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .headers = {{"X-Page", "1"}});
}

static void test_lint(void **state)
{
    (void)state;
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &mount_layer);
    rig_use(stack, &cache_layer, .enable = {"response.header_name.lowercase"});
    rig_run(stack, RIG_APP(page));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/app/users");
    rig_assert(result, .status = 304,
               .findings = {"env.path_info.origin_form", "response.content_type.forbidden_for_status",
                            "response.header_name.lowercase"});
    assert_string_equal(result->findings[0].message, "mount set PATH_INFO to \"users\"");
    rig_client_free(client);
    rig_stack_free(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lint)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
