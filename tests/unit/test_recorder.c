/* The recorder. */
#include "tests/unit/meter.h"

static void the_recorder_keeps_env_and_body(void **state)
{
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_client *client = client_of(rig_recorder_app(recorder));
    const struct rig_recorded *first, *second;
    const struct rig_result *result = rig_post(client, "/items?x=1", .body = "name=anna", .headers = {{"X-A", "1"}});
    uint64_t env_id = result->env_id, response_id = result->hops[0].response_id;
    (void)state;
    rig_assert(result, .status = 200, .body = "");
    rig_assert(rig_get(client, "/other"), .status = 200);
    rig_client_free(client); /* what was recorded does not hang on it */
    assert_int_equal(rig_recorder_count(recorder), 2);
    first = rig_recorder_call(recorder, 0);
    second = rig_recorder_call(recorder, 1);
    assert_null(rig_recorder_call(recorder, 2));
    assert_int_equal(first->env_id, env_id);
    assert_int_equal(first->response_id, response_id);
    assert_int_not_equal(second->env_id, env_id);
    assert_string_equal(rig_recorded_env(first, "REQUEST_METHOD"), "POST");
    assert_string_equal(rig_recorded_env(first, "QUERY_STRING"), "x=1");
    assert_string_equal(rig_recorded_env(first, "HTTP_X_A"), "1");
    assert_string_equal(rig_recorded_env(second, "PATH_INFO"), "/other");
    assert_null(rig_recorded_env(second, "HTTP_X_A"));
    assert_int_equal(first->body.size, 9);
    assert_memory_equal(first->body.data, "name=anna", 10);
    assert_non_null(second->body.data);
    assert_int_equal(second->body.size, 0);
    rig_recorder_free(recorder);
}

static int set_things(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    assert_int_equal(rig_env_set(env, "app.empty", ""), 0);
    assert_int_equal(rig_env_set_object(env, "app.object", env, NULL), 0);
    assert_int_equal(rig_env_set_bytes(env, "app.bytes", "a\0b", 3), 0);
    assert_int_equal(rig_env_set(env, "app.last", "z"), 0);
    return rig_next(next, env, res);
}

static void order_objects_and_bytes_are_kept(void **state)
{
    static const struct rig_middleware layer = {.name = "set_things", .call = set_things};
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = NULL});
    struct rig_client *client;
    const struct rig_recorded *call;
    const struct rig_field *last;
    (void)state;
    assert_int_equal(rig_use(stack, &layer, NULL), 0);
    assert_int_equal(rig_run(stack, rig_recorder_app(recorder)), 0);
    client = client_of(rig_stack_app(stack));
    rig_assert(rig_get(client, "/"), .status = 200);
    call = rig_recorder_call(recorder, 0);
    assert_true(call->env_count > 4);
    last = &call->env[call->env_count - 4];
    assert_string_equal(last[0].name, "app.empty");
    assert_string_equal(last[0].value, "");
    assert_string_equal(last[1].name, "app.object");
    assert_null(last[1].value);
    assert_string_equal(last[2].name, "app.bytes");
    assert_memory_equal(last[2].value, "a\0b", 4);
    assert_string_equal(last[3].name, "app.last");
    assert_null(rig_recorded_env(call, "app.object"));
    assert_null(rig_recorded_env(call, "app.las"));
    rig_client_free(client);
    rig_stack_free(stack);
    rig_recorder_free(recorder);
}

static void a_long_body_and_many_calls(void **state)
{
    enum { SIZE = 100000, CALLS = 20 };
    static char body[SIZE];
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_client *client = client_of(rig_recorder_app(recorder));
    const struct rig_recorded *first = NULL;
    (void)state;
    for (size_t i = 0; i < SIZE; i++) {
        body[i] = (char)('a' + i % 23);
    }
    for (size_t i = 0; i < CALLS; i++) {
        rig_assert(rig_post(client, "/", .bytes = {body, SIZE - i}), .status = 200);
        first = first ? first : rig_recorder_call(recorder, 0);
    }
    assert_ptr_equal(first, rig_recorder_call(recorder, 0)); /* a call stays where it is */
    for (size_t i = 0; i < CALLS; i++) {
        assert_int_equal(rig_recorder_call(recorder, i)->body.size, SIZE - i);
        assert_memory_equal(rig_recorder_call(recorder, i)->body.data, body, SIZE - i);
    }
    rig_client_free(client);
    rig_recorder_free(recorder);
}

static void the_layer_records_and_leaves_the_body(void **state)
{
    struct rig_recorder *above = rig_recorder_new(), *below = rig_recorder_new();
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = NULL});
    struct rig_client *client;
    (void)state;
    assert_int_equal(rig_use(stack, &rig_recorder_layer, above), 0);
    assert_int_equal(rig_run(stack, rig_recorder_app(below)), 0);
    client = client_of(rig_stack_app(stack));
    rig_assert(rig_post(client, "/", .body = "name=anna"), .status = 200);
    assert_int_equal(rig_recorder_count(above), 1);
    assert_null(rig_recorder_call(above, 0)->body.data);
    assert_int_equal(rig_recorder_call(below, 0)->body.size, 9);
    assert_int_equal(rig_recorder_call(above, 0)->env_id, rig_recorder_call(below, 0)->env_id);
    rig_client_free(client);
    rig_stack_free(stack);
    rig_recorder_free(above);
    rig_recorder_free(below);
}

static int count_body(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_input *input = rig_env_input(env);
    (void)self;
    assert_int_equal(rig_input_drain(input, 100), 9);
    assert_int_equal(rig_input_rewind(input), 0);
    assert_int_equal(rig_input_drain(input, 100), 9);
    return rig_respond(res, .status = 202);
}

static void the_app_behind_it_reads_the_body_again(void **state)
{
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_client *client = client_of(rig_recorder_before(recorder, RIG_APP(count_body)));
    (void)state;
    rig_assert(rig_post(client, "/", .body = "name=anna"), .status = 202);
    assert_int_equal(rig_recorder_call(recorder, 0)->body.size, 9);
    rig_client_free(client);
    rig_recorder_free(recorder);
}

static void the_recorder_may_go_first(void **state)
{
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_client *client = client_of(rig_recorder_before(recorder, rig_scripted({.status = 204})));
    (void)state;
    rig_assert(rig_get(client, "/"), .status = 204);
    rig_recorder_free(recorder);
    rig_client_free(client);
}

static void nulls_are_errors_not_crashes(void **state)
{
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = NULL});
    struct meter meter = {.fail_at = 0};
    static const struct rig_scripted_reply reply = {.status = 200};
    (void)state;
    assert_int_equal(rig_use(stack, &rig_recorder_layer, NULL), -EINVAL);
    assert_null(rig_recorder_app(NULL).call);
    assert_null(rig_recorder_before(recorder, (struct rig_app){.name = NULL}).call);
    assert_null(rig_recorder_before(NULL, rig_scripted_app_from(metered(&meter), &reply, 1)).call);
    assert_int_equal(meter.held, 0); /* it took the app and released it */
    assert_int_equal(rig_recorder_count(NULL), 0);
    assert_null(rig_recorder_call(NULL, 0));
    assert_null(rig_recorded_env(NULL, "A"));
    rig_recorder_free(NULL);
    rig_stack_free(stack);
    rig_recorder_free(recorder);
}

static void a_body_that_fails_is_recorded_as_far_as_it_came(void **state)
{
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_client *client = memory_client_of(rig_recorder_app(recorder));
    (void)state;
    rig_assert(rig_post(client, "/", .source = {.read = fails}, .source_size = 9), .status = 500, .error = -EIO);
    assert_int_equal(rig_recorder_count(recorder), 1);
    assert_int_equal(rig_recorder_call(recorder, 0)->body.size, 0);
    rig_client_free(client);
    rig_recorder_free(recorder);
}

static void a_body_has_a_ceiling(void **state)
{
    struct meter meter = {.fail_at = 0};
    struct rig_recorder *recorder = rig_recorder_new_from(metered(&meter), 8);
    struct rig_client *client = client_of(rig_recorder_app(recorder));
    (void)state;
    rig_assert(rig_post(client, "/", .body = "12345678"), .status = 200);
    rig_assert(rig_post(client, "/", .body = "123456789"), .status = 500, .error = -EFBIG);
    rig_client_free(client);
    rig_recorder_free(recorder);
    assert_int_equal(meter.held, 0);
}

/* Fails the 1st, 2nd, ... piece of memory until none fails: -ENOMEM each time, and the next call is recorded. */
static void out_of_memory_leaves_the_recorder_usable(void **state)
{
    static char body[5000];
    size_t failures = 0, pieces;
    (void)state;
    memset(body, 'b', sizeof body);
    do {
        struct meter meter = {.fail_at = 0};
        struct rig_recorder *recorder = rig_recorder_new_from(metered(&meter), RIG_RECORDED_BODY_MAX);
        struct rig_client *client = memory_client_of(rig_recorder_app(recorder));
        meter.fail_at = meter.pieces + failures + 1;
        const struct rig_result *result = rig_post(client, "/", .bytes = {body, sizeof body});
        pieces = meter.pieces;
        if (pieces >= meter.fail_at) {
            rig_assert(result, .status = 500, .error = -ENOMEM);
            assert_int_equal(rig_recorder_count(recorder), 0);
            rig_assert(rig_post(client, "/", .bytes = {body, sizeof body}), .status = 200);
            failures++;
        } else {
            failures = SIZE_MAX;
        }
        assert_int_equal(rig_recorder_count(recorder), 1);
        assert_int_equal(rig_recorder_call(recorder, 0)->body.size, sizeof body);
        rig_client_free(client);
        rig_recorder_free(recorder);
        assert_int_equal(meter.held, 0);
    } while (failures != SIZE_MAX);
    assert_true(pieces >= 8); /* list, call, fields, text, four pieces of body */
}

static void out_of_memory_of_the_recorder_itself(void **state)
{
    struct meter meter = {.fail_at = 1};
    struct rig_recorder *recorder = rig_recorder_new_from(metered(&meter), 8);
    static const struct rig_scripted_reply reply = {.status = 200};
    (void)state;
    assert_null(recorder);
    recorder = rig_recorder_new_from(metered(&meter), 8);
    meter.fail_at = meter.pieces + 2; /* 1: the scripted app */
    assert_null(rig_recorder_before(recorder, rig_scripted_app_from(metered(&meter), &reply, 1)).call);
    assert_int_equal(meter.held, 1);
    rig_recorder_free(recorder);
    assert_int_equal(meter.held, 0);
}

/* ---- incident 2's test, as one writes it ---- */

static int passes_a_copy(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, rig_env_copy(env), res);
}

static void same_env(bool copied)
{
    static const struct rig_middleware copies = {.name = "api_version", .call = passes_a_copy};
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = NULL});
    struct rig_client *client;
    const struct rig_result *result;
    if (copied) {
        assert_int_equal(rig_use(stack, &copies, NULL), 0);
    }
    assert_int_equal(rig_run(stack, rig_recorder_app(recorder)), 0);
    client = client_of(rig_stack_app(stack));
    result = rig_get(client, "/");
    assert_int_equal(rig_recorder_call(recorder, 0)->env_id == result->env_id, !copied);
    assert_int_equal(rig_result_found(result, "env.identity.replaced"), copied);
    rig_client_reset(client);
    (void)rig_client_close(client, NULL, 0);
    rig_stack_free(stack);
    rig_recorder_free(recorder);
}

static void the_recorder_tells_a_copy_from_the_env(void **state)
{
    (void)state;
    same_env(false);
    same_env(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recorder_keeps_env_and_body),
        cmocka_unit_test(order_objects_and_bytes_are_kept),
        cmocka_unit_test(a_long_body_and_many_calls),
        cmocka_unit_test(the_layer_records_and_leaves_the_body),
        cmocka_unit_test(the_app_behind_it_reads_the_body_again),
        cmocka_unit_test(the_recorder_may_go_first),
        cmocka_unit_test(nulls_are_errors_not_crashes),
        cmocka_unit_test(a_body_that_fails_is_recorded_as_far_as_it_came),
        cmocka_unit_test(a_body_has_a_ceiling),
        cmocka_unit_test(out_of_memory_leaves_the_recorder_usable),
        cmocka_unit_test(out_of_memory_of_the_recorder_itself),
        cmocka_unit_test(the_recorder_tells_a_copy_from_the_env),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
