/* The check of a rule of one's own: what it can look at, what it returns, and that it may not return at all. */
#include "harness/core/arena.h"
#include "tests/unit/own_rules.h"

#include <stackrig/cmocka.h>
#include <stackrig/faults.h>
#include <stackrig/sweeps.h>

#include <stdio.h>

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
    with_rules((struct rig_client_options){.rules = tellers});
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
    with_rules((struct rig_client_options){.rules = tellers});
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
        with_rules((struct rig_client_options){.rules = returners});
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
    with_rules((struct rig_client_options){.rules = returners});
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
    with_rules((struct rig_client_options){.rules = jumpers});
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
    with_rules((struct rig_client_options){.rules = starved_rules});
    assert_true(rig_get(client, "/")->unchecked);
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {RULE_TEST(test_own_rule_hears_all) RULE_TEST(test_own_rule_changes_nothing)
                                           RULE_TEST(test_own_check_returns_what_it_must_not)
                                               RULE_TEST(test_own_check_jumped_out_of)
                                                   RULE_TEST(test_own_check_without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
