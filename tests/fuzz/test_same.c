/* The same resource, let in where it is denied, and another one that is open: what tells them apart is that who has valid
 * credentials gets the same answer. */
#include "tests/fuzz/stacks.h"

#include <stackrig/http/path.h>

/* A guard: what needs no credentials, and how it denies the rest; and the app behind it. */
static struct {
    bool (*is_open)(const struct rig_env *env);
    const char *(*page)(const struct rig_env *env); /* NULL: 404; a name that begins with '>': 303 */
    int denied;                                     /* 0: 401 */
    const char *location;
    bool keyless; /* credentials open nothing */
    bool numbers; /* its pages, in a header */
    bool signs;   /* and in the body */
} site;

static unsigned page_number; /* no reset puts it back */

static bool has(const struct rig_env *env, const char *name, const char *value)
{
    const char *is = rig_env_get(env, name);
    return is && strcmp(is, value) == 0;
}

static int door(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    if (site.is_open(env) || (!site.keyless && carries(env, guard->secret))) {
        return rig_next(next, env, res);
    }
    int error = drain(env), status = site.denied ? site.denied : 401;
    return error           ? error
           : status == 401 ? rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}})
           : site.location ? rig_respond(res, .status = status, .headers = {{"Location", site.location}})
                           : rig_respond(res, .status = status);
}

static const struct rig_middleware door_layer = {
    .name = "door", .call = door, .self_size = sizeof(struct guard), .reset = guard_reset};

static int pages(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    char signed_page[64];
    const char *page = site.page(env);
    page_number++;
    if (error == 0 && site.numbers) {
        error = rig_response_set_header(res, "X-Nonce", page_number % 2 ? "odd" : "even");
    }
    if (page && site.signs) {
        (void)snprintf(signed_page, sizeof signed_page, "%s %u", page, page_number);
        page = signed_page;
    }
    return error                                ? error
           : !page                              ? rig_respond(res, .status = 404, .body = "not here")
           : page[0] == '>'                     ? rig_respond(res, .status = 303, .headers = {{"Location", page + 1}})
           : has(env, "REQUEST_METHOD", "HEAD") ? rig_respond(res)
                                                : rig_respond(res, .body = page);
}

static int build_site(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = RIGHT};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &door_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(pages));
}

static const struct rig_fuzz a_site = {.build = build_site};

static void open_site(bool (*is_open)(const struct rig_env *env), const char *(*page)(const struct rig_env *env),
                      int denied, const char *location)
{
    site.is_open = is_open;
    site.page = page;
    site.denied = denied;
    site.location = location;
    site.keyless = site.numbers = site.signs = false;
    open_target(&a_site);
}

/* ---- another resource ---- */

static bool not_files(const struct rig_env *env)
{
    return !has(env, "PATH_INFO", "/files");
}

static const char *listing_and_index(const struct rig_env *env)
{
    return has(env, "PATH_INFO", "/files") ? "listing" : has(env, "PATH_INFO", "/files/") ? "index" : NULL;
}

static const char *if_cleaned(const struct rig_env *env, const char *path, const char *page)
{
    char clean[256];
    const char *raw = rig_env_get(env, "PATH_INFO");
    size_t size = rig_path_clean(raw, strlen(raw), clean, sizeof clean);
    return size == strlen(path) && memcmp(clean, path, size) == 0 ? page : NULL;
}

static const char *listing(const struct rig_env *env)
{
    return if_cleaned(env, "/files", "listing");
}

/* RFC 3986 does not take "/files/" for "/files", whatever is there. */
static void test_fuzz_slash_at_the_end(void **state)
{
    (void)state;
    open_site(not_files, listing_and_index, 0, NULL);
    judge("GET /files");
    judge("GET /files/");
    judge("GET /files/.");
    assert_int_equal(found_count, 0);
    close_target(NULL);
    open_site(not_files, listing, 0, NULL);
    judge("GET /./files");
    assert_found("fuzz.target.equivalent");
    judge("GET /files/");
    judge("GET /x/../files/");
    judge("GET /files/x/..");
    assert_nothing(RIG_FUZZ_TARGET_EQUIVALENT);
}

static bool not_admin(const struct rig_env *env)
{
    return !has(env, "PATH_INFO", "/admin");
}

static const char *index_but_admin(const struct rig_env *env)
{
    return not_admin(env) ? "index.html" : "admin";
}

/* What is no file is the index: guard and app both look at the path as it is. */
static void test_fuzz_unknown_is_index(void **state)
{
    (void)state;
    open_site(not_admin, index_but_admin, 0, NULL);
    judge("GET /./admin");
    judge("POST /x/../admin\n\na");
    judge("HEAD /./admin"); /* whose answers have no body, so that they look the same */
    assert_nothing(RIG_FUZZ_TARGET_EQUIVALENT);
}

/* What varies in headers alone hides nothing; a body that varies could be another page's. */
static void test_fuzz_headers_that_vary(void **state)
{
    static const struct rig_fuzz varying = {.build = build_site, .ignore = {"fuzz.answer.varies"}};
    (void)state;
    open_site(not_files, listing, 0, NULL);
    close_target(NULL);
    site.numbers = true;
    open_target(&varying);
    for (unsigned i = 0; i < 2; i++) { /* odd and even */
        judge("GET /./files");
        assert_found("fuzz.target.equivalent");
        page_number++;
    }
    close_target(NULL);
    site.is_open = not_admin;
    site.page = index_but_admin;
    site.signs = true;
    open_target(&varying);
    judge("GET /./admin");
    assert_nothing(RIG_FUZZ_TARGET_EQUIVALENT);
}

static bool is_login_page(const struct rig_env *env)
{
    return has(env, "QUERY_STRING", "page=login");
}

static const char *by_query(const struct rig_env *env)
{
    return is_login_page(env) ? "<form>" : has(env, "PATH_INFO", "/") ? "for you" : NULL;
}

/* Its page to log in is one of the app's, open to all; what it has no page for is open with it. */
static void test_fuzz_page_by_query(void **state)
{
    (void)state;
    open_site(is_login_page, by_query, 0, NULL);
    judge("GET /?page=login");
    judge("HEAD /?page=login");
    judge("POST /?page=login\n\na");
    assert_nothing(RIG_FUZZ_FIELD_WIDENS);
}

static bool reads(const struct rig_env *env)
{
    const char *as = rig_env_get(env, "HTTP_X_HTTP_METHOD_OVERRIDE");
    return has(env, "REQUEST_METHOD", "GET") || has(env, "REQUEST_METHOD", "HEAD") || (as && strcmp(as, "GET") == 0);
}

static const char *list_or_written(const struct rig_env *env)
{
    return reads(env) ? "list" : "written";
}

static void test_fuzz_other_method(void **state)
{
    (void)state;
    open_site(reads, list_or_written, 0, NULL);
    judge("POST /\nX-HTTP-Method-Override: GET\n\na");
    assert_nothing(RIG_FUZZ_FIELD_WIDENS);
}

/* ---- another host ---- */

static int site_page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    return error ? error : rig_respond(res, .body = "site");
}

static int build_hosts(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = RIGHT};
    struct rig_stack *open = rig_stack_new((struct rig_stack_options){.name = "open"});
    struct rig_stack *closed = rig_stack_new((struct rig_stack_options){.name = "closed"});
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(closed, &guard_layer, &guard, .auth = true);
    rig_run(open, RIG_APP(site_page));
    rig_run(closed, RIG_APP(site_page));
    rig_map(stack, "http://public.example/", open);
    return rig_map(stack, "/", closed);
}

static void test_fuzz_other_host(void **state)
{
    (void)state;
    static const struct rig_fuzz hosts = {.build = build_hosts}, literal = {.build = build_literal};
    open_target(&hosts);
    judge("# @malformed on\nGET http://public.example/");
    judge("# @malformed on\nGET http://public.example/./a");
    assert_int_equal(found_count, 0);
    judge("# @malformed on\nGET http://example.org/"); /* the host of all others, and closed to them, too */
    assert_nothing(RIG_FUZZ_TARGET_EQUIVALENT);
    close_target(NULL);
    open_target(&literal);
    judge("# @malformed on\nGET http://other.example/./admin");
    assert_found("fuzz.target.equivalent");
    assert_non_null(strstr(last_message, "where http://other.example/admin is answered 401"));
}

/* ---- the same ---- */

static const char *admin_cleaned(const struct rig_env *env)
{
    return if_cleaned(env, "/admin", "admin");
}

/* However it is denied: the two spellings are one. */
static void test_fuzz_denied_otherwise(void **state)
{
    (void)state;
    static const struct {
        int denied;
        const char *location;
    } cases[] = {{401, NULL},
                 {403, NULL},
                 {404, NULL},
                 {302, "/Login?to=a"},
                 {303, "/users/sign-in"},
                 {307, "https://id.example/oauth2/authorize"},
                 {302, "http://id.example/realms/a/auth?a"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[128];
        open_site(not_admin, admin_cleaned, cases[i].denied, cases[i].location);
        judge("GET /admin");
        judge("# @as valid bearer\nGET /./admin");
        assert_int_equal(found_count, 0);
        judge("GET /./admin");
        assert_found("fuzz.target.equivalent");
        (void)snprintf(message, sizeof message,
                       "/./admin enters pages without credentials, where /admin is answered %d", cases[i].denied);
        assert_string_equal(last_message, message);
        close_target(NULL);
    }
    open_site(not_admin, admin_cleaned, 302, "/welcome?next=/login"); /* goes elsewhere: who is a guest begins there */
    judge("GET /./admin");
    assert_int_equal(found_count, 0);
    assert_int_equal(target.armed[RIG_FUZZ_TARGET_EQUIVALENT], 0);
}

static bool debug(const struct rig_env *env)
{
    return rig_env_get(env, "HTTP_X_DEBUG") != NULL;
}

static const char *done(const struct rig_env *env)
{
    (void)env;
    return ">/done";
}

static const char *nothing(const struct rig_env *env)
{
    (void)env;
    return NULL;
}

static const char *empty(const struct rig_env *env)
{
    (void)env;
    return "";
}

static const char *beta(const struct rig_env *env)
{
    (void)env;
    return "beta";
}

static void test_fuzz_let_in_otherwise(void **state)
{
    (void)state;
    open_site(debug, done, 0, NULL);
    judge("GET /\nX-Debug: 1");
    assert_found("fuzz.field.widens");
    judge("POST /\nX-Debug: 1\n\na");
    assert_found("fuzz.field.widens");
    close_target(NULL);
    open_site(debug, empty, 0, NULL);
    judge("GET /\nX-Debug: 1");
    assert_found("fuzz.field.widens");
    judge("DELETE /\nX-Debug: 1\nX-HTTP-Method-Override: HEAD"); /* what is asked for so may be another, as empty */
    judge("GET /?a\nX-Debug: 1");
    assert_int_equal(found_count, 0);
    close_target(NULL);
    open_site(debug, beta, 302, "/login");
    judge("GET /\nX-Debug: 1");
    assert_found("fuzz.field.widens");
    judge("POST /\nX-Debug: 1\n\na"); /* may be against forged requests */
    assert_int_equal(found_count, 0);
    close_target(NULL);
    open_site(debug, beta, 404, NULL); /* what is asked for may be another version, which members get unasked */
    judge("GET /\nX-Debug: 1");
    assert_int_equal(found_count, 0);
    close_target(NULL);
    open_site(debug, nothing, 0, NULL); /* that nothing is there is no secret */
    judge("GET /\nX-Debug: 1");
    assert_int_equal(found_count, 0);
}

static bool model_of_debug(const struct rig_fuzz_who *who)
{
    return strcmp(who->credentials, "valid") == 0 || strstr(who->target, "debug") != NULL;
}

static bool debug_in_query(const struct rig_env *env)
{
    return strstr(rig_env_get(env, "QUERY_STRING"), "debug") != NULL;
}

/* A link that carries its own leave: the model knows of it. */
static void test_fuzz_model_lets_in(void **state)
{
    (void)state;
    static const struct rig_fuzz with_model = {.build = build_site, .authorize = model_of_debug};
    open_site(debug_in_query, beta, 0, NULL);
    judge("GET /?debug");
    assert_found("fuzz.field.widens");
    close_target(NULL);
    open_target(&with_model);
    judge("GET /?debug");
    assert_nothing(RIG_FUZZ_FIELD_WIDENS);
}

/* ---- what is armed ---- */

static void assert_not_armed(void)
{
    assert_int_equal(found_count, 0);
    assert_int_equal(target.armed[RIG_FUZZ_FIELD_WIDENS], 0);
    assert_int_equal(target.armed[RIG_FUZZ_TARGET_EQUIVALENT], 0);
    assert_int_equal(target.armed[RIG_FUZZ_CREDENTIALS_NEAR], 0);
}

static bool not_evil(const struct rig_env *env)
{
    return !has(env, "HTTP_ORIGIN", "null");
}

/* Where nobody is let in by credentials, these have nothing to say. */
static void test_fuzz_no_door(void **state)
{
    (void)state;
    static const char *const texts[] = {"GET /./a?b\nX-A: a", "# @as prefix bearer\nGET /./a", "GET /./a\nOrigin: null",
                                        "# @as wrong basic\nGET /a?b"};
    OPEN_APP(members);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        judge(texts[i]);
        assert_not_armed();
    }
    close_target(NULL);
    open_site(not_evil, beta, 403, NULL);
    site.keyless = true;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        judge(texts[i]);
        assert_not_armed();
    }
    close_target(NULL);
    static const struct rig_fuzz right = {.build = build_right};
    open_target(&right);
    judge("GET /a");
    assert_not_armed();
    judge("GET /a?b");
    assert_nothing(RIG_FUZZ_FIELD_WIDENS);
    judge("GET /./a");
    assert_nothing(RIG_FUZZ_TARGET_EQUIVALENT);
    judge("# @as prefix bearer\nGET /a");
    assert_nothing(RIG_FUZZ_CREDENTIALS_NEAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_fuzz_slash_at_the_end, close_target),
        cmocka_unit_test_teardown(test_fuzz_unknown_is_index, close_target),
        cmocka_unit_test_teardown(test_fuzz_headers_that_vary, close_target),
        cmocka_unit_test_teardown(test_fuzz_page_by_query, close_target),
        cmocka_unit_test_teardown(test_fuzz_other_method, close_target),
        cmocka_unit_test_teardown(test_fuzz_other_host, close_target),
        cmocka_unit_test_teardown(test_fuzz_denied_otherwise, close_target),
        cmocka_unit_test_teardown(test_fuzz_let_in_otherwise, close_target),
        cmocka_unit_test_teardown(test_fuzz_model_lets_in, close_target),
        cmocka_unit_test_teardown(test_fuzz_no_door, close_target),
    };
    return cmocka_run_group_tests_name("fuzz: the same resource", tests, NULL, NULL);
}
