/* A body that can be rewound over one that cannot: what it takes and when, its limit, what fails. */
#include "tests/unit/text_source.h"

/* ---- what it takes, and when ---- */

static struct text_source lazy_source;

static int is_lazy(void *self, struct rig_env *env, struct rig_response *res)
{
    char byte;
    assert_int_equal(rig_env_rewindable(env, 0), 0);
    assert_int_equal(lazy_source.at, 0);
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/read") == 0) {
        assert_int_equal(rig_input_read(rig_env_input(env), &byte, 1), 1);
        assert_int_equal(lazy_source.at, SIZE); /* all at once */
    } else if (strcmp(rig_env_get(env, "PATH_INFO"), "/rewind") == 0) {
        assert_int_equal(rig_input_rewind(rig_env_input(env)), 0);
        assert_int_equal(lazy_source.at, SIZE);
    }
    return answer_ok(self, env, res);
}

/* Unused, it leaves the body where it was, which a plain server's client then loses its answer over. */
static void test_nothing_before_its_first_use(void **state)
{
    static const char *const paths[] = {"/unused", "/read", "/rewind"};
    (void)state;
    struct rig_client *client = client_with(RIG_APP(is_lazy), (struct rig_client_options){.now = 0});
    for (size_t i = 0; i < COUNT(paths); i++) {
        lazy_source = (struct text_source){.most = 5};
        rig_assert(rig_post(client, paths[i], .source = source_of_text(&lazy_source)), .status = 200,
                   .findings = {i == 0 ? "input.early_answer.unread" : NULL});
        assert_int_equal(lazy_source.closes, 1);
    }
    rig_client_free(client);
}

static int wraps_again(void *self, struct rig_env *env, struct rig_response *res)
{
    char buffer[8];
    assert_int_equal(rig_env_rewindable(env, 0), 0);
    struct rig_input *first = rig_env_input(env);
    assert_int_equal(rig_env_rewindable(env, 0), 0);
    assert_ptr_equal(rig_env_input(env), first); /* nothing to add */
    assert_int_equal(rig_input_read(first, buffer, 4), 4);
    assert_int_equal(rig_env_rewindable(env, 0), 0);
    struct rig_input *second = rig_env_input(env);
    assert_ptr_not_equal(second, first);
    assert_int_equal(rig_input_size(second), SIZE - 4); /* it begins where the first one stood */
    assert_int_equal(rig_input_read(second, buffer, 3), 3);
    assert_memory_equal(buffer, text + 4, 3);
    assert_int_equal(rig_input_rewind(first), 0);
    assert_int_equal(rig_input_size(first), SIZE);
    return answer_ok(self, env, res);
}

static void test_one_over_another(void **state)
{
    (void)state;
    in_app(wraps_again, RIG_POST("/", .body = text));
}

static int tries_twice(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    assert_int_equal(rig_env_rewindable(env, 0), 0);
    struct rig_env *copy = rig_env_copy(env);
    assert_non_null(rig_subrequest(next, copy)); /* reads it to its end */
    assert_int_equal(rig_input_rewind(rig_env_input(env)), 0);
    return rig_next(next, env, res);
}
LAYER(tries_twice);

static void test_for_a_second_attempt(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    rig_use(stack, &tries_twice_layer);
    rig_run(stack, RIG_APP(answer_body));
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    rig_assert(rig_post(client, "/", .body = text), .status = 200, .body = text);
    rig_client_free(client);
    rig_stack_free(stack);
}

/* ---- its limit ---- */

static uint64_t limit, spill_max;
static int64_t spilt;

/* Too much is a body of 413: it is dropped, and the connection goes on. */
static int takes_so_much(void *self, struct rig_env *env, struct rig_response *res)
{
    char byte;
    assert_int_equal(rig_env_rewindable(env, limit), 0);
    struct rig_input *input = rig_env_input(env);
    int64_t size = rig_input_size(input);
    if (size != -EFBIG) {
        assert_int_equal(rig_input_drain(input, UINT64_MAX), size);
        return answer_ok(self, env, res);
    }
    assert_int_equal(rig_input_read(input, &byte, 1), -EFBIG);
    assert_int_equal(rig_input_rewind(input), -EFBIG);
    spilt = rig_input_drain(input, spill_max);
    assert_int_equal(rig_input_read(input, &byte, 1), -EFBIG);
    return rig_respond(res, .status = 413);
}

static void test_limit(void **state)
{
    static const struct {
        uint64_t limit, size;
        int status;
    } rows[] = {
        {1, 1, 200},
        {1, 2, 413},
        {100, 100, 200},
        {100, 101, 413},
        {4096, 4096, 200},
        {4096, 4097, 413},
        {5000, 100000, 413},
        {0, RIG_REWINDABLE_MAX, 200},
        {0, RIG_REWINDABLE_MAX + 1, 413},
        {UINT64_MAX, 100000, 200},
    };
    (void)state;
    struct rig_client *client = client_with(RIG_APP(takes_so_much), (struct rig_client_options){.now = 0});
    spill_max = UINT64_MAX;
    for (size_t i = 0; i < COUNT(rows) * 2; i++) {
        const size_t at = i / 2;
        struct counted body = {.size = rows[at].size};
        limit = rows[at].limit;
        spilt = -1;
        const struct rig_result *result = rig_post(client, "/", .source = source_of(&body),
                                                   .source_size = i & 1 ? body.size : 0, .discard_body = true);
        rig_assert(result, .status = rows[at].status);
        assert_int_equal(spilt, rows[at].status == 413 ? (int64_t)body.size : -1);
        assert_int_equal(result->delivery.connection, RIG_CONNECTION_KEPT);
        rig_client_reset(client);
    }
    rig_client_free(client);
}

static void test_too_much_to_drop(void **state)
{
    (void)state;
    struct rig_client *client = client_for(takes_so_much);
    limit = 10;
    for (spill_max = 1; spill_max < 30; spill_max++) {
        rig_assert(rig_post(client, "/", .body = "20 bytes of a body: "), .status = 413);
        assert_int_equal(spilt, spill_max < 20 ? -EFBIG : 20);
    }
    rig_client_free(client);
}

/* ---- what fails ---- */

static int64_t first_error;

static int reads_twice(void *self, struct rig_env *env, struct rig_response *res)
{
    char buffer[16];
    assert_int_equal(rig_env_rewindable(env, 0), 0);
    first_error = rig_input_read(rig_env_input(env), buffer, sizeof buffer);
    assert_int_equal(rig_input_size(rig_env_input(env)), first_error);
    assert_int_equal(rig_input_rewind(rig_env_input(env)), first_error);
    return answer_ok(self, env, res);
}

static void test_source_that_fails(void **state)
{
    (void)state;
    struct rig_client *client = client_for(reads_twice);
    for (uint64_t at = 1; at < 10; at++) {
        struct counted body = {.size = 20, .fail_at = at, .error = -EIO};
        rig_assert(rig_post(client, "/", .source = source_of(&body)), .status = 200);
        assert_int_equal(first_error, -EIO);
    }
    rig_client_free(client);
}

static int visits(void *closure, const char *line, size_t size)
{
    (void)line;
    *(size_t *)closure += size;
    return 0;
}

static struct rig_env *kept_env;
static struct rig_input *kept_input;

static int keeps_both(void *self, struct rig_env *env, struct rig_response *res)
{
    if (!kept_env) {
        assert_int_equal(rig_env_rewindable(env, 0), 0);
        kept_env = env;
        kept_input = rig_env_input(env);
    } else {
        assert_int_equal(rig_env_rewindable(kept_env, 0), -ESTALE);
        assert_int_equal(rig_input_size(kept_input), -ESTALE);
        assert_int_equal(rig_input_close(kept_input), -ESTALE);
        assert_int_equal(rig_input_each(kept_input, 1, visits, NULL), -ESTALE);
    }
    assert_int_equal(rig_env_rewindable(NULL, 0), -EINVAL);
    assert_int_equal(rig_input_size(NULL), -EINVAL);
    assert_int_equal(rig_input_close(NULL), -EINVAL);
    assert_int_equal(rig_input_each(NULL, 1, visits, NULL), -EINVAL);
    assert_int_equal(rig_input_each(rig_env_input(env), 1, NULL, NULL), -EINVAL);
    return answer_ok(self, env, res);
}

static void test_wrong_use(void **state)
{
    (void)state;
    struct rig_client *client = client_for(keeps_both);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"usage.argument.null"});
    assert_int_equal(count_found(result, "usage.argument.null"), 5);
    result = rig_get(client, "/");
    rig_assert(result, .status = 200,
               .findings = {"usage.argument.null", "env.lifetime.stale", "input.lifetime.stale"});
    assert_int_equal(count_found(result, "input.lifetime.stale"), 3);
    rig_client_free(client);
}

/* ---- as a layer ---- */

static int reads_twice_over(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_bytes all;
    (void)self;
    for (int i = 0; i < 2; i++) {
        int error = rig_input_all(rig_env_input(env), UINT64_MAX, &all);
        error = error ? error : rig_input_rewind(rig_env_input(env));
        if (error != 0) {
            (void)rig_input_drain(rig_env_input(env), UINT64_MAX);
            return rig_respond(res, .status = error == -EFBIG ? 413 : 500);
        }
    }
    return rig_respond(res, .bytes = all);
}

static void test_layer(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct rig_stack *stack = stack_new();
        if (i > 0) {
            rig_use(stack, &rig_rewindable_layer, i == 1 ? NULL : &(struct rig_rewindable_options){.max = SIZE - 1});
        }
        rig_run(stack, RIG_APP(reads_twice_over));
        struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
        rig_assert(rig_post(client, "/", .body = text),
                   .status = i == 0   ? 500
                             : i == 1 ? 200
                                      : 413,
                   .body = i == 1 ? text : "");
        rig_client_free(client);
        rig_stack_free(stack);
    }
}

/* ---- memory that runs out ---- */

static long pieces, fail_at;

static bool admit(void *self, size_t size)
{
    (void)self, (void)size;
    return ++pieces != fail_at;
}

static int passes_errors_on(void *self, struct rig_env *env, struct rig_response *res)
{
    size_t lines = 0;
    (void)self;
    int error = rig_env_rewindable(env, 0);
    error = error ? error : rig_input_each(rig_env_input(env), 100, visits, &lines);
    error = error ? error : lines == SIZE ? rig_input_rewind(rig_env_input(env)) : -EPROTO;
    return error ? error : rig_respond(res, .status = 200);
}

static void test_each_piece_of_memory(void **state)
{
    (void)state;
    struct rig_client *client =
        client_with(RIG_APP(passes_errors_on),
                    (struct rig_client_options){.server = &rig_server_memory, .allocator = {.admit = admit}});
    for (fail_at = 1;; fail_at++) {
        struct text_source source = {.most = 3};
        pieces = 0;
        const struct rig_result *result = rig_post(client, "/", .source = source_of_text(&source));
        assert_true(pieces < fail_at ? result->error == 0 && result->status == 200
                                     : result->error == -ENOMEM || result->unchecked);
        assert_int_equal(source.closes, 1);
        if (pieces < fail_at) {
            break;
        }
    }
    assert_true(fail_at > 10);
    rig_client_free(client);
}

static void test_memory_limit(void **state)
{
    (void)state;
    struct rig_client *client = client_with(
        RIG_APP(passes_errors_on), (struct rig_client_options){.server = &rig_server_memory, .memory_limit = 1 << 20});
    struct counted body = {.size = 4 << 20};
    rig_assert(rig_post(client, "/", .source = source_of(&body)), .status = 500, .error = -ENOMEM);
    rig_client_reset(client);
    rig_assert(rig_post(client, "/", .body = text), .status = 200);
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_before_its_first_use),
        cmocka_unit_test(test_one_over_another),
        cmocka_unit_test(test_for_a_second_attempt),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_too_much_to_drop),
        cmocka_unit_test(test_source_that_fails),
        cmocka_unit_test(test_wrong_use),
        cmocka_unit_test(test_layer),
        cmocka_unit_test(test_each_piece_of_memory),
        cmocka_unit_test(test_memory_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
