/* A wrong request: by mistake it is an error of the test, on purpose the server judges it. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <errno.h>

static void test_wrong_requests(void **state)
{
    (void)state;
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_client *client = rig_client_new(rig_recorder_app(recorder), (struct rig_client_options){0});

    const struct rig_result *mistake = rig_get(client, "/", .headers = {{"X Name", "Ada"}});
    assert_int_equal(mistake->error, -EINVAL);
    assert_int_equal(mistake->finding_count, 1);
    assert_non_null(strstr(mistake->findings[0].rule, "request."));
    rig_assert(mistake, .error = -EINVAL, .findings = {mistake->findings[0].rule});

    const struct rig_result *refused = rig_get(client, "/", .headers = {{"X Name", "Ada"}}, .malformed = true);
    rig_assert(refused, .status = 400, .refused = true);
    assert_int_equal(rig_recorder_count(recorder), 0);

    rig_assert(rig_get(client, "/", .headers = {{"X-A", "1\r\nX-B: 2"}}, .malformed = true), .status = 200);
    assert_string_equal(rig_recorded_env(rig_recorder_call(recorder, 0), "HTTP_X_B"), "2");

    rig_client_free(client);
    rig_recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_wrong_requests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
