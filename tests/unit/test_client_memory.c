/* A result that is not whole for want of memory says so, whoever overlooked it. */
#include "tests/unit/rules_test.h"

#include <stackrig/cmocka.h>

#include "harness/core/event.h"

#define LIMIT ((uint64_t)256 * 1024)

static int64_t endless(void *self, void *buffer, size_t size)
{
    uint64_t *left = self;
    size = size < *left ? size : (size_t)*left;
    memset(buffer, 'x', size);
    *left -= size;
    return (int64_t)size;
}

static int streams_much(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    uint64_t *left = rig_env_alloc(env, sizeof *left);
    *left = 4 * LIMIT;
    return rig_response_stream(res, (struct rig_source){.read = endless, .self = left});
}

static void with_limit(void)
{
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.memory_limit = LIMIT});
    assert_non_null(client);
}

static void expect_no_memory(const struct rig_result *result)
{
    assert_int_equal(result->error, -ENOMEM);
    for (size_t i = 0; i < result->finding_count; i++) {
        fail_msg("%s: %s", result->findings[i].rule, result->findings[i].message);
    }
    assert_false(rig_expect(result));
    assert_non_null(strstr(rig_expect_message(result), "-12"));
}

static void test_body_over_the_limit(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(streams_much));
    with_limit();
    const struct rig_result *result = rig_get(client, "/");
    expect_no_memory(result);
    assert_int_equal(result->delivery.outcome, RIG_TRUNCATED);
    assert_int_equal(result->status, 200);
    assert_true(result->body_size < 4 * LIMIT);
    rig_client_reset(client);
    result = rig_get(client, "/", .discard_body = true);
    rig_assert(result, .status = 200);
    assert_int_equal(result->body_size, 4 * LIMIT);
}

static int64_t out_of_memory_itself(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return -ENOMEM;
}

static int streams_failure(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_response_stream(res, (struct rig_source){.read = out_of_memory_itself});
}

/* A source's own -ENOMEM is a stream that breaks off. */
static void test_source_without_memory(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(streams_failure));
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(result->error, 0);
    assert_int_equal(result->delivery.outcome, RIG_TRUNCATED);
    assert_true(rig_result_found(result, "body.stream.failed"));
    rig_assert(result, .findings = {"body.stream.failed"});
}

/* ---- layers that overlook -ENOMEM ---- */

static const char *what;
static char much[2 * LIMIT];

static int overlooks(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (strcmp(what, "write") == 0) {
        assert_int_equal(rig_response_write(res, much, sizeof much), -ENOMEM);
    } else if (strcmp(what, "header") == 0) {
        assert_int_equal(rig_response_set_header(res, "X-Much", much), -ENOMEM);
    } else if (strcmp(what, "respond") == 0) {
        assert_int_equal(rig_respond(res, .body = much), -ENOMEM);
    } else if (strcmp(what, "log") == 0) {
        assert_int_equal(rig_env_log(env, "%s", much), -ENOMEM);
    } else if (strcmp(what, "header, then mended") == 0) {
        assert_int_equal(rig_response_set_header(res, "X-Much", much), -ENOMEM);
        return rig_respond(res, .status = 507);
    }
    return rig_response_set_status(res, 200);
}

static void test_overlooked(void **state)
{
    (void)state;
    memset(much, 'x', sizeof much - 1);
    rig_run(stack, RIG_APP(overlooks));
    with_limit();
    const char *all[] = {"write", "header", "respond", "log"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        what = all[i];
        expect_no_memory(rig_get(client, "/"));
    }
    what = "header, then mended";
    rig_assert(rig_get(client, "/"), .status = 507, .headers = {{"X-Much", NULL}});
    what = "nothing";
    rig_assert(rig_get(client, "/"), .status = 200);
}

static int loses_header(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    assert_int_equal(rig_response_set_header(res, "X-Above", much), -ENOMEM);
    return rig_next(next, env, res);
}
LAYER(loses_header);

/* A whole answer below does not bring it back. */
static void test_overlooked_above_the_answer(void **state)
{
    (void)state;
    memset(much, 'x', sizeof much - 1);
    rig_use(stack, &loses_header_layer);
    rig_run(stack, RIG_APP(answer_ok));
    with_limit();
    expect_no_memory(rig_get(client, "/"));
}

static int tries_once(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const struct rig_response *answer = rig_subrequest(next, rig_env_copy(env));
    assert_non_null(answer);
    return rig_response_error(answer) == -ENOMEM ? rig_respond(res, .status = 507) : rig_respond(res);
}
LAYER(tries_once);

static void test_overlooked_in_a_subrequest(void **state)
{
    (void)state;
    memset(much, 'x', sizeof much - 1);
    rig_use(stack, &tries_once_layer);
    rig_run(stack, RIG_APP(overlooks));
    with_limit();
    what = "write";
    rig_assert(rig_get(client, "/"), .status = 507);
}

/* ---- a finding before the request has begun ---- */

struct counted {
    unsigned events;
};

static unsigned most_events;

static int count_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    struct counted *counted = state;
    (void)run, (void)event;
    assert_non_null(counted);
    counted->events++;
    most_events = counted->events > most_events ? counted->events : most_events;
    return 0;
}

/* A check with a state hears of a bad request line, for which there is no env yet. */
static void test_checks_have_a_state_from_the_start(void **state)
{
    static const struct rig_check counting = {.name = "counting",
                                              .wants = {{RIG_EVENT_MISUSE, RIG_FACT_ALWAYS}},
                                              .state_size = sizeof(struct counted),
                                              .on_event = count_event};
    static const struct rig_check *const list[] = {&counting};
    static const struct rig_check_set set = {list, 1};
    (void)state;
    rig_run(stack, RIG_APP(answer_ok));
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.checks = &set});
    most_events = 0;
    for (int i = 0; i < 10; i++) {
        rig_assert(rig_send(client, ((struct rig_request){.method = "BAD METHOD"})), .error = -EINVAL);
    }
    assert_int_equal(most_events, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {RULE_TEST(test_body_over_the_limit) RULE_TEST(test_source_without_memory)
                                           RULE_TEST(test_overlooked) RULE_TEST(test_overlooked_above_the_answer)
                                               RULE_TEST(test_overlooked_in_a_subrequest)
                                                   RULE_TEST(test_checks_have_a_state_from_the_start)};
    return cmocka_run_group_tests_name("client: out of memory", tests, NULL, NULL);
}
