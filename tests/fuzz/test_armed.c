#define _POSIX_C_SOURCE 200809L

/* How often each error rule was armed: counted for the plays that are judged, and told by the summary. */
#include "tests/fuzz/stacks.h"

#include "fuzz/driver/report.h"
#include "harness/checks/rules.h"

static char *summary;

static int passes(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, env, res);
}

static const struct rig_middleware passing = {.name = "passing", .call = passes};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &passing);
    return rig_run(stack, RIG_APP(members));
}

/* ---- rules of one's own ---- */

static int look(const struct rig_own_seen *seen)
{
    return strcmp(seen->target, "/here") == 0 ? RIG_OWN_LOOKED : RIG_OWN_IDLE;
}

static const struct rig_own_rule looks = {.id = "myteam.looks",
                                          .level = RIG_LEVEL_ERROR,
                                          .title = "t",
                                          .armed_when = "the target is /here",
                                          .why = "w",
                                          .mend = "m",
                                          .hears = RIG_OWN_HEARS(END),
                                          .check = look};
static const struct rig_own_rule warns = {.id = "myteam.warns",
                                          .level = RIG_LEVEL_WARNING,
                                          .title = "t",
                                          .armed_when = "always",
                                          .why = "w",
                                          .mend = "m",
                                          .hears = RIG_OWN_HEARS(END),
                                          .check = look};
static const struct rig_own_rule rare = {.id = "ourteam.rare",
                                         .level = RIG_LEVEL_ERROR,
                                         .off = true,
                                         .title = "t",
                                         .armed_when = "always",
                                         .why = "w",
                                         .mend = "m",
                                         .hears = RIG_OWN_HEARS(END),
                                         .check = look};
/* Its words are no sweep of the rig's. */
static const struct rig_own_rule swept = {.id = "myteam.swept",
                                          .level = RIG_LEVEL_ERROR,
                                          .title = "t",
                                          .armed_when = "a sweep of the floor is due",
                                          .why = "w",
                                          .mend = "m",
                                          .hears = RIG_OWN_HEARS(END),
                                          .check = look};
static const struct rig_own_rule *const own[] = {&warns, &looks, &rare, &swept, NULL};

/* ---- what is asked ---- */

static struct rig_fuzz_oracle oracle_of(const char *id)
{
    struct rig_fuzz_oracle oracle;
    for (size_t i = 0; rig_fuzz_oracle(&target, i, &oracle); i++) {
        if (strcmp(oracle.id, id) == 0) {
            return oracle;
        }
    }
    fail_msg("there is no %s", id);
    return (struct rig_fuzz_oracle){0};
}

static void assert_armed(const char *id, uint64_t times)
{
    struct rig_fuzz_oracle oracle = oracle_of(id);
    assert_int_equal(oracle.kind, RIG_FUZZ_ORACLE);
    assert_int_equal(oracle.armed, times);
}

static void summarize(void)
{
    size_t size;
    free(summary);
    summary = NULL;
    FILE *out = open_memstream(&summary, &size);
    assert_non_null(out);
    rig_fuzz_print_summary(out, &target);
    fclose(out);
}

static void assert_says(const char *part)
{
    if (!strstr(summary, part)) {
        fail_msg("the summary lacks \"%s\":\n%s", part, summary);
    }
}

static void assert_silent(const char *part)
{
    if (strstr(summary, part)) {
        fail_msg("the summary has \"%s\":\n%s", part, summary);
    }
}

/* The list with that title, which begins a line; "": there is none. */
static const char *list_of(const char *title)
{
    static char list[4096];
    size_t size = 0;
    const char *at = strstr(summary, title);
    assert_true(!at || at[-1] == '\n');
    while (at && at[size] && !(at[size] == '\n' && at[size + 1] != ' ') && size < sizeof list - 1) {
        size++;
    }
    (void)snprintf(list, sizeof list, "%.*s", (int)size, at ? at : "");
    return list;
}

/* ---- tests ---- */

static void all_that_is_judged_counts_and_no_play_beside_it(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build};
    open_target(&what);
    assert_armed("response.missing", 0);       /* to open it has counted nothing */
    judge("GET /a\n\n###\nPOST /b\n\nbody\n"); /* all oracles: several plays */
    assert_armed("response.missing", 2);
    assert_armed("next.call.twice", 2);
    assert_armed("input.early_answer.unread", 1);
    assert_armed("usage.body.twice", 2);
    assert_armed("body.closed_twice", 0);
    assert_true(target.armed[RIG_FUZZ_ANSWER_VARIES] > 0);
    assert_armed("fuzz.answer.varies", target.armed[RIG_FUZZ_ANSWER_VARIES]);
}

static void long_runs_lose_nothing(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build};
    open_target(&what);
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(rig_fuzz_try(&target, &scenario, "", 0), 0);
    }
    assert_armed("response.missing", 1000);
    assert_true(target.armed_rules.fresh[RIG_RULE_RESPONSE_MISSING] < 1000); /* else it were full some day */
}

static void what_was_counted_before_counts_on(void **state)
{
    (void)state;
    static struct rig_fuzz_target before;
    static const struct rig_fuzz what = {.build = build};
    open_target(&what);
    for (unsigned i = 0; i < 300; i++) { /* some are added up, some are not yet */
        assert_int_equal(rig_fuzz_try(&target, &scenario, "", 0), 0);
    }
    before = target;
    open_target(&what);
    judge("GET /\n");
    rig_fuzz_armed_add(&target.armed_rules, &before.armed_rules);
    assert_armed("response.missing", 301);
    rig_fuzz_target_close(&before);
}

static void a_stack_built_anew_counts_as_well(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build};
    open_target(&what);
    target.anew = true;
    judge("GET /a\n\n###\nGET /b\n");
    judge("GET /a\n");
    assert_armed("response.missing", 3);
}

static void rules_of_ones_own_are_oracles(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build, .rules = own};
    open_target(&what);
    assert_armed("myteam.swept", 0);
    judge("GET /here\n\n###\nGET /there\n");
    assert_armed("myteam.looks", 1);
    assert_int_equal(oracle_of("myteam.warns").kind, RIG_FUZZ_NO_ORACLE);
    assert_int_equal(oracle_of("ourteam.rare").kind, RIG_FUZZ_OFF);
    summarize();
    assert_armed("myteam.swept", 1);
    assert_says("  myteam.* 2 of 2: 1 each\n"); /* once, though another area stands between them */
    assert_silent("\n  ourteam.");
    assert_silent("myteam.warns");
    assert_non_null(strstr(list_of("off:"), "ourteam.rare"));
}

static void what_cannot_be_armed_is_told_apart(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build,
                                         .ignore = {"usage.*", "next.call.twice", "fuzz.head.differs /files"}};
    open_target(&what);
    judge("GET /a\n");
    assert_int_equal(oracle_of("next.call.twice").kind, RIG_FUZZ_IGNORED);
    assert_int_equal(oracle_of("fuzz.head.differs").kind, RIG_FUZZ_ORACLE); /* elsewhere */
    assert_int_equal(oracle_of("fuzz.app.entered").kind, RIG_FUZZ_OFF);     /* nothing is protected */
    assert_int_equal(oracle_of("env.log.written").kind, RIG_FUZZ_OFF);
    assert_int_equal(oracle_of("input.pieces.matter").kind, RIG_FUZZ_OF_SWEEPS);
    assert_int_equal(oracle_of("state.memory.leaked").kind, RIG_FUZZ_OF_SWEEPS);
    assert_int_equal(oracle_of("request.host.invalid").kind, RIG_FUZZ_NO_ORACLE);
    assert_int_equal(oracle_of("response.answer.overwritten").kind, RIG_FUZZ_NO_ORACLE); /* a note */
    assert_int_equal(oracle_of("microhttpd.answer.early").kind, RIG_FUZZ_NO_ORACLE);     /* not in use */
    summarize();
    assert_non_null(strstr(list_of("ignored:"), "next.call.twice, usage.* (15)"));
    assert_non_null(strstr(list_of("off:"), "fuzz.app.entered (nothing is protected)"));
    assert_null(strstr(list_of("never armed, of fuzzing:"), "fuzz.app.entered"));
    assert_non_null(strstr(list_of("of sweeps, not of fuzzing:"), "input.pieces.matter"));
    assert_null(strstr(list_of("never armed:"), "input.pieces.matter"));
    assert_silent("microhttpd");
    assert_silent("request.");
    assert_silent("usage.* 15 of");
}

static void those_of_sweeps_say_so(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build};
    open_target(&what);
    for (size_t i = 0; i < RIG_RULE_COUNT; i++) {
        bool of_sweeps = strncmp(rig_rules(NULL)[i].armed_when, "a sweep ", 8) == 0;
        assert_int_equal(oracle_of(rig_rules(NULL)[i].id).kind == RIG_FUZZ_OF_SWEEPS, of_sweeps);
    }
}

static void what_is_armed_all_the_same_is_an_oracle(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build};
    open_target(&what);
    target.armed_rules.sums[RIG_RULE_ENV_LOG_WRITTEN] = 3;         /* as of a layer with an .enable, */
    target.armed_rules.sums[RIG_RULE_MICROHTTPD_ANSWER_EARLY] = 4; /* and a handler of that framework */
    assert_armed("env.log.written", 3);
    assert_armed("microhttpd.answer.early", 4);
    assert_armed("microhttpd.queue.refused", 0);
    summarize();
    assert_says("  microhttpd.* 1 of 8: 4 answer.early\n");
    assert_non_null(strstr(list_of("never armed:"), "microhttpd.queue.refused"));
}

static bool everybody(const struct rig_fuzz_who *who)
{
    (void)who;
    return true;
}

static void a_protected_app_may_be_entered(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build, .protect = {"members"}};
    open_target(&what);
    assert_int_equal(oracle_of("fuzz.app.entered").kind, RIG_FUZZ_ORACLE);
    rig_fuzz_target_close(&target);
    static const struct rig_fuzz modelled = {.build = build, .authorize = everybody};
    open_target(&modelled);
    assert_int_equal(oracle_of("fuzz.app.entered").kind, RIG_FUZZ_ORACLE);
}

static bool near_is_off(const struct rig_fuzz *what)
{
    open_target(what);
    bool off = oracle_of("fuzz.credentials.near").kind == RIG_FUZZ_OFF;
    summarize();
    assert_true(off == (strstr(list_of("off:"), "fuzz.credentials.near (a model") != NULL));
    assert_true(off == (strstr(list_of("never armed, of fuzzing:"), "fuzz.credentials.near") == NULL));
    rig_fuzz_target_close(&target);
    return off;
}

static int build_two(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    struct rig_stack *inner = rig_stack_new((struct rig_stack_options){.name = "inner"});
    rig_run(inner, (struct rig_app){.name = "others", .call = members});
    int error = rig_map(stack, "/others", inner);
    return error ? error : rig_run(stack, RIG_APP(members));
}

static void what_is_near_is_not_asked_of_a_model(void **state)
{
    (void)state;
    static const struct rig_fuzz none = {.build = build_two}, one = {.build = build_two, .protect = {"members"}},
                                 both = {.build = build_two, .protect = {"others", "members"}},
                                 all = {.build = build_two, .authorize = everybody},
                                 of_one = {.build = build_two, .protect = {"members"}, .authorize = everybody};
    assert_false(near_is_off(&none));
    assert_false(near_is_off(&one));
    assert_true(near_is_off(&both));
    assert_true(near_is_off(&all));
    assert_false(near_is_off(&of_one));
}

static void tabs_are_asked_for_where_they_stay(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build},
                                 nginx = {.build = build, .profiles = {"nginx:fastcgi+libfcgi"}};
    open_target(&what);
    assert_int_equal(oracle_of("fuzz.blank.widens").kind, RIG_FUZZ_OFF);
    summarize();
    assert_non_null(strstr(list_of("off:"), "fuzz.blank.widens"));
    rig_fuzz_target_close(&target);
    open_target(&nginx);
    assert_int_equal(oracle_of("fuzz.blank.widens").kind, RIG_FUZZ_ORACLE);
}

static void the_summary_has_all_and_fits_a_screen(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build};
    open_target(&what);
    judge("GET /a\n\n###\nPOST /b\n\nbody\n");
    summarize();
    assert_says("usage.* 15 of 15: 2 each\n");
    assert_says(" early_answer.unread");
    assert_says("  next.* 3 of 3: 2 each\n");
    assert_says("oracles armed, how often:\n");
    assert_says("\nnever armed: body.* (6), env.content_length.digits,\n    env.");
    assert_non_null(strstr(list_of("never armed, of fuzzing:"), "fuzz.target.equivalent"));
    assert_true(strstr(summary, "never armed, of fuzzing:") < strstr(summary, "\nnever armed:"));
    assert_null(strstr(list_of("never armed:"), "fuzz."));
    const char *list = list_of("never armed:");
    assert_non_null(strstr(list, "response.hijack.not_supported"));
    assert_null(strstr(list, "response.missing"));
    unsigned lines = 0, oracles = 0, armed, all;
    const char *counts = strchr(summary, '\n') + 1;
    assert_int_equal(sscanf(counts, "%u of %u", &armed, &all), 2);
    for (const char *line = counts; *line; line += strcspn(line, "\n") + 1) {
        assert_true(strcspn(line, "\n") < 80);
        lines++;
    }
    assert_true(lines < 48); /* two of 24 */
    struct rig_fuzz_oracle oracle;
    for (size_t i = 0; rig_fuzz_oracle(&target, i, &oracle); i++) {
        oracles += oracle.kind == RIG_FUZZ_ORACLE;
    }
    assert_int_equal(all, oracles);
    assert_true(armed < all && armed > 20);
}

static void the_rarest_comes_first(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build};
    open_target(&what);
    judge("GET /a\n");
    target.armed_rules.sums[RIG_RULE_BODY_STREAM_FAILED] = 7;
    target.armed_rules.sums[RIG_RULE_BODY_CLOSED_TWICE] = 12345678901;
    target.armed_rules.sums[RIG_RULE_BODY_CONSUMED_TWICE] = 7;
    summarize();
    assert_says("  body.* 3 of 6: 7 consumed_twice, stream.failed; 12345678901 closed_twice\n");
    assert_says("never armed: body.lifetime.stale, body.to_path.exists,");
}

static int forget(void **state)
{
    free(summary);
    summary = NULL;
    return close_target(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(all_that_is_judged_counts_and_no_play_beside_it, forget),
        cmocka_unit_test_teardown(long_runs_lose_nothing, forget),
        cmocka_unit_test_teardown(what_was_counted_before_counts_on, forget),
        cmocka_unit_test_teardown(a_stack_built_anew_counts_as_well, forget),
        cmocka_unit_test_teardown(rules_of_ones_own_are_oracles, forget),
        cmocka_unit_test_teardown(what_cannot_be_armed_is_told_apart, forget),
        cmocka_unit_test_teardown(those_of_sweeps_say_so, forget),
        cmocka_unit_test_teardown(what_is_armed_all_the_same_is_an_oracle, forget),
        cmocka_unit_test_teardown(a_protected_app_may_be_entered, forget),
        cmocka_unit_test_teardown(what_is_near_is_not_asked_of_a_model, forget),
        cmocka_unit_test_teardown(tabs_are_asked_for_where_they_stay, forget),
        cmocka_unit_test_teardown(the_summary_has_all_and_fits_a_screen, forget),
        cmocka_unit_test_teardown(the_rarest_comes_first, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
