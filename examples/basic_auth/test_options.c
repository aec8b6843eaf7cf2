/* What the layer is built with: wrong options, the realm as it is sent, lenient reading. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdio.h>

#include "basic_auth.h"
#include "credentials.h"

static bool knows(void *self, struct rig_bytes user, struct rig_bytes password)
{
    (void)self;
    return user.size == password.size;
}

static int use_with(struct basic_auth_options options, struct basic_auth_problem *problem)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    assert_non_null(stack);
    options.problem = problem;
    int error = rig_use(stack, &basic_auth, &options);
    rig_stack_free(stack);
    return error;
}

#define OPTIONS(...) ((struct basic_auth_options){__VA_ARGS__})

static void wrong_options_are_told(void **state)
{
    char realm[BASIC_AUTH_REALM_MAX + 2] = "", longest[CREDENTIAL_TEXT_MAX + 1] = "";
    struct basic_auth_problem problem;
    (void)state;
    memset(realm, 'r', sizeof realm - 1);
    memset(longest, 'x', sizeof longest - 1);
    const struct {
        struct basic_auth_options options;
        int error;
        const char *problem;
    } cases[] = {
        {OPTIONS(.realm = NULL), -EINVAL, "neither a file of credentials nor a user"},
        {OPTIONS(.check = knows, .user = "a", .password = "b"), -EINVAL, "both a check and users"},
        {OPTIONS(.check = knows, .file = "users.txt"), -EINVAL, "both a check and users"},
        {OPTIONS(.realm = realm, .user = "a", .password = "b"), -EFBIG, "realm: too long"},
        {OPTIONS(.realm = "a\r\nb", .user = "a", .password = "b"), -EINVAL, "realm: a control character"},
        {OPTIONS(.realm = "a\x7f", .user = "a", .password = "b"), -EINVAL, "realm: a control character"},
        {OPTIONS(.file = "/nonexistent/users.txt"), -ENOENT, "No such file"},
        {OPTIONS(.user = "a"), -EINVAL, "user or password"},
        {OPTIONS(.user = "", .password = "b"), -EINVAL, "user or password"},
        {OPTIONS(.user = "a:", .password = "b"), -EINVAL, "user or password"},
        {OPTIONS(.user = "a", .password = "b\n"), -EINVAL, "user or password"},
        {OPTIONS(.user = longest, .password = "b"), -EINVAL, "user or password"},
        {OPTIONS(.user = "a", .password = longest), -EINVAL, "user or password"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(use_with(cases[i].options, &problem), cases[i].error);
        assert_non_null(strstr(problem.text, cases[i].problem));
        assert_int_equal(use_with(cases[i].options, NULL), cases[i].error);
    }
    assert_int_equal(use_with(OPTIONS(.user = "a", .password = "b"), &problem), 0);
    assert_string_equal(problem.text, "");
}

static void no_options_are_wrong_too(void **state)
{
    (void)state;
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    assert_int_equal(rig_use(stack, &basic_auth), -EINVAL);
    rig_stack_free(stack);
}

static int says_no_word(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 204);
}

/* Of a request with those credentials; NULL: none. */
static void assert_answer(struct basic_auth_options options, const char *authorization, int status,
                          const char *challenge)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    options.user = options.check ? NULL : "Aladdin";
    options.password = options.check ? NULL : "open sesame";
    assert_int_equal(rig_use(stack, &basic_auth, &options), 0);
    assert_int_equal(rig_run(stack, RIG_APP(says_no_word)), 0);
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/", .env = {{"HTTP_AUTHORIZATION", authorization}}), .status = status,
               .headers = {{"WWW-Authenticate", challenge}});
    rig_client_free(client);
    rig_stack_free(stack);
}

static void assert_challenge(struct basic_auth_options options, const char *challenge)
{
    assert_answer(options, NULL, 401, challenge);
}

static void the_realm_is_quoted(void **state)
{
    (void)state;
    assert_challenge(OPTIONS(.realm = "Staff only"), "Basic realm=\"Staff only\"");
    assert_challenge(OPTIONS(.realm = ""), "Basic realm=\"\"");
    assert_challenge(OPTIONS(.realm = "a\"b\\c"), "Basic realm=\"a\\\"b\\\\c\"");
    assert_challenge(OPTIONS(.realm = "100%d"), "Basic realm=\"100%d\"");
    assert_challenge(OPTIONS(.realm = "Büro", .utf8 = true), "Basic realm=\"Büro\", charset=\"UTF-8\"");
}

static void a_check_is_asked_alone(void **state)
{
    (void)state;
    assert_answer(OPTIONS(.check = knows), "Basic YTpi", 204, NULL);                             /* a:b */
    assert_answer(OPTIONS(.check = knows), "Basic YTpiYw==", 401, "Basic realm=\"Restricted\""); /* a:bc */
}

static void the_longest_realm_fits(void **state)
{
    char realm[BASIC_AUTH_REALM_MAX + 1] = "", quoted[2 * BASIC_AUTH_REALM_MAX + 1] = "", challenge[256];
    (void)state;
    for (size_t i = 0; i < BASIC_AUTH_REALM_MAX; i++) {
        strcat(realm, "\"");
        strcat(quoted, "\\\"");
    }
    snprintf(challenge, sizeof challenge, "Basic realm=\"%s\", charset=\"UTF-8\"", quoted);
    assert_challenge(OPTIONS(.realm = realm, .utf8 = true), challenge);
}

static void lenient_reading(void **state)
{
    static const struct {
        const char *value;
        int status;
    } cases[] = {
        {"Basic\tQWxhZGRpbjpvcGVuIHNlc2FtZQ==", 204},
        {"\nBasic\n QWxhZGRpbjpv cGVuIHNlc2FtZQ==\r", 204},
        {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ", 204},
        {"Basic \"QWxhZGRpbjpvcGVuIHNlc2FtZQ==\", extra", 204},
        {"Basic QWxhZGRpbjpvcGVuIHNlc2Ft", 401},
        {"Basic !!!", 400},
        {"Basic", 400},
        {"Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", 401},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *challenge = cases[i].status == 401 ? "Basic realm=\"Restricted\"" : NULL;
        assert_answer(OPTIONS(.lenient = true), cases[i].value, cases[i].status, challenge);
    }
}

/* Zero bytes, as a server hands them on that takes lengths, and a scheme of the same size: none of it gets in. */
static void odd_values_are_refused(void **state)
{
    static const struct {
        struct rig_bytes value;
        int status;
    } cases[] = {{{"Ba\0sic YTpi", 11}, 400},
                 {{"Basic YTpi\0", 11}, 400},
                 {{"\0Basic YTpi", 11}, 400},
                 {{"Other YTpi", 10}, 401}};
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    (void)state;
    assert_int_equal(rig_use(stack, &basic_auth, &OPTIONS(.user = "a", .password = "b"), .auth = true), 0);
    assert_int_equal(rig_run(stack, RIG_APP(says_no_word)), 0);
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig_env *env = rig_env_for(client, RIG_GET("/"));
        rig_env_set_bytes(env, "HTTP_AUTHORIZATION", cases[i].value.data, cases[i].value.size);
        rig_assert(rig_call(client, env), .status = cases[i].status);
        rig_stack_reset(stack);
    }
    rig_assert(rig_get(client, "/", .headers = {{"Authorization", "Basic YTpi"}}), .status = 204);
    rig_client_free(client);
    rig_stack_free(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_options_are_told), cmocka_unit_test(no_options_are_wrong_too),
        cmocka_unit_test(the_realm_is_quoted),    cmocka_unit_test(the_longest_realm_fits),
        cmocka_unit_test(lenient_reading),        cmocka_unit_test(a_check_is_asked_alone),
        cmocka_unit_test(odd_values_are_refused),
    };
    return cmocka_run_group_tests_name("basic_auth, options", tests, NULL, NULL);
}
