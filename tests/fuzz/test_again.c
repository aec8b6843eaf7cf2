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

#define FUZZ_TEST(test_) cmocka_unit_test_teardown(test_, close_target)

int main(void)
{
    const struct CMUnitTest tests[] = {FUZZ_TEST(test_fuzz_way_varies), FUZZ_TEST(test_fuzz_number_varies)};
    return cmocka_run_group_tests_name("fuzz: again", tests, NULL, NULL);
}
