/* The response: its states, its headers, the whole answer, the bytes that are written. */
#define _POSIX_C_SOURCE 200809L
#include "tests/unit/core_test.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- states ---- */

static int64_t end_at_once(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return 0;
}

static const char *answer_how;

static int answers(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_response_status(res), 0);
    assert_int_equal(rig_response_set_header(res, "A", "b"), 0);
    assert_int_equal(rig_response_add_header(res, "A", "c"), 0);
    assert_int_equal(rig_response_remove_header(res, "None"), 0);
    assert_int_equal(rig_response_status(res), 0); /* headers alone are no answer */
    switch (answer_how[0]) {
    case 's':
        assert_int_equal(rig_response_set_status(res, 204), 0);
        break;
    case 'r':
        assert_int_equal(rig_respond(res), 0);
        break;
    case 'w':
        assert_int_equal(rig_response_write(res, "", 0), 0);
        break;
    case 'b':
        assert_int_equal(rig_response_stream(res, (struct rig_source){.read = end_at_once}), 0);
        break;
    default:
        break;
    }
    assert_int_equal(rig_response_status(res), answer_how[0] == 's' ? 204 : answer_how[0] == 'n' ? 0 : 200);
    return 0;
}

static int answers_zero(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_response_set_status(res, 0), 0);
    assert_int_equal(rig_response_status(res), 0);
    return rig_response_write(res, "x", 1);
}

/* A status that was set is what goes out, be it none at all. */
static void test_status_of_zero(void **state)
{
    (void)state;
    struct rig_client *client = client_for(answers_zero);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .body = "x", .findings = {"response.status.min"});
    assert_int_equal(result->status, 0);
    rig_client_free(client);
}

static void test_what_makes_it_answered(void **state)
{
    static const char *const ways[] = {"status", "respond", "write", "body", "nothing"};
    (void)state;
    struct rig_client *client = client_for(answers);
    for (size_t i = 0; i < COUNT(ways); i++) {
        answer_how = ways[i];
        const struct rig_result *result = rig_get(client, "/");
        bool nothing = answer_how[0] == 'n';
        rig_assert(result,
                   .status = nothing                ? 500
                             : answer_how[0] == 's' ? 204
                                                    : 200,
                   .body = "", .findings = {nothing ? "response.missing" : NULL});
        assert_int_equal(result->hops[0].answered, !nothing);
        assert_int_equal(result->header_count, nothing ? 0 : 2); /* the rig's own 500 has none */
    }
    rig_client_free(client);
}

static int answers_then_fails(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_respond(res, .status = 200, .headers = {{"A", "b"}}, .body = "never seen"), 0);
    return -EIO;
}

static void test_error_drops_the_answer(void **state)
{
    (void)state;
    struct rig_client *client = client_for(answers_then_fails);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 500, .body = "", .error = -EIO, .headers = {{"A", NULL}});
    assert_int_equal(result->hops[0].returned, -EIO);
    assert_int_equal(result->hops[0].status_out, 200);
    rig_client_free(client);
}

/* ---- headers ---- */

struct listed {
    char text[256];
    int stop_after, visits;
};

static int list(void *closure, const char *name, const char *value, size_t size)
{
    struct listed *listed = closure;
    size_t at = strlen(listed->text);
    assert_int_equal(strlen(value), size);
    (void)snprintf(listed->text + at, sizeof listed->text - at, "%s=%s ", name, value);
    return ++listed->visits == listed->stop_after ? -7 : 0;
}

static void expect_headers(const struct rig_response *res, const char *expected)
{
    struct listed listed = {.text = ""};
    assert_int_equal(rig_response_each(res, list, &listed), 0);
    assert_string_equal(listed.text, expected);
}

static int sets_headers(void *self, struct rig_env *env, struct rig_response *res)
{
    char name[] = "X-One", value[] = "1";
    struct listed first = {.stop_after = 1};
    assert_null(rig_response_header(res, "X-One"));
    assert_int_equal(rig_response_set_header(res, name, value), 0);
    name[0] = value[0] = '#'; /* both are copies */
    assert_string_equal(rig_response_header(res, "x-ONE"), "1");
    assert_int_equal(rig_response_add_header(res, "Two", "2"), 0);
    assert_int_equal(rig_response_add_header(res, "x-one", "11"), 0);
    assert_int_equal(rig_response_add_header(res, "Three", "3"), 0);
    expect_headers(res, "X-One=1 Two=2 x-one=11 Three=3 ");
    assert_string_equal(rig_response_header(res, "X-One"), "1"); /* the first */
    assert_int_equal(rig_response_set_header(res, "X-ONE", "one"), 0);
    expect_headers(res, "X-ONE=one Two=2 Three=3 "); /* in the place of the first, the others gone */
    assert_int_equal(rig_response_add_header(res, "two", "22"), 0);
    assert_int_equal(rig_response_remove_header(res, "TWO"), 0);
    expect_headers(res, "X-ONE=one Three=3 ");
    assert_int_equal(rig_response_set_header(res, "Empty", ""), 0);
    assert_string_equal(rig_response_header(res, "Empty"), "");
    assert_int_equal(rig_response_each(res, list, &first), -7);
    assert_string_equal(first.text, "X-ONE=one ");
    assert_null(rig_response_header(res, "X-On"));
    assert_null(rig_response_header(res, "X-One-"));
    return answer_ok(self, env, res);
}

static void test_headers(void **state)
{
    (void)state;
    struct rig_client *client = client_for(sets_headers);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .headers = {{"x-one", "one"}, {"THREE", "3"}, {"Empty", ""}, {"Two", NULL}});
    assert_int_equal(result->header_count, 3);
    assert_string_equal(result->headers[0].name, "X-ONE");
    assert_null(result->headers[3].name);
    assert_null(rig_result_header(result, NULL));
    assert_null(rig_result_header(NULL, "A"));
    rig_client_free(client);
}

static int sets_many_headers(void *self, struct rig_env *env, struct rig_response *res)
{
    char name[16], value[16];
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof name, "X-%d", i);
        (void)snprintf(value, sizeof value, "%d", i);
        assert_int_equal(rig_response_add_header(res, name, value), 0);
    }
    assert_int_equal(rig_response_remove_header(res, "X-500"), 0);
    return answer_ok(self, env, res);
}

static void test_many_headers(void **state)
{
    (void)state;
    struct rig_client *client = client_for(sets_many_headers);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .headers = {{"X-0", "0"}, {"X-499", "499"}, {"X-500", NULL}, {"X-999", "999"}});
    assert_int_equal(result->header_count, 999);
    rig_client_free(client);
}

/* ---- the whole answer ---- */

static int answers_over(void *self, struct rig_env *env, struct rig_response *res)
{
    char body[] = "body", header[] = "value";
    (void)self, (void)env;
    assert_int_equal(rig_response_set_header(res, "Above", "kept"), 0);
    assert_int_equal(rig_response_add_header(res, "Named", "old"), 0);
    assert_int_equal(rig_response_add_header(res, "Named", "older"), 0);
    assert_int_equal(rig_response_set_header(res, "Removed", "x"), 0);
    assert_int_equal(rig_respond(res, .status = 404, .body = "a first body that is long"), 0);
    assert_int_equal(rig_respond(res, .status = 201, .headers = {{"named", "new"}, {"Removed", NULL}, {"Own", header}},
                                 .body = body),
                     0);
    body[0] = header[0] = '#'; /* nothing of it is kept */
    expect_headers(res, "Above=kept named=new Own=value ");
    assert_int_equal(rig_response_status(res), 201);
    return 0;
}

static void test_respond_replaces_what_it_names(void **state)
{
    (void)state;
    struct rig_client *client = client_for(answers_over);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 201, .body = "body", .headers = {{"Own", "value"}, {"Named", "new"}});
    rig_client_free(client);
}

static int answers_twice_named(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_response_add_header(res, "Set-Cookie", "above=1"), 0);
    assert_int_equal(rig_response_add_header(res, "Set-Cookie", "above=2"), 0);
    assert_int_equal(rig_respond(res, .headers = {{"Set-Cookie", "a=1"}, {"Own", "x"}, {"set-cookie", "b=2"}}), 0);
    expect_headers(res, "Set-Cookie=a=1 Own=x set-cookie=b=2 ");
    assert_int_equal(rig_respond(res, .headers = {{"Own", "y"}, {"Set-Cookie", NULL}, {"Set-Cookie", "c=3"}}), 0);
    expect_headers(res, "Own=y Set-Cookie=c=3 ");
    return 0;
}

static void test_a_name_given_twice_is_sent_twice(void **state)
{
    (void)state;
    in_app(answers_twice_named, RIG_GET("/"));
}

static int answers_bytes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_response_write(res, "before", 6), 0);
    assert_int_equal(rig_respond(res, .bytes = {"a\0b", 3}), 0);
    assert_int_equal(rig_response_write(res, "c\0", 2), 0);
    assert_int_equal(rig_response_write(res, NULL, 0), 0);
    return 0;
}

static void test_bytes(void **state)
{
    (void)state;
    struct rig_client *client = client_for(answers_bytes);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .bytes = {"a\0bc\0", 5});
    assert_int_equal(result->body[5], '\0'); /* a zero byte after its end */
    rig_client_free(client);
}

static int answers_empty_bytes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_response_write(res, "before", 6), 0);
    return rig_respond(res, .bytes = {"x", 0});
}

static void test_empty_bytes_replace_the_body(void **state)
{
    (void)state;
    struct rig_client *client = client_for(answers_empty_bytes);
    rig_assert(rig_get(client, "/"), .status = 200, .bytes = {"", 0});
    rig_client_free(client);
}

#define SIXTEEN(value_)                                                                                             \
    {"H1", value_}, {"H2", value_}, {"H3", value_}, {"H4", value_}, {"H5", value_}, {"H6", value_}, {"H7", value_}, \
        {"H8", value_}, {"H9", value_}, {"H10", value_}, {"H11", value_}, {"H12", value_}, {"H13", value_},         \
        {"H14", value_}, {"H15", value_},                                                                           \
    {                                                                                                               \
        "H16", value_                                                                                               \
    }

static int answers_to_the_limit(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_respond(res, .status = 201, .headers = {SIXTEEN("a")}), 0);
    assert_int_equal(rig_respond(res, .status = 500, .headers = {SIXTEEN("b"), {"H17", "b"}}), -EINVAL);
    assert_int_equal(rig_respond(res, .status = 500, .body = "b", .bytes = {"c", 1}), -EINVAL);
    assert_int_equal(rig_respond(res, .status = 500, .headers = {{"a", "b"}, {NULL, NULL}, {"c", "d"}}), -EINVAL);
    return 0;
}

static void test_too_many_fields_and_bodies(void **state)
{
    (void)state;
    struct rig_client *client = client_for(answers_to_the_limit);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(
        result, .status = 201, .body = "", .headers = {{"H1", "a"}, {"H16", "a"}},
        .findings = {"usage.fields.too_many", "usage.body.twice", "usage.argument.null"}); /* and the answer stands */
    assert_int_equal(result->header_count, 16);
    rig_client_free(client);
}

/* ---- writing ---- */

static int writes_much(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[1000];
    (void)self, (void)env;
    for (int i = 0; i < 1000; i++) {
        memset(piece, 'a' + i % 26, sizeof piece);
        assert_int_equal(rig_response_write(res, piece, (size_t)i), 0);
    }
    return 0;
}

static void test_writes_append(void **state)
{
    (void)state;
    struct rig_client *client = client_for(writes_much);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200);
    assert_int_equal(result->body_size, 999 * 500);
    const char *at = result->body;
    for (size_t i = 0; i < 1000; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_int_equal(*at++, 'a' + (int)(i % 26));
        }
    }
    assert_int_equal(*at, '\0');
    result = rig_get(client, "/", .discard_body = true);
    rig_assert(result, .status = 200);
    assert_int_equal(result->body_size, 999 * 500); /* counted, not kept */
    assert_string_equal(result->body, "");
    rig_client_free(client);
}

static void test_head_has_no_body(void **state)
{
    (void)state;
    struct rig_client *client =
        client_with(RIG_APP(writes_much), (struct rig_client_options){.ignore = {"response.head.body_forbidden"}});
    const struct rig_result *result = rig_head(client, "/");
    rig_assert(result, .status = 200, .body = "");
    assert_int_equal(result->body_size, 0);
    rig_client_free(client);
}

/* ---- out ---- */

static struct rig_response *response_out;

static int64_t uses_response(void *self, void *buffer, size_t size)
{
    struct rig_response *res = response_out;
    (void)self, (void)buffer, (void)size;
    assert_int_equal(rig_response_status(res), 200); /* looking is fine */
    assert_string_equal(rig_response_header(res, "A"), "b");
    assert_int_equal(rig_respond(res, .status = 500), -ESTALE);
    assert_int_equal(rig_response_set_status(res, 500), -ESTALE);
    assert_int_equal(rig_response_set_header(res, "A", "c"), -ESTALE);
    assert_int_equal(rig_response_add_header(res, "A", "c"), -ESTALE);
    assert_int_equal(rig_response_remove_header(res, "A"), -ESTALE);
    assert_int_equal(rig_response_write(res, "x", 1), -ESTALE);
    assert_int_equal(rig_response_stream(res, (struct rig_source){.read = end_at_once}), -ESTALE);
    assert_null(rig_response_take_body(res).read);
    return 0;
}

static int streams_with_response(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    response_out = res;
    assert_int_equal(rig_response_set_header(res, "A", "b"), 0);
    return rig_response_stream(res, (struct rig_source){.read = uses_response});
}

static void test_no_change_once_it_is_out(void **state)
{
    (void)state;
    struct rig_client *client = client_for(streams_with_response);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .body = "", .headers = {{"A", "b"}}, .findings = {"response.lifetime.stale"});
    assert_int_equal(count_found(result, "response.lifetime.stale"), 8);
    assert_string_equal(result->findings[0].layer, "app");
    assert_non_null(strstr(result->findings[0].message, "rig_respond"));
    rig_client_free(client);
}

/* ---- files ---- */

static char pipe_path[] = "/tmp/test_response-XXXXXX";

static int answers_with_pipe(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_response_file(res, pipe_path);
}

static void test_a_pipe_that_nobody_writes_to(void **state)
{
    (void)state;
    int file = mkstemp(pipe_path);
    assert_true(file >= 0 && close(file) == 0 && unlink(pipe_path) == 0 && mkfifo(pipe_path, 0600) == 0);
    struct rig_client *client = client_for(answers_with_pipe);
    alarm(20);
    rig_assert(rig_get(client, "/"), .status = 200, .body = "");
    alarm(0);
    rig_client_free(client);
    (void)unlink(pipe_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pipe_that_nobody_writes_to),
        cmocka_unit_test(test_status_of_zero),
        cmocka_unit_test(test_what_makes_it_answered),
        cmocka_unit_test(test_error_drops_the_answer),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_many_headers),
        cmocka_unit_test(test_respond_replaces_what_it_names),
        cmocka_unit_test(test_a_name_given_twice_is_sent_twice),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_empty_bytes_replace_the_body),
        cmocka_unit_test(test_too_many_fields_and_bodies),
        cmocka_unit_test(test_writes_append),
        cmocka_unit_test(test_head_has_no_body),
        cmocka_unit_test(test_no_change_once_it_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
