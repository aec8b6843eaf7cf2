/* Jumps out of a layer, as a failed assertion makes them: the next send or free closes up. */
#include "tests/unit/core_test.h"

static jmp_buf out;
static char ended[16];
static struct counted input_body, output_body;

static void destroy(void *object)
{
    size_t at = strlen(ended);
    assert_true(at + 1 < sizeof ended);
    ended[at] = *(const char *)object;
    ended[at + 1] = '\0';
}

static char a[] = "a", b[] = "b";
static struct rig_env *left_env;

static int jumps(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    left_env = env;
    assert_int_equal(rig_env_set_object(env, "a", a, destroy), 0);
    assert_int_equal(rig_env_set_object(env, "b", b, destroy), 0);
    assert_int_equal(rig_response_stream(res, source_of(&output_body)), 0);
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/jump") == 0) {
        longjmp(out, 1);
    }
    return answer_ok(NULL, env, res);
}

static int passes_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, env, res);
}
LAYER(passes_on);

static struct rig_stack *stack;
static struct rig_client *client;

static int set_up(void **state)
{
    (void)state;
    ended[0] = '\0';
    input_body = output_body = (struct counted){.size = 100};
    stack = stack_new();
    assert_int_equal(rig_use(stack, &passes_on_layer), 0);
    assert_int_equal(rig_run(stack, RIG_APP(jumps)), 0);
    client = client_with(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_memory});
    return 0;
}

/* Through frames of its own, so that the send that is left stands below those that come later. */
static __attribute__((noinline)) void send_and_jump(const char *target)
{
    volatile char room[512];
    room[0] = room[511] = 0;
    (void)rig_post(client, target, .source = source_of(&input_body));
    room[0] = room[511];
}

static void jump_out(void)
{
    if (setjmp(out) == 0) {
        send_and_jump("/jump");
        fail_msg("it came back");
    }
}

static void expect_open(void)
{
    assert_string_equal(ended, "");
    assert_int_equal(input_body.closes + output_body.closes, 0);
}

static void expect_closed(void)
{
    assert_string_equal(ended, "ba");
    assert_int_equal(input_body.closes, 1);
    assert_int_equal(output_body.closes, 1);
    assert_int_equal(output_body.reads, 0);
}

static void test_next_send_closes_up(void **state)
{
    (void)state;
    jump_out();
    expect_open();
    assert_string_equal(rig_env_get(left_env, "REQUEST_METHOD"), "POST"); /* not ended yet */
    const struct rig_result *result = rig_get(client, "/jump?no", .env = {{"PATH_INFO", "/"}});
    rig_assert(result, .status = 200);
    assert_int_equal(result->finding_count, 0);
    assert_int_equal(input_body.closes, 1);
    assert_memory_equal(ended, "ba", 2);
    assert_null(rig_env_get(left_env, "a"));
    rig_assert(rig_get(client, "/"), .findings = {"env.lifetime.stale"});
    rig_client_free(client);
    rig_stack_free(stack);
}

static void test_reset_closes_up(void **state)
{
    (void)state;
    jump_out();
    rig_client_reset(client);
    expect_closed();
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
    rig_stack_free(stack);
}

static void test_free_closes_up(void **state)
{
    (void)state;
    jump_out();
    rig_client_free(client);
    expect_closed();
    rig_stack_free(stack);
}

/* A teardown that frees the client has larger frames than the test that was left. */
static __attribute__((noinline)) void free_far_below(void)
{
    volatile char room[2000];
    room[0] = room[1999] = 0;
    rig_client_free(client);
    room[0] = room[1999];
}

static __attribute__((noinline)) void jump_at_once(void)
{
    if (setjmp(out) == 0) {
        (void)rig_post(client, "/jump", .source = source_of(&input_body));
        fail_msg("it came back");
    }
}

static void test_free_in_a_teardown_closes_up(void **state)
{
    (void)state;
    jump_at_once();
    free_far_below();
    expect_closed();
    rig_stack_free(stack);
}

static void test_many_jumps(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        ended[0] = '\0';
        jump_out();
    }
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_int_equal(input_body.closes, 100);
    rig_client_free(client);
    rig_stack_free(stack);
}

/* Out of two requests, one inside the other. */
static struct rig_client *inner_client;

static int sends_inside(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)res;
    assert_int_equal(rig_env_set_object(env, "a", a, destroy), 0);
    (void)rig_post(inner_client, "/jump", .source = source_of(&input_body));
    return 0;
}

static __attribute__((noinline)) void send_outer(struct rig_client *outer)
{
    volatile char room[512];
    room[0] = room[511] = 0;
    (void)rig_get(outer, "/");
    room[0] = room[511];
}

static __attribute__((noinline)) void jump_out_of(struct rig_client *outer)
{
    if (setjmp(out) == 0) {
        send_outer(outer);
        fail_msg("it came back");
    }
}

/* In whatever order the clients are freed, nothing points to one that is gone. */
static void test_jump_out_of_two_clients(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct rig_client *outer = client_for(sends_inside);
        inner_client = client_with(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_memory});
        ended[0] = '\0';
        jump_out_of(outer);
        rig_client_free(round ? outer : inner_client);
        assert_string_equal(ended, round ? "a" : "ba");
        assert_null(rig_env_get(NULL, "x")); /* is told to the request that this thread is in: none */
        rig_client_free(round ? inner_client : outer);
        assert_string_equal(ended, round ? "aba" : "baa");
        assert_null(rig_env_get(NULL, "x"));
        assert_int_equal(rig_get(NULL, "/")->error, -EINVAL);
    }
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
    rig_stack_free(stack);
}

static int sends_itself(void *self, struct rig_env *env, struct rig_response *res)
{
    bool outermost = strcmp(rig_env_get(env, "PATH_INFO"), "/jump") == 0;
    (void)self;
    assert_int_equal(rig_env_set_object(env, "a", outermost ? a : b, destroy), 0);
    if (outermost) {
        (void)rig_get(inner_client, "/inner");
    }
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/inner") == 0) {
        longjmp(out, 1);
    }
    return answer_ok(NULL, env, res);
}

static void test_jump_out_of_two_requests_of_one_client(void **state)
{
    (void)state;
    inner_client = client_for(sends_itself);
    if (setjmp(out) == 0) {
        volatile char room[512];
        room[0] = room[511] = 0;
        (void)rig_get(inner_client, "/jump");
        fail_msg("it came back");
    }
    rig_client_reset(inner_client);
    assert_string_equal(ended, "ba"); /* the inner one first */
    rig_assert(rig_get(inner_client, "/"), .status = 200);
    rig_client_free(inner_client);
    rig_client_free(client);
    rig_stack_free(stack);
}

/* An assertion inside a layer that is caught inside another layer: the outer request goes on. */
static jmp_buf caught;

static int jumps_to_catcher(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)res;
    assert_int_equal(rig_env_set_object(env, "b", b, destroy), 0);
    longjmp(caught, 1);
}

static int catches(void *self, struct rig_env *env, struct rig_response *res)
{
    static struct rig_client *own;
    own = client_for(jumps_to_catcher);
    if (setjmp(caught) == 0) {
        (void)rig_get(own, "/");
        fail_msg("it came back");
    }
    assert_int_equal(rig_env_set(env, "", "x"), -EINVAL); /* told here, not to what was left */
    rig_client_free(own);
    assert_string_equal(ended, "b");
    return answer_ok(self, env, res);
}

static void test_jump_inside_of_a_request(void **state)
{
    (void)state;
    struct rig_client *outer = client_for(catches);
    const struct rig_result *result = rig_get(outer, "/");
    rig_assert(result, .status = 200, .findings = {"usage.argument.invalid"});
    assert_string_equal(result->findings[0].layer, "app");
    rig_client_free(outer);
    rig_client_free(client);
    rig_stack_free(stack);
}

/* What is said of a stack outside of any request is not lost in one that was left. */
static void test_wrong_use_after_a_jump(void **state)
{
    (void)state;
    jump_out();
    assert_int_equal(rig_use(stack, &passes_on_layer), -EINVAL);
    rig_assert(rig_get(client, "/"), .status = 200, .findings = {"usage.stack.frozen"});
    rig_client_free(client);
    rig_stack_free(stack);
}

static struct rig_link *left_link;

static int sends_on_the_left_one(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    if (strcmp(path, "/jump") == 0) {
        longjmp(out, 1);
    }
    if (strcmp(path, "/outer") == 0) {
        rig_assert(rig_connection_send(left_link, RIG_GET("/inner")), .status = 200);
    }
    return rig_respond(res);
}

/* The next request has its run's slot, and after a reset its memory. */
static void test_a_connection_that_was_left_is_idle(void **state)
{
    (void)state;
    struct rig_client *connected = client_for(sends_on_the_left_one);
    struct rig_link *other = rig_connection_open(connected);
    left_link = rig_connection_open(connected);
    if (setjmp(out) == 0) {
        (void)rig_connection_send(left_link, RIG_GET("/jump"));
    }
    rig_client_reset(connected);
    rig_assert(rig_connection_send(other, RIG_GET("/outer")), .status = 200);
    rig_client_free(connected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_next_send_closes_up, set_up),
        cmocka_unit_test_setup(test_reset_closes_up, set_up),
        cmocka_unit_test_setup(test_free_closes_up, set_up),
        cmocka_unit_test_setup(test_free_in_a_teardown_closes_up, set_up),
        cmocka_unit_test_setup(test_many_jumps, set_up),
        cmocka_unit_test_setup(test_jump_out_of_two_clients, set_up),
        cmocka_unit_test_setup(test_jump_out_of_two_requests_of_one_client, set_up),
        cmocka_unit_test_setup(test_jump_inside_of_a_request, set_up),
        cmocka_unit_test_setup(test_wrong_use_after_a_jump, set_up),
        cmocka_unit_test(test_a_connection_that_was_left_is_idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
