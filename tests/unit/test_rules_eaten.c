/* input.body.eaten */
#include "tests/unit/rules_test.h"

/* ---- input.body.eaten ---- */

static int peeks(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char start[4];
    (void)self;
    FAULT(rig_input_read(rig_env_input(env), start, sizeof start));
    return rig_next(next, env, res);
}
LAYER(peeks);

static void test_body_eaten_above_reader(void **state)
{
    (void)state;
    STAND(&peeks_layer, answer_after_reading);
    const struct rig_finding *finding =
        expect_only(rig_post(client, "/", .body = "name=lamp"), "input.body.eaten", RIG_LEVEL_ERROR, "peeks");
    assert_string_equal(finding->message, "peeks took 4 of 9 body bytes that answer_after_reading needed");
    assert_int_equal(finding->evidence_count, 1);
}

static void test_chunked_body_eaten_above_reader(void **state)
{
    (void)state;
    STAND(&peeks_layer, answer_after_reading);
    EXPECT_ERROR(rig_post(client, "/", .body = "name=lamp", .chunked = true), "input.body.eaten", "peeks");
}

static int parses_form(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char *form = rig_env_alloc(env, 64);
    if (!form || rig_input_read(rig_env_input(env), form, 63) < 0 || rig_input_drain(rig_env_input(env), 1024) < 0) {
        return -EIO;
    }
    int error = rig_env_set_object(env, "app.form", form, NULL);
    return error ? error : rig_next(next, env, res);
}
LAYER(parses_form);

static int uses_form(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *form = rig_env_object(env, "app.form");
    return form ? rig_respond(res, .status = 200, .body = form) : -EIO;
}

static void test_body_parsed_and_passed_as_object(void **state)
{
    (void)state;
    STAND(&parses_form_layer, uses_form);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.body.eaten");
}

static int peeks_and_rewinds(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char start[4];
    (void)self;
    rig_input_read(rig_env_input(env), start, sizeof start);
    int error = rig_input_rewind(rig_env_input(env));
    return error ? error : rig_next(next, env, res);
}
LAYER(peeks_and_rewinds);

/* The lower layer itself rewinds once it has met the end. */
static int reads_rewinds_reads(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[64];
    while (rig_input_read(rig_env_input(env), piece, sizeof piece) > 0) {
    }
    int error = rig_input_rewind(rig_env_input(env));
    return error ? error : answer_after_reading(self, env, res);
}

static void test_body_eaten_and_rewound(void **state)
{
    (void)state;
    behind(&rig_server_memory);
    rig_use(stack, &peeks_and_rewinds_layer);
    STAND(&peeks_layer, reads_rewinds_reads);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.body.eaten");
}

/* What it drains counts as had when it asks for more. */
static int rewinds_drains_reads(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_input *input = rig_env_input(env);
    int error = rig_input_rewind(input);
    error = error ? error : rig_input_drain(input, 1024) < 0 ? -EFBIG : 0;
    return error ? error : answer_after_reading(self, env, res);
}

static void test_body_rewound_and_drained(void **state)
{
    (void)state;
    behind(&rig_server_memory);
    STAND(&peeks_layer, rewinds_drains_reads);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.body.eaten");
}

static int passes_twice(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_next(next, env, res));
}
LAYER(passes_twice);

/* The app comes up short of what it has read itself: that is told of the second rig_next. */
static void test_body_read_by_two_passes(void **state)
{
    (void)state;
    STAND(&passes_twice_layer, answer_after_reading);
    EXPECT_ERROR(rig_post(client, "/", .body = "name=lamp"), "next.call.twice", "passes_twice");
}

static int drains_and_answers(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_input_drain(rig_env_input(env), 1024) < 0 ? -EFBIG : rig_respond(res, .status = 204);
}

static void test_body_eaten_above_drain(void **state)
{
    (void)state;
    STAND(&peeks_layer, drains_and_answers);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.body.eaten");
}

/* Decodes the body: what is below reads from the layer's own source. */
static int64_t reads_upper_case(void *self, void *buffer, size_t size)
{
    unsigned char *bytes = buffer;
    int64_t got = rig_input_read(self, buffer, size);
    for (int64_t i = 0; i < got; i++) {
        bytes[i] = (unsigned char)(bytes[i] >= 'a' && bytes[i] <= 'z' ? bytes[i] - 32 : bytes[i]);
    }
    return got;
}

static int decodes(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char signature[4];
    (void)self;
    struct rig_input *input = rig_env_input(env);
    rig_input_read(input, signature, sizeof signature);
    int error = rig_env_set_input(env, (struct rig_source){.read = reads_upper_case, .self = input});
    return error ? error : rig_next(next, env, res);
}
LAYER(decodes);

static void test_body_eaten_and_given_back(void **state)
{
    (void)state;
    STAND(&decodes_layer, answer_after_reading);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.body.eaten");
}

static int64_t gives_one_byte(void *self, void *buffer, size_t size)
{
    bool *given = self;
    if (*given || size == 0) {
        return 0;
    }
    *given = true;
    *(char *)buffer = '!';
    return 1;
}

static int decodes_to_less(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    bool *given = rig_env_alloc(env, sizeof *given);
    if (!given || rig_input_drain(rig_env_input(env), 1024) < 0) {
        return -EIO;
    }
    int error = rig_env_set_input(env, (struct rig_source){.read = gives_one_byte, .self = given});
    return error ? error : rig_next(next, env, res);
}
LAYER(decodes_to_less);

static void test_body_decoded_to_less(void **state)
{
    (void)state;
    STAND(&decodes_to_less_layer, answer_after_reading);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.body.eaten");
}

static int asks_for_rest(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char rest[16];
    (void)self;
    int error = rig_next(next, env, res);
    return rig_input_read(rig_env_input(env), rest, sizeof rest) == 0 ? error : -EIO;
}
LAYER(asks_for_rest);

/* It was offered all of the body and left it to those below. */
static void test_body_read_below_and_asked_for_again(void **state)
{
    (void)state;
    behind(&rig_server_memory);
    rig_use(stack, &peeks_and_rewinds_layer);
    STAND(&asks_for_rest_layer, answer_after_reading);
    expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.body.eaten");
}

/* ---- the same by attempts that share the body ---- */

/* What each attempt is: 's' a sub-request, 'n' rig_next, 'o' a sub-request with a body of its own, 'g' one made a GET
 * without a body, 'r' a rewind before the next. */
static const char *attempts;
static char part[16];

static int attempt(struct rig_env *env, struct rig_response *res, struct rig_next *next, char kind, bool first)
{
    if (kind == 'r') {
        return rig_input_rewind(rig_env_input(env));
    }
    if (kind == 'n') {
        return first ? OTHER(rig_next(next, env, res)) : THIRD(rig_next(next, env, res));
    }
    struct rig_env *copy = rig_env_copy(env);
    int error = kind == 'o' ? rig_env_set_input(copy, rig_env_source(env, "x=1&name=lamp", 13)) : 0;
    error = error || kind != 'g' ? error : rig_env_unset(copy, "CONTENT_LENGTH");
    const struct rig_response *tried = first ? OTHER(rig_subrequest(next, copy)) : THIRD(rig_subrequest(next, copy));
    return error ? error : rig_response_error(tried);
}

static int tries_all(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = 0;
    for (const char *at = attempts; *at && !error; at++) {
        error = attempt(env, res, next, *at, at == attempts);
    }
    return error ? error : rig_respond(res, .status = 200, .body = "tried");
}
LAYER(tries_all);

/* Does in each call what the step says: 'a' reads all, 'd' drains, '.' nothing, '4' four bytes. */
static const char *step;

static int reads_by_step(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct rig_input *input = rig_env_input(env);
    int64_t got = 0;
    if (*step == 'd') {
        got = rig_input_drain(input, 1024);
    } else if (*step == '4') {
        got = FAULT(rig_input_read(input, part, 4));
    }
    while (*step == 'a' && (got = rig_input_read(input, part, sizeof part)) > 0) {
    }
    step += *step != '\0';
    return got < 0 ? (int)got : rig_respond(res, .status = 200);
}

static void test_body_eaten_by_other_attempt(void **state)
{
    static const struct {
        const char *attempts, *steps;
    } rows[] = {{"ss", "4a"}, {"sn", "4a"}, {"ssn", "4.a"}, {"osn", "a4a"}};
    (void)state;
    STAND(&tries_all_layer, reads_by_step);
    for (size_t i = 0; i < sizeof rows / sizeof *rows * 2; i++) {
        attempts = rows[i / 2].attempts;
        step = rows[i / 2].steps;
        struct rig_request request =
            RIG_POST("/", .body = "name=lamp", .chunked = i % 2 == 1, .ignore = {"response.answer.overwritten"});
        const struct rig_result *result = rig_send(client, request);
        const struct rig_finding *finding = finding_of(result, "input.body.eaten");
        (void)expect_found(result, "input.body.eaten", RIG_LEVEL_ERROR, "reads_by_step");
        assert_string_equal(finding->message,
                            "reads_by_step took 4 of 9 body bytes that reads_by_step needed in another attempt of "
                            "tries_all");
        assert_true(has_evidence(finding, third_at));
        assert_int_equal(finding->evidence_count, 3);
        assert_non_null(strstr(finding->mend, "rig_env_set_input(copy, rig_env_source("));
    }
}

static void test_body_of_each_attempt(void **state)
{
    static const struct {
        const char *attempts, *steps;
    } rows[] = {{"oo", "aa"}, {"on", "aa"},  {"no", "aa"},  {"sn", ".a"},   {"ss", "ad"},  {"sn", "ad"},
                {"ng", "aa"}, {"srs", "aa"}, {"srn", "4a"}, {"ssn", "..a"}, {"oso", "aaa"}};
    (void)state;
    behind(&rig_server_memory);
    STAND(&tries_all_layer, reads_by_step);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        attempts = rows[i].attempts;
        step = rows[i].steps;
        expect_silent(rig_post(client, "/", .body = "name=lamp"), "input.body.eaten");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {EATEN_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: input.body.eaten", tests, NULL, NULL);
}
