/* next.* */
#include "tests/unit/rules_test.h"

/* ---- next.call.twice ---- */

static int tries_again(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = OTHER(rig_next(next, env, res));
    return error ? error : FAULT(rig_next(next, env, res));
}
LAYER(tries_again);

static void test_next_twice(void **state)
{
    (void)state;
    STAND(&tries_again_layer, answer_ok);
    const struct rig_finding *finding =
        expect_only(rig_get(client, "/"), "next.call.twice", RIG_LEVEL_ERROR, "tries_again");
    assert_true(has_evidence(finding, other_at));
}

static int retries_by_subrequest(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    for (int i = 0; i < 2; i++) {
        const struct rig_response *tried = rig_subrequest(next, rig_env_copy(env));
        if (tried && rig_response_status(tried) == 200) {
            return rig_next(next, env, res);
        }
    }
    return rig_respond(res, .status = 503);
}
LAYER(retries_by_subrequest);

static void test_retry_by_subrequests(void **state)
{
    (void)state;
    rig_use(stack, &above_layer);
    rig_use(stack, &retries_by_subrequest_layer);
    rig_run(stack, rig_scripted({.status = 500}, {.status = 200}));
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, "next.call.twice");
    assert_int_equal(result->status, 200);
}

/* ---- next.call.after_answer ---- */

static int refuses_and_goes_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (!rig_env_get(env, "HTTP_AUTHORIZATION")) {
        OTHER(rig_respond(res, .status = 401)); /* and no return */
    }
    return FAULT(rig_next(next, env, res));
}
LAYER(refuses_and_goes_on);

static void test_next_after_answer(void **state)
{
    (void)state;
    STAND(&refuses_and_goes_on_layer, answer_ok);
    const struct rig_finding *finding =
        expect_only(rig_get(client, "/"), "next.call.after_answer", RIG_LEVEL_ERROR, "refuses_and_goes_on");
    assert_true(has_evidence(finding, other_at));
    assert_non_null(strstr(finding->message, "401"));
}

static int sets_header_on_the_way_down(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_response_set_header(res, "X-Request-Id", "7");
    return error ? error : rig_next(next, env, res);
}
LAYER(sets_header_on_the_way_down);

static void test_next_after_headers(void **state)
{
    (void)state;
    STAND(&sets_header_on_the_way_down_layer, answer_ok);
    expect_silent(rig_get(client, "/"), "next.call.after_answer");
}

static int answers_where_nobody_did(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error || rig_response_status(res) ? error : rig_respond(res, .status = 404);
}
LAYER(answers_where_nobody_did);

static int answers_nothing(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    (void)res;
    return 0;
}

static void test_answer_after_next(void **state)
{
    (void)state;
    STAND(&answers_where_nobody_did_layer, answers_nothing);
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, "next.call.after_answer");
    assert_int_equal(result->status, 404);
}

/* ---- next.lifetime.stale ---- */

struct keeper {
    struct rig_next *next;
};

static int keeps_next(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    if (!keeper->next) {
        keeper->next = next;
        return rig_next(next, env, res);
    }
    assert_int_equal(FAULT(rig_next(keeper->next, env, res)), -ESTALE);
    return rig_next(next, env, res);
}
LAYER_WITH(keeps_next, keeper);

static void test_next_kept_for_next_request(void **state)
{
    (void)state;
    STAND(&keeps_next_layer, answer_ok);
    assert_int_equal(rig_get(client, "/")->finding_count, 0);
    EXPECT_ERROR(rig_get(client, "/"), "next.lifetime.stale", "keeps_next");
}

/* Within one request: the layer has returned, its stream is being pulled. */
struct late {
    struct rig_env *env;
    struct rig_response *res;
    struct rig_next *next;
};

static int64_t calls_next(void *self, void *buffer, size_t size)
{
    const struct late *late = self;
    (void)buffer;
    (void)size;
    assert_int_equal(FAULT(rig_next(late->next, late->env, late->res)), -ESTALE);
    return 0;
}

static int streams_from_below(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct late *late = rig_env_alloc(env, sizeof *late);
    if (!late) {
        return -ENOMEM;
    }
    *late = (struct late){env, res, next};
    return rig_response_stream(res, (struct rig_source){.read = calls_next, .self = late});
}
LAYER(streams_from_below);

static void test_next_used_by_stream(void **state)
{
    (void)state;
    STAND(&streams_from_below_layer, answer_ok);
    (void)expect_only(rig_get(client, "/"), "next.lifetime.stale", RIG_LEVEL_ERROR, "streams_from_below");
}

static int counts_requests(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    keeper->next = next; /* kept, and not used once the layer has returned */
    return rig_next(keeper->next, env, res);
}
LAYER_WITH(counts_requests, keeper);

static void test_next_of_each_request(void **state)
{
    (void)state;
    STAND(&counts_requests_layer, answer_ok);
    rig_get(client, "/");
    expect_silent(rig_get(client, "/"), "next.lifetime.stale");
}

int main(void)
{
    const struct CMUnitTest tests[] = {NEXT_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: next", tests, NULL, NULL);
}
