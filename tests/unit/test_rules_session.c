/* usage.redirect.*, request.redirect.*: redirects that a session is told to follow */
#include "tests/unit/rules_test.h"

#include <stackrig/session.h>

static int redirects(void *self, struct rig_env *env, struct rig_response *res)
{ /* to where the query says */
    (void)self;
    const char *query = rig_env_get(env, "QUERY_STRING");
    int error = query[0] ? rig_response_set_header(res, "Location", query) : 0;
    return error ? error : rig_respond(res, .status = strcmp(rig_env_get(env, "PATH_INFO"), "/end") == 0 ? 200 : 302);
}

static struct rig_session *start(void)
{
    STAND(&above_layer, redirects);
    struct rig_session *session = rig_session_new(client, (struct rig_session_options){0});
    assert_non_null(session);
    return session;
}

static void test_redirect_without_location(void **state)
{
    (void)state;
    struct rig_session *session = start();
    assert_int_equal(rig_session_get(session, "/")->status, 302);
    EXPECT_ERROR(FAULT(rig_session_follow(session)), "request.redirect.invalid", NULL);
    rig_session_free(session);
}

static void test_redirect_to_relative_location(void **state)
{
    (void)state;
    struct rig_session *session = start();
    assert_int_equal(rig_session_get(session, "/?end")->status, 302);
    const struct rig_result *result = rig_session_follow(session);
    expect_silent(result, "request.redirect.invalid");
    assert_int_equal(result->status, 200);
    rig_session_free(session);
}

static void test_redirects_in_a_loop(void **state)
{
    (void)state;
    struct rig_session *session = start();
    assert_int_equal(rig_session_get(session, "/a?/a?/a?/end")->status, 302);
    EXPECT_ERROR(FAULT(rig_session_follow(session, .limit = 2)), "request.redirect.too_many", NULL);
    rig_session_free(session);
}

static void test_redirects_within_the_limit(void **state)
{
    (void)state;
    struct rig_session *session = start();
    assert_int_equal(rig_session_get(session, "/a?/a?/a?/end")->status, 302);
    const struct rig_result *result = rig_session_follow(session, .limit = 3);
    expect_silent(result, "request.redirect.too_many");
    assert_int_equal(result->status, 200);
    rig_session_free(session);
}

static void test_follow_of_no_redirect(void **state)
{
    (void)state;
    struct rig_session *session = start();
    assert_int_equal(rig_session_get(session, "/end?/")->status, 200);
    EXPECT_ERROR(FAULT(rig_session_follow(session)), "usage.redirect.none", NULL);
    rig_session_free(session);
}

static void test_follow_of_redirect(void **state)
{
    (void)state;
    struct rig_session *session = start();
    assert_int_equal(rig_session_get(session, "/?/end")->status, 302);
    expect_silent(rig_session_follow(session), "usage.redirect.none");
    rig_session_free(session);
}

static void test_follow_before_any_request(void **state)
{
    (void)state;
    struct rig_session *session = start();
    EXPECT_ERROR(FAULT(rig_session_follow(session)), "usage.redirect.none", NULL);
    rig_session_free(session);
}

/* What the findings print of a Location hides its secrets. */
static void test_secrets_of_a_redirect(void **state)
{
    (void)state;
    char text[1024];
    struct rig_session *session = start();
    assert_int_equal(rig_session_get(session, "/?ftp://ada:hush1@h.test/?token=hush2")->status, 302);
    const struct rig_finding *finding = finding_of(rig_session_follow(session), "request.redirect.invalid");
    assert_true(rig_finding_text(finding, text, sizeof text) > 0);
    assert_non_null(strstr(text, "ftp://"));
    assert_null(strstr(text, "hush"));
    rig_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {SESSION_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: session", tests, NULL, NULL);
}
