/* Wrong use of the env, its input and the response: each call with each wrong argument, and with what has ended. */
#include "tests/unit/core_test.h"

/* ---- live handles, wrong arguments ---- */

static const char *const null_rule = "usage.argument.null", *const invalid_rule = "usage.argument.invalid";

static int visit(void *closure, const char *name, const char *value, size_t size)
{
    (void)closure, (void)name, (void)value, (void)size;
    return 0;
}

#define WRONG(name_, call_, returns_)                               \
    static int name_(struct rig_env *env, struct rig_response *res) \
    {                                                               \
        (void)env;                                                  \
        (void)res;                                                  \
        return (call_) == (returns_) ? 0 : 1;                       \
    }

static char long_name[65537];
static int object;

WRONG(get_without_name, rig_env_get(env, NULL), NULL)
WRONG(get_with_empty_name, rig_env_get(env, ""), NULL)
WRONG(get_with_long_name, rig_env_get(env, long_name), NULL)
WRONG(get_without_env, rig_env_get(NULL, "x"), NULL)
WRONG(bytes_without_name, rig_env_bytes(env, NULL).data, NULL)
WRONG(bytes_without_env, rig_env_bytes(NULL, "x").data, NULL)
WRONG(set_without_name, rig_env_set(env, NULL, "x"), -EINVAL)
WRONG(set_with_empty_name, rig_env_set(env, "", "x"), -EINVAL)
WRONG(set_with_long_name, rig_env_set(env, long_name, "x"), -EINVAL)
WRONG(set_without_value, rig_env_set(env, "x", NULL), -EINVAL)
WRONG(set_without_env, rig_env_set(NULL, "x", "x"), -EINVAL)
WRONG(set_without_anything, rig_env_set(NULL, "x", NULL), -EINVAL)
WRONG(set_bytes_without_data, rig_env_set_bytes(env, "x", NULL, 1), -EINVAL)
WRONG(set_bytes_without_env, rig_env_set_bytes(NULL, "x", NULL, 1), -EINVAL)
WRONG(unset_without_name, rig_env_unset(env, NULL), -EINVAL)
WRONG(unset_without_env, rig_env_unset(NULL, "x"), -EINVAL)
WRONG(object_without_name, rig_env_object(env, NULL), NULL)
WRONG(object_without_env, rig_env_object(NULL, "x"), NULL)
WRONG(set_object_without_object, rig_env_set_object(env, "x", NULL, NULL), -EINVAL)
WRONG(set_object_without_name, rig_env_set_object(env, NULL, &object, NULL), -EINVAL)
WRONG(set_object_without_env, rig_env_set_object(NULL, "x", &object, NULL), -EINVAL)
WRONG(each_without_function, rig_env_each(env, NULL, NULL), -EINVAL)
WRONG(each_without_env, rig_env_each(NULL, visit, NULL), -EINVAL)
WRONG(copy_without_env, rig_env_copy(NULL), NULL)
WRONG(alloc_without_env, rig_env_alloc(NULL, 1), NULL)
WRONG(log_without_env, rig_env_log(NULL, "x"), -EINVAL)
WRONG(now_without_env, rig_env_now(NULL), 0)
WRONG(input_without_env, rig_env_input(NULL), NULL)
WRONG(set_input_without_env, rig_env_set_input(NULL, (struct rig_source){.read = counted_read}), -EINVAL)
WRONG(set_input_without_read, rig_env_set_input(env, (struct rig_source){.rewind = counted_rewind}), -EINVAL)
WRONG(read_without_buffer, rig_input_read(rig_env_input(env), NULL, 1), -EINVAL)
WRONG(read_without_input, rig_input_read(NULL, long_name, 1), -EINVAL)
WRONG(line_without_buffer, rig_input_line(rig_env_input(env), NULL, 10), -EINVAL)
WRONG(line_with_one_byte, rig_input_line(rig_env_input(env), long_name, 1), -EINVAL)
WRONG(line_without_input, rig_input_line(NULL, long_name, 10), -EINVAL)
WRONG(rewind_without_input, rig_input_rewind(NULL), -EINVAL)
WRONG(drain_without_input, rig_input_drain(NULL, 10), -EINVAL)
WRONG(respond_without_response, rig_respond(NULL, .status = 200), -EINVAL)
WRONG(respond_without_reply, rig_respond_at(RIG_SITE, NULL), -EINVAL)
WRONG(respond_with_bytes_without_data, rig_respond(res, .bytes = {NULL, 4}), -EINVAL)
WRONG(respond_with_nameless_header, rig_respond(res, .headers = {{"A", "b"}, {NULL, "c"}}), -EINVAL)
WRONG(status_without_response, rig_response_status(NULL), -EINVAL)
WRONG(set_status_without_response, rig_response_set_status(NULL, 200), -EINVAL)
WRONG(error_without_response, rig_response_error(NULL), -EINVAL)
WRONG(header_without_response, rig_response_header(NULL, "A"), NULL)
WRONG(header_without_name, rig_response_header(res, NULL), NULL)
WRONG(set_header_without_response, rig_response_set_header(NULL, "A", "b"), -EINVAL)
WRONG(set_header_without_name, rig_response_set_header(res, NULL, "b"), -EINVAL)
WRONG(set_header_without_value, rig_response_set_header(res, "A", NULL), -EINVAL)
WRONG(add_header_without_name, rig_response_add_header(res, NULL, "b"), -EINVAL)
WRONG(add_header_without_value, rig_response_add_header(res, "A", NULL), -EINVAL)
WRONG(remove_header_without_name, rig_response_remove_header(res, NULL), -EINVAL)
WRONG(remove_header_without_response, rig_response_remove_header(NULL, "A"), -EINVAL)
WRONG(response_each_without_function, rig_response_each(res, NULL, NULL), -EINVAL)
WRONG(response_each_without_response, rig_response_each(NULL, visit, NULL), -EINVAL)
WRONG(write_without_data, rig_response_write(res, NULL, 1), -EINVAL)
WRONG(write_without_response, rig_response_write(NULL, "x", 1), -EINVAL)
WRONG(stream_without_read, rig_response_stream(res, (struct rig_source){0}), -EINVAL)
WRONG(stream_without_response, rig_response_stream(NULL, (struct rig_source){.read = counted_read}), -EINVAL)
WRONG(take_without_response, rig_response_take_body(NULL).read == NULL, true)
WRONG(next_without_next, rig_next(NULL, env, res), -EINVAL)
WRONG(subrequest_without_next, rig_subrequest(NULL, env), NULL)

static int log_without_format(struct rig_env *env, struct rig_response *res)
{
    const char *volatile none = NULL;
    (void)res;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
    return rig_env_log(env, none) == -EINVAL ? 0 : 1;
#pragma GCC diagnostic pop
}

static const struct wrong {
    const char *name;
    int (*call)(struct rig_env *env, struct rig_response *res); /* 0: it returned what it should */
    const char *const *rule;
} wrongs[] = {
#define NULLS(name_)              \
    {                             \
#name_, name_, &null_rule \
    }
#define INVALID(name_)               \
    {                                \
#name_, name_, &invalid_rule \
    }
    NULLS(get_without_name),
    INVALID(get_with_empty_name),
    INVALID(get_with_long_name),
    NULLS(get_without_env),
    NULLS(bytes_without_name),
    NULLS(bytes_without_env),
    NULLS(set_without_name),
    INVALID(set_with_empty_name),
    INVALID(set_with_long_name),
    NULLS(set_without_value),
    NULLS(set_without_env),
    NULLS(set_without_anything),
    NULLS(set_bytes_without_data),
    NULLS(set_bytes_without_env),
    NULLS(unset_without_name),
    NULLS(unset_without_env),
    NULLS(object_without_name),
    NULLS(object_without_env),
    NULLS(set_object_without_object),
    NULLS(set_object_without_name),
    NULLS(set_object_without_env),
    NULLS(each_without_function),
    NULLS(each_without_env),
    NULLS(copy_without_env),
    NULLS(alloc_without_env),
    NULLS(log_without_env),
    NULLS(log_without_format),
    NULLS(now_without_env),
    NULLS(input_without_env),
    NULLS(set_input_without_env),
    NULLS(set_input_without_read),
    NULLS(read_without_buffer),
    NULLS(read_without_input),
    INVALID(line_without_buffer),
    INVALID(line_with_one_byte),
    NULLS(line_without_input),
    NULLS(rewind_without_input),
    NULLS(drain_without_input),
    NULLS(respond_without_response),
    NULLS(respond_without_reply),
    NULLS(respond_with_bytes_without_data),
    NULLS(respond_with_nameless_header),
    NULLS(status_without_response),
    NULLS(set_status_without_response),
    NULLS(error_without_response),
    NULLS(header_without_response),
    NULLS(header_without_name),
    NULLS(set_header_without_response),
    NULLS(set_header_without_name),
    NULLS(set_header_without_value),
    NULLS(add_header_without_name),
    NULLS(add_header_without_value),
    NULLS(remove_header_without_name),
    NULLS(remove_header_without_response),
    NULLS(response_each_without_function),
    NULLS(response_each_without_response),
    NULLS(write_without_data),
    NULLS(write_without_response),
    NULLS(stream_without_read),
    NULLS(stream_without_response),
    NULLS(take_without_response),
    NULLS(next_without_next),
    NULLS(subrequest_without_next),
};

static const struct wrong *wrong_now;

static int does_wrong(void *self, struct rig_env *env, struct rig_response *res)
{
    int error = answer_ok(self, env, res);
    if (wrong_now->call(env, res) != 0) {
        fail_msg("%s: returned something else", wrong_now->name);
    }
    return error;
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    memset(long_name, 'n', sizeof long_name - 1);
    struct rig_client *client = client_for(does_wrong);
    for (size_t i = 0; i < COUNT(wrongs); i++) {
        wrong_now = &wrongs[i];
        const struct rig_result *result = rig_get(client, "/");
        if (result->finding_count != 1 || strcmp(result->findings[0].rule, *wrongs[i].rule) != 0 ||
            (result->findings[0].site && !strstr(result->findings[0].site, "test_env_misuse.c:"))) {
            fail_msg("%s: %zu findings, the first %s at %s", wrongs[i].name, result->finding_count,
                     result->finding_count ? result->findings[0].rule : "-",
                     result->finding_count ? result->findings[0].site : "-");
        }
        rig_assert(result, .status = 200, .findings = {*wrongs[i].rule}); /* and the request goes on */
    }
    rig_client_free(client);
}

/* ---- what has ended ---- */

static struct {
    struct rig_env *env;
    struct rig_response *res;
    struct rig_input *input;
} kept;

#define STALE_CALLS(X)                                                                       \
    X(rig_env_get(kept.env, "x") == NULL, "env.lifetime.stale")                              \
    X(rig_env_bytes(kept.env, "x").data == NULL, "env.lifetime.stale")                       \
    X(rig_env_set(kept.env, "x", "y") == -ESTALE, "env.lifetime.stale")                      \
    X(rig_env_set(kept.env, "x", NULL) == -ESTALE, "env.lifetime.stale")                     \
    X(rig_env_set_bytes(kept.env, "x", NULL, 2) == -ESTALE, "env.lifetime.stale")            \
    X(rig_env_unset(kept.env, "x") == -ESTALE, "env.lifetime.stale")                         \
    X(rig_env_object(kept.env, "x") == NULL, "env.lifetime.stale")                           \
    X(rig_env_set_object(kept.env, "x", &object, NULL) == -ESTALE, "env.lifetime.stale")     \
    X(rig_env_each(kept.env, visit, NULL) == -ESTALE, "env.lifetime.stale")                  \
    X(rig_env_copy(kept.env) == NULL, "env.lifetime.stale")                                  \
    X(rig_env_alloc(kept.env, 1) == NULL, "env.lifetime.stale")                              \
    X(rig_env_log(kept.env, "x") == -ESTALE, "env.lifetime.stale")                           \
    X(rig_env_now(kept.env) == 0, "env.lifetime.stale")                                      \
    X(rig_env_input(kept.env) == NULL, "env.lifetime.stale")                                 \
    X(rig_env_set_input(kept.env, source_of(&body)) == -ESTALE, "env.lifetime.stale")        \
    X(rig_input_read(kept.input, buffer, 1) == -ESTALE, "input.lifetime.stale")              \
    X(rig_input_line(kept.input, buffer, sizeof buffer) == -ESTALE, "input.lifetime.stale")  \
    X(rig_input_rewind(kept.input) == -ESTALE, "input.lifetime.stale")                       \
    X(rig_input_drain(kept.input, 1) == -ESTALE, "input.lifetime.stale")                     \
    X(rig_respond(kept.res, .status = 200) == -ESTALE, "response.lifetime.stale")            \
    X(rig_response_status(kept.res) == -ESTALE, "response.lifetime.stale")                   \
    X(rig_response_set_status(kept.res, 200) == -ESTALE, "response.lifetime.stale")          \
    X(rig_response_header(kept.res, "A") == NULL, "response.lifetime.stale")                 \
    X(rig_response_set_header(kept.res, "A", "b") == -ESTALE, "response.lifetime.stale")     \
    X(rig_response_add_header(kept.res, "A", "b") == -ESTALE, "response.lifetime.stale")     \
    X(rig_response_remove_header(kept.res, "A") == -ESTALE, "response.lifetime.stale")       \
    X(rig_response_each(kept.res, visit, NULL) == -ESTALE, "response.lifetime.stale")        \
    X(rig_response_write(kept.res, "x", 1) == -ESTALE, "response.lifetime.stale")            \
    X(rig_response_stream(kept.res, source_of(&body)) == -ESTALE, "response.lifetime.stale") \
    X(rig_response_take_body(kept.res).read == NULL, "response.lifetime.stale")              \
    X(rig_response_error(kept.res) == -ESTALE, "response.lifetime.stale")

static const char *const stale_rules[] = {
#define STALE_RULE(call_, rule_) rule_,
    STALE_CALLS(STALE_RULE)
#undef STALE_RULE
};

/* Call number n; the text of one that returned something else. */
static const char *call_stale(size_t n)
{
    char buffer[8];
    struct counted body = {.size = 1};
    size_t at = 0;
#define STALE_CALL(call_, rule_)       \
    if (at++ == n) {                   \
        bool right = (call_);          \
        assert_true(body.closes <= 1); \
        return right ? NULL : #call_;  \
    }
    STALE_CALLS(STALE_CALL)
#undef STALE_CALL
    return "no such call";
}

static int keeps(void *self, struct rig_env *env, struct rig_response *res)
{
    kept.env = env;
    kept.res = res;
    kept.input = rig_env_input(env);
    return answer_ok(self, env, res);
}

static size_t stale_call;

static int uses_kept(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *wrong = call_stale(stale_call);
    if (wrong) {
        fail_msg("not %s", wrong);
    }
    return answer_ok(self, env, res);
}

static int keeps_then_uses(void *self, struct rig_env *env, struct rig_response *res)
{
    return strcmp(rig_env_get(env, "PATH_INFO"), "/keep") == 0 ? keeps(self, env, res) : uses_kept(self, env, res);
}

static void test_stale_in_a_later_request(void **state)
{
    (void)state;
    struct rig_client *client = client_for(keeps_then_uses);
    for (stale_call = 0; stale_call < COUNT(stale_rules); stale_call++) {
        rig_assert(rig_get(client, "/keep"), .status = 200);
        const struct rig_result *result = rig_get(client, "/use");
        rig_assert(result, .status = 200, .findings = {stale_rules[stale_call]});
        assert_int_equal(result->finding_count, 1);
        assert_string_equal(result->findings[0].layer, "app");
    }
    rig_client_free(client);
}

/* Outside of any request: kept, and told by the next. */
static void test_stale_outside_of_requests(void **state)
{
    (void)state;
    struct rig_client *client = client_for(keeps);
    for (size_t i = 0; i < COUNT(stale_rules); i++) {
        rig_assert(rig_get(client, "/"), .status = 200);
        assert_null(call_stale(i));
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 200, .findings = {stale_rules[i]});
        assert_int_equal(result->finding_count, 1);
        assert_null(result->findings[0].layer);
    }
    rig_client_free(client);
}

/* Four are kept, the others counted, and all that once. */
static void test_stale_uses_beyond_what_is_kept(void **state)
{
    (void)state;
    struct rig_client *client = client_for(keeps);
    rig_assert(rig_get(client, "/"), .status = 200);
    for (unsigned i = 0; i < 6; i++) {
        assert_null(rig_env_get(kept.env, "x"));
    }
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .findings = {"env.lifetime.stale"});
    assert_int_equal(result->finding_count, 5);
    assert_non_null(strstr(result->findings[4].message, "2 more"));
    rig_assert(rig_get(client, "/"), .status = 200); /* told: nothing left */
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_null(rig_env_get(kept.env, "x")); /* of the request before */
    result = rig_get(client, "/");
    rig_assert(result, .findings = {"env.lifetime.stale"});
    assert_int_equal(result->finding_count, 1);
    rig_client_free(client);
}

static void test_wrong_use_outside_of_requests(void **state)
{
    char buffer[4];
    (void)state;
    assert_null(rig_env_get(NULL, "x"));
    assert_int_equal(rig_input_read(NULL, buffer, 1), -EINVAL);
    assert_int_equal(rig_response_status(NULL), -EINVAL);
    assert_int_equal(rig_next(NULL, NULL, NULL), -EINVAL);
    assert_true(rig_response_serial(NULL) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_arguments),
        cmocka_unit_test(test_stale_in_a_later_request),
        cmocka_unit_test(test_stale_outside_of_requests),
        cmocka_unit_test(test_stale_uses_beyond_what_is_kept),
        cmocka_unit_test(test_wrong_use_outside_of_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
