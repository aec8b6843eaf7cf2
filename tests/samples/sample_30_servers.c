/* One early answer, seen through each simulated server: what the client gets and what the gateway logs. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

static const struct rig_result *early_answer(struct rig_client **client, const struct rig_server *server)
{
    *client = rig_client_new(rig_scripted({.status = 401, .leave_body = true}),
                             (struct rig_client_options){.server = server});
    return rig_post(*client, "/api/items", .body = "GET /evil");
}

static void test_in_memory_nothing_goes_wrong(void **state)
{
    (void)state;
    struct rig_client *client;
    const struct rig_result *result = early_answer(&client, &rig_server_memory);
    rig_assert(result, .status = 401);
    assert_int_equal(result->delivery.outcome, RIG_DELIVERED);
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_KEPT);
    rig_client_free(client);
}

static void test_http1_takes_the_rest_for_a_request(void **state)
{
    (void)state;
    struct rig_client *client;
    const struct rig_result *result = early_answer(&client, &rig_server_http1);
    rig_assert(result, .status = 401, .findings = {"input.early_answer.unread"});
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_DESYNCHRONISED);
    assert_int_equal(result->exchange_count, 2);
    assert_true(result->exchanges[1].phantom);
    assert_memory_equal(result->exchanges[1].head.data, "GET /evil", 9);
    rig_client_free(client);
}

static void test_passenger3_logs_a_reset(void **state)
{
    (void)state;
    struct rig_client *client;
    const struct rig_result *result = early_answer(&client, &rig_server_passenger3);
    rig_expect(result, .status = 401);
    assert_int_equal(result->delivery.unread, 9);
    assert_true(result->delivery.modelled);
    assert_non_null(result->delivery.log[0]);
    assert_non_null(strstr(result->delivery.log[0], "Connection reset by peer"));
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_memory_nothing_goes_wrong),
        cmocka_unit_test(test_http1_takes_the_rest_for_a_request),
        cmocka_unit_test(test_passenger3_logs_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
