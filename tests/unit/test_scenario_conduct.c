/* What a client does besides its request, and escapes wherever a byte may stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <stackrig/scenario.h>

static struct rig_scenario *scenario;

static const struct rig_scenario_request *parse(const char *text)
{
    struct rig_scenario_error error;
    rig_scenario_free(scenario);
    if (rig_scenario_parse(text, strlen(text), &scenario, &error) != 0) {
        fail_msg("%zu:%zu: %s", error.line, error.column, error.message);
    }
    return rig_scenario_at(scenario, 0);
}

static int tear_down(void **state)
{
    (void)state;
    rig_scenario_free(scenario);
    scenario = NULL;
    return 0;
}

static void test_credentials(void **state)
{
    (void)state;
    const struct rig_scenario_request *request = parse("# @as valid bearer\nGET /");
    assert_string_equal(request->credentials, "valid");
    assert_string_equal(request->place, "bearer");
    request = parse("# @as  wrong \nGET /");
    assert_string_equal(request->credentials, "wrong");
    assert_null(request->place);
    request = parse("GET /");
    assert_null(request->credentials);
}

/* They hold for the rest of the file. */
static void test_names_of_places(void **state)
{
    (void)state;
    char longest[128] = "# @credential query=";
    const struct rig_scenario_request *request =
        parse("# @credential header=X-Auth-Token\n# @credential cookie=sid\nGET /\n###\nGET /\n###\n"
              "# @credential header=X-Key\nGET /");
    assert_string_equal(request->credential_header, "X-Auth-Token");
    assert_string_equal(request->credential_cookie, "sid");
    assert_null(request->credential_query);
    assert_string_equal(rig_scenario_at(scenario, 1)->credential_header, "X-Auth-Token");
    assert_string_equal(rig_scenario_at(scenario, 2)->credential_header, "X-Key");
    assert_string_equal(rig_scenario_at(scenario, 2)->credential_cookie, "sid");
    size_t size = strlen(longest);
    memset(longest + size, 'a', RIG_CREDENTIAL_NAME_MAX);
    strcpy(longest + size + RIG_CREDENTIAL_NAME_MAX, "\nGET /");
    assert_int_equal(strlen(parse(longest)->credential_query), RIG_CREDENTIAL_NAME_MAX);
    strcpy(longest + size + RIG_CREDENTIAL_NAME_MAX, "a\nGET /");
    struct rig_scenario *none;
    assert_int_equal(rig_scenario_parse(longest, strlen(longest), &none, NULL), -EINVAL);
}

static void test_disconnect(void **state)
{
    (void)state;
    assert_int_equal(parse("# @disconnect 17\nGET /")->disconnect_after, 17);
    assert_int_equal(parse("GET /")->disconnect_after, 0);
}

static void test_pieces_leave_the_framing(void **state)
{
    (void)state;
    const struct rig_request *request = &parse("# @pieces 2,300\nPOST /\n\nabc")->request;
    assert_int_equal(request->piece_count, 2);
    assert_int_equal(request->pieces[1], 300);
    assert_false(request->chunked);
    assert_true(parse("# @chunks 2,300\nPOST /\n\nabc")->request.chunked);
}

static void test_escapes_in_the_head(void **state)
{
    (void)state;
    const struct rig_request *request =
        &parse("# @escapes on\n# @malformed on\n\\x2fG\\x20T \\x20/a\\\\b\\x20 HTTP/\\x41\n\\x23\\x3a: b\\x20\n")
             ->request;
    assert_string_equal(request->method, "/G T");
    assert_string_equal(request->target, " /a\\b ");
    assert_string_equal(request->http_version, "A");
    assert_string_equal(request->headers[0].name, "#:");
    assert_string_equal(request->headers[0].value, "b ");
    request = &parse("# @malformed on\nG\\x20T /\\x41 HTTP/\\x41\nA\\x41: b\n")->request;
    assert_string_equal(request->method, "G\\x20T");
    assert_string_equal(request->target, "/\\x41");
    assert_string_equal(request->http_version, "\\x41");
    assert_string_equal(request->headers[0].name, "A\\x41");
    request = &parse("# @escapes on\nG\\x45T /\\x61\nA\\x41: b\n")->request;
    assert_string_equal(request->method, "GET");
    assert_string_equal(request->target, "/a");
    assert_string_equal(request->headers[0].name, "AA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_credentials),         cmocka_unit_test(test_names_of_places),
        cmocka_unit_test(test_disconnect),          cmocka_unit_test(test_pieces_leave_the_framing),
        cmocka_unit_test(test_escapes_in_the_head),
    };
    return cmocka_run_group_tests_name("scenario: conduct", tests, NULL, tear_down);
}
