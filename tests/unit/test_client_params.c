/* Params of a request: into its query, an urlencoded body, or parts; files; whose boundary. */
#define _POSIX_C_SOURCE 200809L
#include "tests/unit/core_test.h"

#include <sys/stat.h>
#include <unistd.h>

#include <stackrig/http/multipart.h>

static char query[512], type[200], uri[512], body[70000];
static size_t body_size;

static void keep(char *to, size_t size, struct rig_env *env, const char *name)
{
    const char *value = rig_env_get(env, name);
    (void)snprintf(to, size, "%s", value ? value : "-");
}

static int app_sees(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_bytes all;
    keep(query, sizeof query, env, "QUERY_STRING");
    keep(type, sizeof type, env, "CONTENT_TYPE");
    keep(uri, sizeof uri, env, "REQUEST_URI");
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
    client = client_with(RIG_APP(app_sees),
                         (struct rig_client_options){.ignore = {"env.*", "response.head.*"}, .memory_limit = 1 << 26});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_client_free(client);
    return 0;
}

static void expect_sent(struct rig_request request, const char *in_query, const char *content_type, const char *content)
{
    rig_assert(rig_send(client, request), .status = 200);
    assert_string_equal(query, in_query);
    assert_string_equal(type, content_type);
    assert_string_equal(body, content);
}

#define FORM "application/x-www-form-urlencoded"

static const struct rig_param nested[] = {
    {.name = "a", .value = "1"},
    RIG_PARAM_MAP_OF("m", {.name = "k", .value = "x y"}, RIG_PARAM_LIST_OF("l", {.value = "2"}, {.bytes = {"3", 1}})),
    {.name = "flag"},
};

/* ---- query and form ---- */

static void test_nested(void **state)
{
    static const char escaped[] = "a=1&m%5Bk%5D=x+y&m%5Bl%5D%5B%5D=2&m%5Bl%5D%5B%5D=3&flag";
    static const char plain[] = "a=1&m[k]=x+y&m[l][]=2&m[l][]=3&flag";
    (void)state;
    struct rig_request request = {.method = "GET", .target = "/?q", .param_list = nested, .param_count = COUNT(nested)};
    char expected[200];
    (void)snprintf(expected, sizeof expected, "q&%s", escaped);
    expect_sent(request, expected, "-", "");
    (void)snprintf(expected, sizeof expected, "%s&q", escaped);
    request.params_first = true;
    expect_sent(request, expected, "-", "");
    request.method = "PUT";
    expect_sent(request, "q", FORM, escaped);
    request.param_style = RIG_QUERY_STYLE_PLAIN;
    expect_sent(request, "q", FORM, plain);
}

static void test_flat_and_nested(void **state)
{
    (void)state;
    struct rig_request request =
        RIG_GET("x#y", .params = {{"z", "0"}, {"none", NULL}}, .param_list = nested, .param_count = 1);
    expect_sent(request, "z=0&a=1", "-", "");
    assert_string_equal(uri, "/x?z=0&a=1");
    request.query_list = nested + 2;
    request.query_count = 1;
    expect_sent(request, "z=0&a=1&flag", "-", "");
    request.method = "DELETE";
    expect_sent(request, "flag", FORM, "z=0&a=1");
}

/* Given, but none: a form without fields. Not given: no body. */
static void test_no_params(void **state)
{
    (void)state;
    expect_sent(RIG_POST("/", .form = true), "", FORM, "");
    expect_sent(RIG_POST("/", .params = {{"a", NULL}}), "", FORM, "");
    expect_sent(RIG_GET("/?a=b&a=c", .form = true), "a=b&a=c", "-", "");
    expect_sent(RIG_POST("/", .form = true, .body = "x"), "", "-", "x");
    expect_sent(RIG_POST("/", RIG_PARAMS(RIG_PARAM("a", "1"), RIG_PARAM_MAP_OF("b", RIG_PARAM("c", "2"))),
                         RIG_QUERY(RIG_PARAM("q", "3")), RIG_ENV({"app.x", "y"}), RIG_PIECES(1, 2)),
                "q=3", FORM, "a=1&b%5Bc%5D=2");
    expect_sent(RIG_POST("/"), "", "-", "");
}

/* By the method that the app sees, in whatever case it was written. */
static void test_which_method(void **state)
{
    static const struct rig_field listed[] = {{"REQUEST_METHOD", "HEAD"}};
    (void)state;
    expect_sent((struct rig_request){.method = "get", .params = {{"a", "1"}}}, "a=1", "-", "");
    expect_sent(RIG_HEAD("/", .params = {{"a", "1"}}), "a=1", "-", "");
    expect_sent(RIG_GET("/", .params = {{"a", "1"}}, .env = {{"REQUEST_METHOD", "POST"}}), "", FORM, "a=1");
    expect_sent(RIG_POST("/", .params = {{"a", "1"}}, .env_list = listed, .env_count = 1), "a=1", "-", "");
    expect_sent(RIG_GET("/", .params = {{"a", "1"}}, .env = {{"REQUEST_METHOD", NULL}}), "a=1", "-", "");
}

static void test_body_beats_params(void **state)
{
    (void)state;
    expect_sent(RIG_POST("/", .body = "raw", .params = {{"a", "1"}}), "", "-", "raw");
    expect_sent(RIG_POST("/", .bytes = {"", 0}, .params = {{"a", "1"}}), "", "-", "");
    expect_sent(RIG_GET("/", .body = "raw", .params = {{"a", "1"}}), "a=1", "-", "raw");
    expect_sent(RIG_POST("/", .params = {{"a", "1"}}, .headers = {{"Content-Type", "text/plain"}}), "", "text/plain",
                "a=1");
}

static void test_env_list(void **state)
{
    static const struct rig_field listed[] = {{"QUERY_STRING", "c"}, {"REQUEST_URI", NULL}, {"QUERY_STRING", "d"}};
    (void)state;
    struct rig_request request = RIG_GET("/?a", .env = {{"QUERY_STRING", "b"}}, .env_list = listed, .env_count = 1);
    expect_sent(request, "c", "-", "");
    request.env_count = COUNT(listed);
    expect_sent(request, "d", "-", "");
    assert_string_equal(uri, "-");
}

/* What is wrong on purpose is not put together anew. */
static void test_malformed(void **state)
{
    (void)state;
    struct rig_request request =
        RIG_GET("/a|b?q", .params = {{"a", "1"}}, .query_list = nested + 2, .query_count = 1, .malformed = true);
    expect_sent(request, "q&a=1&flag", "-", "");
    assert_string_equal(uri, "/a|b?q&a=1&flag");
    expect_sent(RIG_POST("/", .param_list = nested, .param_count = 1, .malformed = true), "", FORM, "a=1");
    rig_assert(rig_get(client, "/#a", .malformed = true), .status = 400, .refused = true);
    rig_assert(rig_get(client, "a", .malformed = true), .status = 400, .refused = true);
    rig_assert(rig_get(client, "http://h:99999/", .malformed = true), .status = 400, .refused = true);
    rig_assert(rig_get(client, "/", .http_version = "HTTP/3.0", .malformed = true), .status = 505, .refused = true);
}

/* ---- parts ---- */

/* "NAME[;FILENAME;TYPE;LENGTH]=CONTENT|" of each part that the app was sent. */
static const char *parts_seen(void)
{
    static char text[2000];
    struct rig_slice boundary;
    struct rig_multipart_form *form;
    size_t count, at = 0;
    assert_int_equal(rig_multipart_boundary_of(type, strlen(type), &boundary), 0);
    assert_int_equal(rig_multipart_form_open(boundary, (struct rig_multipart_options){0}, &form), 0);
    assert_int_equal(rig_multipart_form_add(form, body, body_size), 0);
    assert_int_equal(rig_multipart_form_end(form), 0);
    const struct rig_multipart_part *parts = rig_multipart_form_parts(form, &count);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const struct rig_multipart_head *head = &parts[i].head;
        struct rig_slice length = rig_multipart_header(head->lines, "Content-Length");
        int size = snprintf(text + at, sizeof text - at, "%s%s%s%s%s%s%s=%s|", head->name.data,
                            head->filename.data ? ";" : "", head->filename.data ? head->filename.data : "",
                            head->content_type.data ? ";" : "", head->content_type.data ? head->content_type.data : "",
                            length.data ? ";" : "", length.data ? "length" : "", parts[i].content.data);
        at += (size_t)size;
        assert_true(at < sizeof text);
    }
    rig_multipart_form_free(form);
    return text;
}

static void expect_parts(struct rig_request request, const char *content_type, const char *parts)
{
    rig_assert(rig_send(client, request), .status = 200);
    assert_int_equal(strncmp(type, content_type, strlen(content_type)), 0);
    assert_string_equal(parts_seen(), parts);
}

#define FORM_DATA "multipart/form-data; boundary="

static void test_parts_of_params(void **state)
{
    static const struct rig_part one = {.filename = "a.txt", .content_type = "text/plain", .body = "x"};
    static const struct rig_part two = {.filename = "b", .bytes = {"y", 1}, .length_header = true};
    const struct rig_param params[] = {
        RIG_PARAM_LIST_OF("f", {.file = &one}, {.file = &two}),
        RIG_PARAM_MAP_OF("p", {.name = "q", .value = "v"}, RIG_PARAM_MAP_OF("r", {.name = "s", .file = &one})),
        RIG_PARAM_LIST_OF("l", RIG_PARAM_MAP_OF(NULL, {.name = "a", .value = "1"}),
                          RIG_PARAM_MAP_OF(NULL, {.name = "a", .value = "2"})),
        RIG_PARAM_LIST_OF("n", RIG_PARAM_LIST_OF(NULL, {.value = "3"})),
        {.name = "empty"},
        {.name = "no_list", .kind = RIG_PARAM_LIST},
    };
    static const struct rig_part more[] = {{.name = "z", .body = "last"}};
    (void)state;
    struct rig_request request = RIG_POST("/?q", .params = {{"flat", "0"}}, .param_list = params);
    request.param_count = COUNT(params);
    expect_parts(request, FORM_DATA,
                 "flat=0|f[];a.txt;text/plain=x|f[];b;application/octet-stream;length=y|p[q]=v|"
                 "p[r][s];a.txt;text/plain=x|l[][a]=1|l[][a]=2|n[][]=3|empty=|");
    request.param_style = RIG_QUERY_STYLE_PLAIN;
    request.parts = more;
    request.part_count = 1;
    expect_parts(request, FORM_DATA,
                 "flat=0|f[];a.txt;text/plain=x|f[];b;application/octet-stream;length=y|p[q]=v|"
                 "p[r][s];a.txt;text/plain=x|l[][a]=1|l[][a]=2|n[]=3|empty=|z=last|");
    request.param_style = RIG_QUERY_STYLE_FLAT; /* as an HTML form sends several files of one input */
    request.param_count = 1;
    request.part_count = 0;
    request.parts = NULL;
    expect_parts(request, FORM_DATA, "flat=0|f;a.txt;text/plain=x|f;b;application/octet-stream;length=y|");
    assert_string_equal(query, "q");
}

static void test_multipart_by_type(void **state)
{
    (void)state;
    struct rig_request request = RIG_POST("/", .params = {{"a", "1"}}, .multipart = true);
    expect_parts(request, FORM_DATA, "a=1|");
    request.multipart = false;
    request.headers[0] = (struct rig_field){"content-type", "Multipart/Related"};
    expect_parts(request, "Multipart/Related; boundary=", "a=1|");
    request.headers[0].value = "multipart/form-data; boundary=\"own ?\"; x=y";
    expect_parts(request, "multipart/form-data; boundary=\"own ?\"; x=y", "a=1|");
    assert_memory_equal(body, "--own ?\r\n", 9);
    request.params[0] = (struct rig_field){NULL, NULL};
    request.form = true;
    expect_parts(request, "multipart/form-data; boundary=\"own ?\"; x=y", "");
    request.body = "raw";
    expect_sent(request, "", "multipart/form-data; boundary=\"own ?\"; x=y", "raw");
    expect_sent(RIG_POST("/", .params = {{"a", "1"}}, .headers = {{"Content-Type", "multiparts/x"}}), "",
                "multiparts/x", "a=1");
}

static void expect_wrong(struct rig_request request, const char *text)
{
    const struct rig_result *result = rig_send(client, request);
    assert_non_null(strstr(result->finding_count ? result->findings[0].message : "no finding", text));
    rig_assert(result, .error = -EINVAL, .findings = {"request.body.invalid"});
}

static void test_own_boundary_refused(void **state)
{
    (void)state;
    struct rig_request request = RIG_POST("/", .params = {{"a", "1"}, {"b", "has AaB03x in it"}});
    request.headers[0] = (struct rig_field){"Content-Type", "multipart/form-data; boundary=AaB03x"};
    expect_wrong(request, "\"AaB03x\" of the Content-Type: it stands in a part");
    request.headers[0].value = "multipart/form-data; boundary=\"a\xc3\xa4\"";
    expect_wrong(request, "1 to 70 letters");
    request.headers[0].value = "multipart/form-data; boundary=a; boundary=b";
    expect_wrong(request, "the Content-Type names no boundary that can be");
}

/* ---- files on disk ---- */

static char folder[] = "/tmp/test_client_params-XXXXXX";

static void write_file(const char *path, const void *content, size_t size)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    size_t written = fwrite(content, 1, size, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(written, size);
}

static void test_files(void **state)
{
    char path[64], large[64], whole[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/small.txt", folder);
    (void)snprintf(large, sizeof large, "%s/large", folder);
    (void)snprintf(whole, sizeof whole, "%s/empty", folder);
    static unsigned char content[60000];
    for (size_t i = 0; i < sizeof content; i++) {
        content[i] = (unsigned char)(i % 255);
    }
    write_file(path, "contents", 8);
    write_file(large, content, sizeof content);
    write_file(whole, "", 0);
    const struct rig_part small = {.path = path, .content_type = "a/b", .length_header = true}, none = {.path = whole};
    const struct rig_part parts[] = {{.name = "g", .path = path, .filename = "other"}, {.name = "h", .path = large}};
    const struct rig_param params[] = {{.name = "f", .file = &small}, {.name = "e", .file = &none}};
    expect_parts(RIG_POST("/", .param_list = params, .param_count = 2, .parts = parts, .part_count = 1), FORM_DATA,
                 "f;small.txt;a/b;length=contents|e;empty;application/octet-stream=|"
                 "g;other;application/octet-stream=contents|");
    rig_assert(rig_post(client, "/", .parts = parts + 1, .part_count = 1), .status = 200);
    const char *sent = strstr(body, "octet-stream\r\n\r\n");
    assert_non_null(sent);
    sent += strlen("octet-stream\r\n\r\n");
    assert_memory_equal(sent, content, sizeof content);
    assert_memory_equal(sent + sizeof content, "\r\n--", 4);
    assert_true(unlink(path) == 0 && unlink(large) == 0 && unlink(whole) == 0 && rmdir(folder) == 0);
}

static void test_files_that_cannot_be_read(void **state)
{
    static const struct rig_part missing = {.path = "/no/such/file"}, device = {.path = "/dev/zero"},
                                 directory = {.path = "/"};
    static const struct rig_part both[] = {{.name = "a", .path = "/etc/passwd", .body = "x"}};
    (void)state;
    struct rig_param param = {.name = "f", .file = &missing};
    expect_wrong(RIG_POST("/", .param_list = &param, .param_count = 1),
                 "the file \"/no/such/file\" of the part \"f\": it cannot be read (ENOENT)");
    param.file = &device;
    expect_wrong(RIG_POST("/", .param_list = &param, .param_count = 1),
                 "\"/dev/zero\" of the part \"f\": it is no plain");
    param.file = &directory;
    expect_wrong(RIG_POST("/", .param_list = &param, .param_count = 1), "EISDIR");
    expect_wrong(RIG_POST("/", .parts = both, .part_count = 1), ".parts[0]: a part with more than one of");
    char fifo[] = "/tmp/test_client_params-fifo-XXXXXX";
    assert_non_null(mkdtemp(fifo));
    char path[64];
    (void)snprintf(path, sizeof path, "%s/fifo", fifo);
    assert_int_equal(mkfifo(path, 0600), 0);
    const struct rig_part waits = {.path = path};
    param.file = &waits;
    expect_wrong(RIG_POST("/", .param_list = &param, .param_count = 1), "it is no plain file");
    assert_true(unlink(path) == 0 && rmdir(fifo) == 0);
}

/* Ends in an error, whatever there is below. */
static void test_too_deep(void **state)
{
    static struct rig_param deep[100000];
    static const struct rig_part file = {.body = "x"};
    (void)state;
    for (size_t i = 0; i < COUNT(deep); i++) {
        deep[i] = (struct rig_param){.name = "a", .kind = RIG_PARAM_MAP, .items = &deep[i + 1], .item_count = 1};
    }
    deep[COUNT(deep) - 1] = (struct rig_param){.name = "a", .file = &file};
    rig_assert(rig_post(client, "/", .param_list = deep, .param_count = 1), .error = -EINVAL,
               .findings = {"request.params.invalid"});
    rig_assert(rig_get(client, "/", .param_list = deep, .param_count = 1), .error = -EINVAL,
               .findings = {"request.params.invalid"});
    rig_assert(rig_post(client, "/", .multipart = true, .param_list = deep, .param_count = 1), .error = -EINVAL,
               .findings = {"request.params.invalid"});
    deep[255].kind = RIG_PARAM_VALUE; /* 256 of them */
    deep[255].items = NULL;
    deep[255].item_count = 0;
    rig_assert(rig_post(client, "/", .param_list = deep, .param_count = 1), .status = 200);
    rig_assert(rig_post(client, "/", .multipart = true, .param_list = deep, .param_count = 1), .status = 200);
}

#define TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_nested),
                                       TEST(test_flat_and_nested),
                                       TEST(test_no_params),
                                       TEST(test_which_method),
                                       TEST(test_body_beats_params),
                                       TEST(test_env_list),
                                       TEST(test_malformed),
                                       TEST(test_parts_of_params),
                                       TEST(test_multipart_by_type),
                                       TEST(test_own_boundary_refused),
                                       TEST(test_files),
                                       TEST(test_files_that_cannot_be_read),
                                       TEST(test_too_deep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
