/* Credentials of a session: basic, bearer, digest. What a digest must be was computed apart from the library, with the
 * formulas that give the responses of RFC 7616 section 3.9.1. */
#include "tests/unit/session_test.h"

#include "harness/http/challenge.h"

#define REALM "http-auth@example.org"
#define NONCE "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define OPAQUE "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
#define ASKS(rest_) "Digest realm=\"" REALM "\", nonce=\"" NONCE "\"" rest_

/* ---- basic and bearer ---- */

static void test_basic(void **state)
{
    (void)state;
    ANSWERS({0});
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("HTTP_AUTHORIZATION", NULL);
    assert_int_equal(rig_session_basic(session, "Aladdin", "open sesame"), 0);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("HTTP_AUTHORIZATION", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    rig_assert(rig_session_get(session, "/", .headers = {{"authorization", "own"}}), .status = 200);
    asked_for("HTTP_AUTHORIZATION", "own");
    assert_int_equal(rig_session_basic(session, "", ""), 0);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("HTTP_AUTHORIZATION", "Basic Og==");
    assert_int_equal(rig_session_basic(session, "user", "a\nb:c"), 0);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("HTTP_AUTHORIZATION", "Basic dXNlcjphCmI6Yw==");
    rig_session_forget_credentials(session);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("HTTP_AUTHORIZATION", NULL);
}

static void test_bearer(void **state)
{
    (void)state;
    ANSWERS({0});
    assert_int_equal(rig_session_bearer(session, "mF_9.B5f-4.1JqM=="), 0);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("HTTP_AUTHORIZATION", "Bearer mF_9.B5f-4.1JqM==");
}

/* Where they go by a target and by a redirect alike: scheme, host and port are the origin's. */
static void test_to_the_origin_only(void **state)
{
    (void)state;
    static const struct {
        const char *origin, *url;
        bool sent;
    } cases[] = {
        {"https://app.test", "https://APP.test:443/", true},
        {"https://app.test", "HTTPS://app.test:/", true},
        {"https://app.test:8443", "https://app.test:8443/", true},
        {"http://app.test:80", "http://app.test/", true},
        {"https://app.test", "http://app.test/", false},
        {"https://app.test", "http://app.test:443/", false},
        {"https://app.test", "https://app.test:444/", false},
        {"https://app.test:444", "https://app.test/", false},
        {"http://app.test", "http://app.test:81/", false},
        {"https://app.test", "https://sub.app.test/", false},
        {"https://app.test", "https://evil.test/", false},
        {"https://app.test", "https://app.test@evil.test/", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        OPTIONS(.origin = cases[i].origin);
        ANSWERS({0}, {.status = 302, .headers = {{"Location", cases[i].url}}}, {0});
        assert_int_equal(rig_session_basic(session, "u", "p"), 0);
        const char *wanted = cases[i].sent ? "Basic dTpw" : NULL;
        rig_assert(rig_session_get(session, cases[i].url), .status = 200);
        asked_for("HTTP_AUTHORIZATION", wanted);
        rig_assert(rig_session_get(session, "/"), .status = 302);
        asked_for("HTTP_AUTHORIZATION", "Basic dTpw");
        rig_assert(rig_session_follow(session), .status = 200);
        asked_for("HTTP_AUTHORIZATION", wanted);
        tear_down(NULL);
    }
    ANSWERS({0}); /* an origin that the env moves to https */
    assert_int_equal(rig_session_basic(session, "u", "p"), 0);
    rig_assert(rig_session_get(session, "/", .secure = true), .status = 200);
    asked_for("HTTP_AUTHORIZATION", "Basic dTpw");
    assert_int_equal(rig_session_env(session, "HTTPS", "on"), 0);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    asked_for("HTTP_AUTHORIZATION", "Basic dTpw");
    rig_assert(rig_session_get(session, "http://example.org/"), .status = 200);
    asked_for("HTTP_AUTHORIZATION", NULL);
    struct rig_request request = {.method = "CONNECT", .target = "example.org:443"};
    rig_assert(rig_session_send(session, request), .status = 200);
    asked_for("HTTP_AUTHORIZATION", "Basic dTpw");
    request.target = "example.org:80";
    rig_assert(rig_session_send(session, request), .status = 200);
    asked_for("HTTP_AUTHORIZATION", NULL);
    request.target = "evil.test:443";
    rig_assert(rig_session_send(session, request), .status = 200);
    asked_for("HTTP_AUTHORIZATION", NULL);
}

static void test_refused(void **state)
{
    (void)state;
    ANSWERS({0});
    assert_int_equal(rig_session_basic(session, "a:b", "p"), -EINVAL);
    assert_int_equal(rig_session_digest(session, "a\nb", "p"), -EINVAL);
    assert_int_equal(rig_session_bearer(session, "two words"), -EINVAL);
    assert_int_equal(rig_session_bearer(session, ""), -EINVAL);
    assert_int_equal(rig_session_bearer(session, "a=b"), -EINVAL);
    assert_int_equal(rig_session_basic(session, NULL, "p"), -EINVAL);
    rig_assert(rig_session_get(session, "/"), .status = 200, .findings = {"usage.argument.invalid"});
    asked_for("HTTP_AUTHORIZATION", NULL);
}

/* Nothing that is printed shows what a session keeps to itself. */
static void test_secrets_are_masked(void **state)
{
    (void)state;
    ANSWERS(
        {.status = 302, .headers = {{"Set-Cookie", "sid=hush1"}, {"Location", "http://u:hush2@h.test/?token=hush3"}}});
    assert_int_equal(rig_session_basic(session, "u:x", "hush4"), -EINVAL);
    assert_int_equal(rig_session_bearer(session, "hush5 and more"), -EINVAL);
    assert_int_equal(rig_session_set_cookie(session, NULL, "a=hush6; domain=other.test"), -EINVAL);
    assert_int_equal(rig_session_header(session, "Cookie", "a=hush7\n"), -EINVAL);
    const struct rig_result *result = rig_session_get(session, "/");
    assert_false(rig_expect(result, .status = 200, .headers = {{"Set-Cookie", "sid=hush8"}}));
    assert_non_null(strstr(rig_expect_message(result), "sid=****"));
    assert_null(strstr(rig_expect_message(result), "hush"));
    result = rig_session_follow(session, .limit = 1);
    assert_false(rig_expect(result));
    assert_non_null(strstr(rig_expect_message(result), "request.redirect.too_many"));
    assert_null(strstr(rig_expect_message(result), "hush"));
}

/* A password longer than what a message shows of a URL: its '@' is beyond the cut. */
static void test_long_secrets_stay_out(void **state)
{
    (void)state;
    char secret[151], urls[4][200], text[1000];
    memset(secret, 'x', sizeof secret - 1);
    memcpy(secret, "hush", 4);
    secret[sizeof secret - 1] = '\0';
    static const char *const around[][2] = {
        {"http://u:", "@h.test/a@b"}, {"http://u:p/", "@h:b/"}, {"//u:", "@h.test/ "}, {"u:", "@h.test"}};
    for (size_t i = 0; i < COUNT(around); i++) {
        (void)snprintf(urls[i], sizeof urls[i], "%s%s%s", around[i][0], secret, around[i][1]);
    }
    ANSWERS({.status = 302, .headers = {{"Location", urls[0]}}}, {.status = 302, .headers = {{"Location", urls[0]}}},
            {.status = 302, .headers = {{"Location", urls[1]}}}, {0});
    rig_assert(rig_session_get(session, "/"), .status = 302);
    const struct rig_result *limit = rig_session_follow(session, .limit = 1);
    assert_false(rig_expect(limit));
    (void)snprintf(text, sizeof text, "%s", limit->findings[0].message);
    assert_non_null(strstr(text, "to http://****@h.test/a@b"));
    rig_assert(rig_session_get(session, "/"), .status = 302);
    const struct rig_result *results[] = {
        rig_session_follow(session),
        rig_session_get(session, urls[2]),
        rig_session_get(session, "/", .headers = {{"Host", urls[3]}}),
        rig_get(client, urls[1]),
    };
    for (size_t i = 0; i < COUNT(results); i++) {
        assert_false(rig_expect(results[i]));
        assert_true(results[i]->finding_count > 0);
        (void)snprintf(text, sizeof text, "%s", results[i]->findings[0].message);
        if (!strstr(text, "****@h") || strstr(text, "hush")) {
            fail_msg("%zu: %s", i, text);
        }
    }
    assert_int_equal(rig_session_set_cookie(session, urls[2], "a=1"), -EINVAL);
    const struct rig_result *cookie = rig_session_get(session, "/");
    assert_false(rig_expect(cookie));
    assert_non_null(strstr(cookie->findings[0].message, "//****@h.test/"));
}

/* ---- digest ---- */

static bool has(const char *text, const char *part)
{
    return text && strstr(text, part) != NULL;
}

/* Answered once, with that response, as the parts of the header say. */
static void digests(const char *challenge, const char *response, const char *const *parts)
{
    OPTIONS(.seed = 7);
    ANSWERS({.status = 401, .headers = {{"WWW-Authenticate", challenge}}}, {.status = 200});
    assert_int_equal(rig_session_digest(session, "Mufasa", "Circle of Life"), 0);
    rig_assert(rig_session_get(session, "/dir/index.html"), .status = 200);
    assert_int_equal(rig_recorder_count(recorder), 2);
    const char *header = asked("HTTP_AUTHORIZATION");
    char wanted[100];
    (void)snprintf(wanted, sizeof wanted, "response=\"%s\"", response);
    if (!has(header, wanted)) {
        fail_msg("%s lacks %s", header ? header : "(none)", wanted);
    }
    for (; *parts; parts++) {
        bool absent = **parts == '!';
        if (has(header, *parts + absent) == absent) {
            fail_msg("%s %s %s", header, absent ? "has" : "lacks", *parts + absent);
        }
    }
    tear_down(NULL);
}

static void test_digest_algorithms(void **state)
{
    (void)state;
    static const char *const auth[] = {"Digest username=\"Mufasa\", realm=\"" REALM "\", nonce=\"" NONCE
                                       "\", uri=\"/dir/index.html\"",
                                       ", qop=auth, nc=00000001, cnonce=\"63cbe1e459320dd7\"", NULL};
    static const char *const unnamed[] = {"!algorithm", "!opaque", NULL};
    static const char *const sha[] = {"algorithm=SHA-256", "opaque=\"" OPAQUE "\"", NULL};
    static const char *const old[] = {"!qop", "!nc=", "!cnonce", NULL};
    digests(ASKS(", qop=\"auth, auth-int\", algorithm=MD5"), "762a05804656ea65975e9bf762e4a84f", auth);
    digests(ASKS(", qop=auth"), "762a05804656ea65975e9bf762e4a84f", unnamed);
    digests(ASKS(",algorithm=md5-SESS ,qop=\"auth\""), "7071c94b0e0507d35cf9190a82676599", auth);
    digests(ASKS(", qop=\"auth\", algorithm=SHA-256, opaque=\"" OPAQUE "\""),
            "b33c7d0aa59a4707f07cbaf528564c6913f84e0cb404f941c1768c2877debaa5", sha);
    digests(ASKS(", qop=\"auth\", algorithm=\"SHA-256-sess\""),
            "76da78cc0dce77abe84d8f26a68041d6fcfa6a45e4e74f3152873d3ff4bd8601", auth);
    digests(ASKS(""), "7b2cc3b30e75b4777ea31027084363fd", old);
}

static void test_digest_among_others(void **state)
{
    (void)state;
    static const char *const sha[] = {"algorithm=SHA-256", NULL};
    static const char *const hashed[] = {
        "username=\"a947aad205e80e429958a387394944c6b496301e79f89d35a4cc23b6ee12b5b6\"", "userhash=true", NULL};
    digests(
        "Negotiate, Basic realm=\"a, Digest b\", Digest realm=\"x\", nonce=n, algorithm=SHA-512-256, qop=\"auth\", "
        "Digest realm=\"x\", nonce=n, qop=\"auth-int\", " ASKS(", qop=\"auth\", algorithm=SHA-256") ", Bearer abc==",
        "b33c7d0aa59a4707f07cbaf528564c6913f84e0cb404f941c1768c2877debaa5", sha);
    digests(ASKS(", qop=\"auth\", algorithm=SHA-256, userhash=true"),
            "b33c7d0aa59a4707f07cbaf528564c6913f84e0cb404f941c1768c2877debaa5", hashed);
}

static void test_digest_escapes(void **state)
{
    (void)state;
    OPTIONS(.seed = 7);
    ANSWERS({.status = 401, .headers = {{"WWW-Authenticate", "Digest realm=\"r\\\"\\\\x\", nonce=n, qop=auth"}}}, {0});
    assert_int_equal(rig_session_digest(session, "a\"b", "Circle of Life"), 0);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    const char *header = asked("HTTP_AUTHORIZATION");
    assert_true(has(header, "username=\"a\\\"b\", realm=\"r\\\"\\\\x\", nonce=\"n\""));
    assert_true(has(header, "response=\"c0778bd4795509674b2480ae399a436f\""));
    assert_int_equal(rig_session_digest(session, "J\xc3\xa4s\xc3\xb8n Doe", "p"), 0);
    tear_down(NULL);
    ANSWERS({.status = 401, .headers = {{"WWW-Authenticate", ASKS(", qop=auth")}}}, {0});
    assert_int_equal(rig_session_digest(session, "J\xc3\xa4s\xc3\xb8n Doe", "p"), 0);
    rig_assert(rig_session_get(session, "/"), .status = 200);
    assert_true(has(asked("HTTP_AUTHORIZATION"), "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, realm="));
}

/* The nonce is used again, counted, without being asked. */
static void test_digest_goes_on(void **state)
{
    (void)state;
    OPTIONS(.seed = 7);
    ANSWERS({.status = 401, .headers = {{"WWW-Authenticate", ASKS(", qop=\"auth\", algorithm=SHA-256")}}}, {0});
    assert_int_equal(rig_session_digest(session, "Mufasa", "Circle of Life"), 0);
    rig_assert(rig_session_get(session, "/dir/index.html"), .status = 200);
    rig_assert(rig_session_post(session, "/x?q=1", .body = "b"), .status = 200);
    assert_int_equal(rig_recorder_count(recorder), 3);
    const char *header = asked("HTTP_AUTHORIZATION");
    assert_true(has(header, "nc=00000002, cnonce=\"044c3cd7f43c661c\""));
    assert_true(has(header, "response=\"e181475134967929731c4c9c7e85dfe1d661c325c49e031cded357250c43eaa6\""));
    asked_with_body("b");
    rig_assert(rig_session_get(session, "http://other.test/"), .status = 200);
    asked_for("HTTP_AUTHORIZATION", NULL);
}

static void unanswered(const char *challenge, const char *why)
{
    ANSWERS({.status = 401, .headers = {{"WWW-Authenticate", challenge}}});
    assert_int_equal(rig_session_digest(session, "u", "p"), 0);
    rig_assert(rig_session_get(session, "/"), .status = 401);
    assert_int_equal(rig_recorder_count(recorder), why ? 1 : 2);
    assert_string_equal(rig_session_unanswered(session), why ? why : "the answer to it was refused");
    rig_assert(rig_session_get(session, "/", .headers = {{"Authorization", "x"}}), .status = 401);
    assert_string_equal(rig_session_unanswered(session), "the request has an Authorization of its own");
    (void)tear_down(NULL);
}

static void test_why_a_challenge_is_not_answered(void **state)
{
    (void)state;
    unanswered(ASKS(", qop=auth"), NULL);
    unanswered(ASKS(", qop=auth, algorithm=SHA-512-256"), "its algorithm is none of MD5, SHA-256 and their -sess");
    unanswered(ASKS(", qop=auth-int"), "its qop does not offer auth");
    unanswered("Digest realm=\"x\"", "it has no realm or no nonce");
    unanswered("Basic realm=\"x\"", "there is no digest challenge");
    ANSWERS({.status = 401}, {0});
    rig_assert(rig_session_get(session, "/"), .status = 401);
    assert_string_equal(rig_session_unanswered(session), "the session has no digest credentials");
    rig_assert(rig_session_get(session, "/"), .status = 200);
    assert_null(rig_session_unanswered(session));
    assert_null(rig_session_unanswered(NULL));
}

#define STALE ", qop=auth, stale=true"

static void test_digest_refused_and_stale(void **state)
{
    (void)state;
    ANSWERS({.status = 401, .headers = {{"WWW-Authenticate", ASKS(", qop=auth")}}}, /* 1: asked */
            {.status = 401, .headers = {{"WWW-Authenticate", ASKS(", qop=auth")}}}, /* 2: the password is wrong */
            {.status = 401, .headers = {{"WWW-Authenticate", "Digest realm=\"" REALM "\", nonce=new" STALE}}},
            {.status = 401, .headers = {{"WWW-Authenticate", "Digest realm=\"" REALM "\", nonce=newer" STALE}}},
            {.status = 401, .headers = {{"WWW-Authenticate", ASKS(", qop=auth")}}},
            {.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=x"}}}, {.status = 401});
    assert_int_equal(rig_session_digest(session, "u", "p"), 0);
    rig_assert(rig_session_get(session, "/"), .status = 401);
    assert_int_equal(rig_recorder_count(recorder), 2);
    rig_assert(rig_session_get(session, "/"), .status = 401); /* 3: the nonce has aged; 4: tried once, no more */
    assert_int_equal(rig_recorder_count(recorder), 4);
    assert_true(has(asked("HTTP_AUTHORIZATION"), "nonce=\"new\""));
    assert_true(has(asked("HTTP_AUTHORIZATION"), "nc=00000001"));
    rig_assert(rig_session_get(session, "/"), .status = 401); /* 5: what was answered without being asked is wrong */
    assert_int_equal(rig_recorder_count(recorder), 5);
    rig_assert(rig_session_get(session, "/"), .status = 401); /* 6: another scheme */
    rig_assert(rig_session_get(session, "/"), .status = 401); /* 7: no challenge at all */
    assert_int_equal(rig_recorder_count(recorder), 7);
}

static void test_digest_of_params_and_bodies(void **state)
{
    (void)state;
    ANSWERS({.status = 401, .headers = {{"WWW-Authenticate", ASKS(", qop=auth")}}}, {0},
            {.status = 401, .headers = {{"WWW-Authenticate", ASKS(", qop=auth")}}}, {0},
            {.status = 401, .headers = {{"WWW-Authenticate", ASKS(", qop=auth, stale=true")}}});
    assert_int_equal(rig_session_digest(session, "u", "p"), 0);
    rig_assert(rig_session_post(session, "/", .params = {{"a", "b c"}}), .status = 200);
    asked_with_body("a=b+c");
    rig_assert(rig_session_get(session, "/x?q", .params = {{"a", "b c"}}), .status = 200);
    assert_true(has(asked("HTTP_AUTHORIZATION"), "uri=\"/x?q&a=b+c\""));
    struct counted body = {.size = 4};
    rig_assert(rig_session_post(session, "/", .source = source_of(&body), .source_size = 4), .status = 401);
    assert_int_equal(rig_recorder_count(recorder), 5);
    assert_int_equal(body.closes, 1);
}

static void test_digest_of_mounted_stack(void **state)
{
    (void)state;
    OPTIONS(.script_name = "/app");
    ANSWERS({.status = 401, .headers = {{"WWW-Authenticate", ASKS(", qop=auth")}}}, {0});
    assert_int_equal(rig_session_digest(session, "u", "p"), 0);
    rig_assert(rig_session_get(session, "/x"), .status = 200);
    assert_true(has(asked("HTTP_AUTHORIZATION"), "uri=\"/app/x\""));
}

/* ---- challenges, read ---- */

static void test_hostile_challenges(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        ",,,",
                                        "Digest",
                                        "Digest ",
                                        "Digest =",
                                        "Digest realm",
                                        "\"",
                                        "a b c",
                                        "Digest realm=\"",
                                        "Digest realm=\"\\",
                                        "=,=,=",
                                        "a==b",
                                        "A,B,",
                                        "a \"b\"",
                                        "Digest realm=,nonce=",
                                        "Digest realm=\"a\"nonce=\"b\""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *exact = malloc(strlen(texts[i]) + 1);
        memcpy(exact, texts[i], strlen(texts[i]) + 1);
        struct rig_slice text = {exact, strlen(exact)};
        struct rig_challenge challenge;
        unsigned count = 0;
        while (rig_challenge_next(&text, &challenge)) {
            (void)rig_challenge_param(challenge.params, "nonce");
            assert_true(++count <= strlen(exact));
        }
        free(exact);
    }
    struct rig_slice text = {"a x=1 , y=\"2, \\\"\" ,b tok/en==, c", 33};
    struct rig_challenge challenge;
    assert_true(rig_challenge_next(&text, &challenge));
    assert_memory_equal(rig_challenge_param(challenge.params, "Y").data, "2, \\\"", 5);
    assert_null(rig_challenge_param(challenge.params, "z").data);
    assert_true(rig_challenge_next(&text, &challenge));
    assert_memory_equal(challenge.params.data, "tok/en==", 8);
    assert_true(rig_challenge_next(&text, &challenge));
    assert_memory_equal(challenge.scheme.data, "c", 1);
    assert_false(rig_challenge_next(&text, &challenge));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_basic),
        SESSION_TEST(test_bearer),
        SESSION_TEST(test_to_the_origin_only),
        SESSION_TEST(test_refused),
        SESSION_TEST(test_secrets_are_masked),
        SESSION_TEST(test_long_secrets_stay_out),
        SESSION_TEST(test_digest_algorithms),
        SESSION_TEST(test_digest_among_others),
        SESSION_TEST(test_digest_escapes),
        SESSION_TEST(test_digest_goes_on),
        SESSION_TEST(test_why_a_challenge_is_not_answered),
        SESSION_TEST(test_digest_refused_and_stale),
        SESSION_TEST(test_digest_of_params_and_bodies),
        SESSION_TEST(test_digest_of_mounted_stack),
        SESSION_TEST(test_hostile_challenges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
