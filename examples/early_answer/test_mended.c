/* The mended stack: the same requests, and silence under every server profile. */
#include <stackrig/cmocka_contract.h>
#include <stackrig/stackrig.h>

#include "stack_mended.c"

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

static void every_profile_is_silent(void **state)
{
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct rig_client *client =
            rig_client_new(rig_stack_app(stack), (struct rig_client_options){.server = servers[i]});
        const struct rig_result *result = rig_post(client, "/api/items", .body = "name=lamp");
        rig_assert(result, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
        assert_int_equal(result->finding_count, 0);
        assert_int_equal(result->delivery.unread, 0);
        assert_null(result->delivery.log[0]);
        rig_client_free(client);
    }
}

static void the_token_passes(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    const struct rig_result *result =
        rig_post(client, "/api/items", .body = "name=lamp", .headers = {{"Authorization", "Bearer demo-token"}});
    rig_assert(result, .status = 201, .body = "{\"id\":1}");
    rig_assert(rig_post(client, "/api/items", .body = "name=lamp", .headers = {{"Authorization", "Bearer x"}}),
               .status = 401);
    rig_client_free(client);
}

/* Past the limit there is no clean end: say so, and close. */
static void too_much_is_answered_and_closed(void **state)
{
    (void)state;
    static char body[2 * BODY_MAX];
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    const struct rig_result *result = rig_post(client, "/api/items", .bytes = {body, BODY_MAX});
    rig_assert(result, .status = 401);
    result = rig_post(client, "/api/items", .bytes = {body, sizeof body});
    rig_assert(result, .status = 413, .headers = {{"Connection", "close"}});
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
    rig_client_free(client);
}

static void it_is_as_every_layer_should_be(void **state)
{
    char text[4096];
    (void)state;
    struct rig_contract_report report = rig_layer_contract(
        &authentication, .auth = true,
        .passes = RIG_POST("/api/items", .body = "name=lamp", .headers = {{"Authorization", "Bearer demo-token"}}),
        .answers = RIG_POST("/api/items", .body = "name=lamp"));
    if (!rig_contract_held(&report)) {
        rig_contract_text(&report, text, sizeof text);
        fail_msg("%s", text);
    }
    assert_int_equal(report.not_applicable, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_profile_is_silent),
        cmocka_unit_test(the_token_passes),
        cmocka_unit_test(too_much_is_answered_and_closed),
        cmocka_unit_test(it_is_as_every_layer_should_be),
    };
    return cmocka_run_group_tests_name("early_answer, mended", tests, make_stack, free_stack);
}
