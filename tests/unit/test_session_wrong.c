/* Sessions used wrongly, options that cannot be, jumps out of a send, memory that runs out. */
#include "tests/unit/session_test.h"

#include "harness/client/session.h"

#include <setjmp.h>

/* ---- wrong use ---- */

static void test_null_everywhere(void **state)
{
    (void)state;
    ANSWERS({0});
    struct counted body = {.size = 1};
    assert_null(rig_session_new(NULL, (struct rig_session_options){0}));
    assert_int_equal(rig_session_get(NULL, "/", .source = source_of(&body))->error, -EINVAL);
    assert_int_equal(body.closes, 1);
    assert_int_equal(rig_session_follow(NULL)->error, -EINVAL);
    assert_int_equal(rig_session_follow_at(RIG_SITE, NULL)->error, -EINVAL);
    assert_int_equal(rig_session_header(NULL, "a", "b"), -EINVAL);
    assert_int_equal(rig_session_env(NULL, "a", "b"), -EINVAL);
    assert_int_equal(rig_session_basic(NULL, "a", "b"), -EINVAL);
    assert_int_equal(rig_session_set_cookie(NULL, NULL, "a=1"), -EINVAL);
    assert_int_equal(rig_session_put_cookie(NULL, "a", "1"), -EINVAL);
    assert_null(rig_session_copy(NULL));
    assert_null(rig_session_named(NULL, "a"));
    assert_null(rig_session_jar(NULL));
    assert_null(rig_session_last(NULL));
    assert_null(rig_session_last_url(NULL));
    assert_null(rig_session_cookie(NULL, "a"));
    assert_int_equal(rig_session_last_status(NULL), 0);
    assert_int_equal(rig_session_delete_cookie(NULL, "a"), 0);
    rig_session_clear_cookies(NULL);
    rig_session_forget_credentials(NULL);
    rig_session_free(NULL);
    rig_assert(rig_session_send_at(RIG_SITE, session, NULL), .error = -EINVAL, .findings = {"usage.argument.null"});
    assert_int_equal(rig_session_header(session, NULL, "b"), -EINVAL);
    assert_int_equal(rig_session_basic(session, "a", NULL), -EINVAL);
    const struct rig_result *result = rig_session_get(session, "/");
    rig_assert(result, .status = 200, .findings = {"usage.argument.null"});
    assert_string_equal(result->findings[1].message, "rig_session_basic was given a NULL password");
    const struct rig_result *none = rig_session_get(NULL, "/");
    assert_false(rig_expect(none, .status = 200));
    assert_string_equal(rig_expect_message(none), "the session was NULL: nothing was sent");
    assert_string_equal(rig_expect_message(rig_session_follow(NULL)), "the session was NULL: nothing was sent");
}

/* Each is told by the next result, at its own line. */
static void refused(int error, const char *site, const char *word)
{
    assert_int_equal(error, -EINVAL);
    const struct rig_result *result = rig_session_get(session, "/");
    rig_assert(result, .status = 200, .findings = {"usage.argument.invalid"});
    assert_int_equal(count_found(result, "usage.argument.invalid"), 1);
    const struct rig_finding *finding = &result->findings[0];
    assert_string_equal(finding->site, site);
    assert_non_null(strstr(finding->message, word));
}
#define REFUSED(call_, word_) refused(call_, RIG_SITE, word_)

static void test_refused(void **state)
{
    (void)state;
    ANSWERS({0});
    REFUSED(rig_session_header(session, "a b", "c"), "token");
    REFUSED(rig_session_header(session, "a", "b\r\nc: d"), "CR, LF");
    REFUSED(rig_session_env(session, "", "c"), "an empty name");
    REFUSED(rig_session_set_cookie(session, NULL, "a=1; domain=other.test"), "(host example.org, Domain=other.test)");
    REFUSED(rig_session_set_cookie(session, "mailto:x", "a=1"), "no host");
    REFUSED(rig_session_set_cookie(session, "/a b", "a=1"), "the url \"/a b\": a space must be sent as %20");
    REFUSED(rig_session_put_cookie(session, "a;b", "c"), "name");
    REFUSED(rig_session_basic(session, "a:b", "c"), "colon");
    assert_int_equal(rig_jar_count(rig_session_jar(session)), 0);
}

static void test_targets_refused(void **state)
{
    (void)state;
    static const char *const targets[] = {"/a b", "/%", "mailto:a", "http://a b/", "http://:80/", "/\xc3\xa9"};
    ANSWERS({0});
    for (size_t i = 0; i < COUNT(targets); i++) {
        struct counted body = {.size = 1};
        rig_assert(rig_session_post(session, targets[i], .source = source_of(&body)), .error = -EINVAL,
                   .findings = {"request.target.invalid"});
        assert_int_equal(body.closes, 1);
    }
    assert_int_equal(rig_recorder_count(recorder), 0);
}

/* What the client refuses is left to it. */
static void test_requests_the_client_refuses(void **state)
{
    (void)state;
    ANSWERS({0});
    assert_int_equal(rig_session_header(session, "X-A", "1"), 0);
    assert_int_equal(rig_session_env(session, "my.a", "1"), 0);
    struct rig_request many = {.target = "/"};
    for (size_t i = 0; i <= RIG_FIELDS_MAX; i++) {
        many.headers[i] = (struct rig_field){"X", "1"};
    }
    rig_assert(rig_session_send(session, many), .error = -EINVAL, .findings = {"request.fields.too_many"});
    struct rig_field nameless[] = {{NULL, "1"}};
    rig_assert(rig_session_get(session, "/", .header_list = nameless, .header_count = 1), .error = -EINVAL,
               .findings = {"request.fields.too_many"});
    rig_assert(rig_session_get(session, "/", .header_count = 2), .error = -EINVAL,
               .findings = {"request.fields.too_many"});
    rig_assert(rig_session_get(session, "/", .env = {{"a", "1"}, {NULL, "2"}}), .error = -EINVAL,
               .findings = {"request.fields.too_many"});
}

static void test_malformed_goes_as_it_is(void **state)
{
    (void)state;
    ANSWERS({0});
    assert_int_equal(rig_session_put_cookie(session, "a", "1"), 0);
    assert_int_equal(rig_session_env(session, "my.a", "1"), 0);
    rig_assert(rig_session_get(session, "/a b", .malformed = true), .refused = true, .status = 400);
    assert_int_equal(rig_session_last_status(session), 400);
    rig_assert(rig_session_post(session, "/ok", .malformed = true, .json = "{}", .xhr = true), .status = 200);
    asked_for("CONTENT_TYPE", "application/json");
    asked_for("HTTP_X_REQUESTED_WITH", "XMLHttpRequest");
    asked_for("HTTP_COOKIE", NULL);
    asked_for("my.a", NULL);
}

static void bad_options(struct rig_session_options options)
{
    session_options = options;
    ANSWERS({0});
    struct counted body = {.size = 1};
    rig_assert(rig_session_post(session, "/", .source = source_of(&body)), .error = -EINVAL,
               .findings = {"usage.argument.invalid"});
    assert_int_equal(body.closes, 1);
    struct rig_session *copy = rig_session_copy(session);
    rig_assert(rig_session_get(copy, "/"), .error = -EINVAL, .findings = {"usage.argument.invalid"});
    rig_session_free(copy);
    rig_assert(rig_session_get(rig_session_named(session, "x"), "/"), .error = -EINVAL,
               .findings = {"usage.argument.invalid"});
    tear_down(NULL);
}

static void test_options_refused(void **state)
{
    (void)state;
    static const char *const origins[] = {"app.test",        "",           "http://",    "ftp://a",    "http://a/",
                                          "http://u@a.test", "http://a b", "http://a?q", "http://a#f", "//a.test"};
    for (size_t i = 0; i < COUNT(origins); i++) {
        bad_options((struct rig_session_options){.origin = origins[i]});
    }
    struct rig_session_options many = {0};
    for (size_t i = 0; i <= RIG_FIELDS_MAX; i++) {
        many.headers[i] = (struct rig_field){"X", "1"};
    }
    bad_options(many);
    bad_options((struct rig_session_options){.env = {{"a", "1"}, {NULL, "2"}}});
}

/* ---- jumps ---- */

static jmp_buf out;

static int jumps(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (rig_env_get(env, "HTTP_X_JUMP")) {
        longjmp(out, 1);
    }
    return rig_respond(res, .status = 200);
}

static void test_jumps_leave_nothing(void **state)
{
    (void)state;
    client = client_for(jumps);
    session = rig_session_new(client, (struct rig_session_options){0});
    for (volatile int i = 0; i < 100; i++) {
        if (setjmp(out) == 0) {
            (void)rig_session_get(session, "/", .headers = {{"X-Jump", "1"}});
        }
    }
    rig_assert(rig_session_get(session, "/"), .status = 200);
    unsigned turns = 0;
    for (const struct rig_session_turn *turn = session->turns; turn; turn = turn->next) {
        turns++;
    }
    assert_true(turns <= 3);
}

/* ---- memory that runs out ---- */

struct ration {
    size_t asked, fail_at;
};

static bool admit(void *self, size_t size)
{
    struct ration *ration = self;
    (void)size;
    return ++ration->asked != ration->fail_at;
}

static int guarded(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    int error = rig_input_drain(rig_env_input(env), 1000) < 0 ? -EIO : 0;
    if (error) {
        return error;
    }
    if (!rig_env_get(env, "HTTP_AUTHORIZATION")) {
        return rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Digest realm=r, nonce=n, qop=auth"}});
    }
    if (path && strcmp(path, "/end") == 0) {
        return rig_respond(res, .status = 200);
    }
    return rig_respond(res, .status = 307, .headers = {{"Location", "end?x#f"}, {"Set-Cookie", "a=1; path=/"}});
}

static bool short_of_memory(const struct rig_result *result)
{
    bool is_short = result->error == -ENOMEM || result->unchecked;
    if (!is_short) {
        assert_int_equal(result->error, 0);
    }
    return is_short;
}

/* Did it come to its end? Every failure on the way is -ENOMEM, or NULL from what makes. */
static bool play(struct rig_allocator allocator)
{
    client = rig_client_new((struct rig_app){.name = "app", .call = guarded},
                            (struct rig_client_options){.allocator = allocator});
    session = client ? rig_session_new(client, (struct rig_session_options){.origin = "http://h",
                                                                            .headers = {{"X-A", "1"}},
                                                                            .env = {{"my.a", "1"}}})
                     : NULL;
    if (!session) {
        return false;
    }
    int error = rig_session_digest(session, "u", "p");
    error = error ? error : rig_session_header(session, "X-B", "2");
    error = error ? error : rig_session_put_cookie(session, "b", "2");
    error = error ? error : rig_session_set_cookie(session, "/x", "flag");
    if (error != 0) {
        assert_int_equal(error, -ENOMEM);
        return false;
    }
    if (short_of_memory(rig_session_post(session, "/x#top", .json = "{}", .headers = {{"Content-Language", "en"}}))) {
        return false;
    }
    if (short_of_memory(rig_session_follow(session, .limit = 2))) {
        return false;
    }
    assert_int_equal(rig_session_last_status(session), 200);
    assert_string_equal(rig_session_last_url(session), "http://h/end?x");
    if (!rig_session_cookie(session, "a")) {
        return false;
    }
    struct rig_session *copy = rig_session_copy(session), *named = copy ? rig_session_named(session, "x") : NULL;
    rig_session_free(copy);
    return named != NULL;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct ration ration = {0};
    bool whole;
    do {
        ration.asked = 0;
        ration.fail_at++;
        whole = play((struct rig_allocator){.admit = admit, .self = &ration});
        bool failed = ration.asked >= ration.fail_at;
        assert_true(whole == !failed);
        rig_session_free(session);
        session = NULL;
        char message[8];
        (void)rig_client_close(client, message, sizeof message);
        client = NULL;
    } while (!whole);
    assert_true(ration.fail_at > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_null_everywhere),         SESSION_TEST(test_refused),
        SESSION_TEST(test_targets_refused),         SESSION_TEST(test_requests_the_client_refuses),
        SESSION_TEST(test_malformed_goes_as_it_is), SESSION_TEST(test_options_refused),
        SESSION_TEST(test_jumps_leave_nothing),     SESSION_TEST(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
