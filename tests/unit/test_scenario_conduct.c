/* What a client does besides its request, and escapes wherever a byte may stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
        cmocka_unit_test(test_credentials),
        cmocka_unit_test(test_disconnect),
        cmocka_unit_test(test_pieces_leave_the_framing),
        cmocka_unit_test(test_escapes_in_the_head),
    };
    return cmocka_run_group_tests_name("scenario: conduct", tests, NULL, tear_down);
}
