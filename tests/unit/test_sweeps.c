/* The sweeps: what they try, what they find, and that they are silent where nothing is wrong. */
#include "tests/unit/core_test.h"

#include <stackrig/faults.h>

#define BODY "name=lamp&price=12"

static struct rig_client *http1(app_fn *call)
{
    return client_with((struct rig_app){.name = "app", .call = call}, (struct rig_client_options){.now = 0});
}

/* One read, as if it gave all. */
static int reads_once(void *self, struct rig_env *env, struct rig_response *res)
{
    char form[64];
    (void)self;
    int64_t got = rig_input_read(rig_env_input(env), form, sizeof form);
    (void)rig_input_drain(rig_env_input(env), sizeof form);
    return rig_respond(res, .status = got == sizeof BODY - 1 ? 201 : 400);
}

static int reads_all(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_bytes all;
    (void)self;
    int error = rig_input_all(rig_env_input(env), 8192, &all);
    return error ? error : rig_respond(res, .status = 201, .bytes = all, .headers = {{"ETag", "\"1\""}});
}

/* ---- splits ---- */

static void splits_assert_by_themselves(void **state)
{
    char text[2048];
    (void)state;
    struct rig_client *client = http1(reads_once);
    struct rig_sweep_report report =
        rig_sweep_splits(client, RIG_POST("/items", .body = BODY), .findings = {"input.pieces.matter"});
    assert_true(rig_sweep_text(&report, text, sizeof text) > 0);
    assert_non_null(strstr(text, "test_sweeps.c:"));
    assert_non_null(strstr(text,
                           "app read 1 of 18 body bytes when it came with a cut after byte 1 of 18: status 400 in "
                           "place of 201 [input.pieces.matter]"));
    assert_non_null(strstr(text, "in 153 runs, the first with a cut after byte 1 of 18, expected"));
    rig_client_free(client); /* all was asserted */
}

static unsigned failures;
static char failure[4096];

static void note_failure(const char *site, const char *message)
{
    assert_string_equal(site, "test.c:1");
    (void)snprintf(failure, sizeof failure, "%s", message);
    failures++;
}

static void splits_fail_a_test(void **state)
{
    (void)state;
    struct rig_client *client = http1(reads_once);
    struct rig_sweep sweep = {.client = client, .request = RIG_POST("/items", .body = BODY)};
    failures = 0;
    (void)rig_sweep_assert_at("test.c:1", note_failure, rig_sweep_splits_at("test.c:1", sweep));
    assert_int_equal(failures, 1);
    assert_non_null(strstr(failure, "[input.pieces.matter]"));
    sweep.findings[0] = "input.pieces.matter";
    (void)rig_sweep_assert_at("test.c:1", note_failure, rig_sweep_splits_at("test.c:1", sweep));
    assert_int_equal(failures, 1);
    sweep.findings[1] = "next.call.twice";
    (void)rig_sweep_assert_at("test.c:1", note_failure, rig_sweep_splits_at("test.c:1", sweep));
    assert_int_equal(failures, 2);
    assert_non_null(strstr(failure, "next.call.twice: expected, and not found"));
    rig_client_free(client);
}

static unsigned seen;

static void count_result(void *closure, const struct rig_result *result, const char *where)
{
    assert_ptr_equal(closure, &seen);
    assert_int_equal(result->status, 201);
    assert_true(where[0] != '\0');
    seen++;
}

static void a_big_body_is_cut_in_strides(void **state)
{
    static char body[8000];
    (void)state;
    struct rig_client *client = http1(reads_all);
    memset(body, 'x', sizeof body);
    seen = 0;
    struct rig_sweep_report report =
        rig_sweep_splits(client, RIG_POST("/", .bytes = {body, sizeof body}), .each = count_result, .closure = &seen);
    assert_int_equal(report.stride, 2);
    assert_int_equal(report.runs, 2 + 3999 + 1);
    assert_int_equal(seen, report.runs);
    report = rig_sweep_splits(client, RIG_POST("/", .bytes = {body, 100}), .stride = 10, .pairs_up_to = 100);
    assert_int_equal(report.runs, 2 + 9 + 9 * 8 / 2 + 1);
    rig_client_free(client);
}

static void nothing_to_cut(void **state)
{
    (void)state;
    struct rig_client *client = http1(reads_all);
    struct rig_memory_reader reader = {.bytes = {BODY, 3}};
    const struct rig_request requests[] = {RIG_GET("/"), RIG_POST("/", .body = ""),
                                           RIG_POST("/", .source = rig_memory_source(&reader), .source_size = 3),
                                           RIG_POST("/", .body = BODY, .malformed = true)};
    for (size_t i = 0; i < COUNT(requests); i++) {
        assert_int_equal(
            rig_sweep_splits_at(RIG_SITE, (struct rig_sweep){.client = client, .request = requests[i]}).error, -EINVAL);
    }
    assert_int_equal(rig_sweep_splits_at(RIG_SITE, (struct rig_sweep){.request = requests[0]}).error, -EINVAL);
    assert_int_equal(rig_sweep_splits(client, RIG_POST("/", .body = "1")).runs, 3);
    rig_client_free(client);
}

/* ---- clients that go away ---- */

static int64_t some_bytes(void *self, void *buffer, size_t size)
{
    size_t *left = self;
    size_t got = *left < 10 ? *left : 10;
    got = got < size ? got : size;
    memset(buffer, 'x', got);
    *left -= got;
    return (int64_t)got;
}

static unsigned opened, closed;
static size_t left_to_send;

static void close_bytes(void *self)
{
    (void)self;
    closed++;
}

static int answers_with_stream(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t got = rig_input_drain(rig_env_input(env), 100);
    left_to_send = 100;
    opened++;
    return got < 0 ? (opened--, (int)got)
                   : rig_response_stream(res, (struct rig_source){some_bytes, NULL, close_bytes, &left_to_send});
}

/* Wraps the answer; where it cannot tell how it begins it gives up, and forgets what it holds. */
static int peeks_at_answer(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    bool forgets = *(bool *)self;
    char first;
    int error = rig_next(next, env, res);
    struct rig_source inner = rig_response_take_body(res);
    if (error < 0 || inner.read(inner.self, &first, 1) != 1) {
        if (!forgets && inner.close) {
            inner.close(inner.self);
        }
        return error;
    }
    inner.close(inner.self);
    return rig_respond(res, .body = "peeked");
}

static const struct rig_middleware peeks_layer = {.name = "peeks", .call = peeks_at_answer, .self_size = sizeof(bool)};

static void a_stream_is_closed_wherever_its_client_leaves(void **state)
{
    (void)state;
    struct rig_client *client = http1(answers_with_stream);
    opened = closed = 0;
    struct rig_sweep_report report = rig_sweep_disconnect(client, RIG_POST("/", .body = BODY));
    assert_int_equal(opened, closed);
    assert_int_equal(report.request_size, 76);
    assert_int_equal(report.answer_size, sizeof "HTTP/1.1 200 OK\r\n\r\n" - 1 + 100);
    assert_true(report.runs >= 3 + report.request_size + report.answer_size);
    assert_int_equal(report.found_count, 0);
    report = rig_sweep_disconnect(client, RIG_GET("/")); /* no body to cut */
    assert_int_equal(report.answer_size, sizeof "HTTP/1.1 200 OK\r\n\r\n" - 1 + 100);
    report = rig_sweep_disconnect(client, RIG_GET("/"), .stride = 50);
    assert_int_equal(report.stride, 50);
    assert_true(report.runs < 30);
    rig_client_free(client);
}

static void what_leaks_when_the_client_leaves(void **state)
{
    (void)state;
    for (int forgets = 0; forgets < 2; forgets++) {
        bool option = forgets == 1;
        struct rig_stack *stack = stack_new();
        assert_int_equal(rig_use(stack, &peeks_layer, &option), 0);
        assert_int_equal(rig_run(stack, RIG_APP(answers_with_stream)), 0);
        struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
        struct rig_sweep_report report = rig_sweep_disconnect_at(
            RIG_SITE, (struct rig_sweep){.client = client, .request = RIG_POST("/", .body = BODY)});
        assert_int_equal(report.found_count, forgets); /* a note, of the answer that is replaced, is none */
        if (forgets) {
            assert_string_equal(report.found[0].rule, "middleware.inner_body_not_closed");
            assert_string_equal(report.found[0].layer, "peeks");
            assert_non_null(strstr(report.found[0].where, "a client gone after byte 5"));
        }
        rig_client_free(client);
        rig_stack_free(stack);
    }
}

/* ---- stacks with a state ---- */

static unsigned calls;

static int counts_calls(void *self, struct rig_env *env, struct rig_response *res)
{
    char text[16];
    (void)self;
    (void)rig_input_drain(rig_env_input(env), 100);
    (void)snprintf(text, sizeof text, "%u", ++calls);
    return rig_respond(res, .body = text, .headers = {{"X-Call", text}});
}

static int limits_rate(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)rig_input_drain(rig_env_input(env), 100);
    return rig_respond(res, .status = ++calls > 20 ? 429 : 200);
}

static void forget_calls(void *closure, const char *where)
{
    assert_true(where[0] != '\0');
    *(unsigned *)closure = 0;
}

static void what_needs_no_fault_says_so(void **state)
{
    char text[1024];
    struct rig_sweep_report report = {
        .varies = true, .found = {{.rule = "next.call.twice", .runs = 3, .where = "nothing"}}, .found_count = 1};
    (void)state;
    (void)rig_sweep_text(&report, text, sizeof text);
    assert_non_null(strstr(text, "in 3 runs, the first without a fault"));
    assert_non_null(strstr(text, "not the same without a fault either: only what stays the same was compared"));
}

static void state_is_no_fault(void **state)
{
    (void)state;
    struct rig_client *client = http1(counts_calls);
    struct rig_sweep_report report = rig_sweep_splits(client, RIG_POST("/", .body = BODY));
    assert_true(report.varies);
    rig_client_free(client);
    calls = 0;
    client = http1(limits_rate);
    report = rig_sweep_splits(client, RIG_POST("/", .body = BODY));
    assert_false(report.varies);
    assert_true(report.drifted);
    assert_int_equal(report.differs, 0);
    calls = 0;
    report = rig_sweep_splits(client, RIG_POST("/", .body = BODY), .before = forget_calls, .closure = &calls);
    assert_false(report.drifted);
    struct rig_fault_report faults =
        rig_sweep_faults(client, RIG_POST("/", .body = BODY), .kinds = ~(1u << RIG_FAULT_ENDLESS));
    assert_true(faults.drifted);
    assert_int_equal(faults.case_count, 0);
    rig_client_free(client);
}

/* ---- without memory ---- */

/* None left from the first client on that goes away. */
static void take_memory(void *closure, const char *where)
{
    struct rig_allocation_fault *fault = closure;
    fault->nth = strcmp(where, "nothing") == 0 ? 0 : 1;
}

static int disconnect_without_memory(struct rig_client *client, struct rig_allocation_fault *fault)
{
    *fault = (struct rig_allocation_fault){.always = true};
    struct rig_sweep sweep = {
        .client = client, .request = RIG_POST("/", .body = "a=b"), .before = take_memory, .closure = fault};
    struct rig_sweep_report report = rig_sweep_disconnect_at(RIG_SITE, sweep);
    fault->nth = 0;
    return report.error;
}

static void memory_that_runs_out(void **state)
{
    struct rig_allocation_fault fault = {0};
    unsigned failed = 0, whole = 0;
    (void)state;
    struct rig_client *client =
        client_with(RIG_APP(reads_all), (struct rig_client_options){.allocator = rig_allocation_fault_allocator(&fault),
                                                                    .ignore = {"input.pieces.matter"}});
    for (uint64_t nth = 1; nth < 4000; nth += 1 + nth / 40) {
        fault = (struct rig_allocation_fault){.nth = nth, .always = nth % 2 == 0};
        struct rig_sweep sweep = {.client = client, .request = RIG_POST("/", .body = "a=b"), .stride = 40};
        struct rig_sweep_report report =
            nth % 3 ? rig_sweep_splits_at(RIG_SITE, sweep) : rig_sweep_disconnect_at(RIG_SITE, sweep);
        assert_true(report.error == 0 || report.error == -ENOMEM || report.error == -EINVAL);
        failed += report.error != 0;
        whole += report.error == 0 && fault.fired == 0;
    }
    fault.nth = 0;
    assert_true(failed > 5 && whole > 5);
    assert_int_equal(disconnect_without_memory(client, &fault), -ENOMEM);
    assert_int_equal(rig_sweep_splits(client, RIG_POST("/", .body = "a=b")).found_count, 0);
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_assert_by_themselves),
        cmocka_unit_test(splits_fail_a_test),
        cmocka_unit_test(a_big_body_is_cut_in_strides),
        cmocka_unit_test(nothing_to_cut),
        cmocka_unit_test(what_needs_no_fault_says_so),
        cmocka_unit_test(state_is_no_fault),
        cmocka_unit_test(a_stream_is_closed_wherever_its_client_leaves),
        cmocka_unit_test(what_leaks_when_the_client_leaves),
        cmocka_unit_test(memory_that_runs_out),
    };
    return cmocka_run_group_tests_name("sweeps", tests, NULL, NULL);
}
