/* Bytes as a client put them on the wire, here two requests in one piece. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

static void test_two_requests_in_one_piece(void **state)
{
    (void)state;
    struct rig_client *client =
        rig_client_new(rig_scripted({.status = 201}, {.status = 202}), (struct rig_client_options){0});
    static const char wire[] = "POST /first HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\n\r\nhello"
                               "GET /second HTTP/1.1\r\nHost: example.org\r\n\r\n";

    const struct rig_result *result = rig_send_raw(client, wire, sizeof wire - 1);
    rig_assert(result, .status = 201);
    assert_int_equal(result->exchange_count, 2);
    assert_string_equal(result->exchanges[0].target, "/first");
    assert_string_equal(result->exchanges[1].target, "/second");
    assert_int_equal(result->exchanges[1].status, 202);
    assert_false(result->exchanges[1].phantom);

    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_requests_in_one_piece)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
