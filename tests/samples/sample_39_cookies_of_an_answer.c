/* The cookies that an answer sets, and what else it says, without picking header values apart. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

static int login(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    int error = rig_response_add_header(res, "Set-Cookie", "sid=4f2a; Path=/; Max-Age=3600; Secure; HttpOnly");
    error = error ? error : rig_response_add_header(res, "Set-Cookie", "hint=; Path=/; Max-Age=0");
    return error ? error : rig_respond(res, .status = 303, .headers = {{"Location", "/home"}});
}

static void test_login(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(RIG_APP(login), (struct rig_client_options){0});
    const struct rig_result *result = rig_post(client, "/login");

    /* A failure shows no cookie's value. */
    rig_assert(result, .status = 303, .location = "/home",
               .cookies = {{"sid", "4f2a"}, {"hint", ""}, {"tracking", NULL}});
    assert_true(rig_result_is_redirect(result));
    assert_string_equal(rig_result_cookie_value(result, "sid"), "4f2a");

    const struct rig_set_cookie *sid = rig_result_cookie(result, "sid");
    assert_true(sid->secure && sid->http_only);
    assert_int_equal(sid->max_age, 3600);
    assert_true(rig_result_cookie(result, "hint")->max_age <= 0); /* it is taken away */

    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_login)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
