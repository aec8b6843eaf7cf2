/* The request body as a whole: line by line, its size, and its end before the request's. */
#include "tests/unit/core_test.h"

/* ---- line by line ---- */

static struct {
    char seen[256];
    int stop_at, stop_with; /* the line, from 1, at which the walk ends */
    int lines;
} walk;

static int sees_line(void *closure, const char *line, size_t size)
{
    assert_ptr_equal(closure, &walk);
    assert_int_equal(line[size], '\0');
    (void)snprintf(walk.seen + strlen(walk.seen), sizeof walk.seen - strlen(walk.seen), "%zu:%s|", size, line);
    return ++walk.lines == walk.stop_at ? walk.stop_with : 0;
}

static uint64_t line_max;
static int64_t returned;

static int walks(void *self, struct rig_env *env, struct rig_response *res)
{
    returned = rig_input_each(rig_env_input(env), line_max, sees_line, &walk);
    assert_true(rig_input_drain(rig_env_input(env), 10000) >= 0);
    return answer_ok(self, env, res);
}

static void test_lines(void **state)
{
    static const struct {
        const char *body;
        uint64_t max;
        int stop_at, stop_with, returned;
        const char *seen;
    } rows[] = {
        {"", 10, 0, 0, 0, ""},
        {"a\nbc\n", 10, 0, 0, 0, "2:a\n|3:bc\n|"},
        {"a\n\nbc", 10, 0, 0, 0, "2:a\n|1:\n|2:bc|"},
        {"a\r\nb\rc", 10, 0, 0, 0, "3:a\r\n|3:b\rc|"},
        {"abc\nd", 4, 0, 0, 0, "4:abc\n|1:d|"},
        {"abc\nd", 3, 0, 0, -EFBIG, ""},
        {"a\nabcd", 3, 0, 0, -EFBIG, "2:a\n|"},
        {"\n", 0, 0, 0, -EFBIG, ""},
        {"", 0, 0, 0, 0, ""},
        {"a\nb\nc\n", 10, 2, 7, 7, "2:a\n|2:b\n|"},
        {"a\nb\nc\n", 10, 1, -EIO, -EIO, "2:a\n|"},
    };
    static const size_t pieces[] = {1, 2, 3, 7};
    (void)state;
    struct rig_client *client = client_for(walks);
    for (size_t i = 0; i < COUNT(rows) * 5; i++) {
        size_t at = i / 5;
        memset(&walk, 0, sizeof walk);
        walk.stop_at = rows[at].stop_at;
        walk.stop_with = rows[at].stop_with;
        line_max = rows[at].max;
        rig_assert(rig_post(client, "/", .body = rows[at].body, .pieces = i % 5 ? &pieces[i % 5 - 1] : NULL,
                            .piece_count = i % 5 > 0),
                   .status = 200);
        assert_int_equal(returned, rows[at].returned);
        assert_string_equal(walk.seen, rows[at].seen);
    }
    rig_client_free(client);
}

static int counts_line(void *closure, const char *line, size_t size)
{
    size_t *sizes = closure;
    assert_int_equal(line[size], '\0');
    assert_true(size == 100001 ? line[100000] == '\n' && line[4096] == '\0' : size == 3 && memcmp(line, "end", 3) == 0);
    sizes[size == 3]++;
    return 0;
}

static int walks_long_lines(void *self, struct rig_env *env, struct rig_response *res)
{
    size_t sizes[2] = {0, 0};
    assert_int_equal(rig_input_each(rig_env_input(env), 100001, counts_line, sizes), 0);
    assert_int_equal(sizes[0], 5);
    assert_int_equal(sizes[1], 1);
    return answer_ok(self, env, res);
}

/* Long lines with zero bytes, in memory that does not grow with their number. */
static void test_long_lines(void **state)
{
    (void)state;
    const size_t size = 5 * 100001 + 3;
    char *body = calloc(1, size);
    assert_non_null(body);
    for (size_t i = 100000; i < size; i += 100001) {
        body[i] = '\n';
    }
    memcpy(body + size - 3, "end", 3);
    struct rig_client *client = client_with(
        RIG_APP(walks_long_lines), (struct rig_client_options){.server = &rig_server_memory, .memory_limit = 600000});
    rig_assert(rig_post(client, "/", .bytes = {body, size}), .status = 200);
    rig_client_free(client);
    free(body);
}

/* ---- its size ---- */

static int64_t sizes[3];

static int asks_size(void *self, struct rig_env *env, struct rig_response *res)
{
    char four[4], more[64];
    struct rig_input *input = rig_env_input(env);
    sizes[0] = rig_input_size(input);
    for (size_t at = 0; at < sizeof four;) {
        int64_t got = rig_input_read(input, four + at, sizeof four - at);
        assert_true(got > 0);
        at += (size_t)got;
    }
    assert_memory_equal(four, "abcd", 4);
    sizes[1] = rig_input_size(input);
    size_t rest = 0;
    for (int64_t got; (got = rig_input_read(input, more + rest, sizeof more - rest)) > 0; rest += (size_t)got) {
    }
    assert_int_equal(rest, 16);
    assert_memory_equal(more, "efghijklmnopqrst", 16);
    sizes[2] = rig_input_size(input);
    return answer_ok(self, env, res);
}

static void test_size(void **state)
{
    static const size_t three = 3;
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    for (size_t i = 0; i < count * 4; i++) {
        const struct rig_server *server = servers[i / 4];
        struct counted body = {.size = 20, .most = 7};
        struct rig_client *client = client_with(RIG_APP(asks_size), (struct rig_client_options){.server = server});
        struct rig_request request = RIG_POST("/");
        if (i % 4 < 2) {
            request.body = "abcdefghijklmnopqrst";
            request.pieces = i % 4 ? &three : NULL;
            request.piece_count = i % 4;
        } else {
            request.source = source_of(&body);
            request.source_size = i % 4 == 2 ? 20 : 0;
        }
        rig_assert(rig_send(client, request), .status = 200);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(sizes[k], server->rewindable ? 20 : -ESPIPE);
        }
        rig_client_free(client);
    }
}

static struct counted sized_body;

static int asks_size_in_the_middle(void *self, struct rig_env *env, struct rig_response *res)
{
    char buffer[64];
    struct rig_source source = source_of(&sized_body);
    source.rewind = self ? source.rewind : NULL;
    assert_int_equal(rig_env_set_input(env, source), 0);
    struct rig_input *input = rig_env_input(env);
    assert_int_equal(rig_input_read(input, buffer, 4), 4);
    assert_int_equal(rig_input_size(input), self ? 20 : -ESPIPE);
    assert_int_equal(rig_input_read(input, buffer, sizeof buffer), 16); /* where it was, and not broken by the asking */
    assert_memory_equal(buffer, "efghijklmnopqrst", 16);
    assert_int_equal(rig_input_rewind(input), self ? 0 : -ESPIPE);
    assert_int_equal(rig_input_read(input, buffer, sizeof buffer), self ? 20 : 0);
    return answer_ok(NULL, env, res);
}

static void test_size_in_the_middle(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        sized_body = (struct counted){.size = 20};
        struct rig_client *client = client_with(
            (struct rig_app){.name = "app", .call = asks_size_in_the_middle, .self = i ? &sized_body : NULL},
            (struct rig_client_options){.server = &rig_server_memory});
        rig_assert(rig_get(client, "/"), .status = 200);
        assert_int_equal(sized_body.rewinds, i);
        assert_int_equal(sized_body.closes, 1);
        rig_client_free(client);
    }
}

/* ---- closed before the request's end ---- */

static struct counted closed_body, wire_body;

static int closes_early(void *self, struct rig_env *env, struct rig_response *res)
{
    char byte;
    struct rig_input *wire = rig_env_input(env);
    assert_int_equal(rig_input_close(wire), 0);
    assert_int_equal(wire_body.closes, 0); /* the connection is the server's */
    assert_int_equal(rig_env_set_input(env, source_of(&closed_body)), 0);
    assert_int_equal(rig_input_read(rig_env_input(env), &byte, 1), 1);
    assert_int_equal(rig_input_close(rig_env_input(env)), 0);
    assert_int_equal(closed_body.closes, 1);
    assert_int_equal(rig_input_close(rig_env_input(env)), 0);
    assert_int_equal(closed_body.closes, 1);
    return answer_ok(self, env, res);
}

static int leaves_it(void *self, struct rig_env *env, struct rig_response *res)
{
    return answer_ok(self, env, res);
}

/* On the wire a closed body is one that nobody reads: the same becomes of it. */
static void test_closing_takes_nothing_off_the_connection(void **state)
{
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    for (size_t i = 0; i < count * 4; i++) {
        const struct rig_result *results[2];
        struct rig_client *clients[2];
        for (int k = 0; k < 2; k++) {
            clients[k] = client_with(k ? RIG_APP(closes_early) : RIG_APP(leaves_it),
                                     (struct rig_client_options){.server = servers[i / 4]});
            wire_body = (struct counted){.size = 20};
            closed_body = (struct counted){.size = 5};
            results[k] = i % 4 == 0 ? rig_post(clients[k], "/", .body = "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n")
                                    : rig_post(clients[k], "/", .source = source_of(&wire_body),
                                               .source_size = i % 4 == 1 ? 20 : 0, .chunked = i % 4 == 2);
            assert_int_equal(wire_body.closes, i % 4 != 0);
            assert_int_equal(closed_body.closes, k);
        }
        assert_int_equal(results[0]->delivery.outcome, results[1]->delivery.outcome);
        assert_int_equal(results[0]->delivery.connection, results[1]->delivery.connection);
        assert_int_equal(results[0]->delivery.unread, results[1]->delivery.unread);
        assert_int_equal(results[0]->exchange_count, results[1]->exchange_count);
        assert_int_equal(results[0]->finding_count, results[1]->finding_count);
        (void)rig_client_close(clients[0], NULL, 0);
        (void)rig_client_close(clients[1], NULL, 0);
    }
}

static int closes_what_failed(void *self, struct rig_env *env, struct rig_response *res)
{
    char byte;
    struct rig_input *input = rig_env_input(env);
    assert_int_equal(rig_input_read(input, &byte, 1), -EIO);
    assert_int_equal(rig_input_close(input), 0);
    assert_int_equal(rig_input_read(input, &byte, 1), -EIO); /* still what it failed with */
    return answer_ok(self, env, res);
}

static void test_closing_what_failed(void **state)
{
    (void)state;
    struct rig_client *client = client_with(RIG_APP(closes_what_failed), (struct rig_client_options){.now = 0});
    struct counted body = {.size = 5, .fail_at = 1, .error = -EIO};
    const struct rig_result *result = rig_post(client, "/", .source = source_of(&body));
    rig_assert(result, .status = 200, .findings = {"input.truncated.accepted"});
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_size_in_the_middle),
        cmocka_unit_test(test_closing_takes_nothing_off_the_connection),
        cmocka_unit_test(test_closing_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
