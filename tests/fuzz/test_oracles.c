/* Each rule that only fuzzing looks at: a stack that breaks it, and one that looks alike and is right. */
#include "tests/fuzz/fuzz_test.h"

#include <stackrig/http/percent.h>

/* ---- stacks ---- */

static int drain(struct rig_env *env)
{
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : 0;
}

static bool carries(struct rig_env *env, const char *secret)
{
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    return value && strncmp(value, "Bearer ", 7) == 0 && strcmp(value + 7, secret) == 0;
}

static int members(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 200, .body = "members only");
}

/* What a guard looks at, by its mistake. */
enum mistake { RIGHT, PREFIX, LITERAL_PATH, EVERYBODY_KNOWN };
struct guard {
    enum mistake mistake;
    char secret[RIG_FUZZ_SECRET_SIZE + 1];
};

static int guard_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    bool open = guard->mistake == LITERAL_PATH && strncmp(rig_env_get(env, "PATH_INFO"), "/admin", 6) != 0;
    bool known = carries(env, guard->secret);
    if (guard->mistake == PREFIX && value && strncmp(value, "Bearer ", 7) == 0) {
        known = strncmp(guard->secret, value + 7, strlen(value + 7)) == 0;
    }
    if (known || open) {
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error
                 : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}}, .body = "who are you?");
}

static void guard_reset(void *self)
{
    (void)self; /* it keeps nothing of a request */
}

static const struct rig_middleware guard_layer = {
    .name = "guard", .call = guard_call, .self_size = sizeof(struct guard), .reset = guard_reset};

static int build_guarded(struct rig_stack *stack, const struct rig_setup *setup, enum mistake mistake)
{
    struct guard guard = {.mistake = mistake};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &guard_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(members));
}

static int build_right(struct rig_stack *stack, const struct rig_setup *setup)
{
    return build_guarded(stack, setup, RIGHT);
}

static int build_prefix(struct rig_stack *stack, const struct rig_setup *setup)
{
    return build_guarded(stack, setup, PREFIX);
}

static int build_literal(struct rig_stack *stack, const struct rig_setup *setup)
{
    return build_guarded(stack, setup, LITERAL_PATH);
}

/* A stack of one app, which a test chooses. */
static struct rig_app app;
static int build_app(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, app);
}

static const struct rig_fuzz one_app = {.build = build_app};

#define OPEN_APP(function_) (app = RIG_APP(function_), open_target(&one_app))

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
    judge("# @escapes on\n# @connection a\n# @malformed on\nGET /\nContent-Length: 1\n###\n"
          "# @escapes on\n# @connection a\n# @as valid bearer\n# @malformed on\nGET /\nContent-Length: 1\n###\n"
          "# @escapes on\n# @connection a\n# @as wrong bearer\n# @malformed on\nGET /\nContent-Length: 1");
    assert_nothing(RIG_FUZZ_APP_ENTERED);
}

/* Who gives up at a read that fails leaves the rest of the body; the next on the connection meets it. */
static int gives_up(void *self, struct rig_env *env, struct rig_response *res)
{
    char byte;
    (void)self;
    bool failed = rig_input_read(rig_env_input(env), &byte, 1) < 0;
    int error = failed ? 0 : drain(env);
    return error ? error : rig_respond(res, .status = failed ? 400 : 200);
}

static void test_fuzz_left_by_a_failed_read(void **state)
{
    (void)state;
    OPEN_APP(gives_up);
    judge("# @connection a\n# @fault read 1 eintr\nPOST /\n\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n\n###\n# @connection "
          "a\nGET /");
    assert_int_equal(found_count, 0);
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

static void test_fuzz_secret_reflected(void **state)
{
    (void)state;
    OPEN_APP(logs);
    judge("# @as wrong bearer\nGET /");
    assert_int_equal(found_count, 0);
    judge("# @as valid bearer\nGET /");
    assert_found("fuzz.secret.reflected");
    assert_string_equal(last_message, "the secret of this run stands in the response's log");
    judge("# @as valid basic\nGET /");
    assert_found("fuzz.secret.reflected");
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

/* Lets in who says that he comes from within, or knows the secret. */
static int from_within(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    const char *address = rig_env_get(env, "HTTP_X_FORWARDED_FOR");
    bool within = address && strcmp(address, "127.0.0.1") == 0;
    bool debug = guard->mistake == EVERYBODY_KNOWN && strstr(rig_env_get(env, "QUERY_STRING"), "debug=1");
    if ((guard->mistake == PREFIX && within) || debug || carries(env, guard->secret)) {
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static const struct rig_middleware from_within_layer = {
    .name = "from_within", .call = from_within, .self_size = sizeof(struct guard), .reset = guard_reset};
static enum mistake within;

static int build_within(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = within};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &from_within_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(members));
}

static const struct rig_fuzz from_within_stack = {.build = build_within};

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

/* Open to all: no header is needed, and none makes a difference. */
static void test_fuzz_field_free(void **state)
{
    (void)state;
    OPEN_APP(members);
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
    assert_int_equal(rig_fuzz_judge_first(&target), 0);
    assert_int_equal(found_count, 0);
    judge("GET /close");
    found_count = 0;
    assert_int_equal(rig_fuzz_judge_first(&target), 0);
    assert_found("fuzz.answer.varies");
    found_count = 0;
    assert_int_equal(rig_fuzz_judge_first(&target), 0); /* told once */
    assert_int_equal(found_count, 0);
}

#define FUZZ_TEST(test_) cmocka_unit_test_teardown(test_, close_target),

#include "tests/unit/rules_tests.h"

int main(void)
{
    const struct CMUnitTest tests[] = {
        FUZZ_TESTS(FUZZ_TEST) FUZZ_TEST(test_fuzz_app_entered_by_the_one_before)
            FUZZ_TEST(test_fuzz_left_by_a_failed_read) FUZZ_TEST(test_fuzz_answer_varies_since)
                FUZZ_TEST(test_fuzz_field_widens_anew) FUZZ_TEST(test_fuzz_all_are_found)
                    FUZZ_TEST(test_fuzz_message_is_escaped)};
    return cmocka_run_group_tests_name("fuzz: oracles", tests, NULL, NULL);
}
