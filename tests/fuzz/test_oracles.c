/* Each rule that only fuzzing looks at: a stack that breaks it, and one that looks alike and is right. */
#include "tests/fuzz/stacks.h"

#include <stackrig/http/percent.h>

/* ---- who is let in ---- */

static void test_fuzz_app_entered(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_prefix, .protect = {"members"}};
    open_target(&what);
    judge("# @as valid bearer\nGET /");
    assert_int_equal(found_count, 0);
    judge("# @as wrong bearer\nGET /");
    assert_int_equal(found_count, 0);
    judge("# @as prefix bearer\nGET /");
    assert_found("fuzz.app.entered");
    assert_string_equal(last_layer, "members");
    assert_string_equal(last_site, let_in_at);
    assert_string_equal(last_message, "members was entered by a request with credentials \"prefix\", and answered 200");
}

static bool all_but_none(const struct rig_fuzz_who *who)
{
    assert_string_equal(who->path, "/a");
    assert_string_equal(who->app, "members");
    assert_string_equal(who->method, "GET");
    return strcmp(who->credentials, "none") != 0;
}

static void test_fuzz_app_denied(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_right, .protect = {"members"}};
    open_target(&what);
    judge("GET /");
    judge("# @as prefix bearer\nGET /\n###\n# @as longer bearer\nGET /\n###\n# @as case bearer\nGET /");
    judge("# @as empty bearer\nGET /\n###\n# @as valid bearer\nPOST /\n\nabc");
    judge("# @as user bearer\nGET /\n###\n# @as wrong bearer\nGET /\n###\n# @as valid basic\nGET /");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
    close_target(NULL);
    static const struct rig_fuzz model = {.build = build_prefix, .protect = {"members"}, .authorize = all_but_none};
    open_target(&model);
    judge("# @as prefix bearer\nGET /x/../%61?b");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
}

static void test_fuzz_target_equivalent(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_literal};
    open_target(&what);
    judge("GET /admin");
    assert_int_equal(found_count, 0);
    judge("# @malformed on\nGET //admin");
    assert_found("fuzz.target.equivalent");
    judge("GET /%61dmin");
    assert_found("fuzz.target.equivalent");
    judge("GET /x/../admin?q");
    assert_found("fuzz.target.equivalent");
    assert_string_equal(last_message,
                        "/x/../admin?q enters members without credentials, where /admin?q is answered 401");
}

static int by_path(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    bool known = strcmp(rig_env_get(env, "PATH_INFO"), "/admin") == 0;
    return error ? error : rig_respond(res, .status = known ? 200 : 404, .body = known ? "admin" : "");
}

static int build_by_path(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = LITERAL_PATH};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &guard_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(by_path));
}

/* The guard looks at bytes, and so does what is behind it. */
static void test_fuzz_target_not_found(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_by_path};
    open_target(&what);
    judge("GET /%61dmin");
    judge("# @malformed on\nGET //admin");
    judge("# @as valid bearer\nGET /%61dmin");
    assert_int_equal(found_count, 0);
    assert_int_equal(target.armed[RIG_FUZZ_TARGET_EQUIVALENT], 0); /* nothing was let in that could be denied */
    close_target(NULL);
    static const struct rig_fuzz right = {.build = build_right};
    open_target(&right); /* denied in every spelling */
    judge("GET /%61dmin");
    assert_nothing(RIG_FUZZ_TARGET_EQUIVALENT);
}

/* ---- what comes out ---- */

/* next=PATH of the query, decoded. */
static int redirects(void *self, struct rig_env *env, struct rig_response *res)
{
    const bool *encodes = self;
    const char *query = rig_env_get(env, "QUERY_STRING");
    char where[256] = "";
    if (strncmp(query, "next=", 5) != 0 || strlen(query) >= sizeof where) {
        return rig_respond(res, .status = 400);
    }
    size_t size = *encodes ? strlen(query) - 5 : rig_percent_decode(query + 5, strlen(query) - 5, true, where);
    if (*encodes) {
        memcpy(where, query + 5, size);
    }
    where[size] = '\0';
    /* as a framework does that lets values hold more than one line */
    char *line = strstr(where, "\r\n");
    if (line) {
        char *colon = strchr(line, ':');
        *line = '\0';
        if (colon) {
            *colon = '\0';
            (void)rig_response_set_header(res, line + 2, colon + 1 + (colon[1] == ' '));
        }
    }
    return rig_respond(res, .status = 302, .headers = {{"Location", where}});
}

static void test_fuzz_header_injected(void **state)
{
    (void)state;
    static bool encodes = false;
    app = (struct rig_app){.name = "redirects", .call = redirects, .self = &encodes};
    open_target(&one_app);
    judge("GET /?next=/a");
    assert_int_equal(found_count, 0);
    judge("GET /?next=/a%0d%0aX-Rig-Marker:%201");
    assert_found("fuzz.header.injected");
}

static void test_fuzz_header_echoed(void **state)
{
    (void)state;
    static bool encodes = true;
    app = (struct rig_app){.name = "redirects", .call = redirects, .self = &encodes};
    open_target(&one_app);
    judge("GET /?next=/a%0d%0aX-Rig-Marker:%201");
    assert_nothing(RIG_FUZZ_HEADER_INJECTED);
}

static int logs(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    rig_env_log(env, "denied: %s", value ? value : "-");
    return rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Basic"}});
}

static char logged_at[128];

static int logs_below(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_env_log(env, "begin");
    int error = rig_next(next, env, res);
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    (void)snprintf(logged_at, sizeof logged_at, "%s:%d", __FILE__, __LINE__ + 1);
    rig_env_log(env, "served %s", value ? value : "-");
    rig_env_log(env, "end");
    return error;
}

static int says_nothing(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 204);
}

static int build_logs_below(struct rig_stack *stack, const struct rig_setup *setup)
{
    static const struct rig_middleware layer = {.name = "logs_below", .call = logs_below};
    (void)setup;
    rig_use(stack, &layer, NULL);
    return rig_run(stack, RIG_APP(says_nothing));
}

/* Not at who answered. */
static void test_fuzz_secret_reflected_by_a_layer(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_logs_below};
    open_target(&what);
    judge("# @as valid bearer\nGET /");
    assert_found("fuzz.secret.reflected");
    assert_string_equal(last_layer, "logs_below");
    assert_string_equal(last_site, logged_at);
}

static void test_fuzz_secret_reflected(void **state)
{
    (void)state;
    OPEN_APP(logs);
    judge("# @as wrong bearer\nGET /");
    assert_int_equal(found_count, 0);
    judge("# @as valid bearer\nGET /");
    assert_found("fuzz.secret.reflected");
    assert_string_equal(last_message, "the secret of this run stands in the log");
    judge("# @as valid basic\nGET /");
    assert_found("fuzz.secret.reflected");
}

static int repeats(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    return rig_respond(res, .headers = {{"X-As", value ? value : "-"}, {"X-Behind", "plain"}}, .body = "hello");
}

static void test_fuzz_secret_in_a_header(void **state)
{
    (void)state;
    OPEN_APP(repeats);
    judge("# @as valid bearer\nGET /");
    assert_found("fuzz.secret.reflected");
    assert_string_equal(last_message, "the secret of this run stands in the response's X-As");
}

static int greets(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    return rig_respond(res, .body = value ? "hello, ada" : "hello");
}

static void test_fuzz_user_reflected(void **state)
{
    (void)state;
    OPEN_APP(greets);
    judge("# @as valid basic\nGET /");
    assert_nothing(RIG_FUZZ_SECRET_REFLECTED);
}

static int parses(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *range = rig_env_get(env, "HTTP_RANGE");
    if (range && strncmp(range, "bytes=", 6) != 0) {
        return rig_respond(res, .status = 503);
    }
    return strcmp(rig_env_get(env, "REQUEST_METHOD"), "G") == 0 ? rig_respond(res, .status = 501) : rig_respond(res);
}

static void test_fuzz_status_undeclared(void **state)
{
    (void)state;
    OPEN_APP(parses);
    judge("GET /\nRange: bytes=0-");
    assert_int_equal(found_count, 0);
    judge("GET /\nRange: a");
    assert_found("fuzz.status.undeclared");
    assert_string_equal(last_message, "GET was answered 503");
}

static void test_fuzz_status_declared(void **state)
{
    (void)state;
    app = RIG_APP(parses);
    static const struct rig_fuzz what = {.build = build_app, .declared = {500, 503}};
    open_target(&what);
    judge("GET /\nRange: a");
    judge("G /");
    assert_nothing(RIG_FUZZ_STATUS_UNDECLARED);
}

/* ---- in another play ---- */

static unsigned served; /* of the whole program: no reset knows it */

static int counts(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .body = served++ & 1 ? "odd" : "even");
}

static void test_fuzz_answer_varies(void **state)
{
    (void)state;
    OPEN_APP(counts);
    judge("GET /");
    assert_found("fuzz.answer.varies");
    assert_string_equal(last_layer, "counts");
}

/* A layer's own count, and a reset that puts it back; the first request is told that it is. */
struct counter {
    unsigned requests;
    bool by_path;
    char first[64];
};

static int counter_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct counter *counter = self;
    const char *path = rig_env_get(env, "PATH_INFO");
    (void)next;
    if (counter->requests++ == 0) {
        (void)snprintf(counter->first, sizeof counter->first, "%s", path);
    }
    /* a cache that remembers the first answer; the one that is right looks at its path */
    bool hit = !counter->by_path || strcmp(counter->first, path) == 0;
    return rig_respond(res, .body = hit ? counter->first : path);
}

static void counter_reset(void *self)
{
    struct counter *counter = self;
    counter->requests = 0;
}

static const struct rig_middleware counter_layer = {
    .name = "counter", .call = counter_call, .self_size = sizeof(struct counter), .reset = counter_reset};

static int build_counter(struct rig_stack *stack, bool looks_at_path)
{
    struct counter counter = {.by_path = looks_at_path};
    rig_use(stack, &counter_layer, &counter);
    return rig_run(stack, RIG_APP(members));
}

static int build_cache(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return build_counter(stack, true);
}

static int build_blind_cache(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return build_counter(stack, false);
}

static void test_fuzz_answer_reset(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_blind_cache};
    open_target(&what);
    judge("GET /a");
    judge("GET /b");
    assert_nothing(RIG_FUZZ_ANSWER_VARIES);
    assert_false(target.anew);
}

static void test_fuzz_answer_depends(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_blind_cache};
    open_target(&what);
    judge("GET /a\n###\nGET /a");
    assert_int_equal(found_count, 0);
    judge("GET /a\n###\nGET /b");
    assert_found("fuzz.answer.depends");
    judge("POST /a\n###\nGET /b"); /* may change what is there */
    assert_int_equal(found_count, 0);
}

static void test_fuzz_answer_cached(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_cache};
    open_target(&what);
    judge("GET /a\n###\nGET /b\n###\nGET /a");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
}

/* A slow body before it moves the clock: alone it is sent at the same time. */
static int tells_time(void *self, struct rig_env *env, struct rig_response *res)
{
    char now[32];
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    (void)snprintf(now, sizeof now, "%lld", (long long)rig_env_now(env));
    return drained < 0 ? (int)drained : rig_respond(res, .status = 200, .headers = {{"X-Time", now}});
}

static int build_clock(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(tells_time));
}

static void test_fuzz_answer_depends_on_the_time(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_clock};
    open_target(&what);
    judge("# @fault read 1 slow\nGET /\n\nab\n###\nGET /");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
    assert_nothing(RIG_FUZZ_ANSWER_VARIES);
}

static int get_alone(void *self, struct rig_env *env, struct rig_response *res)
{
    const int *otherwise = self;
    bool get = strcmp(rig_env_get(env, "REQUEST_METHOD"), "GET") == 0;
    return rig_respond(res, .status = get ? 200 : *otherwise, .headers = {{"Allow", "GET"}});
}

static void test_fuzz_head_differs(void **state)
{
    (void)state;
    static int otherwise = 404;
    app = (struct rig_app){.name = "get_alone", .call = get_alone, .self = &otherwise};
    open_target(&one_app);
    judge("GET /");
    assert_found("fuzz.head.differs");
    judge("HEAD /");
    assert_found("fuzz.head.differs");
    assert_string_equal(last_message, "GET is answered 200, HEAD 404");
    judge("GET /\nRange: bytes=0-");
    judge("GET /\nConnection: Upgrade\nUpgrade: websocket");
    assert_int_equal(found_count, 0);
}

static void test_fuzz_head_refused(void **state)
{
    (void)state;
    static int otherwise = 405;
    app = (struct rig_app){.name = "get_alone", .call = get_alone, .self = &otherwise};
    open_target(&one_app);
    judge("GET /");
    judge("HEAD /");
    assert_nothing(RIG_FUZZ_HEAD_DIFFERS);
}

/* ---- what opens ---- */

static void test_fuzz_field_widens(void **state)
{
    (void)state;
    within = PREFIX;
    open_target(&from_within_stack);
    judge("GET /?a");
    assert_int_equal(found_count, 0);
    judge("GET /a?b\nX-Forwarded-For: 127.0.0.1");
    assert_found("fuzz.field.widens");
    assert_string_equal(last_message,
                        "/a?b enters members without credentials; without its headers and query it is answered 401");
    close_target(NULL);
    within = EVERYBODY_KNOWN;
    open_target(&from_within_stack);
    judge("GET /?debug=1");
    assert_found("fuzz.field.widens");
}

/* Open to all: no header is needed, and none makes a difference; or closed to all. */
static void test_fuzz_field_free(void **state)
{
    (void)state;
    OPEN_APP(members);
    judge("GET /?a\nX-Forwarded-For: 127.0.0.1");
    assert_int_equal(found_count, 0);
    close_target(NULL);
    static const struct rig_fuzz right = {.build = build_right};
    open_target(&right);
    judge("GET /?a\nX-Forwarded-For: 127.0.0.1");
    assert_nothing(RIG_FUZZ_FIELD_WIDENS);
}

/* What was written once stays, beyond every reset. */
static bool closed;
static int closes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    closed = closed || strcmp(rig_env_get(env, "PATH_INFO"), "/close") == 0;
    return rig_respond(res, .status = closed ? 404 : 200);
}

static void test_fuzz_answer_varies_since(void **state)
{
    (void)state;
    OPEN_APP(closes);
    judge("GET /a");
    assert_int_equal(found_count, 0);
    closed = true; /* as a scenario before has left it, to which this was not asked */
    target.scenarios += 2;
    assert_int_equal(rig_fuzz_judge_first(&target, &scenario), 0);
    assert_found("fuzz.answer.varies");
    assert_int_equal(last_request, RIG_FUZZ_NO_REQUEST);
    found_count = 0;
    assert_int_equal(rig_fuzz_judge_first(&target, &scenario), 0); /* told once */
    assert_int_equal(found_count, 0);
    close_target(NULL);
    closed = false;
    OPEN_APP(closes);
    judge("GET /close\n###\nGET /b"); /* asked with all the others: it is this one */
    assert_found("fuzz.answer.varies");
    assert_int_equal(last_request, 1);
}

#define FUZZ_TEST(test_) cmocka_unit_test_teardown(test_, close_target),

#include "tests/unit/rules_tests.h"

int main(void)
{
    const struct CMUnitTest tests[] = {
        FUZZ_TESTS(FUZZ_TEST) FUZZ_TEST(test_fuzz_secret_in_a_header) FUZZ_TEST(test_fuzz_secret_reflected_by_a_layer)
            FUZZ_TEST(test_fuzz_answer_varies_since) FUZZ_TEST(test_fuzz_answer_depends_on_the_time)};
    return cmocka_run_group_tests_name("fuzz: oracles", tests, NULL, NULL);
}
