/* What takes more than one request to see: input.pieces.matter, input.read.endless, response.write.endless and
 * response.shortage.hidden. */
#include "tests/unit/rules_test.h"

#include <stackrig/faults.h>

#define BODY "name=lamp&price=12"

static struct rig_fault_report faults_of(unsigned kinds)
{
    return rig_sweep_faults_at(
        RIG_SITE, (struct rig_fault_loop){.client = client, .request = RIG_POST("/", .body = BODY), .kinds = kinds});
}

static struct rig_sweep_report splits_of(bool chunked)
{
    return rig_sweep_splits_at(
        RIG_SITE, (struct rig_sweep){.client = client, .request = RIG_POST("/", .body = BODY, .chunked = chunked)});
}

static struct rig_sweep_report disconnects_of(struct rig_request request)
{
    return rig_sweep_disconnect_at(RIG_SITE, (struct rig_sweep){.client = client, .request = request});
}

/* The one thing that was found. */
static void expect_one(const struct rig_sweep_found *found, size_t count, const char *rule, const char *layer)
{
    for (size_t i = 0; i < count && i < RIG_SWEEP_FOUND_MAX; i++) {
        if (strcmp(found[i].rule, rule) != 0) {
            print_error("%s: %s\n", found[i].rule, found[i].message);
        }
    }
    assert_int_equal(count, 1);
    assert_string_equal(found[0].rule, rule);
    assert_int_equal(found[0].level, RIG_LEVEL_ERROR);
    assert_true(same(found[0].layer, layer));
    assert_string_equal(found[0].site, fault_at);
}

/* ---- input.pieces.matter ---- */

static int reads_once(void *self, struct rig_env *env, struct rig_response *res)
{
    char form[64];
    (void)self;
    int64_t got = rig_input_read(rig_env_input(env), form, sizeof form);
    (void)FAULT(rig_input_drain(rig_env_input(env), sizeof form)); /* its last look at the body */
    return rig_respond(res, .status = got == sizeof BODY - 1 ? 201 : 400);
}

static void test_one_read_taken_for_all(void **state)
{
    (void)state;
    STAND(&above_layer, reads_once);
    for (int chunked = 0; chunked < 2; chunked++) {
        struct rig_sweep_report report = splits_of(chunked == 1);
        expect_one(report.found, report.found_count, "input.pieces.matter", "reads_once");
        assert_non_null(strstr(report.found[0].message, "read 1 of 18 body bytes"));
        assert_non_null(strstr(report.found[0].message, "status 400 in place of 201"));
        assert_int_equal(report.differs, 17 + 17 * 16 / 2); /* each place, each two places */
        assert_int_equal(report.cut[0], 1);
        assert_int_equal(report.cut[1], 0);
    }
    struct rig_fault_report report = faults_of(1u << RIG_FAULT_ONE_BYTE | 1u << RIG_FAULT_CHUNKS);
    expect_one(report.found, report.found_count, "input.pieces.matter", "reads_once");
    assert_int_equal(report.verdicts[RIG_FAULT_SPOILED], 3);
}

/* It reads all, but what it looks for stands across two reads. */
static int looks_in_each_piece(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[64];
    int64_t got;
    bool found = false;
    (void)self;
    while ((got = rig_input_read(rig_env_input(env), piece, sizeof piece)) > 0) {
        for (int64_t i = 0; i + 1 < got; i++) {
            found = found || (piece[i] == 'p' && piece[i + 1] == '&');
        }
    }
    return got < 0 ? (int)got : FAULT(rig_respond(res, .body = found ? "two fields" : "one field"));
}

static void test_separator_across_two_reads(void **state)
{
    (void)state;
    STAND(&above_layer, looks_in_each_piece);
    struct rig_sweep_report report = splits_of(false);
    expect_one(report.found, report.found_count, "input.pieces.matter", "looks_in_each_piece");
    assert_int_equal(report.cut[0], 9);
    assert_non_null(strstr(report.found[0].message, "another from byte 0 on"));
}

static int reads_until_the_end(void *self, struct rig_env *env, struct rig_response *res)
{
    char form[64];
    size_t size = 0;
    int64_t got;
    (void)self;
    do {
        got = rig_input_read(rig_env_input(env), form + size, sizeof form - size);
        size += got > 0 ? (size_t)got : 0;
    } while (size < sizeof form && (got > 0 || got == -EINTR));
    if (size == sizeof form) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    return got < 0 ? (int)got : rig_respond(res, .status = size == sizeof BODY - 1 ? 201 : 400);
}

static void test_reads_until_the_end(void **state)
{
    (void)state;
    STAND(&above_layer, reads_until_the_end);
    struct rig_sweep_report splits = splits_of(false);
    assert_int_equal(splits.found_count, 0);
    assert_int_equal(splits.runs, 2 + 17 + 17 * 16 / 2 + 1);
    struct rig_fault_report faults = faults_of(0);
    assert_int_equal(faults.found_count, 0);
    assert_int_equal(faults.case_count, 0);
    assert_true(faults.runs > 15);
}

/* ---- input.read.endless ---- */

static bool clean;

static int reads_on_and_on(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[4];
    size_t size = 0;
    int64_t got;
    (void)self;
    do {
        got = FAULT(rig_input_read(rig_env_input(env), piece, sizeof piece));
        size += got > 0 ? (size_t)got : 0;
    } while (clean ? got > 0 || got == -EINTR : got != 0);
    if (clean && (got < 0 || size < sizeof BODY - 1)) {
        return got < 0 ? (int)got : -EIO;
    }
    return rig_respond(res, .status = 201);
}

static void test_read_without_end(void **state)
{
    (void)state;
    clean = false;
    STAND(&above_layer, reads_on_and_on);
    struct rig_fault_report report = faults_of(1u << RIG_FAULT_GONE | 1u << RIG_FAULT_EINTR);
    expect_one(report.found, report.found_count, "input.read.endless", NULL);
    assert_non_null(strstr(report.found[0].message, "reads_on_and_on read 3000 times in a row"));
    assert_string_equal(report.found[0].where, "eintr from read 1 on");
    assert_int_equal(rig_post(client, "/", .body = BODY)->status, 201); /* the client is as good as new */
}

/* It waits for as many bytes as CONTENT_LENGTH says, and takes no end for an answer. */
static int waits_for_all(void *self, struct rig_env *env, struct rig_response *res)
{
    char form[64];
    size_t size = 0;
    (void)self;
    while (size < sizeof BODY - 1) {
        int64_t got = FAULT(rig_input_read(rig_env_input(env), form, sizeof BODY - 1 - size));
        if (got < 0) {
            return (int)got;
        }
        size += (size_t)got;
    }
    return rig_respond(res, .status = 201);
}

static void test_end_taken_for_a_pause(void **state)
{
    (void)state;
    STAND(&above_layer, waits_for_all);
    struct rig_fault_report report = faults_of(1u << RIG_FAULT_EARLY_END);
    expect_one(report.found, report.found_count, "input.read.endless", NULL);
    struct rig_sweep_report left = disconnects_of(RIG_POST("/", .body = BODY));
    expect_one(left.found, left.found_count, "input.read.endless", NULL);
    assert_int_equal(left.found[0].runs, sizeof BODY - 1); /* 0 to 17 bytes of the body */
    assert_non_null(strstr(left.found[0].where, "an early end after byte"));
}

static void test_read_until_error(void **state)
{
    (void)state;
    clean = true;
    STAND(&above_layer, reads_on_and_on);
    struct rig_fault_report report = faults_of(0);
    assert_int_equal(report.found_count, 0);
    assert_int_equal(report.verdicts[RIG_FAULT_LIED], 0);
    assert_true(report.verdicts[RIG_FAULT_PASSED_ON] > 0);
}

/* ---- response.write.endless ---- */

static int pumps(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[4];
    size_t written = 0;
    (void)self;
    int64_t got = rig_input_drain(rig_env_input(env), 100);
    if (clean && got < 0) {
        return (int)got;
    }
    while (written < sizeof piece) { /* as much as is expected at the other end */
        int error = FAULT(rig_response_write(res, "x", 1));
        if (clean && error < 0) {
            return error;
        }
        written += error == 0;
    }
    return 0;
}

static void test_write_without_end(void **state)
{
    (void)state;
    clean = false;
    STAND(&above_layer, pumps);
    struct rig_sweep_report report = disconnects_of(RIG_POST("/", .body = BODY));
    expect_one(report.found, report.found_count, "response.write.endless", NULL);
    assert_non_null(strstr(report.found[0].message, "pumps wrote 3000 times in a row"));
    assert_int_equal(report.found[0].runs, sizeof BODY - 1); /* 0 to 17 bytes of the body */
}

static void test_write_until_error(void **state)
{
    (void)state;
    clean = true;
    STAND(&above_layer, pumps);
    struct rig_sweep_report report = disconnects_of(RIG_POST("/", .body = BODY));
    assert_int_equal(report.found_count, 0);
    assert_true(report.runs > report.request_size + report.answer_size);
}

/* ---- response.shortage.hidden ---- */

static int status_without;
static const char *encoding_without, *body_without;

/* A greeting by name, or what is left of it. */
static int greets(void *self, struct rig_env *env, struct rig_response *res)
{
    static const char whole[] = "hello, ada";
    (void)self;
    char *text = rig_env_alloc(env, (size_t)1 << 20);
    if (!text) {
        return FAULT(rig_respond(res, .status = status_without, .body = body_without,
                                 .headers = {{"Content-Encoding", encoding_without}}));
    }
    memcpy(text, whole, sizeof whole);
    return rig_respond(res, .body = text, .headers = {{"Content-Encoding", "identity"}});
}

static struct rig_fault_report starve(int status, const char *encoding, const char *body)
{
    status_without = status;
    encoding_without = encoding;
    body_without = body;
    return rig_sweep_faults_at(
        RIG_SITE, (struct rig_fault_loop){.client = client, .request = RIG_GET("/"), .kinds = 1u << RIG_FAULT_POOL});
}

static void test_shortage_hidden(void **state)
{
    (void)state;
    STAND(&above_layer, greets);
    struct rig_fault_report report = starve(200, "identity", "hello");
    expect_one(report.found, report.found_count, "response.shortage.hidden", "greets");
    assert_non_null(strstr(report.found[0].message, "answered 200 though memory ran out (pool at allocation"));
    assert_true(report.verdicts[RIG_FAULT_SPOILED] > 0);
    report = starve(204, "identity", NULL);
    expect_one(report.found, report.found_count, "response.shortage.hidden", "greets");
}

static void test_shortage_answered_503(void **state)
{
    static const struct {
        int status;
        const char *encoding, *body;
    } right[] = {{503, "identity", "come again"}, {303, "identity", NULL}, {206, "identity", "hello"},
                 {200, "gzip", "hello"},          {200, NULL, "hello"},    {200, "identity", "hello, ada"}};
    (void)state;
    STAND(&above_layer, greets);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        struct rig_fault_report report = starve(right[i].status, right[i].encoding, right[i].body);
        assert_int_equal(report.found_count, 0);
        assert_true(report.runs > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {SWEEP_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: sweeps", tests, NULL, NULL);
}
