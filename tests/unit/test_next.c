/* Passing on: what comes back, whose next it is, what has ended, and sub-requests. */
#include "tests/unit/core_test.h"

typedef int layer_fn(struct rig_env *env, struct rig_response *res, struct rig_next *next);

/* Layers "upper" and "lower" and the app run what the test gives them; NULL: pass on, answer. */
static layer_fn *upper, *lower;
static app_fn *app;

static int upper_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return upper ? upper(env, res, next) : rig_next(next, env, res);
}

static int lower_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return lower ? lower(env, res, next) : rig_next(next, env, res);
}

static int app_call(void *self, struct rig_env *env, struct rig_response *res)
{
    return app ? app(self, env, res) : answer_ok(self, env, res);
}

static const struct rig_middleware upper_layer = {.name = "upper", .call = upper_call},
                                   lower_layer = {.name = "lower", .call = lower_call};
static struct rig_stack *stack;
static struct rig_client *client;
static const char *site; /* of the call at fault */
#define AT(...) (site = RIG_SITE, __VA_ARGS__)

static int set_up(void **state)
{
    (void)state;
    upper = lower = NULL;
    app = NULL;
    stack = stack_new();
    assert_int_equal(rig_use(stack, &upper_layer), 0);
    assert_int_equal(rig_use(stack, &lower_layer), 0);
    assert_int_equal(rig_run(stack, (struct rig_app){.name = "app", .call = app_call}), 0);
    client = client_with(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_memory});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}

/* The only finding: that rule, of that layer, at the line at fault. */
static void expect_one(const struct rig_result *result, const char *rule, const char *layer)
{
    assert_int_equal(result->finding_count, 1);
    const struct rig_finding *finding = &result->findings[0];
    assert_string_equal(finding->rule, rule);
    assert_string_equal(finding->layer, layer);
    assert_string_equal(finding->site, site);
}

/* ---- what comes back ---- */

static int fails(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env, (void)res;
    return -EPERM;
}

static int handles_error(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    int error = rig_next(next, env, res);
    assert_int_equal(error, -EPERM);
    return rig_respond(res, .status = 403, .body = "handled");
}

static void test_error_travels_up_until_it_is_handled(void **state)
{
    (void)state;
    app = fails;
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 500, .error = -EPERM);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(result->hops[i].returned, -EPERM);
    }
    upper = handles_error;
    result = rig_get(client, "/");
    rig_assert(result, .status = 403, .body = "handled");
    assert_int_equal(result->hops[1].returned, -EPERM);
    assert_int_equal(result->hops[0].returned, 0);
}

static int returns_positive(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)answer_ok(self, env, res);
    return RIG_PENDING;
}

static int expects_einval(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    assert_int_equal(rig_next(next, env, res), -EINVAL);
    return -EINVAL;
}

static void test_positive_return_is_wrong(void **state)
{
    (void)state;
    app = returns_positive;
    upper = expects_einval;
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(result->finding_count, 1);
    rig_assert(result, .status = 500, .error = -EINVAL, .findings = {result->findings[0].rule});
    assert_memory_equal(result->findings[0].rule, "usage.", 6);
    assert_string_equal(result->findings[0].layer, "app");
}

/* ---- another layer's next ---- */

static struct rig_next *handed_next;

static int hands_next_down(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    handed_next = next;
    return rig_next(next, env, res);
}

static unsigned lower_calls;

static int calls_the_upper_next(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    return lower_calls++ == 0 ? AT(rig_next(handed_next, env, res)) : rig_next(next, env, res);
}

/* Whoever calls it, it is its owner's: the upper layer has passed the request on twice. */
static void test_next_of_another_layer(void **state)
{
    (void)state;
    lower_calls = 0;
    upper = hands_next_down;
    lower = calls_the_upper_next;
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"next.call.twice"});
    expect_one(result, "next.call.twice", "upper");
    assert_non_null(strstr(result->findings[0].message, "time 2"));
    assert_int_equal(result->hop_count, 4); /* upper, lower, lower again, app */
    assert_int_equal(result->hops[0].next_calls, 2);
    assert_int_equal(result->hops[1].next_calls, 0);
    assert_int_equal(result->hops[2].parent, 0);
    assert_int_equal(result->hops[2].depth, 1);
    assert_string_equal(result->hops[2].layer, "lower");
    assert_int_equal(result->hops[3].parent, 2);
}

static int calls_the_upper_next_with_a_copy(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct rig_env *copy = lower_calls++ == 0 ? rig_env_copy(env) : NULL;
    int error = copy ? AT(rig_next(handed_next, copy, res)) : rig_next(next, env, res);
    assert_int_equal(rig_env_set(env, "after", "x"), 0); /* that is the lower layer's own doing again */
    return error;
}

static void test_next_of_another_layer_with_a_copy(void **state)
{
    (void)state;
    lower_calls = 0;
    upper = hands_next_down;
    lower = calls_the_upper_next_with_a_copy;
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"next.call.twice", "env.identity.replaced"});
    assert_int_equal(result->finding_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(result->findings[i].layer, "upper");
        assert_string_equal(result->findings[i].site, site);
    }
    assert_int_equal(result->hops[0].env_writes, 0);
    assert_int_equal(result->hops[1].env_writes, 1);
    assert_int_equal(result->hops[2].env_writes, 1);
}

/* ---- NULL, ended, of another request ---- */

static struct rig_env *other_env;
static struct rig_response *other_response;
static struct rig_next *other_next;

static int keeps_handles(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    other_env = env;
    other_response = res;
    other_next = next;
    return rig_next(next, env, res);
}

static char wrong_with;

static int passes_on_wrongly(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    int error = wrong_with == 'e'   ? AT(rig_next(next, NULL, res))
                : wrong_with == 'r' ? AT(rig_next(next, env, NULL))
                : wrong_with == 'n' ? AT(rig_next(NULL, env, res))
                : wrong_with == 'E' ? AT(rig_next(next, other_env, res))
                : wrong_with == 'R' ? AT(rig_next(next, env, other_response))
                                    : AT(rig_next(other_next, env, res));
    assert_int_equal(error, wrong_with >= 'a' ? -EINVAL : -ESTALE);
    return rig_respond(res, .status = 418);
}

static const char *rule_of(char wrong)
{
    return wrong == 'E'   ? "env.lifetime.stale"
           : wrong == 'R' ? "response.lifetime.stale"
           : wrong == 'N' ? "next.lifetime.stale"
                          : "usage.argument.null";
}

static void test_passing_on_what_is_not_there(void **state)
{
    static const char wrongs[] = "ernERN";
    (void)state;
    for (const char *wrong = wrongs; *wrong; wrong++) {
        upper = keeps_handles;
        lower = NULL;
        rig_assert(rig_get(client, "/"), .status = 200);
        upper = NULL;
        lower = passes_on_wrongly;
        wrong_with = *wrong;
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 418, .findings = {rule_of(*wrong)});
        expect_one(result, rule_of(*wrong), "lower");
        assert_int_equal(result->hop_count, 2); /* nothing ran below */
    }
}

static layer_fn *inner_does;

/* A request inside the request, whose layers then use what is the outer one's, which is live. */
static int sends_inside(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    other_env = env;
    other_response = res;
    other_next = next;
    upper = NULL;
    lower = inner_does;
    const struct rig_result *inner = rig_get(client, "/inner");
    lower = NULL;
    assert_int_equal(inner->status, 418);
    rig_assert(inner, .status = 418, .findings = {rule_of(wrong_with)});
    expect_one(inner, rule_of(wrong_with), "lower");
    return rig_next(next, env, res);
}

static void test_passing_on_what_is_another_requests(void **state)
{
    static const char wrongs[] = "ER";
    (void)state;
    inner_does = passes_on_wrongly;
    for (const char *wrong = wrongs; *wrong; wrong++) {
        wrong_with = *wrong;
        upper = sends_inside;
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 200);
        assert_int_equal(result->finding_count, 0);
        assert_int_equal(result->hop_count, 3);
    }
}

static int64_t calls_next_late(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    assert_int_equal(AT(rig_next(other_next, other_env, other_response)), -ESTALE);
    assert_null(AT(rig_subrequest(other_next, other_env)));
    return 0;
}

static int streams_with_next(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    other_env = env;
    other_response = res;
    other_next = next;
    return rig_response_stream(res, (struct rig_source){.read = calls_next_late});
}

static void test_next_after_its_layer_returned(void **state)
{
    (void)state;
    lower = streams_with_next;
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"next.lifetime.stale"});
    assert_int_equal(count_found(result, "next.lifetime.stale"), 2);
    assert_non_null(strstr(result->findings[0].message, "after its layer \"lower\" had returned"));
    assert_int_equal(result->hop_count, 2);
}

/* ---- sub-requests ---- */

static unsigned app_calls;

static int app_counts(void *self, struct rig_env *env, struct rig_response *res)
{
    assert_int_equal(rig_env_set(env, "set.below", "x"), 0);
    assert_int_equal(rig_env_log(env, "call %u", app_calls), 0);
    return app_calls++ == 0 ? -EAGAIN : answer_ok(self, env, res);
}

static int retries(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    assert_int_equal(rig_response_set_header(res, "Above", "x"), 0);
    struct rig_response *first = rig_subrequest(next, rig_env_copy(env));
    assert_int_equal(rig_response_error(first), -EAGAIN);
    assert_int_equal(rig_response_status(first), 500); /* an error drops the answer, here as at the top */
    struct rig_response *second = rig_subrequest(next, rig_env_copy(env));
    assert_int_equal(rig_response_error(second), 0);
    assert_int_equal(rig_response_status(second), 200);
    assert_null(rig_response_header(second, "Above")); /* a response of its own */
    assert_null(rig_env_get(env, "set.below"));        /* an env of its own: that is its meaning */
    assert_int_equal(rig_response_error(first), -EAGAIN);
    return rig_respond(res, .status = rig_response_status(second), .body = "retried");
}

static void test_subrequests(void **state)
{
    (void)state;
    app_calls = 0;
    upper = retries;
    app = app_counts;
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .body = "retried", .headers = {{"Above", "x"}},
               .log_contains = "call 0\ncall 1\n");
    assert_int_equal(result->finding_count, 0);
    assert_int_equal(result->hop_count, 5);
    assert_int_equal(result->hops[0].next_calls, 0);
    assert_int_equal(result->hops[3].parent, 0);
    assert_true(result->hops[1].env_id != result->env_id);
    assert_true(result->hops[1].response_id != result->hops[3].response_id);
}

static int asks_through_the_upper_next(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    if (lower_calls++ > 0) {
        return rig_next(next, env, res);
    }
    struct rig_response *below = rig_subrequest(handed_next, rig_env_copy(env));
    assert_int_equal(rig_response_status(below), 200);
    assert_int_equal(rig_env_set(env, "after", "x"), 0);
    return rig_next(next, env, res);
}

static void test_subrequest_through_another_layers_next(void **state)
{
    (void)state;
    lower_calls = 0;
    upper = hands_next_down;
    lower = asks_through_the_upper_next;
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200);
    assert_int_equal(result->finding_count, 0);
    assert_int_equal(result->hop_count, 5);
    assert_int_equal(result->hops[2].parent, 0); /* lower again, below upper */
    assert_int_equal(result->hops[2].depth, 1);
    assert_int_equal(result->hops[4].parent, 1); /* and the first lower goes on */
    assert_int_equal(result->hops[1].env_writes, 1);
}

static int passes_a_copy_on(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    assert_int_equal(rig_env_set(env, "gone", "counts not"), 0);
    assert_int_equal(rig_env_unset(env, "gone"), 0);
    return rig_next(next, rig_env_copy(env), res);
}

static int count_bytes(void *closure, const char *name, const char *value, size_t size)
{
    (void)value;
    *(size_t *)closure += strlen(name) + size;
    return 0;
}

static size_t env_bytes;

static int counts_env(void *self, struct rig_env *env, struct rig_response *res)
{
    env_bytes = 0;
    assert_int_equal(rig_env_each(env, count_bytes, &env_bytes), 0);
    return answer_ok(self, env, res);
}

static void test_what_a_copy_costs(void **state)
{
    char expected[64];
    (void)state;
    lower = passes_a_copy_on;
    app = counts_env;
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"env.identity.replaced"});
    (void)snprintf(expected, sizeof expected, ", %zu bytes", env_bytes);
    assert_non_null(strstr(result->findings[0].evidence[0].text, expected));
}

static int asks_wrongly(struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct rig_response *below = wrong_with == 'e'   ? AT(rig_subrequest(next, NULL))
                                 : wrong_with == 'n' ? AT(rig_subrequest(NULL, rig_env_copy(env)))
                                 : wrong_with == 'o' ? AT(rig_subrequest(next, env))
                                 : wrong_with == 'E' ? AT(rig_subrequest(next, other_env))
                                                     : AT(rig_subrequest(other_next, rig_env_copy(env)));
    assert_null(below);
    return rig_respond(res, .status = 418);
}

static void test_wrong_subrequests(void **state)
{
    static const char wrongs[] = "enoEN";
    (void)state;
    for (const char *wrong = wrongs; *wrong; wrong++) {
        const char *rule = *wrong == 'o' ? "usage.argument.invalid" : rule_of(*wrong);
        upper = keeps_handles;
        lower = NULL;
        rig_assert(rig_get(client, "/"), .status = 200);
        upper = NULL;
        lower = asks_wrongly;
        wrong_with = *wrong;
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 418, .findings = {rule});
        expect_one(result, rule, "lower");
        assert_int_equal(result->hop_count, 2);
    }
    inner_does = asks_wrongly;
    wrong_with = 'E';
    upper = sends_inside; /* of another request, though live */
    rig_assert(rig_get(client, "/"), .status = 200);
}

/* ---- a stack's app called by hand ---- */

static struct rig_stack *called_stack;

static int calls_a_stack(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_app inner = rig_stack_app(called_stack);
    (void)self;
    assert_int_equal(inner.call(inner.self, NULL, res), -EINVAL);
    assert_int_equal(inner.call(inner.self, env, NULL), -EINVAL);
    return inner.call(inner.self, env, res);
}

static void test_stack_called_as_a_function(void **state)
{
    (void)state;
    called_stack = stack;
    struct rig_client *outer = client_for(calls_a_stack);
    const struct rig_result *result = rig_get(outer, "/");
    rig_assert(result, .status = 200, .findings = {"usage.argument.null"});
    assert_int_equal(result->hop_count, 4);
    assert_int_equal(result->hops[1].parent, 0);
    assert_int_equal(result->hops[2].layer_index, 1);
    assert_int_equal(rig_use(stack, &upper_layer), -EINVAL);
    result = rig_get(outer, "/");
    rig_assert(result, .status = 200, .findings = {"usage.argument.null", "usage.stack.frozen"});
    called_stack = stack_new();
    result = rig_get(outer, "/");
    rig_assert(result, .status = 500, .error = -EINVAL, .findings = {"usage.argument.null", "usage.stack.no_app"});
    rig_stack_free(called_stack);
    rig_client_free(outer);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_error_travels_up_until_it_is_handled),
        TEST(test_positive_return_is_wrong),
        TEST(test_next_of_another_layer),
        TEST(test_next_of_another_layer_with_a_copy),
        TEST(test_passing_on_what_is_not_there),
        TEST(test_passing_on_what_is_another_requests),
        TEST(test_next_after_its_layer_returned),
        TEST(test_subrequests),
        TEST(test_subrequest_through_another_layers_next),
        TEST(test_what_a_copy_costs),
        TEST(test_wrong_subrequests),
        TEST(test_stack_called_as_a_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
