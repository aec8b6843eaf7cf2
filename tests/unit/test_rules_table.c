/* The rule table itself: sorted, complete, and each rule with tests that are run. */
#include "tests/unit/rules_test.h"

#include "harness/checks/rules.h"
#include "harness/core/event.h"

static const char *const tests_run[] = {
#define NAME(test_) #test_,
    ALL_RULE_TESTS(NAME)
#undef NAME
};

static bool is_run(const char *test)
{
    for (size_t i = 0; i < sizeof tests_run / sizeof *tests_run; i++) {
        if (strcmp(tests_run[i], test) == 0) {
            return true;
        }
    }
    return false;
}

static void test_every_rule_has_its_tests(void **state)
{
    (void)state;
    size_t count;
    const struct rig_rule *rules = rig_rules(&count);
    for (size_t i = 0; i < count; i++) {
        if (!is_run(rules[i].broken) || !is_run(rules[i].twin) || strcmp(rules[i].broken, rules[i].twin) == 0) {
            fail_msg("%s: %s or %s is not run", rules[i].id, rules[i].broken, rules[i].twin);
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(rules[i].broken, rules[k].broken) == 0) {
                fail_msg("%s and %s share %s", rules[i].id, rules[k].id, rules[i].broken);
            }
        }
    }
}

static void test_every_rule_is_complete(void **state)
{
    (void)state;
    size_t count;
    const struct rig_rule *rules = rig_rules(&count);
    assert_int_equal(count, RIG_RULE_COUNT);
    for (size_t i = 0; i < count; i++) {
        const struct rig_rule *rule = &rules[i];
        const char *texts[] = {rule->title, rule->armed_when, rule->why, rule->mend, rule->source, rule->since};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            assert_non_null(texts[k]);
            assert_true(strlen(texts[k]) > 3);
        }
        assert_true(rule->level >= RIG_LEVEL_NOTE);
        assert_int_equal(strspn(rule->id, "abcdefghijklmnopqrstuvwxyz._"), strlen(rule->id));
        assert_true(i == 0 || strcmp(rules[i - 1].id, rule->id) < 0);
    }
}

static void test_rules_are_found_by_id(void **state)
{
    (void)state;
    size_t count;
    const struct rig_rule *rules = rig_rules(&count);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(rig_rule_find(rules[i].id), &rules[i]);
        assert_int_equal(rig_rule_number(rules[i].id), i);
    }
    assert_int_equal(rig_rule_number("next.call.twice"), RIG_RULE_NEXT_CALL_TWICE);
    assert_null(rig_rule_find("next.call"));
    assert_null(rig_rule_find("next.call.twice.over"));
    assert_null(rig_rule_find(""));
    assert_null(rig_rule_find("zzz"));
    assert_null(rig_rule_find(NULL));
    assert_ptr_equal(rig_rules(NULL), rules);
}

static void test_patterns(void **state)
{
    (void)state;
    assert_true(rig_rule_pattern_known("env.*"));
    assert_true(rig_rule_pattern_known("env.identity.*"));
    assert_true(rig_rule_pattern_known("env.identity.replaced"));
    assert_false(rig_rule_pattern_known("env"));
    assert_false(rig_rule_pattern_known("env."));
    assert_false(rig_rule_pattern_known("en.*"));
    assert_false(rig_rule_pattern_known("*"));
    assert_false(rig_rule_pattern_known(".*"));
    assert_false(rig_rule_pattern_known("env.*.replaced"));
    assert_false(rig_rule_pattern_known("zzz.*"));
    assert_false(rig_rule_pattern_known(""));
    assert_false(rig_rule_pattern_known(NULL));
}

static void test_every_misuse_is_a_rule(void **state)
{
    (void)state;
#define KNOWN(name_, rule_) assert_non_null(rig_rule_find(rule_));
    RIG_MISUSE_MAP(KNOWN)
#undef KNOWN
}

/* No rule of these areas waits for more than a request. */
static void test_whole_areas_are_armed(void **state)
{
    (void)state;
    size_t count;
    const struct rig_rule *rules = rig_rules(&count);
    rig_run(stack, RIG_APP(answer_ok));
    const struct rig_result *result = rig_get(client, "/");
    for (size_t i = 0; i < count; i++) {
        bool always = strncmp(rules[i].id, "request.", 8) == 0 || strncmp(rules[i].id, "usage.", 6) == 0;
        if (always && rig_result_armed(result, rules[i].id) != 1) {
            fail_msg("%s was armed %u times", rules[i].id, rig_result_armed(result, rules[i].id));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_has_its_tests), cmocka_unit_test(test_every_rule_is_complete),
        cmocka_unit_test(test_rules_are_found_by_id),    cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_every_misuse_is_a_rule),   RULE_TEST(test_whole_areas_are_armed)};
    return cmocka_run_group_tests_name("rules: table", tests, NULL, NULL);
}
