/* What stands on a connection: when it is kept, what a broken body means, what is said of bytes left behind. */
#include "tests/unit/rules_test.h"

#include <stdio.h>

/* ---- a body that breaks off ---- */

static int64_t three_bytes(void *self, void *buffer, size_t size)
{
    bool *given = self;
    if (*given || size < 3) {
        return -EIO;
    }
    *given = true;
    memcpy(buffer, "abc", 3);
    return 3;
}

static int refuses_broken_body(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[64];
    int64_t got;
    (void)self;
    while ((got = rig_input_read(rig_env_input(env), piece, sizeof piece)) > 0) {
    }
    return rig_respond(res, .status = got < 0 ? 400 : 200, .body = "broken");
}

static void expect_gone(const struct rig_result *result)
{
    if (result->finding_count > 0) {
        print_findings(result);
        fail_msg("%s was found", result->findings[0].rule);
    }
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
    assert_int_equal(result->delivery.unread, 0);
    assert_true(result->delivery.not_measured && strstr(result->delivery.follows, "was not measured"));
    assert_null(result->delivery.source);
    assert_null(result->delivery.log[0]);
    assert_int_equal(result->exchange_count, 1);
}

static void test_body_breaks_off(void **state)
{
    (void)state;
    const struct rig_server *servers[] = {&rig_server_http1, &rig_server_passenger3};
    rig_run(stack, RIG_APP(refuses_broken_body));
    for (size_t i = 0; i < 2; i++) {
        for (uint64_t size = 0; size <= 9; size += 9) {
            bool given = false;
            behind(servers[i]);
            const struct rig_result *result =
                rig_post(client, "/", .source = {.read = three_bytes, .self = &given}, .source_size = size);
            assert_int_equal(result->status, 400);
            expect_gone(result);
            assert_int_equal(result->delivery.offered, i == 0 ? 3 : 0);
        }
    }
}

static int answers_early(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 401);
}

static void test_client_gone_before_its_body_ends(void **state)
{
    (void)state;
    const char *cut[] = {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
                         "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc"};
    rig_run(stack, RIG_APP(answers_early));
    for (size_t i = 0; i < 2; i++) {
        const struct rig_result *result = rig_send_raw(client, cut[i], strlen(cut[i]));
        assert_int_equal(result->status, 401);
        expect_gone(result);
    }
}

/* ---- Connection is a list ---- */

static const char *answer_connection;

static int answers_with_connection(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .headers = {{"Connection", answer_connection}});
}

static void expect_connection(const struct rig_result *result, bool kept)
{
    enum rig_connection expected = kept ? RIG_CONNECTION_KEPT : RIG_CONNECTION_CLOSED;
    assert_int_equal(result->status, 200);
    assert_int_equal(result->delivery.connection, expected);
}

static void test_connection_of_a_request(void **state)
{
    static const struct {
        const char *version, *first, *second;
        bool kept;
    } rows[] = {
        {"1.1", NULL, NULL, true},         {"1.1", "CLOSE", NULL, false},
        {"1.1", "TE, close", NULL, false}, {"1.1", "close , TE", NULL, false},
        {"1.1", "closed", NULL, true},     {"1.1", "TE", "x,Close", false},
        {"1.0", NULL, NULL, false},        {"1.0", "TE, Keep-Alive", NULL, true},
        {"1.0", "TE", "keep-alive", true}, {"1.0", "keep-alive, close", NULL, false},
    };
    (void)state;
    answer_connection = NULL;
    rig_run(stack, RIG_APP(answers_with_connection));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char wire[256];
        expect_connection(rig_get(client, "/", .http_version = rows[i].version,
                                  .headers = {{rows[i].first ? "Connection" : "X-None", rows[i].first},
                                              {rows[i].second ? "connection" : "X-None", rows[i].second}}),
                          rows[i].kept);
        int size = snprintf(wire, sizeof wire, "GET / HTTP/%s\r\nHost: x\r\n%s%s%s%s%s%s\r\n", rows[i].version,
                            rows[i].first ? "Connection: " : "", rows[i].first ? rows[i].first : "",
                            rows[i].first ? "\r\n" : "", rows[i].second ? "Connection: " : "",
                            rows[i].second ? rows[i].second : "", rows[i].second ? "\r\n" : "");
        expect_connection(rig_send_raw(client, wire, (size_t)size), rows[i].kept);
    }
}

static void test_connection_of_an_answer(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(answers_with_connection));
    const char *values[] = {"close", "Close", "upgrade, close", "keep-alive", "closed"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        answer_connection = values[i];
        expect_connection(rig_get(client, "/"), i >= 3);
    }
}

/* ---- what is said of what a server refuses ---- */

static void test_chunked_reason(void **state)
{
    static const char wire[] = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n";
    (void)state;
    rig_run(stack, RIG_APP(answer_ok));
    const struct rig_result *result = rig_send_raw(client, wire, sizeof wire - 1);
    assert_string_equal(result->refused, "chunked body: a chunk without a size");
    assert_int_equal(result->status, 400);
}

static void test_what_is_left_behind(void **state)
{
    static const struct {
        const char *body, *refused;
        int status;
    } rows[] = {
        {"a=b", "the method is not a token and a space", 400},
        {"123456789", "with the next request on the connection behind it, its method is \"123456789GET\"", 400},
        {"GET /x HTTP/1.1\r\n", "malformed with the next request on the connection behind it: ", 400},
        {"GET /x HTTP/1.1\r\nX-Part: ", "it waits for its end: the next request on the connection becomes part of it",
         0},
        {"\r\n\r\n", "empty lines, which a server skips", 0},
        {"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc",
         "it waits for its body: the next request on the connection becomes part of it", 0},
    };
    (void)state;
    rig_run(stack, RIG_APP(answers_early));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct rig_result *result = rig_post(client, "/", .body = rows[i].body);
        assert_int_equal(result->exchange_count, 2);
        const struct rig_exchange *left = &result->exchanges[1];
        if (!left->refused || !strstr(left->refused, rows[i].refused) || left->status != rows[i].status) {
            fail_msg("%s: %d, %s", rows[i].body, left->status, left->refused ? left->refused : "not refused");
        }
        bool alone = !strstr(rows[i].refused, "behind it");
        assert_int_equal(alone, !strstr(left->refused, "behind it"));
    }
}

/* ---- what a chunked body leaves behind ---- */

static size_t to_read;

static int reads_some(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[64];
    size_t left = to_read;
    (void)self;
    while (left > 0) {
        int64_t got = rig_input_read(rig_env_input(env), piece, left);
        if (got <= 0) {
            break;
        }
        left -= (size_t)got;
    }
    return rig_respond(res, .status = 401);
}

struct text {
    const char *at;
    size_t left;
    int end; /* what it ends with: 0 or -errno */
};

static int64_t read_text(void *self, void *buffer, size_t size)
{
    struct text *text = self;
    size = size < text->left ? size : text->left;
    memcpy(buffer, text->at, size);
    text->at += size;
    text->left -= size;
    return size > 0 ? (int64_t)size : text->end;
}

/* body as it goes on the wire */
static size_t write_chunks(const char *body, const size_t *pieces, size_t count, char *wire, size_t room)
{
    size_t size = (size_t)snprintf(wire, room, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0, piece = 0, all = strlen(body); at < all; piece += piece + 1 < count) {
        size_t take = count > 0 && pieces[piece] < all - at ? pieces[piece] : all - at;
        size += (size_t)snprintf(wire + size, room - size, "%zx\r\n%.*s\r\n", take, (int)take, body + at);
        at += take;
    }
    return size + (size_t)snprintf(wire + size, room - size, "0\r\n\r\n");
}

static void save(const struct rig_result *result, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 1; i < result->exchange_count; i++) {
        const struct rig_exchange *left = &result->exchanges[i];
        used +=
            (size_t)snprintf(text + used, room - used, "%d %s %s [%.*s] %s\n", left->status,
                             left->method ? left->method : "-", left->target ? left->target : "-", (int)left->head.size,
                             (const char *)left->head.data, left->refused ? left->refused : "");
    }
}

/* However it was sent, the same stands on the connection. */
static void test_chunks_left_behind(void **state)
{
    static const char body[] = "AAAAGET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
    static const size_t pieces[] = {4, 1, 9};
    (void)state;
    rig_run(stack, RIG_APP(reads_some));
    for (size_t count = 0; count <= 3; count++) {
        const size_t *given = count > 0 ? pieces : NULL;
        char wire[1024], raw[2048], mock[2048], source[2048];
        size_t size = write_chunks(body, pieces, count, wire, sizeof wire);
        for (to_read = 0; to_read < sizeof body; to_read++) {
            struct text text = {body, sizeof body - 1, 0};
            save(rig_send_raw(client, wire, size), raw, sizeof raw);
            save(rig_post(client, "/", .body = body, .chunked = true, .pieces = given, .piece_count = count), mock,
                 sizeof mock);
            save(rig_post(client, "/", .source = {.read = read_text, .self = &text}, .pieces = given,
                          .piece_count = count),
                 source, sizeof source);
            assert_string_not_equal(raw, "");
            assert_string_equal(mock, raw);
            assert_string_equal(source, raw);
            bool smuggled = strstr(mock, "200 ") || strstr(mock, "401 GET /admin");
            assert_int_equal(smuggled, to_read == 4 && count == 0);
        }
    }
}

/* Of a long body only the beginning is looked at: of what stands behind that nothing is said. */
static void test_leftover_is_cut(void **state)
{
    static char body[200000];
    (void)state;
    rig_run(stack, RIG_APP(reads_some));
    for (size_t length = 65480; length < 65500; length++) { /* around what is looked at */
        memset(body, 'x', sizeof body);
        int head = snprintf(body, sizeof body, "XPOST /x HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", length);
        body[head] = 'x';
        bool fits = (size_t)head - 1 + length <= 65536;
        to_read = 1;
        for (int known = 0; known < 2; known++) {
            struct text text = {body, sizeof body, 0};
            const struct rig_result *result = rig_post(client, "/", .source = {.read = read_text, .self = &text},
                                                       .source_size = known ? sizeof body : 0);
            const struct rig_exchange *left = &result->exchanges[1];
            assert_int_equal(left->status, fits ? 401 : 0);
            assert_true(fits || strstr(left->refused, "not looked at further"));
            rig_client_reset(client);
        }
    }
}

/* What fits is looked at to its end; what its client does not send to its end waits for nothing. */
static void test_leftover_ends(void **state)
{
    static char body[65537];
    static const char begin[] = "XPOST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n";
    (void)state;
    rig_run(stack, RIG_APP(reads_some));
    memset(body, 'x', sizeof body);
    memcpy(body, begin, sizeof begin - 1);
    to_read = 1;
    const char *expected[] = {"it waits for its body", "the connection ends there"};
    for (int broken = 0; broken < 2; broken++) {
        struct text text = {body, sizeof body, broken ? -EIO : 0};
        const struct rig_result *result = rig_post(client, "/", .source = {.read = read_text, .self = &text});
        assert_int_equal(result->exchange_count, 2);
        assert_non_null(strstr(result->exchanges[1].refused, expected[broken]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE_TEST(test_body_breaks_off) RULE_TEST(test_client_gone_before_its_body_ends)
            RULE_TEST(test_connection_of_a_request) RULE_TEST(test_connection_of_an_answer)
                RULE_TEST(test_chunked_reason) RULE_TEST(test_what_is_left_behind) RULE_TEST(test_chunks_left_behind)
                    RULE_TEST(test_leftover_is_cut) RULE_TEST(test_leftover_ends)};
    return cmocka_run_group_tests_name("client: connections", tests, NULL, NULL);
}
