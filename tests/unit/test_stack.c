/* The stack: layers in order, instances, what goes wrong while building, leaving out, resetting, freeing. */
#include "tests/unit/core_test.h"

#include <limits.h>

/* A layer that writes its name's letter on the way down and up, and tells of its life. */
static char trace[128];

static void note(char c)
{
    size_t at = strlen(trace);
    assert_true(at + 1 < sizeof trace);
    trace[at] = c;
    trace[at + 1] = '\0';
}

struct letter {
    char c;
    int calls;
};

static int letter_init(void *self, const void *options)
{
    struct letter *letter = self;
    assert_int_equal(letter->c, 0); /* zeroed */
    assert_int_equal(letter->calls, 0);
    letter->c = *(const char *)options;
    return letter->c == '!' ? -EACCES : letter->c == '+' ? 5 : 0;
}

static int letter_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct letter *letter = self;
    note(letter->c);
    letter->calls++;
    int error = rig_next(next, env, res);
    note(letter->c);
    return error;
}

static void letter_reset(void *self)
{
    struct letter *letter = self;
    note((char)('0' + letter->calls));
    letter->calls = 0;
}

static void letter_destroy(void *self)
{
    note(((struct letter *)self)->c);
}

static const struct rig_middleware letter_layer = {.name = "letter",
                                                   .call = letter_call,
                                                   .self_size = sizeof(struct letter),
                                                   .init = letter_init,
                                                   .reset = letter_reset,
                                                   .destroy = letter_destroy};

static void use_letters(struct rig_stack *stack, const char *letters)
{
    for (; *letters; letters++) {
        assert_int_equal(rig_use(stack, &letter_layer, letters), 0);
    }
}

static int app_releases;

static void app_release(void *self)
{
    (void)self;
    app_releases++;
    note('.');
}

static struct rig_app releasing(void)
{
    return (struct rig_app){.name = "app", .call = answer_ok, .release = app_release};
}

static struct rig_client *client_of_stack(struct rig_stack *stack)
{
    return client_with(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_memory});
}

static int begin(void **state)
{
    (void)state;
    trace[0] = '\0';
    app_releases = 0;
    return 0;
}

/* ---- layers ---- */

static void test_order_and_instances(void **state)
{
    (void)state;
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = "named"});
    use_letters(stack, "abc");
    assert_int_equal(rig_run(stack, releasing()), 0);
    assert_int_equal(rig_stack_layer_count(stack), 3);
    struct rig_client *client = client_of_stack(stack);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200);
    assert_string_equal(trace, "abccba");
    assert_int_equal(result->hop_count, 4);
    for (unsigned i = 0; i < 4; i++) {
        const struct rig_hop *hop = &result->hops[i];
        assert_int_equal(hop->number, i);
        assert_int_equal(hop->depth, i);
        assert_int_equal(hop->parent, i ? i - 1 : 0);
        assert_int_equal(hop->layer_index, i < 3 ? i : UINT_MAX);
        assert_int_equal(hop->layer_number, i < 3 ? i + 1 : 1);
        assert_int_equal(hop->is_app, i == 3);
        assert_int_equal(hop->next_calls, i < 3);
        assert_string_equal(hop->layer, i < 3 ? "letter" : "app");
        assert_non_null(strstr(hop->layer_site, "test_stack.c:"));
        assert_true(i == 0 ? !hop->entered_at : strstr(hop->entered_at, "test_stack.c:") != NULL);
        assert_true(hop->env_id == result->env_id);
        assert_int_equal(hop->status_in, 0);
        assert_int_equal(hop->status_out, 200);
        assert_false(hop->abandoned);
    }
    trace[0] = '\0';
    rig_stack_reset(stack);
    assert_string_equal(trace, "111");
    rig_client_free(client);
    trace[0] = '\0';
    rig_stack_free(stack);
    assert_string_equal(trace, ".cba"); /* the app, then the layers, last in first out */
    assert_int_equal(app_releases, 1);
}

static int sees_name(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    assert_null(self);
    return rig_next(next, env, res);
}

static void test_names_and_options(void **state)
{
    static const struct rig_middleware nameless = {.call = sees_name}, named = {.name = "its own", .call = sees_name};
    (void)state;
    struct rig_stack *stack = stack_new();
    char name[] = "given";
    assert_int_equal(rig_use(stack, &nameless), 0);
    assert_int_equal(rig_use(stack, &named, .auth = true), 0);
    assert_int_equal(rig_use(stack, &named, .name = name), 0);
    name[0] = '#'; /* a copy */
    assert_int_equal(rig_use(stack, &named), 0);
    assert_int_equal(rig_run(stack, (struct rig_app){.call = answer_ok}), 0);
    struct rig_client *client = client_of_stack(stack);
    const struct rig_result *result = rig_get(client, "/");
    static const char *const names[] = {"layer", "its own", "given", "its own", "app"};
    static const unsigned numbers[] = {1, 1, 1, 2, 1};
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_string_equal(result->hops[i].layer, names[i]);
        assert_int_equal(result->hops[i].layer_number, numbers[i]);
        assert_int_equal(result->hops[i].auth, i == 1);
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

static void test_many_layers(void **state)
{
    (void)state;
    static const struct rig_middleware plain = {.name = "plain", .call = sees_name};
    struct rig_stack *stack = stack_new();
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(rig_use(stack, &plain), 0);
    }
    assert_int_equal(rig_run(stack, RIG_APP(answer_ok)), 0);
    struct rig_client *client = client_of_stack(stack);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200);
    assert_int_equal(result->hop_count, 1001);
    assert_int_equal(result->hops[999].layer_number, 1000);
    rig_client_free(client);
    rig_stack_free(stack);
}

static void test_two_clients_share_a_stack(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    use_letters(stack, "a");
    assert_int_equal(rig_run(stack, releasing()), 0);
    struct rig_client *first = client_of_stack(stack), *second = client_of_stack(stack);
    rig_assert(rig_get(first, "/"), .status = 200);
    rig_assert(rig_get(second, "/"), .status = 200);
    rig_client_free(first);
    rig_assert(rig_get(second, "/"), .status = 200);
    assert_string_equal(trace, "aaaaaa");
    assert_int_equal(app_releases, 0); /* the stack's, not the client's */
    rig_client_free(second);
    rig_stack_free(stack);
    assert_int_equal(app_releases, 1);
}

/* ---- leaving out ---- */

static void test_leave_out(void **state)
{
    static const struct {
        uint64_t bits;
        const char *trace;
        unsigned first; /* layer_index of the outermost; UINT_MAX: the app */
    } rows[] = {
        {0, "abcdxyyxdcba", 0}, {1, "bcdxyyxdcb", 1},  {2, "acdxyyxdca", 0}, {8, "abcxyyxcba", 0}, {9, "bcxyyxcb", 1},
        {15, "xyyx", 4},        {16, "abcdyydcba", 0}, {31, "yy", 5},        {63, "", UINT_MAX},
    };
    (void)state;
    struct rig_stack *stack = stack_new(), *inner = stack_new();
    use_letters(stack, "abcd");
    use_letters(inner, "xy");
    assert_int_equal(rig_run(inner, RIG_APP(answer_ok)), 0);
    assert_int_equal(rig_run(stack, rig_stack_app(inner)), 0);
    assert_int_equal(rig_stack_layer_count(stack), 6);
    struct rig_client *client = client_of_stack(stack);
    for (size_t i = 0; i < COUNT(rows); i++) {
        trace[0] = '\0';
        assert_int_equal(rig_stack_leave_out(stack, &rows[i].bits, 1), 0);
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 200);
        assert_string_equal(trace, rows[i].trace);
        assert_int_equal(result->hops[0].layer_index, rows[i].first);
    }
    trace[0] = '\0';
    assert_int_equal(rig_stack_leave_out(stack, NULL, 0), 0); /* all take part again */
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_string_equal(trace, "abcdxyyxdcba");
    assert_int_equal(rig_stack_leave_out(NULL, NULL, 0), -EINVAL);
    assert_int_equal(rig_stack_layer_count(NULL), 0);
    rig_stack_reset(NULL);
    rig_client_free(client);
    rig_stack_free(stack);
    rig_stack_free(inner);
}

static void test_arrange(void **state)
{
    static const struct {
        unsigned layers[6];
        size_t count;
        const char *trace;
    } rows[] = {
        {{0, 1, 2, 3, 4, 5}, 6, "abcdxyyxdcba"},
        {{3, 0}, 2, "daad"},
        {{5, 2, 4, 1}, 4, "cbyxxybc"},
        {{0}, 0, ""},
        {{1, 1}, 2, "bb"},
        {{6, 99, 2}, 3, "cc"},
    };
    (void)state;
    struct rig_stack *stack = stack_new(), *inner = stack_new();
    use_letters(stack, "abcd");
    use_letters(inner, "xy");
    assert_int_equal(rig_run(inner, RIG_APP(answer_ok)), 0);
    assert_int_equal(rig_run(stack, rig_stack_app(inner)), 0);
    struct rig_client *client = client_of_stack(stack);
    for (size_t i = 0; i < COUNT(rows); i++) {
        trace[0] = '\0';
        assert_int_equal(rig_stack_arrange(stack, rows[i].layers, rows[i].count), 0);
        rig_assert(rig_get(client, "/"), .status = 200);
        assert_string_equal(trace, rows[i].trace);
    }
    assert_int_equal(rig_stack_leave_out(stack, NULL, 0), 0); /* all take part again, in their own order */
    trace[0] = '\0';
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_string_equal(trace, "abcdxyyxdcba");
    assert_int_equal(rig_stack_arrange(NULL, NULL, 0), -EINVAL);
    rig_client_free(client);
    rig_stack_free(stack);
    rig_stack_free(inner);
}

static void test_leave_out_in_the_second_word(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    static const struct rig_middleware plain = {.name = "plain", .call = sees_name};
    for (int i = 0; i < 70; i++) {
        assert_int_equal(rig_use(stack, &plain), 0);
    }
    assert_int_equal(rig_run(stack, RIG_APP(answer_ok)), 0);
    struct rig_client *client = client_of_stack(stack);
    const uint64_t bits[] = {UINT64_MAX, 0x3e};
    assert_int_equal(rig_stack_leave_out(stack, bits, 2), 0);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200);
    assert_int_equal(result->hop_count, 2);
    assert_int_equal(result->hops[0].layer_index, 64);
    assert_int_equal(rig_stack_leave_out(stack, bits, 1), 0); /* what the words do not name takes part */
    assert_int_equal(rig_get(client, "/")->hop_count, 7);
    rig_client_free(client);
    rig_stack_free(stack);
}

/* ---- what goes wrong while building: told by every send until it is mended, which it cannot be ---- */

static void expect_told(struct rig_stack *stack, const char *rule, const char *text)
{
    for (int round = 0; round < 2; round++) {
        struct rig_client *client = client_of_stack(stack);
        for (int i = 0; i < 2; i++) {
            trace[0] = '\0';
            const struct rig_result *result = rig_get(client, "/");
            rig_assert(result, .error = -EINVAL, .findings = {rule});
            assert_string_equal(trace, ""); /* nothing ran */
            assert_int_equal(result->hop_count, 0);
            assert_non_null(strstr(result->findings[0].site, "test_stack.c:"));
            if (!strstr(result->findings[0].message, text)) {
                fail_msg("\"%s\" does not say \"%s\"", result->findings[0].message, text);
            }
        }
        rig_client_free(client);
    }
}

#define NINE                                                                            \
    {                                                                                   \
        "env.*", "env.*", "env.*", "env.*", "env.*", "env.*", "env.*", "env.*", "env.*" \
    }

enum wrong { NO_MIDDLEWARE, NO_CALL, NINE_IGNORES, UNKNOWN_IGNORE, INIT_FAILS, INIT_POSITIVE, NO_APP_CALL, TWO_APPS };

static int build_wrongly(struct rig_stack *stack, enum wrong what)
{
    static const struct rig_middleware callless = {.name = "callless"};
    switch (what) {
    case NO_MIDDLEWARE:
        return rig_use(stack, NULL);
    case NO_CALL:
        return rig_use(stack, &callless);
    case NINE_IGNORES:
        return rig_use(stack, &letter_layer, "a", .ignore = NINE);
    case UNKNOWN_IGNORE:
        return rig_use(stack, &letter_layer, "a", .ignore = {"env.*", "no.such.rule"});
    case INIT_FAILS:
        return rig_use(stack, &letter_layer, "!");
    case INIT_POSITIVE:
        return rig_use(stack, &letter_layer, "+");
    case NO_APP_CALL:
        return rig_run(stack, (struct rig_app){.release = app_release});
    case TWO_APPS:
    default:
        return rig_run(stack, releasing());
    }
}

static void test_wrong_building(void **state)
{
    static const struct {
        enum wrong what;
        int returns;
        const char *rule, *text;
    } rows[] = {
        {NO_MIDDLEWARE, -EINVAL, "usage.argument.null", "NULL middleware"},
        {NO_CALL, -EINVAL, "usage.argument.null", ".call"},
        {NINE_IGNORES, -EINVAL, "usage.fields.too_many", "more than 8 patterns"},
        {UNKNOWN_IGNORE, 0, "usage.rule.unknown", "no.such.rule"},
        {INIT_FAILS, -EACCES, "usage.layer.init", "\"letter\" could not be set up: init returned -13"},
        {INIT_POSITIVE, -EINVAL, "usage.layer.init", "init returned 5"},
        {NO_APP_CALL, -EINVAL, "usage.argument.null", "NULL app function"},
        {TWO_APPS, -EINVAL, "usage.argument.invalid", "has an app already"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig_stack *stack = stack_new();
        app_releases = 0;
        assert_int_equal(rig_run(stack, releasing()), 0);
        assert_int_equal(build_wrongly(stack, rows[i].what), rows[i].returns);
        assert_int_equal(app_releases, rows[i].what == NO_APP_CALL || rows[i].what == TWO_APPS); /* also on failure */
        expect_told(stack, rows[i].rule, rows[i].text);
        rig_stack_free(stack);
    }
}

static void test_stack_without_app(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    use_letters(stack, "a");
    expect_told(stack, "usage.stack.no_app", "has no app");
    rig_stack_free(stack);

    /* What was told already is not told again as what follows from it. */
    stack = stack_new();
    assert_int_equal(rig_run(stack, rig_scripted({.error = 5})), -EINVAL);
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(result->finding_count, 1);
    assert_non_null(strstr(result->findings[0].message, "rig_scripted"));
    (void)rig_client_close(client, NULL, 0);
    rig_stack_free(stack);
}

static void test_client_without_app(void **state)
{
    (void)state;
    struct rig_client *client = client_with((struct rig_app){.name = "none"}, (struct rig_client_options){.now = 0});
    rig_assert(rig_get(client, "/"), .error = -EINVAL, .findings = {"usage.stack.no_app"});
    rig_client_free(client);
    client = client_with(rig_stack_app(NULL), (struct rig_client_options){.now = 0});
    rig_assert(rig_get(client, "/"), .error = -EINVAL, .findings = {"usage.stack.no_app"});
    rig_client_free(client);
}

static void test_more_mistakes_than_are_kept(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    assert_int_equal(rig_run(stack, releasing()), 0);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(rig_use(stack, NULL), -EINVAL);
    }
    struct rig_client *client = client_of_stack(stack);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .error = -EINVAL, .findings = {"usage.argument.null"});
    assert_int_equal(result->finding_count, 5);
    assert_non_null(strstr(result->findings[4].message, "3 more"));
    rig_client_free(client);
    rig_stack_free(stack);
}

static void test_null_stack(void **state)
{
    (void)state;
    assert_int_equal(rig_use(NULL, &letter_layer, "a"), -EINVAL);
    assert_int_equal(rig_run(NULL, releasing()), -EINVAL);
    assert_int_equal(app_releases, 1);
    rig_stack_free(NULL);
}

/* ---- after the first request ---- */

/* The stack is as it was, its users go on, and the next send tells of it, once. */
static void expect_told_once(struct rig_client *client, const char *text)
{
    trace[0] = '\0';
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"usage.stack.frozen"});
    assert_string_equal(trace, "aa");
    assert_int_equal(result->finding_count, 1);
    assert_non_null(strstr(result->findings[0].message, text));
    assert_non_null(strstr(result->findings[0].site, "test_stack.c:"));
    rig_assert(rig_get(client, "/"), .status = 200);
}

static void test_building_after_the_first_request(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new(), *inner = stack_new();
    use_letters(stack, "a");
    assert_int_equal(rig_run(stack, RIG_APP(answer_ok)), 0);
    struct rig_client *client = client_of_stack(stack), *other = client_of_stack(stack);
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_assert(rig_get(other, "/"), .status = 200);
    assert_int_equal(rig_use(stack, &letter_layer, "b"), -EINVAL);
    expect_told_once(client, "rig_use");
    rig_assert(rig_get(other, "/"), .status = 200); /* told already */
    assert_int_equal(rig_run(stack, releasing()), -EINVAL);
    assert_int_equal(app_releases, 1);
    expect_told_once(other, "rig_run");
    assert_int_equal(rig_map(stack, "/x", inner), -EINVAL); /* takes inner, also on failure */
    expect_told_once(client, "rig_map");
    for (int i = 0; i < 6; i++) {
        assert_int_equal(rig_use(stack, &letter_layer, "b"), -EINVAL);
    }
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"usage.stack.frozen"});
    assert_int_equal(result->finding_count, 5);
    assert_non_null(strstr(result->findings[4].message, "2 more"));
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_int_equal(rig_stack_layer_count(stack), 1);
    rig_client_free(client);
    rig_client_free(other);
    rig_stack_free(stack);
}

static struct rig_stack *stack_to_change;

static int changes_its_stack(void *self, struct rig_env *env, struct rig_response *res)
{
    assert_int_equal(rig_use(stack_to_change, &letter_layer, "b"), -EINVAL);
    return answer_ok(self, env, res);
}

static void test_building_inside_a_request(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_to_change = stack_new();
    assert_int_equal(rig_run(stack, RIG_APP(changes_its_stack)), 0);
    struct rig_client *client = client_of_stack(stack);
    for (int i = 0; i < 2; i++) {
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 200, .findings = {"usage.stack.frozen"});
        assert_int_equal(result->finding_count, 1);
        assert_string_equal(result->findings[0].layer, "changes_its_stack");
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

/* What a stack contains is as frozen as the stack itself. */
static void test_building_inner_stacks_after_the_first_request(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new(), *mapped = stack_new(), *inner = stack_new();
    use_letters(stack, "a");
    assert_int_equal(rig_run(inner, RIG_APP(answer_ok)), 0);
    assert_int_equal(rig_run(mapped, RIG_APP(answer_ok)), 0);
    assert_int_equal(rig_map(stack, "/mapped", mapped), 0);
    assert_int_equal(rig_run(stack, rig_stack_app(inner)), 0);
    struct rig_client *client = client_of_stack(stack);
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_int_equal(rig_use(mapped, &letter_layer, "b"), -EINVAL);
    expect_told_once(client, "rig_use");
    assert_int_equal(rig_use(inner, &letter_layer, "b"), -EINVAL);
    expect_told_once(client, "rig_use");
    assert_int_equal(rig_stack_layer_count(stack), 1);
    rig_client_free(client);
    rig_stack_free(stack);
    rig_stack_free(inner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_order_and_instances, begin),
        cmocka_unit_test_setup(test_names_and_options, begin),
        cmocka_unit_test_setup(test_many_layers, begin),
        cmocka_unit_test_setup(test_two_clients_share_a_stack, begin),
        cmocka_unit_test_setup(test_leave_out, begin),
        cmocka_unit_test_setup(test_arrange, begin),
        cmocka_unit_test_setup(test_leave_out_in_the_second_word, begin),
        cmocka_unit_test_setup(test_wrong_building, begin),
        cmocka_unit_test_setup(test_stack_without_app, begin),
        cmocka_unit_test_setup(test_client_without_app, begin),
        cmocka_unit_test_setup(test_more_mistakes_than_are_kept, begin),
        cmocka_unit_test_setup(test_null_stack, begin),
        cmocka_unit_test_setup(test_building_after_the_first_request, begin),
        cmocka_unit_test_setup(test_building_inside_a_request, begin),
        cmocka_unit_test_setup(test_building_inner_stacks_after_the_first_request, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
