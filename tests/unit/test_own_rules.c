/* Rules that a client brings itself: they are found, armed, switched and counted as the rig's own. */
#include "tests/unit/own_rules.h"

#include <stackrig/cmocka.h>
#include <stackrig/faults.h>
#include <stackrig/sweeps.h>

#include <stdio.h>

#define DEBUG_HEADER "myteam.no_debug_header"

/* ---- the rules ---- */

static int look_for_debug(const struct rig_own_seen *seen)
{
    if (strcmp(seen->name, "X-Debug") == 0) {
        return rig_own_find(seen, "%s sends %s: %.*s", rig_own_layer(seen), seen->name, (int)seen->size, seen->value);
    }
    return RIG_OWN_LOOKED;
}

static const struct rig_own_rule no_debug_header = {ROW(DEBUG_HEADER, RIG_LEVEL_ERROR), .hears = RIG_OWN_HEARS(HEADER),
                                                    .check = look_for_debug};

/* Of what each request keeps, and the client over all of them. */
struct kept {
    unsigned enters;
};

static int count_visits(const struct rig_own_seen *seen)
{
    struct kept *request = seen->request_state, *all = seen->client_state;
    const unsigned *most = seen->closure;
    if (seen->moment == RIG_OWN_ENTER) {
        request->enters++;
        all->enters++;
        return RIG_OWN_IDLE;
    }
    struct rig_evidence evidence[] = {{"it was answered here", rig_own_answered_by(seen)->left_at}};
    struct rig_own_detail detail = {.hop = rig_own_answered_by(seen),
                                    .level = all->enters > 2 * *most ? RIG_LEVEL_ERROR : RIG_LEVEL_NOTE,
                                    .subject = "visits",
                                    .follows = "it goes on so",
                                    .mend = "stop it",
                                    .evidence = evidence,
                                    .evidence_count = 1};
    return request->enters < *most
               ? RIG_OWN_IDLE
               : rig_own_find_with(seen, &detail, "%u visits, %u in all, %s %s got %d", request->enters, all->enters,
                                   seen->method, seen->target, seen->status);
}

static const unsigned four = 4;
static const struct rig_own_rule visits = {ROW("myteam.visits", RIG_LEVEL_WARNING),
                                           .hears = RIG_OWN_HEARS(ENTER) | RIG_OWN_HEARS(END),
                                           .check = count_visits,
                                           .request_size = sizeof(struct kept),
                                           .client_size = sizeof(struct kept),
                                           .closure = &four};

static int tell_each_status(const struct rig_own_seen *seen)
{
    return rig_own_find(seen, "%d", (int)seen->number);
}

static const struct rig_own_rule off_rule = {ROW("aaa.off", RIG_LEVEL_ERROR), .off = true,
                                             .hears = RIG_OWN_HEARS(STATUS), .check = tell_each_status};

static const struct rig_own_rule *const rules[] = {&visits, &no_debug_header, &off_rule, NULL};

/* ---- the layers ---- */

static int debugs(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_response_set_header(res, "X-Debug", "on"));
}
LAYER(debugs);

/* The client of rules_test.h with these rules. */
static void with_options(struct rig_client_options options)
{
    options.rules = options.rules ? options.rules : rules;
    with_rules(options);
}

static void test_own_rule_broken(void **state)
{
    (void)state;
    STAND(&debugs_layer, answer_ok);
    with_options((struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, DEBUG_HEADER, "debugs");
    const struct rig_finding *finding = finding_of(result, DEBUG_HEADER);
    assert_string_equal(finding->message, "debugs sends X-Debug: on");
    assert_string_equal(finding->follows, "it breaks");
    assert_string_equal(finding->mend, "mend it");
    assert_true(rig_result_found(result, DEBUG_HEADER));
    rig_assert(result, .findings = {DEBUG_HEADER});
}

static void test_own_rule_kept(void **state)
{
    (void)state;
    STAND(&traces_layer, answer_ok);
    with_options((struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, DEBUG_HEADER);
    rig_assert(result);
}

/* An error that no assertion names fails it, as one of the rig's own. */
static void test_own_finding_fails_assertion(void **state)
{
    (void)state;
    STAND(&debugs_layer, answer_ok);
    with_options((struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/");
    assert_false(rig_expect(result, .status = 200));
    assert_non_null(strstr(rig_expect_message(result), "[myteam.no_debug_header]"));
    assert_false(rig_expect(result, .findings = {DEBUG_HEADER, "myteam.other"}));
    assert_non_null(strstr(rig_expect_message(result), "expected a finding of myteam.other, which is no rule"));
}

static void test_own_states(void **state)
{
    (void)state;
    STAND(&traces_layer, answer_ok);
    with_options((struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/a");
    const struct rig_finding *finding = finding_of(result, "myteam.visits");
    assert_string_equal(finding->message, "4 visits, 4 in all, GET /a got 200");
    assert_int_equal(finding->level, RIG_LEVEL_NOTE);
    assert_string_equal(finding->layer, "answer_ok");
    assert_string_equal(finding->subject, "visits");
    assert_string_equal(finding->follows, "it goes on so");
    assert_string_equal(finding->mend, "stop it");
    assert_true(has_evidence(finding, finding->evidence[0].site) && finding->evidence[0].site);
    (void)rig_get(client, "/b");
    finding = finding_of(rig_get(client, "/c"), "myteam.visits");
    assert_string_equal(finding->message, "4 visits, 12 in all, GET /c got 200");
    assert_int_equal(finding->level, RIG_LEVEL_WARNING); /* no worse than its row */
    rig_client_reset(client);
    finding = finding_of(rig_get(client, "/d"), "myteam.visits");
    assert_string_equal(finding->message, "4 visits, 16 in all, GET /d got 200");
}

static void test_own_armed(void **state)
{
    (void)state;
    STAND(&traces_layer, answer_ok);
    with_options((struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(rig_result_armed(result, DEBUG_HEADER), result->header_count);
    assert_int_equal(rig_result_armed(result, "myteam.visits"), 1); /* at its end alone */
    assert_int_equal(rig_result_armed(result, "aaa.off"), 0);
    assert_true(rig_result_armed(result, "next.call.twice") > 0); /* the rig's own stand where they stood */
    assert_int_equal(rig_result_armed(result, "body.stream.failed"), 0);
    rig_assert(result);
}

static void test_own_rule_off_unless_enabled(void **state)
{
    (void)state;
    STAND(&traces_layer, answer_ok);
    with_options((struct rig_client_options){0});
    assert_false(rig_result_found(rig_get(client, "/"), "aaa.off"));
    const struct rig_result *result = rig_get(client, "/", .enable = {"aaa.*"});
    assert_true(rig_result_found(result, "aaa.off"));
    assert_true(rig_result_armed(result, "aaa.off") > 0);
    rig_assert(result, .findings = {"aaa.off"});
    with_options((struct rig_client_options){.enable = {"aaa.off"}});
    rig_assert(rig_get(client, "/"), .findings = {"aaa.off"});
}

static void test_own_rule_ignored(void **state)
{
    (void)state;
    STAND(&debugs_layer, answer_ok);
    with_options((struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/", .ignore = {"myteam.*"});
    assert_false(rig_result_found(result, DEBUG_HEADER));
    assert_int_equal(result->suppressed_count, 2);
    rig_assert(result);
    with_options((struct rig_client_options){.ignore = {DEBUG_HEADER}});
    result = rig_get(client, "/");
    assert_int_equal(result->suppressed_count, 1);
    assert_string_equal(result->suppressed[0].rule, DEBUG_HEADER);
    assert_true(rig_result_armed(result, DEBUG_HEADER) > 0);
    rig_assert(result);
}

static void test_own_rule_ignored_of_layer(void **state)
{
    (void)state;
    assert_int_equal(rig_use(stack, &debugs_layer, .ignore = {DEBUG_HEADER}), 0);
    assert_int_equal(rig_run(stack, RIG_APP(answer_ok)), 0);
    with_options((struct rig_client_options){0});
    rig_assert(rig_get(client, "/"));
}

static int find_at_the_end(const struct rig_own_seen *seen)
{
    return rig_own_find(seen, "%s is seen", seen->target);
}

static const struct rig_own_rule off_at_end = {ROW("aaa.ends", RIG_LEVEL_ERROR), .off = true,
                                               .hears = RIG_OWN_HEARS(BEGIN) | RIG_OWN_HEARS(OUT) | RIG_OWN_HEARS(END),
                                               .check = find_at_the_end};
static const struct rig_own_rule *const off_enders[] = {&off_at_end, NULL};

static int refuses(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return strcmp(rig_env_get(env, "PATH_INFO"), "/no") == 0 ? rig_respond(res, .status = 403)
                                                             : rig_next(next, env, res);
}
LAYER(refuses);

/* It is on for what that layer does: outside of the layers, where it answered. */
static void test_own_rule_enabled_by_a_layer(void **state)
{
    (void)state;
    assert_int_equal(rig_use(stack, &refuses_layer, .enable = {"aaa.*"}), 0);
    assert_int_equal(rig_run(stack, RIG_APP(answer_ok)), 0);
    with_options((struct rig_client_options){.rules = off_enders});
    const struct rig_result *result = rig_get(client, "/no");
    assert_int_equal(result->finding_count, 2); /* at OUT and END */
    assert_string_equal(result->findings[0].rule, "aaa.ends");
    assert_string_equal(result->findings[0].layer, "refuses");
    rig_assert(result, .findings = {"aaa.ends"});
    rig_assert(rig_get(client, "/yes"));
}

/* Elsewhere the same id is none. */
static void test_own_rule_unknown_to_another_client(void **state)
{
    (void)state;
    STAND(&debugs_layer, answer_ok);
    const struct rig_result *result = rig_get(client, "/", .ignore = {DEBUG_HEADER});
    assert_true(rig_result_found(result, "usage.rule.unknown"));
    assert_non_null(strstr(finding_of(result, "usage.rule.unknown")->message,
                           "\"myteam.no_debug_header\", which is none of the rig's rules, and none were brought"));
    rig_assert(result, .findings = {"usage.rule.unknown"}, .error = -EINVAL);
    result = rig_get(client, "/", .ignore = {"next.call.thrice"});
    assert_non_null(
        strstr(finding_of(result, "usage.rule.unknown")->message, "\"next.call.thrice\", which is no rule"));
    rig_assert(result, .findings = {"usage.rule.unknown"}, .error = -EINVAL);
    with_options((struct rig_client_options){0});
    result = rig_get(client, "/", .ignore = {"myteam.no_debug_heade"});
    assert_non_null(strstr(finding_of(result, "usage.rule.unknown")->message, ", which is no rule"));
    rig_assert(result, .findings = {"usage.rule.unknown"}, .error = -EINVAL);
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    result = rig_get(client, "/");
    assert_false(rig_result_found(result, DEBUG_HEADER));
    assert_false(rig_expect(result)); /* it was asked for a rule that is none */
}

static int blame_the_outermost(const struct rig_own_seen *seen)
{
    return rig_own_find_with(seen, &(struct rig_own_detail){.hop = &seen->hops[0]}, "seen at %s", seen->site);
}

static const struct rig_own_rule blaming = {ROW("myteam.blames", RIG_LEVEL_NOTE), .hears = RIG_OWN_HEARS(STATUS),
                                            .check = blame_the_outermost};
static const struct rig_own_rule *const blamers[] = {&blaming, NULL};

/* The line that was seen is the app's: of the layer that is blamed it says nothing. */
static void test_own_finding_of_another_layer(void **state)
{
    (void)state;
    STAND(&traces_layer, answer_ok);
    with_options((struct rig_client_options){.rules = blamers});
    const struct rig_result *result = rig_get(client, "/");
    const struct rig_finding *finding = finding_of(result, "myteam.blames");
    assert_string_equal(finding->layer, "above");
    assert_string_equal(finding->site, result->hops[0].layer_site);
    rig_assert(result);
}

static const struct rig_own_rule ending = {ROW("myteam.ends", RIG_LEVEL_NOTE), .hears = RIG_OWN_HEARS(END),
                                           .check = find_at_the_end};
static const struct rig_own_rule beginning = {ROW("myteam.begins", RIG_LEVEL_NOTE), .hears = RIG_OWN_HEARS(BEGIN),
                                              .check = find_at_the_end};
static const struct rig_own_rule *const enders[] = {&ending, &beginning, NULL};

static int answer_two(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/one") == 0) {
        return rig_respond(res, .body = "1");
    }
    return rig_respond(res, .body = "2");
}

/* Else all of them have one key, and a new one hides behind a baseline. */
static void test_own_finding_in_no_layer(void **state)
{
    char one[256];
    (void)state;
    STAND(&traces_layer, answer_two);
    with_options((struct rig_client_options){.rules = enders});
    const struct rig_result *result = rig_get(client, "/one");
    assert_string_equal(finding_of(result, "myteam.ends")->layer, "answer_two");
    assert_string_equal(finding_of(result, "myteam.ends")->site, result->hops[3].left_at);
    assert_null(finding_of(result, "myteam.begins")->layer);
    assert_null(finding_of(result, "myteam.begins")->site);
    (void)snprintf(one, sizeof one, "%s", finding_of(result, "myteam.ends")->site);
    assert_string_not_equal(finding_of(rig_get(client, "/two"), "myteam.ends")->site, one);
}

static int count_requests(const struct rig_own_seen *seen)
{
    unsigned *count = seen->client_state;
    ++*count;
    return *count > 2 ? rig_own_find(seen, "request %u", *count) : RIG_OWN_LOOKED;
}

static const struct rig_own_rule counting = {ROW("myteam.counts", RIG_LEVEL_ERROR), .hears = RIG_OWN_HEARS(BEGIN),
                                             .check = count_requests, .client_size = 4};
static const struct rig_own_rule *const counters[] = {&counting, NULL};

static int answer_drained(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 200);
}

/* Each try is the client's next request, and leaves nothing. */
static void test_own_state_of_a_client_in_sweeps(void **state)
{
    (void)state;
    STAND(&traces_layer, answer_drained);
    with_options((struct rig_client_options){.rules = counters});
    rig_assert(rig_get(client, "/"));
    struct rig_request request = RIG_POST("/", .body = "a=b");
    assert_int_equal(rig_sweep_faults(client, request).found_count, 0);
    assert_int_equal(rig_sweep_splits(client, request).found_count, 0);
    assert_int_equal(rig_sweep_disconnect(client, request).found_count, 0);
    rig_assert(rig_get(client, "/"));
    rig_assert(rig_get(client, "/"), .findings = {"myteam.counts"});
}

/* ---- where it runs ---- */

static void test_own_rule_without_other_checks(void **state)
{
    (void)state;
    STAND(&debugs_layer, answer_ok);
    with_options((struct rig_client_options){.checks = RIG_CHECKS_NONE});
    rig_assert(rig_get(client, "/"), .findings = {DEBUG_HEADER});
}

static void test_own_rule_warms_up(void **state)
{
    (void)state;
    STAND(&debugs_layer, answer_ok);
    assert_int_equal(rig_warm_up(stack, RIG_GET("/warm")), 0);
    with_options((struct rig_client_options){.ignore = {"aaa.off"}});
    const struct rig_result *result = rig_get(client, "/", .ignore = {DEBUG_HEADER});
    const struct rig_finding *finding = finding_of(result, "usage.stack.warm_up");
    assert_non_null(strstr(finding->message, "[myteam.no_debug_header]"));
    rig_assert(result, .findings = {"usage.stack.warm_up"});
}

static int build_debugging(struct rig_stack *built, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(built, &above_layer);
    rig_use(built, &debugs_layer);
    rig_use(built, &below_layer);
    return rig_run(built, RIG_APP(answer_ok));
}

static void test_own_rule_bisected(void **state)
{
    (void)state;
    struct rig_bisection bisection;
    struct rig_bisect_options options = {
        .build = build_debugging, .request = RIG_GET("/"), .finding = DEBUG_HEADER, .client = {.rules = rules}};
    assert_int_equal(rig_bisect(&options, &bisection), 0);
    assert_int_equal(bisection.sets[0].count, 1);
    assert_int_equal(bisection.sets[0].layers[0], 1);
    options.client.rules = NULL;
    assert_int_equal(rig_bisect(&options, &bisection), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE_TEST(test_own_rule_broken) RULE_TEST(test_own_rule_kept) RULE_TEST(test_own_finding_fails_assertion)
            RULE_TEST(test_own_states) RULE_TEST(test_own_armed) RULE_TEST(test_own_rule_off_unless_enabled)
                RULE_TEST(test_own_rule_ignored) RULE_TEST(test_own_rule_ignored_of_layer)
                    RULE_TEST(test_own_rule_unknown_to_another_client) RULE_TEST(test_own_finding_of_another_layer)
                        RULE_TEST(test_own_finding_in_no_layer) RULE_TEST(test_own_rule_enabled_by_a_layer)

                            RULE_TEST(test_own_state_of_a_client_in_sweeps)

                                RULE_TEST(test_own_rule_without_other_checks) RULE_TEST(test_own_rule_warms_up)
                                    RULE_TEST(test_own_rule_bisected)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
