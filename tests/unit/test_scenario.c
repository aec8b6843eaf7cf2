/* Requests as text: what is taken, what is refused and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stackrig/faults.h>

#include "harness/client/scenario_parse.h"

/* The rules that these tests name. */
#define UNREAD "input.early_answer.unread"
#define REPLACED "env.identity.replaced"

static struct rig_scenario *parsed_bytes(const char *text, size_t size)
{
    struct rig_scenario *scenario = NULL;
    struct rig_scenario_error error;
    char *copy = malloc(size ? size : 1); /* of its exact size, and gone before the scenario is looked at */
    assert_non_null(copy);
    memcpy(copy, text, size);
    if (rig_scenario_parse(copy, size, &scenario, &error)) {
        fail_msg("%zu:%zu: %s\n%s", error.line, error.column, error.message, text);
    }
    free(copy);
    return scenario;
}

static struct rig_scenario *parsed(const char *text)
{
    return parsed_bytes(text, strlen(text));
}

static void assert_body(const struct rig_scenario_request *one, const char *body)
{
    const struct rig_bytes *bytes = &one->request.bytes;
    if (!body) {
        assert_null(bytes->data);
        return;
    }
    assert_non_null(bytes->data);
    assert_int_equal(bytes->size, strlen(body));
    assert_memory_equal(bytes->data, body, bytes->size);
}

static void test_whole_file(void **state)
{
    (void)state;
    struct rig_scenario *scenario = parsed("### Nobody said who they are.\n"
                                           "# a comment\n"
                                           "// another\n"
                                           "# @name anonymous POST\n"
                                           "# @server nginx\n"
                                           "# @expect status 401\n"
                                           "  # @expect finding " UNREAD "\n"
                                           "// @chunks 1, 5\n"
                                           "# @ignore input.*\n"
                                           "#@ignore " REPLACED "\n"
                                           "# @enable " UNREAD "\n"
                                           "# @enable env.*\n"
                                           "\n"
                                           "POST /api/items HTTP/1.0\n"
                                           "Content-Type: text/plain\n"
                                           "# between the headers\n"
                                           "X-Blank:  \t a b \t\n"
                                           "X-Empty:\n"
                                           "\n"
                                           "name=lamp\n"
                                           "\n"
                                           "###\n"
                                           "http://example.org/second\n");
    assert_int_equal(rig_scenario_count(scenario), 2);
    const struct rig_scenario_request *one = rig_scenario_at(scenario, 0);
    assert_string_equal(one->name, "anonymous POST");
    assert_string_equal(one->server, "nginx");
    assert_int_equal(one->line, 14);
    assert_string_equal(one->request.method, "POST");
    assert_string_equal(one->request.target, "/api/items");
    assert_string_equal(one->request.http_version, "1.0");
    assert_string_equal(one->request.headers[0].name, "Content-Type");
    assert_string_equal(one->request.headers[0].value, "text/plain");
    assert_string_equal(one->request.headers[1].value, "a b");
    assert_string_equal(one->request.headers[2].name, "X-Empty");
    assert_string_equal(one->request.headers[2].value, "");
    assert_null(one->request.headers[3].name);
    assert_null(one->request.body);
    assert_body(one, "name=lamp");
    assert_int_equal(one->expect_count, 2);
    assert_int_equal(one->expects[0].kind, RIG_EXPECT_STATUS);
    assert_int_equal(one->expects[0].status, 401);
    assert_int_equal(one->expects[0].line, 6);
    assert_int_equal(one->expects[1].kind, RIG_EXPECT_FINDING);
    assert_string_equal(one->expects[1].rule, UNREAD);
    assert_true(one->request.chunked);
    assert_int_equal(one->request.piece_count, 2);
    assert_int_equal(one->request.pieces[0], 1);
    assert_int_equal(one->request.pieces[1], 5);
    assert_string_equal(one->request.ignore[0], "input.*");
    assert_string_equal(one->request.ignore[1], REPLACED);
    assert_null(one->request.ignore[2]);
    assert_string_equal(one->request.enable[0], UNREAD);
    assert_string_equal(one->request.enable[1], "env.*");
    assert_false(one->request.malformed);

    const struct rig_scenario_request *two = rig_scenario_at(scenario, 1);
    assert_string_equal(two->name, "GET http://example.org/second");
    assert_null(two->server);
    assert_int_equal(two->line, 23);
    assert_null(two->request.method);
    assert_null(two->request.http_version);
    assert_int_equal(two->expect_count, 0);
    assert_false(two->request.chunked);
    assert_null(two->request.ignore[0]);
    assert_body(two, NULL);
    assert_null(rig_scenario_at(scenario, 2));
    rig_scenario_free(scenario);
}

struct request_line {
    const char *line, *method, *target, *version; /* method, version NULL: not given */
};

static const struct request_line request_lines[] = {
    {"GET /", "GET", "/", NULL},
    {"/", NULL, "/", NULL},
    {"/a?b=c HTTP/1.1", NULL, "/a?b=c", "1.1"},
    {"http://h/a", NULL, "http://h/a", NULL},
    {"https://h HTTP/1.0", NULL, "https://h", "1.0"},
    {"  POST \t /a  HTTP/1.1  ", "POST", "/a", "1.1"},
    {"OPTIONS *", "OPTIONS", "*", NULL},
    {"OPTIONS * HTTP/1.1", "OPTIONS", "*", "1.1"},
    {"CONNECT example.org:443", "CONNECT", "example.org:443", NULL},
    {"M-SEARCH http://h/", "M-SEARCH", "http://h/", NULL},
    {"get /", "get", "/", NULL},
    {"*a /", "*a", "/", NULL},
    {"GET //host/path", "GET", "//host/path", NULL},
};

static void test_request_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof request_lines / sizeof request_lines[0]; i++) {
        const struct request_line *row = &request_lines[i];
        struct rig_scenario *scenario = parsed(row->line);
        const struct rig_request *request = &rig_scenario_at(scenario, 0)->request;
        assert_string_equal(request->target, row->target);
        assert_string_equal(request->method ? request->method : "(none)", row->method ? row->method : "(none)");
        assert_string_equal(request->http_version ? request->http_version : "(none)",
                            row->version ? row->version : "(none)");
        rig_scenario_free(scenario);
    }
}

struct body_row {
    const char *text, *body;
};

static const struct body_row bodies[] = {
    {"POST /\n\na=b", "a=b"},
    {"POST /\n\na=b\n", "a=b"},
    {"POST /\n\na=b\n\n\n", "a=b"},
    {"POST /\n\na=b\n###", "a=b"},
    {"POST /\n\na=b\n\n###\n", "a=b"},
    {"POST /\n\n\na\n\nb\n\n### next", "\na\n\nb"},
    {"POST /\n \t\na=b", "a=b"},
    {"POST /\nA: b\n\n# not a comment\n// nor this\n", "# not a comment\n// nor this"},
    {"POST /\n\n##\n", "##"},
    {"POST /\n\n ###\n", " ###"},
    {"POST /\n\n<tag>\n<a> >\n", "<tag>\n<a> >"},
    {"POST /\n\n \n", " "},
    {"POST /\n\n\\x41", "\\x41"},
    {"POST /\n\n{\"a\": {\"b\": {}}}\n", "{\"a\": {\"b\": {}}}"},
    {"POST /\n\n# @todo is no key of ours\n", "# @todo is no key of ours"},
    {"POST /\n", NULL},
    {"POST /\n\n", NULL},
    {"POST /\n\n\n\n###\n", NULL},
    {"POST /\r\nA: b\r\n\r\na\r\nb\r\n\r\n###\r\n", "a\r\nb"},
    {"POST /\r\n\r\na\r", "a\r"},
    {"# @escapes on\nPOST /\n\na\\r\\n\\x00b\\\\\\x7B\\xfF\n", "a\r\n"}, /* as far as the zero byte */
    {"# @escapes off\nPOST /\n\n\\q", "\\q"},
    {"# @escapes on\nPOST /\n\n\\x23## \\x3c \\x7b{\\n", "### < {{\n"},
};

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct rig_scenario *scenario = parsed(bodies[i].text);
        const struct rig_bytes *bytes = &rig_scenario_at(scenario, 0)->request.bytes;
        const char *body = bodies[i].body;
        if (!body != !bytes->data || (body && strcmp(bytes->data, body) != 0)) {
            fail_msg("%s: body '%s'", bodies[i].text, bytes->data ? (const char *)bytes->data : "(none)");
        }
        if (body && !memchr(bytes->data, '\0', bytes->size)) {
            assert_int_equal(bytes->size, strlen(body));
        }
        rig_scenario_free(scenario);
    }
}

static void test_body_of_any_bytes(void **state)
{
    (void)state;
    struct rig_scenario *scenario = parsed("# @escapes on\nPOST /\n\na\\x00b\\\\\\x7B\\xfF\n");
    const struct rig_scenario_request *one = rig_scenario_at(scenario, 0);
    assert_int_equal(one->request.bytes.size, 6);
    assert_memory_equal(one->request.bytes.data, "a\0b\\{\xff", 6);
    rig_scenario_free(scenario);
    scenario = parsed_bytes("POST /\n\na\0\x01\xff\n", 13);
    one = rig_scenario_at(scenario, 0);
    assert_int_equal(one->request.bytes.size, 4);
    assert_memory_equal(one->request.bytes.data, "a\0\x01\xff", 4);
    rig_scenario_free(scenario);
}

static void test_many_headers(void **state)
{
    (void)state;
    char text[4096] = "GET /\n";
    for (int i = 0; i < 100; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "H-%d: v%d\n", i, i);
    }
    struct rig_scenario *scenario = parsed(text);
    const struct rig_request *request = &rig_scenario_at(scenario, 0)->request;
    assert_null(request->headers[RIG_FIELDS_MAX].name);
    assert_int_equal(request->header_count, 100 - RIG_FIELDS_MAX);
    for (int i = 0; i < 100; i++) {
        const struct rig_field *field =
            i < RIG_FIELDS_MAX ? &request->headers[i] : &request->header_list[i - RIG_FIELDS_MAX];
        char name[16], value[16];
        snprintf(name, sizeof name, "H-%d", i);
        snprintf(value, sizeof value, "v%d", i);
        assert_string_equal(field->name, name);
        assert_string_equal(field->value, value);
    }
    rig_scenario_free(scenario);
}

static void test_many_requests(void **state)
{
    (void)state;
    char *text = malloc(100000);
    assert_non_null(text);
    size_t used = 0;
    for (int i = 0; i < 1000; i++) {
        used += (size_t)snprintf(text + used, 100000 - used, "# @expect status 200\nPOST /%d\n\n%d\n\n###\n", i, i);
    }
    struct rig_scenario *scenario = parsed(text);
    assert_int_equal(rig_scenario_count(scenario), 1000);
    for (size_t i = 0; i < 1000; i++) {
        const struct rig_scenario_request *one = rig_scenario_at(scenario, i);
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        assert_string_equal(one->request.target + 1, number);
        assert_body(one, number);
        assert_int_equal(one->line, 6 * i + 2);
        assert_int_equal(one->expect_count, 1);
    }
    rig_scenario_free(scenario);
    free(text);
}

static void test_expected_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
    } rows[] = {{"EIO", -EIO},     {"-EIO", -EIO},          {"-5", -5},
                {"-4095", -4095},  {"E2BIG", -E2BIG},       {"ENOTRECOVERABLE", -ENOTRECOVERABLE},
                {"EPERM", -EPERM}, {"EWOULDBLOCK", -EAGAIN}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "# @expect error %s\nGET /", rows[i].text);
        struct rig_scenario *scenario = parsed(text);
        const struct rig_scenario_request *one = rig_scenario_at(scenario, 0);
        assert_int_equal(one->expect_count, 1);
        assert_int_equal(one->expects[0].kind, RIG_EXPECT_ERROR);
        assert_int_equal(one->expects[0].error, rows[i].error);
        rig_scenario_free(scenario);
    }
}

/* What one paragraph sets does not reach the next. */
static void test_paragraphs_are_apart(void **state)
{
    (void)state;
    struct rig_scenario *scenario =
        parsed("# @escapes on\n# @malformed on\n# @server a\nPOST /\n\n\\x41\n###\nPOST /\n\n\\x41");
    const struct rig_scenario_request *two = rig_scenario_at(scenario, 1);
    assert_true(rig_scenario_at(scenario, 0)->request.malformed);
    assert_body(rig_scenario_at(scenario, 0), "A");
    assert_false(two->request.malformed);
    assert_null(two->server);
    assert_body(two, "\\x41");
    rig_scenario_free(scenario);
}

static void test_malformed(void **state)
{
    (void)state;
    struct rig_scenario *scenario = parsed("# @malformed on\n# @escapes on\n"
                                           "G(T /a b#c HTTP/9\n"
                                           "Bad name : x\\r\\ny\n"
                                           "Content-Length: 5\nContent-Length: 6\n\nabc");
    const struct rig_request *request = &rig_scenario_at(scenario, 0)->request;
    assert_true(request->malformed);
    assert_string_equal(request->method, "G(T");
    assert_string_equal(request->target, "/a b#c");
    assert_string_equal(request->http_version, "9");
    assert_string_equal(request->headers[0].name, "Bad name ");
    assert_string_equal(request->headers[0].value, "x\r\ny");
    assert_string_equal(request->headers[2].value, "6");
    rig_scenario_free(scenario);
}

static void test_byte_order_mark_and_crlf(void **state)
{
    (void)state;
    struct rig_scenario *scenario = parsed("\xef\xbb\xbf# @name first\r\n# @chunks 3\r\nGET /\r\nA: b\r\n");
    const struct rig_scenario_request *one = rig_scenario_at(scenario, 0);
    assert_string_equal(one->name, "first");
    assert_string_equal(one->request.target, "/");
    assert_string_equal(one->request.headers[0].value, "b");
    rig_scenario_free(scenario);
}

/* ---- what is refused ---- */

struct refused {
    const char *text;
    size_t line, column;
    const char *message; /* a part of it */
};

static const struct refused refused[] = {
    /* nothing in it */
    {"", 1, 1, "expected a request"},
    {"\n\n", 2, 1, "expected a request"},
    {"###\n# only a comment\n###\n", 3, 1, "expected a request"},
    {"# @name a\n", 1, 1, "expected a request after this"},
    {"GET /\n###\n\n# @name a\n###\nGET /", 4, 1, "expected a request after this"},
    /* directives */
    {"# @credential basic=a\nGET /", 1, 15, "expected header=NAME, cookie=NAME or query=NAME"},
    {"# @credential header=\nGET /", 1, 15, "found 'header='"},
    {"# @credential cookie=a b\nGET /", 1, 15, "found 'cookie=a b'"},
    {"# @credential query=a\n# @credential query=b\nGET /", 2, 15, "expected @credential query= once"},
    {"# @nmae a\nGET /", 1, 3, "found '@nmae'"},
    {"# @ a\nGET /", 1, 3, "expected one of @ name"},
    {"# @name a\n#   @fault read 2 EINTR\nGET /", 2, 1, "expected a request with a body for @fault to read"},
    {"# @malformed on\n# @fault read 2 EINTR\nPOST /\n\nabc", 2, 1, "expected no @malformed request for @fault"},
    {"# @fault read 2\nPOST /\n\nabc", 1, 10, "expected 'read N FAULT'"},
    {"# @fault read 0 EIO\nPOST /\n\nabc", 1, 10, "expected 'read N FAULT'"},
    {"# @fault read 1 EPERM\nPOST /\n\nabc", 1, 17, "expected 'read N FAULT'"},
    {"# @fault read 1 malloc\nPOST /\n\nabc", 1, 17, "expected 'read N FAULT'"},
    {"# @fault read 1 EIO often\nPOST /\n\nabc", 1, 10, "expected 'read N FAULT'"},
    {"# @fault write 1 EIO\nPOST /\n\nabc", 1, 10, "expected 'read N FAULT'"},
    {"# @fault read 1 EIO\n# @fault read 2 EIO\nPOST /\n\nabc", 2, 3, "expected @fault once"},
    {"# @as\nGET /", 1, 6, "expected a class of credentials"},
    {"# @as valid basic too\nGET /", 1, 13, "expected one place"},
    {"# @disconnect 0\nGET /", 1, 15, "expected a number of bytes from 1"},
    {"# @disconnect -1\nGET /", 1, 15, "expected a number of bytes from 1"},
    {"# @pieces 1\n# @chunks 1\nGET /", 2, 11, "expected one of @chunks and @pieces"},
    {"# @pieces 0\nGET /", 1, 12, "expected sizes from 1"},
    {"# @escapes on\nGET /\\q", 2, 6, "expected \\xNN"},
    {"# @escapes on\nG\\x20T /", 2, 1, "expected a request line"},
    {"# @escapes on\nGET /a\\x20b", 2, 5, "in the target"},
    {"# @escapes on\nGET /\nA\\x3a: b", 3, 1, "is no token"},
    {"# @escapes on\n# @malformed on\nGET /\\x00", 3, 5, "a zero byte in the target"},
    {"# @connection a b\nGET /", 1, 15, "expected the name of one connection"},
    {"# @name\nGET /", 1, 8, "expected a name"},
    {"# @name a\n# @name b\nGET /", 2, 3, "expected @name once"},
    {"# @server a\n# @server a\nGET /", 2, 3, "expected @server once"},
    {"# @chunks 1\n# @chunks 1\nGET /", 2, 3, "expected @chunks once"},
    {"# @escapes on\n# @escapes on\nGET /", 2, 3, "expected @escapes once"},
    {"# @malformed on\n# @malformed off\nGET /", 2, 3, "expected @malformed once"},
    {"# @server\nGET /", 1, 10, "expected the name of one server"},
    {"# @server a b\nGET /", 1, 11, "found 'a b'"},
    {"# @expect\nGET /", 1, 10, "expected 'status N', 'finding RULE' or 'error NAME'"},
    {"# @expect 401\nGET /", 1, 11, "found '401'"},
    {"# @expect status\nGET /", 1, 17, "three digits"},
    {"# @expect status 40\nGET /", 1, 18, "three digits"},
    {"# @expect status 099\nGET /", 1, 18, "three digits"},
    {"# @expect status 4o1\nGET /", 1, 18, "found '4o1'"},
    {"# @expect status 200 201\nGET /", 1, 18, "three digits"},
    {"# @expect status 200\n# @expect status 201\nGET /", 2, 18, "line 1 has one"},
    {"# @expect error\nGET /", 1, 16, "expected an error as -5 or EIO"},
    {"# @expect error 5\nGET /", 1, 17, "found '5'"},
    {"# @expect error -\nGET /", 1, 17, "found '-'"},
    {"# @expect error -0\nGET /", 1, 17, "found '-0'"},
    {"# @expect error -5x\nGET /", 1, 17, "found '-5x'"},
    {"# @expect error -12345\nGET /", 1, 17, "found '-12345'"},
    {"# @expect error EI\nGET /", 1, 17, "found 'EI'"},
    {"# @expect error EIO EPERM\nGET /", 1, 17, "found 'EIO EPERM'"},
    {"# @expect error EIO\n# @expect error EIO\nGET /", 2, 17, "line 1 has one"},
    {"# @expect finding\nGET /", 1, 18, "the id of one rule"},
    {"# @expect finding next.such.rule\nGET /", 1, 19, "'next.such.rule' is none"},
    {"# @expect finding such\nGET /", 1, 19, "'such' is none"},
    {"# @expect finding myteam.*\nGET /", 1, 19, "'myteam.*' is none"},
    {"# @expect finding myTeam.rule\nGET /", 1, 19, "'myTeam.rule' is none"},
    {"# @expect finding input.*\nGET /", 1, 19, "'input.*' is none"},
    {"# @ignore next.no.*\nGET /", 1, 11, "'next.no.*' matches none"},
    {"# @ignore my*\nGET /", 1, 11, "'my*' matches none"},
    {"# @enable\nGET /", 1, 10, "expected one rule"},
    {"# @escapes yes\nGET /", 1, 12, "expected on or off, found 'yes'"},
    {"# @malformed\nGET /", 1, 13, "expected on or off"},
    {"# @chunks\nGET /", 1, 10, "sizes from 1"},
    {"# @chunks 0\nGET /", 1, 12, "sizes from 1"},
    {"# @chunks 1,\nGET /", 1, 13, "sizes from 1"},
    {"# @chunks ,1\nGET /", 1, 11, "sizes from 1"},
    {"# @chunks 1 5\nGET /", 1, 13, "sizes from 1"},
    {"# @chunks 1,x\nGET /", 1, 13, "sizes from 1"},
    {"# @chunks 99999999999999999999\nGET /", 1, 11, "sizes from 1"},
    {"GET /\n# @expect status 200\n", 2, 1, "before the request line"},
    {"GET /\n\n# @expect status 200\n", 3, 1, "before the request line"},
    /* request lines */
    {"GET", 1, 4, "expected a target"},
    {"GET HTTP/1.1", 1, 4, "expected a target"},
    {"HTTP/1.1", 1, 1, "expected a target"},
    {"G(T /", 1, 1, "METHOD target"},
    {"GET items", 1, 5, "begins with '/'"},
    {"GET /a b", 1, 7, "space"},
    {"/a /b", 1, 3, "space"},
    {"GET /a#b", 1, 7, "fragment"},
    {"GET /%zz", 1, 6, "two hex"},
    {"GET http://u:p@h/", 1, 14, "user name"},
    {"GET *", 1, 5, "OPTIONS only"},
    {"GET h:80", 1, 5, "CONNECT only"},
    {"CONNECT /", 1, 9, "wants host:port"},
    {"GET / HTTP/2", 1, 7, "found 'HTTP/2'"},
    {"GET / HTTP/1.10", 1, 7, "found 'HTTP/1.10'"},
    {"GET / http/1.1", 1, 6, "space"},
    /* headers */
    {"GET /\nno colon\n", 2, 1, "expected a header (Name: value)"},
    {"GET /\n?a=b\n", 2, 1, "expected a header (Name: value)"},
    {"GET /\n  ?a=b\n", 2, 1, "several lines"},
    {"GET /\nA: b\n c\n", 3, 1, "several lines"},
    {"GET /\nA b: c\n", 2, 1, "'A b' is no token"},
    {"GET /\n: c\n", 2, 1, "is no token"},
    {"GET /\nA: b\rc\n", 2, 4, "control character"},
    {"GET /\nA: \x01\n", 2, 4, "control character"},
    {"# @escapes on\nGET /\nA: \\r\\n\n", 3, 4, "only with # @malformed on"},
    {"# @escapes on\nGET /\nA: b\\q\n", 3, 5, "after a backslash"},
    {"# @escapes on\n# @malformed on\nGET /\nA: \\x00\n", 4, 4, "zero byte"},
    /* escapes in bodies */
    {"# @escapes on\nPOST /\n\na\nb\\", 5, 2, "after a backslash"},
    {"# @escapes on\nPOST /\n\n\\x4", 4, 1, "after a backslash"},
    {"# @escapes on\nPOST /\n\n\n\\x4g", 5, 1, "after a backslash"},
    {"# @escapes on\nPOST /\n\n\\\\\\t", 4, 3, "after a backslash"},
    /* what editors know */
    {"@host = example.org\nGET /", 1, 1, "variables"},
    {"GET {{host}}/a", 1, 5, "variables"},
    {"GET /\nA: b {{c}}", 2, 6, "variables"},
    {"POST /\n\na={{b}}", 3, 3, "variables"},
    {"< {%\n%}\nGET /", 1, 1, "scripts"},
    {"POST /\n\n< {% a %}", 3, 1, "scripts"},
    {"POST /\n\na\n> {% client.test() %}", 4, 1, "scripts"},
    {"POST /\n\n< ./body.json", 3, 1, "files"},
    {"POST /\n\n<@ ./body.json", 3, 1, "files"},
    {"POST /\n\n--b\n\n< ./body.json", 5, 1, "\\x3c"},
    {"POST /\n\n> handler.js", 3, 1, "handlers"},
    {"POST /\n\n>> saved.json", 3, 1, "saving"},
    {"POST /\n\n>>! saved.json", 3, 1, "saving"},
    {"POST /\n\n<> before.200.json", 3, 1, "earlier responses"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const struct refused *row = &refused[i];
        struct rig_scenario *scenario = (struct rig_scenario *)&scenario;
        struct rig_scenario_error error;
        char *text = malloc(strlen(row->text) + 1);
        assert_non_null(text);
        memcpy(text, row->text, strlen(row->text) + 1);
        int status = rig_scenario_parse(text, strlen(text), &scenario, &error);
        if (status != -EINVAL || scenario) {
            fail_msg("%s\n%d, expected: %s", row->text, status, row->message);
        }
        if (error.line != row->line || error.column != row->column || !strstr(error.message, row->message)) {
            fail_msg("%s\n%zu:%zu: %s; expected %zu:%zu: %s", row->text, error.line, error.column, error.message,
                     row->line, row->column, row->message);
        }
        free(text);
    }
}

static void faults(void **state)
{
    (void)state;
    struct rig_scenario *scenario = parsed("# @fault read 2 EINTR\nPOST /\n\nabc\n"
                                           "### \n# @fault read 30 early_end always\nPOST /\n\nabc\n"
                                           "### \nPOST /\n\nabc\n");
    const struct rig_faulty *fault = rig_scenario_at(scenario, 0)->request.fault;
    assert_int_equal(fault->kind, RIG_FAULT_EINTR);
    assert_int_equal(fault->chance, 2);
    assert_false(fault->always);
    fault = rig_scenario_at(scenario, 1)->request.fault;
    assert_int_equal(fault->kind, RIG_FAULT_EARLY_END);
    assert_int_equal(fault->chance, 30);
    assert_true(fault->always);
    assert_null(rig_scenario_at(scenario, 2)->request.fault);
    rig_scenario_free(scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults),
        cmocka_unit_test(test_whole_file),
        cmocka_unit_test(test_request_lines),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_body_of_any_bytes),
        cmocka_unit_test(test_many_headers),
        cmocka_unit_test(test_many_requests),
        cmocka_unit_test(test_expected_errors),
        cmocka_unit_test(test_paragraphs_are_apart),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_byte_order_mark_and_crlf),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
