/* Raw bytes: requests one behind the other, chunked bodies at every split, and what an unread body becomes. */
#include "tests/unit/core_test.h"

static struct rig_client *client;

/* By path: "/leave" answers 401 unread, "/some" after 3 bytes, "/exact" after all bytes without looking for the end;
 * any other answers with the body. */
static int app_by_path(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *path = rig_env_get(env, "PATH_INFO");
    char piece[64];
    if (strcmp(path, "/leave") == 0) {
        return rig_respond(res, .status = 401);
    }
    if (strcmp(path, "/some") == 0) {
        assert_int_equal(rig_input_read(rig_env_input(env), piece, 3), 3);
        return rig_respond(res, .status = 401);
    }
    if (strncmp(path, "/exact", 6) == 0) {
        int64_t size = atoi(path + 6);
        while (size > 0) {
            int64_t got = rig_input_read(rig_env_input(env), piece, size < 64 ? (size_t)size : 64);
            assert_true(got > 0);
            size -= got;
        }
        return rig_respond(res, .status = 401);
    }
    return answer_body(self, env, res);
}

static int set_up(void **state)
{
    (void)state;
    client = client_with(RIG_APP(app_by_path), (struct rig_client_options){.ignore = {"input.early_answer.unread"}});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_client_free(client);
    return 0;
}

#define HOST "Host: x\r\n"

static const struct rig_result *raw(const char *text)
{
    return rig_send_raw(client, text, strlen(text));
}

/* ---- several requests ---- */

static void test_pipelined(void **state)
{
    (void)state;
    const struct rig_result *result =
        raw("POST /a?b HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
            "\r\n\r\n" /* empty lines before a request line are skipped */
            "POST /chunked HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
            "GET /last HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"
            "GET /never HTTP/1.1\r\n" HOST "\r\n");
    static const char *const targets[] = {"/a?b", "/chunked", "/last"};
    static const char *const methods[] = {"POST", "POST", "GET"};
    rig_assert(result, .status = 200, .body = "abc"); /* the result tells of the first */
    assert_string_equal(result->method, "POST");
    assert_string_equal(result->target, "/a?b");
    assert_int_equal(result->exchange_count, 3);
    assert_int_equal(result->hop_count, 3);
    for (unsigned i = 0; i < 3; i++) {
        const struct rig_exchange *exchange = &result->exchanges[i];
        assert_string_equal(exchange->target, targets[i]);
        assert_string_equal(exchange->method, methods[i]);
        assert_int_equal(exchange->status, 200);
        assert_false(exchange->phantom);
        assert_null(exchange->refused);
        assert_int_equal(result->hops[i].exchange, i);
    }
    assert_true(result->hops[1].body.read == 2);
}

/* As every gateway that was measured passes it on, also one whose server behind it is ours. */
static void test_a_percent_sign_in_a_query(void **state)
{
    static const char *const servers[] = {"http1", "nginx+plain", "haproxy+plain"};
    static const char text[] = "GET /a?b=%4 HTTP/1.1\r\n" HOST "\r\n";
    (void)state;
    for (size_t i = 0; i < COUNT(servers); i++) {
        struct rig_server composed;
        const struct rig_server *server = rig_server_find(servers[i]);
        if (!server) {
            assert_int_equal(rig_server_compose(servers[i], &composed), 0);
            server = &composed;
        }
        struct rig_client *other = rig_client_new(RIG_APP(app_by_path), (struct rig_client_options){.server = server});
        const struct rig_result *result = rig_send_raw(other, text, sizeof text - 1);
        rig_assert(result, .status = 200);
        assert_string_equal(result->target, "/a?b=%4");
        rig_client_free(other);
    }
}

static void test_what_ends_a_connection(void **state)
{
    static const struct {
        const char *first;
        size_t served;
    } rows[] = {
        {"GET / HTTP/1.1\r\n" HOST "\r\n", 2}, {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 1},
        {"GET / HTTP/1.0\r\n\r\n", 1},         {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 2},
        {"GET / HTTP/1.2\r\n" HOST "\r\n", 2},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char both[256];
        (void)snprintf(both, sizeof both, "%sGET /second HTTP/1.1\r\n" HOST "\r\n", rows[i].first);
        const struct rig_result *result = raw(both);
        rig_assert(result, .status = 200);
        assert_int_equal(result->exchange_count, rows[i].served);
    }
    struct rig_client *memory = client_for(app_by_path); /* no connection to keep */
    static const char two[] = "GET / HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n";
    const struct rig_result *result = rig_send_raw(memory, two, sizeof two - 1);
    rig_assert(result, .status = 200);
    assert_int_equal(result->exchange_count, 1);
    rig_client_free(memory);
}

static void test_sixty_four_exchanges(void **state)
{
    static const char one[] = "GET /x HTTP/1.1\r\n" HOST "\r\n";
    char many[100 * sizeof one] = "";
    (void)state;
    for (int i = 0; i < 100; i++) {
        strcat(many, one);
    }
    const struct rig_result *result = raw(many);
    rig_assert(result, .status = 200);
    assert_int_equal(result->exchange_count, 64);
    assert_int_equal(result->hop_count, 64);
    assert_int_equal(result->exchanges[63].status, 200);
}

/* ---- what a server refuses ---- */

static void test_refused(void **state)
{
    static char fields[101 * 8 + 64];
    const struct {
        const char *text;
        int status;
        const char *reason;
    } rows[] = {
        {"", 0, "nothing on the connection"},
        {"G", 0, "not complete"},
        {"GET / HTTP/1.1\r\n" HOST, 0, "not complete"},
        {"nonsense\r\n\r\n", 400, ""},
        {"GET / HTTP/3.0\r\n" HOST "\r\n", 505, ""},
        {"GET / HTTP/1.1\r\nA B: c\r\n\r\n", 400, ""},
        {"GET nopath HTTP/1.1\r\n" HOST "\r\n", 400, "path"},
        {"GET * HTTP/1.1\r\n" HOST "\r\n", 400, ""},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: x\r\n\r\n", 400, ""},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 501, ""},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "chunked body: "},
        {fields, 431, ""},
    };
    (void)state;
    strcpy(fields, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < 101; i++) {
        strcat(fields, "A: b\r\n");
    }
    strcat(fields, "\r\n");
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct rig_result *result = raw(rows[i].text);
        rig_assert(result, .status = rows[i].status, .refused = true);
        if (result->status != rows[i].status || !strstr(result->refused, rows[i].reason)) {
            fail_msg("%.40s: %d, %s; expected %d, %s", rows[i].text, result->status, result->refused, rows[i].status,
                     rows[i].reason);
        }
        assert_int_equal(result->exchange_count, 1);
        assert_int_equal(result->exchanges[0].status, rows[i].status);
        assert_string_equal(result->exchanges[0].refused, result->refused);
        assert_int_equal(result->hop_count, 0);
        assert_int_equal(result->delivery.outcome, RIG_REFUSED);
        assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
    }
}

/* ---- chunked ---- */

static const char content[] = "Hello, chunked\r\nworld";

static void test_chunked_at_every_split(void **state)
{
    (void)state;
    for (size_t size = 1; size <= sizeof content; size++) {
        char wire[512] = "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", chunk[64];
        for (size_t at = 0; at < sizeof content - 1; at += size) {
            (void)snprintf(chunk, sizeof chunk, "%zx%s\r\n%.*s\r\n",
                           size < sizeof content - 1 - at ? size : sizeof content - 1 - at,
                           size % 2 ? ";ext=\"1\"" : "", (int)size, content + at);
            strcat(wire, chunk);
        }
        strcat(wire, size % 2 ? "0\r\nTrailer: x\r\n\r\n" : "0\r\n\r\n");
        rig_assert(raw(wire), .status = 200, .body = content);
        const struct rig_result *result = rig_post(client, "/", .body = content, .pieces = &size, .piece_count = 1,
                                                   .chunked = true, .malformed = true);
        rig_assert(result, .status = 200, .body = content);
        /* Cut anywhere in the body, the app reads what came and then the break. */
        for (size_t cut = strlen(wire) - 1; wire[cut - 1] != '\n' || wire[cut - 3] != '\n'; cut--) {
            result = rig_send_raw(client, wire, cut);
            if (result->status != 0) {
                rig_assert(result, .status = 500, .error = -ECONNRESET);
                assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
            }
        }
        rig_client_reset(client);
    }
}

static void test_body_cut(void **state)
{
    (void)state;
    const struct rig_result *result = raw("POST / HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nabc");
    rig_assert(result, .status = 500, .error = -ECONNRESET);
    assert_true(result->hops[0].body.read == 3);
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
    assert_int_equal(result->exchange_count, 1);
}

/* ---- what is left of a body ---- */

struct left {
    const char *body; /* of a POST to path */
    const char *path;
    bool chunked;
    size_t exchanges;    /* the first included */
    const char *target;  /* of the second; NULL: it could not be parsed */
    int status;          /* of the last */
    const char *refused; /* why the last was; NULL: it ran */
};

#define GET_X "GET /x HTTP/1.1\r\n" HOST "\r\n"

static const struct left lefts[] = {
    {"x", "/leave", false, 2, NULL, 400, "its method is \"xGET\""},
    {GET_X, "/leave", false, 2, "/x", 200, NULL},
    {GET_X GET_X GET_X, "/leave", false, 4, "/x", 200, NULL},
    {"abc" GET_X, "/some", false, 2, "/x", 200, NULL},
    {GET_X "POST /y HT", "/leave", false, 3, "/x", 400, "malformed with the next request"},
    {"GET /x HTTP/1.1\r\nX: ", "/leave", false, 2, NULL, 0, "it waits for its end"},
    {"POST /x HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nab", "/leave", false, 2, "/x", 0, "waits for its body"},
    {"POST /x HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nab", "/leave", false, 2, "/x", 200, NULL},
    {"POST /leave HTTP/1.1\r\n" HOST "Content-Length: 40\r\n\r\n" GET_X "Connection: ", "/leave", false, 4, "/leave",
     400, "not a token"},
    {"\r\n", "/leave", false, 2, NULL, 0, "empty lines"},
    {"\r\n" GET_X, "/leave", false, 2, "/x", 200, NULL},
    {"GET /x HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n" GET_X, "/leave", false, 2, "/x", 200, NULL},
    {"\x16\x03\x01", "/leave", false, 2, NULL, 400, ""},
    {"abc", "/leave", true, 2, NULL, 400, ""},
    {"", "/leave", true, 2, NULL, 400, ""},
    {"abcdef", "/some", true, 2, NULL, 400, ""},
    {"abc" GET_X, "/some", true, 3, "/x", 400, ""},
    {"abcdef", "/exact6", true, 2, NULL, 400, ""}, /* all bytes, but not the end: the last chunk still stands there */
    {"abcdef", "/exact6", false, 1, NULL, 401, NULL},
    {"abcdef", "/all", true, 1, NULL, 200, NULL},
    {"", "/leave", false, 1, NULL, 401, NULL},
};

static void expect_left(const struct left *left, const struct rig_result *result, const char *how)
{
    const struct rig_exchange *last = &result->exchanges[result->exchange_count - 1];
    rig_assert(result, .status = strcmp(left->path, "/all") == 0 ? 200 : 401);
    bool right = result->exchange_count == left->exchanges && (left->exchanges == 1 || last->status == left->status) &&
                 (!left->refused || (last->refused && strstr(last->refused, left->refused)));
    const char *target = result->exchange_count > 1 ? result->exchanges[1].target : NULL;
    right = right && !target == !left->target && (!target || strcmp(target, left->target) == 0);
    if (!right) {
        fail_msg("%s %s: \"%s\": %zu exchanges, the second %s, the last %d, %s", left->path, how, left->body,
                 result->exchange_count, target ? target : "unparsed", last->status,
                 last->refused ? last->refused : "ran");
    }
    assert_int_equal(result->delivery.connection,
                     left->exchanges > 1 ? RIG_CONNECTION_DESYNCHRONISED : RIG_CONNECTION_KEPT);
    for (size_t i = 0; i < result->exchange_count; i++) {
        assert_int_equal(result->exchanges[i].phantom, i > 0);
        assert_true(i == 0 || result->exchanges[i].head.size > 0);
    }
}

/* The same by a mock request, as bytes on the wire, by hand, and from a source. */
static void test_what_an_unread_body_becomes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lefts); i++) {
        const struct left *left = &lefts[i];
        expect_left(left, rig_post(client, left->path, .body = left->body, .chunked = left->chunked), "sent");
        expect_left(left, rig_post(client, left->path, .body = left->body, .chunked = left->chunked, .malformed = true),
                    "raw");
        struct rig_env *env = rig_env_for(client, RIG_POST(left->path, .body = left->body, .chunked = left->chunked));
        assert_non_null(env);
        expect_left(left, rig_call(client, env), "called");
        rig_client_reset(client);
    }
}

static struct {
    const char *text;
    size_t at, size;
    bool fails;
} smuggler;

static int64_t smuggle(void *self, void *buffer, size_t size)
{
    (void)self;
    size_t left = smuggler.size - smuggler.at;
    if (left == 0 && smuggler.fails) {
        return -EIO;
    }
    size = size < left ? size : left;
    memcpy(buffer, smuggler.text + smuggler.at, size);
    smuggler.at += size;
    return (int64_t)size;
}

static void test_what_an_unread_source_becomes(void **state)
{
    static const char text[] = GET_X GET_X;
    (void)state;
    for (int i = 0; i < 6; i++) {
        bool known = i % 2 == 0, leaves = i < 4;
        smuggler.text = text;
        smuggler.size = sizeof text - 1;
        smuggler.at = 0;
        smuggler.fails = i >= 2;
        const struct rig_result *result =
            rig_post(client, leaves ? "/leave" : "/", .source = {.read = smuggle},
                     .source_size = known ? smuggler.size + (smuggler.fails ? 10 : 0) : 0);
        if (leaves) {
            rig_assert(result, .status = 401);
            /* without its size it goes out as chunks, whose framing no server takes for a request */
            assert_int_equal(result->exchange_count, known ? 3 : 2);
            assert_int_equal(result->exchanges[1].status, known ? 200 : 400);
        } else {
            rig_assert(result, .status = 500, .error = -EIO);
            assert_int_equal(result->exchange_count, 1);
        }
    }
}

/* Of a large body, so much is looked at; and of many requests in it, so many are run. */
static void test_large_leftovers(void **state)
{
    static char text[200000];
    (void)state;
    for (size_t at = 0; at + sizeof GET_X < sizeof text; at += sizeof GET_X - 1) {
        memcpy(text + at, GET_X, sizeof GET_X);
    }
    for (int i = 0; i < 2; i++) {
        smuggler.text = text;
        smuggler.size = strlen(text);
        smuggler.at = 0;
        smuggler.fails = false;
        const struct rig_result *result =
            i ? rig_post(client, "/leave", .source = {.read = smuggle}, .source_size = smuggler.size)
              : rig_post(client, "/leave", .body = text);
        rig_assert(result, .status = 401);
        assert_int_equal(result->exchange_count, 64);
        assert_true(smuggler.at <= 65537); /* one more, to see whether there is more */
        rig_client_reset(client);
    }
    /* passenger3 closes each connection */
    struct rig_client *closing =
        client_with(RIG_APP(app_by_path), (struct rig_client_options){.server = &rig_server_passenger3,
                                                                      .ignore = {"input.early_answer.unread"}});
    const struct rig_result *result = rig_post(closing, "/leave", .body = text);
    rig_assert(result, .status = 401);
    assert_int_equal(result->exchange_count, 1);
    rig_client_free(closing);
}

static int fails_in_phantom(void *self, struct rig_env *env, struct rig_response *res)
{
    return strcmp(rig_env_get(env, "PATH_INFO"), "/x") == 0 ? -EPERM : app_by_path(self, env, res);
}

/* What happens in a phantom is told by its exchange alone. */
static void test_phantom_that_fails(void **state)
{
    (void)state;
    struct rig_client *failing =
        client_with(RIG_APP(fails_in_phantom), (struct rig_client_options){.ignore = {"input.early_answer.unread"}});
    const struct rig_result *result = rig_post(failing, "/leave", .body = GET_X GET_X);
    rig_assert(result, .status = 401);
    assert_int_equal(result->exchange_count, 3);
    assert_int_equal(result->exchanges[2].status, 500);
    assert_int_equal(result->hops[1].returned, -EPERM);
    rig_client_free(failing);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_pipelined),
        TEST(test_a_percent_sign_in_a_query),
        TEST(test_what_ends_a_connection),
        TEST(test_sixty_four_exchanges),
        TEST(test_refused),
        TEST(test_chunked_at_every_split),
        TEST(test_body_cut),
        TEST(test_what_an_unread_body_becomes),
        TEST(test_what_an_unread_source_becomes),
        TEST(test_large_leftovers),
        TEST(test_phantom_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
