/* Results are copies that live as long as the client: keep several and compare them. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

static int item(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .headers = {{"Content-Type", "text/plain"}, {"Content-Length", "4"}}, .body = "item");
}

static void test_head_is_get_without_the_body(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(RIG_APP(item), (struct rig_client_options){0});

    const struct rig_result *get = rig_get(client, "/item");
    const struct rig_result *head = rig_head(client, "/item");
    rig_assert(get, .status = 200, .body = "item");
    assert_int_equal(head->status, get->status);
    assert_int_equal(head->header_count, get->header_count);
    for (size_t i = 0; i < get->header_count; i++) {
        assert_string_equal(rig_result_header(head, get->headers[i].name), get->headers[i].value);
    }
    assert_true(head->env_id > get->env_id);
    rig_assert(head, .body = "", .findings = {"response.head.body_forbidden"});

    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_head_is_get_without_the_body)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
