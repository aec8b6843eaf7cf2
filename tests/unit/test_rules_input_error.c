/* input.error.swallowed, input.truncated.accepted, response.answer.twice: what layers make of a body that breaks off. */
#include "tests/unit/rules_test.h"

#include <stackrig/faults.h>

#define BODY "name=lamp"

static struct rig_memory_reader reader;
static struct rig_faulty faulty;

/* A POST of nine bytes whose read number `chance` goes wrong. */
static const struct rig_result *post_with(enum rig_fault_kind kind, uint64_t chance)
{
    reader = (struct rig_memory_reader){.bytes = {BODY, 9}};
    faulty = (struct rig_faulty){.under = rig_memory_source(&reader), .kind = kind, .chance = chance};
    return rig_post(client, "/", .source = rig_faulty_source(&faulty), .source_size = 9);
}

/* Four bytes at a time to the end, or to an error. */
static int64_t read_to_end(struct rig_env *env)
{
    char piece[4];
    int64_t got;
    do {
        got = OTHER(rig_input_read(rig_env_input(env), piece, sizeof piece));
    } while (got > 0);
    return got;
}

static bool says(const struct rig_finding *finding, const char *part)
{
    return strstr(finding->message, part) != NULL;
}

/* ---- input.truncated.accepted ---- */

static int stores(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)read_to_end(env);
    return FAULT(rig_respond(res, .status = 201));
}

static void test_truncated_body_accepted(void **state)
{
    (void)state;
    STAND(&above_layer, stores);
    for (unsigned chance = 1; chance <= 3; chance++) {
        const struct rig_result *result = post_with(RIG_FAULT_GONE, chance);
        const struct rig_finding *finding = expect_only(result, "input.truncated.accepted", RIG_LEVEL_ERROR, "stores");
        assert_true(says(finding, "answered 201"));
        assert_string_equal(finding->evidence[0].site, other_at);
        assert_non_null(strstr(finding->evidence[0].text, chance == 2 ? "after 4 bytes" : "bytes"));
    }
}

/* Given up at the first EINTR: all of it would have come. */
static void test_interrupted_body_accepted(void **state)
{
    (void)state;
    behind(&rig_server_memory);
    STAND(&above_layer, stores);
    EXPECT_ERROR(post_with(RIG_FAULT_EINTR, 2), "input.truncated.accepted", "stores");
}

/* Nine bytes announced, of which five come, and then the end: as CGI's standard input gives it. */
static const struct rig_result *post_short(bool chunked)
{
    struct rig_link *connection = rig_connection_open(client);
    (void)rig_connection_send(connection, RIG_POST("/", .body = BODY, .chunked = chunked));
    uint64_t size = rig_connection_state(connection).request_size;
    rig_connection_close(connection);
    connection = rig_connection_open(client);
    const struct rig_result *result =
        rig_connection_send(connection, RIG_POST("/", .body = BODY, .chunked = chunked),
                            .disconnect_after = size - (chunked ? 11 : 4), .early_end = true);
    rig_connection_close(connection);
    return result;
}

static void test_early_end_accepted(void **state)
{
    (void)state;
    STAND(&above_layer, stores);
    const struct rig_finding *finding =
        expect_only(post_short(false), "input.truncated.accepted", RIG_LEVEL_ERROR, "stores");
    assert_string_equal(finding->evidence[0].text,
                        "its read gave the end here, after 5 bytes, fewer than CONTENT_LENGTH says");
    assert_string_equal(finding->mend,
                        "compare the bytes that came with CONTENT_LENGTH, and answer 400 where they are fewer");
    assert_int_equal(post_short(true)->finding_count, 0); /* nothing tells that there was more */
}

static int counts(void *self, struct rig_env *env, struct rig_response *res)
{
    char form[16];
    int64_t got, size = 0;
    (void)self;
    while ((got = rig_input_read(rig_env_input(env), form, sizeof form)) > 0) {
        size += got;
    }
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    return rig_respond(res, .status = got < 0 || (length && size != atoll(length)) ? 400 : 201);
}

static int reads_two_bytes(void *self, struct rig_env *env, struct rig_response *res)
{
    char form[2];
    (void)self;
    (void)rig_input_read(rig_env_input(env), form, sizeof form);
    return rig_respond(res, .status = 201);
}

static void test_early_end_refused(void **state)
{
    (void)state;
    STAND(&above_layer, counts);
    const struct rig_result *result = post_short(false);
    assert_int_equal(result->status, 400);
    expect_silent(result, "input.truncated.accepted");
}

static void test_early_end_no_concern(void **state)
{
    (void)state;
    STAND(&above_layer, reads_two_bytes);
    assert_int_equal(post_short(false)->status, 201);
    const struct rig_result *result = post_short(false);
    for (size_t i = 0; i < result->finding_count; i++) {
        assert_string_not_equal(result->findings[i].rule, "input.truncated.accepted");
    }
}

static enum { REFUSES, RETURNS, LIES_WITH_REDIRECT, REFUSES_ABOVE } careful;

static int stores_carefully(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t got = read_to_end(env);
    while (got == -EINTR) {
        got = read_to_end(env);
    }
    if (got < 0 && careful != REFUSES_ABOVE) {
        return careful == RETURNS ? (int)got : rig_respond(res, .status = careful == REFUSES ? 400 : 303);
    }
    return rig_respond(res, .status = 201);
}

static int refuses_above(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (careful == REFUSES_ABOVE) {
        return rig_respond(res, .status = 400);
    }
    return error;
}
LAYER(refuses_above);

static void test_truncated_body_refused(void **state)
{
    (void)state;
    careful = REFUSES;
    STAND(&above_layer, stores_carefully);
    const struct rig_result *result = post_with(RIG_FAULT_GONE, 2);
    assert_int_equal(result->status, 400);
    expect_silent(result, "input.truncated.accepted");
    careful = LIES_WITH_REDIRECT; /* to a page that says what went wrong: a 3xx alone tells nothing */
    expect_silent(post_with(RIG_FAULT_ERROR, 2), "input.truncated.accepted");
    result = post_with(RIG_FAULT_EINTR, 2);
    assert_int_equal(result->status, 201);
    expect_silent(result, "input.truncated.accepted");
    careful = RETURNS;
    result = post_with(RIG_FAULT_GONE, 2);
    assert_int_equal(result->error, -ECONNRESET);
    assert_int_equal(result->finding_count, 0);
}

static void test_truncated_body_refused_above(void **state)
{
    (void)state;
    careful = REFUSES_ABOVE;
    STAND(&refuses_above_layer, stores_carefully);
    expect_silent(post_with(RIG_FAULT_GONE, 2), "input.truncated.accepted");
}

static int drains(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)rig_input_drain(rig_env_input(env), 100);
    return rig_respond(res, .status = 200);
}

static int answers_and_reads(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = rig_respond(res, .status = 202);
    (void)read_to_end(env);
    return error;
}

static int answers_alone(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200);
}

/* Who drops the body, reads it after the answer or never looks at it has not been told anything by it. */
static void test_body_of_no_interest(void **state)
{
    static int (*const apps[])(void *, struct rig_env *, struct rig_response *) = {drains, answers_and_reads,
                                                                                   answers_alone};
    (void)state;
    for (size_t i = 0; i < sizeof apps / sizeof *apps; i++) {
        struct rig_client *own = rig_client_new((struct rig_app){.name = "app", .call = apps[i]},
                                                (struct rig_client_options){.server = &rig_server_memory});
        struct rig_client *before = client;
        client = own;
        const struct rig_result *result = post_with(RIG_FAULT_GONE, 2);
        assert_int_equal(result->status / 100, 2);
        for (size_t k = 0; k < result->finding_count; k++) {
            assert_int_equal(result->findings[k].level, RIG_LEVEL_NOTE);
        }
        client = before;
        rig_client_free(own);
    }
}

/* ---- input.error.swallowed ---- */

static bool logs, tags;

static int parses(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char piece[4];
    int64_t got;
    (void)self;
    do {
        got = FAULT(rig_input_read(rig_env_input(env), piece, sizeof piece));
    } while (got > 0);
    if (got < 0 && logs) {
        rig_env_log(env, "the form did not come");
    }
    if (tags) {
        rig_env_set(env, "app.form", "name=");
    }
    return rig_next(next, env, res);
}
LAYER(parses);

static void test_read_error_passed_over(void **state)
{
    (void)state;
    logs = false;
    tags = true;
    STAND(&parses_layer, answer_ok);
    const struct rig_result *result = post_with(RIG_FAULT_GONE, 2);
    const struct rig_finding *finding = expect_only(result, "input.error.swallowed", RIG_LEVEL_ERROR, "parses");
    assert_true(says(finding, "after 4 bytes of the body and passed the request on"));
    tags = false; /* it handed nothing on */
    (void)expect_only(post_with(RIG_FAULT_ERROR, 1), "input.error.swallowed", RIG_LEVEL_WARNING, "parses");
}

static void test_early_end_handed_on(void **state)
{
    (void)state;
    logs = tags = false;
    STAND(&parses_layer, answer_ok);
    expect_silent(post_short(false), "input.error.swallowed"); /* it handed nothing on */
    tags = true;
    const struct rig_finding *finding =
        expect_only(post_short(false), "input.error.swallowed", RIG_LEVEL_ERROR, "parses");
    assert_true(says(finding, "met the end after 5 bytes of the body, fewer than CONTENT_LENGTH says, and passed"));
}

static void test_read_error_logged(void **state)
{
    (void)state;
    logs = tags = true;
    STAND(&parses_layer, answer_ok);
    expect_silent(post_with(RIG_FAULT_GONE, 2), "input.error.swallowed");
}

/* The app reads too, and takes the error well, or badly: then it is the app that is named. */
static void test_read_error_met_again_below(void **state)
{
    (void)state;
    logs = tags = false;
    careful = REFUSES;
    STAND(&parses_layer, stores_carefully);
    expect_silent(post_with(RIG_FAULT_GONE, 2), "input.error.swallowed");
}

static void test_read_error_met_again_by_liar(void **state)
{
    (void)state;
    logs = tags = false;
    STAND(&parses_layer, stores);
    EXPECT_ERROR(post_with(RIG_FAULT_GONE, 2), "input.truncated.accepted", "stores");
}

/* Interrupted above, read to its end below: nothing is missing. */
static void test_read_error_made_up_below(void **state)
{
    (void)state;
    logs = tags = false;
    behind(&rig_server_memory);
    STAND(&parses_layer, answer_after_reading);
    expect_silent(post_with(RIG_FAULT_EINTR, 1), "input.error.swallowed");
}

/* ---- an answer that is made of the body ---- */

static bool honest;
static struct rig_input *echoed;

static int64_t read_echo(void *self, void *buffer, size_t size)
{
    (void)self;
    int64_t got = FAULT(rig_input_read(echoed, buffer, size));
    return got < 0 && !honest ? 0 : got;
}

static int echoes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    echoed = rig_env_input(env);
    return rig_response_stream(res, (struct rig_source){.read = read_echo});
}

static void test_echo_ends_at_read_error(void **state)
{
    (void)state;
    honest = false;
    STAND(&above_layer, echoes);
    const struct rig_result *result = post_with(RIG_FAULT_GONE, 1);
    EXPECT_ERROR(result, "input.error.swallowed", "echoes");
}

static void test_echo_breaks_off_too(void **state)
{
    (void)state;
    honest = true;
    STAND(&above_layer, echoes);
    const struct rig_result *result = post_with(RIG_FAULT_GONE, 1);
    assert_int_equal(result->delivery.outcome, RIG_TRUNCATED);
    assert_false(rig_result_found(result, "input.error.swallowed"));
    assert_true(rig_result_found(result, "body.stream.failed"));
}

/* ---- response.answer.twice ---- */

static bool swapped;

static int forgets_to_return(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (swapped) {
        int64_t got = read_to_end(env);
        rig_respond(res, .status = 201);
        return got < 0 ? rig_respond(res, .status = 400) : 0;
    }
    if (read_to_end(env) < 0) {
        OTHER(rig_respond(res, .status = 400));
    }
    return FAULT(rig_respond(res, .status = 201));
}

static void test_refusal_and_success(void **state)
{
    (void)state;
    swapped = false;
    STAND(&above_layer, forgets_to_return);
    const struct rig_result *result = post_with(RIG_FAULT_GONE, 2);
    const struct rig_finding *finding =
        expect_only(result, "response.answer.twice", RIG_LEVEL_ERROR, "forgets_to_return");
    assert_true(says(finding, "answered 400"));
    assert_true(has_evidence(finding, other_at));
}

static void test_success_and_refusal(void **state)
{
    (void)state;
    swapped = true;
    STAND(&above_layer, forgets_to_return);
    const struct rig_result *result = post_with(RIG_FAULT_GONE, 2);
    assert_int_equal(result->status, 400);
    expect_silent(result, "response.answer.twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {INPUT_ERROR_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: errors of the request body", tests, NULL, NULL);
}
