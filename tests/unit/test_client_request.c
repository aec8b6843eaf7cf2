/* From a request to the env: targets, defaults, headers, params, bodies. */
#include "tests/unit/core_test.h"

/* What the app saw: the wanted variables, "NAME=value" each, "-" if absent. */
static const char *wanted[8];
static char seen[2048], body[2048];
static size_t body_size;

static int app_sees(void *self, struct rig_env *env, struct rig_response *res)
{
    size_t at = 0;
    seen[0] = '\0';
    for (size_t i = 0; i < COUNT(wanted) && wanted[i]; i++) {
        const char *value = rig_env_get(env, wanted[i]);
        int size = snprintf(seen + at, sizeof seen - at, "%s%s", i ? " " : "", value ? value : "-");
        at += (size_t)size;
        assert_true(at < sizeof seen);
    }
    struct rig_bytes all;
    assert_int_equal(rig_input_all(rig_env_input(env), sizeof body - 1, &all), 0);
    memcpy(body, all.data, all.size);
    body[all.size] = '\0';
    body_size = all.size;
    return answer_ok(self, env, res);
}

static struct rig_client *client;

static int set_up(void **state)
{
    (void)state;
    memset(wanted, 0, sizeof wanted);
    client = client_with(RIG_APP(app_sees), (struct rig_client_options){.now = 0});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_client_free(client);
    return 0;
}

#define WANT(...) memcpy(wanted, ((const char *[COUNT(wanted)]){__VA_ARGS__}), sizeof wanted)

static void expect_seen(struct rig_request request, const char *expected)
{
    rig_assert(rig_send(client, request), .status = 200);
    if (strcmp(seen, expected) != 0) {
        fail_msg("%s %s: %s, expected %s", request.method ? request.method : "GET",
                 request.target ? request.target : "NULL", seen, expected);
    }
}

/* ---- the request line ---- */

static int lists_env(void *closure, const char *name, const char *value, size_t size)
{
    (void)size;
    size_t at = strlen(closure);
    (void)snprintf((char *)closure + at, sizeof seen - at, "%s=%s\n", name, value);
    return 0;
}

static int app_lists(void *self, struct rig_env *env, struct rig_response *res)
{
    seen[0] = '\0';
    assert_int_equal(rig_env_each(env, lists_env, seen), 0);
    return answer_ok(self, env, res);
}

static void test_defaults(void **state)
{
    (void)state;
    struct rig_client *lister = client_for(app_lists);
    rig_assert(rig_send(lister, (struct rig_request){.method = NULL}), .status = 200);
    assert_string_equal(seen, "REQUEST_METHOD=GET\nSCRIPT_NAME=\nPATH_INFO=/\nQUERY_STRING=\nREQUEST_URI=/\n"
                              "SERVER_NAME=example.org\nSERVER_PORT=80\nSERVER_PROTOCOL=HTTP/1.1\n"
                              "REQUEST_SCHEME=http\nHTTPS=off\nREMOTE_ADDR=192.0.2.1\nHTTP_HOST=example.org\n");
    rig_client_free(lister);
}

static void test_targets(void **state)
{
    static const struct {
        const char *target, *seen;
    } rows[] = {
        {"", "/  / example.org 80 http off example.org"},
        {"/", "/  / example.org 80 http off example.org"},
        {"/a/b?c=d&e", "/a/b c=d&e /a/b?c=d&e example.org 80 http off example.org"},
        {"/a?", "/a  /a? example.org 80 http off example.org"},
        {"/%41%2F?%20", "/%41%2F %20 /%41%2F?%20 example.org 80 http off example.org"},
        {"/a?b?c", "/a b?c /a?b?c example.org 80 http off example.org"},
        {"?", "/  /? example.org 80 http off example.org"},
        {"?a=b", "/ a=b /?a=b example.org 80 http off example.org"},
        {"foo/bar?a=b", "/foo/bar a=b /foo/bar?a=b example.org 80 http off example.org"},
        {"./foo", "/./foo  /./foo example.org 80 http off example.org"},
        {"/a?b#c", "/a b /a?b example.org 80 http off example.org"},
        {"a#c", "/a  /a example.org 80 http off example.org"},
        {"/?b[]='1'#", "/ b[]='1' /?b[]='1' example.org 80 http off example.org"},
        {"//a", "/  / a 80 http off a"},
        {"//u@a:81/b?c#d", "/b c /b?c a 81 http off a:81"},
        {"//", "/  / example.org 80 http off example.org"},
        {"///b", "/b  /b example.org 80 http off example.org"},
        {"http://host//a", "//a  http://host//a host 80 http off host"},
        {"http:///x", "/x  http://example.org/x example.org 80 http off example.org"},
        {"http:/x", "/x  http://example.org/x example.org 80 http off example.org"},
        {"http://a:b@host:81/x#y", "/x  http://host:81/x host 81 http off host:81"},
        {"https://@host?x", "/ x https://host/?x host 443 https on host"},
        {"http://host#x", "/  http://host host 80 http off host"},
        {"http://host:/", "/  http://host:/ host 80 http off host:"},
        {"http://host:0/", "/  http://host:0/ host 0 http off host:0"},
        {"http://host:099999/", "/  http://host:099999/ host 99999 http off host:099999"},
        {"http://foo_bar.example.com./", "/  http://foo_bar.example.com./ foo_bar.example.com. 80 http off "
                                         "foo_bar.example.com."},
        {"ws://host/", "/  ws://host/ host 80 ws off host"},
        {"WSS://host/", "/  WSS://host/ host 443 wss off host"},
        {"http://host/x", "/x  http://host/x host 80 http off host"},
        {"http://host", "/  http://host host 80 http off host"},
        {"http://host?q", "/ q http://host?q host 80 http off host"},
        {"http://host:8080/x", "/x  http://host:8080/x host 8080 http off host:8080"},
        {"https://host/x", "/x  https://host/x host 443 https on host"},
        {"HTTPS://Host:443/", "/  HTTPS://Host:443/ Host 443 https on Host:443"},
        {"http://[2001:db8::1]/", "/  http://[2001:db8::1]/ [2001:db8::1] 80 http off [2001:db8::1]"},
        {"http://[::1]:81/", "/  http://[::1]:81/ [::1] 81 http off [::1]:81"},
        {"http://192.0.2.7:65535/", "/  http://192.0.2.7:65535/ 192.0.2.7 65535 http off 192.0.2.7:65535"},
    };
    (void)state;
    WANT("PATH_INFO", "QUERY_STRING", "REQUEST_URI", "SERVER_NAME", "SERVER_PORT", "REQUEST_SCHEME", "HTTPS",
         "HTTP_HOST");
    for (size_t i = 0; i < COUNT(rows); i++) {
        expect_seen((struct rig_request){.target = rows[i].target}, rows[i].seen);
    }
}

static void test_other_forms_of_target(void **state)
{
    (void)state;
    WANT("REQUEST_METHOD", "PATH_INFO", "REQUEST_URI", "SERVER_NAME", "SERVER_PORT", "HTTP_HOST");
    expect_seen(RIG_OPTIONS("*"), "OPTIONS * * example.org 80 example.org");
    expect_seen((struct rig_request){.method = "CONNECT", .target = "host:443"},
                "CONNECT host:443 host:443 host 443 host:443");
    expect_seen((struct rig_request){.method = "connect", .target = "[::1]:443"},
                "CONNECT [::1]:443 [::1]:443 [::1] 443 [::1]:443");
}

static void test_methods(void **state)
{
    (void)state;
    WANT("REQUEST_METHOD");
    expect_seen(RIG_GET("/"), "GET");
    expect_seen(RIG_POST("/"), "POST");
    expect_seen(RIG_PUT("/"), "PUT");
    expect_seen(RIG_PATCH("/"), "PATCH");
    expect_seen(RIG_DELETE("/"), "DELETE");
    expect_seen(RIG_OPTIONS("/"), "OPTIONS");
    expect_seen(RIG_HEAD("/", .ignore = {"response.*"}), "HEAD");
    expect_seen((struct rig_request){.method = "x-odd!"}, "X-ODD!");
    expect_seen((struct rig_request){.method = "get"}, "GET");
    expect_seen((struct rig_request){.method = "M-SEARCH"}, "M-SEARCH");
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_string_equal(seen, "GET");
    rig_assert(rig_put(client, "/"), .status = 200);
    assert_string_equal(seen, "PUT");
    rig_assert(rig_patch(client, "/"), .status = 200);
    assert_string_equal(seen, "PATCH");
    rig_assert(rig_delete(client, "/"), .status = 200);
    assert_string_equal(seen, "DELETE");
    rig_assert(rig_options(client, "/"), .status = 200);
    assert_string_equal(seen, "OPTIONS");
}

static void test_version_and_addresses(void **state)
{
    (void)state;
    WANT("SERVER_PROTOCOL", "HTTP_HOST", "REMOTE_ADDR", "SCRIPT_NAME", "PATH_INFO", "REQUEST_URI");
    expect_seen(RIG_GET("/x", .http_version = "1.0"), "HTTP/1.0 - 192.0.2.1  /x /x"); /* 1.0 has no Host */
    expect_seen(RIG_GET("/x", .http_version = "1.1"), "HTTP/1.1 example.org 192.0.2.1  /x /x");
    expect_seen(RIG_GET("/x", .http_version = "HTTP/1.0"), "HTTP/1.0 - 192.0.2.1  /x /x");
    expect_seen(RIG_GET("/x", .http_version = "HTTP/0.9"), "HTTP/0.9 - 192.0.2.1  /x /x");
    expect_seen(RIG_GET("/x", .http_version = "HTTP/3"), "HTTP/3 example.org 192.0.2.1  /x /x");
    expect_seen(RIG_GET("/x", .remote_addr = "::1"), "HTTP/1.1 example.org ::1  /x /x");
    expect_seen(RIG_GET("/x?y", .script_name = "/app"), "HTTP/1.1 example.org 192.0.2.1 /app /x /app/x?y");
    expect_seen(RIG_GET("/x", .script_name = ""), "HTTP/1.1 example.org 192.0.2.1  /x /x");
    static const char wire[] = "GET /x HTTP/1.0\r\n\r\n";
    rig_assert(rig_send_raw(client, wire, sizeof wire - 1), .status = 200);
    assert_string_equal(seen, "HTTP/1.0 - 192.0.2.1  /x /x");
    WANT("REQUEST_SCHEME", "HTTPS", "SERVER_PORT", "SERVER_NAME");
    expect_seen(RIG_GET("/x", .secure = true), "https on 443 example.org");
}

/* ---- params ---- */

static void test_params(void **state)
{
    static const struct {
        const char *method, *target;
        struct rig_field params[3];
        const char *seen, *body;
    } rows[] = {
        {"GET", "/", {{"a", "1"}}, "a=1 - /?a=1", ""},
        {"GET", "/?x", {{"a", "1"}, {"b", "2 3"}}, "x&a=1&b=2+3 - /?x&a=1&b=2+3", ""},
        {"HEAD", "/", {{"a", "&="}}, "a=%26%3D - /?a=%26%3D", ""},
        {"head", "?x#y", {{"a", "1"}}, "x&a=1 - /?x&a=1", ""},
        {"GET", "http://h?x", {{"a", "1"}}, "x&a=1 - http://h/?x&a=1", ""},
        {"GET", "/?", {{"a", "1"}}, "a=1 - /?a=1", ""},
        {"GET", "/?x", {{"a", NULL}}, "x - /?x", ""},
        {"DELETE", "/", {{"a", ""}}, " application/x-www-form-urlencoded /", "a="},
        {"OPTIONS", "/", {{"a", "1"}}, " application/x-www-form-urlencoded /", "a=1"},
        {NULL, NULL, {{"a", "1"}}, "a=1 - /?a=1", ""},
        {"POST", "/?x", {{"a", "1"}, {"b", "2 3"}}, "x application/x-www-form-urlencoded /?x", "a=1&b=2+3"},
        {"PUT", "/", {{"\xc3\xa4", "1"}}, " application/x-www-form-urlencoded /", "%C3%A4=1"},
    };
    (void)state;
    WANT("QUERY_STRING", "CONTENT_TYPE", "REQUEST_URI");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig_request request = {
            .method = rows[i].method, .target = rows[i].target, .ignore = {"response.head.*"}};
        memcpy(request.params, rows[i].params, sizeof rows[i].params);
        expect_seen(request, rows[i].seen);
        assert_string_equal(body, rows[i].body);
    }
}

static void test_sixteen_params_and_env(void **state)
{
    (void)state;
    struct rig_request request = RIG_POST("/");
    for (size_t i = 0; i < RIG_FIELDS_MAX; i++) {
        request.params[i] = (struct rig_field){"a", "b"};
        request.env[i] = (struct rig_field){i % 2 ? "x.odd" : "x.even", i % 2 ? NULL : "1"};
    }
    request.env[0] = (struct rig_field){"HTTP_HOST", NULL}; /* removed */
    request.env[1] = (struct rig_field){"REQUEST_METHOD", "PURGE"};
    WANT("HTTP_HOST", "REQUEST_METHOD", "x.odd", "x.even");
    expect_seen(request, "- PURGE - 1");
    assert_int_equal(strlen(body), 16 * 4 - 1);
}

/* ---- bodies ---- */

static void test_bodies(void **state)
{
    static const struct rig_part parts[] = {{.name = "field", .body = "value"},
                                            {.name = "file", .filename = "a.bin", .bytes = {"\0\1", 2}}};
    (void)state;
    struct counted known = {.size = 5}, unknown = {.size = 5};
    WANT("CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_TRANSFER_ENCODING");
    expect_seen(RIG_GET("/"), "- - -");
    expect_seen(RIG_POST("/", .body = "abc"), "3 - -");
    expect_seen(RIG_POST("/", .body = ""), "0 - -");
    expect_seen(RIG_POST("/", .bytes = {"a\0c", 3}), "3 - -");
    assert_memory_equal(body, "a\0c", 4);
    expect_seen(RIG_POST("/", .body = "abc", .chunked = true), "- - chunked");
    assert_string_equal(body, "abc");
    expect_seen(RIG_POST("/", .source = source_of(&known), .source_size = 5), "5 - -");
    assert_string_equal(body, "abcde");
    expect_seen(RIG_POST("/", .source = source_of(&unknown)), "- - chunked");
    assert_string_equal(body, "abcde");
    expect_seen(RIG_POST("/", .body = "{}", .headers = {{"Content-Type", "application/json"}}), "2 application/json -");
    expect_seen(RIG_POST("/", .params = {{"a", "b"}}, .headers = {{"Content-Type", "x/y"}}), "3 x/y -");
    expect_seen(RIG_POST("/", .params = {{"a", "b"}}, .headers = {{"content-type", NULL}}), "3 - -");
    expect_seen(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", NULL}}), "- - -");
    expect_seen(RIG_POST("/", .body = "abc", .headers = {{"Content-Length", "3"}}), "3 - -");
    expect_seen(RIG_POST("/", .body = "abc", .headers = {{"Transfer-Encoding", "chunked"}}), "- - chunked");
    expect_seen(RIG_GET("/", .headers = {{"Content-Length", "0"}}), "0 - -");
    rig_assert(rig_post(client, "/", .parts = parts, .part_count = 2), .status = 200);
    assert_non_null(strstr(seen, "multipart/form-data; boundary="));
    assert_int_equal(atoi(seen), body_size);
    assert_non_null(strstr(body, "name=\"field\""));
    assert_non_null(strstr(body, "filename=\"a.bin\""));
}

/* A source of unknown size with a Content-Length is as long as that says. */
static void test_source_with_its_length_in_the_header(void **state)
{
    (void)state;
    struct counted source = {.size = 7};
    WANT("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING");
    expect_seen(RIG_POST("/", .source = source_of(&source), .headers = {{"Content-Length", "7"}}), "7 -");
    assert_string_equal(body, "abcdefg");
}

/* ---- headers ---- */

static void test_header_names(void **state)
{
    (void)state;
    WANT("HTTP_X_MIXED_CASE", "HTTP_ACCEPT", "CONTENT_TYPE", "HTTP_CONTENT_TYPE", "HTTP_X_1_");
    expect_seen(RIG_GET("/", .headers = {{"x-Mixed-CASE", "a"}, {"ACCEPT", ""}, {"x-1!", "odd"}}), "a  - - -");
    expect_seen(RIG_GET("/", .headers = {{"X-1_", "b"}}), "- - - - b");
    expect_seen(RIG_GET("/", .headers = {{"Content_Type", "c"}}), "- - - c -");
    WANT("CONTENT_LENGTH", "HTTP_CONTENT_LENGTH"); /* it frames nothing */
    expect_seen(RIG_POST("/", .body = "abc", .headers = {{"Content_Length", "9"}}), "3 9");
    static const char *const text = "X-Moved";
    for (int i = 0; i < 3; i++) { /* the same address, another name: what is kept by address is compared */
        char name[16];
        (void)snprintf(name, sizeof name, i == 1 ? "Accept" : "%s", text);
        WANT("HTTP_X_MOVED", "HTTP_ACCEPT");
        expect_seen(RIG_GET("/", .headers = {{name, "v"}}), i == 1 ? "- v" : "v -");
    }
}

/* Two that share a place of those kept by address, and change their names. */
static void test_names_that_share_a_place(void **state)
{
    (void)state;
    static char room[1024 + 4];
    WANT("HTTP_X_A", "HTTP_X_B");
    for (int turn = 0; turn < 8; turn++) {
        bool turned = turn / 3 % 2 != 0;
        memcpy(room, turned ? "X-B" : "X-A", 4);
        memcpy(room + 1024, turned ? "X-A" : "X-B", 4);
        expect_seen(RIG_GET("/", .headers = {{room, "1"}, {room + 1024, "2"}}), turned ? "2 1" : "1 2");
    }
}

static void test_repeated_headers_are_joined(void **state)
{
    (void)state;
    WANT("HTTP_A", "HTTP_COOKIE", "HTTP_B");
    expect_seen(
        RIG_GET("/",
                .headers =
                    {{"A", "1"}, {"Cookie", "x=1"}, {"a", "2"}, {"B", ""}, {"cookie", "y=2"}, {"A", "3"}, {"B", ""}}),
        "1, 2, 3 x=1; y=2 , ");
}

static void test_header_list(void **state)
{
    (void)state;
    static char names[1000][16];
    struct rig_field list[1000];
    for (size_t i = 0; i < COUNT(list); i++) {
        (void)snprintf(names[i], sizeof names[i], "X-%zu", i);
        list[i] = (struct rig_field){names[i], names[i]};
    }
    WANT("HTTP_X_0", "HTTP_X_16", "HTTP_X_999", "HTTP_X_1000", "HTTP_OWN");
    for (int i = 0; i < 3; i++) {
        expect_seen(RIG_GET("/", .headers = {{"Own", "first"}, {"X-0", "joined"}}, .header_list = list,
                            .header_count = COUNT(list)),
                    "joined, X-0 X-16 X-999 - first");
    }
    /* More names than a client remembers. */
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(list); i++) {
            (void)snprintf(names[i], sizeof names[i], "Y-%u-%zu", round, i);
        }
        WANT("HTTP_Y_0_0", "HTTP_Y_1_500", "HTTP_Y_2_999");
        expect_seen(RIG_GET("/", .header_list = list, .header_count = COUNT(list)), round == 0   ? "Y-0-0 - -"
                                                                                    : round == 1 ? "- Y-1-500 -"
                                                                                                 : "- - Y-2-999");
    }
}

/* A fuzzer's endless names do not stay with the client. */
static void test_names_are_not_remembered_for_ever(void **state)
{
    static char names[500][16];
    static struct rig_field list[500];
    uint64_t held = 0;
    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        for (size_t i = 0; i < COUNT(list); i++) {
            (void)snprintf(names[i], sizeof names[i], "Z-%u-%zu", round, i);
            list[i] = (struct rig_field){names[i], names[i]};
        }
        rig_assert(rig_get(client, "/", .header_list = list, .header_count = COUNT(list)), .status = 200);
        rig_client_reset(client);
        held = round == 8 ? rig_client_memory(client) : held;
    }
    assert_true(rig_client_memory(client) == held);
}

static void test_default_headers(void **state)
{
    (void)state;
    char value[] = "default";
    static const struct rig_field listed[] = {{"b", "listed"}};
    struct rig_client *with = client_with(
        RIG_APP(app_sees), (struct rig_client_options){.headers = {{"A", value}, {"B", "b"}, {"Host", "own.example"}}});
    value[0] = '#'; /* a copy */
    WANT("HTTP_A", "HTTP_B", "HTTP_HOST");
    rig_assert(rig_get(with, "/"), .status = 200);
    assert_string_equal(seen, "default b own.example");
    rig_assert(rig_get(with, "/", .headers = {{"a", "own"}, {"B", NULL}}), .status = 200);
    assert_string_equal(seen, "own - own.example");
    rig_assert(rig_get(with, "/", .header_list = listed, .header_count = 1), .status = 200);
    assert_string_equal(seen, "default listed own.example");
    rig_assert(rig_get(with, "/", .headers = {{"Host", NULL}}, .http_version = "1.0"), .status = 200);
    assert_string_equal(seen, "default b -");
    rig_client_free(with);
    expect_seen(RIG_GET("/", .headers = {{"Host", "other.example:81"}}), "- - other.example:81");
}

static void test_wrong_client_options(void **state)
{
    (void)state;
    struct rig_client_options options[6] = {{.now = 1},
                                            {.now = 1},
                                            {.now = 1},
                                            {.ignore = {"no.rule"}},
                                            {.enable = {"env.log.written", "none.*"}},
                                            {.headers = {{NULL, "x"}}}};
    static const char *const rules[] = {"usage.fields.too_many", "usage.fields.too_many", "usage.fields.too_many",
                                        "usage.rule.unknown",    "usage.rule.unknown",    "usage.argument.null"};
    for (size_t i = 0; i <= RIG_FIELDS_MAX; i++) {
        options[0].headers[i] = (struct rig_field){"A", "b"};
    }
    for (size_t i = 0; i <= RIG_IGNORE_MAX; i++) {
        options[1].ignore[i] = options[2].enable[i] = "env.*";
    }
    for (size_t i = 0; i < COUNT(options); i++) {
        struct rig_client *wrong = client_with(RIG_APP(app_sees), options[i]);
        for (int k = 0; k < 2; k++) { /* told by each result */
            rig_assert(rig_get(wrong, "/"), .error = -EINVAL, .findings = {rules[i]});
        }
        rig_client_free(wrong);
    }
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),
        TEST(test_targets),
        TEST(test_other_forms_of_target),
        TEST(test_methods),
        TEST(test_version_and_addresses),
        TEST(test_params),
        TEST(test_sixteen_params_and_env),
        TEST(test_bodies),
        TEST(test_source_with_its_length_in_the_header),
        TEST(test_header_names),
        TEST(test_names_that_share_a_place),
        TEST(test_repeated_headers_are_joined),
        TEST(test_header_list),
        TEST(test_names_are_not_remembered_for_ever),
        TEST(test_default_headers),
        TEST(test_wrong_client_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
