/* Faults on demand: what the readers do, and what is said of layers that take them well, badly or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stackrig/cmocka.h>
#include <stackrig/connection.h>
#include <stackrig/faults.h>
#include <stackrig/servers.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BODY "0123456789"

/* ---- readers ---- */

/* Reads in pieces of 4 to the end or an error: the bytes in `got`, and what the last read returned. */
static int64_t read_on(struct rig_source source, char *got, unsigned reads)
{
    int64_t last = 0;
    while (reads-- > 0) {
        char piece[4];
        last = source.read(source.self, piece, sizeof piece);
        if (last == 0) {
            break;
        }
        if (last > 0) {
            strncat(got, piece, (size_t)last);
        }
    }
    return last;
}

static void each_kind_of_reader(void **state)
{
    static const struct {
        struct rig_faulty faulty;
        unsigned reads;
        const char *got;
        int64_t last;
    } rows[] = {
        {{.kind = RIG_FAULT_NONE}, 9, BODY, 0},
        {{.kind = RIG_FAULT_ONE_BYTE, .chance = 1, .always = true}, 3, "012", 1},
        {{.kind = RIG_FAULT_ONE_BYTE, .chance = 2}, 3, "012345678", 4},
        {{.kind = RIG_FAULT_HALF, .chance = 1, .always = true}, 2, "0123", 2},
        {{.kind = RIG_FAULT_EINTR, .chance = 2}, 2, "0123", -EINTR},
        {{.kind = RIG_FAULT_EINTR, .chance = 2}, 9, BODY, 0},
        {{.kind = RIG_FAULT_EAGAIN, .chance = 2, .always = true}, 9, "0123", -EAGAIN},
        {{.kind = RIG_FAULT_ERROR, .chance = 2}, 9, "0123", -EIO},
        {{.kind = RIG_FAULT_ERROR, .offset = 5}, 9, "01234", -EIO},
        {{.kind = RIG_FAULT_ERROR}, 9, "", -EIO},
        {{.kind = RIG_FAULT_DATA_AND_ERROR, .chance = 1}, 9, "01", -EIO},
        {{.kind = RIG_FAULT_GONE, .offset = 9}, 9, "012345678", -ECONNRESET},
        {{.kind = RIG_FAULT_EARLY_END, .offset = 5}, 9, "01234", 0},
        {{.kind = RIG_FAULT_EINTR, .offset = 3}, 9, BODY, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig_memory_reader reader = {.bytes = {BODY, 10}};
        struct rig_faulty faulty = rows[i].faulty;
        char got[32] = "";
        faulty.under = rig_memory_source(&reader);
        int64_t last = read_on(rig_faulty_source(&faulty), got, rows[i].reads);
        if (strcmp(got, rows[i].got) != 0 || last != rows[i].last) {
            fail_msg("row %zu, %s: \"%s\" and %lld", i, rig_fault_name(faulty.kind), got, (long long)last);
        }
    }
    assert_string_equal(rig_fault_name(RIG_FAULT_ENDLESS), "endless");
    assert_string_equal(rig_fault_name(RIG_FAULT_MALLOC), "malloc");
    assert_string_equal(rig_fault_name(RIG_FAULT_COUNT), "?");
}

static void readers_compose(void **state)
{
    struct rig_memory_reader reader = {.bytes = {BODY, 10}};
    struct rig_faulty bytes = {.under = rig_memory_source(&reader), .kind = RIG_FAULT_ONE_BYTE, .always = true};
    struct rig_faulty breaks = {.under = rig_faulty_source(&bytes), .kind = RIG_FAULT_EINTR, .chance = 3};
    struct rig_source source = rig_faulty_source(&breaks);
    char got[32] = "";
    (void)state;
    assert_int_equal(read_on(source, got, 4), 1);
    assert_string_equal(got, "012");
    assert_int_equal(source.rewind(source.self), 0);
    assert_int_equal(read_on(source, got, 1), 1);
    assert_string_equal(got, "0120");
}

static void an_endless_body(void **state)
{
    struct rig_memory_reader reader = {.bytes = {BODY, 2}};
    struct rig_faulty endless = {.under = rig_memory_source(&reader), .kind = RIG_FAULT_ENDLESS, .always = true};
    struct rig_source source = rig_faulty_source(&endless);
    char piece[8];
    (void)state;
    assert_int_equal(source.read(source.self, piece, sizeof piece), 2);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(source.read(source.self, piece, sizeof piece), sizeof piece);
    }
    assert_int_equal(piece[0], 0);
}

/* One large read is given no more than there is to come. */
static void an_endless_body_that_breaks_off(void **state)
{
    struct rig_memory_reader reader = {.bytes = {BODY, 2}};
    struct rig_faulty endless = {
        .under = rig_memory_source(&reader), .kind = RIG_FAULT_ENDLESS, .always = true, .extra = 10};
    struct rig_source source = rig_faulty_source(&endless);
    char piece[64];
    (void)state;
    assert_int_equal(source.read(source.self, piece, sizeof piece), 2);
    assert_int_equal(source.read(source.self, piece, 6), 6);
    assert_int_equal(source.read(source.self, piece, sizeof piece), 4);
    assert_int_equal(source.read(source.self, piece, sizeof piece), -ECONNRESET);
    assert_int_equal(endless.made_up, 10);
}

/* ---- layers ---- */

enum manner { CAREFUL, IMPATIENT, PASSES_ON, LIES, SENDS_ON, COUNTS_READS };

static enum manner manner;
static int64_t clock_seen;

/* CGI's end comes too early when the client goes away. */
static bool is_short(struct rig_env *env, uint64_t got)
{
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    return length && got < strtoull(length, NULL, 10);
}

static int reads_all(void *self, struct rig_env *env, struct rig_response *response)
{
    char piece[4];
    unsigned reads = 0;
    uint64_t size = 0;
    int64_t got;
    (void)self;
    do {
        got = rig_input_read(rig_env_input(env), piece, sizeof piece);
        size += got > 0 ? (uint64_t)got : 0;
        reads++;
    } while (got > 0 || (got == -EINTR && manner == CAREFUL) || (got == -EAGAIN && manner == CAREFUL && reads < 50));
    clock_seen = rig_env_now(env);
    got = got == 0 && is_short(env, size) ? -EIO : got;
    if (got < 0 && manner == PASSES_ON) {
        return (int)got;
    }
    if (manner == SENDS_ON) {
        return rig_respond(response, .status = 303, .headers = {{"Location", got < 0 ? "/some" : "/all"}});
    }
    if (got < 0 && manner != LIES) {
        return rig_respond(response, .status = 400);
    }
    return rig_respond(response, .status = manner == COUNTS_READS ? 200 + (int)reads : 200);
}

static struct rig_fault_report faults_of(enum manner of, struct rig_request request)
{
    struct rig_client *client = rig_client_new(
        RIG_APP(reads_all), (struct rig_client_options){.server = &rig_server_memory, .ignore = {"input.*"}});
    manner = of;
    struct rig_fault_report report = rig_each_fault(client, request);
    rig_client_free(client);
    return report;
}

static void a_careful_layer(void **state)
{
    struct rig_fault_report report = faults_of(CAREFUL, RIG_POST("/", .body = BODY));
    (void)state;
    assert_int_equal(report.error, 0);
    for (size_t i = 0; i < report.case_count; i++) {
        fail_msg("%s, chance %d, always %d: verdict %d, status %d", rig_fault_name(report.cases[i].kind),
                 (int)report.cases[i].chance, report.cases[i].always, (int)report.cases[i].verdict,
                 report.cases[i].status);
    }
    assert_true(report.verdicts[RIG_FAULT_UNHARMED] > 10);
    assert_true(report.verdicts[RIG_FAULT_ANSWERED] > 6);
    assert_int_equal(report.runs, report.verdicts[RIG_FAULT_UNHARMED] + report.verdicts[RIG_FAULT_ANSWERED]);
    report = faults_of(CAREFUL, RIG_POST("/", .body = BODY, .chunked = true));
    assert_int_equal(report.case_count, 0);
}

/* Whose length nobody says: neither more nor less than that can come. */
static void a_body_without_a_length(void **state)
{
    struct rig_fault_report report =
        faults_of(CAREFUL, RIG_POST("/", .body = BODY, .headers = {{"Transfer-Encoding", "chunked"}}));
    (void)state;
    assert_int_equal(report.error, 0);
    assert_int_equal(report.case_count, 0);
    report = faults_of(LIES, RIG_POST("/", .body = BODY, .headers = {{"Transfer-Encoding", "chunked"}}));
    assert_true(report.verdicts[RIG_FAULT_LIED] > 6);
    for (size_t i = 0; i < report.case_count && i < sizeof report.cases / sizeof *report.cases; i++) {
        assert_int_not_equal(report.cases[i].kind, RIG_FAULT_EARLY_END);
        assert_int_not_equal(report.cases[i].kind, RIG_FAULT_MORE);
    }
}

static void a_layer_that_lies(void **state)
{
    struct rig_fault_report report = faults_of(LIES, RIG_POST("/", .body = BODY));
    (void)state;
    assert_int_equal(report.verdicts[RIG_FAULT_ANSWERED], 0);
    assert_true(report.verdicts[RIG_FAULT_LIED] > 6);
    assert_int_equal(report.case_count, report.verdicts[RIG_FAULT_LIED]);
    assert_int_equal(report.cases[0].kind, RIG_FAULT_EINTR);
    assert_int_equal(report.cases[0].chance, 1);
    assert_int_equal(report.cases[0].status, 200);
    assert_true(faults_of(LIES, RIG_POST("/", .body = BODY, .chunked = true)).verdicts[RIG_FAULT_LIED] > 6);
}

/* Behind a server that waits for all of it there is no body that breaks off. */
static void a_body_that_comes_whole(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(
        RIG_APP(reads_all), (struct rig_client_options){.server = &rig_server_passenger3, .ignore = {"input.*"}});
    manner = LIES;
    struct rig_fault_report report =
        rig_each_fault(client, RIG_POST("/", .body = BODY), .kinds = 1u << RIG_FAULT_ERROR | 1u << RIG_FAULT_EARLY_END);
    assert_int_equal(report.runs, 0);
    assert_non_null(strstr(report.not_tried, "what breaks off: the server has all of the body"));
    assert_non_null(strstr(report.not_tried, "; malloc, leaks: "));
    rig_client_free(client);
}

/* It says how long its body is, or cannot be chunked: it is right, and never without an end. */
static void a_body_with_its_own_length(void **state)
{
    struct rig_client *client = rig_client_new(RIG_APP(reads_all), (struct rig_client_options){.ignore = {"input.*"}});
    (void)state;
    manner = PASSES_ON;
    struct rig_request own = RIG_POST("/", .body = BODY, .headers = {{"Content-Length", "10"}});
    assert_int_equal(rig_sweep_faults(client, own, .kinds = 1u << RIG_FAULT_ENDLESS).runs, 0);
    struct rig_request old = RIG_POST("/", .body = BODY, .http_version = "1.0");
    assert_int_equal(rig_sweep_faults(client, old, .kinds = 1u << RIG_FAULT_ENDLESS).runs, 0);
    struct rig_request usual = RIG_POST("/", .body = BODY);
    assert_true(rig_sweep_faults(client, usual, .kinds = 1u << RIG_FAULT_ENDLESS).runs > 0);
    rig_client_free(client);
}

static void a_layer_that_passes_on(void **state)
{
    struct rig_fault_report report = faults_of(PASSES_ON, RIG_POST("/", .body = BODY));
    (void)state;
    assert_int_equal(report.case_count, 0);
    assert_int_equal(report.verdicts[RIG_FAULT_ANSWERED], 0);
    assert_true(report.verdicts[RIG_FAULT_PASSED_ON] > 6);
}

/* No success that a single request shows: only beside the whole answer it is seen that a part was taken for it. */
static void a_layer_that_sends_on(void **state)
{
    struct rig_client *client =
        rig_client_new(RIG_APP(reads_all), (struct rig_client_options){.server = &rig_server_memory});
    (void)state;
    manner = SENDS_ON;
    struct rig_fault_report report = rig_sweep_faults(
        client, RIG_POST("/", .body = BODY), .kinds = 1u << RIG_FAULT_GONE, .findings = {"input.truncated.accepted"});
    assert_true(report.verdicts[RIG_FAULT_LIED] > 3);
    assert_int_equal(report.verdicts[RIG_FAULT_SPOILED], 0);
    assert_non_null(strstr(report.found[0].message, "though not all of the body had come: header Location is"));
    rig_client_free(client);
}

/* Short reads are no errors: an answer that depends on them is spoiled. */
static void a_layer_that_depends_on_the_pieces(void **state)
{
    struct rig_fault_report report = faults_of(COUNTS_READS, RIG_POST("/", .body = BODY));
    (void)state;
    assert_true(report.verdicts[RIG_FAULT_SPOILED] > 0);
    assert_int_equal(report.cases[0].kind, RIG_FAULT_ONE_BYTE);
    assert_int_equal(report.cases[0].verdict, RIG_FAULT_SPOILED);
}

/* ---- memory ---- */

enum want { CHECKS, DOES_WITHOUT, IGNORES };

static int wants_memory(void *self, struct rig_env *env, struct rig_response *response)
{
    enum want want = *(enum want *)self;
    char *notes = rig_env_alloc(env, 10);
    if (!notes && want == CHECKS) {
        return rig_respond(response, .status = 503);
    }
    return rig_respond(response, .status = !notes && want == IGNORES ? 204 : 200);
}

static struct rig_fault_report memory_faults_of(enum want want, struct rig_allocator allocator)
{
    struct rig_client *client = rig_client_new((struct rig_app){.name = "wants", .call = wants_memory, .self = &want},
                                               (struct rig_client_options){.allocator = allocator});
    struct rig_fault_report report = rig_each_fault(client, RIG_GET("/"));
    rig_assert(rig_get(client, "/"), .status = 200); /* nothing is left of it */
    rig_client_free(client);
    return report;
}

static bool admit_all(void *self, size_t size)
{
    (void)self;
    (void)size;
    return true;
}

/* A request without a body has no reads to fail. */
static void the_pool_runs_out(void **state)
{
    char text[512];
    struct rig_fault_report report = memory_faults_of(CHECKS, (struct rig_allocator){0});
    (void)state;
    assert_int_equal(report.error, 0);
    assert_in_range(report.verdicts[RIG_FAULT_ANSWERED], 1, 2);
    assert_int_equal(report.case_count, 0);
    assert_non_null(strstr(report.not_tried, "malloc, leaks: "));
    assert_null(strstr(report.not_tried, "pool: "));
    report = memory_faults_of(DOES_WITHOUT, (struct rig_allocator){0});
    assert_in_range(report.verdicts[RIG_FAULT_UNHARMED], 1, 2);
    assert_int_equal(report.case_count, 0);
    report = memory_faults_of(IGNORES, (struct rig_allocator){0});
    assert_in_range(report.case_count, 1, 2);
    assert_true(rig_fault_case_text(&report.cases[0], text, sizeof text) > 0);
    assert_non_null(strstr(text, "pool at allocation 1, of "));
    assert_non_null(strstr(text, " bytes in layer wants: spoiled: answered 204 by wants at tests/unit/test_faults.c:"));
    assert_true(rig_fault_text(&report, text, sizeof text) > 0);
    assert_non_null(strstr(text, "not tried: malloc, leaks: "));
    assert_non_null(strstr(memory_faults_of(IGNORES, (struct rig_allocator){.admit = admit_all}).not_tried, "pool: "));
    assert_int_equal(rig_client_admit(NULL, NULL, NULL), -EINVAL);
}

static void nothing_to_spoil(void **state)
{
    (void)state;
    assert_int_equal(faults_of(CAREFUL, RIG_POST("/")).error, 0);
    assert_int_equal(faults_of(CAREFUL, RIG_POST("/", .json = "{}")).error, 0);
    assert_int_equal(rig_each_fault(NULL, RIG_POST("/", .body = BODY)).error, -EINVAL);
}

/* ---- one request with a fault ---- */

static const struct rig_result *post_with(struct rig_client *client, struct rig_faulty fault)
{
    return rig_post(client, "/", .body = BODY, .fault = &fault);
}

static void a_request_with_a_fault(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(RIG_APP(reads_all), (struct rig_client_options){0});
    manner = LIES;
    rig_assert(post_with(client, (struct rig_faulty){.kind = RIG_FAULT_ERROR, .chance = 2}), .status = 200,
               .findings = {"input.truncated.accepted"});
    rig_assert(post_with(client, (struct rig_faulty){.kind = RIG_FAULT_EARLY_END, .chance = 2}), .status = 200,
               .findings = {"input.truncated.accepted"});
    rig_assert(post_with(client, (struct rig_faulty){.kind = RIG_FAULT_ERROR, .chance = 20}), .status = 200);
    manner = CAREFUL;
    rig_assert(post_with(client, (struct rig_faulty){.kind = RIG_FAULT_EINTR, .chance = 2}), .status = 200);
    rig_assert(post_with(client, (struct rig_faulty){.kind = RIG_FAULT_SLOW, .chance = 1, .delay = 5}), .status = 200);
    rig_assert(post_with(client, (struct rig_faulty){.kind = RIG_FAULT_MALLOC, .chance = 1}), .error = -EINVAL,
               .findings = {"request.body.invalid"});
    struct rig_faulty fault = {.kind = RIG_FAULT_ERROR, .chance = 1};
    rig_assert(rig_get(client, "/", .fault = &fault), .error = -EINVAL, .findings = {"request.body.invalid"});
    struct rig_link *connection = rig_connection_open(client);
    rig_assert(rig_connection_send(connection, RIG_POST("/", .body = BODY, .fault = &fault)), .status = 400);
    rig_connection_close(connection);
    rig_client_free(client);
}

/* Behind one that waits for all of a body the stack never meets one that breaks off. */
static void a_server_that_waits(void **state)
{
    static const enum rig_fault_kind breaks[] = {RIG_FAULT_ERROR, RIG_FAULT_DATA_AND_ERROR, RIG_FAULT_GONE,
                                                 RIG_FAULT_EARLY_END};
    (void)state;
    struct rig_client *client =
        rig_client_new(RIG_APP(reads_all), (struct rig_client_options){.server = rig_server_find("nginx+plain")});
    manner = LIES;
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        const struct rig_result *result = post_with(client, (struct rig_faulty){.kind = breaks[i], .chance = 1});
        assert_non_null(result->refused);
        assert_non_null(strstr(result->refused, "which the server waits for"));
        assert_int_equal(result->delivery.outcome, RIG_GONE);
        assert_int_equal(result->hop_count, 0);
    }
    rig_client_free(client);
}

/* ---- clock, buffering servers, memory ---- */

static void a_slow_reader_moves_the_clock(void **state)
{
    struct rig_memory_reader reader = {.bytes = {BODY, 10}};
    struct rig_client *client = rig_client_new(RIG_APP(reads_all), (struct rig_client_options){.ignore = {"input.*"}});
    struct rig_faulty slow = {.under = rig_memory_source(&reader),
                              .kind = RIG_FAULT_SLOW,
                              .chance = 2,
                              .client = client,
                              .delay = 30000000000};
    int64_t before = rig_client_now(client);
    (void)state;
    manner = CAREFUL;
    rig_assert(rig_post(client, "/", .source = rig_faulty_source(&slow), .source_size = 10), .status = 200);
    assert_int_equal(rig_client_now(client) - before, 30000000000);
    rig_client_free(client);
}

static void a_read_goes_on(void **state)
{
    struct rig_memory_reader reader = {.bytes = {BODY, 10}};
    struct rig_faulty faulty = {.under = rig_memory_source(&reader), .kind = RIG_FAULT_EINTR, .chance = 1};
    struct rig_client *client = rig_client_new(RIG_APP(reads_all), (struct rig_client_options){.ignore = {"input.*"}});
    (void)state;
    manner = CAREFUL;
    rig_assert(rig_post(client, "/", .source = rig_faulty_source(&faulty), .source_size = 10), .status = 200);
    rig_client_free(client);
}

static void a_buffering_server_tries_again(void **state)
{
    (void)state;
    for (int always = 0; always < 2; always++) {
        struct rig_memory_reader reader = {.bytes = {BODY, 10}};
        struct rig_faulty faulty = {
            .under = rig_memory_source(&reader), .kind = RIG_FAULT_EINTR, .chance = 1, .always = always == 1};
        struct rig_client *client = rig_client_new(
            RIG_APP(reads_all), (struct rig_client_options){.server = &rig_server_passenger3, .ignore = {"input.*"}});
        manner = IMPATIENT;
        const struct rig_result *result =
            rig_post(client, "/", .source = rig_faulty_source(&faulty), .source_size = 10);
        assert_int_equal(result->status, always ? 400 : 200); /* not for ever */
        rig_client_free(client);
    }
}

static void memory_that_runs_out(void **state)
{
    struct rig_allocation_fault fault = {0};
    struct rig_client *client = rig_client_new(
        RIG_APP(reads_all),
        (struct rig_client_options){.ignore = {"input.*"}, .allocator = rig_allocation_fault_allocator(&fault)});
    (void)state;
    manner = CAREFUL;
    unsigned failed = 0, nth = 1;
    for (bool came_up = true; came_up && nth < 1000; nth++) {
        fault = (struct rig_allocation_fault){.nth = nth};
        const struct rig_result *result = rig_post(client, "/", .body = BODY);
        came_up = fault.fired > 0;
        fault.nth = 0;
        failed += result->error == -ENOMEM;
        assert_true(result->error == 0 || result->error == -ENOMEM);
    }
    assert_in_range(failed, 1, 998);
    assert_true(nth < 1000);
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_reader),
        cmocka_unit_test(readers_compose),
        cmocka_unit_test(an_endless_body),
        cmocka_unit_test(an_endless_body_that_breaks_off),
        cmocka_unit_test(a_careful_layer),
        cmocka_unit_test(a_layer_that_lies),
        cmocka_unit_test(a_body_without_a_length),
        cmocka_unit_test(a_body_that_comes_whole),
        cmocka_unit_test(a_body_with_its_own_length),
        cmocka_unit_test(a_layer_that_passes_on),
        cmocka_unit_test(a_layer_that_sends_on),
        cmocka_unit_test(a_layer_that_depends_on_the_pieces),
        cmocka_unit_test(the_pool_runs_out),
        cmocka_unit_test(nothing_to_spoil),
        cmocka_unit_test(a_request_with_a_fault),
        cmocka_unit_test(a_server_that_waits),
        cmocka_unit_test(a_slow_reader_moves_the_clock),
        cmocka_unit_test(a_read_goes_on),
        cmocka_unit_test(a_buffering_server_tries_again),
        cmocka_unit_test(memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
