/* What opens without a model of who may enter, and what only looks so; and a model without names of apps. */
#include "tests/fuzz/stacks.h"

/* What a layer lets in that looks at the secret, by its mistake or by what it is for. */
enum lets_in { WHO_KNOWS, BEGINNINGS, LONGER, EMPTY, USER, ANY_KEY, NONE_OR_WHO_KNOWS };
static enum lets_in lets_in;
static bool names_them; /* the app says whether who asks is known */

static bool is_let_in(const struct guard *guard, const char *given)
{
    size_t size = given ? strlen(given) : 0;
    if (!given) {
        return lets_in == NONE_OR_WHO_KNOWS;
    }
    switch (lets_in) {
    case BEGINNINGS:
        return size > 8 && strncmp(guard->secret, given, size) == 0;
    case LONGER:
        return strncmp(guard->secret, given, strlen(guard->secret)) == 0;
    case EMPTY:
        return size == 0 || strcmp(guard->secret, given) == 0;
    case USER:
        return strcmp(given, "ada") == 0 || strcmp(guard->secret, given) == 0;
    case ANY_KEY:
        return true;
    default:
        return strcmp(guard->secret, given) == 0;
    }
}

static int let_in(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    const char *given = value && strncmp(value, "Bearer ", 7) == 0 ? value + 7 : value;
    if (is_let_in(guard, given)) {
        int error = rig_env_set(env, "REMOTE_USER", given && strcmp(guard->secret, given) == 0 ? "ada" : "");
        return error ? error : rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static const struct rig_middleware let_in_layer = {
    .name = "let_in", .call = let_in, .self_size = sizeof(struct guard), .reset = guard_reset};

static int page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    const char *user = rig_env_get(env, "REMOTE_USER");
    return error ? error : rig_respond(res, .body = names_them ? user && user[0] ? user : "log in" : "a page");
}

static int build_let_in(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = RIGHT};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &let_in_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(page));
}

static const struct rig_fuzz without_model = {.build = build_let_in};

static void open_let_in(enum lets_in whom, bool names)
{
    lets_in = whom;
    names_them = names;
    open_target(&without_model);
}

static void test_fuzz_credentials_near(void **state)
{
    (void)state;
    static const struct {
        enum lets_in whom;
        const char *text, *class;
    } cases[] = {{BEGINNINGS, "# @as prefix bearer\nGET /a", "prefix"},
                 {LONGER, "# @as longer bearer\nGET /a", "longer"},
                 {EMPTY, "# @as empty bearer\nGET /a", "empty"},
                 {USER, "# @as user bearer\nPOST /a\n\na=1", "user"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[256];
        open_let_in(cases[i].whom, false);
        judge("# @as valid bearer\nGET /a");
        judge("# @as wrong bearer\nGET /a");
        assert_int_equal(found_count, 0);
        judge(cases[i].text);
        assert_found("fuzz.credentials.near");
        assert_string_equal(last_layer, "page");
        (void)snprintf(message, sizeof message,
                       "/a enters page with credentials \"%s\" as with the right ones; wrong ones are denied",
                       cases[i].class);
        assert_string_equal(last_message, message);
        close_target(NULL);
    }
}

/* A key is asked for, whosever it is: to count requests by, or for the app to look at. */
static void test_fuzz_credentials_any(void **state)
{
    (void)state;
    open_let_in(WHO_KNOWS, false);
    judge("# @as prefix bearer\nGET /a");
    assert_nothing(RIG_FUZZ_CREDENTIALS_NEAR);
    close_target(NULL);
    open_let_in(ANY_KEY, false);
    judge("# @as prefix bearer\nGET /a");
    judge("GET /a\nAuthorization: a"); /* nor is that a header that opens what only credentials should */
    assert_int_equal(found_count, 0);
    assert_int_equal(target.armed[RIG_FUZZ_CREDENTIALS_NEAR] + target.armed[RIG_FUZZ_FIELD_WIDENS], 0);
    close_target(NULL);
    open_let_in(BEGINNINGS, true); /* who is let in is told that he is nobody */
    judge("# @as prefix bearer\nGET /a");
    assert_nothing(RIG_FUZZ_CREDENTIALS_NEAR);
    close_target(NULL);
    open_let_in(BEGINNINGS, false); /* the secret itself stands in another header */
    char text[256];
    (void)snprintf(text, sizeof text, "# @as prefix bearer\nGET /a\nX-Key: %s", target.credentials.values[0]);
    judge(text);
    assert_nothing(RIG_FUZZ_CREDENTIALS_NEAR);
}

/* Where a model speaks of the app, it is told by that alone. */
static void test_fuzz_credentials_of_a_protected_app(void **state)
{
    (void)state;
    static const struct rig_fuzz protects = {.build = build_let_in, .protect = {"page"}};
    lets_in = BEGINNINGS;
    open_target(&protects);
    judge("# @as prefix bearer\nGET /a");
    assert_found("fuzz.app.entered");
    assert_int_equal(target.armed[RIG_FUZZ_CREDENTIALS_NEAR], 0);
}

/* ---- who has none ---- */

/* Credentials may be left out, and wrong ones are refused: as of a public page, which greets whom it knows. */
static void test_fuzz_none_is_let_in(void **state)
{
    (void)state;
    static const char *const texts[] = {"GET /a", "# @as wrong bearer\nGET /a", "# @as prefix bearer\nGET /a",
                                        "# @as valid bearer\nGET /a", "# @as wrong bearer\nGET /a\n###\nGET /a"};
    for (int names = 0; names < 2; names++) {
        open_let_in(NONE_OR_WHO_KNOWS, names > 0);
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            judge(texts[i]);
            if (found_count > 0) {
                fail_msg("%s: %s", found[0], last_message);
            }
        }
        close_target(NULL);
    }
}

static bool landing_page_alone(const struct rig_fuzz_who *who)
{
    assert_string_equal(who->app, "page");
    return strcmp(who->credentials, "valid") == 0 || strcmp(who->path, "/welcome") == 0;
}

static bool nobody_unknown(const struct rig_fuzz_who *who)
{
    return strcmp(who->credentials, "valid") == 0 || strcmp(who->credentials, "other") == 0;
}

/* A model says it of every app, where no names stand beside it. */
static void test_fuzz_model_alone(void **state)
{
    (void)state;
    static const struct rig_fuzz closed = {.build = build_let_in, .authorize = nobody_unknown};
    static const struct rig_fuzz landing = {.build = build_let_in, .authorize = landing_page_alone};
    static const struct rig_fuzz elsewhere = {
        .build = build_let_in, .authorize = nobody_unknown, .protect = {"another"}};
    lets_in = NONE_OR_WHO_KNOWS;
    open_target(&closed);
    judge("# @as wrong bearer\nGET /a");
    assert_int_equal(found_count, 0);
    assert_int_equal(target.strangers[0], 0);
    judge("GET /a");
    assert_found("fuzz.app.entered");
    assert_string_equal(last_message, "page was entered by a request with credentials \"none\", and answered 200");
    close_target(NULL);
    open_target(&landing);
    judge("GET /x/../welcome?a");
    judge("# @as valid bearer\nGET /a");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
    judge("GET /a");
    assert_found("fuzz.app.entered");
    close_target(NULL);
    open_target(&elsewhere); /* with names it is asked of those alone */
    judge("GET /a");
    assert_int_equal(found_count, 0);
    assert_int_equal(target.armed[RIG_FUZZ_APP_ENTERED], 0);
}

/* ---- white space around a value ---- */

enum roles { NO_GUESTS, NO_GUESTS_CUT_OFF, ADMINS_ALONE };
static enum roles roles;

static int looks_at_role(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *role = rig_env_get(env, "HTTP_X_ROLE");
    role = role ? role : "";
    size_t cut = roles == NO_GUESTS_CUT_OFF ? strspn(role, " \t") : 0;
    size_t size = roles == NO_GUESTS_CUT_OFF ? strcspn(role + cut, " \t") : strlen(role);
    bool guest = size == 5 && strncmp(role + cut, "guest", 5) == 0;
    if (roles == ADMINS_ALONE ? strcmp(role, "admin") == 0 : !guest) {
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 403);
}

static const struct rig_middleware looks_at_role_layer = {.name = "looks_at_role", .call = looks_at_role};

/* Shows what it was sent: that is no finding, though the tabs stand in it. */
static int shows_role(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    const char *role = rig_env_get(env, "HTTP_X_ROLE");
    return error ? error : rig_respond(res, .body = role ? role : "none");
}

static int build_roles(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &looks_at_role_layer, NULL);
    return rig_run(stack, RIG_APP(shows_role));
}

static const struct rig_fuzz by_role = {.build = build_roles};

#define OVER_FASTCGI "# @server nginx:fastcgi+libfcgi\n"

static void test_fuzz_blank_widens(void **state)
{
    (void)state;
    roles = NO_GUESTS;
    open_target(&by_role);
    judge(OVER_FASTCGI "GET /a\nX-Role: guest");
    assert_found("fuzz.blank.widens");
    assert_string_equal(last_layer, "shows_role");
    assert_string_equal(last_message, "/a enters shows_role with tabs around the values of its headers; without them "
                                      "it is answered 403");
    judge(OVER_FASTCGI "GET /a\nX-Empty:\nX-Role: guest");
    assert_found("fuzz.blank.widens");
}

/* A guard against forged requests lets a change in by a header, and a preflight is none. */
static void test_fuzz_blank_of_a_change(void **state)
{
    (void)state;
    roles = NO_GUESTS;
    open_target(&by_role);
    judge(OVER_FASTCGI "OPTIONS /a\nX-Role: guest");
    assert_int_equal(found_count, 0);
    judge(OVER_FASTCGI "POST /a\nX-Role: guest\n\nabc");
    assert_nothing(RIG_FUZZ_BLANK_WIDENS);
}

static void test_fuzz_blank_cut_off(void **state)
{
    (void)state;
    open_target(&by_role);
    roles = NO_GUESTS; /* servers that cut it off: nothing to see */
    judge("GET /a\nX-Role: guest");
    judge("# @server nginx+plain\nGET /a\nX-Role: guest");
    assert_int_equal(found_count, 0);
    assert_int_equal(target.armed[RIG_FUZZ_BLANK_WIDENS], 0);
    judge(OVER_FASTCGI "GET /a\nX-Role: user"); /* let in, and not denied before */
    assert_int_equal(target.armed[RIG_FUZZ_BLANK_WIDENS], 0);
    roles = NO_GUESTS_CUT_OFF;
    judge(OVER_FASTCGI "GET /a\nX-Role: guest");
    assert_nothing(RIG_FUZZ_BLANK_WIDENS);
    roles = ADMINS_ALONE;
    judge(OVER_FASTCGI "GET /a\nX-Role: admin");
    judge(OVER_FASTCGI "GET /a\nX-Role: guest\nX-Empty:");
    assert_nothing(RIG_FUZZ_BLANK_WIDENS);
}

/* ---- what a layer sees ---- */

/* All of the env. */
static int add_variable(void *closure, const char *name, const char *value, size_t size)
{
    char *seen = closure;
    size_t used = strlen(seen);
    (void)snprintf(seen + used, 4096 - used, "%s=%.*s\n", name, (int)size, value);
    return 0;
}

static int shows_env(void *self, struct rig_env *env, struct rig_response *res)
{
    char seen[4096] = "";
    (void)self;
    int error = drain(env);
    (void)rig_env_each(env, add_variable, seen);
    return error ? error : rig_respond(res, .body = seen);
}

/* What the last request of a text is answered. */
static void answer(char *body, size_t size, unsigned server, const char *text)
{
    struct rig_scenario_error error;
    struct rig_fuzz_play play;
    assert_int_equal(rig_fuzz_read(text, strlen(text), &scenario, &error), 0);
    scenario.server = server;
    assert_int_equal(rig_fuzz_play(&target, &scenario, &play), 0);
    assert_int_equal(play.results[scenario.count - 1]->status, 200);
    (void)snprintf(body, size, "%s", play.results[scenario.count - 1]->body);
    rig_fuzz_forget(&target);
}

#define REQUEST "POST /a?b\nX-A: a\n\nabc"
#define AS_BYTES "# @malformed on\n# @escapes on\nPOST /a?b\nX-A: "

/* A connection has no name that a layer can see: what is kept by connection would be kept by something else. And only
 * the one server leaves white space. Where this no longer holds, each is worth a variant. */
static void test_fuzz_connection_is_not_seen(void **state)
{
    (void)state;
    OPEN_APP(shows_env);
    for (unsigned i = 0; i < RIG_FUZZ_SERVERS; i++) {
        char anew[4096], other[4096];
        answer(anew, sizeof anew, i, REQUEST);
        answer(other, sizeof other, i, "# @connection a\n" REQUEST "\n###\n# @connection a\n" REQUEST);
        assert_string_equal(anew, other);
        answer(anew, sizeof anew, i, AS_BYTES "a\n\nabc");
        answer(other, sizeof other, i, AS_BYTES "\\x09a\\x09\n\nabc");
        if (strcmp(rig_fuzz_server_names[i], "nginx:fastcgi+libfcgi") == 0) {
            assert_non_null(strstr(other, "HTTP_X_A=\ta\t\n"));
        } else {
            assert_string_equal(anew, other);
        }
    }
}

#define FUZZ_TEST(test_) cmocka_unit_test_teardown(test_, close_target),

#include "tests/unit/rules_tests.h"

int main(void)
{
    const struct CMUnitTest tests[] = {FUZZ_WIDENS_TESTS(FUZZ_TEST) FUZZ_TEST(test_fuzz_credentials_of_a_protected_app)
                                           FUZZ_TEST(test_fuzz_none_is_let_in) FUZZ_TEST(test_fuzz_blank_of_a_change)
                                               FUZZ_TEST(test_fuzz_model_alone)
                                                   FUZZ_TEST(test_fuzz_connection_is_not_seen)};
    return cmocka_run_group_tests_name("fuzz: widens", tests, NULL, NULL);
}
