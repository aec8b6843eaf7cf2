/* The response body chunk by chunk as it was produced, and the error stream written in pieces. */
#include "tests/unit/core_test.h"

/* ---- what a chunk is ---- */

static void assert_chunks(const struct rig_result *result, size_t count, const struct rig_bytes *expected)
{
    size_t at = 0;
    assert_int_equal(result->chunk_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(result->chunks[i].size, expected[i].size);
        assert_memory_equal(result->chunks[i].data, expected[i].data, expected[i].size);
        assert_ptr_equal(result->chunks[i].data, result->body + at); /* they are the body, not copies */
        at += expected[i].size;
    }
    assert_int_equal(at, result->body_size);
}

static int writes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_respond(res, .body = "first"), 0);
    assert_int_equal(rig_response_write(res, "", 0), 0);
    assert_int_equal(rig_response_write(res, "a\0b", 3), 0);
    return rig_response_write(res, "last", 4);
}

static int writes_one(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_response_write(res, "one", 3);
}

static int writes_nothing(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_response_write(res, NULL, 0);
}

static int answers_again(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)writes(self, env, res);
    return rig_respond(res, .body = "anew"); /* what was written before is gone with its chunks */
}

static int answers_empty(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)writes(self, env, res);
    return rig_respond(res, .body = "");
}

static void test_each_write_is_a_chunk(void **state)
{
    static const struct {
        app_fn *app;
        size_t count;
        struct rig_bytes chunks[4];
    } cases[] = {
        {writes, 4, {{"first", 5}, {"", 0}, {"a\0b", 3}, {"last", 4}}},
        {writes_one, 1, {{"one", 3}}},
        {writes_nothing, 1, {{"", 0}}},
        {answers_again, 1, {{"anew", 4}}},
        {answers_empty, 0, {{NULL, 0}}},
        {answer_ok, 1, {{"ok", 2}}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rig_client *client = client_for(cases[i].app);
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 200);
        assert_chunks(result, cases[i].count, cases[i].chunks);
        assert_int_equal(result->body_closes, 0);
        rig_assert(rig_get(client, "/", .discard_body = true), .status = 200);
        assert_int_equal(rig_get(client, "/", .discard_body = true)->chunk_count, 0);
        assert_chunks(result, cases[i].count, cases[i].chunks); /* a result stays as it was */
        rig_client_free(client);
    }
}

static void test_no_chunks_for_head(void **state)
{
    (void)state;
    struct rig_client *client =
        client_with(RIG_APP(writes), (struct rig_client_options){.ignore = {"response.head.body_forbidden"}});
    const struct rig_result *result = rig_head(client, "/");
    rig_assert(result, .status = 200, .body = "");
    assert_int_equal(result->chunk_count, 0);
    rig_client_free(client);
}

/* ---- streams ---- */

static struct counted body;

static int streams(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_response_stream(res, source_of(&body));
}

static void test_each_read_of_a_stream_is_a_chunk(void **state)
{
    static const struct rig_bytes chunks[] = {{"abc", 3}, {"def", 3}, {"gh", 2}};
    (void)state;
    struct rig_client *client = client_for(streams);
    body = (struct counted){.size = 8, .most = 3};
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .body = "abcdefgh");
    assert_chunks(result, 3, chunks);
    assert_int_equal(result->body_closes, 1);
    body = (struct counted){.size = 0};
    result = rig_get(client, "/");
    rig_assert(result, .body = "");
    assert_int_equal(result->chunk_count, 0);
    assert_int_equal(result->body_closes, 1);
    rig_client_free(client);
}

/* Many small chunks take no more memory than the list of the first of them. */
static void test_chunks_have_a_limit(void **state)
{
    static const size_t sizes[] = {RIG_CHUNKS_MAX - 1, RIG_CHUNKS_MAX, RIG_CHUNKS_MAX + 1, 100000};
    (void)state;
    struct rig_client *client = client_for(streams);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        body = (struct counted){.size = sizes[i], .most = 1};
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 200);
        size_t count = sizes[i] < RIG_CHUNKS_MAX ? sizes[i] : RIG_CHUNKS_MAX;
        assert_int_equal(result->chunk_count, count);
        assert_int_equal(result->chunks[count - 2].size, 1);
        assert_int_equal(result->chunks[count - 1].size, sizes[i] - count + 1);
        assert_ptr_equal(result->chunks[count - 1].data, result->body + count - 1);
        rig_client_reset(client);
    }
    rig_client_free(client);
}

/* ---- a layer that takes the body sees its chunks, and makes its own ---- */

static struct rig_source inner;

static int64_t read_shouted(void *self, void *buffer, size_t size)
{
    (void)self;
    int64_t got = inner.read(inner.self, buffer, size);
    for (int64_t i = 0; i < got; i++) {
        ((char *)buffer)[i] ^= 'a' ^ 'A';
    }
    return got;
}

static void close_inner(void *self)
{
    (void)self;
    inner.close(inner.self);
}

static int shouts(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    char piece[8];
    inner = rig_response_take_body(res);
    assert_int_equal(inner.read(inner.self, piece, 2), 2); /* less than a chunk; then from the first once more */
    assert_int_equal(inner.rewind(inner.self), 0);
    return error ? error : rig_response_stream(res, (struct rig_source){.read = read_shouted, .close = close_inner});
}
LAYER(shouts);

static int writes_words(void *self, struct rig_env *env, struct rig_response *res)
{
    static const char *const words[] = {"", "one", "two", "", "three", ""};
    int error = 0;
    (void)self, (void)env;
    for (size_t i = 0; i < COUNT(words) && !error; i++) {
        error = rig_response_write(res, words[i], strlen(words[i]));
    }
    return error;
}

static void test_a_wrapper_sees_the_chunks(void **state)
{
    static const struct rig_bytes chunks[] = {{"ONE", 3}, {"TWO", 3}, {"THREE", 5}}; /* an empty read is the end */
    (void)state;
    struct rig_stack *stack = stack_new();
    assert_int_equal(rig_use(stack, &shouts_layer), 0);
    assert_int_equal(rig_run(stack, RIG_APP(writes_words)), 0);
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .body = "ONETWOTHREE");
    assert_chunks(result, 3, chunks);
    assert_int_equal(result->body_closes, 1);
    rig_client_free(client);
    rig_stack_free(stack);
}

/* ---- the error stream ---- */

static int logs(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    assert_int_equal(rig_env_log_write(env, "one", 3), 0);
    assert_int_equal(rig_env_log_write(env, NULL, 0), 0);
    assert_int_equal(rig_env_log_write(env, "\0", 1), 0);
    assert_int_equal(rig_env_log(env, "%s", "two"), 0);
    assert_int_equal(rig_env_log_write(NULL, "x", 1), -EINVAL);
    assert_int_equal(rig_env_log_write(env, NULL, 1), -EINVAL);
    return rig_respond(res);
}

static int logs_nothing(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    assert_int_equal(rig_env_log_write(env, "", 0), 0);
    return rig_respond(res);
}

static void test_log_in_pieces(void **state)
{
    (void)state;
    struct rig_client *client = client_for(logs);
    const struct rig_result *result = rig_get(client, "/", .enable = {"env.log.written"});
    rig_assert(result, .findings = {"usage.argument.null", "env.log.written"}, .log_contains = "two\n");
    assert_int_equal(result->log_size, 8);
    assert_memory_equal(result->log, "one\0two\n", 9);
    rig_client_free(client);
    client = client_for(logs_nothing);
    result = rig_get(client, "/", .enable = {"env.log.written"});
    rig_assert(result, .findings = {"env.log.written"}); /* that it was touched is what the rule tells */
    assert_int_equal(result->log_size, 0);
    assert_string_equal(result->log, "");
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_write_is_a_chunk),
        cmocka_unit_test(test_no_chunks_for_head),
        cmocka_unit_test(test_each_read_of_a_stream_is_a_chunk),
        cmocka_unit_test(test_chunks_have_a_limit),
        cmocka_unit_test(test_a_wrapper_sees_the_chunks),
        cmocka_unit_test(test_log_in_pieces),
    };
    return cmocka_run_group_tests_name("chunks", tests, NULL, NULL);
}
