/* The scripted app. */
#include "tests/unit/meter.h"

static void replies_come_in_turn_and_the_last_repeats(void **state)
{
    struct rig_client *client = client_of(
        rig_scripted({.status = 201, .headers = {{"Location", "/items/1"}}, .body = "made"}, {.status = 404}));
    (void)state;
    rig_assert(rig_get(client, "/"), .status = 201, .headers = {{"Location", "/items/1"}}, .body = "made");
    rig_assert(rig_get(client, "/"), .status = 404, .body = "", .headers = {{"Location", NULL}});
    rig_assert(rig_get(client, "/"), .status = 404);
    rig_client_free(client);
}

static void a_header_given_twice_is_sent_twice(void **state)
{
    struct rig_client *client = client_of(rig_scripted({.headers = {{"Link", "<1>"}, {"Link", "<2>"}}}));
    const struct rig_result *result = rig_get(client, "/");
    (void)state;
    assert_int_equal(result->header_count, 2);
    assert_string_equal(rig_result_header_nth(result, "link", 1), "<2>");
    rig_assert(result);
    rig_client_free(client);
}

static void a_reply_without_anything_is_200(void **state)
{
    struct rig_client *client = client_of(rig_scripted({.body = NULL}));
    (void)state;
    rig_assert(rig_get(client, "/"), .status = 200, .body = "");
    rig_client_free(client);
}

static void bytes_may_hold_zeros(void **state)
{
    struct rig_client *client = client_of(rig_scripted({.bytes = {"a\0b", 3}}));
    (void)state;
    rig_assert(rig_get(client, "/"), .status = 200, .bytes = {"a\0b", 3});
    rig_client_free(client);
}

static void an_error_without_a_status_does_not_answer(void **state)
{
    struct rig_client *client = client_of(rig_scripted({.error = -EIO}, {.status = 503, .error = -EIO}));
    const struct rig_result *result;
    (void)state;
    result = rig_get(client, "/");
    rig_assert(result, .status = 500, .error = -EIO);
    assert_int_equal(result->hops[0].status_out, 0);
    assert_int_equal(result->hops[0].returned, -EIO);
    result = rig_get(client, "/");
    rig_assert(result, .status = 500, .error = -EIO); /* a negative return drops the answer */
    assert_int_equal(result->hops[0].status_out, 503);
    rig_client_free(client);
}

static void no_answer_leaves_the_response_alone(void **state)
{
    struct rig_client *client = client_of(rig_scripted({.no_answer = true, .status = 204}));
    const struct rig_result *result = rig_get(client, "/");
    (void)state;
    assert_false(result->hops[0].answered);
    assert_int_equal(result->hops[0].status_out, 0);
    assert_true(result->finding_count > 0); /* no answer at all */
    rig_client_reset(client);
    (void)rig_client_close(client, NULL, 0);
}

static int look_below(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    int error = rig_env_set(env, "app.gone", "here");
    (void)self;
    if (!error) {
        error = rig_next(next, env, res);
    }
    assert_string_equal(rig_env_get(env, "app.user"), "anna");
    assert_null(rig_env_get(env, "app.gone"));
    assert_string_equal(rig_env_object(env, "action_controller.instance"), "controller");
    return error;
}

static void sets_env_object_and_log(void **state)
{
    static const struct rig_middleware layer = {.name = "look_below", .call = look_below};
    static char controller[] = "controller";
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = NULL});
    struct rig_client *client;
    (void)state;
    assert_int_equal(rig_use(stack, &layer, NULL), 0);
    assert_int_equal(rig_run(stack, rig_scripted({.env = {{"app.user", "anna"}, {"app.gone", NULL}},
                                                  .object_name = "action_controller.instance",
                                                  .object = controller,
                                                  .log = "100% done"})),
                     0);
    client = client_of(rig_stack_app(stack));
    rig_assert(rig_get(client, "/"), .status = 200, .log_contains = "100% done\n");
    rig_client_free(client);
    rig_stack_free(stack);
}

static void reads_as_much_as_it_says(void **state)
{
    static const struct {
        int64_t read;
        uint64_t taken;
    } rows[] = {{0, 0}, {1, 1}, {4, 4}, {9, 9}, {100, 9}, {-1, 9}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig_client *client = memory_client_of(rig_scripted({.read = rows[i].read, .leave_body = true}));
        const struct rig_result *result = rig_post(client, "/", .body = "name=anna");
        assert_int_equal(result->hops[0].body.read, rows[i].taken);
        assert_int_equal(result->hops[0].body.offered, 9);
        rig_client_reset(client);
        (void)rig_client_close(client, NULL, 0);
    }
}

static void drains_what_it_does_not_read(void **state)
{
    struct rig_client *client =
        client_of(rig_scripted({.status = 401}, {.read = 4}, {.error = -EIO}, {.status = 401, .leave_body = true}));
    (void)state;
    rig_assert(rig_post(client, "/", .body = "name=anna"), .status = 401);
    rig_assert(rig_post(client, "/", .body = "name=anna"), .status = 200);
    rig_assert(rig_post(client, "/", .body = "name=anna"), .status = 500, .error = -EIO);
    rig_assert(rig_post(client, "/", .body = "name=anna"), .status = 401, .findings = {"input.early_answer.unread"});
    rig_client_free(client);
}

static void reads_in_pieces(void **state)
{
    static char body[10000];
    struct rig_client *client = memory_client_of(rig_scripted({.read = 9000, .leave_body = true}));
    (void)state;
    memset(body, 'b', sizeof body);
    assert_int_equal(rig_post(client, "/", .bytes = {body, sizeof body})->hops[0].body.read, 9000);
    rig_client_reset(client);
    (void)rig_client_close(client, NULL, 0);
}

static void a_body_that_fails_is_its_error(void **state)
{
    struct rig_client *client = memory_client_of(rig_scripted({.read = -1}));
    (void)state;
    rig_assert(rig_post(client, "/", .source = {.read = fails}, .source_size = 9), .status = 500, .error = -EIO);
    rig_client_free(client);
    client = memory_client_of(rig_scripted({.status = 200}));
    rig_assert(rig_post(client, "/", .source = {.read = fails}, .source_size = 9), .status = 500, .error = -EIO);
    rig_client_free(client);
}

static void a_script_that_cannot_be_played_is_no_app(void **state)
{
    struct rig_scripted_reply replies[2] = {{.status = 200}, {.status = 200}};
    struct rig_scripted_reply *wrong = &replies[1];
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = NULL});
    (void)state;
    assert_null(rig_scripted_app(NULL, 1).call);
    assert_null(rig_scripted_app(replies, 0).call);
    assert_null(rig_scripted_app(replies, SIZE_MAX).call);
    wrong->headers[RIG_FIELDS_MAX] = (struct rig_field){"X-17", "th"};
    assert_null(rig_scripted_app(replies, 2).call);
    *wrong = (struct rig_scripted_reply){.env[RIG_FIELDS_MAX] = {"app.17", "th"}};
    assert_null(rig_scripted_app(replies, 2).call);
    *wrong = (struct rig_scripted_reply){.headers = {{NULL, "x"}}};
    assert_null(rig_scripted_app(replies, 2).call);
    *wrong = (struct rig_scripted_reply){.env = {{"app.1", "x"}, {NULL, "x"}}};
    assert_null(rig_scripted_app(replies, 2).call);
    *wrong = (struct rig_scripted_reply){.error = EIO};
    assert_null(rig_scripted_app(replies, 2).call);
    *wrong = (struct rig_scripted_reply){.read = -2};
    assert_null(rig_scripted_app(replies, 2).call);
    *wrong = (struct rig_scripted_reply){.object = stack};
    assert_null(rig_scripted_app(replies, 2).call);
    assert_int_equal(rig_run(stack, rig_scripted_app(replies, 2)), -EINVAL);
    rig_stack_free(stack);
}

static void out_of_memory_is_an_app_without_a_call(void **state)
{
    static const struct rig_scripted_reply reply = {.status = 200};
    struct meter meter = {.fail_at = 1};
    struct rig_app app = rig_scripted_app_from(metered(&meter), &reply, 1);
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = NULL});
    (void)state;
    assert_null(app.call);
    assert_int_equal(rig_run(stack, app), -EINVAL);
    rig_stack_free(stack);
    app = rig_scripted_app_from(metered(&meter), &reply, 1);
    assert_non_null(app.call);
    assert_int_equal(meter.held, 1);
    app.release(app.self);
    assert_int_equal(meter.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_come_in_turn_and_the_last_repeats),
        cmocka_unit_test(a_header_given_twice_is_sent_twice),
        cmocka_unit_test(a_reply_without_anything_is_200),
        cmocka_unit_test(bytes_may_hold_zeros),
        cmocka_unit_test(an_error_without_a_status_does_not_answer),
        cmocka_unit_test(no_answer_leaves_the_response_alone),
        cmocka_unit_test(sets_env_object_and_log),
        cmocka_unit_test(reads_as_much_as_it_says),
        cmocka_unit_test(drains_what_it_does_not_read),
        cmocka_unit_test(reads_in_pieces),
        cmocka_unit_test(a_body_that_fails_is_its_error),
        cmocka_unit_test(a_script_that_cannot_be_played_is_no_app),
        cmocka_unit_test(out_of_memory_is_an_app_without_a_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
