/* Bodies that fail or lie, servers that buffer, bodies put in place of another, and those of sub-requests. */
#include "tests/unit/core_test.h"

/* ---- sources that fail, or give too much or too little ---- */

struct read_result {
    char text[64];
    size_t size;
    int64_t last, again; /* what ended it, and what the next read says */
};

static int reads_to_the_end(void *self, struct rig_env *env, struct rig_response *res)
{
    struct read_result *result = self;
    struct rig_input *input = rig_env_input(env);
    *result = (struct read_result){.size = 0};
    while ((result->last = rig_input_read(input, result->text + result->size, 4)) > 0) {
        result->size += (size_t)result->last;
        assert_true(result->size + 4 < sizeof result->text);
    }
    result->again = rig_input_read(input, result->text + result->size, 4);
    return answer_ok(NULL, env, res);
}

/* Gives that many bytes at a read, or an error that is none, whatever was asked for. */
static int64_t gives_too_much(void *self, void *buffer, size_t size)
{
    memset(buffer, 'x', size);
    return *(const int64_t *)self;
}

static int64_t too_much = 5;

static void test_failing_sources(void **state)
{
    static const struct {
        const char *name;
        struct counted body;
        uint64_t known;
        size_t got;
        int64_t last;
        const char *rule; /* NULL: none */
    } rows[] = {
        {"fails at once", {.size = 10, .fail_at = 1, .error = -EIO}, 0, 0, -EIO, NULL},
        {"fails in the middle", {.size = 10, .fail_at = 5, .error = -ECONNRESET}, 0, 4, -ECONNRESET, NULL},
        {"fails in the middle, its size known", {.size = 10, .fail_at = 9, .error = -EIO}, 10, 8, -EIO, NULL},
        {"is as long as it says", {.size = 10}, 10, 10, 0, NULL},
        {"is longer: the rest is not this body's", {.size = 10}, 7, 7, 0, "request.content_length.mismatch"},
        {"is shorter", {.size = 5}, 10, 5, -ECONNRESET, "request.content_length.mismatch"},
        {"is empty", {.size = 0}, 10, 0, -ECONNRESET, "request.content_length.mismatch"},
        {"has no size", {.size = 10}, 0, 10, 0, NULL},
    };
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    for (size_t i = 0; i < COUNT(rows) * count; i++) {
        size_t at = i / count;
        const struct rig_server *server = servers[i % count];
        struct read_result got;
        struct counted body = rows[at].body;
        struct rig_client *client =
            client_with((struct rig_app){.call = reads_to_the_end, .self = &got},
                        (struct rig_client_options){.server = server, .ignore = {"input.truncated.accepted"}});
        const struct rig_result *result =
            rig_post(client, "/", .source = source_of(&body), .source_size = rows[at].known);
        bool ends_well = rows[at].last == 0;
        size_t expected = server->buffers_all && !ends_well ? 0 : rows[at].got; /* all or nothing */
        if (got.last != rows[at].last || got.size != expected || got.again != got.last) {
            fail_msg("%s, %s: %zu bytes, then %lld, then %lld", server->name, rows[at].name, got.size,
                     (long long)got.last, (long long)got.again);
        }
        for (size_t k = 0; k < got.size; k++) {
            assert_int_equal(got.text[k], counted_byte(k));
        }
        rig_assert(result, .status = 200, .findings = {rows[at].rule});
        assert_int_equal(result->delivery.connection,
                         ends_well && server->keeps_alive ? RIG_CONNECTION_KEPT : result->delivery.connection);
        assert_int_equal(body.closes, 1);
        rig_client_free(client);
    }
}

static void test_source_that_gives_too_much(void **state)
{
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct read_result got;
        struct rig_client *client =
            client_with((struct rig_app){.call = reads_to_the_end, .self = &got},
                        (struct rig_client_options){.server = servers[i], .ignore = {"input.truncated.accepted"}});
        const int64_t wrong[] = {servers[i]->buffers_all ? 1 << 20 : 5, INT64_MIN, INT64_MIN + 1, -((int64_t)1 << 32),
                                 -4096};
        for (size_t k = 0; k < COUNT(wrong); k++) {
            too_much = wrong[k];
            rig_assert(rig_post(client, "/", .source = {.read = gives_too_much, .self = &too_much}), .status = 200,
                       .findings = {"usage.return.invalid"});
            assert_int_equal(got.last, -EIO);
            assert_int_equal(got.again, -EIO);
            assert_int_equal(got.size, 0);
        }
        too_much = -4095;
        rig_assert(rig_post(client, "/", .source = {.read = gives_too_much, .self = &too_much}), .status = 200);
        assert_int_equal(got.last, -4095);
        rig_client_free(client);
    }
}

static int64_t endless(void *self, void *buffer, size_t size)
{
    *(uint64_t *)self += size;
    memset(buffer, 'x', size);
    return (int64_t)size;
}

/* Bodies that nobody reads: neither too much nor no end keeps a server busy for ever. */
static void test_hostile_source_unread(void **state)
{
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    too_much = 1 << 20;
    for (size_t i = 0; i < count; i++) {
        uint64_t given = 0;
        struct rig_client *client =
            client_with(RIG_APP(answer_ok),
                        (struct rig_client_options){.server = servers[i], .ignore = {"input.early_answer.unread"}});
        rig_assert(rig_post(client, "/", .source = {.read = gives_too_much, .self = &too_much}), .status = 200);
        rig_assert(rig_post(client, "/", .source = {.read = endless, .self = &given}), .status = 200);
        assert_true(given <= 128 << 20);
        rig_client_free(client);
    }
}

static int fails_each_way(void *self, struct rig_env *env, struct rig_response *res)
{
    char buffer[8] = "#######";
    assert_int_equal(rig_input_line(rig_env_input(env), buffer, sizeof buffer), -EIO);
    assert_string_equal(buffer, "");
    assert_int_equal(rig_input_drain(rig_env_input(env), 100), -EIO);
    assert_int_equal(rig_input_read(rig_env_input(env), buffer, 1), -EIO);
    return answer_ok(self, env, res);
}

static void test_failure_by_line_and_drain(void **state)
{
    (void)state;
    struct counted body = {.size = 10, .fail_at = 3, .error = -EIO};
    in_app(fails_each_way, RIG_POST("/", .source = source_of(&body)));
    assert_int_equal(body.closes, 1);
}

/* ---- the source is closed, whatever happens ---- */

static int fails(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env, (void)res;
    return -EIO;
}

static void test_source_is_closed_once(void **state)
{
    (void)state;
    struct rig_client *client = client_for(fails);
    struct counted body = {.size = 10};
    rig_assert(rig_post(client, "/", .source = source_of(&body)), .status = 500, .error = -EIO);
    assert_int_equal(body.closes, 1);
    assert_int_equal(body.reads, 0);

    struct counted refused = {.size = 10};
    rig_assert(rig_post(client, "no path", .source = source_of(&refused)), .error = -EINVAL,
               .findings = {"request.target.invalid"});
    assert_int_equal(refused.closes, 1);

    struct counted twice = {.size = 10};
    rig_assert(rig_post(client, "/", .body = "x", .source = source_of(&twice)), .error = -EINVAL,
               .findings = {"request.body.twice"});
    assert_int_equal(twice.closes, 1);

    struct counted unnamed = {.size = 10};
    rig_assert(rig_post(client, "/", .source = source_of(&unnamed), .env = {{"", "x"}}), .error = -EINVAL,
               .findings = {"request.env.invalid"});
    assert_int_equal(unnamed.closes, 1);

    struct counted held = {.size = 10};
    struct rig_env *env = rig_env_for(client, RIG_POST("/", .source = source_of(&held)));
    assert_non_null(env);
    assert_int_equal(held.closes, 0);
    rig_env_close(client, env);
    assert_int_equal(held.closes, 1);

    struct counted wire = {.size = 10};
    rig_assert(rig_post(client, "/", .source = source_of(&wire), .malformed = true), .status = 500, .error = -EIO);
    assert_int_equal(wire.closes, 1);
    rig_client_free(client);

    struct counted nobody = {.size = 10};
    assert_int_equal(rig_get(NULL, "/", .source = source_of(&nobody))->error, -EINVAL);
    assert_int_equal(nobody.closes, 1);
    assert_null(rig_env_for(NULL, RIG_GET("/", .source = source_of(&nobody))));
    assert_int_equal(nobody.closes, 2);
}

/* ---- buffering servers ---- */

static int reads_one_byte(void *self, struct rig_env *env, struct rig_response *res)
{
    char byte;
    assert_int_equal(rig_input_read(rig_env_input(env), &byte, 1), 1);
    return answer_ok(self, env, res);
}

static void test_first_read_takes_all(void **state)
{
    (void)state;
    struct rig_client *client =
        client_with(RIG_APP(reads_one_byte), (struct rig_client_options){.server = &rig_server_passenger3});
    struct counted body = {.size = 10000}, known = body;
    const struct rig_result *results[] = {
        rig_post(client, "/", .body = "abcdef"),
        rig_post(client, "/", .body = "abcdef", .chunked = true),
        rig_post(client, "/", .source = source_of(&body)),
        rig_post(client, "/", .source = source_of(&known), .source_size = 10000),
    };
    for (size_t i = 0; i < COUNT(results); i++) {
        rig_assert(results[i], .status = 200);
        assert_true(results[i]->delivery.unread == 0);
        assert_true(results[i]->delivery.offered == (i < 2 ? 6 : 10000));
    }
    assert_true(body.at == 10000);
    rig_client_free(client);
}

static int reads_too_much_to_buffer(void *self, struct rig_env *env, struct rig_response *res)
{
    char byte;
    (void)self;
    assert_int_equal(rig_input_read(rig_env_input(env), &byte, 1), -ENOMEM);
    assert_int_equal(rig_input_read(rig_env_input(env), &byte, 1), -ENOMEM);
    (void)res;
    return -ENOMEM;
}

static void test_buffer_beyond_the_limit(void **state)
{
    (void)state;
    struct rig_client *client =
        client_with(RIG_APP(reads_too_much_to_buffer),
                    (struct rig_client_options){.server = &rig_server_passenger3, .memory_limit = 1 << 20});
    struct counted body = {.size = 4 << 20};
    rig_assert(rig_post(client, "/", .source = source_of(&body)), .status = 500, .error = -ENOMEM);
    rig_client_free(client);
}

/* ---- another body in place of it ---- */

static struct counted first_body, second_body;

static int replaces(void *self, struct rig_env *env, struct rig_response *res)
{
    char buffer[16];
    struct rig_input *wire = rig_env_input(env);
    assert_int_equal(rig_env_set_input(env, source_of(&first_body)), 0);
    struct rig_input *first = rig_env_input(env);
    assert_ptr_not_equal(first, wire);
    assert_int_equal(rig_input_read(first, buffer, 4), 4);
    assert_memory_equal(buffer, "abcd", 4);
    assert_int_equal(rig_input_rewind(first), 0);
    assert_int_equal(first_body.rewinds, 1);
    assert_int_equal(rig_input_read(wire, buffer, sizeof buffer), 4); /* that is how a decoder gets its bytes */
    assert_memory_equal(buffer, "wire", 4);
    struct rig_source once = source_of(&second_body);
    once.rewind = NULL;
    assert_int_equal(rig_env_set_input(env, once), 0);
    assert_int_equal(rig_input_drain(rig_env_input(env), 100), 7);
    assert_int_equal(rig_input_rewind(rig_env_input(env)), -ESPIPE);
    assert_int_equal(first_body.closes + second_body.closes, 0); /* at the end, not before */
    assert_int_equal(rig_input_drain(first, 100), 5);
    return answer_ok(self, env, res);
}

static void test_replaced_body(void **state)
{
    (void)state;
    first_body = (struct counted){.size = 5};
    second_body = (struct counted){.size = 7};
    in_app(replaces, RIG_POST("/", .body = "wire"));
    assert_int_equal(first_body.closes, 1);
    assert_int_equal(second_body.closes, 1);
}

static int replaces_wrongly(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_source none = source_of(&first_body);
    none.read = NULL;
    assert_int_equal(rig_env_set_input(env, none), -EINVAL);
    assert_int_equal(first_body.closes, 1); /* also on failure */
    assert_int_equal(rig_input_drain(rig_env_input(env), 100), 4);
    return answer_ok(self, env, res);
}

static void test_refused_replacement_is_closed(void **state)
{
    (void)state;
    first_body = (struct counted){.size = 5};
    struct rig_client *client = client_for(replaces_wrongly);
    rig_assert(rig_post(client, "/", .body = "wire"), .status = 200, .findings = {"usage.argument.null"});
    rig_client_free(client);
}

/* ---- sub-requests ---- */

static const char *below_does; /* "r3": reads 3 bytes; "l": to the end; "w": rewinds */

static int does_below(void *self, struct rig_env *env, struct rig_response *res)
{
    char buffer[16];
    struct rig_input *input = rig_env_input(env);
    for (const char *step = below_does; *step; step++) {
        if (*step == 'r') {
            size_t size = (size_t)(*++step - '0');
            assert_int_equal(rig_input_read(input, buffer, size), size);
        } else if (*step == 'l') {
            assert_in_range(rig_input_drain(input, 100), 0, 10);
        } else {
            assert_int_equal(rig_input_rewind(input), 0);
        }
    }
    return answer_ok(self, env, res);
}

static const char *above_then_reads;

static int asks_below(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char buffer[32];
    (void)self;
    struct rig_input *input = rig_env_input(env);
    struct rig_env *copy = rig_env_copy(env);
    struct rig_response *below = rig_subrequest(next, copy);
    assert_non_null(below);
    assert_int_equal(rig_response_error(below), 0);
    assert_ptr_equal(rig_env_input(env), input);
    assert_ptr_equal(rig_env_input(copy), input); /* its own again */
    int64_t got = rig_input_read(input, buffer, sizeof buffer);
    assert_int_equal(got, strlen(above_then_reads));
    assert_memory_equal(buffer, above_then_reads, (size_t)got);
    return rig_respond(res, .status = rig_response_status(below));
}
LAYER(asks_below);

/* Where the sub-request stopped, the request goes on: it is one body. */
static void test_body_of_subrequest(void **state)
{
    static const struct {
        const char *below, *then;
        unsigned after_end; /* reads of the layer above after the end */
    } rows[] = {
        {"", "0123456789", 0},   {"r3", "3456789", 0},     {"l", "", 1},
        {"lw", "0123456789", 0}, {"r3wr2", "23456789", 0}, {"r9r1", "", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows) * 2; i++) {
        struct rig_stack *stack = stack_new();
        struct rig_client *client =
            client_with(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_memory});
        assert_int_equal(rig_use(stack, &asks_below_layer), 0);
        assert_int_equal(rig_run(stack, RIG_APP(does_below)), 0);
        below_does = rows[i / 2].below;
        above_then_reads = rows[i / 2].then;
        const struct rig_result *result = rig_post(client, "/", .body = "0123456789", .chunked = i % 2 == 1);
        rig_assert(result, .status = 200);
        assert_int_equal(result->hop_count, 2);
        assert_int_equal(result->hops[0].body.reads_after_end, rows[i / 2].after_end);
        assert_int_equal(result->hops[0].body.read, strlen(above_then_reads)); /* a ledger of its own */
        rig_client_free(client);
        rig_stack_free(stack);
    }
}

/* A source has no size: what the upper layer knows of its end comes from below. */
static void test_source_body_of_subrequest(void **state)
{
    static const char *const below[] = {"lw", "r9wr9r1w", "lwlw"};
    (void)state;
    for (size_t i = 0; i < COUNT(below); i++) {
        struct counted body = {.size = 10};
        struct rig_stack *stack = stack_new();
        struct rig_client *client =
            client_with(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_memory});
        assert_int_equal(rig_use(stack, &asks_below_layer), 0);
        assert_int_equal(rig_run(stack, RIG_APP(does_below)), 0);
        below_does = below[i];
        above_then_reads = "abcdefghij";
        const struct rig_result *result = rig_post(client, "/", .source = source_of(&body));
        rig_assert(result, .status = 200);
        assert_int_equal(result->hops[0].body.reads_after_end, 0); /* it was rewound */
        assert_int_equal(body.closes, 1);
        rig_client_free(client);
        rig_stack_free(stack);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failing_sources),
        cmocka_unit_test(test_source_that_gives_too_much),
        cmocka_unit_test(test_hostile_source_unread),
        cmocka_unit_test(test_failure_by_line_and_drain),
        cmocka_unit_test(test_source_is_closed_once),
        cmocka_unit_test(test_first_read_takes_all),
        cmocka_unit_test(test_buffer_beyond_the_limit),
        cmocka_unit_test(test_replaced_body),
        cmocka_unit_test(test_refused_replacement_is_closed),
        cmocka_unit_test(test_body_of_subrequest),
        cmocka_unit_test(test_source_body_of_subrequest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
