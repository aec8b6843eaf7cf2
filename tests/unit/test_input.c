/* The request body: read, lines, rewind, drain, whatever it comes from. */
#include "tests/unit/core_test.h"

/* How a body is sent and read. */
struct plan {
    const char *text; /* what it must be */
    size_t size;
    size_t buffer; /* bytes asked for at a time */
    bool lines;
};

/* Reads to the end as planned: the whole body is there, in pieces that fit, and the end stays the end. */
static void read_whole(const struct plan *plan, struct rig_input *input)
{
    char got[512] = "", piece[64];
    size_t size = 0;
    for (;;) {
        memset(piece, '#', sizeof piece);
        int64_t n =
            plan->lines ? rig_input_line(input, piece, plan->buffer) : rig_input_read(input, piece, plan->buffer);
        size_t most = plan->lines ? plan->buffer - 1 : plan->buffer;
        assert_in_range(n, 0, most);
        if (plan->lines) {
            const char *newline = memchr(piece, '\n', (size_t)n);
            assert_int_equal(piece[n], '\0');
            assert_true(!newline || newline == piece + n - 1);
            assert_true(newline || (size_t)n == most || size + (size_t)n == plan->size);
        }
        assert_int_equal(piece[plan->buffer], '#'); /* nothing beyond what was asked for */
        if (n == 0) {
            break;
        }
        assert_true(size + (size_t)n <= plan->size);
        memcpy(got + size, piece, (size_t)n);
        size += (size_t)n;
    }
    assert_int_equal(size, plan->size);
    assert_memory_equal(got, plan->text, plan->size);
    assert_int_equal(rig_input_read(input, piece, sizeof piece), 0);
    assert_int_equal(rig_input_drain(input, 0), 0);
}

static int reads_whole(void *self, struct rig_env *env, struct rig_response *res)
{
    read_whole(self, rig_env_input(env));
    return answer_ok(self, env, res);
}

static struct rig_client *reader(struct plan *plan, const struct rig_server *server)
{
    return client_with((struct rig_app){.name = "reader", .call = reads_whole, .self = plan},
                       (struct rig_client_options){.server = server});
}

static const char text[] = "one\n\ntwo\r\nthree, which is longer\nfour";

/* A source over that text, in pieces of at most `most`. */
struct text_source {
    size_t at, most;
    unsigned closes;
};

static int64_t text_read(void *self, void *buffer, size_t size)
{
    struct text_source *source = self;
    size_t left = sizeof text - 1 - source->at;
    size = source->most > 0 && size > source->most ? source->most : size;
    size = size < left ? size : left;
    memcpy(buffer, text + source->at, size);
    source->at += size;
    return (int64_t)size;
}

static void text_close(void *self)
{
    ((struct text_source *)self)->closes++;
}

static void send_each_way(struct rig_client *client, size_t piece)
{
    struct text_source source = {.most = piece}, again = source;
    rig_assert(rig_post(client, "/", .body = text), .status = 200);
    rig_assert(rig_post(client, "/", .body = text, .pieces = &piece, .piece_count = 1), .status = 200);
    rig_assert(rig_post(client, "/", .body = text, .chunked = true), .status = 200);
    rig_assert(rig_post(client, "/", .source = {.read = text_read, .close = text_close, .self = &source}),
               .status = 200);
    rig_assert(rig_post(client, "/", .source = {.read = text_read, .close = text_close, .self = &again},
                        .source_size = sizeof text - 1),
               .status = 200);
    assert_int_equal(source.closes, 1);
    assert_int_equal(again.closes, 1);
}

static void test_every_buffer_and_piece(void **state)
{
    (void)state;
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    for (size_t i = 0; i < count; i++) {
        struct plan plan = {.text = text, .size = sizeof text - 1};
        struct rig_client *client = reader(&plan, servers[i]);
        for (plan.buffer = 2; plan.buffer < sizeof text + 2; plan.buffer += plan.buffer < 8 ? 1 : 5) {
            for (size_t piece = 1; piece < sizeof text + 1; piece += piece < 5 ? 1 : 7) {
                plan.lines = false;
                send_each_way(client, piece);
                plan.lines = true;
                send_each_way(client, piece);
            }
            rig_client_reset(client);
        }
        plan = (struct plan){.text = text, .size = sizeof text - 1, .buffer = 1};
        send_each_way(client, 1);
        rig_client_free(client);
    }
}

static void test_pieces_in_turn(void **state)
{
    static const size_t pieces[] = {3, 1, 5};
    static const int64_t expected[] = {3, 1, 5, 5, 2, 0};
    (void)state;
    struct rig_client *client = client_for(answer_ok);
    struct rig_env *env =
        rig_env_for(client, RIG_POST("/", .body = "abcdefghijklmnop", .pieces = pieces, .piece_count = COUNT(pieces)));
    assert_non_null(env);
    char buffer[32];
    for (unsigned round = 0; round < 2; round++) { /* a rewind begins with the first piece again */
        for (size_t i = 0; i < COUNT(expected); i++) {
            assert_int_equal(rig_input_read(rig_env_input(env), buffer, sizeof buffer), expected[i]);
        }
        assert_int_equal(rig_input_rewind(rig_env_input(env)), 0);
    }
    rig_assert(rig_call(client, env), .status = 200);
    rig_client_free(client);
}

static void test_no_body(void **state)
{
    (void)state;
    struct plan plan = {.text = "", .buffer = 8};
    struct rig_client *client = reader(&plan, NULL);
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_assert(rig_post(client, "/", .body = ""), .status = 200);
    rig_assert(rig_post(client, "/", .bytes = {"", 0}), .status = 200);
    rig_assert(rig_post(client, "/", .chunked = true), .status = 200);
    plan.lines = true;
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
}

static void test_bytes_with_zeros(void **state)
{
    static const char bytes[] = "a\0b\0\n\0c";
    (void)state;
    struct plan plan = {.text = bytes, .size = sizeof bytes, .buffer = 3};
    struct rig_client *client = reader(&plan, NULL);
    rig_assert(rig_post(client, "/", .bytes = {bytes, sizeof bytes}), .status = 200);
    rig_client_free(client);
}

/* ---- rewind ---- */

static int expected_rewind;

static int rewinds(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_input *input = rig_env_input(env);
    char buffer[32];
    for (size_t asked = 1; asked < sizeof buffer; asked += 5) {
        int64_t got = rig_input_read(input, buffer, asked);
        assert_in_range(got, expected_rewind ? 0 : 1, asked);
        assert_int_equal(rig_input_rewind(input), expected_rewind);
    }
    while (rig_input_read(input, buffer, sizeof buffer) > 0) {
    }
    assert_int_equal(rig_input_rewind(input), expected_rewind);
    if (expected_rewind == 0) {
        assert_int_equal(rig_input_read(input, buffer, 4), 4);
        assert_memory_equal(buffer, "abcd", 4);
    }
    return answer_ok(self, env, res);
}

static void test_rewind(void **state)
{
    static const struct {
        const struct rig_server *server;
        bool from_source, source_rewinds;
        int rewound;
    } rows[] = {
        {&rig_server_memory, false, false, 0},      {&rig_server_memory, true, true, 0},
        {&rig_server_memory, true, false, -ESPIPE}, {&rig_server_passenger3, false, false, 0},
        {&rig_server_passenger3, true, false, 0}, /* it has it all in a buffer */
        {&rig_server_http1, false, false, -ESPIPE}, {&rig_server_http1, true, true, -ESPIPE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct counted body = {.size = 20};
        struct rig_source source = source_of(&body);
        source.rewind = rows[i].source_rewinds ? counted_rewind : NULL;
        struct rig_client *client =
            client_with(RIG_APP(rewinds), (struct rig_client_options){.server = rows[i].server});
        expected_rewind = rows[i].rewound;
        struct rig_request request = RIG_POST("/");
        if (rows[i].from_source) {
            request.source = source;
        } else {
            request.body = "abcdefghijklmnopqrst";
        }
        rig_assert(rig_send(client, request), .status = 200);
        assert_int_equal(body.closes, rows[i].from_source);
        rig_client_free(client);
    }
}

static int rewinds_unread(void *self, struct rig_env *env, struct rig_response *res)
{
    assert_int_equal(rig_input_rewind(rig_env_input(env)), 0); /* nothing to do */
    assert_int_equal(rig_input_drain(rig_env_input(env), 20), 20);
    return answer_ok(self, env, res);
}

static void test_rewind_of_what_was_not_read(void **state)
{
    (void)state;
    struct counted body = {.size = 20};
    struct rig_source source = source_of(&body);
    source.rewind = NULL;
    in_app(rewinds_unread, RIG_POST("/", .source = source));
}

/* ---- drain ---- */

static struct {
    uint64_t read_first, max;
    int64_t expected;
} drain;

static int drains(void *self, struct rig_env *env, struct rig_response *res)
{
    char buffer[64];
    if (drain.read_first > 0) {
        assert_int_equal(rig_input_read(rig_env_input(env), buffer, drain.read_first), drain.read_first);
    }
    assert_int_equal(rig_input_drain(rig_env_input(env), drain.max), drain.expected);
    return answer_ok(self, env, res);
}

static void test_drain(void **state)
{
    static const struct {
        uint64_t size, read_first, max;
        int64_t expected;
    } rows[] = {
        {10, 0, 10, 10},       {10, 0, 9, -EFBIG},      {10, 0, 0, -EFBIG},    {10, 0, UINT64_MAX, 10},
        {10, 4, 6, 6},         {10, 4, 5, -EFBIG},      {10, 10, 0, 0},        {100000, 0, 100000, 100000},
        {4096, 0, 4096, 4096}, {4097, 0, 4096, -EFBIG}, {8192, 1, 8191, 8191}, {100000, 0, 5000, -EFBIG},
    };
    (void)state;
    struct rig_client *client = client_for(drains);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct counted body = {.size = rows[i].size}, known = body;
        drain.read_first = rows[i].read_first;
        drain.max = rows[i].max;
        drain.expected = rows[i].expected;
        rig_assert(rig_post(client, "/", .source = source_of(&body)), .status = 200);
        const struct rig_result *result =
            rig_post(client, "/", .source = source_of(&known), .source_size = rows[i].size);
        rig_assert(result, .status = 200);
        uint64_t dropped = rows[i].expected < 0 ? rows[i].max + 1 : rows[i].size - rows[i].read_first;
        assert_true(result->hops[0].body.drained == dropped);
    }
    rig_client_free(client);
}

/* A body that does not fit in memory is drained all the same. */
static void test_drain_of_a_large_body_stays_flat(void **state)
{
    (void)state;
    struct counted body = {.size = 1 << 20};
    struct rig_client *client = client_with(
        RIG_APP(drains), (struct rig_client_options){.memory_limit = 512 * 1024, .server = &rig_server_memory});
    drain.read_first = 0;
    drain.max = 1 << 20;
    drain.expected = 1 << 20;
    rig_assert(rig_post(client, "/", .source = source_of(&body)), .status = 200);
    rig_client_free(client);
}

/* ---- the ledger ---- */

static int keeps_a_ledger(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_input *input = rig_env_input(env);
    char buffer[64];
    assert_int_equal(rig_input_read(input, buffer, 0), 0); /* nothing asked for: nothing noted */
    assert_int_equal(rig_input_read(input, buffer, 3), 3);
    assert_int_equal(rig_input_line(input, buffer, sizeof buffer), 7);
    assert_int_equal(rig_input_read(input, buffer, 5), 0);
    assert_int_equal(rig_input_read(input, buffer, 5), 0);
    assert_int_equal(rig_input_rewind(input), 0);
    int error = answer_ok(self, env, res);
    assert_int_equal(rig_input_read(input, buffer, 1), 1);
    assert_int_equal(rig_input_drain(input, 100), 9);
    return error;
}

static void test_ledger(void **state)
{
    (void)state;
    struct rig_client *client = client_for(keeps_a_ledger);
    const struct rig_result *result = rig_post(client, "/", .body = "abcdefghij");
    rig_assert(result, .status = 200);
    const struct rig_ledger *ledger = &result->hops[0].body;
    assert_true(ledger->offered == 10);
    assert_true(ledger->read == 11);
    assert_true(ledger->drained == 9);
    assert_int_equal(ledger->reads, 5);
    assert_int_equal(ledger->rewinds, 1);
    assert_int_equal(ledger->reads_after_end, 2); /* the line came to it */
    assert_int_equal(ledger->reads_after_answer, 1);
    assert_non_null(strstr(ledger->read_at, "test_input.c:"));
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_buffer_and_piece),
        cmocka_unit_test(test_pieces_in_turn),
        cmocka_unit_test(test_no_body),
        cmocka_unit_test(test_bytes_with_zeros),
        cmocka_unit_test(test_rewind),
        cmocka_unit_test(test_rewind_of_what_was_not_read),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_drain_of_a_large_body_stays_flat),
        cmocka_unit_test(test_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
