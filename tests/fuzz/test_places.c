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

static bool is_learnt(const char *name)
{
    bool is = false;
    for (size_t i = 0; i < target.table.counts[RIG_FUZZ_NAMES]; i++) {
        is = is || strcmp(target.table.words[RIG_FUZZ_NAMES][i], name) == 0;
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
    assert_true(is_learnt("X-Room"));
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
    assert_non_null(strstr(text, "entered by nobody: rooms;"));
    assert_non_null(strstr(text, by_names));
    close_target(NULL);
    open_target(&named);
    judge("# @as valid header\nGET /");
    assert_null(strstr(summary(), "valid credentials"));

    target.entered_as_known = 0;
    assert_non_null(strstr(summary(), "protected, and never entered with valid credentials: rooms\n  valid cred"));
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
                                       cmocka_unit_test_teardown(test_a_text_names_its_places, close_target),
                                       cmocka_unit_test_teardown(test_what_was_tried_is_told, close_target),
                                       cmocka_unit_test_teardown(test_a_name_that_is_none, close_target)};
    return cmocka_run_group_tests_name("fuzz: places", tests, NULL, NULL);
}
