/* What is known only when the answer goes out: headers as they are sent, and a body streamed out of the request's own. */
#include "tests/unit/core_test.h"

static int64_t echo_read(void *self, void *buffer, size_t size)
{
    return rig_input_read(self, buffer, size);
}

static int echoes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_response_stream(res, (struct rig_source){.read = echo_read, .self = rig_env_input(env)});
}

static void test_request_streamed_into_the_answer(void **state)
{
    (void)state;
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    for (size_t i = 0; i < count; i++) {
        struct rig_client *client = client_with(RIG_APP(echoes), (struct rig_client_options){.server = servers[i]});
        const struct rig_result *result = rig_post(client, "/", .body = "name=pump");
        rig_assert(result, .status = 200, .body = "name=pump");
        assert_int_equal(result->finding_count, 0);
        assert_int_not_equal(result->delivery.connection, RIG_CONNECTION_DESYNCHRONISED);
        rig_client_free(client);
    }
}

static int takes_it_back(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    rig_response_set_header(res, "Location", "/x\r\nSet-Cookie: a=1");
    rig_response_remove_header(res, "Location");
    rig_response_set_header(res, "bad name", "x");
    rig_response_set_header(res, "BAD NAME", "x"); /* the same name: replaced, and still bad */
    return rig_respond(res, .status = 200);
}

static void test_headers_judged_as_sent(void **state)
{
    (void)state;
    struct rig_client *client = client_for(takes_it_back);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"response.header_name.token"});
    assert_int_equal(result->finding_count, 1);
    assert_string_equal(result->findings[0].subject, "BAD NAME");
    rig_client_free(client);
}

static int denies(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 401);
}

/* A gateway that buffers knows the size of a chunked body, though nobody read it. */
static void test_chunked_body_measured_by_a_buffering_server(void **state)
{
    (void)state;
    struct rig_client *client =
        client_with(RIG_APP(denies), (struct rig_client_options){.server = &rig_server_passenger3});
    struct counted body = {.size = 1000000};
    const struct rig_result *result = rig_post(client, "/", .source = source_of(&body));
    rig_assert(result, .status = 401, .findings = {"input.early_answer.unread"});
    assert_int_equal(result->delivery.unread, 1000000);
    assert_int_equal(result->delivery.outcome, RIG_REPLACED);
    rig_client_free(client);
}

static void test_mapped_stacks_keep_their_owner(void **state)
{
    (void)state;
    struct rig_stack *outer = stack_new(), *inner = stack_new();
    assert_int_equal(rig_run(inner, RIG_APP(answer_ok)), 0);
    assert_int_equal(rig_map(outer, "/x", inner), 0);
    assert_int_equal(rig_map(outer, NULL, inner), -EINVAL);
    assert_int_equal(rig_map(outer, NULL, outer), -EINVAL);
    struct rig_client *client = client_with(rig_stack_app(outer), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/x"), .error = -EINVAL, .findings = {"usage.argument.null"});
    assert_int_equal(rig_map(outer, "/y", inner), -EINVAL);
    rig_client_free(client);
    rig_stack_free(outer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_streamed_into_the_answer),
        cmocka_unit_test(test_headers_judged_as_sent),
        cmocka_unit_test(test_chunked_body_measured_by_a_buffering_server),
        cmocka_unit_test(test_mapped_stacks_keep_their_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
