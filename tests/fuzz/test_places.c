#define _POSIX_C_SOURCE 200809L

/* Where a request carries its credentials: the user names the places, learning asks with each, and the summary says which
 * were tried. */
#include "tests/fuzz/stacks.h"

#include "fuzz/driver/report.h"

#include <errno.h>

/* A guard that looks for the secret in one variable; behind it a header more is asked for. */
struct door {
    const char *variable, *before, *secret;
};
static struct door door; /* of the stack that is built next */

static int door_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct door *it = self;
    const char *value = rig_env_get(env, it->variable);
    size_t size = strlen(it->before);
    if (value && strncmp(value, it->before, size) == 0 && strcmp(value + size, it->secret) == 0) {
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 403);
}

static const struct rig_middleware door_layer = {
    .name = "door", .call = door_call, .self_size = sizeof(struct door), .reset = guard_reset};

static int rooms(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = drain(env);
    return error ? error : rig_respond(res, .status = rig_env_get(env, "HTTP_X_ROOM") ? 204 : 200);
}

static int build_door(struct rig_stack *stack, const struct rig_setup *setup)
{
    door.secret = rig_setup_secret(setup, "valid")->value;
    rig_use(stack, &door_layer, &door, .auth = true);
    return rig_run(stack, RIG_APP(rooms));
}

static const struct rig_fuzz by_default = {.build = build_door, .protect = {"rooms"}};
static const struct rig_fuzz named = {.build = build_door,
                                      .protect = {"rooms"},
                                      .credential_header = "X-Auth-Token",
                                      .credential_cookie = "sid",
                                      .credential_query = "key"};

static bool is_word(enum rig_fuzz_words group, const char *word)
{
    bool is = false;
    for (size_t i = 0; i < target.table.counts[group]; i++) {
        is = is || strcmp(target.table.words[group][i], word) == 0;
    }
    return is;
}

/* Did the request of the text come in? */
static bool enters(const char *text)
{
    target.entered_as_known = 0;
    judge(text);
    assert_int_equal(found_count, 0);
    return target.entered_as_known == 1;
}

/* place: of `# @as valid`. */
static void assert_opens(const struct rig_fuzz *what, struct door opened, const char *place)
{
    char text[64];
    door = opened;
    open_target(what);
    assert_true(is_word(RIG_FUZZ_NAMES, "X-Room"));
    (void)snprintf(text, sizeof text, "# @as valid %s\nGET /", place);
    assert_true(enters(text));
    assert_false(enters("GET /"));
    close_target(NULL);
}

static void test_each_place(void **state)
{
    (void)state;
    assert_opens(&by_default, (struct door){"HTTP_AUTHORIZATION", "Bearer ", NULL}, "bearer");
    assert_opens(&by_default, (struct door){"HTTP_X_API_KEY", "", NULL}, "header");
    assert_opens(&by_default, (struct door){"HTTP_COOKIE", "session=", NULL}, "cookie");
    assert_opens(&by_default, (struct door){"QUERY_STRING", "access_token=", NULL}, "query");
}

static void test_named_places(void **state)
{
    (void)state;
    assert_opens(&named, (struct door){"HTTP_X_AUTH_TOKEN", "", NULL}, "header");
    assert_opens(&named, (struct door){"HTTP_COOKIE", "sid=", NULL}, "cookie");
    assert_opens(&named, (struct door){"QUERY_STRING", "key=", NULL}, "query");
}

/* A parser may take a cookie or a parameter in another way that has no value, or comes twice. */
static void test_names_of_places_are_words(void **state)
{
    (void)state;
    static const char *const cookies[] = {"sid", "sid=", "sid=a; sid=b"}, *const queries[] = {"key",
                                                                                              "key=", "key=a&key=b"};
    open_target(&named);
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_word(RIG_FUZZ_VALUES, cookies[i]));
        assert_true(is_word(RIG_FUZZ_QUERIES, queries[i]));
    }
    assert_true(is_word(RIG_FUZZ_VALUES, "sid=%0d%0aX-Rig-Marker:%201"));
    assert_true(is_word(RIG_FUZZ_NAMES, "X-Auth-Token"));
}

/* What a stack's own parameter may come with, wherever its name stands; behind its path it is the first of that name. */
static void test_own_parameters_are_words(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {
        .build = build_door, .targets = {"/list?lang=de&page=1"}, .words = {"key", "sort=up", "next=/a", "realm of=b"}};
    static const char *const queries[] = {"lang=%0d%0aX-Rig-Marker:%201",
                                          "page=",
                                          "page=-1",
                                          "page=-99999999999",
                                          "lang=99999999999999999999",
                                          "sort=%00",
                                          "sort=../",
                                          "next=-1",
                                          "lang=de",
                                          "page=1",
                                          "sort=up",
                                          "next=/a"};
    open_target(&what);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        assert_true(is_word(RIG_FUZZ_QUERIES, queries[i]));
    }
    assert_true(is_word(RIG_FUZZ_TARGETS, "/list"));
    assert_false(is_word(RIG_FUZZ_QUERIES, "key=-1"));
    assert_false(is_word(RIG_FUZZ_QUERIES, "realm of=-1"));
    assert_string_equal(target.table.words[RIG_FUZZ_QUERIES][0], "access_token"); /* those of credentials are before */
}

static int build_mapped(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct rig_stack *inner = rig_stack_new((struct rig_stack_options){.name = "admin"});
    int error = inner ? build_door(inner, setup) : -ENOMEM;
    rig_map(stack, "/admin", inner);
    struct rig_stack *own = rig_stack_new((struct rig_stack_options){.name = "own"});
    error = error ? error : own ? build_door(own, setup) : -ENOMEM;
    rig_map(stack, "/own", own);
    return error ? error : build_door(stack, setup);
}

/* A target with another prefix behind it, and a host as clients may write it. */
static void test_words_that_are_made_of_words(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {
        .build = build_mapped,
        .targets = {"/v1/", "/admin/x", "/a?b=c", "/own"},
        .words = {"shop.example.org", "1.2.3.4", "a.b=c", "nodot", "b.c", "c.d", "d.e", "e.f"}};
    static const char *const hosts[] = {"shop.example.org", "shop.example.org:81", "Shop.example.org",
                                        "shop.example.org."};
    open_target(&what);
    assert_true(is_word(RIG_FUZZ_TARGETS, "/v1/admin"));
    assert_true(is_word(RIG_FUZZ_TARGETS, "/a/admin"));
    assert_true(is_word(RIG_FUZZ_TARGETS, "/admin/x/admin"));
    assert_true(is_word(RIG_FUZZ_TARGETS, "/own/admin"));
    assert_false(is_word(RIG_FUZZ_TARGETS, "/own/own"));
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        assert_true(is_word(RIG_FUZZ_VALUES, hosts[i]));
    }
    assert_true(is_word(RIG_FUZZ_VALUES, "d.e:81"));
    assert_false(is_word(RIG_FUZZ_VALUES, "e.f:81")); /* so many are enough */
    assert_false(is_word(RIG_FUZZ_VALUES, "1.2.3.4:81"));
    assert_false(is_word(RIG_FUZZ_VALUES, "a.b=c:81"));
    assert_false(is_word(RIG_FUZZ_VALUES, "nodot:81"));
}

/* So many that all have a number. */
static void test_many_parameters(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_door,
                                         .targets = {"/?a=1&b=1&c=1&d=1", "/?d=2&c=2&e=1&f=1&g=1&h=1&i=1"}};
    open_target(&what);
    assert_true(is_word(RIG_FUZZ_QUERIES, "h=../"));
    assert_false(is_word(RIG_FUZZ_QUERIES, "i="));
}

/* A text's own names count for it, whatever the stack says. */
static void test_a_text_names_its_places(void **state)
{
    (void)state;
    static const char own[] = "# @credential cookie=own\n# @as valid cookie\nGET /";
    door = (struct door){"HTTP_COOKIE", "own=", NULL};
    open_target(&named);
    assert_true(enters(own));
    assert_false(enters("# @as valid cookie\nGET /"));
    assert_true(enters(own));
    close_target(NULL);
    door = (struct door){"HTTP_COOKIE", "sid=", NULL};
    open_target(&named);
    assert_true(enters("# @credential header=own\n# @as valid cookie\nGET /"));
}

static const char *summary(void)
{
    static char text[16384];
    FILE *out = fmemopen(text, sizeof text, "w");
    rig_fuzz_count(&target);
    rig_fuzz_print_summary(out, &target);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_what_was_tried_is_told(void **state)
{
    (void)state;
    static const char by_names[] = "(Basic, Bearer),\n  header X-Api-Key, cookie session and parameter access_token;";
    door = (struct door){"HTTP_X_AUTH_TOKEN", "", NULL};
    open_target(&by_default);
    judge("# @as valid header\nGET /");
    const char *text = summary();
    assert_non_null(strstr(text, "entered by nobody, though the stack has it: rooms\n"));
    assert_null(strstr(text, "is that the name of an app?"));
    assert_non_null(strstr(text, by_names));
    close_target(NULL);
    open_target(&named);
    judge("# @as valid header\nGET /");
    assert_null(strstr(summary(), "valid credentials"));

    target.entered_as_known = 0;
    assert_non_null(strstr(summary(), "protected, and never entered with valid credentials: rooms\n  valid cred"));
}

/* Of which nothing was tried, nothing is said; a name that no app has is wrong all the same. */
static void test_what_was_not_tried_is_not_told(void **state)
{
    (void)state;
    static const struct rig_fuzz stranger = {.build = build_door, .protect = {"rooms", "romms"}};
    door = (struct door){"HTTP_X_AUTH_TOKEN", "", NULL};
    open_target(&stranger);
    assert_null(strstr(summary(), "protected"));
    judge("GET /");
    const char *text = summary();
    assert_null(strstr(text, "though the stack has it"));
    assert_null(strstr(text, "valid credentials"));
    assert_non_null(strstr(text, "entered by nobody: romms; is that the name of an app?\n  the stack's apps: rooms\n"));
}

/* ---- valid credentials that open nothing ---- */

static const struct rig_fuzz closed = {.build = build_door};
static const char nothing[] = "valid credentials opened nothing: ";

static void judge_often(unsigned times, const char *text)
{
    for (unsigned i = 0; i < times; i++) {
        judge(text);
    }
}

static void test_all_are_denied(void **state)
{
    (void)state;
    door = (struct door){"HTTP_X_AUTH_TOKEN", "", NULL};
    open_target(&closed);
    judge_often(50, "# @as valid header\nGET /");
    judge_often(9, "GET /");
    assert_null(strstr(summary(), nothing)); /* too few */
    judge("# @as other basic\nGET /");
    const char *text = summary();
    assert_non_null(strstr(text, "opened nothing: all 51 requests that had them were\n  answered 401, 403 or"));
    assert_non_null(strstr(text, "header X-Api-Key, cookie session and parameter access_token;"));
    assert_non_null(strstr(text, "--credential header=NAME"));
    judge("# @as valid header\n# @fault read 1 EIO\nPOST /\n\nbody"); /* an error of the guard's lets nobody in */
    assert_non_null(strstr(summary(), nothing));
}

static void test_one_that_is_let_in_is_enough(void **state)
{
    (void)state;
    door = (struct door){"HTTP_X_API_KEY", "", NULL};
    open_target(&closed);
    judge_often(60, "# @as valid bearer\nGET /");
    assert_non_null(strstr(summary(), nothing));
    judge("# @as valid header\nGET /");
    assert_true(target.opened);
    assert_null(strstr(summary(), nothing));
}

/* A page for all, and one that no credentials of the run open. */
static int site_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/public") == 0) {
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static const struct rig_middleware site_layer = {.name = "site", .call = site_call};

static int build_site(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &site_layer);
    return rig_run(stack, RIG_APP(rooms));
}

static void test_what_is_open_to_all_is_not_opened(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_site};
    open_target(&what);
    judge_often(60, "# @as valid bearer\nGET /");
    judge_often(60, "# @as valid bearer\nGET /public");
    assert_int_equal(target.open_anyway, 60);
    assert_null(strstr(summary(), nothing)); /* what is denied was not tried in all places */
    judge_often(60, "GET /?a=b");
    assert_true(target.stayed_shut >= 32);
    assert_non_null(strstr(summary(), "60 of 120 requests that had them were\n  answered 401"));
}

static int build_open(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(rooms));
}

static void test_where_nobody_is_denied(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_open};
    open_target(&what);
    judge_often(60, "# @as valid header\nGET /");
    judge_often(60, "GET /?a=b");
    assert_int_equal(target.open_anyway, 0); /* nor is it looked at */
    assert_null(strstr(summary(), nothing));
}

static void assert_refused(struct rig_fuzz what, const char *name)
{
    const char *why = NULL;
    door = (struct door){"HTTP_COOKIE", "", NULL};
    what.build = build_door;
    assert_int_equal(rig_fuzz_target_open(&target, &what, 7, NULL, NULL, &why), -EINVAL);
    assert_non_null(why);
    assert_non_null(strstr(why, name));
    close_target(NULL);
}

static void test_a_name_that_is_none(void **state)
{
    (void)state;
    char longest[RIG_FUZZ_PLACE_NAME_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_refused((struct rig_fuzz){.credential_header = "X Key"}, "\"X Key\"");
    assert_refused((struct rig_fuzz){.credential_cookie = ""}, "\"\"");
    assert_refused((struct rig_fuzz){.credential_query = longest}, longest);
    longest[RIG_FUZZ_PLACE_NAME_MAX] = '\0';
    const struct rig_fuzz what = {.build = build_door, .credential_cookie = longest};
    open_target(&what);
    const char *value = rig_fuzz_carried(&target.credentials, RIG_FUZZ_CLASS_LONGER, RIG_FUZZ_PLACE_COOKIE).value;
    assert_int_equal(strlen(value), RIG_FUZZ_PLACE_NAME_MAX + 1 + RIG_FUZZ_SECRET_SIZE + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_each_place, close_target),
                                       cmocka_unit_test_teardown(test_named_places, close_target),
                                       cmocka_unit_test_teardown(test_names_of_places_are_words, close_target),
                                       cmocka_unit_test_teardown(test_own_parameters_are_words, close_target),
                                       cmocka_unit_test_teardown(test_words_that_are_made_of_words, close_target),
                                       cmocka_unit_test_teardown(test_many_parameters, close_target),
                                       cmocka_unit_test_teardown(test_a_text_names_its_places, close_target),
                                       cmocka_unit_test_teardown(test_what_was_tried_is_told, close_target),
                                       cmocka_unit_test_teardown(test_what_was_not_tried_is_not_told, close_target),
                                       cmocka_unit_test_teardown(test_all_are_denied, close_target),
                                       cmocka_unit_test_teardown(test_one_that_is_let_in_is_enough, close_target),
                                       cmocka_unit_test_teardown(test_what_is_open_to_all_is_not_opened, close_target),
                                       cmocka_unit_test_teardown(test_where_nobody_is_denied, close_target),
                                       cmocka_unit_test_teardown(test_a_name_that_is_none, close_target)};
    return cmocka_run_group_tests_name("fuzz: places", tests, NULL, NULL);
}
