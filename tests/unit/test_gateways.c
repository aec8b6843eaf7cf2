/* What reaches a stack behind a gateway, and what never does. That each simulated gateway does as the real one did is
 * shown by build/gateway-check; this is about the stack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stackrig/stackrig.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- an app that keeps its env ---- */

static struct seen {
    char lines[64][256];
    size_t count;
    unsigned runs;
} seen;

static int keep(void *closure, const char *name, const char *value, size_t size)
{
    struct seen *to = closure;
    if (to->count < 64) {
        (void)snprintf(to->lines[to->count++], sizeof to->lines[0], "%s=%.*s", name, (int)size, value);
    }
    return 0;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    unsigned runs = seen.runs + 1;
    seen = (struct seen){.runs = runs};
    rig_env_each(env, keep, &seen);
    qsort(seen.lines, seen.count, sizeof seen.lines[0], compare_lines);
    rig_input_drain(rig_env_input(env), 4096);
    return rig_respond(res, .status = 200);
}

static const char *variable(const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < seen.count; i++) {
        if (strncmp(seen.lines[i], name, size) == 0 && seen.lines[i][size] == '=') {
            return seen.lines[i] + size + 1;
        }
    }
    return NULL;
}

static struct rig_client *client_of(const char *name)
{
    static struct rig_server composed;
    const struct rig_server *server = rig_server_find(name);
    if (!server) {
        assert_int_equal(rig_server_compose(name, &composed), 0);
        server = &composed;
    }
    return rig_client_new(RIG_APP(app), (struct rig_client_options){.server = server});
}

#define GATEWAYS                                                                                       \
    "nginx+plain", "nginx:fastcgi+libfcgi", "apache+plain", "apache:fastcgi+libfcgi", "haproxy+plain", \
        "lighttpd+plain", "lighttpd:fastcgi+libfcgi"
static const char *const gateways[] = {GATEWAYS};
#define COUNT(list) (sizeof(list) / sizeof *(list))

static void is_variable(const char *server, const char *name, const char *expected)
{
    const char *got = variable(name);
    bool same = expected && got ? strcmp(got, expected) == 0 : !expected && !got;
    if (!same) {
        fail_msg("%s: %s is %s, expected %s", server, name, got ? got : "not there", expected ? expected : "not there");
    }
}

/* ---- forging X-Remote-User ---- */

/* The gateway would set X-Remote-User, and takes the client's own away; nobody thinks of X_Remote_User. */
static void x_remote_user_is_forged_with_underscores(void **state)
{
    static const struct {
        const char *server, *alone,
            *behind; /* HTTP_X_REMOTE_USER of X_Remote_User alone; behind X-Remote-User: guest */
    } rows[] = {
        {"http1", "admin", "guest, admin"},          {"nginx+plain", NULL, "guest"},
        {"nginx:fastcgi+libfcgi", NULL, "guest"},    {"apache+plain", "admin", "guest, admin"},
        {"apache:fastcgi+libfcgi", NULL, "guest"},   {"haproxy+plain", "admin", "guest, admin"},
        {"lighttpd+plain", "admin", "guest, admin"}, {"lighttpd:fastcgi+libfcgi", "admin", "guest"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig_client *client = client_of(rows[i].server);
        rig_get(client, "/", .headers = {{"X_Remote_User", "admin"}});
        is_variable(rows[i].server, "HTTP_X_REMOTE_USER", rows[i].alone);
        rig_get(client, "/", .headers = {{"X-Remote-User", "guest"}, {"X_Remote_User", "admin"}});
        is_variable(rows[i].server, "HTTP_X_REMOTE_USER", rows[i].behind);
        rig_client_free(client);
    }
}

/* In CGI's variables whoever comes first in lighttpd's list wins: libfcgi looks no further. */
static void the_first_of_two_variables_counts(void **state)
{
    (void)state;
    struct rig_client *client = client_of("lighttpd:fastcgi+libfcgi");
    rig_get(client, "/", .headers = {{"X_Remote_User", "admin"}, {"X-Remote-User", "guest"}});
    is_variable("lighttpd:fastcgi", "HTTP_X_REMOTE_USER", "admin");
    rig_client_free(client);
}

static void other_variables_of_a_client(void **state)
{
    static const struct {
        const char *server, *user, *authorization, *proxy;
    } rows[] = {
        {"http1", NULL, "Basic YWRtaW46MQ==", "x"},
        {"nginx:fastcgi+libfcgi", "admin",
         "Basic YWRtaW46MQ==", "x"}, /* REMOTE_USER, and nobody asked for a password */
        {"apache:fastcgi+libfcgi", NULL, NULL, NULL},
        {"lighttpd:fastcgi+libfcgi", NULL, "Basic YWRtaW46MQ==", NULL},
        {"lighttpd+plain", NULL, "Basic YWRtaW46MQ==", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig_client *client = client_of(rows[i].server);
        rig_get(client, "/", .headers = {{"Authorization", "Basic YWRtaW46MQ=="}});
        is_variable(rows[i].server, "REMOTE_USER", rows[i].user);
        is_variable(rows[i].server, "HTTP_AUTHORIZATION", rows[i].authorization);
        rig_get(client, "/", .headers = {{"Authorization", "Basic YWRtaW46MQ=="}, {"Proxy", "x"}});
        is_variable(rows[i].server, "REMOTE_USER", rows[i].user);
        is_variable(rows[i].server, "HTTP_PROXY", rows[i].proxy);
        rig_client_free(client);
    }
}

/* ---- refused ---- */

static void a_refused_request_never_reaches_the_stack(void **state)
{
    static const struct {
        const char *server;
        const char *wire, *refused;
        int status;
    } rows[] = {
        {"nginx+plain", "get / HTTP/1.1\r\nHost: a\r\n\r\n", "refused by nginx (400): ", 400},
        {"nginx+plain", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "refused by nginx (405): ", 405},
        {"apache+plain", "GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", "refused by apache (404): ", 404},
        {"haproxy+plain", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", "refused by haproxy (400): ", 400},
        {"lighttpd+plain", "POST / HTTP/1.1\r\nHost: a\r\n\r\n", "refused by lighttpd (411): ", 411},
        {"haproxy+plain", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "refused by the server behind haproxy (400): ", 400},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig_client *client = client_of(rows[i].server);
        unsigned runs = seen.runs;
        const struct rig_result *result = rig_send_raw(client, rows[i].wire, strlen(rows[i].wire));
        assert_int_equal(seen.runs, runs);
        assert_int_equal(result->status, rows[i].status);
        assert_int_equal(result->delivery.outcome, RIG_REFUSED);
        assert_int_equal(result->finding_count, 0);
        assert_int_equal(result->error, 0);
        assert_non_null(result->refused);
        assert_memory_equal(result->refused, rows[i].refused, strlen(rows[i].refused));
        assert_int_equal(result->refused_by != NULL, !strstr(rows[i].refused, "behind"));
        rig_client_free(client);
    }
}

static unsigned closed;

static int64_t read_nothing(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return 0;
}

static void count_close(void *self)
{
    (void)self;
    closed++;
}

static void a_mock_request_is_refused_as_well(void **state)
{
    (void)state;
    struct rig_client *client = client_of("nginx+plain");
    unsigned runs = seen.runs;
    const struct rig_result *result = rig_post(client, "/", .headers = {{"Authorization", "a"}, {"Authorization", "b"}},
                                               .source = {.read = read_nothing, .close = count_close}, .chunked = true);
    assert_string_equal(result->refused_by, "nginx");
    assert_int_equal(result->status, 400);
    assert_int_equal(result->error, 0);
    assert_int_equal(seen.runs, runs);
    assert_int_equal(closed, 1);
    assert_null(rig_env_for(client, RIG_GET("/../a")));
    assert_int_equal(rig_get(client, "/a")->status, 200);
    rig_client_free(client);
}

static void other_profiles_are_as_they_were(void **state)
{
    static const char *const servers[] = {"memory", "http1"};
    (void)state;
    for (size_t i = 0; i < COUNT(servers); i++) {
        struct rig_client *client = client_of(servers[i]);
        const struct rig_result *result = rig_get(client, "http://example.org//a/../b",
                                                  .headers = {{"X_A", "1"}, {"Connection", "X-B"}, {"X-B", ""}});
        assert_int_equal(result->status, 200);
        is_variable(servers[i], "REQUEST_URI", "http://example.org//a/../b");
        is_variable(servers[i], "PATH_INFO", "//a/../b");
        is_variable(servers[i], "HTTP_X_A", "1");
        is_variable(servers[i], "HTTP_X_B", "");
        is_variable(servers[i], "HTTP_X_FORWARDED_FOR", NULL);
        rig_client_free(client);
    }
}

/* ---- the short way and the long one ---- */

static struct seen seen_by(const struct rig_result *result)
{
    assert_int_equal(result->status, 200);
    return seen;
}

/* A request that every gateway passes on as it is skips the reader of heads: the env must be the same. */
static void both_ways_build_the_same_env(void **state)
{
    const struct {
        struct rig_request request;
        const char *wire;
    } rows[] = {
        {RIG_GET("/a?b=1", .headers = {{"Host", "example.org"}, {"Accept", "*/*"}, {"Cookie", "a=1"}}),
         "GET /a?b=1 HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nCookie: a=1\r\n\r\n"},
        {RIG_GET("http://example.org/a?b=1", .headers = {{"Authorization", "Basic dTpw"}}),
         "GET http://example.org/a?b=1 HTTP/1.1\r\nHost: example.org\r\nAuthorization: Basic dTpw\r\n\r\n"},
        {RIG_POST("/a", .body = "hello", .headers = {{"Content-Type", "text/plain"}}),
         "POST /a HTTP/1.1\r\nHost: example.org\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"},
        {RIG_GET("/", .headers = {{"TE", "trailers"}}), "GET / HTTP/1.1\r\nHost: example.org\r\nTE: trailers\r\n\r\n"},
        {RIG_GET("/", .headers = {{"X-A", ""}}), "GET / HTTP/1.1\r\nHost: example.org\r\nX-A:\r\n\r\n"},
        {RIG_GET("/", .headers = {{"X-A", "b "}}), "GET / HTTP/1.1\r\nHost: example.org\r\nX-A: b \r\n\r\n"},
        /* an '=' inside; a byte that is none in the password; padding that ends the name; bits behind the last byte */
        {RIG_GET("/", .headers = {{"Authorization", "Basic QQ==QWE6"}}),
         "GET / HTTP/1.1\r\nHost: example.org\r\nAuthorization: Basic QQ==QWE6\r\n\r\n"},
        {RIG_GET("/", .headers = {{"Authorization", "Basic dXNlcjpwYXN*d29y"}}),
         "GET / HTTP/1.1\r\nHost: example.org\r\nAuthorization: Basic dXNlcjpwYXN*d29y\r\n\r\n"},
        {RIG_GET("/", .headers = {{"Authorization", "Basic YWRhOg=="}}),
         "GET / HTTP/1.1\r\nHost: example.org\r\nAuthorization: Basic YWRhOg==\r\n\r\n"},
        {RIG_GET("/", .headers = {{"Authorization", "Basic YWRhOjEyMzQ="}}),
         "GET / HTTP/1.1\r\nHost: example.org\r\nAuthorization: Basic YWRhOjEyMzQ=\r\n\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(gateways); i++) {
        for (size_t k = 0; k < COUNT(rows); k++) {
            struct rig_client *client = client_of(gateways[i]);
            struct seen quick = seen_by(rig_send(client, rows[k].request)),
                        slow = seen_by(rig_send_raw(client, rows[k].wire, strlen(rows[k].wire)));
            for (size_t line = 0; line < quick.count || line < slow.count; line++) {
                const char *a = line < quick.count ? quick.lines[line] : "",
                           *b = line < slow.count ? slow.lines[line] : "";
                if (strcmp(a, b) != 0) {
                    fail_msg("%s: %s: \"%s\" at a glance, \"%s\" when read", gateways[i], rows[k].wire, a, b);
                }
            }
            rig_client_free(client);
        }
    }
}

static void a_body_and_what_follows(void **state)
{
    static const char wire[] =
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";
    (void)state;
    for (size_t i = 0; i < COUNT(gateways); i++) {
        struct rig_client *client = client_of(gateways[i]);
        unsigned runs = seen.runs;
        const struct rig_result *result = rig_send_raw(client, wire, sizeof wire - 1);
        assert_int_equal(result->status, 200);
        assert_int_equal(result->exchange_count, 2);
        assert_int_equal(seen.runs, runs + 2);
        is_variable(gateways[i], "PATH_INFO", "/second");
        assert_string_equal(result->exchanges[1].target, "/second");
        assert_false(result->exchanges[1].phantom);
        rig_client_free(client);
    }
}

/* ---- hostile bytes, and no memory ---- */

static void hostile_heads_end(void **state)
{
    static const char head[] =
        "POST /a/../b?c HTTP/1.1\r\nHost: example.org:80\r\nX_A: 1\r\n b\r\nContent-Length: 4\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close, X-B\r\nCookie: a\r\nCookie: b\r\n\r\n4\r\nabcd\r\n0\r\n\r\n";
    static const char odd[] = "\r\n\t :;,/.%?#*@[]\0\x7f\xff-+_0Aa";
    (void)state;
    uint32_t random = 1;
    for (size_t i = 0; i < COUNT(gateways); i++) {
        struct rig_client *client = client_of(gateways[i]);
        for (int turn = 0; turn < 400; turn++) {
            char wire[sizeof head];
            memcpy(wire, head, sizeof head);
            for (int change = 0; change < 3; change++) {
                random = random * 1664525u + 1013904223u;
                wire[(random >> 8) % (sizeof head - 1)] = odd[(random >> 24) % (sizeof odd - 1)];
            }
            random = random * 1664525u + 1013904223u;
            size_t size = turn % 4 == 0 ? (random >> 8) % sizeof head : sizeof head - 1;
            const struct rig_result *result = rig_send_raw(client, wire, size);
            assert_int_equal(result->error, 0);
            rig_client_reset(client);
        }
        rig_client_free(client);
    }
}

struct ration {
    size_t asked, fail_at;
};

static bool admit(void *self, size_t size)
{
    struct ration *ration = self;
    (void)size;
    return ++ration->asked != ration->fail_at;
}

static void *rationed_alloc(void *self, size_t size)
{
    (void)self;
    return malloc(size);
}

static void rationed_release(void *self, void *memory)
{
    (void)self;
    free(memory);
}

static void out_of_memory_is_clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(gateways); i++) {
        bool done = false;
        for (size_t fail_at = 1; !done && fail_at < 2000; fail_at++) {
            struct rig_server server;
            struct ration ration = {0, 0};
            assert_int_equal(rig_server_compose(gateways[i], &server), 0);
            struct rig_client *client =
                rig_client_new(RIG_APP(app), (struct rig_client_options){.server = &server,
                                                                         .allocator = {.alloc = rationed_alloc,
                                                                                       .release = rationed_release,
                                                                                       .admit = admit,
                                                                                       .self = &ration}});
            ration = (struct ration){0, fail_at};
            const struct rig_result *result =
                rig_get(client, "/a/../b", .headers = {{"X_A", "1"}, {"Cookie", "a=1"}, {"Cookie", "b=2"}});
            done = ration.asked < fail_at;
            assert_true(result->error == 0 || result->error == -12);
            assert_true(done ? result->status == 200 : true);
            ration = (struct ration){0, 0};
            rig_client_free(client);
        }
        assert_true(done);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x_remote_user_is_forged_with_underscores),
        cmocka_unit_test(the_first_of_two_variables_counts),
        cmocka_unit_test(other_variables_of_a_client),
        cmocka_unit_test(a_refused_request_never_reaches_the_stack),
        cmocka_unit_test(a_mock_request_is_refused_as_well),
        cmocka_unit_test(other_profiles_are_as_they_were),
        cmocka_unit_test(both_ways_build_the_same_env),
        cmocka_unit_test(a_body_and_what_follows),
        cmocka_unit_test(hostile_heads_end),
        cmocka_unit_test(out_of_memory_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
