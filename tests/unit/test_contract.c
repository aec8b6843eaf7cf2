/* A layer's contract: each property has a broken layer that fails it and no other, and a twin that passes all. */
#include "tests/unit/contract_layers.h"
#include "tests/unit/core_test.h"

#include <stackrig/contract.h>
#include <stackrig/inputs.h>

static void fail_with(const struct rig_contract_report *report, const char *expected)
{
    char text[8192];
    (void)rig_contract_text(report, text, sizeof text);
    print_error("%s\n", text);
    fail_msg("expected: %s", expected);
}

static void broken_fails_just_that(void **state)
{
    (void)state;
    for (size_t i = 0; i < contract_case_count; i++) {
        const struct contract_case *one = &contract_cases[i];
        struct rig_contract_report report = rig_layer_contract_at(RIG_SITE, &one->broken);
        if (report.error || report.failed != 1) {
            fail_with(&report, one->property);
        }
        for (size_t p = 0; p < RIG_CONTRACT_PROPERTIES; p++) {
            const struct rig_contract_property *property = &report.properties[p];
            if (property->verdict == RIG_CONTRACT_FAILED &&
                (strcmp(property->name, one->property) != 0 || property->found_count == 0)) {
                fail_with(&report, one->property);
            }
        }
    }
}

static void twin_passes_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < contract_case_count; i++) {
        struct rig_contract_report report = rig_layer_contract_at(RIG_SITE, &contract_cases[i].twin);
        if (!rig_contract_held(&report)) {
            fail_with(&report, contract_cases[i].property);
        }
    }
}

static const struct rig_contract_property *property_of(const struct rig_contract_report *report, const char *name)
{
    for (size_t i = 0; i < RIG_CONTRACT_PROPERTIES; i++) {
        if (strcmp(report->properties[i].name, name) == 0) {
            return &report->properties[i];
        }
    }
    fail_msg("no property %s", name);
    return NULL;
}

static void expect_found(const struct rig_contract_report *report, const char *name, const char *message,
                         const char *rule)
{
    const struct rig_contract_property *property = property_of(report, name);
    if (property->verdict != RIG_CONTRACT_FAILED || !strstr(property->found[0].message, message)) {
        fail_with(report, message);
    }
    if (rule) {
        assert_string_equal(property->found[0].rule, rule);
    } else {
        assert_null(property->found[0].rule);
    }
}

/* Those that come with the library. */
static void ours_pass_all(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&rig_rewindable_layer);
    if (!rig_contract_held(&report)) {
        fail_with(&report, "rig_rewindable_layer");
    }
}

/* ---- what a report says ---- */

static int pass(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, env, res);
}
static const struct rig_middleware passing = {.name = "passing", .call = pass};

static int refuse(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self, (void)next;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 403);
}
static const struct rig_middleware refusing = {.name = "refusing", .call = refuse};

static void what_cannot_be_tested_says_why(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&refusing);
    assert_true(rig_contract_held(&report));
    assert_int_equal(property_of(&report, "early.drained")->verdict, RIG_CONTRACT_PASSED);
    assert_true(property_of(&report, "early.drained")->runs >= 2 * 19); /* each profile, with a length and in chunks */
    const struct rig_contract_property *once = property_of(&report, "next.once");
    assert_int_equal(once->verdict, RIG_CONTRACT_NOT_APPLICABLE);
    assert_string_equal(once->why, "it passed on none of the requests that were tried; name one with .passes");
    report = rig_layer_contract(&passing);
    assert_string_equal(property_of(&report, "early.drained")->why,
                        "it answered none of the requests with a body that were tried; name one with .answers");
    assert_int_equal(report.passed + report.failed + report.not_applicable, RIG_CONTRACT_PROPERTIES);
}

static void what_the_contract_says_of_a_request_must_hold(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&refusing, .passes = RIG_GET("/in?token=lace"));
    expect_found(&report, "next.once", "GET /in?token=**** of .passes: it did not pass it on", NULL);
    report = rig_layer_contract(&passing, .answers = RIG_POST("/out", .body = "x"));
    expect_found(&report, "early.drained", "POST /out of .answers: it did not answer it itself", NULL);
}

static void a_property_can_be_left_out(void **state)
{
    (void)state;
    const struct contract_case *one = &contract_cases[0];
    struct rig_contract contract = one->broken;
    contract.without[0] = "env.*";
    struct rig_contract_report report = rig_layer_contract_at(RIG_SITE, &contract);
    assert_true(rig_contract_held(&report));
    assert_string_equal(property_of(&report, "env.same")->why, "the contract is without it");
    assert_int_equal(property_of(&report, "env.same")->runs, 0);
}

static void one_property_alone(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_contract_one_at(RIG_SITE, &contract_cases[0].broken, 0);
    assert_int_equal(report.failed, 1);
    assert_int_equal(report.not_applicable, RIG_CONTRACT_PROPERTIES - 1);
    report = rig_contract_one_at(RIG_SITE, &contract_cases[0].broken, 1);
    assert_int_equal(report.passed, 1);
    assert_string_equal(rig_contract_name(0), "env.same");
    assert_null(rig_contract_name(RIG_CONTRACT_PROPERTIES));
}

static void findings_name_the_line(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract_at(RIG_SITE, &contract_cases[0].broken);
    expect_found(&report, "env.same", "passes_a_copy was given env#", "env.identity.replaced");
    assert_non_null(strstr(property_of(&report, "env.same")->found[0].site, "contract_layers.c:"));
    report = rig_layer_contract_at(RIG_SITE, &contract_cases[1].broken);
    expect_found(&report, "env.transparent", "it set app.user to \"ada\", which .env does not name", NULL);
    assert_non_null(strstr(property_of(&report, "env.transparent")->found[0].site, "contract_layers.c:"));
    report = rig_layer_contract_at(RIG_SITE, &contract_cases[3].broken);
    expect_found(&report, "response.transparent", "it added the header X-Runtime: \"0 us\", which .headers does not",
                 NULL);
    assert_non_null(strstr(property_of(&report, "response.transparent")->found[0].site, "contract_layers.c:"));
}

/* What the app sets is for the layers above, too. */
static int tidy_up(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : rig_env_unset(env, "contract.app");
}
static const struct rig_middleware tidying = {.name = "tidying", .call = tidy_up};

static void what_the_app_sets_is_there_above(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&tidying);
    assert_int_equal(report.failed, 1);
    expect_found(&report, "env.transparent", "contract.app, which the app set, is another value above it", NULL);
}

/* ---- faults that a layer says it handles ---- */

static int take(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char piece[64];
    int64_t got = 1, size = 0;
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    (void)self, (void)next;
    while (got > 0) {
        got = rig_input_read(rig_env_input(env), piece, sizeof piece);
        size += got > 0 ? got : 0;
    }
    bool whole = got == 0 && (!length || strtoll(length, NULL, 10) == size);
    return rig_respond(res, .status = whole ? 201 : 400, .headers = {{"Connection", whole ? NULL : "close"}});
}
static const struct rig_middleware taking = {.name = "taking", .call = take};

static void what_it_says_it_handles_must_not_matter(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&taking);
    assert_int_equal(property_of(&report, "body.faults")->verdict, RIG_CONTRACT_PASSED);
    report = rig_layer_contract(&taking, .handles = 1u << RIG_FAULT_EINTR);
    expect_found(&report, "body.faults", "eintr at read 1, after 0 bytes", NULL);
    assert_non_null(strstr(property_of(&report, "body.faults")->found[0].message, "though .handles names that fault"));
}

/* ---- state ---- */

/* An id that each request gets is no state, where the layer says that it sets it. */
static int name_request(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    static unsigned count; /* of the program, not of the stack */
    char id[16];
    (void)self;
    (void)snprintf(id, sizeof id, "%u", ++count);
    int error = rig_response_set_header(res, "X-Request-Id", id);
    return error ? error : rig_next(next, env, res);
}
static const struct rig_middleware naming = {.name = "naming", .call = name_request};

static void what_varies_by_itself_is_no_state(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&naming, .headers = {"X-Request-Id"});
    assert_int_equal(property_of(&report, "state.between")->verdict, RIG_CONTRACT_PASSED);
    report = rig_layer_contract(&naming);
    expect_found(&report, "state.between", "X-Request-Id was", NULL);
}

/* An id in the env and in the answer, or a time, which does not change with each request. */
struct stamp {
    unsigned every;
};

static unsigned stamped;

static int stamp(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct stamp *stamp = self;
    char id[16];
    (void)snprintf(id, sizeof id, "%u", stamped++ / stamp->every);
    int error = rig_env_set(env, "app.stamp", id);
    error = error ? error : rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-Stamp", id);
}

static int set_stamp(void *self, const void *options)
{
    *(struct stamp *)self = *(const struct stamp *)options;
    return 0;
}

static const struct rig_middleware stamping = {
    .name = "stamping", .call = stamp, .init = set_stamp, .self_size = sizeof(struct stamp)};

static void what_varies_is_no_failure(void **state)
{
    static const struct stamp stamps[] = {{1}, {7}, {50}, {400}};
    (void)state;
    for (size_t i = 0; i < COUNT(stamps); i++) {
        for (stamped = 0; stamped < stamps[i].every; stamped += stamps[i].every / 3 + 1) {
            unsigned before = stamped;
            struct rig_contract_report report =
                rig_layer_contract(&stamping, &stamps[i], .headers = {"X-Stamp"}, .env = {"app.stamp"});
            if (!rig_contract_held(&report)) {
                fail_with(&report, "nothing at all");
            }
            stamped = before;
        }
    }
    struct rig_contract_report report = rig_layer_contract(&stamping, &stamps[0], .headers = {"X-Stamp"});
    expect_found(&report, "body.pieces", "app.stamp was", NULL);
    expect_found(&report, "headers.case", "app.stamp was", NULL);
}

/* Counts what came to it, in which a body's pieces have no part. */
static int number_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    unsigned *count = self;
    char number[16];
    (void)snprintf(number, sizeof number, "%u", ++*count);
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-Count", number);
}

static const struct rig_middleware numbering = {
    .name = "numbering", .call = number_call, .self_size = sizeof(unsigned)};

static void what_is_kept_is_no_matter_of_pieces(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&numbering, NULL, .headers = {"X-Count"});
    assert_int_equal(property_of(&report, "body.pieces")->verdict, RIG_CONTRACT_PASSED);
    expect_found(&report, "state.between", "X-Count was", NULL);
}

static void a_head_has_no_body(void **state)
{
    (void)state;
    struct rig_contract_report report = rig_layer_contract(&passing, NULL, .passes = RIG_HEAD("/"));
    if (!rig_contract_held(&report)) {
        fail_with(&report, "nothing at all");
    }
}

/* ---- a contract that is none ---- */

static int refuse_options(void *self, const void *options)
{
    (void)self, (void)options;
    return -EPERM;
}

static void wrong_contracts_are_told(void **state)
{
    (void)state;
    static const struct rig_middleware nameless = {.call = pass};
    static const struct rig_middleware unready = {.name = "unready", .call = pass, .init = refuse_options};
    char text[4096];
    struct rig_contract full = {.middleware = &passing, .env = {[RIG_FIELDS_MAX] = "a"}};
    struct rig_contract_report report = rig_layer_contract(NULL);
    assert_int_equal(report.error, -EINVAL);
    assert_false(rig_contract_held(&report));
    assert_int_equal(rig_layer_contract(&nameless).error, -EINVAL);
    assert_int_equal(rig_layer_contract_at(RIG_SITE, NULL).error, -EINVAL);
    assert_int_equal(rig_layer_contract_at(RIG_SITE, &full).error, -EINVAL);
    report = rig_layer_contract(&passing, .without = {"env.sane"});
    assert_int_equal(report.error, -EINVAL);
    assert_true(rig_contract_text(&report, text, sizeof text) < (int)sizeof text);
    assert_string_equal(text, "contract of passing: 0 passed, 0 failed, 15 not applicable\n"
                              "  error -22: env.sane of .without is no property");
    assert_int_equal(rig_layer_contract(&unready).error, -EPERM);
    report = rig_layer_contract(&passing, .passes = RIG_GET("/a b"));
    assert_int_equal(report.error, -EINVAL);
    assert_string_equal(report.trouble, "GET /a b never came to the layer");
    assert_false(rig_contract_held(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_fails_just_that),
        cmocka_unit_test(twin_passes_all),
        cmocka_unit_test(ours_pass_all),
        cmocka_unit_test(what_cannot_be_tested_says_why),
        cmocka_unit_test(what_the_contract_says_of_a_request_must_hold),
        cmocka_unit_test(a_property_can_be_left_out),
        cmocka_unit_test(one_property_alone),
        cmocka_unit_test(findings_name_the_line),
        cmocka_unit_test(what_the_app_sets_is_there_above),
        cmocka_unit_test(what_it_says_it_handles_must_not_matter),
        cmocka_unit_test(what_varies_by_itself_is_no_state),
        cmocka_unit_test(what_varies_is_no_failure),
        cmocka_unit_test(what_is_kept_is_no_matter_of_pieces),
        cmocka_unit_test(a_head_has_no_body),
        cmocka_unit_test(wrong_contracts_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
