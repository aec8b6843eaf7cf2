/* The server profiles against the published figures, a row a figure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stackrig/servers.h>

#include <string.h>

#define KIB 1024u
#define MIB (1024u * KIB)
#define READING "Cannot read response from backend process: Connection reset by peer (104)"
#define SENDING_RESET \
    "An error occured while sending the request body to the request handler: Connection reset by peer (104)"
#define SENDING_PIPE "An error occured while sending the request body to the request handler: Broken pipe (32)"
#define NGINX "[error] recv() failed (104: Connection reset by peer) while reading response header from upstream"

struct row {
    const char *figure; /* what was published */
    struct rig_wire wire;
    enum rig_outcome outcome;
    int status;
    enum rig_connection connection;
    const char *share;   /* a part of it; NULL: sure */
    const char *log[3];  /* all lines */
    const char *follows; /* a part of it; NULL: nothing to say */
    const char *source;  /* a part of it; NULL: nothing claimed */
};

static void contains(const char *figure, const char *what, const char *text, const char *part)
{
    if (!part != !text || (part && !strstr(text, part))) {
        fail_msg("%s: %s is \"%s\", expected %s%s", figure, what, text ? text : "NULL", part ? "to find " : "NULL",
                 part ? part : "");
    }
}

static void deliver(const struct rig_server *server, const struct rig_wire *wire, struct rig_delivery *delivery)
{
    *delivery = (struct rig_delivery){
        .status = wire->status,
        .server = server->name,
        .modelled = server->modelled,
        .offered = wire->body_size,
        .unread = wire->body_size - wire->body_taken,
    };
    struct rig_wire own = *wire;
    own.server = server;
    server->deliver(&own, delivery);
}

static void check_rows(const struct rig_server *server, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        struct rig_delivery got;
        deliver(server, &row->wire, &got);
        if (got.outcome != row->outcome || got.status != row->status || got.connection != row->connection) {
            fail_msg("%s: outcome %d, status %d, connection %d; expected %d, %d, %d", row->figure, (int)got.outcome,
                     got.status, (int)got.connection, (int)row->outcome, row->status, (int)row->connection);
        }
        contains(row->figure, "share", got.share, row->share);
        if (got.race != (row->share != NULL)) {
            fail_msg("%s: race is %d", row->figure, (int)got.race);
        }
        for (size_t k = 0; k < 3; k++) {
            contains(row->figure, "log", got.log[k], row->log[k]);
        }
        contains(row->figure, "follows", got.follows, row->follows);
        contains(row->figure, "source", got.source, row->source);
        assert_string_equal(got.server, server->name);
        assert_int_equal(got.offered, row->wire.body_size);
    }
}

#define CHECK_ROWS(server_, rows_) check_rows(server_, rows_, sizeof(rows_) / sizeof *(rows_))
#define CL(size_, taken_)                                                                                 \
    {                                                                                                     \
        .status = 401, .keep_alive = true, .length_known = true, .body_size = size_, .body_taken = taken_ \
    }
#define CHUNKED(size_, taken_, ended_)                                                                \
    {                                                                                                 \
        .status = 401, .keep_alive = true, .length_known = true, .chunked = true, .body_size = size_, \
        .body_taken = taken_, .body_ended = ended_                                                    \
    }
#define CLOSING(size_, taken_)                                                        \
    {                                                                                 \
        .status = 401, .length_known = true, .body_size = size_, .body_taken = taken_ \
    }
#define ENDLESS(size_, taken_)                                  \
    {                                                           \
        .status = 401, .body_size = size_, .body_taken = taken_ \
    }
#define CUT_SHORT                                    \
    RIG_TRUNCATED, 401, RIG_CONNECTION_CLOSED, NULL, \
    {                                                \
        NULL                                         \
    }
#define DESYNC_RACE                                                                 \
    RIG_DELIVERED, 401, RIG_CONNECTION_DESYNCHRONISED, "19 at 64 KiB, 18 at 1 MiB", \
    {                                                                               \
        NULL                                                                        \
    }
#define KEPT RIG_DELIVERED, 401, RIG_CONNECTION_KEPT, NULL, {NULL}, NULL, NULL
#define CLOSED                                       \
    RIG_DELIVERED, 401, RIG_CONNECTION_CLOSED, NULL, \
    {                                                \
        NULL                                         \
    }
#define DESYNC                                               \
    RIG_DELIVERED, 401, RIG_CONNECTION_DESYNCHRONISED, NULL, \
    {                                                        \
        NULL                                                 \
    }

static void http1_keeps_what_was_drained(void **state)
{
    static const struct row rows[] = {
        {"E8: 401 then 401, no body", CL(0, 0), KEPT},
        {"E8: 401 then 401, 1 B", CL(1, 1), KEPT},
        {"E8: 401 then 401, 16M", CL(16 * MIB, 16 * MIB), KEPT},
        {"E8: chunked, 0 B, its end seen", CHUNKED(0, 0, true), KEPT},
        {"E8: chunked, 64K, its end seen", CHUNKED(64 * KIB, 64 * KIB, true), KEPT},
        {"E5: drained, then closed", CLOSING(64 * KIB, 64 * KIB), CLOSED, NULL, NULL},
        {"E3: 0 B, closed", CLOSING(0, 0), CLOSED, NULL, NULL},
    };
    (void)state;
    CHECK_ROWS(&rig_server_http1, rows);
}

static void http1_desynchronises_what_was_not(void **state)
{
    static const struct row rows[] = {
        {"7: direct, CL, 1 B: 400 20/20", CL(1, 0), DESYNC, "start of the next request", "1 B: 400 20/20"},
        {"incident 1, 9 B", CL(9, 0), DESYNC, "start of the next request on the connection", "CL, 1 B: 400 20/20"},
        {"one byte of 9 left", CL(9, 8), DESYNC, "start of the next request", "CL, 1 B: 400 20/20"},
        {"1023 of 64K left", CL(64 * KIB, 63 * KIB + 1), DESYNC, "start of the next request", "1 B: 400 20/20"},
        {"7: direct, CL, 1K: /smuggled 20/20", CL(KIB, 0), DESYNC, "hidden in them are run", "/smuggled 20/20"},
        {"7: direct, CL, 16M: /smuggled 20/20", CL(16 * MIB, 0), DESYNC, "hidden in them are run", "/smuggled 20/20"},
        {"7: direct, chunked, 0 B: 400 20/20", CHUNKED(0, 0, false), DESYNC, "framing", "even 0 B: 400 20/20"},
        {"7: direct, chunked, 1K: 400 20/20", CHUNKED(KIB, 0, false), DESYNC, "gets a 400", "even 0 B: 400 20/20"},
        {"results: chunked, duplex, 64K: 19/20", CHUNKED(64 * KIB, 0, false), DESYNC_RACE, "gets a 400", "64K 19/20"},
        {"results: chunked, duplex, 1M: 18/20", CHUNKED(MIB, 0, false), DESYNC_RACE, "gets a 400", "1M 18/20"},
        {"below 64K", CHUNKED(64 * KIB - 1, 0, false), DESYNC, "gets a 400", "even 0 B: 400 20/20"},
        {"chunked, all data taken, end unseen", CHUNKED(9, 9, false), DESYNC, "the rest of the chunked body", "rule 6"},
        {"chunked, a part taken", CHUNKED(9, 4, false), DESYNC, "the 5 bytes become the start", "rule 6"},
        {"chunked, a part of 1M taken", CHUNKED(MIB, 4, false), DESYNC_RACE, "the 1048572 bytes become", "64K 19/20"},
        {"the number", CL(9, 0), DESYNC, "the 9 bytes become the start", "CL, 1 B: 400 20/20"},
        {"the number, one", CL(9, 8), DESYNC, "the 1 byte becomes the start", "CL, 1 B: 400 20/20"},
    };
    struct rig_delivery part;
    deliver(&rig_server_http1, &(struct rig_wire)CHUNKED(34, 4, false), &part);
    assert_null(strstr(part.follows, "400")); /* what is left may be a whole request */
    (void)state;
    CHECK_ROWS(&rig_server_http1, rows);
}

static void http1_names_the_client_that_loses(void **state)
{
    static const struct row rows[] = {
        {"E3 direct duplex, 1 B: 401~rst 20/20", CLOSING(1, 0), CLOSED, "reads while it writes has it", "0 of 3,360"},
        {"E3 direct naive, 1K: 401~rst 20/20", CLOSING(KIB, 0), CLOSED, "reset behind the answer", "0 of 3,360"},
        {"below 64K", CLOSING(64 * KIB - 1, 0), CLOSED, "reset behind the answer", "never lost with a length"},
        {"direct naive, TCP, from 64K racy", CLOSING(64 * KIB, 0), CLOSED, "writes everything first can lose it",
         "naive client over TCP lost from 64K, racy"},
        {"direct naive, 16M 20/20", CLOSING(16 * MIB, 1), CLOSED, "can lose it", "naive client over TCP"},
    };
    (void)state;
    CHECK_ROWS(&rig_server_http1, rows);
    struct rig_delivery small;
    deliver(&rig_server_http1, &rows[2].wire, &small);
    assert_null(strstr(small.follows, "lose")); /* a naive client lost nothing there */
}

static void http1_cuts_an_answer_without_length(void **state)
{
    static const struct row rows[] = {
        {"E3n, 0: 401(eof) 20/20", ENDLESS(0, 0), CLOSED, NULL, NULL},
        {"E3n, 1 B: truncated 20/20", ENDLESS(1, 0), CUT_SHORT, "cut short", "E3n"},
        {"E3n, 16M: truncated 20/20", ENDLESS(16 * MIB, 0), CUT_SHORT, "cut short", "E3n"},
        {"E3n, all read", ENDLESS(MIB, MIB), CLOSED, NULL, NULL},
    };
    (void)state;
    CHECK_ROWS(&rig_server_http1, rows);
}

#define P3_LOGGED RIG_DELIVERED, 401, RIG_CONNECTION_CLOSED, NULL, {READING}, "has the answer", "3: passenger3"
#define P3_CLEAN RIG_DELIVERED, 401, RIG_CONNECTION_CLOSED, NULL, {NULL}, NULL, NULL
#define P3_502 RIG_REPLACED, 502, RIG_CONNECTION_CLOSED

static void passenger3_by_size(void **state)
{
    static const struct row rows[] = {
        {"5: 0: 401, no line", CL(0, 0), P3_CLEAN},
        {"p3hop-unix E3 0 chunked: 401, no line", CHUNKED(0, 0, false), P3_CLEAN},
        {"4: 1 B: 0 of 20 in the matrix (1 of 4 once, which is not claimed)", CL(1, 0), P3_LOGGED},
        {"5: 1 B ... 192 KiB: 401, complete", CL(2, 0), P3_LOGGED},
        {"incident 1, 9 B: 401, complete", CL(9, 0), P3_LOGGED},
        {"p3hop-unix E3 1024: 401 20/20", CL(KIB, 0), P3_LOGGED},
        {"p3hop-unix E3 1024 chunked: 401 20/20", CHUNKED(KIB, 0, false), P3_LOGGED},
        {"below 2 KiB", CL(2 * KIB - 1, 0), P3_LOGGED},
        {"4: first lost between 2 and 8 KiB",
         CL(2 * KIB, 0),
         P3_502,
         "14 of 20 at 64 KiB",
         {SENDING_PIPE, NGINX},
         "still sending",
         "3: passenger3"},
        {"4: p3hop-unix E3s 64K 14",
         CL(64 * KIB, 0),
         P3_502,
         "up to 14 of 20 at 64 KiB",
         {SENDING_PIPE, NGINX},
         "still sending",
         "3: passenger3"},
        {"3: unix settled 192K ok",
         CL(192 * KIB, 0),
         P3_502,
         "up to 14 of 20 at 64 KiB",
         {SENDING_PIPE, NGINX},
         "else it delivers the answer and logs \"" READING "\"",
         "3: passenger3"},
        {"3: unix settled 208K 1/20",
         CL(208 * KIB, 0),
         P3_502,
         "14 of 20 at 64 KiB",
         {SENDING_RESET, NGINX},
         "still sending",
         "3: passenger3"},
        {"sockets: one large write: 219,264",
         CL(213 * KIB, 0),
         P3_502,
         "14 of 20 at 64 KiB",
         {SENDING_RESET, NGINX},
         "still sending",
         "3: passenger3"},
        {"3: unix settled 224K 20/20",
         CL(224 * KIB, 0),
         P3_502,
         NULL,
         {SENDING_RESET, NGINX},
         "does not hold the body",
         "3: passenger3"},
        {"p3hop-unix E3d 16M 20/20",
         CL(16 * MIB, 0),
         P3_502,
         NULL,
         {SENDING_RESET, NGINX},
         "answers 502",
         "3: passenger3"},
    };
    (void)state;
    CHECK_ROWS(&rig_server_passenger3, rows);
    assert_true(rig_server_passenger3.modelled);
}

static void passenger3_without_length(void **state)
{
    static const struct row rows[] = {
        {"p3hop-unix E3n 1K: 401 20/20", ENDLESS(KIB, 0), P3_LOGGED},
        {"p3hop-unix E3n 64K: 7/20",
         ENDLESS(64 * KIB, 0),
         P3_502,
         "up to 14 of 20",
         {SENDING_PIPE, NGINX},
         "still sending",
         "3: passenger3"},
        {"p3hop-unix E3n 1M: 20/20", ENDLESS(MIB, 0), P3_502, NULL, {SENDING_RESET, NGINX}, "502", "3: passenger3"},
    };
    (void)state;
    CHECK_ROWS(&rig_server_passenger3, rows);
}

static void passenger3_is_clean_once_read(void **state)
{
    static const struct row rows[] = {
        {"E5: 1 B", CL(1, 1), P3_CLEAN},
        {"read(1): the input takes all 64K", CL(64 * KIB, 64 * KIB), P3_CLEAN},
        {"E5: 16M", CL(16 * MIB, 16 * MIB), P3_CLEAN},
        {"E5: 16M chunked", CHUNKED(16 * MIB, 16 * MIB, false), P3_CLEAN},
        {"E5: not kept alive", CLOSING(64 * KIB, 64 * KIB), P3_CLEAN},
    };
    (void)state;
    CHECK_ROWS(&rig_server_passenger3, rows);
}

static void memory_loses_nothing(void **state)
{
    static const struct row rows[] = {
        {"all read", CL(9, 9), KEPT},
        {"nothing read", CL(16 * MIB, 0), KEPT},
        {"chunked, nothing read", CHUNKED(16 * MIB, 0, false), KEPT},
        {"not kept alive", CLOSING(16 * MIB, 0), KEPT},
    };
    (void)state;
    CHECK_ROWS(&rig_server_memory, rows);
}

static void table_and_find(void **state)
{
    size_t count = 0;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    assert_true(count > 15);
    assert_ptr_equal(rig_servers(NULL), servers);
    assert_ptr_equal(servers[0], &rig_server_http1);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(rig_server_find(servers[i]->name), servers[i]);
        assert_non_null(servers[i]->deliver);
        assert_non_null(servers[i]->title);
    }
    assert_ptr_equal(rig_server_find("passenger3"), &rig_server_passenger3);
    assert_null(rig_server_find("passenger"));
    assert_null(rig_server_find(""));
    assert_null(rig_server_find(NULL));
}

static void inputs_as_the_servers_have_them(void **state)
{
    (void)state;
    assert_true(rig_server_passenger3.rewindable && rig_server_passenger3.buffers_all);
    assert_false(rig_server_passenger3.keeps_alive);
    assert_true(rig_server_http1.keeps_alive);
    assert_false(rig_server_http1.rewindable || rig_server_http1.buffers_all || rig_server_http1.modelled);
    assert_true(rig_server_memory.rewindable);
    assert_false(rig_server_memory.keeps_alive || rig_server_memory.modelled);
}

/* A race must say how often, and a claim where it was measured: at every size, for every profile. */
static void every_claim_has_a_source(void **state)
{
    size_t count = 0;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (uint64_t size = 0; size < 32 * MIB; size = size * 3 / 2 + 1) {
            for (unsigned flags = 0; flags < 16; flags++) {
                struct rig_wire wire = {.status = 401,
                                        .chunked = flags & 1,
                                        .keep_alive = flags & 2,
                                        .body_size = size,
                                        .body_taken = flags & 4 ? size : 0,
                                        .body_ended = flags & 4,
                                        .length_known = flags & 8};
                struct rig_delivery got;
                deliver(servers[i], &wire, &got);
                assert_int_equal(got.race, got.share != NULL);
                bool claims = got.log[0] || got.follows || got.outcome != RIG_DELIVERED ||
                              got.connection == RIG_CONNECTION_DESYNCHRONISED;
                assert_int_equal(claims, got.source != NULL);
                assert_int_equal(got.status, got.outcome == RIG_REPLACED                             ? 502
                                             : got.outcome == RIG_CLOSED || got.outcome == RIG_RESET ? 0
                                                                                                     : 401);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http1_keeps_what_was_drained),
        cmocka_unit_test(http1_desynchronises_what_was_not),
        cmocka_unit_test(http1_names_the_client_that_loses),
        cmocka_unit_test(http1_cuts_an_answer_without_length),
        cmocka_unit_test(passenger3_by_size),
        cmocka_unit_test(passenger3_without_length),
        cmocka_unit_test(passenger3_is_clean_once_read),
        cmocka_unit_test(memory_loses_nothing),
        cmocka_unit_test(table_and_find),
        cmocka_unit_test(inputs_as_the_servers_have_them),
        cmocka_unit_test(every_claim_has_a_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
