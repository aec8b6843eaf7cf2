/* The broken stack: a plain status test fails by itself and names rule, layer and line. */
#include <stackrig/cmocka.h>
#include <stackrig/contract.h>
#include <stackrig/stackrig.h>

#include "../marker.h"
#include "stack_broken.c"

static struct rig_stack *stack;

static int make_stack(void **state)
{
    (void)state;
    stack = rig_stack_new((struct rig_stack_options){0});
    return build(stack, &(struct rig_setup){0});
}

static int free_stack(void **state)
{
    (void)state;
    rig_stack_free(stack);
    return 0;
}

static void a_status_test_fails_by_itself(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    const struct rig_result *result = rig_post(client, "/api/items", .body = "name=lamp");

    assert_int_equal(result->status, 401); /* all that a test of the status alone would see */
    assert_false(rig_expect(result, .status = 401));
    const char *message = rig_expect_message(result);
    assert_non_null(message);
    assert_non_null(strstr(message, "input.early_answer.unread"));
    assert_non_null(strstr(message, "authentication"));
    assert_non_null(strstr(message, "9 of 9"));
    assert_non_null(strstr(message, "stack_broken.c:"));

    rig_assert(result, .status = 401, .findings = {"input.early_answer.unread"});
    const struct rig_finding *finding = finding_of(result, "input.early_answer.unread");
    assert_string_equal(finding->layer, "authentication");
    assert_true(marker_at(finding->site, "demo: early answer"));
    rig_client_free(client);
}

/* A kept-alive connection: the body is taken for the next request. */
static void http1_takes_the_body_for_a_request(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    const struct rig_result *result = rig_post(client, "/api/items", .body = "name=lamp");

    rig_assert(result, .status = 401, .findings = {"input.early_answer.unread"});
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_DESYNCHRONISED);
    assert_int_equal(result->exchange_count, 2);
    assert_true(result->exchanges[1].phantom);
    assert_memory_equal(result->exchanges[1].head.data, "name=lamp", 9);
    rig_client_free(client);
}

/* Behind this gateway the client gets its 401; only the gateway's log shows that something is wrong. */
static void passenger3_only_logs(void **state)
{
    (void)state;
    struct rig_client *client =
        rig_client_new(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_passenger3});
    const struct rig_result *result = rig_post(client, "/api/items", .body = "name=lamp");

    rig_assert(result, .status = 401, .findings = {"input.early_answer.unread"});
    assert_int_equal(finding_of(result, "input.early_answer.unread")->level, RIG_LEVEL_WARNING);
    assert_int_equal(result->delivery.outcome, RIG_DELIVERED);
    assert_string_equal(result->delivery.log[0],
                        "Cannot read response from backend process: Connection reset by peer (104)");
    rig_client_free(client);
}

static void memory_has_no_wire_to_break(void **state)
{
    (void)state;
    struct rig_client *client =
        rig_client_new(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_memory});
    rig_assert(rig_post(client, "/api/items", .body = "name=lamp"), .status = 401);
    rig_client_free(client);
}

static void without_a_body_there_is_nothing_to_say(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/api/items");
    rig_assert(result, .status = 401);
    assert_int_equal(result->finding_count, 0);
    rig_client_free(client);
}

/* With no word about requests, the layer's contract finds it, too. */
static void the_contract_names_the_line(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&authentication);
    const struct rig_contract_property *failed = only_failure(&report);
    assert_non_null(failed);
    assert_string_equal(failed->name, "early.drained");
    assert_string_equal(failed->found[0].rule, "input.early_answer.unread");
    assert_true(marker_at(failed->found[0].site, "demo: early answer"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_test_fails_by_itself),
        cmocka_unit_test(http1_takes_the_body_for_a_request),
        cmocka_unit_test(passenger3_only_logs),
        cmocka_unit_test(memory_has_no_wire_to_break),
        cmocka_unit_test(without_a_body_there_is_nothing_to_say),
        cmocka_unit_test(the_contract_names_the_line),
    };
    return cmocka_run_group_tests_name("early_answer, broken", tests, make_stack, free_stack);
}
