/* A secret that comes out: where it may, and where it must not. */
#include "tests/fuzz/stacks.h"

#include <stackrig/http/percent.h>

/* By its path, with what the client sent. */
static int echoes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    static char text[512];
    const char *path = rig_env_get(env, "PATH_INFO"), *query = rig_env_get(env, "QUERY_STRING");
    const char *cookie = rig_env_get(env, "HTTP_COOKIE"), *who = rig_env_get(env, "HTTP_AUTHORIZATION");
    if (strcmp(path, "/to") == 0) {
        (void)snprintf(text, sizeof text, "%s?%s", rig_env_get(env, "HTTP_X_TO"), query);
        return rig_respond(res, .status = 301, .headers = {{"Location", text}}, .body = text);
    }
    if (strcmp(path, "/cookie") == 0) {
        return rig_respond(res, .headers = {{"Set-Cookie", cookie ? cookie : "a=b"}});
    }
    if (strcmp(path, "/remember") == 0) {
        (void)snprintf(text, sizeof text, "remember=%s", cookie ? strchr(cookie, '=') + 1 : "");
        return rig_respond(res, .headers = {{"Set-Cookie", text}});
    }
    if (strncmp(path, "/log", 4) == 0) {
        const char *uri = rig_env_get(env, "REQUEST_URI");
        size_t size = strlen(path);
        if (strncmp(path, "/log/plain", 10) == 0 && size < sizeof text) {
            text[rig_percent_decode(path, size, false, text)] = '\0';
            uri = text;
        }
        rig_env_log(env, "%s %s", uri, strcmp(path, "/log/all") == 0 && who ? who : "-");
    }
    if (strcmp(path, "/who") == 0) {
        return rig_respond(res, .headers = {{"X-Who", who ? who : "nobody"}});
    }
    if (strcmp(path, "/page") == 0) {
        (void)snprintf(text, sizeof text, "/page?%s", query);
        return rig_respond(res, .headers = {{"Content-Location", text}}, .body = text);
    }
    return rig_respond(res, .status = 204);
}

/* Of a redirect that keeps the query. */
static bool is_told_of_target(const char *class, const char *asked, const char *fields, const char *where)
{
    char text[256];
    (void)snprintf(text, sizeof text, "# @as %s query\nGET %s/to\n%sX-To: %s", class, asked, fields, where);
    judge(text);
    return found_count == 1 && strcmp(found[0], "fuzz.secret.reflected") == 0;
}

static bool is_told(const char *class, const char *fields, const char *where)
{
    return is_told_of_target(class, "", fields, where);
}

static void test_a_redirect(void **state)
{
    (void)state;
    OPEN_APP(echoes);
    static const char *const same[] = {"/docs/", "docs/", "", "http://example.org", "https://example.org/docs/"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_false(is_told("valid", "", same[i]));
        assert_false(is_told("longer", "", same[i]));
    }
    assert_false(is_told("valid", "Host: a.org\n", "https://a.org/docs/"));
    static const char *const others[] = {"//b.org/", "/\\b.org", "http://example.org.b/", "https://b.org/", "app:b"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_true(is_told("valid", "", others[i]));
    }
    judge("# @as valid query\nGET /page"); /* no page of a redirect */
    assert_found("fuzz.secret.reflected");
    assert_string_equal(last_message, "the secret of this run stands in the response's body");
}

/* To https, most often: of the host its name counts, as the client, or the server, has it. */
static void test_a_redirect_to_another_port(void **state)
{
    (void)state;
    OPEN_APP(echoes);
    static const char *const own[][3] = {
        {"", "Host:\n", "https://example.org/"},
        {"", "Host: a.org\n", "https://example.org/"},
        {"", "Host: example.org:80\n", "https://example.org/"},
        {"", "Host: A.org:8080\n", "https://a.org:8443/"},
        {"", "Host: [::1]:80\n", "https://[::1]/"},
        {"http://b.org:80", "", "https://b.org/"},
        {"http://b.org", "Host: a.org\n", "https://b.org/"},
        {"http://b.org", "Host: a.org\n", "https://a.org/"},
    };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        assert_false(is_told_of_target("valid", own[i][0], own[i][1], own[i][2]));
    }
    assert_true(is_told("valid", "Host: a.org:80\n", "https://b.org:80/"));
    assert_true(is_told("valid", "Host: a.org\n", "https://a.org:80@b.org/"));
    assert_true(is_told("valid", "Host: a.org\n", "https://b.org\\@a.org/"));
    assert_true(is_told("valid", "Host: [::1]\n", "https://[::2]/"));
    assert_true(is_told("valid", "Host: a.org\n", "https://a.org.b/"));
}

static void test_a_cookie(void **state)
{
    (void)state;
    OPEN_APP(echoes);
    judge("# @as valid cookie\nGET /cookie");
    assert_nothing(RIG_FUZZ_SECRET_REFLECTED);
    judge("# @as valid cookie\nGET /remember");
    assert_found("fuzz.secret.reflected");
    assert_string_equal(last_message, "the secret of this run stands in the response's Set-Cookie");
}

static void test_a_log_of_targets(void **state)
{
    (void)state;
    OPEN_APP(echoes);
    judge("# @as valid query\nGET /log");
    assert_nothing(RIG_FUZZ_SECRET_REFLECTED);
}

/* What was logged is the target, wherever else the secret was sent. */
static bool is_told_of_log(const char *head, const char *target_before, const char *secret, const char *fields)
{
    char text[512];
    (void)snprintf(text, sizeof text, "%s\nGET %s%s\n%s", head, target_before, secret, fields);
    judge(text);
    if (found_count > 0) {
        assert_found("fuzz.secret.reflected");
    }
    return found_count > 0;
}

static void test_a_log_of_targets_of_who_sends_it_twice(void **state)
{
    (void)state;
    char key[64];
    OPEN_APP(echoes);
    const char *secret = target.credentials.values[0], *coded = rig_fuzz_coded(&target, 0);
    (void)snprintf(key, sizeof key, "X-Key: %s\n", secret);
    assert_false(is_told_of_log("# @as valid basic", "/log?x=", coded, ""));
    assert_false(is_told_of_log("# @as valid bearer", "/log?a&x=", secret, ""));
    assert_false(is_told_of_log("# @as valid bearer", "/log/", secret, ""));
    assert_false(is_told_of_log("# @as valid bearer", "/log/plain/k%65y=", secret, ""));
    assert_false(is_told_of_log("# @as valid query", "/log", "", key));
    assert_false(is_told_of_log("# @as valid bearer", "/to?x=", secret, "X-To: /docs/"));
    assert_true(is_told_of_log("# @as valid basic", "/log/all?x=", coded, ""));
    assert_true(is_told_of_log("# @as valid bearer", "/log/all?x=", secret, ""));
    assert_true(is_told_of_log("# @as valid bearer", "/log/all?x=", coded, ""));
    assert_true(is_told_of_log("# @as valid bearer", "/log/all", "", ""));
    (void)snprintf(key, sizeof key, "Authorization: Bearer %s\n", secret);
    assert_true(is_told_of_log("# @as valid query", "/log/all", "", key));
}

/* "combined", and by the path what no access log has. */
static int logs_combined(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    const char *names[] = {"REQUEST_URI", "HTTP_REFERER", "HTTP_USER_AGENT",
                           strcmp(path, "/who") == 0      ? "HTTP_AUTHORIZATION"
                           : strcmp(path, "/cookie") == 0 ? "HTTP_COOKIE"
                           : strcmp(path, "/key") == 0    ? "HTTP_X_API_KEY"
                                                          : "HTTP_X_NONE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = rig_env_get(env, names[i]);
        rig_env_log(env, " \"%s\"", value ? value : "-");
    }
    return rig_respond(res, .status = 204);
}

static void test_a_log_of_headers(void **state)
{
    (void)state;
    char agent[64], page[96], both[192], encoded[96], fields[256];
    OPEN_APP(logs_combined);
    const char *secret = target.credentials.values[0], *coded = rig_fuzz_coded(&target, 0);
    (void)snprintf(agent, sizeof agent, "User-Agent: a/%s\n", secret);
    (void)snprintf(page, sizeof page, "referer: http://example.org/?key=%s\n", secret);
    (void)snprintf(both, sizeof both, "%s%s", agent, page);
    (void)snprintf(encoded, sizeof encoded, "User-Agent: %s\n", coded);
    const char *const sent[] = {agent, page, both, encoded};
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        assert_false(is_told_of_log("", "/", "", sent[i]));
        assert_false(is_told_of_log("# @as valid bearer", "/", "", sent[i]));
        assert_false(is_told_of_log("# @as valid basic", "/?x=", secret, sent[i]));
        assert_false(is_told_of_log("# @as valid query", "/", "", sent[i]));
    }
    for (size_t i = 0; i < 3; i++) { /* the last has just what stands in the other header */
        assert_true(is_told_of_log("# @as valid bearer", "/who", "", sent[i]));
        assert_true(is_told_of_log("# @as valid cookie", "/cookie", "", sent[i]));
        assert_true(is_told_of_log("# @as valid header", "/key", "", sent[i]));
    }
    (void)snprintf(fields, sizeof fields, "%sX-Api-Key: %s\n", agent, secret);
    assert_false(is_told_of_log("", "/", "", fields));
    assert_true(is_told_of_log("", "/key", "", fields));
    assert_true(is_told_of_log("# @credential header=User-Agent", "/", "", agent)); /* where the stack takes it from */
}

/* As long as one of an attack; its name stands at the end. */
static void test_a_log_of_a_long_target(void **state)
{
    (void)state;
    static char long_one[5000], text[6000];
    OPEN_APP(echoes);
    memset(long_one, 'a', sizeof long_one - 1);
    const char *secret = target.credentials.values[0];
    (void)snprintf(text, sizeof text, "# @as valid bearer\nGET /log?x=%s&key=%s\n", long_one, secret);
    judge(text);
    assert_nothing(RIG_FUZZ_SECRET_REFLECTED);
    (void)snprintf(text, sizeof text, "# @as valid query\nGET /log?x=%s\nX-Key: %s\n", long_one, secret);
    judge(text);
    assert_nothing(RIG_FUZZ_SECRET_REFLECTED);
}

/* Lets in by the query, and logs it. */
static int by_query(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    rig_env_log(env, "%s", rig_env_get(env, "REQUEST_URI"));
    bool known = strstr(rig_env_get(env, "QUERY_STRING"), guard->secret) != NULL;
    return known ? rig_next(next, env, res)
                 : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static const struct rig_middleware by_query_layer = {
    .name = "by_query", .call = by_query, .self_size = sizeof(struct guard), .reset = guard_reset};

static int build_by_query(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = RIGHT};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &by_query_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(members));
}

static void test_a_log_of_keys(void **state)
{
    (void)state;
    char agent[64];
    static const struct rig_fuzz what = {.build = build_by_query, .protect = {"members"}};
    open_target(&what);
    judge("# @as valid query\nGET /");
    assert_found("fuzz.secret.reflected");
    assert_string_equal(last_message, "the secret of this run stands in the log");
    const char *secret = target.credentials.values[0];
    (void)snprintf(agent, sizeof agent, "User-Agent: %s\n", secret);
    assert_false(is_told_of_log("# @as valid bearer", "/?x=", secret, "")); /* which opened it? */
    assert_false(is_told_of_log("# @as valid query", "/", "", agent));
}

static void test_the_other_user(void **state)
{
    (void)state;
    OPEN_APP(echoes);
    judge("# @as other bearer\nGET /who");
    assert_found("fuzz.secret.reflected");
    assert_string_equal(last_message, "the secret of this run's other user stands in the response's X-Who");
    judge("# @as other cookie\nGET /cookie");
    assert_int_equal(found_count, 0);
    assert_false(is_told("other", "", "/"));
}

static int logs_gone(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (drain(env) < 0) {
        rig_env_log(env, "gone: %s", rig_env_get(env, "HTTP_AUTHORIZATION"));
    }
    return rig_respond(res, .status = 400, .headers = {{"Connection", "close"}});
}

static void test_who_has_gone(void **state)
{
    (void)state;
    OPEN_APP(logs_gone);
    judge("# @as valid bearer\n# @disconnect 140\nPOST "
          "/\n\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_found("fuzz.secret.reflected");
}

#define FUZZ_TEST(test_) cmocka_unit_test_teardown(test_, close_target)

int main(void)
{
    const struct CMUnitTest tests[] = {FUZZ_TEST(test_a_redirect),
                                       FUZZ_TEST(test_a_redirect_to_another_port),
                                       FUZZ_TEST(test_a_cookie),
                                       FUZZ_TEST(test_a_log_of_targets),
                                       FUZZ_TEST(test_a_log_of_targets_of_who_sends_it_twice),
                                       FUZZ_TEST(test_a_log_of_headers),
                                       FUZZ_TEST(test_a_log_of_a_long_target),
                                       FUZZ_TEST(test_a_log_of_keys),
                                       FUZZ_TEST(test_the_other_user),
                                       FUZZ_TEST(test_who_has_gone)};
    return cmocka_run_group_tests_name("fuzz: secrets", tests, NULL, NULL);
}
