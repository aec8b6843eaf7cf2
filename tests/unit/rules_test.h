/* What the tests of the rules share: three layers around the one under test, and the two verdicts. */
#ifndef TESTS_UNIT_RULES_TEST_H
#define TESTS_UNIT_RULES_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stackrig/stackrig.h>

#include "tests/unit/rules_tests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The line at fault, recorded on that line: FAULT(rig_next(next, copy, res)); the other lines that a finding names. */
static const char *fault_at, *other_at, *third_at;
#define FAULT(...) (fault_at = RIG_SITE, __VA_ARGS__)
#define OTHER(...) (other_at = RIG_SITE, __VA_ARGS__)
#define THIRD(...) (third_at = RIG_SITE, __VA_ARGS__)

#define LAYER(function_) static const struct rig_middleware function_##_layer = {.name = #function_, .call = function_}
#define LAYER_WITH(function_, self_)                         \
    static const struct rig_middleware function_##_layer = { \
        .name = #function_, .call = function_, .self_size = sizeof(struct self_)}

static struct rig_stack *stack;
static struct rig_client *client;

static inline int set_up(void **state)
{
    (void)state;
    fault_at = other_at = third_at = NULL;
    stack = rig_stack_new((struct rig_stack_options){0});
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    return stack && client ? 0 : -1;
}

static inline int tear_down(void **state)
{
    (void)state;
    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}

/* The same stack behind another server. */
static inline void behind(const struct rig_server *server)
{
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.server = server});
    assert_non_null(client);
}

#define RULE_TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down),

static inline int pass_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, env, res);
}
static const struct rig_middleware above_layer = {.name = "above", .call = pass_on};
static const struct rig_middleware below_layer = {.name = "below", .call = pass_on};

static inline int answer_ok(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200, .body = "ok");
}

/* Reads the body to its end, then answers. */
static inline int answer_after_reading(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[64];
    int64_t got;
    (void)self;
    while ((got = rig_input_read(rig_env_input(env), piece, sizeof piece)) > 0) {
    }
    return got < 0 ? (int)got : rig_respond(res, .status = 200, .body = "ok");
}

/* above, layer, below, app: nobody but the one at fault may be blamed. */
#define STAND(layer_, app_)                                 \
    do {                                                    \
        assert_int_equal(rig_use(stack, &above_layer), 0);  \
        assert_int_equal(rig_use(stack, layer_), 0);        \
        assert_int_equal(rig_use(stack, &below_layer), 0);  \
        assert_int_equal(rig_run(stack, RIG_APP(app_)), 0); \
    } while (0)

/* ---- verdicts ---- */

static inline void print_findings(const struct rig_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        print_error("  %s: %s: %s [%s]\n", finding->site ? finding->site : "-", rig_level_name(finding->level),
                    finding->message, finding->rule);
        for (size_t k = 0; k < finding->evidence_count; k++) {
            const struct rig_evidence *evidence = &finding->evidence[k];
            print_error("    %s (%s)\n", evidence->text, evidence->site ? evidence->site : "-");
        }
    }
}

static inline bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The one finding of that rule. */
static inline const struct rig_finding *finding_of(const struct rig_result *result, const char *rule)
{
    const struct rig_finding *found = NULL;
    for (size_t i = 0; i < result->finding_count; i++) {
        if (strcmp(result->findings[i].rule, rule) == 0) {
            if (found) {
                print_findings(result);
                fail_msg("%s was found more than once", rule);
            }
            found = &result->findings[i];
        }
    }
    if (!found) {
        print_findings(result);
        fail_msg("%s was not found", rule);
    }
    return found;
}

static inline bool has_evidence(const struct rig_finding *finding, const char *site)
{
    for (size_t i = 0; i < finding->evidence_count; i++) {
        if (same(finding->evidence[i].site, site)) {
            return true;
        }
    }
    return false;
}

/* The rule, with that level, is said once, of that layer (NULL: of the request) and of the line at fault. */
static inline const struct rig_finding *expect_found(const struct rig_result *result, const char *rule,
                                                     enum rig_level level, const char *layer)
{
    const struct rig_finding *finding = finding_of(result, rule);
    if (finding->level != level || !same(finding->layer, layer) || !same(finding->site, fault_at)) {
        print_findings(result);
        fail_msg("%s: %s of %s at %s, expected %s of %s at %s", rule, rig_level_name(finding->level),
                 finding->layer ? finding->layer : "the request", finding->site ? finding->site : "no line",
                 rig_level_name(level), layer ? layer : "the request", fault_at ? fault_at : "no line");
    }
    assert_false(result->unchecked);
    assert_true(rig_result_armed(result, rule) > 0);
    return finding;
}

/* And nothing else is said, notes aside. */
static inline const struct rig_finding *expect_only(const struct rig_result *result, const char *rule,
                                                    enum rig_level level, const char *layer)
{
    const struct rig_finding *finding = expect_found(result, rule, level, layer);
    for (size_t i = 0; i < result->finding_count; i++) {
        if (strcmp(result->findings[i].rule, rule) != 0 && result->findings[i].level >= RIG_LEVEL_WARNING) {
            print_findings(result);
            fail_msg("%s was found too", result->findings[i].rule);
        }
    }
    return finding;
}

#define EXPECT_ERROR(result_, rule_, layer_) (void)expect_only(result_, rule_, RIG_LEVEL_ERROR, layer_)

/* The twin: nothing is said but notes, not even a note of the rule, and the rule could have been broken. */
static inline void expect_silent(const struct rig_result *result, const char *rule)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        if (result->findings[i].level >= RIG_LEVEL_WARNING || strcmp(result->findings[i].rule, rule) == 0) {
            print_findings(result);
            fail_msg("%s was found", result->findings[i].rule);
        }
    }
    assert_int_equal(result->error, 0);
    assert_false(result->unchecked);
    if (rig_result_armed(result, rule) == 0) {
        fail_msg("%s was not armed: the twin does not look alike", rule);
    }
}

#endif
