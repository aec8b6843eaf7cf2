/* The last request alone: what may change with the requests before it, and what may not. */
#include "tests/fuzz/stacks.h"

enum what {
    NUMBERS,
    SHOWS_FIRST, /* and limits, from the seventh on */
    NUMBERS_AND_SHOWS_FIRST,
    FAILS, /* of POST, after it has kept who was first; or refuses it, by its path */
    TURNS, /* two back ends, by turns; what there is not does not come so far */
    TELLS_HITS,
    LIMITS,
    LIMITS_503, /* or 400, where the body breaks off */
    BREAKS,     /* by a 503 that does not say when to come again */
    LOCKS,
    OPENS,
    SHOWS_DENIED,
    SHOWS_TRIES,
    SHOWS_PROXY, /* whom it denied with 407 */
    SHOWS_LOGIN  /* whom it sent to log in */
};
struct keeper {
    enum what what;
    unsigned count;
    char first[64], secret[RIG_FUZZ_SECRET_SIZE + 1];
};

static int tells_hits(struct keeper *keeper, struct rig_env *env, struct rig_response *res)
{
    bool get = strcmp(rig_env_get(env, "REQUEST_METHOD"), "GET") == 0;
    int error = keeper->count == 0 ? 0 : rig_response_set_header(res, "X-Cache", "HIT");
    keeper->count += get;
    return error ? error : rig_respond(res, .status = 204, .headers = {{"Vary", "Accept"}});
}

/* Two of GET; HEAD is told, and limited, too. */
static int limits(struct keeper *keeper, struct rig_env *env, struct rig_response *res)
{
    char left[16];
    keeper->count += strcmp(rig_env_get(env, "REQUEST_METHOD"), "GET") == 0;
    (void)snprintf(left, sizeof left, "%u", keeper->count < 2 ? 2 - keeper->count : 0);
    bool over = keeper->count > 2, says_when = over && keeper->what == LIMITS_503;
    bool broken = rig_input_drain(rig_env_input(env), 1 << 20) < 0;
    int limited = keeper->what == LIMITS ? 429 : (says_when && broken ? 400 : 503);
    return rig_respond(res, .status = over ? limited : 204,
                       .headers = {{"X-RateLimit-Remaining", left}, {"Retry-After", says_when ? "1" : NULL}});
}

/* After two wrong ones: denied otherwise; or by mistake let in. */
static int locks(struct keeper *keeper, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    bool locked = keeper->count >= 2;
    if ((locked && keeper->what == OPENS) || (!locked && carries(env, keeper->secret))) {
        return rig_next(next, env, res);
    }
    keeper->count += rig_env_get(env, "HTTP_AUTHORIZATION") || rig_env_get(env, "HTTP_X_TOKEN");
    if (rig_input_drain(rig_env_input(env), 1 << 20) < 0) {
        return rig_respond(res, .status = 400);
    }
    return rig_respond(res, .status = locked ? 403 : 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

/* Denies whatever comes with credentials; what is open shows who was denied, or in a header how often. */
static int shows_denied(struct keeper *keeper, struct rig_env *env, struct rig_response *res)
{
    char tries[16];
    const char *given = rig_env_get(env, "HTTP_AUTHORIZATION");
    if (given) {
        keeper->count++;
        (void)snprintf(keeper->first, sizeof keeper->first, "%s", rig_env_get(env, "PATH_INFO"));
        return keeper->what == SHOWS_PROXY
                   ? rig_respond(res, .status = 407, .headers = {{"Proxy-Authenticate", "Basic"}})
               : keeper->what == SHOWS_LOGIN
                   ? rig_respond(res, .status = 302, .headers = {{"Location", "/login"}})
                   : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
    }
    (void)snprintf(tries, sizeof tries, "%u", keeper->count);
    return keeper->what == SHOWS_TRIES ? rig_respond(res, .headers = {{"X-Tries", tries}}, .body = "a page")
                                       : rig_respond(res, .body = keeper->count ? keeper->first : "nobody");
}

static int turns(struct keeper *keeper, struct rig_env *env, struct rig_response *res)
{
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/gone") == 0) {
        return rig_respond(res, .status = 404);
    }
    return rig_respond(res, .headers = {{"X-Served-By", keeper->count++ % 2 == 0 ? "a" : "b"}});
}

static int keeper_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    char number[16];
    int error = 0;
    if (keeper->what == LOCKS || keeper->what == OPENS) {
        return locks(keeper, env, res, next);
    }
    if (keeper->what >= SHOWS_DENIED) {
        return shows_denied(keeper, env, res);
    }
    if (keeper->what >= TELLS_HITS && keeper->what <= BREAKS) {
        return keeper->what == TELLS_HITS ? tells_hits(keeper, env, res) : limits(keeper, env, res);
    }
    if (keeper->what == TURNS) {
        return turns(keeper, env, res);
    }
    if (keeper->count++ == 0) {
        (void)snprintf(keeper->first, sizeof keeper->first, "%s", rig_env_get(env, "PATH_INFO"));
    }
    if (keeper->what == FAILS && strcmp(rig_env_get(env, "REQUEST_METHOD"), "POST") == 0) {
        return rig_respond(res, .status = strcmp(rig_env_get(env, "PATH_INFO"), "/wrong") == 0 ? 422 : 503);
    }
    if (keeper->what == SHOWS_FIRST && keeper->count > 6) {
        return rig_respond(res, .status = 429);
    }
    (void)snprintf(number, sizeof number, "%u", keeper->count);
    error = keeper->what == SHOWS_FIRST || keeper->what == FAILS ? 0 : rig_response_set_header(res, "X-Number", number);
    error = error || keeper->what == NUMBERS ? error : rig_response_set_header(res, "X-First", keeper->first);
    return error ? error : rig_next(next, env, res);
}

static void keeper_reset(void *self)
{
    struct keeper *keeper = self;
    keeper->count = 0;
}

static const struct rig_middleware keeper_layer = {
    .name = "keeper", .call = keeper_call, .self_size = sizeof(struct keeper), .reset = keeper_reset};
static enum what what_is_kept;

static int build_keeper(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct keeper keeper = {.what = what_is_kept};
    (void)snprintf(keeper.secret, sizeof keeper.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &keeper_layer, &keeper);
    return rig_run(stack, RIG_APP(members));
}

static void open_keeper(enum what what)
{
    static const struct rig_fuzz keeps = {.build = build_keeper, .credential_header = "X-Token", .declared = {503}};
    what_is_kept = what;
    open_target(&keeps);
}

static void test_a_number_of_requests(void **state)
{
    (void)state;
    open_keeper(NUMBERS);
    judge("GET /a\n###\nGET /b\n###\nGET /c");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
}

/* It changes by itself, but not with each request; and not all of those before have come so far as to count. */
static void test_whose_turn_it_is(void **state)
{
    static const char *const before[] = {"GET /\n\n###\n", "GET /gone\n\n###\n",
                                         "# @malformed on\nGET /\nContent-Length: 184467440737095516150\n\n###\n"};
    (void)state;
    open_keeper(TURNS);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "%sGET /\n\n###\nGET /", before[i]);
        judge(text);
        assert_int_equal(found_count, 0);
    }
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
}

/* Of two in the bytes of one both count. */
static void test_whose_turn_it_is_with_two_in_one(void **state)
{
    (void)state;
    open_keeper(TURNS);
    judge("GET /\n\n###\n# @escapes on\n# @malformed on\nGET /\nContent-Length: 0\n\n"
          "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n");
    assert_int_equal(found_count, 0);
}

static void test_what_was_asked_before(void **state)
{
    (void)state;
    open_keeper(SHOWS_FIRST);
    judge("GET /a\n###\nGET /b");
    assert_found("fuzz.answer.depends");
    close_target(NULL);
    open_keeper(NUMBERS_AND_SHOWS_FIRST); /* the one hides not the other */
    judge("GET /a\n###\nGET /b");
    assert_found("fuzz.answer.depends");
    assert_non_null(strstr(last_message, "X-First"));
}

/* It may have changed something before it failed. */
static void test_what_failed_before(void **state)
{
    (void)state;
    open_keeper(FAILS);
    judge("POST /a\n###\nGET /b");
    assert_int_equal(found_count, 0);
    judge("POST /wrong\n###\nGET /b");
    assert_found("fuzz.answer.depends");
}

/* Who is let in is no try. */
static void test_what_another_user_asked(void **state)
{
    (void)state;
    open_keeper(SHOWS_FIRST);
    judge("# @as valid bearer\nGET /a\n###\n# @as other bearer\nGET /b");
    assert_found("fuzz.answer.depends");
    judge("# @as wrong bearer\nGET /a\n###\nGET /b"); /* nor is anything locked */
    assert_found("fuzz.answer.depends");
}

static void test_what_a_cache_says(void **state)
{
    (void)state;
    open_keeper(TELLS_HITS);
    judge("GET /a\n###\nHEAD /a");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
}

static void test_a_limit(void **state)
{
    (void)state;
    open_keeper(LIMITS);
    judge("GET /\n###\nHEAD /");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
    judge("GET /\n###\nGET /\n###\nGET /\n###\nHEAD /");
    assert_int_equal(found_count, 0);
    close_target(NULL);
    open_keeper(LIMITS_503);
    judge("GET /\n###\nGET /\n###\nGET /\n###\nHEAD /");
    judge("GET /\n###\nGET /\n###\nGET /\n###\n# @fault read 1 error always\nHEAD /\n\na");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
    close_target(NULL);
    open_keeper(BREAKS);
    judge("GET /\n###\nGET /\n###\nGET /\n###\nHEAD /");
    assert_found("fuzz.answer.depends");
    assert_string_equal(last_message, "after requests that change nothing it is answered 503, alone 204");
}

/* What runs beside a request, of its own bytes, counts as well. */
static void test_two_in_the_bytes_of_one(void **state)
{
    (void)state;
    open_keeper(BREAKS);
    judge("# @escapes on\n# @malformed on\n# @disconnect 2000\nGET /\nContent-Length: 0\n\n"
          "GET / HTTP/1.1\\r\nHost: a\\r\\n\\r\\n\n\n###\nGET /\n###\nHEAD /");
    assert_int_equal(found_count, 0);
}

static void test_a_lock(void **state)
{
    (void)state;
    open_keeper(LOCKS);
    judge("# @as wrong bearer\nGET /\n###\n# @as wrong basic\nGET /\n###\n# @as valid bearer\nGET /");
    judge("GET /\nAuthorization: a\n\n###\nGET /\nAuthorization: b\n\n###\nGET /");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
    for (unsigned i = 0; i < 3; i++) { /* their bodies break off, and so do two tries */
        static const char *const who[] = {"# @as other bearer\n", "", ""};
        static const char *const headers[] = {"", "Authorization: a\n", "X-Token: a\n"};
        char text[256], one[96];
        (void)snprintf(one, sizeof one, "%s# @fault read 1 error always\nPOST /\n%s\na\n\n###\n", who[i], headers[i]);
        (void)snprintf(text, sizeof text, "%s%sGET /", one, one);
        judge(text);
        assert_int_equal(found_count, 0);
    }
    close_target(NULL);
    open_keeper(OPENS);
    judge("# @as wrong bearer\nGET /\n###\n# @as wrong basic\nGET /\n###\nGET /");
    assert_found("fuzz.answer.depends");
}

/* A page to log in may say how many tries are left, any page in a header; what another page shows is another's. */
static void test_what_is_shown_of_who_was_denied(void **state)
{
    (void)state;
    open_keeper(SHOWS_DENIED);
    judge("GET /a?1\nAuthorization: a\n\n###\nGET /a?2");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
    judge("GET /a\nAuthorization: a\n\n###\nGET /b");
    assert_found("fuzz.answer.depends");
    close_target(NULL);
    open_keeper(SHOWS_TRIES);
    judge("GET /a\nAuthorization: a\n\n###\nGET /b");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
    close_target(NULL);
    open_keeper(SHOWS_PROXY);
    judge("GET /a?1\nAuthorization: a\n\n###\nGET /a?2");
    assert_nothing(RIG_FUZZ_ANSWER_DEPENDS);
    close_target(NULL);
    open_keeper(SHOWS_LOGIN); /* nothing was tried */
    judge("GET /a?1\nAuthorization: a\n\n###\nGET /a?2");
    assert_found("fuzz.answer.depends");
}

/* ---- which headers differ ---- */

static struct rig_result with(const struct rig_field *fields, size_t count)
{
    return (struct rig_result){.status = 200, .body = "", .headers = fields, .header_count = count};
}

#define WITH(...)                                 \
    with((const struct rig_field[]){__VA_ARGS__}, \
         sizeof((const struct rig_field[]){__VA_ARGS__}) / sizeof(struct rig_field))

static void assert_differs(struct rig_result a, struct rig_result b, const char *expected)
{
    struct rig_fuzz_difference difference;
    assert_int_equal(rig_fuzz_differs(&a, &b, &difference), expected != NULL);
    assert_true(!expected || (strcmp(difference.one, "200") == 0 && strcmp(difference.other, expected) == 0));
    assert_int_equal(rig_fuzz_differs(&b, &a, &difference), expected != NULL);
    assert_true(!expected || strcmp(difference.other, expected) == 0);
}

static void test_headers_in_another_order(void **state)
{
    (void)state;
    assert_differs(WITH({"Vary", "a"}, {"Etag", "b"}), WITH({"ETag", "b"}, {"Age", "1"}, {"Vary", "a"}), NULL);
    assert_differs(WITH({"Link", "a"}, {"Vary", "c"}, {"Link", "b"}), WITH({"Link", "a"}, {"Link", "b"}, {"Vary", "c"}),
                   NULL);
    assert_differs(WITH({"Link", "a"}, {"Link", "b"}), WITH({"Link", "b"}, {"Link", "a"}), "200 with another Link");
    assert_differs(WITH({"Link", "a"}, {"Link", "b"}), WITH({"Link", "a"}, {"Link", "c"}), "200 with another Link");
    assert_differs(WITH({"Link", "a"}, {"Link", "b"}), WITH({"Link", "a"}), "200 with another Link");
    assert_differs(WITH({"Vary", "a"}, {"Link", "b"}), WITH({"Link", "b"}), "200 with another Vary");
}

#define FUZZ_TEST(test_) cmocka_unit_test_teardown(test_, close_target)

int main(void)
{
    const struct CMUnitTest tests[] = {FUZZ_TEST(test_a_number_of_requests),
                                       FUZZ_TEST(test_whose_turn_it_is),
                                       FUZZ_TEST(test_whose_turn_it_is_with_two_in_one),
                                       FUZZ_TEST(test_what_was_asked_before),
                                       FUZZ_TEST(test_what_failed_before),
                                       FUZZ_TEST(test_what_another_user_asked),
                                       FUZZ_TEST(test_what_a_cache_says),
                                       FUZZ_TEST(test_a_limit),
                                       FUZZ_TEST(test_two_in_the_bytes_of_one),
                                       FUZZ_TEST(test_a_lock),
                                       FUZZ_TEST(test_what_is_shown_of_who_was_denied),
                                       cmocka_unit_test(test_headers_in_another_order)};
    return cmocka_run_group_tests_name("fuzz: alone", tests, NULL, NULL);
}
