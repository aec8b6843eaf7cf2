/* Several requests on one connection, and clients that share one: who gets whose answer. The tables are the cells of
 * early-response, section 7, and of tests/real, which saw over unix what twenty tries had not. */
#include "tests/unit/rules_test.h"

#include <stackrig/cmocka.h>

#include <stdio.h>

#define UNREAD "input.early_answer.unread"
#define MISDIRECTED "input.early_answer.misdirected"

static void choose(const char *name)
{
    static struct rig_server server;
    if (rig_server_find(name)) {
        behind(rig_server_find(name));
    } else if (rig_server_compose(name, &server) == 0) {
        behind(&server);
    } else {
        fail_msg("no server %s", name);
    }
}

/* Says where it stands, and reads no body. */
static int denies(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_env_get(env, "CONTENT_LENGTH") || rig_env_get(env, "HTTP_TRANSFER_ENCODING")
               ? FAULT(rig_respond(res, .status = 401))
               : rig_respond(res, .body = rig_env_get(env, "PATH_INFO"));
}

static int drains(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)rig_input_drain(rig_env_input(env), 1 << 20);
    return rig_respond(res, .body = rig_env_get(env, "PATH_INFO"));
}

static const struct rig_finding *found(const struct rig_result *result, const char *rule)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        if (strcmp(result->findings[i].rule, rule) == 0) {
            return &result->findings[i];
        }
    }
    fail_msg("%s was not found", rule);
    return NULL;
}

/* ---- the rule ---- */

static void test_next_request_gets_anothers_answer(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(denies));
    struct rig_link *connection = rig_connection_open(client);
    rig_assert(rig_connection_send(connection, RIG_POST("/upload?secret=1", .body = "x")), .status = 401,
               .findings = {UNREAD});
    const struct rig_result *next = rig_connection_send(connection, RIG_GET("/account?key=2"));
    const struct rig_finding *finding = found(next, MISDIRECTED);
    assert_string_equal(finding->message,
                        "GET /account got a 400: denies left 1 byte of POST /upload on the connection before it");
    assert_string_equal(finding->site, fault_at);
    assert_string_equal(finding->evidence[0].text, "POST /upload, 1 byte left");
    assert_int_equal(finding->level, RIG_LEVEL_ERROR);
    assert_int_equal(finding->evidence_count, 1);
    assert_false(rig_expect(next, .status = 1, .findings = {MISDIRECTED}));
    assert_non_null(strstr(rig_expect_message(next), "\n  received in its place: 400, 0 body bytes"));
    rig_assert(next, .findings = {MISDIRECTED});
    assert_int_equal(next->delivery.outcome, RIG_MISDIRECTED);
    assert_int_equal(next->delivery.status, 400);
    assert_false(next->delivery.race);
    assert_int_equal(next->exchange_count, 2);
    assert_string_equal(next->exchanges[0].target, "/account?key=2");
    assert_string_equal(next->exchanges[1].method, "xGET");
    assert_int_equal(next->exchanges[1].status, 400);
    assert_true(next->exchanges[1].phantom);
    assert_string_equal(next->received->refused, "behind what was left of a body, its method is \"xGET\"");
    assert_false(rig_connection_state(connection).open);
    assert_int_equal(rig_connection_state(connection).end, RIG_END_SERVER);
}

static void test_next_request_gets_its_own_answer(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(drains));
    struct rig_link *connection = rig_connection_open(client);
    rig_assert(rig_connection_send(connection, RIG_POST("/upload", .body = "x")), .status = 200);
    const struct rig_result *next = rig_connection_send(connection, RIG_GET("/account"));
    rig_assert(next, .status = 200, .body = "/account");
    assert_null(next->received);
    assert_int_equal(rig_result_armed(next, MISDIRECTED), 1);
    assert_true(rig_connection_state(connection).open);
    assert_false(rig_connection_state(connection).out_of_step);
}

/* ---- as measured ---- */

enum next { OWN, BAD, PHANTOM, SHUT };

static const char *requests(size_t size)
{
    static const char one[] = "GET /smuggled HTTP/1.1\r\nHost: example.org\r\n\r\n";
    static char body[4096];
    size_t at = 0;
    while (at + sizeof one - 1 <= size) {
        memcpy(body + at, one, sizeof one - 1);
        at += sizeof one - 1;
    }
    memset(body + at, '\r', size - at);
    body[size] = '\0';
    return body;
}

static void check_next(const char *server, const struct rig_result *next, enum next expected, bool race)
{
    static const struct {
        enum rig_outcome outcome;
        int status;
    } rows[] = {[OWN] = {RIG_DELIVERED, 200},
                [BAD] = {RIG_MISDIRECTED, 400},
                [PHANTOM] = {RIG_MISDIRECTED, 200},
                [SHUT] = {RIG_CLOSED, 0}};
    if (next->delivery.outcome != rows[expected].outcome || next->delivery.status != rows[expected].status ||
        next->delivery.race != race) {
        print_findings(next);
        fail_msg("%s: outcome %d, status %d, race %d", server, (int)next->delivery.outcome, next->delivery.status,
                 next->delivery.race);
    }
    if (expected == PHANTOM) {
        assert_string_equal(next->received->target, "/smuggled");
        assert_string_equal(next->received->body, "/smuggled");
        assert_true(next->received->phantom);
        assert_true(found(next, MISDIRECTED) != NULL);
    }
    if (expected == OWN) {
        assert_string_equal(next->body, "/next");
        assert_null(next->received);
    }
    (void)rig_expect(next);
}

static void test_measured(void **state)
{
    static const struct {
        const char *server;
        enum { X, K1, CHUNKED_0, CHUNKED_X } body;
        enum next next;
        bool race;
    } rows[] = {{"http1", X, BAD, false},
                {"http1", K1, PHANTOM, false},
                {"http1", CHUNKED_0, BAD, false},
                {"http1", CHUNKED_X, BAD, false},
                {"direct:tcp+kept", X, BAD, false},
                {"direct:unix+kept", K1, PHANTOM, false},
                {"direct:unix+kept", CHUNKED_0, BAD, false},
                {"nginx:tcp+kept", X, BAD, false},
                {"nginx:unix+kept", X, BAD, false},
                {"nginx:tcp+kept", CHUNKED_X, BAD, false},
                {"nginx:stream+kept", X, BAD, false},
                {"apache:tcp+kept", X, BAD, false},
                {"apache:unix+kept", X, BAD, false},
                {"haproxy:tcp+kept", X, BAD, false},
                {"haproxy:unix+kept", X, BAD, false},
                {"nginx:tcp+kept", K1, PHANTOM, true},
                {"nginx:unix+kept", K1, PHANTOM, true},
                {"apache:unix+kept", K1, PHANTOM, true},
                {"haproxy:unix+kept", K1, PHANTOM, true},
                {"haproxy:tcp+kept", CHUNKED_X, BAD, true},
                {"nginx:fastcgi+kept", K1, OWN, false},
                {"apache:fastcgi+kept", X, OWN, false},
                {"lighttpd+kept", X, OWN, false},
                {"lighttpd+kept", K1, OWN, false},
                {"direct+puma", K1, OWN, false},
                {"direct+ulfius", X, OWN, false},
                {"direct+civetweb", K1, OWN, false},
                {"nginx+puma", K1, OWN, false},
                {"direct+microhttpd", X, SHUT, false},
                {"direct+unicorn", K1, SHUT, false}};
    (void)state;
    rig_run(stack, RIG_APP(denies));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        choose(rows[i].server);
        struct rig_link *first = rig_connection_open(client);
        const char *body = rows[i].body == K1 ? requests(1024) : rows[i].body == CHUNKED_0 ? "" : "x";
        (void)rig_expect(rig_connection_send(first, RIG_POST("/", .body = body, .chunked = rows[i].body >= CHUNKED_0)));
        check_next(rows[i].server, rig_connection_send(first, RIG_GET("/next")), rows[i].next, rows[i].race);
    }
}

/* ---- two clients, one gateway ---- */

static void test_two_clients(void **state)
{
    static const char *const servers[] = {"nginx+kept", "apache+kept", "haproxy+kept"};
    (void)state;
    rig_run(stack, RIG_APP(denies));
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        choose(servers[i]);
        struct rig_link *eve = rig_connection_open(client), *bob = rig_connection_open(client, .shared = eve),
                        *apart = rig_connection_open(client);
        rig_assert(rig_connection_send(bob, RIG_GET("/next")), .status = 200);
        rig_assert(rig_connection_send(eve, RIG_POST("/", .body = "x")), .status = 401, .findings = {UNREAD});
        assert_true(rig_connection_state(bob).out_of_step);
        assert_int_equal(rig_connection_state(bob).waiting.size, 1);
        check_next(servers[i], rig_connection_send(apart, RIG_GET("/next")), OWN, false);
        rig_connection_close(eve);
        check_next(servers[i], rig_connection_send(bob, RIG_GET("/next")), BAD, false);
        assert_true(rig_connection_state(bob).open); /* its own, to the gateway */
        check_next(servers[i], rig_connection_send(bob, RIG_GET("/next")), OWN, false);
    }
    choose("http1"); /* nobody shares anything */
    struct rig_link *eve = rig_connection_open(client), *bob = rig_connection_open(client, .shared = eve);
    rig_assert(rig_connection_send(eve, RIG_POST("/", .body = "x")), .status = 401, .findings = {UNREAD});
    check_next("http1", rig_connection_send(bob, RIG_GET("/next")), OWN, false);
}

static char noted[128];

static int notes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *ignored = rig_env_get(env, "HTTP_X_IGNORE"), *cookie = rig_env_get(env, "HTTP_COOKIE");
    (void)snprintf(noted, sizeof noted, "%s %s %s", rig_env_get(env, "PATH_INFO"), ignored ? ignored : "-",
                   cookie ? cookie : "-");
    return rig_respond(res, .status = 200);
}

/* The request hidden in a body takes the next one for its own head: with its cookie. */
static void test_hidden_head(void **state)
{
    static const char body[] = "GET /admin HTTP/1.1\r\nX-Ignore: ";
    static const char *const servers[] = {"nginx+kept", "http1"};
    (void)state;
    rig_run(stack, RIG_APP(notes));
    for (size_t i = 0; i < 2; i++) {
        choose(servers[i]);
        struct rig_link *eve = rig_connection_open(client), *bob = rig_connection_open(client, .shared = eve);
        (void)rig_expect(rig_connection_send(eve, RIG_POST("/", .body = body)));
        const struct rig_result *result =
            rig_connection_send(i == 0 ? bob : eve, RIG_GET("/account", .headers = {{"Cookie", "sid=bob"}}));
        assert_string_equal(noted, "/admin GET /account HTTP/1.1 sid=bob");
        assert_int_equal(result->delivery.outcome, RIG_MISDIRECTED);
        assert_string_equal(result->received->target, "/admin");
        (void)rig_expect(result);
    }
}

/* On a direct connection every further answer comes one too late. */
static void test_out_of_step_for_good(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(denies));
    struct rig_link *connection = rig_connection_open(client);
    const struct rig_result *first = rig_connection_send(connection, RIG_POST("/", .body = requests(45)));
    assert_int_equal(first->exchange_count, 2);
    rig_assert(first, .status = 401, .findings = {UNREAD});
    static const char *const targets[] = {"/1", "/2", "/3"}, *const got[] = {"/smuggled", "/1", "/2"};
    for (size_t i = 0; i < 3; i++) {
        struct rig_link_state before = rig_connection_state(connection);
        assert_true(before.out_of_step);
        assert_int_equal(before.unclaimed, 1);
        const struct rig_result *result = rig_connection_send(connection, RIG_GET(targets[i]));
        assert_string_equal(result->body, targets[i]); /* as the stack left it */
        assert_string_equal(result->received->body, got[i]);
        assert_int_equal(result->received->phantom, i == 0);
        assert_int_equal(rig_connection_state(connection).received, strlen(got[i]));
        assert_string_equal(found(result, MISDIRECTED)->evidence[1].text,
                            "the stack's own answer to it is 200: what .status and @expect status are about");
        assert_false(rig_expect(result, .status = 201, .findings = {MISDIRECTED}));
        assert_non_null(strstr(rig_expect_message(result), i == 0 ? "\n  response: 200, 2 body bytes\n    /1\n"
                                                                    "  received in its place: 200, 9 body bytes\n"
                                                                    "    /smuggled"
                                                                  : "\n  received in its place: 200, 2 body bytes"));
        rig_assert(result, .status = 200, .findings = {MISDIRECTED});
        rig_client_reset(client); /* what stands on the connection is not a result */
    }
}

/* ---- bytes ---- */

#define GET(target_) "GET " target_ " HTTP/1.1\r\nHost: x\r\n\r\n"
#define POST(target_, length_) "POST " target_ " HTTP/1.1\r\nHost: x\r\nContent-Length: " length_ "\r\n\r\n"

static void test_pipelined_bytes(void **state)
{
    static const char wire[] = GET("/1") POST("/2", "3") "abc" GET("/3");
    (void)state;
    rig_run(stack, RIG_APP(drains));
    struct rig_link *connection = rig_connection_open(client);
    for (size_t cut = 1; cut < sizeof wire; cut++) { /* in two pieces, wherever */
        size_t whole = cut >= sizeof GET("/1") - 1 ? cut >= sizeof GET("/1") POST("/2", "3") "abc" - 1 ? 2 : 1 : 0;
        whole += cut == sizeof wire - 1;
        bool part =
            cut != sizeof GET("/1") - 1 && cut != sizeof GET("/1") POST("/2", "3") "abc" - 1 && cut != sizeof wire - 1;
        rig_connection_send_raw(connection, wire, cut);
        for (size_t i = 0; i < whole; i++) {
            assert_int_equal(rig_connection_result(connection, i)->body[1], (int)('1' + i));
        }
        const struct rig_result *last = rig_connection_result(connection, whole);
        assert_int_equal(last != NULL, part);
        if (part) {
            rig_assert(last, .refused = true);
            assert_null(rig_connection_result(connection, whole + 1));
        }
        if (cut < sizeof wire - 1) {
            rig_connection_send_raw(connection, wire + cut, sizeof wire - 1 - cut);
        }
        for (size_t i = whole; i < 3 && cut < sizeof wire - 1; i++) {
            const struct rig_result *result = rig_connection_result(connection, i - whole);
            rig_assert(result, .status = 200);
            assert_int_equal(result->body[1], (int)('1' + i));
        }
        rig_client_reset(client);
        assert_null(rig_connection_result(connection, 0));
    }
    assert_true(rig_connection_state(connection).open);
}

static void test_bytes_behind_a_body_left(void **state)
{
    static const char wire[] = POST("/1", "1") "x" GET("/2") GET("/3");
    (void)state;
    rig_run(stack, RIG_APP(denies));
    struct rig_link *connection = rig_connection_open(client);
    rig_assert(rig_connection_send_raw(connection, wire, sizeof wire - 1), .status = 401, .findings = {UNREAD});
    const struct rig_result *second = rig_connection_result(connection, 1),
                            *third = rig_connection_result(connection, 2);
    rig_assert(second, .findings = {MISDIRECTED});
    assert_int_equal(second->delivery.status, 400);
    assert_string_equal(second->target, "/2");
    rig_assert(third, .refused = true);
    assert_int_equal(third->delivery.outcome, RIG_CLOSED);
}

static void test_bytes_cut_off(void **state)
{
    static const char wire[] = GET("/1") POST("/2", "3") "abc";
    (void)state;
    rig_run(stack, RIG_APP(drains));
    for (size_t after = 1; after <= sizeof wire; after++) {
        for (int waits = 0; waits < 2; waits++) {
            choose(waits ? "nginx+puma" : "http1");
            struct rig_link *connection = rig_connection_open(client);
            (void)rig_connection_send_raw(connection, wire, sizeof wire - 1, .disconnect_after = after);
            size_t first = sizeof GET("/1") - 1, head = first + sizeof POST("/2", "3") - 1;
            const struct rig_result *result = rig_connection_result(connection, after > first);
            assert_int_equal(result->delivery.outcome, RIG_GONE);
            bool runs = after == first || after >= sizeof wire - 1 || (after >= head && !waits);
            rig_assert(result, .refused = !runs);
            assert_int_equal(rig_connection_state(connection).sent, after < sizeof wire ? after : sizeof wire - 1);
            assert_int_equal(rig_connection_state(connection).end, RIG_END_CLIENT);
        }
    }
}

static void test_malformed(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(drains));
    struct rig_link *connection = rig_connection_open(client);
    const struct rig_result *result = rig_connection_send(connection, RIG_GET("/a b", .malformed = true));
    rig_assert(result, .status = 400, .refused = true);
    assert_false(rig_connection_state(connection).open);
}

static void test_pipelined(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(drains));
    struct rig_link *connection = rig_connection_open(client);
    rig_assert(rig_connection_pipeline(connection, RIG_GET("/1"), RIG_POST("/2", .body = "abc"), RIG_GET("/3")),
               .body = "/1");
    rig_assert(rig_connection_result(connection, 1), .body = "/2");
    rig_assert(rig_connection_result(connection, 2), .body = "/3");
    assert_null(rig_connection_result(connection, 3));
    assert_int_equal(rig_connection_pipeline_at(RIG_SITE, connection, NULL, 0)->error, -EINVAL);
    choose("direct+unicorn"); /* closes after each answer */
    connection = rig_connection_open(client);
    rig_assert(rig_connection_pipeline(connection, RIG_GET("/1"), RIG_GET("/2")), .body = "/1");
    rig_assert(rig_connection_result(connection, 1), .refused = true);
}

/* Whatever comes, in whatever pieces: nothing is read beyond its end, nothing grows without end. */
static void test_any_bytes(void **state)
{
    static const char *const parts[] = {GET("/1"),
                                        POST("/2", "3"),
                                        "abc",
                                        "\r\n",
                                        "GET",
                                        " /",
                                        "x",
                                        "5\r\n",
                                        "0\r\n\r\n",
                                        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
                                        POST("/5", "99999")};
    static const char *const servers[] = {"http1", "nginx+kept", "memory", "haproxy+kept"};
    uint32_t seed = 1;
    (void)state;
    rig_run(stack, RIG_APP(denies));
    for (unsigned turn = 0; turn < 400; turn++) {
        if (turn % 100 == 0) {
            choose(servers[turn / 100]);
        }
        struct rig_link *eve = rig_connection_open(client), *bob = rig_connection_open(client, .shared = eve);
        for (unsigned i = 0; i < 12; i++) {
            seed = seed * 1664525U + 1013904223U;
            const char *part = parts[(seed >> 8) % (sizeof parts / sizeof *parts)];
            struct rig_link *link = seed >> 31 ? eve : bob;
            const struct rig_result *result =
                seed >> 29 & 1
                    ? rig_connection_send(link, RIG_POST("/", .body = part, .chunked = seed >> 28 & 1))
                    : rig_connection_send_raw(link, part, strlen(part),
                                              .disconnect_after = seed >> 20 & 15 ? 0 : 1 + (seed >> 16 & 7));
            assert_true(result->error == 0);
        }
        rig_connection_close(eve);
        rig_connection_close(bob);
        (void)rig_client_close(client, (char[1]){0}, 0);
        client = NULL;
        choose(servers[turn / 100]);
    }
}

/* ---- a client that writes before it reads ---- */

static void test_naive_client(void **state)
{
    static char body[1 << 20];
    (void)state;
    memset(body, 'x', sizeof body - 1);
    rig_run(stack, RIG_APP(denies));
    for (int naive = 0; naive < 2; naive++) {
        struct rig_link *connection = rig_connection_open(client, .kind = naive ? RIG_CLIENT_NAIVE : RIG_CLIENT_DUPLEX);
        const struct rig_result *result =
            rig_connection_send(connection, RIG_POST("/", .body = body, .headers = {{"Connection", "close"}}));
        (void)rig_expect(result);
        assert_int_equal(result->delivery.outcome, naive ? RIG_RESET : RIG_DELIVERED);
        assert_int_equal(result->delivery.race, naive);
        rig_client_reset(client);
    }
}

/* ---- wrong use ---- */

static struct rig_link *own;

static int sends_on_its_own(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    const struct rig_result *inner = rig_connection_send(own, RIG_GET("/inner"));
    assert_int_equal(inner->error, -EINVAL);
    (void)rig_expect(inner);
    rig_connection_close(own);
    return rig_respond(res, .status = 200);
}

static void test_under_way(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(sends_on_its_own));
    own = rig_connection_open(client);
    rig_assert(rig_connection_send(own, RIG_GET("/")), .status = 200, .findings = {"usage.client.busy"});
    assert_true(rig_connection_state(own).open);
}

static jmp_buf out;

static int jumps(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)res;
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/jump") == 0) {
        longjmp(out, 1);
    }
    return rig_respond(res, .status = 200);
}

/* As a failed assertion inside of a layer does. */
static void test_jumped_out_of(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(jumps));
    own = rig_connection_open(client);
    if (setjmp(out) == 0) {
        (void)rig_connection_send(own, RIG_POST("/jump", .body = "x"), .pace = 1);
    }
    rig_assert(rig_connection_send(own, RIG_GET("/")), .status = 200);
    if (setjmp(out) == 0) {
        (void)rig_connection_send_raw(own, GET("/jump"), sizeof GET("/jump") - 1);
    }
    rig_connection_close(own);
    rig_assert(rig_get(client, "/"), .status = 200);
}

static void test_shared_with_another_client(void **state)
{
    (void)state;
    rig_run(stack, RIG_APP(drains));
    struct rig_client *other = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    assert_null(rig_connection_open(client, .shared = rig_connection_open(other)));
    rig_assert(rig_get(client, "/"), .status = 200, .findings = {"usage.argument.invalid"});
    rig_client_free(other);
}

/* ---- out of memory ---- */

static size_t asked, fail_at;

static bool admit(void *self, size_t size)
{
    (void)self, (void)size;
    return ++asked != fail_at;
}

static void send_all(void)
{
    struct rig_link *eve = rig_connection_open(client), *bob = eve ? rig_connection_open(client, .shared = eve) : NULL;
    if (bob) {
        static const char part[] = "GET /raw HTTP/1.1\r\nHo";
        (void)rig_connection_send(eve, RIG_POST("/", .body = requests(45)));
        (void)rig_connection_send(eve, RIG_GET("/next"));
        (void)rig_connection_send(bob, RIG_POST("/", .body = "x"));
        (void)rig_connection_send(bob, RIG_GET("/next"));
        (void)rig_connection_send_raw(bob, part, sizeof part - 1);
        (void)rig_connection_send_raw(bob, "st: x\r\n\r\n", 9);
    }
}

static void test_no_memory(void **state)
{
    static const char *const servers[] = {"http1", "nginx+kept"};
    (void)state;
    rig_run(stack, RIG_APP(denies));
    for (size_t i = 0; i < 2; i++) {
        fail_at = 0;
        do {
            fail_at++;
            asked = 0;
            rig_client_free(client);
            client =
                rig_client_new(rig_stack_app(stack), (struct rig_client_options){.allocator = {.admit = admit},
                                                                                 .server = rig_server_find(servers[i]),
                                                                                 .ignore = {"input.*"}});
            if (client) {
                send_all();
            }
        } while (asked >= fail_at);
        assert_true(fail_at > 50);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {CONNECTION_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: kept connections", tests, NULL, NULL);
}
