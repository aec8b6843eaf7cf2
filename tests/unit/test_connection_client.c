/* Clients that go away, that are slow, that have said all they will: what layers see of them, and what is told. */
#include "tests/unit/rules_test.h"

#include <stackrig/cmocka.h>

#include <stdio.h>

#define SECOND INT64_C(1000000000)

static struct rig_link *connection;

/* The app answers 200 whatever its reads gave. */
static void open_behind(const char *name)
{
    static struct rig_server composed;
    const struct rig_server *server = rig_server_find(name);
    if (!server) {
        assert_int_equal(rig_server_compose(name, &composed), 0);
        server = &composed;
    }
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack),
                            (struct rig_client_options){.server = server, .ignore = {"input.truncated.accepted"}});
    assert_non_null(client);
    connection = rig_connection_open(client);
    assert_non_null(connection);
}

/* ---- what the app saw ---- */

static unsigned calls;
static int64_t read_bytes, last_read, written;
static int64_t began, ended; /* the clock */

static int reads_all(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[7];
    int64_t got;
    (void)self;
    calls++;
    read_bytes = 0;
    began = rig_env_now(env);
    while ((got = rig_input_read(rig_env_input(env), piece, sizeof piece)) > 0) {
        read_bytes += got;
    }
    last_read = got;
    ended = rig_env_now(env);
    written = rig_response_write(res, "done", 4);
    return 0;
}

static const struct rig_result *send_cut(uint64_t after, bool chunked)
{
    static const size_t pieces[] = {3, 4};
    return rig_connection_send(connection,
                               RIG_POST("/x", .body = "0123456789", .chunked = chunked,
                                        .pieces = chunked ? pieces : NULL, .piece_count = chunked ? 2 : 0),
                               .disconnect_after = after);
}

/* The content among the first bytes of 3\r\n012\r\n4\r\n3456\r\n3\r\n789\r\n0\r\n\r\n */
static int64_t content_of(uint64_t wire)
{
    static const char body[] = "...012.....3456.....789";
    int64_t content = 0;
    for (uint64_t i = 0; i < wire && i < sizeof body - 1; i++) {
        content += body[i] != '.';
    }
    return content;
}

static void check_cut(const struct rig_result *result, uint64_t after, uint64_t head, uint64_t size, bool chunked)
{
    struct rig_link_state state = rig_connection_state(connection);
    assert_int_equal(result->delivery.outcome, RIG_GONE);
    assert_int_equal(result->delivery.status, 0);
    assert_false(state.open);
    assert_int_equal(state.end, RIG_END_CLIENT);
    assert_int_equal(state.sent, after < size ? after : size);
    assert_int_equal(state.received, 0);
    assert_int_equal(calls, after >= head);
    if (after < head) {
        rig_assert(result, .refused = true);
        return;
    }
    rig_assert(result, .status = 200);
    assert_int_equal(read_bytes, chunked ? content_of(after - head) : after < size ? (int64_t)(after - head) : 10);
    assert_int_equal(last_read, after < size ? -ECONNRESET : 0);
    assert_int_equal(written, after < size ? -EPIPE : 0);
}

/* At every byte of the request. */
static void test_gone_in_the_request(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(reads_all));
    for (int chunked = 0; chunked < 2; chunked++) {
        open_behind("http1");
        rig_assert(send_cut(0, chunked), .status = 200, .body = "done");
        struct rig_link_state whole = rig_connection_state(connection);
        uint64_t body = chunked ? 30 : 10, head = whole.request_size - body;
        assert_true(whole.open);
        assert_int_equal(whole.sent, whole.request_size);
        assert_int_equal(whole.received, 4);
        for (uint64_t after = 1; after <= whole.request_size + 1; after++) {
            rig_connection_close(connection);
            connection = rig_connection_open(client);
            calls = 0;
            check_cut(send_cut(after, chunked), after, head, whole.request_size, chunked);
            rig_client_reset(client);
        }
    }
}

#define HEAD_ALONE "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"

static void test_size_on_the_wire(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(answer_ok));
    open_behind("http1");
    rig_assert(rig_connection_send(connection, RIG_GET("/")), .status = 200);
    assert_int_equal(rig_connection_state(connection).request_size, sizeof HEAD_ALONE - 1);
    rig_assert(rig_connection_send(connection, RIG_POST("/a?b", .body = "c", .headers = {{"X-Name", "Ada"}})),
               .status = 200, .findings = {"input.early_answer.unread"});
    assert_int_equal(rig_connection_state(connection).request_size,
                     sizeof "POST /a?b HTTP/1.1\r\nHost: example.org\r\nX-Name: Ada\r\nContent-Length: 1\r\n\r\nc" - 1);
}

/* Who waits for the whole request never hands on a part of it. */
static void test_gone_before_it_is_handed_on(void **state)
{
    static const char *const waiting[] = {"nginx+plain",  "passenger3",  "nginx:fastcgi+libfcgi", "lighttpd+plain",
                                          "haproxy+puma", "apache+plain"}; /* Apache: for 16 KiB of it */
    static const char *const streaming[] = {"nginx:stream+plain", "haproxy+plain", "apache:fastcgi+plain",
                                            "direct+microhttpd"};
    (void)state;
    rig_run(stack, RIG_APP(reads_all));
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting + sizeof streaming / sizeof *streaming; i++) {
        bool waits = i < sizeof waiting / sizeof *waiting;
        const char *name = waits ? waiting[i] : streaming[i - sizeof waiting / sizeof *waiting];
        open_behind(name);
        calls = 0;
        const struct rig_result *result = send_cut(1000, false);
        uint64_t size = rig_connection_state(connection).request_size;
        assert_int_equal(calls, 1); /* gone, but all has come */
        rig_assert(result, .status = 200);
        connection = rig_connection_open(client);
        result = send_cut(size - 1, false);
        assert_int_equal(result->delivery.outcome, RIG_GONE);
        if (calls != (waits ? 1 : 2)) {
            fail_msg("%s: %u calls", name, calls);
        }
        rig_assert(result, .refused = waits);
    }
}

static void test_early_end(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(reads_all));
    for (int chunked = 0; chunked < 2; chunked++) {
        open_behind("http1");
        uint64_t size = 0;
        for (int i = 0; i < 2; i++) {
            rig_assert(rig_connection_send(connection, RIG_POST("/", .body = "0123456789", .chunked = chunked),
                                           .disconnect_after = size, .early_end = true),
                       .status = 200);
            size = rig_connection_state(connection).request_size - (chunked ? 8U : 1U);
            assert_int_equal(last_read, 0);
            assert_int_equal(read_bytes, i == 0 ? 10 : 9);
        }
    }
}

/* ---- a stream whose reader goes away ---- */

static unsigned pulls, closes;

static int64_t pulled(void *self, void *buffer, size_t size)
{
    (void)self;
    pulls++;
    memset(buffer, 'x', size < 100 ? size : 100);
    return pulls > 10 ? 0 : 100;
}

static void closed(void *self)
{
    (void)self;
    closes++;
}

static int streams(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)rig_input_drain(rig_env_input(env), 4096);
    return rig_response_stream(res, (struct rig_source){.read = pulled, .close = closed});
}

#define HEAD_SIZE (sizeof "HTTP/1.1 200 OK\r\n\r\n" - 1)

static void test_gone_in_the_answer(void **state)
{
    static const struct {
        uint64_t after;
        unsigned pulls;
        uint64_t received;
        bool gone;
    } rows[] = {{1, 1, 0, true},
                {HEAD_SIZE, 1, 0, true},
                {HEAD_SIZE + 1, 1, 1, true},
                {HEAD_SIZE + 100, 2, 100, true},
                {HEAD_SIZE + 101, 2, 101, true},
                {HEAD_SIZE + 999, 10, 999, true},
                {HEAD_SIZE + 1000, 11, 1000, true}, /* it has all but the end */
                {HEAD_SIZE + 1001, 11, 1000, false},
                {0, 11, 1000, false}};
    (void)state;
    rig_run(stack, RIG_APP(streams));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int discard = 0; discard < 2; discard++) {
            open_behind("memory");
            pulls = closes = 0;
            const struct rig_result *result = rig_connection_send(connection, RIG_GET("/", .discard_body = discard),
                                                                  .disconnect_after_response = rows[i].after);
            rig_assert(result, .status = 200);
            assert_int_equal(result->delivery.outcome, rows[i].gone ? RIG_GONE : RIG_DELIVERED);
            assert_int_equal(pulls, rows[i].pulls);
            assert_int_equal(closes, 1);
            assert_int_equal(rig_connection_state(connection).received, rows[i].received);
            assert_int_equal(rig_connection_state(connection).open, !rows[i].gone);
        }
    }
}

/* The server knows it already: nothing is pulled. */
static void test_gone_before_the_stream(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(streams));
    open_behind("http1");
    rig_assert(rig_connection_send(connection, RIG_POST("/", .body = "abc")), .status = 200);
    uint64_t size = rig_connection_state(connection).request_size;
    for (uint64_t after = size - 1; after <= size; after++) {
        connection = rig_connection_open(client);
        pulls = closes = 0;
        rig_assert(rig_connection_send(connection, RIG_POST("/", .body = "abc"), .disconnect_after = after),
                   .status = 200);
        assert_int_equal(pulls, after == size);
        assert_int_equal(closes, 1);
    }
}

/* ---- SHUT_WR ---- */

static void test_half_close(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(reads_all));
    open_behind("http1");
    const struct rig_result *result = rig_connection_send(connection, RIG_POST("/", .body = "abc"), .half_close = true);
    rig_assert(result, .status = 200, .body = "done");
    assert_int_equal(result->delivery.outcome, RIG_DELIVERED);
    assert_false(result->delivery.not_measured);
    struct rig_link_state after = rig_connection_state(connection);
    assert_false(after.open);
    assert_int_equal(after.end, RIG_END_CLIENT);
    rig_assert(rig_connection_send(connection, RIG_GET("/")), .refused = true);
    connection = rig_connection_open(client);
    result = rig_connection_send(connection, RIG_POST("/", .body = "abc"), .half_close = true,
                                 .disconnect_after = after.request_size - 1);
    rig_assert(result, .status = 200, .body = "done"); /* it waits for its answer */
    assert_int_equal(result->delivery.outcome, RIG_DELIVERED);
    assert_true(result->delivery.not_measured && strstr(result->delivery.follows, "was not measured"));
    assert_int_equal(last_read, -ECONNRESET);
    assert_int_equal(written, 0);
}

/* Behind a gateway, as tests/conformance/early_response/broken-off.tsv has it. */
static void test_half_close_behind_a_gateway(void **state)
{
    static const struct {
        const char *server;
        bool whole;   /* all of the request is sent; else half */
        bool reaches; /* the stack */
        enum rig_outcome outcome;
        int status;
        bool race;
    } rows[] = {
        {"nginx+plain", true, true, RIG_CLOSED, 0, true},
        {"nginx+plain", false, false, RIG_CLOSED, 0, false},
        {"nginx:stream+plain", false, true, RIG_CLOSED, 0, false},
        {"haproxy+plain", true, true, RIG_DELIVERED, 200, false},
        {"haproxy+plain", false, true, RIG_CLOSED, 0, false},
        {"apache+plain", true, true, RIG_DELIVERED, 200, false},
        {"apache+plain", false, false, RIG_REPLACED, 400, false},
        {"apache:fastcgi+plain", false, true, RIG_REPLACED, 400, false},
        {"lighttpd+plain", true, true, RIG_DELIVERED, 200, false},
        {"lighttpd+plain", false, false, RIG_CLOSED, 0, false},
    };
    (void)state;
    rig_run(stack, RIG_APP(reads_all));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        open_behind(rows[i].server);
        uint64_t size = 0;
        if (!rows[i].whole) {
            (void)rig_connection_send(connection, RIG_POST("/", .body = "0123456789"));
            size = rig_connection_state(connection).request_size - 5;
            connection = rig_connection_open(client);
        }
        calls = 0;
        const struct rig_result *result = rig_connection_send(connection, RIG_POST("/", .body = "0123456789"),
                                                              .half_close = true, .disconnect_after = size);
        const struct rig_delivery *got = &result->delivery;
        if (calls != rows[i].reaches || got->outcome != rows[i].outcome || got->status != rows[i].status ||
            got->race != rows[i].race || got->not_measured || result->finding_count > 0) {
            fail_msg("%s: %u calls, outcome %d, status %d, %s", rows[i].server, calls, got->outcome, got->status,
                     got->follows ? got->follows : "nothing follows");
        }
    }
}

/* ---- slow ---- */

static void test_slow_request(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(reads_all));
    open_behind("http1");
    int64_t now = rig_client_now(client);
    size_t head = sizeof HEAD_ALONE - 1 + sizeof "Content-Length: 10\r\n" - 1 + 1; /* POST */
    rig_assert(rig_connection_send(connection, RIG_POST("/", .body = "0123456789"), .pace = 1), .status = 200);
    assert_int_equal(rig_connection_state(connection).request_size, head + 10);
    assert_int_equal(began - now, (int64_t)head * SECOND);
    assert_int_equal(ended - began, 10 * SECOND);
    assert_int_equal(read_bytes, 10);
    now = rig_client_now(client);
    rig_assert(rig_connection_send(connection, RIG_POST("/", .body = "0123456789"), .pace = head + 4, .pace_every = 5),
               .status = 200);
    assert_int_equal(began - now, 5);
    assert_int_equal(ended - began, 5);
    rig_assert(rig_connection_send(connection, RIG_POST("/", .body = "0123456789"), .pace = 1, .pace_every = INT64_MAX),
               .status = 200);
    assert_int_equal(ended, INT64_MAX);
}

/* Behind a gateway that waits for it the stack sees no slow client. */
static void test_slow_request_is_waited_for(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(reads_all));
    open_behind("nginx+plain");
    int64_t now = rig_client_now(client);
    const struct rig_result *result = rig_connection_send(connection, RIG_POST("/", .body = "0123456789"), .pace = 10);
    rig_assert(result, .status = 200);
    uint64_t size = rig_connection_state(connection).request_size;
    assert_int_equal(began - now, (int64_t)((size + 9) / 10) * SECOND);
    assert_int_equal(began, ended);
    assert_int_equal(read_bytes, 10);
    assert_int_equal(result->delivery.unread, 0);
}

static void test_early_answer_to_a_slow_request(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(answer_ok));
    open_behind("nginx+plain");
    const struct rig_result *result = rig_connection_send(connection, RIG_POST("/", .body = "0123456789"), .pace = 10);
    assert_int_equal(result->delivery.unread, 10);
    assert_int_equal(result->delivery.offered, 10);
}

static void test_slow_reader(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(streams));
    open_behind("http1");
    pulls = 0;
    int64_t now = rig_client_now(client);
    rig_assert(rig_connection_send(connection, RIG_GET("/"), .response_pace = 50, .pace_every = 3), .status = 200);
    assert_int_equal(rig_client_now(client) - now, (int64_t)((HEAD_SIZE + 1000 + 49) / 50) * 3);
}

/* ---- kept and closed ---- */

static int closing(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return strcmp(rig_env_get(env, "PATH_INFO"), "/last") == 0 ? rig_respond(res, .headers = {{"Connection", "close"}})
                                                               : rig_respond(res, .status = 200);
}

static void test_several_requests(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(closing));
    open_behind("http1");
    for (int i = 0; i < 3; i++) {
        rig_assert(rig_connection_send(connection, RIG_GET("/")), .status = 200);
    }
    assert_true(rig_connection_state(connection).open);
    assert_int_equal(rig_connection_state(connection).requests, 3);
    rig_assert(rig_connection_send(connection, RIG_GET("/last")), .status = 200);
    struct rig_link_state after = rig_connection_state(connection);
    assert_false(after.open);
    assert_int_equal(after.end, RIG_END_SERVER);
    const struct rig_result *refused = rig_connection_send(connection, RIG_GET("/"));
    rig_assert(refused, .refused = true);
    assert_int_equal(refused->delivery.outcome, RIG_CLOSED);
    assert_string_equal(refused->refused, after.why);
    rig_connection_close(connection);
    rig_connection_close(rig_connection_open(client));
    assert_null(rig_connection_open(NULL));
    rig_connection_close(NULL);
    assert_int_equal(rig_connection_send(NULL, RIG_GET("/"))->error, -EINVAL);
    assert_false(rig_connection_state(NULL).open);
}

/* A source is closed once, whatever becomes of its request. */
static void test_source_is_closed_once(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(reads_all));
    for (int i = 0; i < 6; i++) {
        open_behind(i == 3 ? "nginx+plain" : "http1");
        pulls = closes = 0;
        const struct rig_result *result = rig_connection_send(
            connection,
            RIG_POST(i == 4 ? "a b" : "/", .source = {.read = pulled, .close = closed}, .source_size = 1000),
            .disconnect_after = i == 1             ? 1
                                : i == 2 || i == 3 ? 500
                                                   : 0,
            .pace = i == 5 ? 100 : 0);
        assert_int_equal(closes, 1);
        assert_int_equal(result->delivery.outcome, i == 0 || i == 5 ? RIG_DELIVERED : i == 4 ? RIG_NOT_SENT : RIG_GONE);
        (void)rig_expect(result);
        if (i == 1) {
            rig_assert(rig_connection_send(connection, RIG_POST("/", .source = {.read = pulled, .close = closed})),
                       .refused = true);
            assert_int_equal(closes, 2);
        }
    }
    pulls = closes = 0;
    assert_int_equal(rig_connection_send(NULL, RIG_POST("/", .source = {.read = pulled, .close = closed}))->error,
                     -EINVAL);
    assert_int_equal(closes, 1);
}

static void send_wrong(const struct rig_request *request)
{
    pulls = closes = 0;
    open_behind("http1");
    const struct rig_result *result = rig_connection_send(connection, *request);
    assert_int_equal(result->error, -EINVAL);
    assert_int_equal(result->delivery.outcome, RIG_NOT_SENT);
    assert_ptr_equal(rig_connection_result(connection, 0), result);
    assert_null(rig_connection_result(connection, 1));
    (void)rig_expect(result);
    rig_assert(rig_connection_send(connection, RIG_GET("/")), .status = 200);
}

/* What is malformed on purpose, and cannot be written down at all, as the first on its connection. */
static void test_malformed_is_no_request(void **state)
{
    static const struct rig_part part = {.name = "a", .body = "b"};
    (void)state;
    rig_run(stack, RIG_APP(reads_all));
    send_wrong(&RIG_GET("/", .malformed = true, .header_count = 3));
    send_wrong(&RIG_POST("/", .malformed = true, .body = "x", .parts = &part, .part_count = 1));
    send_wrong(&RIG_POST("/", .malformed = true, .body = "x", .source = {.read = pulled, .close = closed}));
    assert_int_equal(closes, 1);
    rig_assert(rig_connection_send(connection, RIG_GET("/a b", .malformed = true)), .refused = true);
}

/* ---- out of memory ---- */

static size_t asked, fail_at;

static bool admit(void *self, size_t size)
{
    (void)self, (void)size;
    return ++asked != fail_at;
}

static void send_without_memory(const struct rig_request *request)
{
    bool failed = true;
    for (fail_at = 1; failed; fail_at++) {
        asked = 0;
        rig_client_free(client);
        client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.allocator = {.admit = admit}});
        connection = client ? rig_connection_open(client) : NULL;
        if (connection) {
            const struct rig_result *result =
                rig_connection_send(connection, *request, .disconnect_after = 90, .pace = 3);
            failed = asked >= fail_at;
            assert_int_equal(result->error, failed ? -ENOMEM : 0);
            (void)rig_expect(result);
        }
    }
    assert_true(fail_at > 10);
}

static void test_no_memory(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(reads_all));
    send_without_memory(&RIG_POST("/", .body = "0123456789", .chunked = true));
    send_without_memory(&RIG_POST("/", .body = "0123456789", .chunked = true, .malformed = true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE_TEST(test_gone_in_the_request) RULE_TEST(test_size_on_the_wire) RULE_TEST(test_gone_before_it_is_handed_on)
            RULE_TEST(test_early_end) RULE_TEST(test_gone_in_the_answer) RULE_TEST(test_gone_before_the_stream)
                RULE_TEST(test_half_close) RULE_TEST(test_half_close_behind_a_gateway) RULE_TEST(test_slow_request)
                    RULE_TEST(test_slow_request_is_waited_for) RULE_TEST(test_early_answer_to_a_slow_request)
                        RULE_TEST(test_slow_reader) RULE_TEST(test_several_requests)
                            RULE_TEST(test_source_is_closed_once) RULE_TEST(test_malformed_is_no_request)
                                RULE_TEST(test_no_memory)};
    return cmocka_run_group_tests_name("connections: their clients", tests, NULL, NULL);
}
