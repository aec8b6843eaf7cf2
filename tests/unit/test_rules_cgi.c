/* env.*: CGI's variables as the test, a layer on the way down or one on the way up left them */
#include "tests/unit/rules_test.h"

#define WRITES_MAX 4

/* Sets variables in their order; value NULL: removes. */
struct writes {
    struct rig_field fields[WRITES_MAX + 1];
};

static int writes(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct writes *what = self;
    int error = 0;
    for (const struct rig_field *at = what->fields; at->name && !error; at++) {
        error = FAULT(at->value ? rig_env_set(env, at->name, at->value) : rig_env_unset(env, at->name));
    }
    return error ? error : rig_next(next, env, res);
}
LAYER_WITH(writes, writes);

static const struct rig_result *after_writes(const struct writes *what)
{
    rig_use(stack, &above_layer);
    rig_use(stack, &writes_layer, what);
    rig_use(stack, &below_layer);
    rig_run(stack, RIG_APP(answer_ok));
    return rig_get(client, "/a");
}

#define BROKEN(rule_, ...) (void)state, EXPECT_ERROR(after_writes(&(struct writes){{__VA_ARGS__}}), rule_, "writes")
#define TWIN(rule_, ...) (void)state, expect_silent(after_writes(&(struct writes){{__VA_ARGS__}}), rule_)

/* ---- a broken layer and its twin for each rule ---- */

static void test_method_removed(void **state)
{
    BROKEN("env.request_method.required", {"REQUEST_METHOD", NULL});
}

static void test_method_removed_and_set(void **state)
{
    TWIN("env.request_method.required", {"REQUEST_METHOD", NULL}, {"REQUEST_METHOD", "PUT"});
}

static void test_method_with_newline(void **state)
{
    BROKEN("env.request_method.token", {"REQUEST_METHOD", "GET\n"});
}

static void test_method_of_another_protocol(void **state)
{
    TWIN("env.request_method.token", {"REQUEST_METHOD", "M-SEARCH"});
}

static void test_query_removed(void **state)
{
    BROKEN("env.query_string.required", {"QUERY_STRING", NULL});
}

static void test_query_emptied(void **state)
{
    TWIN("env.query_string.required", {"QUERY_STRING", "a=1"}, {"QUERY_STRING", ""});
}

static void test_server_name_removed(void **state)
{
    BROKEN("env.server_name.required", {"SERVER_NAME", NULL});
}

static void test_server_name_removed_and_set(void **state)
{
    TWIN("env.server_name.required", {"SERVER_NAME", NULL}, {"SERVER_NAME", "b.example"});
}

static void test_server_name_with_port(void **state)
{
    BROKEN("env.server_name.host", {"SERVER_NAME", "a.example:80"});
}

static void test_server_name_of_ipv6(void **state)
{
    TWIN("env.server_name.host", {"SERVER_NAME", "[2001:db8::1]"});
}

static void test_protocol_removed(void **state)
{
    BROKEN("env.server_protocol.required", {"SERVER_PROTOCOL", NULL});
}

static void test_protocol_removed_and_set(void **state)
{
    TWIN("env.server_protocol.required", {"SERVER_PROTOCOL", NULL}, {"SERVER_PROTOCOL", "HTTP/1.0"});
}

static void test_protocol_in_lower_case(void **state)
{
    BROKEN("env.server_protocol.format", {"SERVER_PROTOCOL", "http/1.1"});
}

static void test_protocol_of_http2(void **state)
{
    TWIN("env.server_protocol.format", {"SERVER_PROTOCOL", "HTTP/2"});
}

static void test_port_with_sign(void **state)
{
    BROKEN("env.server_port.digits", {"SERVER_PORT", "+80"});
}

static void test_port_of_digits(void **state)
{
    TWIN("env.server_port.digits", {"SERVER_PORT", "08080"});
}

static void test_scheme_removed(void **state)
{
    BROKEN("env.url_scheme.required", {"REQUEST_SCHEME", NULL});
}

static void test_scheme_removed_and_set(void **state)
{
    TWIN("env.url_scheme.required", {"REQUEST_SCHEME", NULL}, {"REQUEST_SCHEME", "https"});
}

static void test_scheme_in_upper_case(void **state)
{
    BROKEN("env.url_scheme.known", {"REQUEST_SCHEME", "HTTPS"});
}

static void test_scheme_of_websocket(void **state)
{
    TWIN("env.url_scheme.known", {"REQUEST_SCHEME", "wss"});
}

static void test_length_negative(void **state)
{
    BROKEN("env.content_length.digits", {"CONTENT_LENGTH", "-1"});
}

static void test_length_of_digits(void **state)
{
    TWIN("env.content_length.digits", {"CONTENT_LENGTH", "007"});
}

static void test_host_with_user(void **state)
{
    const struct rig_result *result = after_writes(&(struct writes){{{"HTTP_HOST", "ada:pw@a.example"}}});
    (void)state;
    EXPECT_ERROR(result, "env.http_host.authority", "writes");
    assert_string_equal(finding_of(result, "env.http_host.authority")->message,
                        "writes set HTTP_HOST to \"****@a.example\"");
}

static void test_host_with_port(void **state)
{
    TWIN("env.http_host.authority", {"HTTP_HOST", "a.example:8080"});
}

static void test_http_content_type(void **state)
{
    BROKEN("env.http_content_type.forbidden", {"HTTP_CONTENT_TYPE", "text/plain"});
}

static void test_http_content_type_removed(void **state)
{
    TWIN("env.http_content_type.forbidden", {"HTTP_CONTENT_TYPE", "text/plain"}, {"HTTP_CONTENT_TYPE", NULL});
}

static void test_http_content_length(void **state)
{
    BROKEN("env.http_content_length.forbidden", {"HTTP_CONTENT_LENGTH", "2"});
}

static void test_http_content_length_removed(void **state)
{
    TWIN("env.http_content_length.forbidden", {"HTTP_CONTENT_LENGTH", "2"}, {"HTTP_CONTENT_LENGTH", NULL});
}

static void test_script_without_slash(void **state)
{
    BROKEN("env.script_name.leading_slash", {"SCRIPT_NAME", "app"});
}

static void test_script_with_slash(void **state)
{
    TWIN("env.script_name.leading_slash", {"SCRIPT_NAME", "/app"});
}

static void test_script_of_slash(void **state)
{
    BROKEN("env.script_name.not_slash", {"SCRIPT_NAME", "/"});
}

static void test_script_emptied(void **state)
{
    TWIN("env.script_name.not_slash", {"SCRIPT_NAME", "/app"}, {"SCRIPT_NAME", ""});
}

static void test_path_and_script_empty(void **state)
{
    BROKEN("env.script_or_path.one_required", {"PATH_INFO", ""});
}

static void test_path_empty_under_script(void **state)
{
    TWIN("env.script_or_path.one_required", {"PATH_INFO", ""}, {"SCRIPT_NAME", "/app"});
}

static void test_asterisk_of_get(void **state)
{
    BROKEN("env.path_info.asterisk_only_options", {"PATH_INFO", "*"});
}

static void test_asterisk_of_options(void **state)
{
    TWIN("env.path_info.asterisk_only_options", {"REQUEST_METHOD", "OPTIONS"}, {"PATH_INFO", "*"});
}

static void test_authority_of_get(void **state)
{
    BROKEN("env.path_info.authority_only_connect", {"PATH_INFO", "a.example:443"});
}

static void test_authority_of_connect(void **state)
{
    TWIN("env.path_info.authority_only_connect", {"REQUEST_METHOD", "CONNECT"}, {"PATH_INFO", "[::1]:443"});
}

static void test_uri_of_connect(void **state)
{
    BROKEN("env.path_info.absolute_not_connect_options", {"REQUEST_METHOD", "CONNECT"},
           {"PATH_INFO", "http://a.example/b"});
}

static void test_uri_of_get(void **state)
{
    TWIN("env.path_info.absolute_not_connect_options", {"PATH_INFO", "http://a.example/b?c=%20"});
}

static void test_path_without_slash(void **state)
{
    BROKEN("env.path_info.origin_form", {"PATH_INFO", "admin"});
}

static void test_path_with_escaped_fragment(void **state)
{
    TWIN("env.path_info.origin_form", {"PATH_INFO", "/a%23b"});
}

/* ---- who is blamed, and once ---- */

static size_t count_of(const struct rig_result *result, const char *area)
{
    size_t count = 0;
    for (size_t i = 0; i < result->finding_count; i++) {
        count += strncmp(result->findings[i].rule, area, strlen(area)) == 0;
    }
    return count;
}

static void test_variables_of_the_test(void **state)
{
    (void)state;
    STAND(&below_layer, answer_ok);
    const struct rig_result *result =
        FAULT(rig_get(client, "/", .env = {{"SERVER_PORT", "80a"}, {"QUERY_STRING", NULL}}));
    (void)expect_found(result, "env.server_port.digits", RIG_LEVEL_ERROR, NULL);
    (void)expect_found(result, "env.query_string.required", RIG_LEVEL_ERROR, NULL);
    assert_int_equal(count_of(result, "env."), 2);
}

static void test_variables_set_before_the_call(void **state)
{
    (void)state;
    STAND(&below_layer, answer_ok);
    struct rig_env *env = rig_env_for(client, RIG_GET("/"));
    FAULT(rig_env_set_bytes(env, "SERVER_NAME", "a\0b", 3));
    EXPECT_ERROR(rig_call(client, env), "env.server_name.host", NULL);
}

/* What the server builds, of any request that it lets through, breaks nothing. */
static void test_variables_of_the_server(void **state)
{
    (void)state;
    STAND(&below_layer, answer_ok);
    const struct rig_request requests[] = {
        RIG_GET("http://[::1]:8080?a=b", .script_name = "/app"),
        RIG_OPTIONS("*"),
        {.method = "CONNECT", .target = "a.example:443"},
        RIG_POST("/x//y", .body = "a", .http_version = "1.0"),
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const struct rig_result *result = rig_send(client, requests[i]);
        assert_int_equal(result->status, 200);
        assert_int_equal(count_of(result, "env."), 0);
    }
}

static int breaks_port_and_answers(void *self, struct rig_env *env, struct rig_response *res)
{
    FAULT(rig_env_set(env, "SERVER_PORT", ""));
    return answer_ok(self, env, res);
}

static void test_variable_broken_on_the_way_up(void **state)
{
    (void)state;
    STAND(&below_layer, breaks_port_and_answers);
    EXPECT_ERROR(rig_get(client, "/"), "env.server_port.digits", "breaks_port_and_answers");
}

static int makes_method_an_object(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    static int object;
    (void)self;
    FAULT(rig_env_set_object(env, "REQUEST_METHOD", &object, NULL));
    return rig_next(next, env, res);
}
LAYER(makes_method_an_object);

static void test_object_in_place_of_a_variable(void **state)
{
    (void)state;
    STAND(&makes_method_an_object_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "env.request_method.required", "makes_method_an_object");
}

/* The path stood before: it is the method that no longer goes with it. */
static void test_method_changed_under_asterisk(void **state)
{
    (void)state;
    rig_use(stack, &writes_layer, &(struct writes){{{"REQUEST_METHOD", "GET"}}});
    rig_run(stack, RIG_APP(answer_ok));
    const struct rig_result *result = rig_options(client, "*");
    const struct rig_finding *finding =
        expect_only(result, "env.path_info.asterisk_only_options", RIG_LEVEL_ERROR, "writes");
    assert_string_equal(finding->message, "writes set REQUEST_METHOD to \"GET\"");
    assert_string_equal(finding->evidence[0].text, "PATH_INFO is \"*\"");
}

/* What the test set wrong is not told once more of a layer that leaves it so. */
static void test_unchanged_value_is_no_fault(void **state)
{
    (void)state;
    rig_use(stack, &writes_layer, (&(struct writes){{{"REQUEST_SCHEME", "ftp"}}}));
    rig_run(stack, RIG_APP(answer_ok));
    const struct rig_result *result = rig_get(client, "/a", .env = {{"REQUEST_SCHEME", "ftp"}});
    assert_int_equal(count_of(result, "env."), 1);
    assert_null(finding_of(result, "env.url_scheme.known")->layer);
    (void)expect_only(rig_get(client, "/a"), "env.url_scheme.known", RIG_LEVEL_ERROR, "writes");
}

static void test_every_variable_is_told(void **state)
{
    (void)state;
    const struct rig_result *result = after_writes(&(struct writes){
        {{"SCRIPT_NAME", "/"}, {"PATH_INFO", "b\x01"}, {"REQUEST_SCHEME", "ftp"}, {"HTTP_HOST", ":x"}}});
    assert_int_equal(count_of(result, "env."), 4);
    assert_string_equal(finding_of(result, "env.path_info.origin_form")->message, "writes set PATH_INFO to \"b\\x01\"");
    assert_string_equal(finding_of(result, "env.path_info.origin_form")->subject, "PATH_INFO");
}

/* A map moves what stands before its prefix on: it was seen before that. */
static void test_variable_broken_above_a_map(void **state)
{
    (void)state;
    struct rig_stack *inner = rig_stack_new((struct rig_stack_options){0});
    rig_run(inner, RIG_APP(answer_ok));
    rig_use(stack, &writes_layer, &(struct writes){{{"SCRIPT_NAME", "/"}}});
    rig_map(stack, "/a", inner);
    EXPECT_ERROR(rig_get(client, "/a"), "env.script_name.not_slash", "writes");
}

static void test_map_breaks_no_variable(void **state)
{
    (void)state;
    struct rig_stack *inner = rig_stack_new((struct rig_stack_options){0});
    rig_run(inner, RIG_APP(answer_ok));
    rig_use(stack, &writes_layer, &(struct writes){{{"PATH_INFO", "/a"}}});
    rig_map(stack, "/a", inner);
    expect_silent(rig_get(client, "/"), "env.script_or_path.one_required");
}

/* ---- copies ---- */

static int retries_with_broken_copy(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    for (int i = 0; i < 2; i++) {
        struct rig_env *copy = rig_env_copy(env);
        FAULT(rig_env_set(copy, "PATH_INFO", "retry"));
        rig_subrequest(next, copy);
    }
    return rig_next(next, env, res);
}
LAYER(retries_with_broken_copy);

static void test_variable_broken_in_a_copy(void **state)
{
    (void)state;
    STAND(&retries_with_broken_copy_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "env.path_info.origin_form", "retries_with_broken_copy");
}

static int breaks_before_copying(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    FAULT(rig_env_set(env, "PATH_INFO", "retry"));
    rig_subrequest(next, rig_env_copy(env));
    return rig_next(next, env, res);
}
LAYER(breaks_before_copying);

static void test_variable_broken_before_a_copy(void **state)
{
    (void)state;
    STAND(&breaks_before_copying_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "env.path_info.origin_form", "breaks_before_copying");
}

static int passes_copy_alone(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    FAULT(rig_env_set(env, "SERVER_PORT", "http"));
    rig_subrequest(next, rig_env_copy(env));
    return answer_ok(self, env, res);
}
LAYER(passes_copy_alone);

static void test_variable_passed_on_in_a_copy(void **state)
{
    (void)state;
    rig_use(stack, &passes_copy_alone_layer);
    rig_run(stack, RIG_APP(answer_ok));
    EXPECT_ERROR(rig_get(client, "/"), "env.server_port.digits", "passes_copy_alone");
}

static int mends_copy(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    FAULT(rig_env_set(env, "PATH_INFO", "retry"));
    struct rig_env *copy = rig_env_copy(env);
    rig_env_set(copy, "PATH_INFO", "/retry");
    rig_subrequest(next, copy);
    return rig_env_get(env, "HTTP_X_MEND") && rig_env_set(env, "PATH_INFO", "/") != 0 ? -1 : rig_next(next, env, res);
}
LAYER(mends_copy);

static void test_variable_mended_in_time(void **state)
{
    (void)state;
    STAND(&mends_copy_layer, answer_ok);
    EXPECT_ERROR(rig_get(client, "/"), "env.path_info.origin_form", "mends_copy");
    expect_silent(rig_get(client, "/", .headers = {{"X-Mend", "env"}}), "env.path_info.origin_form");
}

/* ---- switched ---- */

static void test_variable_rules_are_switched(void **state)
{
    (void)state;
    rig_use(stack, &writes_layer, &(struct writes){{{"SERVER_PORT", "x"}}}, .ignore = {"env.server_port.*"});
    rig_use(stack, &writes_layer, &(struct writes){{{"SERVER_NAME", "a b"}}});
    rig_run(stack, RIG_APP(answer_ok));
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "env.server_name.host", "writes");
    assert_int_equal(result->suppressed_count, 1);
    result = rig_get(client, "/", .ignore = {"env.*"});
    assert_int_equal(result->finding_count, 0);
    assert_int_equal(result->suppressed_count, 2);
}

/* ---- out of memory ---- */

static bool admits(void *self, size_t size)
{
    long *left = self;
    (void)size;
    return (*left)-- != 0;
}

static void test_variables_without_memory(void **state)
{
    (void)state;
    struct rig_field wrong[] = {{"PATH_INFO", "x"}, {"SERVER_PORT", "x"}};
    bool all = false;
    rig_use(stack, &writes_layer, &(struct writes){{wrong[0], wrong[1]}});
    rig_run(stack, RIG_APP(answer_ok));
    for (long pieces = 0; !all; pieces++) {
        long left = -1;
        struct rig_client *poor = rig_client_new(
            rig_stack_app(stack), (struct rig_client_options){.allocator = {.admit = admits, .self = &left}});
        assert_non_null(poor);
        left = pieces;
        const struct rig_result *result = rig_get(poor, "/");
        all = left >= 0 && result->error == 0;
        size_t found = count_of(result, "env.");
        if (result->error == 0 && !result->unchecked && found != 2) {
            fail_msg("with %ld pieces: %zu findings, and nothing says that some are missing", pieces, found);
        }
        assert_true(pieces < 1000);
        rig_client_free(poor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {CGI_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: cgi", tests, NULL, NULL);
}
