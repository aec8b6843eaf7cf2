/* rig_input_all and rig_env_source: a whole body read, and given to the layers below once more. */
#include "tests/unit/rules_test.h"

#include <stackrig/cmocka.h>

#define MAX 8

static struct rig_bytes seen;
static char seen_bytes[64];
static int seen_error;
static uint64_t limit;

static int takes_all(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    seen_error = FAULT(rig_input_all(rig_env_input(env), limit, &seen));
    if (seen_error) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    assert_true(seen.size < sizeof seen_bytes);
    memcpy(seen_bytes, seen.data, seen.size + 1);
    return rig_respond(res, .bytes = seen);
}

static void test_all_of_a_body(void **state)
{
    (void)state;
    const size_t pieces[] = {3, 1};
    limit = MAX;
    rig_run(stack, RIG_APP(takes_all));
    expect_silent(rig_post(client, "/", .body = "12345678", .pieces = pieces, .piece_count = 2),
                  "input.early_answer.unread");
    assert_string_equal(seen_bytes, "12345678");
    assert_int_equal(seen.size, 8);
    limit = UINT64_MAX;
    expect_silent(rig_post(client, "/", .bytes = {"a\0b", 3}, .chunked = true), "input.early_answer.unread");
    assert_memory_equal(seen_bytes, "a\0b", 4);
    rig_assert(rig_post(client, "/", .bytes = {"", 0}), .status = 200, .body = "");
    assert_non_null(seen.data);
    rig_assert(rig_get(client, "/"), .status = 200, .body = "");
}

static void test_more_than_the_limit(void **state)
{
    (void)state;
    limit = MAX - 1;
    rig_run(stack, RIG_APP(takes_all));
    rig_assert(rig_post(client, "/", .body = "12345678"), .status = 413);
    assert_int_equal(seen_error, -EFBIG);
    assert_null(seen.data);
    limit = 0;
    rig_assert(rig_post(client, "/", .body = "1"), .status = 413);
    rig_assert(rig_get(client, "/"), .status = 200);
}

static int64_t breaks_off(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return -EIO;
}

static void test_a_body_that_breaks_off(void **state)
{
    (void)state;
    limit = MAX;
    rig_run(stack, RIG_APP(takes_all));
    rig_assert(rig_post(client, "/", .source = {.read = breaks_off}), .status = 413);
    assert_int_equal(seen_error, -EIO);
    assert_null(seen.data);
}

static int uses_them_wrongly(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct rig_bytes all = {"x", 1};
    (void)self;
    assert_int_equal(rig_input_all(NULL, 1, &all), -EINVAL);
    assert_null(all.data);
    assert_int_equal(rig_input_all(rig_env_input(env), 1, NULL), -EINVAL);
    assert_null(rig_env_source(env, NULL, 1).read);
    assert_null(rig_env_source(NULL, "x", 1).read);
    return rig_next(next, env, res);
}
LAYER(uses_them_wrongly);

static void test_wrong_use(void **state)
{
    (void)state;
    STAND(&uses_them_wrongly_layer, answer_ok);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .findings = {"usage.argument.null"});
    assert_int_equal(result->finding_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_non_null(strstr(result->findings[i].message, i < 2 ? "rig_input_all" : "rig_env_source"));
    }
}

/* Reads the body twice and passes it on a third time. */
static int gives_back(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char text[16] = "twelve bytes";
    struct rig_bytes first, second;
    struct rig_source source = rig_env_source(env, text, 12);
    (void)self;
    memset(text, '#', sizeof text); /* it was copied */
    assert_non_null(source.read);
    assert_int_equal(rig_env_set_input(env, source), 0);
    assert_int_equal(rig_input_all(rig_env_input(env), 100, &first), 0);
    assert_int_equal(rig_input_rewind(rig_env_input(env)), 0);
    assert_int_equal(rig_input_all(rig_env_input(env), 100, &second), 0);
    assert_string_equal(first.data, "twelve bytes");
    assert_string_equal(second.data, "twelve bytes");
    assert_int_equal(rig_env_set_input(env, rig_env_source(env, NULL, 0)), 0);
    assert_int_equal(rig_input_all(rig_env_input(env), 100, &first), 0);
    assert_int_equal(first.size, 0);
    assert_int_equal(rig_env_set_input(env, rig_env_source(env, second.data, second.size)), 0);
    return rig_next(next, env, res);
}
LAYER(gives_back);

static void test_a_body_given_back(void **state)
{
    (void)state;
    limit = 12;
    STAND(&gives_back_layer, takes_all);
    rig_assert(rig_get(client, "/"), .status = 200, .body = "twelve bytes");
}

static const struct rig_env *kept_env;

static int keeps_env(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    kept_env = env;
    return rig_respond(res);
}

static void test_a_source_of_an_ended_request(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(keeps_env));
    rig_assert(rig_get(client, "/"));
    assert_null(FAULT(rig_env_source((struct rig_env *)(uintptr_t)kept_env, "x", 1)).read);
    EXPECT_ERROR(rig_get(client, "/"), "env.lifetime.stale", NULL);
}

/* ---- out of memory ---- */

static bool admit_small(void *self, size_t size)
{
    return size < *(const size_t *)self;
}

static int asks_for_much(void *self, struct rig_env *env, struct rig_response *res)
{
    static char much[24000];
    (void)self;
    assert_null(rig_env_source(env, much, sizeof much).read);
    seen_error = rig_input_all(rig_env_input(env), UINT64_MAX, &seen);
    return rig_respond(res, .status = 507);
}

static void test_without_memory(void **state)
{
    (void)state;
    static char body[24000];
    size_t most = sizeof body;
    rig_client_free(client);
    rig_run(stack, RIG_APP(asks_for_much));
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.allocator.admit = admit_small,
                                                                              .allocator.self = &most,
                                                                              .server = &rig_server_memory,
                                                                              .checks = RIG_CHECKS_NONE});
    assert_non_null(client);
    most = 18000; /* a first chunk of 16 KiB is fine */
    rig_assert(rig_post(client, "/", .bytes = {body, sizeof body}), .status = 507);
    assert_int_equal(seen_error, -ENOMEM);
    assert_null(seen.data);
}

/* Through a source, too, the reads are the layer's own. */
static int reads_through(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char piece[8];
    struct rig_source source = rig_input_source(rig_env_input(env));
    assert_null(source.close);
    assert_int_equal(source.read(source.self, piece, 3), 3);
    assert_int_equal(source.rewind(source.self), 0);
    assert_int_equal(source.read(source.self, piece, sizeof piece), 5);
    assert_memory_equal(piece, "abcde", 5);
    assert_int_equal(source.read(source.self, piece, sizeof piece), 0);
    assert_null(rig_input_source(NULL).read);
    return rig_respond(res, .status = 200);
}

static int echoes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_response_stream(res, rig_input_source(rig_env_input(env)));
}

static void test_a_body_as_a_source(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(reads_through));
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_memory});
    const struct rig_result *result = rig_post(client, "/", .body = "abcde");
    assert_int_equal(result->hops[0].body.read, 8);
    rig_assert(result, .status = 200, .findings = {"usage.argument.null"});
    struct rig_client *echo =
        rig_client_new(RIG_APP(echoes), (struct rig_client_options){.server = &rig_server_memory});
    rig_assert(rig_post(echo, "/", .body = "abcde"), .status = 200, .body = "abcde");
    rig_client_free(echo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE_TEST(test_all_of_a_body) RULE_TEST(test_more_than_the_limit) RULE_TEST(test_a_body_that_breaks_off)
            RULE_TEST(test_wrong_use) RULE_TEST(test_a_body_given_back) RULE_TEST(test_a_source_of_an_ended_request)
                RULE_TEST(test_without_memory) RULE_TEST(test_a_body_as_a_source)};
    return cmocka_run_group_tests_name("core: whole bodies", tests, NULL, NULL);
}
