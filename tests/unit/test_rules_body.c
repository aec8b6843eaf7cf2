/* body.*, middleware.inner_body_not_closed */
#define _POSIX_C_SOURCE 200809L
#include "tests/unit/rules_test.h"

#include <stdio.h>
#include <unistd.h>

/* ---- bodies of the app ---- */

struct text {
    size_t at;
    bool breaks;
    unsigned closed;
};

static struct text text;

static int64_t text_read(void *self, void *buffer, size_t size)
{
    struct text *from = self;
    static const char all[] = "hello";
    size_t left = sizeof all - 1 - from->at;
    if (from->breaks && from->at > 0) {
        return -EIO;
    }
    left = from->breaks ? 3 : left;
    size = size < left ? size : left;
    memcpy(buffer, all + from->at, size);
    from->at += size;
    return (int64_t)size;
}

static void text_close(void *self)
{
    struct text *from = self;
    from->closed++;
}

static int streams_text(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    text = (struct text){.breaks = rig_env_get(env, "HTTP_X_BREAK") != NULL};
    if (text.breaks) { /* that the length is not reached is no second fault */
        rig_response_set_header(res, "Content-Length", "5");
    }
    return OTHER(rig_response_stream(res, (struct rig_source){.read = text_read, .close = text_close, .self = &text}));
}

/* ---- layers that wrap it ---- */

/* What a wrapping layer holds, and what is wrong with it. */
struct wrapped {
    struct rig_source inner;
    bool closes_at_end, closes_at_close, reads_after_close;
};

static int64_t wrapped_read(void *self, void *buffer, size_t size)
{
    struct wrapped *wrapped = self;
    int64_t got = wrapped->inner.read(wrapped->inner.self, buffer, size);
    if (got == 0 && wrapped->closes_at_end) {
        wrapped->inner.close(wrapped->inner.self);
    }
    if (got == 0 && wrapped->reads_after_close) {
        (void)wrapped->inner.read(wrapped->inner.self, buffer, size);
    }
    return got;
}

static void wrapped_close(void *self)
{
    struct wrapped *wrapped = self;
    if (wrapped->closes_at_close) {
        wrapped->inner.close(wrapped->inner.self);
    }
}

static int wrap(struct rig_env *env, struct rig_response *res, struct wrapped how)
{
    struct wrapped *wrapped = rig_env_alloc(env, sizeof *wrapped);
    if (!wrapped) {
        return -ENOMEM;
    }
    *wrapped = how;
    return rig_response_stream(res, (struct rig_source){.read = wrapped_read, .close = wrapped_close, .self = wrapped});
}

static int wraps(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    struct rig_source inner = FAULT(rig_response_take_body(res));
    return error ? error : wrap(env, res, (struct wrapped){.inner = inner, .closes_at_close = true});
}
LAYER(wraps);

/* ---- body.closed_twice ---- */

static int wraps_and_closes_twice(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    struct rig_source inner = FAULT(rig_response_take_body(res));
    return error ? error
                 : wrap(env, res, (struct wrapped){.inner = inner, .closes_at_end = true, .closes_at_close = true});
}
LAYER(wraps_and_closes_twice);

static void test_taken_body_closed_twice(void **state)
{
    (void)state;
    STAND(&wraps_and_closes_twice_layer, streams_text);
    EXPECT_ERROR(rig_get(client, "/"), "body.closed_twice", "wraps_and_closes_twice");
    assert_int_equal(text.closed, 1); /* the app's source does not hear of the second */
}

static int wraps_and_closes_at_end(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    struct rig_source inner = rig_response_take_body(res);
    return error ? error : wrap(env, res, (struct wrapped){.inner = inner, .closes_at_end = true});
}
LAYER(wraps_and_closes_at_end);

static void test_taken_body_closed_once(void **state)
{
    (void)state;
    STAND(&wraps_and_closes_at_end_layer, streams_text);
    expect_silent(rig_get(client, "/"), "body.closed_twice");
    assert_int_equal(text.closed, 1);
}

/* ---- body.used_after_close ---- */

static int wraps_and_reads_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    struct rig_source inner = FAULT(rig_response_take_body(res));
    return error ? error
                 : wrap(env, res, (struct wrapped){.inner = inner, .closes_at_end = true, .reads_after_close = true});
}
LAYER(wraps_and_reads_on);

static void test_taken_body_read_after_close(void **state)
{
    (void)state;
    STAND(&wraps_and_reads_on_layer, streams_text);
    EXPECT_ERROR(rig_get(client, "/"), "body.used_after_close", "wraps_and_reads_on");
}

/* Reads once more at the end, then closes. */
static int measures(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char whole[64];
    size_t size = 0;
    int64_t got;
    (void)self;
    int error = rig_next(next, env, res);
    struct rig_source inner = rig_response_take_body(res);
    while (!error && (got = inner.read(inner.self, whole + size, sizeof whole - size)) > 0) {
        size += (size_t)got;
    }
    (void)inner.read(inner.self, whole + size, sizeof whole - size);
    inner.close(inner.self);
    return error ? error : rig_response_write(res, whole, size);
}
LAYER(measures);

static void test_taken_body_read_then_closed(void **state)
{
    (void)state;
    STAND(&measures_layer, streams_text);
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, "body.used_after_close");
    assert_string_equal(result->body, "hello");
}

/* ---- middleware.inner_body_not_closed ---- */

static int wraps_and_forgets(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    struct rig_source inner = FAULT(rig_response_take_body(res));
    return error ? error : wrap(env, res, (struct wrapped){.inner = inner});
}
LAYER(wraps_and_forgets);

static void test_wrapped_body_not_closed(void **state)
{
    (void)state;
    STAND(&wraps_and_forgets_layer, streams_text);
    const struct rig_finding *finding =
        expect_only(rig_get(client, "/"), "middleware.inner_body_not_closed", RIG_LEVEL_ERROR, "wraps_and_forgets");
    assert_true(has_evidence(finding, other_at));
    assert_int_equal(text.closed, 1); /* the rig closes what was forgotten */
}

/* This body is a string: nothing leaks today. */
static void test_wrapped_string_not_closed(void **state)
{
    (void)state;
    STAND(&wraps_and_forgets_layer, answer_ok);
    (void)expect_only(rig_get(client, "/"), "middleware.inner_body_not_closed", RIG_LEVEL_WARNING, "wraps_and_forgets");
}

static void test_wrapped_body_closed(void **state)
{
    (void)state;
    STAND(&wraps_layer, streams_text);
    expect_silent(rig_get(client, "/"), "middleware.inner_body_not_closed");
    assert_int_equal(text.closed, 1);
}

/* ---- body.stream.failed ---- */

static void test_stream_breaks_off(void **state)
{
    (void)state;
    STAND(&above_layer, streams_text);
    const struct rig_result *result = rig_get(client, "/", .headers = {{"X-Break", "yes"}});
    fault_at = other_at;
    (void)expect_only(result, "body.stream.failed", RIG_LEVEL_ERROR, "streams_text");
    assert_string_equal(result->body, "hel");
}

/* The wrapper passes on an error that is not its own. */
static void test_inner_stream_breaks_off(void **state)
{
    (void)state;
    STAND(&wraps_layer, streams_text);
    const struct rig_result *result = rig_get(client, "/", .headers = {{"X-Break", "yes"}});
    fault_at = other_at;
    (void)expect_only(result, "body.stream.failed", RIG_LEVEL_ERROR, "streams_text");
}

static int64_t ends_at_error(void *self, void *buffer, size_t size)
{
    int64_t got = wrapped_read(self, buffer, size);
    return got < 0 ? 0 : got;
}

static int makes_up_for_errors(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    struct wrapped *wrapped = rig_env_alloc(env, sizeof *wrapped);
    if (error || !wrapped) {
        return error ? error : -ENOMEM;
    }
    *wrapped = (struct wrapped){.inner = rig_response_take_body(res), .closes_at_close = true};
    rig_response_remove_header(res, "Content-Length");
    return rig_response_stream(res,
                               (struct rig_source){.read = ends_at_error, .close = wrapped_close, .self = wrapped});
}
LAYER(makes_up_for_errors);

static void test_stream_ends_early_on_purpose(void **state)
{
    (void)state;
    STAND(&makes_up_for_errors_layer, streams_text);
    expect_silent(rig_get(client, "/", .headers = {{"X-Break", "yes"}}), "body.stream.failed");
}

/* ---- body.lifetime.stale ---- */

struct keeper {
    struct rig_source body;
};

static int keeps_body(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    char byte;
    if (keeper->body.read) {
        assert_int_equal(keeper->body.read(keeper->body.self, &byte, 1), -ESTALE);
        return rig_next(next, env, res);
    }
    int error = rig_next(next, env, res);
    keeper->body = rig_response_take_body(res);
    keeper->body.close(keeper->body.self);
    return error ? error : rig_response_write(res, "gone", 4);
}
LAYER_WITH(keeps_body, keeper);

/* A source carries no site: the finding names the place of the layer in the stack. */
static void test_body_kept_for_next_request(void **state)
{
    (void)state;
    rig_use(stack, &above_layer);
    FAULT(rig_use(stack, &keeps_body_layer));
    rig_run(stack, RIG_APP(streams_text));
    assert_int_equal(rig_get(client, "/")->finding_count, 0);
    EXPECT_ERROR(rig_get(client, "/"), "body.lifetime.stale", "keeps_body");
}

static void test_body_taken_anew_each_request(void **state)
{
    (void)state;
    STAND(&measures_layer, streams_text);
    rig_get(client, "/");
    expect_silent(rig_get(client, "/"), "body.lifetime.stale");
}

/* ---- body.consumed_twice ---- */

/* Begins again after its end. */
static int64_t text_read_over(void *self, void *buffer, size_t size)
{
    struct text *from = self;
    int64_t got = text_read(self, buffer, size);
    from->at = got == 0 ? 0 : from->at;
    return got;
}

static int streams_text_over(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    text = (struct text){.at = 0};
    return rig_response_stream(res, (struct rig_source){.read = text_read_over, .close = text_close, .self = &text});
}

static size_t read_to_end(struct rig_source body, char *buffer, size_t size)
{
    size_t total = 0;
    int64_t got;
    while ((got = body.read(body.self, buffer + total, size - total)) > 0) {
        total += (size_t)got;
    }
    return total;
}

struct reader {
    bool rewinds;
};

/* Reads the body twice and sends what it got. */
static int reads_twice(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct reader *reader = self;
    char all[64];
    int error = rig_next(next, env, res);
    struct rig_source body = FAULT(rig_response_take_body(res));
    size_t size = read_to_end(body, all, sizeof all);
    size = reader->rewinds && body.rewind(body.self) == 0 ? 0 : size;
    size += read_to_end(body, all + size, sizeof all - size);
    body.close(body.self);
    return error ? error : rig_response_write(res, all, size);
}
LAYER_WITH(reads_twice, reader);

static void stand_reader(bool rewinds, struct rig_app app)
{
    rig_use(stack, &reads_twice_layer, &(struct reader){rewinds});
    rig_run(stack, app);
}

static void test_taken_body_read_twice(void **state)
{
    (void)state;
    stand_reader(false, RIG_APP(streams_text_over));
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "body.consumed_twice", "reads_twice");
    assert_string_equal(result->body, "hellohello");
}

static void test_taken_body_looked_at_again(void **state)
{
    (void)state;
    stand_reader(false, RIG_APP(answer_ok));
    (void)expect_only(rig_get(client, "/"), "body.consumed_twice", RIG_LEVEL_NOTE, "reads_twice");
}

static void test_taken_body_rewound(void **state)
{
    (void)state;
    stand_reader(true, RIG_APP(answer_ok));
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, "body.consumed_twice");
    assert_string_equal(result->body, "ok");
}

/* ---- body.to_path.exists ---- */

static char path[64];

static int answers_with_file(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return FAULT(rig_response_file(res, path));
}

static void make_file(const char *content)
{
    (void)snprintf(path, sizeof path, "/tmp/stackrig-body-XXXXXX");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, content, strlen(content)), strlen(content));
    close(descriptor);
}

static void test_file_of_body_missing(void **state)
{
    (void)state;
    make_file("");
    unlink(path);
    STAND(&above_layer, answers_with_file);
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "body.to_path.exists", "answers_with_file");
    assert_int_equal(result->delivery.outcome, RIG_TRUNCATED);
    (void)snprintf(path, sizeof path, "/");
    EXPECT_ERROR(rig_get(client, "/"), "body.to_path.exists", "answers_with_file");
}

/* A wrapper passes the error on; the file is the app's. */
static void test_file_of_wrapped_body_missing(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/nowhere/at/all");
    STAND(&wraps_layer, answers_with_file);
    const struct rig_result *result = rig_get(client, "/");
    fault_at = finding_of(result, "body.to_path.exists")->site;
    EXPECT_ERROR(result, "body.to_path.exists", "answers_with_file");
}

static void test_file_of_body_there(void **state)
{
    (void)state;
    make_file("content");
    STAND(&wraps_layer, answers_with_file);
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, "body.to_path.exists");
    assert_string_equal(result->body, "content");
    unlink(path);
}

/* The file is opened when it is read, and only then. */
static int reads_file_twice(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char all[64];
    int error = rig_next(next, env, res);
    struct rig_source body = rig_response_take_body(res);
    assert_int_equal(body.rewind(body.self), 0);
    assert_int_equal(read_to_end(body, all, sizeof all), 7);
    assert_int_equal(body.rewind(body.self), 0);
    assert_int_equal(read_to_end(body, all, sizeof all), 7);
    body.close(body.self);
    return error ? error : rig_response_write(res, all, 7);
}
LAYER(reads_file_twice);

static void test_file_of_body_rewound(void **state)
{
    (void)state;
    make_file("content");
    STAND(&reads_file_twice_layer, answers_with_file);
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, "body.to_path.exists");
    assert_string_equal(result->body, "content");
    unlink(path);
}

static int makes_file(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    return error;
}
LAYER(makes_file);

static void test_file_of_body_made_in_time(void **state)
{
    (void)state;
    make_file("");
    unlink(path);
    STAND(&makes_file_layer, answers_with_file);
    expect_silent(rig_get(client, "/"), "body.to_path.exists");
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {BODY_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: body", tests, NULL, NULL);
}
