/* The same again: what may vary, and what may not. */
#include "tests/fuzz/stacks.h"

static int served;

static int greets(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .body = "hello");
}

/* Every other time it says itself what the app would say. */
static int shortcuts(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return served++ & 1 ? rig_respond(res, .body = "hello") : rig_next(next, env, res);
}

static const struct rig_middleware shortcuts_layer = {.name = "shortcuts", .call = shortcuts};

static int build_shortcuts(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &shortcuts_layer, NULL);
    return rig_run(stack, RIG_APP(greets));
}

static void test_fuzz_way_varies(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_shortcuts};
    open_target(&what);
    judge("GET /");
    assert_found("fuzz.answer.varies");
    assert_string_equal(last_layer, "shortcuts");
    assert_non_null(strstr(last_message, "go another way at shortcuts"));
}

static int has_number(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    char number[16];
    (void)snprintf(number, sizeof number, "%d", served++);
    return rig_respond(res, .headers = {{"X-Request-Id", number}, {"traceparent", number}});
}

/* What a reset does not put back, and need not. */
static void test_fuzz_number_varies(void **state)
{
    (void)state;
    OPEN_APP(has_number);
    judge("GET /");
    assert_nothing(RIG_FUZZ_ANSWER_VARIES);
}

/* ---- what has changed since the target was opened ---- */

static struct {
    int status;
    const char *body;
    struct rig_field one, two;
} shown;

static int shows(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = shown.status, .headers = {shown.one, shown.two}, .body = shown.body);
}

static void show(int status, const char *body, struct rig_field one, struct rig_field two)
{
    shown.status = status;
    shown.body = body;
    shown.one = one;
    shown.two = two;
}

/* Of the plainest request, which is asked again. */
static void assert_changed(const char *how)
{
    char wanted[256];
    found_count = 0;
    assert_int_equal(rig_fuzz_judge_first(&target, &scenario), 0);
    assert_found("fuzz.answer.varies");
    (void)snprintf(wanted, sizeof wanted, "GET / is not answered as it was at first, but %s", how);
    assert_string_equal(last_message, wanted);
}

static void test_what_has_changed_is_named(void **state)
{
    (void)state;
    const struct rig_field date = {"Date", "a"}, now = {"Date", "b"}, etag = {"ETag", "a"}, none = {NULL, NULL};
    show(200, "hello", date, etag);
    OPEN_APP(shows);
    judge("GET /");
    assert_int_equal(found_count, 0);
    show(404, "gone", now, etag);
    assert_changed("404 in place of 200: what has changed no reset puts back");
    show(404, "lost", date, etag);
    assert_changed("404 with another body: what has changed no reset puts back");
    show(404, "lost", now, etag);
    assert_changed("404 with another Date: what has changed no reset puts back; if it is the machine's clock, preload "
                   "libstackrig-clock.so");
    show(404, "lost", now, none);
    assert_changed("404 with another ETag: what has changed no reset puts back");
    show(404, "lost", now, etag);
    assert_changed("404 with another ETag: what has changed no reset puts back");
    show(404, "lost", etag, now);
    assert_changed("404 in another way: what has changed no reset puts back");
}

#define FUZZ_TEST(test_) cmocka_unit_test_teardown(test_, close_target)

int main(void)
{
    const struct CMUnitTest tests[] = {FUZZ_TEST(test_fuzz_way_varies), FUZZ_TEST(test_fuzz_number_varies),
                                       FUZZ_TEST(test_what_has_changed_is_named)};
    return cmocka_run_group_tests_name("fuzz: again", tests, NULL, NULL);
}
