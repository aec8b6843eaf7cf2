/* The seam for adapters: hops of foreign layers, numbers of their objects, fields as they were spelt, findings of an
 * adapter's own. */
#include "tests/unit/foreign_test.h"

#include <setjmp.h>
#include <stdlib.h>

#define RULE "next.call.twice" /* any rule will do */

/* ---- hops ---- */

static int in_turn(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct rig_visit *first = enter(env, res, "first", &first);
    assert_int_equal(rig_foreign_leave(first, 0), 0);
    struct rig_visit *second = enter(env, res, "second", &first);
    (void)rig_respond(res, .status = 401);
    assert_int_equal(rig_foreign_leave(second, -EIO), -EIO);
    return 0;
}

static void test_layers_in_turn(void **state)
{
    (void)state;
    struct rig_client *client = client_for(in_turn);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 401);
    assert_int_equal(result->hop_count, 3);
    assert_string_equal(result->hops[1].layer, "first");
    assert_string_equal(result->hops[1].layer_site, "chain.c:1");
    assert_int_equal(result->hops[2].parent, 0);
    assert_int_equal(result->hops[2].depth, 1);
    assert_true(result->hops[2].answered && !result->hops[0].answered && !result->hops[1].answered);
    assert_int_equal(result->hops[2].returned, -EIO);
    assert_true(result->hops[1].env_id == result->hops[2].env_id && result->hops[1].env_id != result->env_id);
    assert_int_equal(result->hops[1].next_calls, 0);
    assert_int_equal(rig_result_armed(result, "next.call.twice"), 0);
    rig_client_free(client);
}

static bool passes_other, passes_twice, answers_first, knows_object;

static int nested(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int ctx = 0, copy = 0;
    struct rig_visit *upper = enter(env, res, "upper", knows_object ? &ctx : NULL);
    if (answers_first) {
        (void)rig_respond(res, .status = 200);
    }
    for (int i = 0; i < (passes_twice ? 2 : 1); i++) {
        struct rig_visit *lower = enter(env, res, "lower", passes_other ? &copy : &ctx);
        (void)rig_foreign_leave(lower, 0);
    }
    if (!answers_first) {
        (void)rig_respond(res, .status = 200);
    }
    return rig_foreign_leave(upper, 0);
}

static void expect_nested(const char *rule, const char *message)
{
    struct rig_client *client = client_for(nested);
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(result->finding_count, rule != NULL);
    if (rule) {
        assert_string_equal(result->findings[0].rule, rule);
        assert_string_equal(result->findings[0].layer, "upper");
        assert_string_equal(result->findings[0].site, "chain.c:2");
        assert_non_null(strstr(result->findings[0].message, message));
        rig_assert(result, .findings = {rule});
    } else {
        assert_int_equal(rig_result_armed(result, "env.identity.replaced"), knows_object);
        rig_assert(result, .status = 200);
    }
    assert_int_equal(result->hops[2].depth, 2);
    rig_client_free(client);
    passes_other = passes_twice = answers_first = false;
    knows_object = true;
}

static void test_layers_that_call_each_other(void **state)
{
    (void)state;
    knows_object = true;
    expect_nested(NULL, NULL);
    passes_other = true;
    expect_nested("env.identity.replaced", "upper was given ctx#");
    passes_twice = true;
    expect_nested("next.call.twice", "time 2");
    answers_first = true;
    expect_nested("next.call.after_answer", "answered 200");
    knows_object = false;
    passes_other = true;
    expect_nested(NULL, NULL); /* of what has no identity nothing is said, nor counted as seen */
}

static int jumps(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    static jmp_buf back;
    struct rig_visit *outer = enter(env, res, "outer", NULL);
    if (setjmp(back) == 0) {
        (void)enter(env, res, "inner", NULL);
        longjmp(back, 1);
    }
    (void)rig_foreign_leave(outer, 0);
    struct rig_visit *next = enter(env, res, "next", NULL);
    (void)rig_respond(res, .status = 200);
    return rig_foreign_leave(next, 0);
}

static void test_layer_jumped_out_of(void **state)
{
    (void)state;
    struct rig_client *client = client_for(jumps);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200);
    assert_true(result->hops[2].abandoned && !result->hops[1].abandoned);
    assert_int_equal(result->hops[3].depth, 1);
    rig_client_free(client);
}

/* ---- objects ---- */

static int numbers(void *self, struct rig_env *env, struct rig_response *res)
{
    int a = 0, b = 0;
    uint64_t *last = self, first = rig_foreign_id(env, &a);
    assert_true(first > *last);
    assert_true(rig_foreign_id(env, &a) == first && rig_foreign_id(env, &b) != first);
    rig_foreign_forget(env, &a);
    rig_foreign_forget(env, NULL);
    assert_true(rig_foreign_id(env, &a) > first);
    assert_int_equal(rig_foreign_id(env, NULL), 0);
    *last = first;
    return rig_respond(res, .status = 200);
}

static void test_numbers_of_objects(void **state)
{
    (void)state;
    uint64_t last = 0;
    struct rig_client *client =
        client_with((struct rig_app){.call = numbers, .self = &last}, (struct rig_client_options){0});
    for (int i = 0; i < 3; i++) {
        rig_assert(rig_get(client, "/"), .status = 200);
    }
    rig_client_free(client);
}

/* ---- fields ---- */

struct seen {
    char text[400];
};

static int add_field(void *closure, const char *name, const char *value, size_t size)
{
    struct seen *seen = closure;
    size_t used = strlen(seen->text);
    (void)snprintf(seen->text + used, sizeof seen->text - used, "%s=%.*s|", name, (int)size, value);
    return strcmp(name, "Stop") == 0 ? 7 : 0;
}

static int lists_fields(void *self, struct rig_env *env, struct rig_response *res)
{
    struct seen *seen = self;
    seen->text[0] = '\0';
    int stopped = rig_foreign_fields(env, add_field, seen);
    assert_true(stopped == 0 || stopped == 7);
    rig_input_drain(rig_env_input(env), 100);
    return rig_respond(res, .status = 200);
}

static void test_fields_as_spelt(void **state)
{
    (void)state;
    struct seen seen;
    struct rig_client *client =
        client_with((struct rig_app){.call = lists_fields, .self = &seen}, (struct rig_client_options){0});
    rig_assert(rig_get(client, "/", .headers = {{"x-A", "1"}, {"X-b", "2"}, {"X-A", "3"}, {"hOsT", "h"}, {"x-a", "4"}}),
               .status = 200);
    assert_string_equal(seen.text, "x-A=1|X-b=2|X-A=3|hOsT=h|x-a=4|");
    rig_assert(rig_post(client, "/", .body = "ab", .headers = {{"CoOkie", "a"}, {"COOKIE", "b"}}), .status = 200);
    assert_string_equal(seen.text, "CoOkie=a|COOKIE=b|Content-Length=2|Host=example.org|");
    rig_assert(rig_get(client, "/", .headers = {{"Stop", "1"}, {"Later", "2"}}), .status = 200);
    assert_string_equal(seen.text, "Stop=1|");
    static const char raw[] = "GET / HTTP/1.1\r\nhost: h\r\nX-a: 1\r\nx-A: 2\r\n\r\n";
    rig_assert(rig_send_raw(client, raw, sizeof raw - 1), .status = 200);
    assert_string_equal(seen.text, "host=h|X-a=1|x-A=2|");
    rig_client_free(client);
}

static int looks_up(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    assert_string_equal(rig_foreign_field(env, "x-api-KEY"), "1"); /* the first, in any case */
    assert_string_equal(rig_foreign_field(env, "X-Api"), "3");
    assert_null(rig_foreign_field(env, "X-None"));
    assert_null(rig_foreign_field(env, NULL));
    return rig_respond(res, .status = 200);
}

static void test_field_by_name(void **state)
{
    (void)state;
    struct rig_client *client = client_with((struct rig_app){.call = looks_up}, (struct rig_client_options){0});
    rig_assert(rig_get(client, "/", .headers = {{"X-Api-Key", "1"}, {"X-API-KEY", "2"}, {"x-api", "3"}}),
               .status = 200);
    rig_client_free(client);
}

static int changes(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_env_set(env, "HTTP_X_A", "new");
    rig_env_unset(env, "HTTP_X_B");
    rig_env_set(env, "HTTP_REMOTE_USER", "ann");
    return rig_next(next, env, res);
}
LAYER(changes);

static void test_fields_changed_above(void **state)
{
    (void)state;
    struct seen seen;
    struct rig_stack *stack = stack_new();
    rig_use(stack, &changes_layer);
    rig_run(stack, (struct rig_app){.call = lists_fields, .self = &seen});
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/", .headers = {{"x-a", "1"}, {"x-b", "2"}, {"X-A", "3"}, {"x-b", "4"}, {"y", "5"}}),
               .status = 200);
    assert_string_equal(seen.text, "x-a=new|y=5|Host=example.org|Remote-User=ann|");
    rig_client_free(client);
    rig_stack_free(stack);
}

/* ---- findings ---- */

static const char *found_rule;

static void finds(struct rig_env *env, const struct rig_visit *visit)
{
    assert_int_equal(rig_foreign_arm(env, RULE), 0);
    const struct rig_evidence evidence = {"seen here", "chain.c:3"};
    struct rig_foreign_finding find = {.rule = found_rule,
                                       .level = RIG_LEVEL_ERROR,
                                       .site = "chain.c:4",
                                       .visit = visit,
                                       .subject = "X-A",
                                       .evidence = &evidence,
                                       .evidence_count = 1};
    assert_int_equal(rig_foreign_find(env, &find, "%s %d", "found", 5), strcmp(found_rule, RULE) == 0 ? 0 : -EINVAL);
    assert_int_equal(rig_foreign_find(env, NULL, "x"), -EINVAL);
}

static int finds_of_the_first(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct rig_visit *first = enter(env, res, "first", NULL);
    (void)rig_foreign_leave(first, 0);
    struct rig_visit *second = enter(env, res, "second", NULL);
    finds(env, first);
    (void)rig_respond(res, .status = 200);
    return rig_foreign_leave(second, 0);
}

static void test_finding_of_an_adapter(void **state)
{
    (void)state;
    found_rule = RULE;
    struct rig_client *client = client_for(finds_of_the_first);
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(result->finding_count, 1);
    const struct rig_finding *finding = &result->findings[0];
    assert_string_equal(finding->message, "found 5");
    assert_string_equal(finding->layer, "first");
    assert_string_equal(finding->site, "chain.c:4");
    assert_string_equal(finding->subject, "X-A");
    assert_string_equal(finding->evidence[0].text, "seen here");
    assert_int_equal(rig_result_armed(result, RULE), 1);
    rig_assert(result, .findings = {RULE});
    rig_assert(rig_get(client, "/", .ignore = {RULE}), .status = 200);
    found_rule = "no.such.rule";
    rig_assert(rig_get(client, "/"), .findings = {"usage.rule.unknown"});
    rig_client_free(client);

    found_rule = RULE;
    client = client_with((struct rig_app){.call = finds_of_the_first},
                         (struct rig_client_options){.checks = RIG_CHECKS_NONE});
    assert_int_equal(rig_get(client, "/")->finding_count, 0);
    rig_client_free(client);
}

/* ---- what is kept too long ---- */

static struct rig_env *kept;

static int keeps(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (kept) {
        assert_false(rig_foreign_live("chain.c:5", kept, "chain_answer"));
        assert_int_equal(rig_foreign_id(kept, &kept), 0);
        assert_null(enter(kept, res, "late", NULL));
    }
    kept = env;
    assert_true(rig_foreign_live(NULL, env, "chain_answer"));
    return rig_respond(res, .status = 200);
}

static void test_env_of_an_ended_request(void **state)
{
    (void)state;
    struct rig_client *client = client_for(keeps);
    kept = NULL;
    rig_assert(rig_get(client, "/"), .status = 200);
    const struct rig_result *result = rig_get(client, "/");
    assert_string_equal(result->findings[0].site, "chain.c:5");
    assert_non_null(strstr(result->findings[0].message, "chain_answer used env#"));
    rig_assert(result, .findings = {"env.lifetime.stale"});
    rig_client_free(client);
}

static void test_poison(void **state)
{
    (void)state;
    unsigned char *memory = malloc(16);
    memset(memory, 1, 16);
    rig_foreign_poison(memory, 16);
    rig_foreign_poison(NULL, 16);
    rig_foreign_unpoison(memory, 16);
    rig_foreign_unpoison(NULL, 16);
    assert_int_not_equal(memory[0], 1);
    assert_int_equal(memory[0], memory[15]);
    free(memory);
}

/* ---- out of memory ---- */

struct ration {
    unsigned asked, fail_at;
};

static bool admit(void *self, size_t size)
{
    (void)size;
    struct ration *ration = self;
    return ++ration->asked != ration->fail_at;
}

static void passes_by(void *closure)
{
    (void)closure;
}

static int uses_all(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char buffer[16];
    struct seen seen = {{0}};
    int ctx = 0, copy = 0, error = rig_foreign_fields(env, add_field, &seen);
    struct rig_visit *outer = error ? NULL : enter(env, res, "outer", &ctx);
    struct rig_visit *inner = outer ? enter(env, res, "inner", &copy) : NULL;
    if (!inner) {
        return rig_foreign_leave(outer, -ENOMEM);
    }
    int64_t got = rig_foreign_fill(env, buffer, sizeof buffer);
    error = got < 0 ? (int)got : rig_foreign_read(RIG_SITE, env, (uint64_t)got);
    error = error ? error : rig_foreign_when_out(env, passes_by, NULL);
    error = error ? error : rig_foreign_find(env, &(struct rig_foreign_finding){.rule = RULE}, "%d", 1);
    error = error ? error : rig_respond(res, .status = 200);
    (void)rig_foreign_leave(inner, error);
    return rig_foreign_leave(outer, error);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    bool failed = true;
    for (unsigned fail_at = 1; failed && fail_at < 2000; fail_at++) {
        struct ration ration = {0, fail_at};
        struct rig_client *client = rig_client_new(
            (struct rig_app){.call = uses_all},
            (struct rig_client_options){.server = &rig_server_memory, .allocator = {.admit = admit, .self = &ration}});
        failed = ration.asked >= fail_at;
        if (!client) {
            assert_true(failed);
            continue;
        }
        const struct rig_result *result = rig_post(client, "/", .body = "ab", .headers = {{"A-b", "1"}, {"a-B", "2"}});
        failed = ration.asked >= fail_at;
        bool told = result->error == -ENOMEM || result->unchecked;
        bool whole = count_found(result, RULE) == 1 && count_found(result, "env.identity.replaced") == 1;
        assert_true(told || whole);
        rig_client_reset(client);
        (rig_client_free)(client);
    }
    assert_false(failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers_in_turn),          cmocka_unit_test(test_layers_that_call_each_other),
        cmocka_unit_test(test_layer_jumped_out_of),     cmocka_unit_test(test_numbers_of_objects),
        cmocka_unit_test(test_fields_as_spelt),         cmocka_unit_test(test_field_by_name),
        cmocka_unit_test(test_fields_changed_above),    cmocka_unit_test(test_finding_of_an_adapter),
        cmocka_unit_test(test_env_of_an_ended_request), cmocka_unit_test(test_poison),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
