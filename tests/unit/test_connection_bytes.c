/* Requests that come as bytes, in pieces, on a connection: put together once, and not without end. */
#include "tests/unit/rules_test.h"

#include <stackrig/cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define MIB ((size_t)1 << 20)
#define HEAD(fields_) "POST /a HTTP/1.1\r\nHost: x\r\n" fields_ "\r\n\r\n"

static struct rig_link *connection;
static uint64_t allocated; /* from malloc */
static size_t asked, fail_at;

static void *allocate(void *self, size_t size)
{
    (void)self;
    allocated += size;
    return malloc(size);
}

static void release(void *self, void *memory)
{
    (void)self;
    free(memory);
}

static bool admit(void *self, size_t size)
{
    (void)self, (void)size;
    return ++asked != fail_at;
}

static void open_connection(void)
{
    rig_client_free(client);
    allocated = asked = 0;
    client = rig_client_new(
        rig_stack_app(stack),
        (struct rig_client_options){.allocator = {.alloc = allocate, .release = release, .admit = admit}});
    connection = client ? rig_connection_open(client) : NULL;
}

/* Answers with what it reads. */
static int echoes(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[4096];
    int64_t got;
    (void)self;
    (void)rig_response_set_status(res, 200);
    while ((got = rig_input_read(rig_env_input(env), piece, sizeof piece)) > 0) {
        int error = rig_response_write(res, piece, (size_t)got);
        if (error != 0) {
            return error;
        }
    }
    return (int)got;
}

static const struct rig_result *send_in_pieces(const char *bytes, size_t size, size_t piece)
{
    const struct rig_result *result = NULL;
    for (size_t at = 0; at < size && rig_connection_state(connection).open; at += piece) {
        size_t left = size - at;
        result = rig_connection_send_raw(connection, bytes + at, piece < left ? piece : left);
        if (at + piece < size && rig_connection_state(connection).open) {
            rig_assert(result, .refused = true);
        }
    }
    return result;
}

/* Each piece is looked at where the one before it ended. */
static void test_in_pieces(void **state)
{
    static const struct {
        const char *wire, *body;
    } rows[] = {
        {HEAD("Content-Length: 11") "hello world", "hello world"},
        {HEAD("Transfer-Encoding: chunked") "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n", "hello world"},
        {"\r\n" HEAD("Content-Length: 0"), ""},
    };
    static const char wrong[] = HEAD("Transfer-Encoding: chunked") "5\r\nhellox";
    (void)state;
    rig_run(stack, RIG_APP(echoes));
    open_connection();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t size = strlen(rows[i].wire);
        for (size_t piece = 1; piece < size; piece++) {
            rig_assert(send_in_pieces(rows[i].wire, size, piece), .status = 200, .body = rows[i].body);
            assert_int_equal(rig_connection_state(connection).request_size, size);
            assert_int_equal(rig_connection_state(connection).sent, size);
        }
    }
    rig_assert(send_in_pieces(rows[1].wire, strlen(rows[1].wire) - 5, 3), .refused = true);
    rig_assert(rig_connection_send_raw(connection, "y\r\n", 3), .refused = true); /* behind it, the next begins */
    rig_assert(rig_connection_send_raw(connection, "\r\nGET /", 7), .status = 200, .body = "hello world");
    rig_assert(rig_connection_result(connection, 1), .refused = true);
    rig_assert(rig_connection_send_raw(connection, " HTTP/1.1\r\nHost: x\r\n\r\n", 22), .status = 200, .body = "");
    rig_assert(send_in_pieces(wrong, sizeof wrong - 1, 7), .refused = true, .status = 400);
}

/* A body of that size in small pieces: what is allocated goes with its size, not with that times the pieces. */
static void test_memory_of_many_pieces(void **state)
{
    static const char head[] = HEAD("Content-Length: 900000");
    size_t size = sizeof head - 1 + 900000;
    char *wire = calloc(1, size);
    (void)state;
    assert_non_null(wire);
    memcpy(wire, head, sizeof head - 1);
    rig_run(stack, RIG_APP(echoes));
    open_connection();
    const struct rig_result *result = send_in_pieces(wire, size, 1000);
    free(wire);
    rig_assert(result, .status = 200);
    assert_int_equal(result->body_size, 900000);
    assert_true(allocated < 16 * MIB);
}

static void test_no_end(void **state)
{
    static char zeros[MIB];
    static const char head[] = HEAD("Content-Length: 99999999"), field[] = "GET / HTTP/1.1\r\nX: ";
    (void)state;
    rig_run(stack, RIG_APP(echoes));
    open_connection();
    rig_assert(rig_connection_send_raw(connection, head, sizeof head - 1), .refused = true);
    rig_assert(rig_connection_send_raw(connection, zeros, MIB - sizeof head + 1), .refused = true);
    const struct rig_result *beyond = rig_connection_send_raw(connection, zeros, 1);
    assert_int_equal(beyond->error, -EINVAL);
    rig_assert(beyond, .error = -EINVAL, .findings = {"usage.argument.invalid"});
    assert_int_equal(rig_connection_state(connection).end, RIG_END_CLIENT);
    rig_assert(rig_connection_send(connection, RIG_GET("/")), .refused = true);
    open_connection(); /* of a head the server has had enough before that */
    memset(zeros, 'x', sizeof zeros);
    rig_assert(rig_connection_send_raw(connection, field, sizeof field - 1), .refused = true);
    rig_assert(send_in_pieces(zeros, sizeof zeros, 1000), .refused = true, .status = 431);
    assert_int_equal(rig_connection_state(connection).end, RIG_END_SERVER);
}

static void test_no_memory(void **state)
{
    static const char wire[] = HEAD("Transfer-Encoding: chunked") "5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\nHo";
    (void)state;
    rig_run(stack, RIG_APP(echoes));
    bool failed = true;
    for (fail_at = 1; failed; fail_at++) {
        open_connection();
        for (size_t at = 0; connection && at + 10 < sizeof wire; at += 10) {
            const struct rig_result *result = rig_connection_send_raw(connection, wire + at, 10);
            assert_true(result->error == 0 || result->error == -ENOMEM);
            (void)rig_expect(result);
        }
        failed = asked >= fail_at;
    }
    assert_true(fail_at > 20);
    fail_at = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {RULE_TEST(test_in_pieces) RULE_TEST(test_memory_of_many_pieces)
                                           RULE_TEST(test_no_end) RULE_TEST(test_no_memory)};
    return cmocka_run_group_tests_name("connections: bytes in pieces", tests, NULL, NULL);
}
