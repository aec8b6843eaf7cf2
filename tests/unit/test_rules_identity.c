/* env.identity.*, env.lifetime.stale, env.log.written */
#include "tests/unit/rules_test.h"

/* ---- env.identity.replaced ---- */

static int passes_copy(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_env *copy = OTHER(rig_env_copy(env));
    return FAULT(rig_next(next, copy, res));
}
LAYER(passes_copy);

static void test_copy_passed_on(void **state)
{
    (void)state;
    STAND(&passes_copy_layer, answer_ok);
    const struct rig_finding *finding =
        expect_only(rig_get(client, "/"), "env.identity.replaced", RIG_LEVEL_ERROR, "passes_copy");
    assert_true(has_evidence(finding, other_at));
    assert_non_null(strstr(finding->evidence[0].text, "bytes"));
}

static int names_user(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = OTHER(rig_env_set(env, "app.user", "ann"));
    return error ? error : rig_respond(res, .status = 200, .body = "ok");
}

static int passes_copy_twice(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_env *copy = rig_env_copy(env);
    int error = FAULT(rig_next(next, copy, res));
    return error ? error : rig_next(next, copy, res);
}
LAYER(passes_copy_twice);

static void test_copy_passed_on_twice(void **state)
{
    (void)state;
    STAND(&passes_copy_twice_layer, names_user);
    const struct rig_result *result = rig_get(client, "/");
    expect_found(result, "env.identity.replaced", RIG_LEVEL_ERROR, "passes_copy_twice");
    expect_found(result, "env.identity.lost_write", RIG_LEVEL_WARNING, "passes_copy_twice");
    (void)finding_of(result, "next.call.twice");
}

/* Below a sub-request, back to the request's own env. */
static int passes_env_kept_above(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_env *own = rig_env_object(env, "app.env");
    return own && own != env ? FAULT(rig_next(next, own, res)) : rig_next(next, env, res);
}
LAYER(passes_env_kept_above);

static int asks_below(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_env *copy = rig_env_copy(env);
    rig_env_set_object(copy, "app.env", env, NULL);
    return rig_subrequest(next, copy) ? rig_next(next, env, res) : -ENOMEM;
}
LAYER(asks_below);

static void test_own_env_passed_on(void **state)
{
    (void)state;
    rig_use(stack, &asks_below_layer);
    STAND(&passes_env_kept_above_layer, answer_ok);
    const struct rig_finding *finding =
        expect_only(rig_get(client, "/"), "env.identity.replaced", RIG_LEVEL_ERROR, "passes_env_kept_above");
    assert_non_null(strstr(finding->evidence[0].text, "not a copy"));
}

static int passes_env_of_subrequest(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_env *copy = rig_env_copy(env);
    if (!rig_subrequest(next, copy)) {
        return -ENOMEM;
    }
    return FAULT(rig_next(next, copy, res));
}
LAYER(passes_env_of_subrequest);

static void test_copy_passed_on_after_subrequest(void **state)
{
    (void)state;
    STAND(&passes_env_of_subrequest_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "env.identity.replaced", "passes_env_of_subrequest");
}

static int asks_below_first(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const struct rig_response *probe = rig_subrequest(next, rig_env_copy(env));
    return probe && rig_response_status(probe) == 200 ? rig_next(next, env, res) : -EIO;
}
LAYER(asks_below_first);

static void test_copy_for_subrequest(void **state)
{
    (void)state;
    STAND(&asks_below_first_layer, names_user);
    expect_silent(rig_get(client, "/"), "env.identity.replaced");
}

/* ---- env.identity.lost_write ---- */

static int looks_for_user(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    (void)THIRD(rig_env_get(env, "app.user"));
    return error;
}
LAYER(looks_for_user);

/* looks_for_user, above, layer, below, app */
#define STAND_BELOW_SEEKER(layer_, app_)                            \
    do {                                                            \
        assert_int_equal(rig_use(stack, &looks_for_user_layer), 0); \
        STAND(layer_, app_);                                        \
    } while (0)

static void test_write_lost_in_copy(void **state)
{
    (void)state;
    STAND_BELOW_SEEKER(&passes_copy_layer, names_user);
    const struct rig_result *result = rig_get(client, "/");
    const char *copied_at = fault_at;
    const struct rig_finding *finding = expect_found(result, "env.identity.lost_write", RIG_LEVEL_ERROR, "passes_copy");
    assert_string_equal(finding->subject, "app.user");
    assert_true(has_evidence(finding, other_at));
    assert_true(has_evidence(finding, third_at));
    assert_non_null(strstr(finding->evidence[finding->evidence_count - 1].text, "nothing"));
    expect_found(result, "env.identity.replaced", RIG_LEVEL_ERROR, "passes_copy");
    assert_string_equal(finding->site, copied_at);
    assert_int_equal(result->finding_count, 2);
}

static int names_somebody(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_env_set(env, "app.user", "nobody");
    return error ? error : rig_next(next, env, res);
}
LAYER(names_somebody);

static void test_older_value_found(void **state)
{
    (void)state;
    rig_use(stack, &names_somebody_layer);
    STAND_BELOW_SEEKER(&passes_copy_layer, names_user);
    const struct rig_finding *finding =
        expect_found(rig_get(client, "/"), "env.identity.lost_write", RIG_LEVEL_ERROR, "passes_copy");
    assert_non_null(strstr(finding->evidence[finding->evidence_count - 1].text, "an older value"));
}

static int passes_copy_above(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, rig_env_copy(env), res);
}
LAYER(passes_copy_above);

/* Lost at the lower hand-over already; sought above the upper one. */
static void test_write_lost_below_two_copies(void **state)
{
    (void)state;
    rig_use(stack, &looks_for_user_layer);
    rig_use(stack, &passes_copy_above_layer);
    STAND(&passes_copy_layer, names_user);
    const struct rig_finding *finding =
        expect_found(rig_get(client, "/"), "env.identity.lost_write", RIG_LEVEL_ERROR, "passes_copy");
    assert_true(has_evidence(finding, third_at));
}

static int sets_objects(void *self, struct rig_env *env, struct rig_response *res)
{
    static int user;
    (void)self;
    int error = rig_env_set_object(env, "app.user", &user, NULL);
    error = error ? error : rig_env_set(env, "REQUEST_METHOD", rig_env_get(env, "REQUEST_METHOD"));
    error = error ? error : rig_env_set(env, "app.here_only", "x");
    error = error ? error : rig_env_unset(env, "app.here_only");
    error = error ? error : rig_env_set(env, "app.again", "x");
    error = error ? error : rig_env_unset(env, "app.again");
    error = error ? error : rig_env_set(env, "app.again", "y");
    return error ? error : rig_respond(res, .status = 200);
}

/* Of what was written some is as it was above, or gone again: only two names are lost. */
static void test_object_lost_in_copy(void **state)
{
    (void)state;
    STAND_BELOW_SEEKER(&passes_copy_layer, sets_objects);
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(result->finding_count, 3);
    assert_string_equal(result->findings[1].subject, "app.user");
    assert_int_equal(result->findings[1].level, RIG_LEVEL_ERROR);
    assert_string_equal(result->findings[2].subject, "app.again");
    assert_int_equal(result->findings[2].level, RIG_LEVEL_WARNING);
}

static void test_write_lost_unsought(void **state)
{
    (void)state;
    STAND(&passes_copy_layer, names_user);
    const struct rig_finding *finding =
        expect_found(rig_get(client, "/"), "env.identity.lost_write", RIG_LEVEL_WARNING, "passes_copy");
    assert_true(has_evidence(finding, other_at));
    for (size_t i = 0; i < finding->evidence_count; i++) { /* values may be secrets */
        assert_null(strstr(finding->evidence[i].text, "ann"));
    }
}

static int fills_copy(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_env *copy = rig_env_copy(env);
    int error = rig_env_set(copy, "app.user", "for those below");
    return error ? error : FAULT(rig_next(next, copy, res));
}
LAYER(fills_copy);

/* What the layer itself writes into its copy is meant for those below. */
static void test_copy_filled_before_it_is_passed_on(void **state)
{
    (void)state;
    STAND_BELOW_SEEKER(&fills_copy_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "env.identity.replaced", "fills_copy");
}

static int renames_user_afterwards(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    int error = names_somebody(self, env, res, next);
    return error ? error : rig_env_set(env, "app.user", "somebody else");
}
LAYER(renames_user_afterwards);

static int names_nobody(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = rig_env_set(env, "app.user", "nobody");
    return error ? error : rig_respond(res, .status = 200);
}

/* Nothing was lost when the hand-over came back; what changes later is another matter. */
static void test_same_value_written_below(void **state)
{
    (void)state;
    rig_use(stack, &renames_user_afterwards_layer);
    STAND(&passes_copy_layer, names_nobody);
    EXPECT_ERROR(rig_get(client, "/"), "env.identity.replaced", "passes_copy");
}

static int forgets_and_names_nobody(void *self, struct rig_env *env, struct rig_response *res)
{
    int error = rig_env_unset(env, "app.user");
    return error ? error : names_nobody(self, env, res);
}

static void test_unset_and_set_again_below(void **state)
{
    (void)state;
    rig_use(stack, &names_somebody_layer);
    STAND(&passes_copy_layer, forgets_and_names_nobody);
    EXPECT_ERROR(rig_get(client, "/"), "env.identity.replaced", "passes_copy");
}

static int reads_snapshot(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const struct rig_env *before = rig_env_copy(env);
    int error = rig_next(next, env, res);
    (void)rig_env_get(before, "app.user");
    return error;
}
LAYER(reads_snapshot);

/* Who asks an env of before the call does not expect what was written since. */
static void test_snapshot_read_above(void **state)
{
    (void)state;
    rig_use(stack, &reads_snapshot_layer);
    STAND(&passes_copy_layer, names_user);
    expect_found(rig_get(client, "/"), "env.identity.lost_write", RIG_LEVEL_WARNING, "passes_copy");
}

static int tries_copy_first(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = FAULT(rig_next(next, rig_env_copy(env), res));
    return error ? error : rig_next(next, env, res);
}
LAYER(tries_copy_first);

static int names_user_if_unknown(void *self, struct rig_env *env, struct rig_response *res)
{
    return rig_env_get(env, "app.user") ? answer_ok(self, env, res) : names_user(self, env, res);
}

/* Those below look in the upper env too, the second time round: they are not above. */
static void test_copy_tried_first(void **state)
{
    (void)state;
    STAND(&tries_copy_first_layer, names_user_if_unknown);
    const struct rig_result *result = rig_get(client, "/");
    expect_found(result, "env.identity.replaced", RIG_LEVEL_ERROR, "tries_copy_first");
    assert_false(rig_result_found(result, "env.identity.lost_write"));
}

/* ---- out of memory: a finding is made, or the result says that it may be missing ---- */

static bool admits(void *self, size_t size)
{
    long *left = self;
    (void)size;
    return (*left)-- != 0;
}

static bool has_both(const struct rig_result *result)
{
    return rig_result_found(result, "env.identity.replaced") && rig_result_found(result, "env.identity.lost_write");
}

static void test_lost_write_without_memory(void **state)
{
    long left = -1, failures = 0;
    (void)state;
    STAND_BELOW_SEEKER(&passes_copy_layer, names_user);
    struct rig_client *poor = rig_client_new(
        rig_stack_app(stack), (struct rig_client_options){.allocator = {.admit = admits, .self = &left}});
    assert_non_null(poor);
    for (long nth = 0; nth < 10000; nth++) {
        left = nth;
        const struct rig_result *result = rig_get(poor, "/");
        bool failed = left < 0;
        left = -1;
        assert_true(has_both(result) || result->unchecked || result->error < 0);
        failures += failed;
        rig_client_reset(poor);
        if (!failed) {
            assert_true(has_both(result = rig_get(poor, "/")));
            break;
        }
    }
    assert_true(failures > 20);
    rig_client_free(poor);
}

static int forgets_user(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = OTHER(rig_env_unset(env, "app.user"));
    return error ? error : rig_respond(res, .status = 200);
}

static void test_unset_lost(void **state)
{
    (void)state;
    rig_use(stack, &names_somebody_layer);
    STAND_BELOW_SEEKER(&passes_copy_layer, forgets_user);
    const struct rig_finding *finding =
        expect_found(rig_get(client, "/"), "env.identity.lost_write", RIG_LEVEL_ERROR, "passes_copy");
    assert_non_null(strstr(finding->message, "unset"));
    assert_true(has_evidence(finding, other_at));
}

static int passes_copy_and_puts_back(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_env *copy = rig_env_copy(env);
    int error = FAULT(rig_next(next, copy, res));
    return error ? error : rig_env_set(env, "app.user", rig_env_get(copy, "app.user"));
}
LAYER(passes_copy_and_puts_back);

static void test_write_put_back(void **state)
{
    (void)state;
    STAND_BELOW_SEEKER(&passes_copy_and_puts_back_layer, names_user);
    EXPECT_ERROR(rig_get(client, "/"), "env.identity.replaced", "passes_copy_and_puts_back");
}

/* It copies too, but to look something up without changing what it passes on. */
static int copies_for_itself(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_env *copy = rig_env_copy(env);
    rig_env_set(copy, "PATH_INFO", "/rewritten");
    return rig_next(next, env, res);
}
LAYER(copies_for_itself);

static void test_write_below_without_copy(void **state)
{
    (void)state;
    STAND_BELOW_SEEKER(&copies_for_itself_layer, names_user);
    expect_silent(rig_get(client, "/"), "env.identity.lost_write");
}

/* ---- env.lifetime.stale ---- */

struct keeper {
    struct rig_env *env;
    char user[16];
};

static int keeps_env(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    if (keeper->env) {
        (void)FAULT(rig_env_get(keeper->env, "HTTP_AUTHORIZATION"));
    }
    keeper->env = env;
    return rig_next(next, env, res);
}
LAYER_WITH(keeps_env, keeper);

static void test_env_kept_for_next_request(void **state)
{
    (void)state;
    STAND(&keeps_env_layer, answer_ok);
    assert_int_equal(rig_get(client, "/")->finding_count, 0);
    EXPECT_ERROR(rig_get(client, "/"), "env.lifetime.stale", "keeps_env");
}

/* Between two requests nobody runs: the next one reports it, and no layer is blamed. */
static void test_env_used_by_test_after_request(void **state)
{
    (void)state;
    STAND(&above_layer, answer_ok);
    struct rig_env *env = rig_env_for(client, RIG_GET("/"));
    assert_int_equal(rig_call(client, env)->status, 200);
    assert_null(FAULT(rig_env_get(env, "PATH_INFO")));
    EXPECT_ERROR(rig_get(client, "/"), "env.lifetime.stale", NULL);
}

static int keeps_value(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    const char *user = rig_env_get(env, "HTTP_X_USER");
    if (keeper->user[0] == '\0' && user) {
        strncpy(keeper->user, user, sizeof keeper->user - 1);
    }
    int error = rig_env_set(env, "app.first_user", keeper->user);
    return error ? error : rig_next(next, env, res);
}
LAYER_WITH(keeps_value, keeper);

static void test_value_copied_for_next_request(void **state)
{
    (void)state;
    STAND(&keeps_value_layer, answer_ok);
    rig_get(client, "/", .headers = {{"X-User", "ann"}});
    expect_silent(rig_get(client, "/", .headers = {{"X-User", "bob"}}), "env.lifetime.stale");
}

/* ---- env.log.written ---- */

static int logs(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    FAULT(rig_env_log(env, "the disk is nearly full"));
    return rig_next(next, env, res);
}
LAYER(logs);

static void test_log_written_while_enabled(void **state)
{
    (void)state;
    STAND(&logs_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/", .enable = {"env.log.written"}), "env.log.written", "logs");
}

static int logs_twice(void *self, struct rig_env *env, struct rig_response *res)
{
    FAULT(rig_env_log(env, "one"));
    rig_env_log(env, "two");
    return answer_ok(self, env, res);
}

static void test_log_written_twice(void **state)
{
    (void)state;
    STAND(&above_layer, logs_twice);
    EXPECT_ERROR(rig_get(client, "/", .enable = {"env.log.written"}), "env.log.written", "logs_twice");
}

static void test_log_left_alone_while_enabled(void **state)
{
    (void)state;
    rig_use(stack, &above_layer, .enable = {"env.log.*"}); /* for one layer: it is armed as well */
    rig_run(stack, RIG_APP(answer_ok));
    expect_silent(rig_get(client, "/"), "env.log.written");
}

static void test_log_written_while_off(void **state)
{
    (void)state;
    STAND(&logs_layer, answer_ok);
    const struct rig_result *result = rig_get(client, "/", .enable = {"next.*"});
    assert_int_equal(result->finding_count, 0);
    assert_int_equal(rig_result_armed(result, "env.log.written"), 0); /* it could have said nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {IDENTITY_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: identity", tests, NULL, NULL);
}
