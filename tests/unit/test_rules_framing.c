/* response.content_length.*, response.framing.both, and bodies where none may be */
#include "tests/unit/rules_test.h"

/* Answers "ok" with its length; THIRD is where that length is set. */
static int answers_with_length(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return THIRD(rig_respond(res, .status = 200, .headers = {{"Content-Length", "2"}}, .body = "ok"));
}

/* ---- response.content_length.mismatch ---- */

static int appends_footer(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_response_write(res, "<hr>", 4));
}
LAYER(appends_footer);

static void test_body_changed_under_length(void **state)
{
    (void)state;
    STAND(&appends_footer_layer, answers_with_length);
    const struct rig_result *result = rig_get(client, "/");
    const struct rig_finding *finding =
        expect_only(result, "response.content_length.mismatch", RIG_LEVEL_ERROR, "appends_footer");
    assert_string_equal(finding->message,
                        "appends_footer changed the body under Content-Length: 2, but 6 bytes were sent");
    assert_true(has_evidence(finding, third_at));
}

/* An answer of its own keeps the headers that it does not name. */
static int shows_error_page(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_respond(res, .status = 500, .body = "sorry"));
}
LAYER(shows_error_page);

static void test_body_replaced_under_length(void **state)
{
    (void)state;
    STAND(&shows_error_page_layer, answers_with_length);
    EXPECT_ERROR(rig_get(client, "/"), "response.content_length.mismatch", "shows_error_page");
}

static int changes_status(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_status(res, 203);
}
LAYER(changes_status);

static int answers_with_wrong_length(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return FAULT(rig_respond(res, .status = 200, .headers = {{"Content-Length", "12"}}, .body = "ok"));
}

static int answers_with_leading_zero(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return FAULT(rig_respond(res, .status = 200, .headers = {{"Content-Length", "02"}}, .body = "ok"));
}

static void test_length_with_leading_zero(void **state)
{
    (void)state;
    STAND(&changes_status_layer, answers_with_leading_zero);
    (void)expect_only(rig_get(client, "/"), "response.content_length.mismatch", RIG_LEVEL_WARNING,
                      "answers_with_leading_zero");
}

/* The layer above changes the status only: not its fault. */
static void test_length_wrong_in_itself(void **state)
{
    (void)state;
    STAND(&changes_status_layer, answers_with_wrong_length);
    EXPECT_ERROR(rig_get(client, "/"), "response.content_length.mismatch", "answers_with_wrong_length");
}

static int appends_and_miscounts(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    error = error ? error : rig_response_write(res, "<hr>", 4);
    return error ? error : FAULT(rig_response_set_header(res, "Content-Length", "7"));
}
LAYER(appends_and_miscounts);

static void test_length_corrected_wrongly(void **state)
{
    (void)state;
    STAND(&appends_and_miscounts_layer, answers_with_length);
    EXPECT_ERROR(rig_get(client, "/"), "response.content_length.mismatch", "appends_and_miscounts");
}

static int sets_wrong_length(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_response_set_header(res, "Content-Length", "3"));
}
LAYER(sets_wrong_length);

static int writes_footer(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : rig_response_write(res, "<hr>", 4);
}
LAYER(writes_footer);

/* The length came after the change, so it is the length that is wrong. */
static void test_length_set_wrong_above_change(void **state)
{
    (void)state;
    rig_use(stack, &sets_wrong_length_layer);
    STAND(&writes_footer_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "response.content_length.mismatch", "sets_wrong_length");
}

static int answers_with_odd_length(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return FAULT(rig_respond(res, .status = 200, .headers = {{"Content-Length", "0x2"}}, .body = "ok"));
}

static void test_length_no_number(void **state)
{
    (void)state;
    STAND(&above_layer, answers_with_odd_length);
    const struct rig_finding *finding = expect_only(rig_get(client, "/"), "response.content_length.mismatch",
                                                    RIG_LEVEL_ERROR, "answers_with_odd_length");
    assert_non_null(strstr(finding->message, "no number"));
}

static int appends_and_corrects(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    error = error ? error : rig_response_write(res, "<hr>", 4);
    return error ? error : rig_response_set_header(res, "Content-Length", "6");
}
LAYER(appends_and_corrects);

static void test_length_right_under_wrapper(void **state)
{
    (void)state;
    STAND(&appends_and_corrects_layer, answers_with_length);
    expect_silent(rig_get(client, "/"), "response.content_length.mismatch");
}

/* To HEAD it is the length that GET would have; 304 likewise. */
static int answers_head(void *self, struct rig_env *env, struct rig_response *res)
{
    bool head = strcmp(rig_env_get(env, "REQUEST_METHOD"), "HEAD") == 0;
    (void)self;
    return rig_respond(res, .status = 200, .headers = {{"Content-Length", "2"}}, .body = head ? "" : "ok");
}

static void test_length_of_head_answer(void **state)
{
    (void)state;
    STAND(&above_layer, answers_head);
    expect_silent(rig_get(client, "/"), "response.content_length.mismatch");
    assert_int_equal(rig_head(client, "/")->finding_count, 0);
}

/* ---- response.content_length.repeated ---- */

static int adds_length(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_response_add_header(res, "content-length", "2"));
}
LAYER(adds_length);

static void test_length_added_twice(void **state)
{
    (void)state;
    STAND(&adds_length_layer, answers_with_length);
    const struct rig_finding *finding =
        expect_only(rig_get(client, "/"), "response.content_length.repeated", RIG_LEVEL_ERROR, "adds_length");
    assert_true(has_evidence(finding, third_at));
}

static int joins_lengths(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_response_set_header(res, "Content-Length", "2, 2"));
}
LAYER(joins_lengths);

static void test_length_is_a_list(void **state)
{
    (void)state;
    STAND(&joins_lengths_layer, answers_with_length);
    const struct rig_result *result = rig_get(client, "/");
    (void)expect_found(result, "response.content_length.repeated", RIG_LEVEL_ERROR, "joins_lengths");
    (void)expect_found(result, "response.content_length.mismatch", RIG_LEVEL_ERROR, "joins_lengths"); /* no number */
    assert_int_equal(result->finding_count, 2);
}

static int sets_length(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "content-length", "2");
}
LAYER(sets_length);

static void test_length_set_twice(void **state)
{
    (void)state;
    STAND(&sets_length_layer, answers_with_length);
    expect_silent(rig_get(client, "/"), "response.content_length.repeated");
}

/* ---- response.content_length.forbidden_for_status ---- */

static int answers_204_with_length(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return FAULT(rig_respond(res, .status = 204, .headers = {{"Content-Length", "0"}}));
}

static void test_length_with_204(void **state)
{
    (void)state;
    STAND(&above_layer, answers_204_with_length);
    EXPECT_ERROR(rig_get(client, "/"), "response.content_length.forbidden_for_status", "answers_204_with_length");
}

/* 304 may say the length of the 200 that it stands for, which is hardly ever 0; 204 of another answer below has none. */
static int answers_304_with_length(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *length = rig_env_get(env, "HTTP_IF_NONE_MATCH");
    return length ? FAULT(rig_respond(res, .status = 304, .headers = {{"Content-Length", length}, {"ETag", "\"1\""}}))
                  : rig_respond(res, .status = 204);
}

static void test_length_of_the_200(void **state)
{
    (void)state;
    STAND(&above_layer, answers_304_with_length);
    (void)expect_only(rig_get(client, "/", .headers = {{"If-None-Match", "2"}}),
                      "response.content_length.forbidden_for_status", RIG_LEVEL_NOTE, "answers_304_with_length");
    (void)expect_only(rig_get(client, "/", .headers = {{"If-None-Match", "0"}}),
                      "response.content_length.forbidden_for_status", RIG_LEVEL_WARNING, "answers_304_with_length");
}

static void test_no_length_with_204(void **state)
{
    (void)state;
    STAND(&above_layer, answers_304_with_length);
    expect_silent(rig_get(client, "/"), "response.content_length.forbidden_for_status");
}

/* ---- response.framing.both ---- */

static int sets_chunked(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_response_set_header(res, "Transfer-Encoding", "chunked"));
}
LAYER(sets_chunked);

static void test_both_framings(void **state)
{
    (void)state;
    STAND(&sets_chunked_layer, answers_with_length);
    const struct rig_finding *finding =
        expect_only(rig_get(client, "/"), "response.framing.both", RIG_LEVEL_ERROR, "sets_chunked");
    assert_true(has_evidence(finding, third_at));
}

static int replaces_length(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    error = error ? error : rig_response_remove_header(res, "Content-Length");
    return error ? error : rig_response_set_header(res, "Transfer-Encoding", "chunked");
}
LAYER(replaces_length);

static void test_length_in_place_of_chunked(void **state)
{
    (void)state;
    STAND(&replaces_length_layer, answers_with_length);
    expect_silent(rig_get(client, "/"), "response.framing.both");
}

/* ---- response.body.forbidden_for_status ---- */

static int answers_204_with_body(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return FAULT(rig_respond(res, .status = 204, .body = "deleted"));
}

static void test_body_with_204(void **state)
{
    (void)state;
    STAND(&above_layer, answers_204_with_body);
    EXPECT_ERROR(rig_get(client, "/"), "response.body.forbidden_for_status", "answers_204_with_body");
}

/* A cache layer turns the answer into 304 and leaves the body. */
static int turns_into_304(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_response_set_status(res, 304));
}
LAYER(turns_into_304);

static void test_body_left_under_304(void **state)
{
    (void)state;
    STAND(&turns_into_304_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "response.body.forbidden_for_status", "turns_into_304");
}

static int answers_204(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 204, .body = "");
}

static void test_no_body_with_204(void **state)
{
    (void)state;
    STAND(&above_layer, answers_204);
    expect_silent(rig_delete(client, "/items/1"), "response.body.forbidden_for_status");
}

/* ---- response.head.body_forbidden ---- */

static int answers_head_as_get(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return FAULT(rig_respond(res, .status = 200, .body = "ok"));
}

static void test_head_with_body(void **state)
{
    (void)state;
    STAND(&above_layer, answers_head_as_get);
    EXPECT_ERROR(rig_head(client, "/"), "response.head.body_forbidden", "answers_head_as_get");
}

static void test_head_without_body(void **state)
{
    (void)state;
    STAND(&above_layer, answers_head);
    expect_silent(rig_head(client, "/"), "response.head.body_forbidden");
}

/* ---- whose body, whose status ---- */

static int64_t one_byte(void *self, void *buffer, size_t size)
{
    bool *given = self;
    if (*given || size == 0) {
        return 0;
    }
    *given = true;
    *(char *)buffer = 'x';
    return 1;
}

/* What a layer does, a letter for each, behind '!' the one at fault. */
static int do_one(struct rig_response *res, int what)
{
    switch (what) {
    case 'r':
        return FAULT(rig_respond(res, .status = rig_response_status(res), .body = "ok"));
    case 'e':
        return FAULT(rig_respond(res, .status = 200, .body = ""));
    case 'w':
        return FAULT(rig_response_write(res, "<hr>", 4));
    case 'z':
        return FAULT(rig_response_write(res, "", 0));
    case 't': {
        struct rig_source body = FAULT(rig_response_take_body(res));
        body.close(body.self);
        return 0;
    }
    case 's': {
        static bool given;
        given = false;
        return FAULT(rig_response_stream(res, (struct rig_source){.read = one_byte, .self = &given}));
    }
    case 'l':
        return FAULT(rig_response_set_header(res, "Content-Length", "2"));
    case 'y':
        return FAULT(rig_response_set_header(res, "Content-Type", "text/plain"));
    default: /* 3: 203, 4: 204, 9: 304 */
        return FAULT(rig_response_set_status(res, what == '9' ? 304 : 200 + what - '0'));
    }
}

static int do_all(struct rig_response *res, const char *what, size_t size)
{
    int error = 0;
    for (size_t i = 0; i < size && error == 0; i++) {
        const char *before = fault_at;
        bool at_fault = what[i] == '!';
        i += at_fault;
        error = do_one(res, what[i]);
        fault_at = at_fault ? fault_at : before;
    }
    return error;
}

struct doings {
    const char *what; /* before '|' on the way down */
};

static int does(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const char *what = ((struct doings *)self)->what, *down = strchr(what, '|');
    int error = down ? do_all(res, what, (size_t)(down - what)) : 0;
    error = error ? error : rig_next(next, env, res);
    what = down ? down + 1 : what;
    return error ? error : do_all(res, what, strlen(what));
}
LAYER_WITH(does, doings);

static int app_does(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)env;
    return do_all(res, self, strlen(self));
}

#define HEAD_BODY "response.head.body_forbidden"
#define STATUS_BODY "response.body.forbidden_for_status"
#define LENGTH "response.content_length.mismatch"

static void test_who_made_the_body(void **state)
{
    static const struct {
        const char *method, *app, *inner, *outer, *layer, *rule;
        enum rig_level level;
    } rows[] = {
        {"HEAD", "e", "!r", "3", "inner", HEAD_BODY, RIG_LEVEL_ERROR},
        {"HEAD", "e", "!w", "3", "inner", HEAD_BODY, RIG_LEVEL_ERROR},
        {"HEAD", "!r", "z", "3", "app", HEAD_BODY, RIG_LEVEL_ERROR},
        {"HEAD", "3!w", "", "", "app", HEAD_BODY, RIG_LEVEL_ERROR},
        {"HEAD", "e", "w", "!r", "outer", HEAD_BODY, RIG_LEVEL_ERROR},
        {"HEAD", "e", "!s", "3", "inner", HEAD_BODY, RIG_LEVEL_ERROR},
        {"HEAD", "e", "", "3|!w", "outer", HEAD_BODY, RIG_LEVEL_ERROR}, /* it answered before the app did */
        {"GET", "lr", "!w", "3", "inner", LENGTH, RIG_LEVEL_ERROR},
        {"GET", "lr", "!t", "3", "inner", LENGTH, RIG_LEVEL_ERROR},
        {"GET", "lr", "t!w", "", "inner", LENGTH, RIG_LEVEL_ERROR},
        {"GET", "!le", "3", "", "app", LENGTH, RIG_LEVEL_ERROR},
        {"GET", "!le", "", "t|", "app", LENGTH, RIG_LEVEL_ERROR}, /* there was no body yet */
        {"GET", "4", "!w", "4", "inner", STATUS_BODY, RIG_LEVEL_ERROR},
        {"GET", "r", "", "!4", "outer", STATUS_BODY, RIG_LEVEL_ERROR},
        {"GET", "e", "", "3|w!4", "outer", STATUS_BODY, RIG_LEVEL_ERROR},
        {"GET", "4!l", "", "4", "app", "response.content_length.forbidden_for_status", RIG_LEVEL_ERROR},
        {"GET", "lr", "t", "!9", "outer", "response.content_length.forbidden_for_status", RIG_LEVEL_NOTE},
        {"GET", "yr", "t", "!9", "outer", "response.content_type.forbidden_for_status", RIG_LEVEL_WARNING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tear_down(state), 0);
        assert_int_equal(set_up(state), 0);
        rig_use(stack, &does_layer, &(struct doings){rows[i].outer}, .name = "outer");
        rig_use(stack, &does_layer, &(struct doings){rows[i].inner}, .name = "inner");
        rig_run(stack, (struct rig_app){.name = "app", .call = app_does, .self = (void *)(uintptr_t)rows[i].app});
        const struct rig_result *result = rig_send(client, (struct rig_request){.method = rows[i].method});
        (void)expect_found(result, rows[i].rule, rows[i].level, rows[i].layer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {FRAMING_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: framing", tests, NULL, NULL);
}
