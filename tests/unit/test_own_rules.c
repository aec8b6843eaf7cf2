/* Rules that a client brings itself: they are found, armed, switched and counted as the rig's own. */
#include "harness/core/arena.h"
#include "tests/unit/rules_test.h"

#include <stackrig/cmocka.h>
#include <stackrig/faults.h>
#include <stackrig/rules.h>
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

#define ROW(id_, level_) \
    .id = id_, .level = level_, .title = "a title", .armed_when = "it was", .why = "it breaks", .mend = "mend it"

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

static int traces(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-Request-Id", "7");
}
LAYER(traces);

/* The client of rules_test.h with these rules. */
static void with_options(struct rig_client_options options)
{
    rig_client_free(client);
    options.rules = options.rules ? options.rules : rules;
    client = rig_client_new(rig_stack_app(stack), options);
    assert_non_null(client);
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

/* ---- what a check can look at ---- */

static char story[2048];

static int tell_story(const struct rig_own_seen *seen)
{
    static const char *const names[RIG_OWN_MOMENTS] = {"begin", "enter", "leave", "next",  "back",   "get",
                                                       "set",   "unset", "read",  "drain", "status", "header",
                                                       "write", "log",   "out",   "end"};
    size_t used = strlen(story);
    (void)snprintf(story + used, sizeof story - used, "%s", names[seen->moment]);
    used = strlen(story);
    if (seen->hop) {
        (void)snprintf(story + used, sizeof story - used, "(%s)", seen->hop->layer);
        used = strlen(story);
    }
    (void)snprintf(story + used, sizeof story - used, "%s%s%s%.*s ", seen->name ? ":" : "",
                   seen->name ? seen->name : "", seen->value ? "=" : "", seen->value ? (int)seen->size : 0,
                   seen->value ? seen->value : "");
    const char *user = rig_own_env(seen, "app.user"), *type = rig_own_header(seen, "content-TYPE");
    if (seen->moment == RIG_OWN_OUT) {
        assert_string_equal(user, "ada");
        assert_string_equal(type, "text/plain");
        assert_null(rig_own_env(seen, "app.nobody"));
        assert_null(rig_own_header(seen, "X-Nothing"));
        assert_int_equal(seen->delivery->outcome, RIG_DELIVERED);
        assert_int_equal(seen->status, 200);
    } else if (seen->moment == RIG_OWN_BEGIN) {
        assert_null(user);
        assert_null(seen->delivery);
        assert_null(rig_own_answered_by(seen));
        assert_string_equal(rig_own_layer(seen), "the request");
        assert_null(seen->request_state);
        assert_null(seen->client_state);
    }
    return RIG_OWN_IDLE;
}

static const struct rig_own_rule storyteller = {ROW("tell.all", RIG_LEVEL_NOTE), .hears = (1u << RIG_OWN_MOMENTS) - 1,
                                                .check = tell_story};
static const struct rig_own_rule *const tellers[] = {&storyteller, NULL};

static int logs_in(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_env_set(env, "app.user", "ada");
    rig_env_set(env, "app.role", "root");
    (void)rig_env_get(env, "app.role");
    rig_env_unset(env, "app.role");
    rig_env_log(env, "in");
    return rig_next(next, env, res);
}
LAYER(logs_in);

static int greets(void *self, struct rig_env *env, struct rig_response *res)
{
    char byte;
    (void)self;
    (void)rig_input_read(rig_env_input(env), &byte, 1);
    rig_input_drain(rig_env_input(env), 99);
    rig_response_set_status(res, 200);
    rig_response_set_header(res, "Content-Type", "text/plain");
    return rig_response_write(res, "hi", 2);
}

static void test_own_rule_hears_all(void **state)
{
    (void)state;
    assert_int_equal(rig_use(stack, &logs_in_layer), 0);
    assert_int_equal(rig_run(stack, RIG_APP(greets)), 0);
    with_options((struct rig_client_options){.rules = tellers});
    story[0] = '\0';
    rig_assert(rig_post(client, "/", .body = "a=b"));
    assert_string_equal(
        story, "begin enter(logs_in) set(logs_in):app.user=ada set(logs_in):app.role=root "
               "get(logs_in):app.role=root unset(logs_in):app.role log(logs_in)=in\n next(logs_in) enter(greets) "
               "read(greets) drain(greets) status(greets) write(greets) leave(greets) back(logs_in) leave(logs_in) "
               "header(greets):Content-Type=text/plain out end ");
}

/* It costs a look no variable: nobody hears of it. */
static void test_own_rule_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(rig_use(stack, &logs_in_layer), 0);
    assert_int_equal(rig_run(stack, RIG_APP(greets)), 0);
    unsigned reads = rig_post(client, "/", .body = "a=b")->hops[0].env_reads;
    with_options((struct rig_client_options){.rules = tellers});
    assert_int_equal(rig_post(client, "/", .body = "a=b")->hops[0].env_reads, reads);
}

/* ---- what a check returns, or that it does not ---- */

static int returned;

static int return_that(const struct rig_own_seen *seen)
{
    return returned == RIG_OWN_IDLE && rig_own_find(seen, "found, idly") < 0 ? -ENOMEM : returned;
}

static const struct rig_own_rule returning = {ROW("myteam.returns", RIG_LEVEL_NOTE), .hears = RIG_OWN_HEARS(LEAVE),
                                              .check = return_that};
static const struct rig_own_rule *const returners[] = {&returning, NULL};

static void test_own_check_returns_what_it_must_not(void **state)
{
    static const int wrong[] = {-EINVAL, 42, 2};
    (void)state;
    STAND(&traces_layer, answer_ok);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char message[80];
        with_options((struct rig_client_options){.rules = returners});
        returned = wrong[i];
        const struct rig_result *result = rig_get(client, "/");
        const struct rig_finding *finding = finding_of(result, "usage.return.invalid");
        (void)snprintf(message, sizeof message, "the check of the rule myteam.returns returned %d", wrong[i]);
        assert_string_equal(finding->message, message);
        assert_non_null(strstr(finding->mend, "RIG_OWN_LOOKED"));
        assert_null(finding->layer);
        assert_int_equal(result->finding_count, 1); /* though it was called for each layer */
        assert_false(result->unchecked);
        assert_int_equal(rig_result_armed(result, "myteam.returns"), 0);
        rig_assert(result, .findings = {"usage.return.invalid"});
    }
    returned = RIG_OWN_IDLE;
    with_options((struct rig_client_options){.rules = returners});
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(rig_result_armed(result, "myteam.returns"), result->hop_count);
    rig_assert(result);
}

static jmp_buf out_of_it;
static bool jumps;

static int jump(const struct rig_own_seen *seen)
{
    (void)seen;
    if (jumps) {
        longjmp(out_of_it, 1); /* as a failed assertion does */
    }
    return RIG_OWN_LOOKED;
}

static const struct rig_own_rule jumping = {ROW("myteam.jumps", RIG_LEVEL_NOTE), .hears = RIG_OWN_HEARS(END),
                                            .check = jump};
static const struct rig_own_rule *const jumpers[] = {&jumping, NULL};

/* What is allocated from then on is no longer the rig's, whichever client sends. */
static void test_own_check_jumped_out_of(void **state)
{
    (void)state;
    STAND(&traces_layer, answer_ok);
    with_options((struct rig_client_options){.rules = jumpers});
    struct rig_client *other = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    for (int i = 0; i < 2; i++) {
        jumps = true;
        if (setjmp(out_of_it) == 0) {
            (void)rig_get(client, "/");
        }
        jumps = false;
        assert_true(rig_memory_is_own());
        rig_assert(rig_get(i ? other : client, "/"));
        assert_false(rig_memory_is_own());
    }
    rig_client_free(other);
}

/* ---- where it runs ---- */

static int starved(const struct rig_own_seen *seen)
{
    (void)seen;
    return -ENOMEM;
}

static const struct rig_own_rule starved_rule = {ROW("myteam.starved", RIG_LEVEL_NOTE), .hears = RIG_OWN_HEARS(END),
                                                 .check = starved};
static const struct rig_own_rule *const starved_rules[] = {&starved_rule, NULL};

static void test_own_check_without_memory(void **state)
{
    (void)state;
    STAND(&traces_layer, answer_ok);
    with_options((struct rig_client_options){.rules = starved_rules});
    assert_true(rig_get(client, "/")->unchecked);
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
}

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
                            RULE_TEST(test_own_check_returns_what_it_must_not) RULE_TEST(test_own_check_jumped_out_of)
                                RULE_TEST(test_own_state_of_a_client_in_sweeps) RULE_TEST(test_own_rule_hears_all)
                                    RULE_TEST(test_own_rule_changes_nothing) RULE_TEST(test_own_check_without_memory)
                                        RULE_TEST(test_own_rule_without_other_checks) RULE_TEST(test_own_rule_warms_up)
                                            RULE_TEST(test_own_rule_bisected)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
