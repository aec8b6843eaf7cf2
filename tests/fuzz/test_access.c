/* Who is let in: what is a finding beside the plain cases of test_oracles.c, and what is none. */
#include "tests/fuzz/stacks.h"

/* The first waits for a byte of its body, which is the second's first: who is entered then is the first. */
static void test_fuzz_app_entered_by_the_one_before(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_right, .protect = {"members"}};
    open_target(&what);
    judge("# @escapes on\n# @connection a\n# @as valid bearer\n# @malformed on\nGET /\nContent-Length: 1\n###\n"
          "# @escapes on\n# @connection a\n# @malformed on\nGET /\nContent-Length: 1");
    assert_int_equal(found_count, 0);
    /* and the rest of the second waits for the third */
    /* what waits is not completed by one that the rig builds: that goes past it */
    judge("# @escapes on\n# @connection a\n# @as valid bearer\n# @malformed on\nGET /\nContent-Length: 1\n###\n"
          "# @escapes on\n# @connection a\nGET /\n###\n"
          "# @escapes on\n# @connection a\n# @malformed on\nGET /\nContent-Length: 0");
    assert_int_equal(found_count, 0);
    judge("# @escapes on\n# @connection a\n# @malformed on\nGET /\nContent-Length: 1\n###\n"
          "# @escapes on\n# @connection a\n# @as valid bearer\n# @malformed on\nGET /\nContent-Length: 1\n###\n"
          "# @escapes on\n# @connection a\n# @as wrong bearer\n# @malformed on\nGET /\nContent-Length: 1");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
}

/* What ends its head takes the request's own credentials along, to the request that begins behind it. */
static void test_fuzz_app_entered_behind_the_head(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_right, .protect = {"members"}};
    open_target(&what);
    judge("# @escapes on\n# @malformed on\n# @as valid bearer\n"
          "GET /\\x20HTTP/1.1\\r\\nHost:\\x20a\\r\\n\\r\\nGET\\x20/");
    assert_int_equal(found_count, 0);
    judge("# @escapes on\n# @malformed on\n# @as valid bearer\nGET /\nX-A: a\\r\\n\\r\\nGET / HTTP/1.1\\r\\nHost: a");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
}

/* Closed is /admin alone, for a layer as for the model. */
static bool all_but_admin(const struct rig_fuzz_who *who)
{
    return strcmp(who->path, "/admin") != 0 || strcmp(who->credentials, "valid") == 0;
}

static bool none_but_home(const struct rig_fuzz_who *who)
{
    return strcmp(who->path, "/") == 0 || strcmp(who->credentials, "valid") == 0;
}

/* A model is asked of what entered, not of the bytes in which that stood. */
static void test_fuzz_model_of_what_entered(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_literal, .authorize = all_but_admin};
    static const struct rig_fuzz home = {.build = build_literal, .authorize = none_but_home};
    open_target(&what);
    judge("# @escapes on\n# @malformed on\nGET /admin\nX-A: a\\r\\n\\r\\nGET / HTTP/1.1\\r\\nHost: a");
    assert_int_equal(found_count, 0);
    judge("# @escapes on\n# @malformed on\nGET /\\x20HTTP/1.1\\r\\nHost:\\x20a\\r\\n\\r\\nGET\\x20/admin");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
    close_target(NULL);
    open_target(&home);
    judge("# @escapes on\n# @malformed on\nGET /\\x20HTTP/1.1\\r\\nX-A:\\x20a");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
    judge("# @escapes on\n# @malformed on\nGET /admin\nX-A: a\\r\\n\\r\\nGET /a HTTP/1.1\\r\\nHost: a");
    assert_found("fuzz.app.entered");
}

/* The secret may stand where no class puts it: then the request is his who knows it. */
static void test_fuzz_app_entered_by_a_secret(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_right, .protect = {"members"}};
    char scenario_text[256];
    open_target(&what);
    (void)snprintf(scenario_text, sizeof scenario_text, "GET /\nAuthorization: Bearer %s",
                   target.credentials.values[0]);
    judge(scenario_text);
    assert_nothing(RIG_FUZZ_APP_ENTERED);
    close_target(NULL);
    within = PREFIX;
    open_target(&from_within_stack);
    (void)snprintf(scenario_text, sizeof scenario_text, "GET /\nAuthorization: Bearer %s",
                   target.credentials.values[0]);
    judge(scenario_text);
    assert_nothing(RIG_FUZZ_FIELD_WIDENS);
}

/* Its own guard, which denies by the path in several ways. */
static int guards_itself(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    bool known = rig_env_get(env, "HTTP_AUTHORIZATION") != NULL;
    int error = drain(env);
    if (error || known) {
        return error ? error : rig_respond(res, .status = 200, .body = "members only");
    }
    rig_env_log(env, "%s", rig_env_get(env, "REQUEST_URI"));
    return strcmp(path, "/login") == 0  ? rig_respond(res, .status = 302, .headers = {{"Location", "/login"}})
           : strcmp(path, "/done") == 0 ? rig_respond(res, .status = 302, .headers = {{"Location", "/list"}})
           : strcmp(path, "/404") == 0  ? rig_respond(res, .status = 404)
           : strcmp(path, "/403") == 0  ? rig_respond(res, .status = 403)
                                        : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

/* What the app has done is hidden too late. */
static int too_late(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    bool late = strcmp(rig_env_get(env, "PATH_INFO"), "/done") == 0;
    return error || !late ? error : rig_respond(res, .status = 403);
}

static const struct rig_middleware too_late_layer = {.name = "too_late", .call = too_late};
static bool is_late;

static int build_guards_itself(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    if (is_late) {
        rig_use(stack, &too_late_layer, NULL);
    }
    return rig_run(stack, RIG_APP(guards_itself));
}

static void test_fuzz_app_denies_by_itself(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_guards_itself, .protect = {"guards_itself"}};
    is_late = false;
    open_target(&what);
    judge("GET /\n###\nGET /403\n###\nGET /login");
    judge("# @as valid query\nGET /");
    judge("# @escapes on\n# @malformed on\nGET /\nX-A: a\\r\\n\\r\\nGET /login HTTP/1.1\\r\\nHost: a");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
    assert_int_equal(target.entered_as_known, 0);
    judge("# @as valid bearer\nGET /");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
    assert_int_equal(target.entered_as_known, 1);
    judge("GET /404");
    assert_found("fuzz.app.entered");
    judge("GET /done");
    assert_found("fuzz.app.entered");
    judge("# @escapes on\n# @malformed on\nGET /\nX-A: a\\r\\n\\r\\nGET /404 HTTP/1.1\\r\\nHost: a");
    assert_found("fuzz.app.entered"); /* whatever the first one was answered */
    close_target(NULL);
    is_late = true;
    open_target(&what);
    judge("GET /done");
    assert_found("fuzz.app.entered");
}

/* Has 401 there before it goes on: let in are those whom somebody below answers otherwise. */
static int goes_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_response_set_status(res, rig_env_get(env, "HTTP_AUTHORIZATION") ? 200 : 401);
    return rig_next(next, env, res);
}

static int writes_only(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    return error ? error : rig_response_write(res, "members only", 12);
}

/* What stands there already, once more. */
static int denies_again(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    bool known = rig_env_get(env, "HTTP_AUTHORIZATION") != NULL;
    error = error ? error : rig_response_set_header(res, "WWW-Authenticate", "Bearer");
    return error ? error : rig_respond(res, .status = known ? 200 : 401, .body = known ? "members only" : "");
}

static const struct rig_middleware goes_on_layer = {.name = "goes_on", .call = goes_on};
static const struct rig_app *behind_it;

static int build_goes_on(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &goes_on_layer, NULL);
    return rig_run(stack, *behind_it);
}

static void open_behind(const struct rig_app *app_behind)
{
    static struct rig_fuzz what;
    what = (struct rig_fuzz){.build = build_goes_on,
                             .protect = {app_behind->name},
                             .ignore = {"next.call.after_answer", "response.answer.overwritten"}};
    behind_it = app_behind;
    open_target(&what);
}

static void test_fuzz_app_entered_behind_a_denial(void **state)
{
    (void)state;
    open_behind(&RIG_APP(writes_only));
    judge("GET /");
    assert_found("fuzz.app.entered");
    close_target(NULL);
    open_behind(&RIG_APP(denies_again));
    judge("GET /");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
}

static void test_fuzz_app_of_another_name(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_right, .protect = {"members", "membrs"}};
    open_target(&what);
    judge("GET /");
    assert_int_equal(target.armed[RIG_FUZZ_APP_ENTERED], 0); /* that there is such an app nobody knows */
    judge("# @as valid bearer\nGET /");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
    rig_fuzz_count(&target);
    assert_string_equal(target.strangers, "membrs");
}

/* Lets in by one header, or by the key; it keeps a count, and has no reset. */
struct keyed {
    char secret[RIG_FUZZ_SECRET_SIZE + 1];
    unsigned count;
};

static int keyed_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keyed *keyed = self;
    const char *key = rig_env_get(env, "HTTP_X_API_KEY");
    keyed->count++;
    if (rig_env_get(env, "HTTP_X_DEBUG") || (key && strcmp(key, keyed->secret) == 0)) {
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 403);
}

static const struct rig_middleware keyed_layer = {
    .name = "keyed", .call = keyed_call, .self_size = sizeof(struct keyed)};

static int build_keyed(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct keyed keyed = {.count = 0};
    (void)snprintf(keyed.secret, sizeof keyed.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &keyed_layer, &keyed, .auth = true);
    return rig_run(stack, RIG_APP(members));
}

/* One place after the other is tried, each with a stack built anew: what the first play has shown must last. */
static void test_fuzz_field_widens_anew(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_keyed};
    open_target(&what);
    assert_true(target.anew);
    judge("GET /a?b\nX-Debug: 1");
    assert_found("fuzz.field.widens");
    assert_string_equal(last_layer, "members");
    assert_string_equal(last_message,
                        "/a?b enters members without credentials; without its headers and query it is answered 403");
}

/* A header opens it, and HEAD is answered otherwise: each is found, whichever was found before. */
static int head_is_unknown(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    bool head = strcmp(rig_env_get(env, "REQUEST_METHOD"), "HEAD") == 0;
    return error ? error : rig_respond(res, .status = head ? 404 : 200, .body = head ? "" : "members only");
}

static int build_twice_broken(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = PREFIX};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &from_within_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(head_is_unknown));
}

static void test_fuzz_all_are_found(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_twice_broken};
    static const char scenario_text[] = "GET /\nX-Forwarded-For: 127.0.0.1";
    char message[256];
    open_target(&what);
    judge(scenario_text);
    assert_int_equal(found_count, 2);
    assert_string_equal(found[0], "fuzz.head.differs");
    assert_string_equal(found[1], "fuzz.field.widens");
    assert_int_equal(rig_fuzz_replay(&what, scenario_text, "fuzz.field.widens", message, sizeof message), 1);
    assert_int_equal(rig_fuzz_replay(&what, scenario_text, "fuzz.head.differs", message, sizeof message), 1);
}

/* A line that begins with "::" is a command to a CI that reads the log. */
static void test_fuzz_message_is_escaped(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_literal};
    char message[256];
    open_target(&what);
    judge("# @escapes on\n# @malformed on\n# @server nginx:fastcgi+libfcgi\nGET /\\n::stop-commands::x/../admin");
    assert_found("fuzz.target.equivalent");
    assert_null(strchr(last_message, '\n'));
    assert_non_null(strstr(last_message, "stop-commands::x/../admin enters members"));
    assert_int_equal(rig_fuzz_replay(&what,
                                     "# @escapes on\n# @malformed on\n# @server nginx:fastcgi+libfcgi\n"
                                     "GET /\\n::stop-commands::x/../admin",
                                     NULL, message, sizeof message),
                     1);
    assert_null(strchr(message, '\n'));
}

/* An encoded slash is a part of its segment: a note may have it in its name. */
static int notes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    bool note = path[0] == '/' && !strchr(path + 1, '/');
    int error = drain(env);
    return error ? error
                 : rig_respond(res, .status = note || strcmp(path, "/admin/users") == 0 ? 200 : 404, .body = "a note");
}

/* Parameters of a segment are for members. */
static int no_parameters(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    if (!strchr(rig_env_get(env, "PATH_INFO"), ';') || carries(env, guard->secret)) {
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static const struct rig_middleware no_parameters_layer = {
    .name = "no_parameters", .call = no_parameters, .self_size = sizeof(struct guard), .reset = guard_reset};

static int build_notes(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = LITERAL_PATH};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &guard_layer, &guard, .auth = true);
    rig_use(stack, &no_parameters_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(notes));
}

static bool sees_path(const struct rig_fuzz_who *who)
{
    assert_string_equal(who->path, strstr(who->target, "%00") ? "/a%00/b" : "/x%2fusers");
    return true;
}

static void test_fuzz_encoded_slash(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_notes};
    static const struct rig_fuzz model = {.build = build_notes, .protect = {"notes"}, .authorize = sees_path};
    open_target(&what);
    judge("GET /admin%2fusers");
    assert_int_equal(found_count, 0);
    judge("GET /x/..%2Fadmin%2Fusers");
    assert_int_equal(found_count, 0);
    judge("GET /note%3Bx");
    assert_int_equal(found_count, 0);
    judge("GET /n%6fte");
    judge("GET /admin/./users"); /* denied in both spellings */
    assert_nothing(RIG_FUZZ_TARGET_EQUIVALENT);
    close_target(NULL);
    open_target(&model);
    judge("GET /x%2fusers");
    judge("GET //x/../a%00//%62");
    assert_int_equal(found_count, 0);
}

static void test_fuzz_encoded_zero_byte(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_literal};
    open_target(&what);
    judge("GET /x/../admin");
    assert_found("fuzz.target.equivalent");
    judge("GET /x/../admin%00");
    assert_int_equal(found_count, 0);
}

/* A change needs a header that only the same origin can send, or a client's bearer. */
static int against_csrf(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    bool changes = strcmp(rig_env_get(env, "REQUEST_METHOD"), "POST") == 0;
    if (!changes || rig_env_get(env, "HTTP_X_REQUESTED_WITH") || carries(env, guard->secret)) {
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 403);
}

static const struct rig_middleware against_csrf_layer = {
    .name = "against_csrf", .call = against_csrf, .self_size = sizeof(struct guard), .reset = guard_reset};

static int build_against_csrf(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = RIGHT};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &against_csrf_layer, &guard);
    return rig_run(stack, RIG_APP(members));
}

static bool everybody(const struct rig_fuzz_who *who)
{
    (void)who;
    return true;
}

static void test_fuzz_csrf_header(void **state)
{
    (void)state;
    static const char change[] = "POST /\nX-Requested-With: x\n\na=1";
    static const struct rig_fuzz what = {.build = build_against_csrf};
    static const struct rig_fuzz protects = {.build = build_against_csrf, .protect = {"members"}};
    open_target(&what);
    judge(change);
    assert_nothing(RIG_FUZZ_FIELD_WIDENS);
    close_target(NULL);
    open_target(&protects); /* whom nobody may enter without credentials: then a header must not let in */
    judge(change);
    assert_int_equal(found_count, 2);
    assert_string_equal(found[1], "fuzz.field.widens");
    close_target(NULL);
    static const struct rig_fuzz model = {.build = build_against_csrf, .protect = {"members"}, .authorize = everybody};
    open_target(&model); /* whom, by the model, everybody may enter */
    judge(change);
    assert_nothing(RIG_FUZZ_FIELD_WIDENS);
}

/* Three requests, then no more; it says how many are left. */
struct limit {
    unsigned count;
};

static int limit_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct limit *limit = self;
    char left[16];
    limit->count++;
    (void)snprintf(left, sizeof left, "%u", limit->count < 3 ? 3 - limit->count : 0);
    int error = rig_response_set_header(res, "X-RateLimit-Remaining", left);
    if (error || limit->count <= 3) {
        return error ? error : rig_next(next, env, res);
    }
    error = drain(env);
    return error ? error : rig_respond(res, .status = 429, .headers = {{"Retry-After", "60"}});
}

static void limit_reset(void *self)
{
    ((struct limit *)self)->count = 0;
}

static const struct rig_middleware limit_layer = {
    .name = "limit", .call = limit_call, .self_size = sizeof(struct limit), .reset = limit_reset};

static int build_limit(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &limit_layer, NULL);
    return rig_run(stack, RIG_APP(members));
}

static void test_fuzz_rate_limit(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_limit};
    open_target(&what);
    judge("GET /a\n###\nGET /b");
    assert_int_equal(found_count, 0);
    judge("GET /a\n###\nGET /a\n###\nGET /a\n###\nGET /a");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
}

static int answers_early(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 204);
}

static int build_early(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(answers_early));
}

static void test_fuzz_ignored_at_a_path(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_twice_broken,
                                         .ignore = {"fuzz.field.* /open", "fuzz.head.differs"}};
    open_target(&what);
    judge("GET /opened\nX-Forwarded-For: 127.0.0.1");
    assert_found("fuzz.field.widens");
    judge("GET /%6fpen\nX-Forwarded-For: 127.0.0.1");
    assert_int_equal(found_count, 0);
    judge("GET /open/b?c\nX-Forwarded-For: 127.0.0.1");
    assert_nothing(RIG_FUZZ_FIELD_WIDENS);
    close_target(NULL);
    static const struct rig_fuzz early = {.build = build_early, .ignore = {"input.early_answer.unread /open"}};
    open_target(&early);
    judge("POST /open/x\n\nabc");
    assert_int_equal(found_count, 0);
    judge("POST /x\n\nabc");
    assert_found("input.early_answer.unread");
}

static void test_fuzz_ignored_at_a_path_is_a_rule(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_twice_broken, .ignore = {"fuzz.feild.widens /open"}};
    open_target(&what);
    judge("GET /open");
    assert_found("usage.rule.unknown");
    assert_non_null(strstr(last_message, ".ignore names \"fuzz.feild.widens /open\", which is no rule"));
    close_target(NULL);
    static const struct rig_fuzz slash = {.build = build_twice_broken, .ignore = {"fuzz.field.widens open"}};
    open_target(&slash);
    judge("GET /open");
    assert_found("usage.rule.unknown");
    assert_non_null(strstr(last_message, "names \"fuzz.field.widens open\", whose path does not begin with '/'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_fuzz_app_entered_by_the_one_before, close_target),
        cmocka_unit_test_teardown(test_fuzz_app_entered_behind_the_head, close_target),
        cmocka_unit_test_teardown(test_fuzz_app_entered_by_a_secret, close_target),
        cmocka_unit_test_teardown(test_fuzz_model_of_what_entered, close_target),
        cmocka_unit_test_teardown(test_fuzz_app_denies_by_itself, close_target),
        cmocka_unit_test_teardown(test_fuzz_app_entered_behind_a_denial, close_target),
        cmocka_unit_test_teardown(test_fuzz_app_of_another_name, close_target),
        cmocka_unit_test_teardown(test_fuzz_field_widens_anew, close_target),
        cmocka_unit_test_teardown(test_fuzz_all_are_found, close_target),
        cmocka_unit_test_teardown(test_fuzz_message_is_escaped, close_target),
        cmocka_unit_test_teardown(test_fuzz_encoded_slash, close_target),
        cmocka_unit_test_teardown(test_fuzz_encoded_zero_byte, close_target),
        cmocka_unit_test_teardown(test_fuzz_csrf_header, close_target),
        cmocka_unit_test_teardown(test_fuzz_rate_limit, close_target),
        cmocka_unit_test_teardown(test_fuzz_ignored_at_a_path, close_target),
        cmocka_unit_test_teardown(test_fuzz_ignored_at_a_path_is_a_rule, close_target),
    };
    return cmocka_run_group_tests_name("fuzz: access", tests, NULL, NULL);
}
