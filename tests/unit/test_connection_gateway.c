/* What stays of a body on the connection between a gateway and its server. The sizes: kept.tsv beside results.tsv. */
#include "tests/unit/rules_test.h"

#include <stackrig/cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define UNREAD "input.early_answer.unread"
#define MISDIRECTED "input.early_answer.misdirected"

static void choose(const char *name)
{
    static struct rig_server server;
    assert_int_equal(rig_server_compose(name, &server), 0);
    behind(&server);
}

static int denies(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 401);
}

/* A request that was read off bytes leaves what the same request leaves that was not. */
static void test_bytes_leave_the_same(void **state)
{
    static const char *const servers[] = {"nginx+kept", "nginx:stream+kept", "apache+kept", "haproxy+kept",
                                          "direct+kept"};
    static const char wire[] = "POST /a HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "8\r\nGET /b H\r\n0\r\n\r\n";
    (void)state;
    rig_run(stack, RIG_APP(denies));
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        choose(servers[i]);
        struct rig_link *link = rig_connection_open(client), *raw = rig_connection_open(client);
        rig_assert(rig_connection_send(link, RIG_POST("/a", .body = "GET /b H", .chunked = true)), .status = 401,
                   .findings = {UNREAD});
        rig_assert(rig_connection_send_raw(raw, wire, sizeof wire - 1), .status = 401, .findings = {UNREAD});
        struct rig_bytes a = rig_connection_state(link).waiting, b = rig_connection_state(raw).waiting;
        if (a.size != b.size || (a.size > 0 && memcmp(a.data, b.data, a.size) != 0)) {
            fail_msg("%s: \"%.*s\" waits, of bytes \"%.*s\"", servers[i], (int)a.size, (const char *)a.data,
                     (int)b.size, (const char *)b.data);
        }
        assert_int_equal(a.size, i == 3 || i == 4 ? 0 : 8); /* chunks are no request: a 400 */
        assert_int_equal(rig_connection_state(link).unclaimed, rig_connection_state(raw).unclaimed);
    }
}

/* Requests that stand in the body are run; above 256 KiB a gateway drops the connection before it takes their answers. */
static void test_phantoms_of_a_long_body(void **state)
{
    static const char *const servers[] = {"nginx+kept", "apache:unix+kept", "direct+kept"};
    static const char hidden[] = "GET /smuggled HTTP/1.1\r\nHost: a\r\nX-Padding: ";
    const size_t most = 256 * 1024;
    char *body = malloc(most + 1);
    (void)state;
    assert_non_null(body);
    memset(body, 'x', most + 1);
    for (size_t at = 0; at < most; at += 1024) {
        memcpy(body + at, hidden, sizeof hidden - 1);
        memcpy(body + at + 1020, "\r\n\r\n", 4);
    }
    rig_run(stack, RIG_APP(denies));
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        for (size_t more = 0; more < 2; more++) {
            choose(servers[i]);
            struct rig_link *link = rig_connection_open(client);
            const struct rig_result *first = rig_connection_send(link, RIG_POST("/a", .bytes = {body, most + more}));
            rig_assert(first, .status = 401, .findings = {UNREAD});
            const struct rig_result *next = rig_connection_send(link, RIG_GET("/b"));
            bool own = more > 0 && i < 2;
            if ((next->delivery.outcome != RIG_MISDIRECTED) != own) {
                fail_msg("%s, %zu bytes: outcome %d", servers[i], most + more, next->delivery.outcome);
            }
            if (!own) {
                rig_assert(next, .findings = {MISDIRECTED});
            }
        }
    }
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {RULE_TEST(test_bytes_leave_the_same) RULE_TEST(test_phantoms_of_a_long_body)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
