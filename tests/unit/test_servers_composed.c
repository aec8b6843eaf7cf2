/* Profiles put together of a front, a transport and an engine: their names, and what the stack's answer comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stackrig/stackrig.h>

#include <errno.h>
#include <string.h>

#include "mocks/servers/model.h"

#define KIB 1024u
#define MIB (1024u * KIB)

/* ---- names ---- */

static void names_are_read(void **state)
{
    static const struct {
        const char *name, *protocol, *option, *transport, *engine;
    } good[] = {
        {"nginx", "proxy", NULL, "tcp", "plain"},
        {"nginx+unicorn", "proxy", NULL, "tcp", "unicorn"},
        {"nginx:fastcgi+libfcgi", "fastcgi", NULL, "unix", "libfcgi"},
        {"nginx:fastcgi:tcp:stream", "fastcgi", "stream", "tcp", "plain"},
        {"nginx:stream:tcp:fastcgi", "fastcgi", "stream", "tcp", "plain"},
        {"haproxy:unix+plain", "http", NULL, "unix", "plain"},
        {"haproxy:bufreq", "http", "bufreq", "tcp", "plain"},
        {"apache:fastcgi+drains", "fastcgi", NULL, "unix", "drains"},
        {"naive:unix", "http", NULL, "unix", "plain"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct rig_server got;
        assert_int_equal(rig_server_compose(good[i].name, &got), 0);
        assert_string_equal(got.name, good[i].name);
        assert_string_equal(got.front->protocol, good[i].protocol);
        assert_int_equal(got.front->option != NULL, good[i].option != NULL);
        assert_string_equal(got.transport->name, good[i].transport);
        assert_string_equal(got.engine->name, good[i].engine);
    }
}

static void other_names_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "+",
                                      "+plain",
                                      "nginx+",
                                      "nginx+nothing",
                                      "nginx:",
                                      "nginxx",
                                      "ngin",
                                      "nginx:http",
                                      "nginx::tcp",
                                      "nginx:tcp:",
                                      "NGINX",
                                      "nginx+plain+plain",
                                      "nginx:bufreq",
                                      "haproxy:stream",
                                      ":tcp",
                                      "nginx plain"};
    struct rig_server got;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (rig_server_compose(bad[i], &got) != -ENOENT) {
            fail_msg("\"%s\" is taken for a profile", bad[i]);
        }
    }
    assert_int_equal(rig_server_compose(NULL, &got), -ENOENT);
}

/* The rows of the table and what their names make are one thing. */
static void ready_made_ones_are_what_their_names_say(void **state)
{
    size_t count, composed = 0;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct rig_server got;
        const struct rig_server *row = servers[i];
        if (!strchr(row->name, '+')) {
            continue;
        }
        composed++;
        assert_int_equal(rig_server_compose(row->name, &got), 0);
        assert_ptr_equal(got.front, row->front);
        assert_ptr_equal(got.transport, row->transport);
        assert_ptr_equal(got.engine, row->engine);
        assert_int_equal(got.rewindable, row->rewindable);
        assert_int_equal(got.buffers_all, row->buffers_all);
        assert_int_equal(got.keeps_alive, row->keeps_alive);
        assert_int_equal(got.unchunks_below, row->unchunks_below);
        assert_int_equal(got.reads_first, row->reads_first);
        assert_int_equal(got.relayed, row->relayed);
        assert_int_equal(got.pools, row->pools);
        assert_int_equal(got.no_upgrade, row->no_upgrade);
        assert_int_equal(got.host_optional, row->host_optional);
        assert_int_equal(got.modelled, row->modelled);
        assert_int_equal(got.worked_out, row->worked_out);
        assert_true(got.deliver == row->deliver);
    }
    assert_int_equal(composed, 15);
}

static void every_part_says_where_it_comes_from(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIG_FRONT_COUNT; i++) {
        assert_non_null(rig_front_table[i].source);
        assert_non_null(rig_front_table[i].title);
        assert_non_null(rig_front_table[i].protocol);
        assert_non_null(rig_front_table[i].transport);
    }
    for (size_t i = 0; i < RIG_ENGINE_COUNT; i++) {
        assert_non_null(rig_engine_table[i].source);
    }
}

/* ---- deliveries ---- */

static struct rig_delivery delivered(const char *name, struct rig_wire wire)
{
    struct rig_server server;
    static struct rig_delivery got; /* what follows may stand in it */
    got = (struct rig_delivery){0};
    assert_int_equal(rig_server_compose(name, &server), 0);
    wire.server = &server;
    wire.status = 401;
    server.deliver(&wire, &got);
    return got;
}

static void incident_1_by_size(void **state)
{
    static const struct {
        const char *name;
        uint64_t size;
        enum rig_outcome outcome;
        int status;
        bool race;
        enum rig_timing timing;
        const char *log; /* a part of the first line; NULL: none */
    } rows[] = {
        {"nginx", 9, RIG_DELIVERED, 401, false, RIG_TIMING_ANY, "readv() failed (104"},
        {"nginx", 100 * KIB, RIG_REPLACED, 502, true, RIG_TIMING_WORST, "[error] writev() failed (104"},
        {"nginx", MIB, RIG_REPLACED, 502, true, RIG_TIMING_WORST, "[error] writev() failed (104"},
        {"nginx:unix", MIB, RIG_REPLACED, 502, true, RIG_TIMING_WORST, "writev() failed (32: Broken pipe)"},
        {"nginx+shut", 9, RIG_DELIVERED, 401, false, RIG_TIMING_ANY, NULL},
        {"nginx+shut", MIB, RIG_REPLACED, 502, true, RIG_TIMING_WORST, "writev() failed (32: Broken pipe)"},
        {"nginx+lingers", MIB, RIG_DELIVERED, 401, false, RIG_TIMING_ANY, NULL},
        {"nginx:fastcgi", 9, RIG_TRUNCATED, 401, true, RIG_TIMING_ANY, "readv() failed (104"},
        {"nginx:fastcgi+libfcgi", MIB, RIG_DELIVERED, 401, false, RIG_TIMING_ANY, NULL},
        {"haproxy", 9, RIG_DELIVERED, 401, false, RIG_TIMING_ANY, NULL},
        {"haproxy", MIB, RIG_CLOSED, 0, true, RIG_TIMING_WORST, "status=-1 termination=SD"},
        {"apache:unix", 100 * KIB, RIG_REPLACED, 502, true, RIG_TIMING_WORST, "[proxy:error] (32)Broken pipe: AH01084"},
        {"apache:unix", MIB, RIG_REPLACED, 502, false, RIG_TIMING_ANY, "[proxy:error] (32)Broken pipe: AH01084"},
        {"apache:fastcgi", MIB, RIG_REPLACED, 503, true, RIG_TIMING_ANY, "[proxy_fcgi:error] (32)Broken pipe: AH01075"},
        {"lighttpd", 16 * MIB, RIG_DELIVERED, 401, false, RIG_TIMING_ANY, "connection was dropped after accept()"},
        {"naive", 16 * MIB, RIG_RESET, 0, false, RIG_TIMING_ANY, NULL},
        {"direct", 16 * MIB, RIG_DELIVERED, 401, false, RIG_TIMING_ANY, NULL},
        {"direct+puma", 16 * MIB, RIG_DELIVERED, 401, false, RIG_TIMING_ANY, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig_delivery got =
            delivered(rows[i].name, (struct rig_wire){.body_size = rows[i].size, .length_known = true});
        bool lines = rows[i].log ? got.log[0] && strstr(got.log[0], rows[i].log) : !got.log[0];
        if (got.outcome != rows[i].outcome || got.status != rows[i].status || got.race != rows[i].race ||
            got.timing != rows[i].timing || !lines) {
            fail_msg("%s, %llu bytes: outcome %d, status %d, race %d, timing %d, log %s", rows[i].name,
                     (unsigned long long)rows[i].size, (int)got.outcome, got.status, got.race, (int)got.timing,
                     got.log[0] ? got.log[0] : "none");
        }
        assert_int_equal(got.race, got.share != NULL);
    }
}

static void an_answer_beyond_the_window_is_cut(void **state)
{
    struct rig_wire wire = {.body_size = 9, .length_known = true, .answer_size = 113052}; /* and its head */
    (void)state;
    assert_int_equal(delivered("nginx", wire).outcome, RIG_DELIVERED);
    wire.answer_size++;
    assert_int_equal(delivered("nginx", wire).outcome, RIG_TRUNCATED);
    assert_int_equal(delivered("direct", wire).outcome, RIG_TRUNCATED);
    assert_int_equal(delivered("nginx:unix", wire).outcome, RIG_DELIVERED);
    wire.head_request = true; /* its body is not sent */
    assert_int_equal(delivered("nginx", wire).outcome, RIG_DELIVERED);
    wire = (struct rig_wire){.body_size = 9, .body_taken = 9, .length_known = true, .answer_size = MIB};
    assert_int_equal(delivered("nginx", wire).outcome, RIG_DELIVERED);
}

static void an_answer_without_length(void **state)
{
    struct rig_wire wire = {.body_size = 9};
    (void)state;
    assert_int_equal(delivered("nginx", wire).outcome, RIG_TRUNCATED);
    assert_false(delivered("nginx", wire).race);
    assert_int_equal(delivered("nginx+shut", wire).outcome, RIG_DELIVERED);
    assert_true(delivered("apache", wire).race);
    assert_int_equal(delivered("haproxy", wire).outcome, RIG_DELIVERED);
    assert_int_equal(delivered("direct", wire).outcome, RIG_TRUNCATED);
    assert_int_equal(delivered("half", wire).outcome, RIG_TRUNCATED);
}

/* Section 8. */
static void a_client_that_expects_100(void **state)
{
    struct rig_wire wire = {.body_size = MIB, .length_known = true, .expects = true};
    (void)state;
    assert_int_equal(delivered("naive", wire).outcome, RIG_DELIVERED);
    assert_int_equal(delivered("apache", wire).outcome, RIG_DELIVERED);
    assert_int_equal(delivered("haproxy", wire).outcome, RIG_DELIVERED);
    assert_int_equal(delivered("haproxy:bufreq", wire).outcome, RIG_CLOSED);
    assert_int_equal(delivered("nginx", wire).outcome, RIG_REPLACED);
    assert_int_equal(delivered("apache:fastcgi", wire).outcome, RIG_REPLACED);
}

/* Rule 7: the empty record at the end counts as unread, also when the request has no body. */
static void a_fastcgi_body_ends_with_a_record(void **state)
{
    struct rig_wire wire = {.length_known = true, .body_size = 9, .body_taken = 9, .body_ended = true};
    (void)state;
    assert_int_equal(delivered("nginx:fastcgi", wire).outcome, RIG_TRUNCATED);
    wire.end_read = true;
    assert_int_equal(delivered("nginx:fastcgi", wire).outcome, RIG_DELIVERED);
    wire = (struct rig_wire){.length_known = true, .body_ended = true};
    assert_int_equal(delivered("nginx:fastcgi", wire).outcome, RIG_TRUNCATED);
    assert_int_equal(delivered("nginx", wire).outcome, RIG_DELIVERED);
}

static void a_refused_answer(void **state)
{
    struct rig_wire wire = {.length_known = true, .body_size = 9, .body_taken = 4, .keep_alive = true};
    struct rig_delivery got = delivered("nginx+microhttpd", wire);
    (void)state;
    assert_int_equal(got.outcome, RIG_REPLACED);
    assert_false(got.race);
    assert_non_null(strstr(got.log[0], "upstream prematurely closed connection"));
    assert_non_null(strstr(got.follows, "refuses"));
    assert_int_equal(delivered("direct+microhttpd", wire).outcome, RIG_CLOSED);
    wire.body_taken = 9;
    wire.end_read = true;
    got = delivered("direct+microhttpd", wire);
    assert_int_equal(got.outcome, RIG_DELIVERED);
    assert_int_equal(got.connection, RIG_CONNECTION_KEPT);
}

static void a_body_that_broke_off(void **state)
{
    static const char *const names[] = {"nginx:fastcgi", "nginx:uwsgi", "direct"};
    const struct rig_wire met = {.body_size = 9, .body_failed = true, .break_read = true};
    struct rig_wire before = met;
    before.break_read = false;
    assert_int_equal(delivered("haproxy", met).outcome, RIG_CLOSED);
    assert_false(delivered("haproxy", met).race);
    assert_true(delivered("haproxy", before).race);
    assert_int_equal(delivered("apache", before).status, 400);
    assert_false(delivered("apache", before).race);
    assert_int_equal(delivered("apache:fastcgi", met).outcome, RIG_REPLACED);
    assert_int_equal(delivered("nginx:stream", met).outcome, RIG_CLOSED);
    assert_non_null(delivered("nginx:stream", met).source);
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct rig_delivery got = delivered(names[i], (struct rig_wire){.body_size = 9, .body_failed = true});
        assert_true(got.not_measured && !got.source && strstr(got.follows, "was not measured"));
        assert_false(delivered(names[i], (struct rig_wire){.body_size = 9}).not_measured);
    }
}

static void two_connections(void **state)
{
    struct rig_wire wire = {.length_known = true, .body_size = 1, .keep_alive = true};
    struct rig_delivery got = delivered("nginx+kept", wire);
    (void)state;
    assert_int_equal(got.connection, RIG_CONNECTION_DESYNCHRONISED);
    assert_int_equal(got.client_connection, RIG_CONNECTION_DESYNCHRONISED); /* it is the next to get the 400 */
    assert_false(got.race);
    got = delivered("nginx", wire); /* the gateway's ends, the client's goes on */
    assert_int_equal(got.connection, RIG_CONNECTION_CLOSED);
    assert_int_equal(got.client_connection, RIG_CONNECTION_KEPT);
    wire.body_size = MIB;
    assert_int_equal(delivered("nginx:stream", wire).client_connection, RIG_CONNECTION_KEPT);
    wire.body_size = KIB;
    got = delivered("nginx+kept", wire);
    assert_true(got.race && strstr(got.share, "13 of 20"));
    got = delivered("nginx:unix+kept", wire); /* a rarer race, seen by tests/real */
    assert_int_equal(got.connection, RIG_CONNECTION_DESYNCHRONISED);
    assert_true(got.race && strstr(got.share, "over unix"));
    wire.body_size = 1;
    wire.chunked = true; /* chunk framing gets a 400 in time, or not */
    got = delivered("haproxy+kept", wire);
    assert_true(got.race && strstr(got.share, "20 of 300 with a byte"));
    wire.body_size = 64 * KIB; /* its figure and nobody else's */
    assert_non_null(strstr(delivered("direct+kept", wire).share, ", 19 at 64 KiB,"));
    assert_non_null(strstr(delivered("apache+kept", wire).share, ", 11 at 64 KiB,"));
    assert_int_equal(delivered("nginx:fastcgi+kept", wire).connection, RIG_CONNECTION_KEPT);
}

/* tests/real: over unix HAProxy holds 32 KiB beyond the 210,571 bytes that the socket takes. With all of the request
 * there it answers 502, else it closes. Apache's socket holds 192 KiB behind the head, without chunk framing. */
static void at_the_edge_of_a_socket(void **state)
{
    const uint64_t takes = 210571, holds = 32 * KIB;
    (void)state;
    const struct {
        const char *front;
        bool chunked;
        uint64_t size;
        unsigned got;
    } edges[] = {
        {"haproxy:unix", false, takes, RIG_GOT_WHOLE},
        {"haproxy:unix", false, takes + 1, RIG_GOT_WHOLE | RIG_GOT_502},
        {"haproxy:unix", false, takes + holds, RIG_GOT_WHOLE | RIG_GOT_502},
        {"haproxy:unix", false, takes + holds + 1, RIG_GOT_WHOLE | RIG_GOT_NOTHING},
        {"apache:unix", false, 192 * KIB, RIG_GOT_WHOLE},
        {"apache:unix", false, 192 * KIB + 1, RIG_GOT_502},
        {"apache:unix", true, 192 * KIB, RIG_GOT_502},
    };
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        struct rig_server server;
        assert_int_equal(rig_server_compose(edges[i].front, &server), 0);
        struct rig_case it = {.front = server.front,
                              .transport = server.transport,
                              .engine = RIG_ENGINE(PLAIN),
                              .chunked = edges[i].chunked,
                              .length_known = true,
                              .body = edges[i].size,
                              .answer = 113};
        assert_int_equal(rig_simulate(&it, RIG_TIMING_SETTLED).got, edges[i].got);
    }
}

static void what_the_gateway_logs(void **state)
{
    struct rig_wire wire = {.length_known = true, .body_size = KIB, .keep_alive = true};
    struct rig_delivery got = delivered("nginx:unix+kept", wire);
    (void)state;
    assert_string_equal(got.log[0], "[warn] upstream sent more data than specified in \"Content-Length\" header while "
                                    "reading upstream");
    got = delivered("apache", (struct rig_wire){.length_known = true, .body_size = 9});
    assert_null(got.log[0]);
    got = delivered("apache", (struct rig_wire){.body_size = 9});
    assert_non_null(strstr(got.log[0], "AH01110"));
    got = delivered("apache", (struct rig_wire){.length_known = true, .body_size = MIB});
    assert_non_null(strstr(got.log[0], "(104)Connection reset by peer: AH01084"));
    assert_non_null(strstr(got.log[1], "AH01097"));
    got = delivered("apache+shut", (struct rig_wire){.length_known = true, .body_size = MIB});
    assert_non_null(strstr(got.log[0], "(32)Broken pipe: AH01084"));
}

/* Section 6: a request that comes too late fails in its first writes, which have lines of their own; and what is logged
 * though nothing was lost. */
static void lines_of_their_own(void **state)
{
    struct rig_wire wire = {.length_known = true, .body_size = KIB};
    struct rig_delivery got = delivered("apache:fastcgi+early", wire);
    (void)state;
    assert_non_null(strstr(got.log[0], "(32)Broken pipe: AH01073: Failed Writing Request"));
    got = delivered("apache:fastcgi:tcp+early", wire);
    assert_non_null(strstr(got.log[0], "(32)Broken pipe: AH01074: Failed writing Environment"));
    got = delivered("passenger3+early", wire);
    assert_non_null(strstr(got.log[0], "while writing headers to the request handler: Broken pipe (32)"));
    assert_non_null(strstr(got.log[1], "[error] recv() failed (104"));
    wire.body_size = 0;
    assert_non_null(strstr(delivered("passenger3+early", wire).log[1], "upstream prematurely closed"));
    wire.body_size = MIB;
    got = delivered("lighttpd", wire);
    assert_int_equal(got.outcome, RIG_DELIVERED);
    assert_non_null(strstr(got.log[0], "connection was dropped after accept()"));
    got = delivered("apache:passenger:stream+passenger6", wire);
    assert_non_null(strstr(got.log[0], "closed the socket prematurely"));
    wire.body_size = KIB;
    assert_int_equal(got.outcome, RIG_DELIVERED);
    assert_non_null(strstr(delivered("apache:passenger:stream+passenger6", wire).log[0], "AH00574"));
    wire.body_taken = 4;
    got = delivered("direct+microhttpd", wire);
    assert_string_equal(got.log[0], "Application reported internal error, closing connection.");
    got = delivered("nginx+microhttpd", wire);
    assert_non_null(strstr(got.log[0], "upstream prematurely closed"));
    assert_string_equal(got.log[1], "Application reported internal error, closing connection.");
}

/* Section 7. */
static void chunk_framing_is_left_over(void **state)
{
    static const struct {
        const char *name;
        uint64_t size;
        enum rig_connection connection;
        const char *follows; /* NULL: any */
    } rows[] = {
        {"direct+kept", 0, RIG_CONNECTION_DESYNCHRONISED, "gets a 400"},
        {"direct+kept", KIB, RIG_CONNECTION_DESYNCHRONISED, "gets a 400"},
        {"nginx+kept", 0, RIG_CONNECTION_KEPT, NULL}, /* the gateway has unwrapped it */
        {"nginx+kept", 1, RIG_CONNECTION_DESYNCHRONISED, "the 1 byte becomes the start of the next request"},
        {"apache+kept", 1, RIG_CONNECTION_DESYNCHRONISED, NULL},
        {"haproxy+kept", 1, RIG_CONNECTION_DESYNCHRONISED, "gets a 400"}, /* seldom: tests/real */
        {"direct+drains", KIB, RIG_CONNECTION_KEPT, NULL},
        {"nginx:fastcgi+kept", KIB, RIG_CONNECTION_KEPT, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig_delivery got = delivered(
            rows[i].name,
            (struct rig_wire){.body_size = rows[i].size, .chunked = true, .keep_alive = true, .length_known = true});
        if (got.connection != rows[i].connection ||
            (rows[i].follows && !(got.follows && strstr(got.follows, rows[i].follows)))) {
            fail_msg("%s, %llu bytes: connection %d, %s", rows[i].name, (unsigned long long)rows[i].size,
                     (int)got.connection, got.follows ? got.follows : "nothing follows");
        }
    }
}

/* http1 is older than the parts and has sentences of its own: what it says comes to the same. */
static void http1_is_a_client_and_a_server_that_keeps(void **state)
{
    (void)state;
    for (uint64_t size = 0; size < 32 * MIB; size = size * 3 / 2 + 1) {
        for (unsigned flags = 0; flags < 16; flags++) {
            struct rig_wire wire = {.status = 401,
                                    .chunked = flags & 1,
                                    .keep_alive = flags & 2,
                                    .body_size = size,
                                    .body_taken = flags & 4 ? size : 0,
                                    .body_ended = flags & 4 || (size == 0 && !(flags & 1)),
                                    .end_read = flags & 4,
                                    .length_known = flags & 8};
            struct rig_delivery parts = delivered("direct+kept", wire), own = {0};
            rig_server_http1.deliver(&wire, &own);
            if (!wire.length_known && wire.keep_alive && size > 0) {
                continue; /* an answer without length ends a connection: not kept */
            }
            assert_int_equal(parts.outcome, own.outcome);
            assert_int_equal(parts.connection, own.connection);
        }
    }
}

/* ---- with a stack ---- */

static int denies(void *self, struct rig_env *env, struct rig_response *response)
{
    (void)self, (void)env;
    return rig_respond(response, .status = 401);
}

static struct rig_client *client_behind(const char *name, struct rig_server *server)
{
    assert_int_equal(rig_server_compose(name, server), 0);
    return rig_client_new(RIG_APP(denies), (struct rig_client_options){.server = server, .ignore = {"input.*"}});
}

/* The gateway has unwrapped a chunked body, so what is left of it is read the same. */
static void a_leftover_is_the_next_request(void **state)
{
    static const char hidden[] = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char *const names[] = {"nginx+kept", "nginx:stream+kept", "apache+kept"};
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct rig_server server;
        struct rig_client *client = client_behind(names[i / 2], &server);
        const struct rig_result *result = rig_post(client, "/", .body = hidden, .chunked = i % 2 == 1);
        assert_int_equal(result->exchange_count, 2);
        assert_true(result->exchanges[1].phantom);
        assert_string_equal(result->exchanges[1].target, "/hidden");
        rig_client_free(client);
    }
}

static void an_expectation_is_read_from_the_request(void **state)
{
    static char big[MIB];
    struct rig_server server;
    struct rig_client *client = client_behind("haproxy", &server);
    (void)state;
    const struct rig_result *result = rig_post(client, "/", .bytes = {big, sizeof big});
    assert_int_equal(result->delivery.outcome, RIG_CLOSED);
    result = rig_post(client, "/", .bytes = {big, sizeof big}, .headers = {{"Expect", "100-Continue"}});
    assert_int_equal(result->delivery.outcome, RIG_DELIVERED);
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(ready_made_ones_are_what_their_names_say),
        cmocka_unit_test(every_part_says_where_it_comes_from),
        cmocka_unit_test(incident_1_by_size),
        cmocka_unit_test(an_answer_beyond_the_window_is_cut),
        cmocka_unit_test(an_answer_without_length),
        cmocka_unit_test(a_client_that_expects_100),
        cmocka_unit_test(a_fastcgi_body_ends_with_a_record),
        cmocka_unit_test(a_refused_answer),
        cmocka_unit_test(a_body_that_broke_off),
        cmocka_unit_test(two_connections),
        cmocka_unit_test(at_the_edge_of_a_socket),
        cmocka_unit_test(what_the_gateway_logs),
        cmocka_unit_test(lines_of_their_own),
        cmocka_unit_test(chunk_framing_is_left_over),
        cmocka_unit_test(http1_is_a_client_and_a_server_that_keeps),
        cmocka_unit_test(a_leftover_is_the_next_request),
        cmocka_unit_test(an_expectation_is_read_from_the_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
