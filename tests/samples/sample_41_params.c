/* A form's parameters, nested by their brackets; and a query that is built. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <stackrig/http/query.h>

static int read_form(void *self, struct rig_env *env, struct rig_response *res)
{
    char body[1024];
    (void)self;
    int64_t size = rig_input_read(rig_env_input(env), body, sizeof body);
    struct rig_params *params;
    if (size < 0) {
        return (int)size;
    }
    int error = rig_query_parse(body, (size_t)size, (struct rig_query_options){.limits = {.depth = 4}}, &params);
    if (error == -ENOMEM) {
        return error;
    }
    if (error != 0) {
        return rig_respond(res, .status = 400, .body = rig_query_error_name(error));
    }
    const struct rig_param *user = rig_param_get(rig_params_root(params), "user");
    const struct rig_param *name = user ? rig_param_get(user, "name") : NULL;
    int result = rig_respond(res, .body = name && name->value ? name->value : "nobody");
    rig_params_free(params);
    return result;
}

static void test_form(void **state)
{
    (void)state;
    struct rig_client *client =
        rig_client_new((struct rig_app){.name = "form", .call = read_form}, (struct rig_client_options){0});
    rig_assert(rig_post(client, "/", .body = "user[name]=ada&user[tags][]=a&user[tags][]=b"), .body = "ada");
    rig_assert(rig_post(client, "/", .body = "a[b][c][d][e]=1"), .status = 400, .body = "query_too_deep");
    rig_assert(rig_post(client, "/", .body = "user=ada&user[name]=ada"), .status = 400, .body = "param_type_conflict");
    rig_client_free(client);
}

static void test_query(void **state)
{
    const struct rig_param root =
        RIG_PARAM_MAP_OF(NULL, RIG_PARAM("q", "a b"), RIG_PARAM_LIST_OF("tag", {.value = "x"}, {.value = "y"}));
    char query[64] = "";
    (void)state;
    assert_int_equal(rig_query_build(&root, RIG_QUERY_STYLE_PLAIN, query, sizeof query - 1), 21);
    assert_string_equal(query, "q=a+b&tag[]=x&tag[]=y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_form), cmocka_unit_test(test_query)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
