/* Handlers and loops written for libfcgi, unchanged, over memory. */
#include <stackrig/cmocka.h>
#include <stackrig/faults.h>
#include <stackrig/stackrig.h>

#include <fcgiapp.h>
#include <stackrig/fcgi.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig_client *client;

static void begin_with(struct rig_app app)
{
    client = rig_client_new(app, (struct rig_client_options){0});
    assert_non_null(client);
}

static int end(void **state)
{
    (void)state;
    rig_client_free(client);
    client = NULL;
    return 0;
}

/* ---- one handler ---- */

static int echoes(FCGX_Request *request)
{
    char piece[10];
    int got;
    FCGX_FPrintF(request->out, "Status: 201 Made\r\nContent-Type: text/plain\r\nX-Method: %s\r\n\r\n",
                 FCGX_GetParam("REQUEST_METHOD", request->envp));
    while ((got = FCGX_GetStr(piece, sizeof piece, request->in)) > 0) {
        FCGX_PutStr(piece, got, request->out);
    }
    FCGX_FPrintF(request->err, "said %d", 42);
    return 0;
}

static void a_request_and_its_answer(void **state)
{
    (void)state;
    begin_with(stackrig_fcgi_app(echoes));
    const struct rig_result *result = rig_post(client, "/a?b=c", .body = "twenty bytes of body");
    rig_assert(result, .status = 201, .body = "twenty bytes of body",
               .headers = {{"Content-Type", "text/plain"}, {"X-Method", "POST"}});
    assert_string_equal(result->log, "said 42");
    assert_int_equal(result->hop_count, 2);
    assert_string_equal(result->hops[1].layer, "echoes");
    assert_int_equal(result->hops[1].body.read, 20);
}

static int64_t read_letters(void *self, void *buffer, size_t size)
{
    uint64_t *left = self;
    size = size < *left ? size : (size_t)*left;
    memset(buffer, 'x', size);
    *left -= size;
    return (int64_t)size;
}

static void a_long_body_comes_back(void **state)
{
    uint64_t left = 300001;
    (void)state;
    begin_with(stackrig_fcgi_app(echoes));
    const struct rig_result *result =
        rig_post(client, "/", .source = {.read = read_letters, .self = &left}, .source_size = 300001);
    rig_assert(result, .status = 201);
    assert_int_equal(result->body_size, 300001);
    assert_int_equal(result->hops[1].body.read, 300001);
}

/* ---- what is left in the stream ---- */

static int reads_some(FCGX_Request *request)
{
    char *name = FCGX_GetParam("QUERY_STRING", request->envp);
    int wanted = atoi(name);
    for (int i = 0; i < wanted; i++) {
        if (FCGX_GetChar(request->in) < 0) {
            break;
        }
    }
    if (wanted == 5) {
        FCGX_UnGetChar('x', request->in);
        (void)FCGX_GetChar(request->in);
    }
    FCGX_PutS("Status: 401\r\n\r\nwho?", request->out); /* the answer's line */
    return 0;
}

static void unread_to_the_byte(void **state)
{
    (void)state;
    begin_with(stackrig_fcgi_app(reads_some));
    for (unsigned read = 0; read <= 9; read += 3) {
        char target[16];
        (void)snprintf(target, sizeof target, "/?%u", read);
        const struct rig_result *result = rig_post(client, target, .body = "123456789");
        assert_int_equal(result->hops[1].body.read, read);
        assert_int_equal(result->delivery.unread, 9 - read);
        if (read < 9) {
            rig_assert(result, .status = 401, .body = "who?", .findings = {"input.early_answer.unread"});
            const struct rig_finding *found = result->findings;
            assert_string_equal(found->layer, "reads_some");
            assert_non_null(strstr(found->site, "test_fcgi.c:"));
            assert_non_null(strstr(found->mend, "FCGX_GetStr"));
        } else {
            rig_assert(result, .status = 401);
        }
    }
    /* put back and read again is read once; the first piece is not the last */
    const struct rig_result *result =
        rig_post(client, "/?5", .body = "123456789", .pieces = (size_t[]){3, 4, 2}, .piece_count = 3);
    rig_assert(result, .status = 401, .findings = {"input.early_answer.unread"});
    assert_int_equal(result->hops[1].body.read, 5);
}

/* ---- a whole program ---- */

static unsigned turns, ended;

static int serves(void *closure)
{
    FCGX_Request request;
    int number = FCGX_OpenSocket((const char *)closure, 5);
    (void)FCGX_Init();
    (void)FCGX_InitRequest(&request, number, 0);
    while (FCGX_Accept_r(&request) == 0) {
        char word[5] = "";
        turns++;
        (void)FCGX_GetStr(word, 4, request.in); /* the rest is left to whom it concerns */
        FCGX_FPrintF(request.out, "Content-Type: text/plain\r\n\r\nturn %d: %s", turns, word);
    }
    FCGX_Free(&request, 1);
    ended++;
    return 0;
}

static void a_loop_takes_turns(void **state)
{
    static char path[] = "/run/never.sock";
    (void)state;
    turns = ended = 0;
    begin_with(stackrig_fcgi_loop(serves, path));
    assert_int_equal(turns, 0);
    rig_assert(rig_get(client, "/"), .status = 200, .body = "turn 1: ");
    const struct rig_result *result = rig_post(client, "/", .body = "abcdefgh");
    rig_assert(result, .status = 200, .body = "turn 2: abcd", .findings = {"input.early_answer.unread"});
    assert_string_equal(result->hops[1].layer, "serves");
    rig_assert(rig_post(client, "/", .body = "ijk"), .status = 200, .body = "turn 3: ijk"); /* nothing of efgh */
    assert_int_equal(turns, 3);
    assert_int_equal(ended, 0);
    (void)end(state);
    assert_int_equal(ended, 1);
}

static int leaves(void *closure)
{
    FCGX_Request request;
    (void)closure;
    (void)FCGX_InitRequest(&request, 0, 0);
    if (FCGX_Accept_r(&request) == 0) {
        FCGX_Finish_r(&request);
        FCGX_Free(&request, 1);
    }
    return 1;
}

static void a_loop_that_ends(void **state)
{
    (void)state;
    begin_with(stackrig_fcgi_loop(leaves, NULL));
    rig_assert(rig_get(client, "/"), .status = 502, .findings = {"fastcgi.head.invalid"});
    rig_assert(rig_get(client, "/"), .status = 500, .error = -ESHUTDOWN);
    (void)end(state);
    assert_null(stackrig_fcgi_app(NULL).call);
    assert_null(stackrig_fcgi_loop(NULL, NULL).call);
}

/* ---- heads ---- */

static const char *written;

static int writes(FCGX_Request *request)
{
    char rest[64];
    FCGX_PutS(written, request->out);
    while (FCGX_GetStr(rest, sizeof rest, request->in) > 0) {
    }
    return 7;
}

static void test_fastcgi_head_of_cgi(void **state)
{
    static const struct {
        const char *text;
        int status;
        const char *body;
    } rows[] = {{"\n", 200, ""},
                {"A: b\n\nbody", 200, "body"},
                {"Status: 404\r\n\r\n", 404, ""},
                {"status:204 No Content\r\n\r\n", 204, ""},
                {"Location: /x\r\nContent-Type: text/html\r\n\r\nsee", 302, "see"},
                {"Location: /x\r\nStatus: 301 Moved\r\n\r\n", 301, ""}};
    (void)state;
    begin_with(stackrig_fcgi_app(writes));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        written = rows[i].text;
        rig_assert(rig_post(client, "/", .body = "b"), .status = rows[i].status, .body = rows[i].body);
    }
}

static void a_line_without_a_colon(void **state)
{
    (void)state;
    begin_with(stackrig_fcgi_app(writes));
    written = "hello\r\nX-A: b\r\n\r\n";
    const struct rig_result *result = rig_post(client, "/", .body = "b");
    rig_assert(result, .status = 200, .headers = {{"X-A", "b"}}, .findings = {"fastcgi.head.invalid"});
    assert_int_equal(result->findings[0].level, RIG_LEVEL_WARNING);
}

static void test_fastcgi_head_missing(void **state)
{
    static const char *const texts[] = {"",
                                        "A: b",
                                        "A: b\r\n",
                                        "Content-Length: 5\r\n: b\r\n\r\n",
                                        ": b\r\n\r\n",
                                        "Status: \r\n\r\n",
                                        "Status: 20\r\n\r\n",
                                        "Status: 2000\r\n\r\n"};
    (void)state;
    begin_with(stackrig_fcgi_app(writes));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        written = texts[i];
        const struct rig_result *result = rig_post(client, "/", .body = "b");
        rig_assert(result, .status = 502, .findings = {"fastcgi.head.invalid"});
        assert_string_equal(result->findings[0].layer, "writes");
        assert_null(rig_result_header(result, "A")); /* the web server's own answer has none of its fields */
    }
}

/* ---- a body that breaks off ---- */

static int64_t read_error(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return -ECONNRESET;
}

static bool careful;

static int stores(FCGX_Request *request)
{
    char word[8];
    int got = FCGX_GetStr(word, sizeof word, request->in);
    FCGX_FPrintF(request->out, "Status: %d\r\n\r\n", careful && got < 8 && FCGX_GetError(request->in) ? 400 : 200);
    return 0;
}

static void a_body_that_breaks_off(void **state)
{
    (void)state;
    begin_with(stackrig_fcgi_app(stores));
    careful = true;
    rig_assert(rig_post(client, "/", .source = {.read = read_error}, .source_size = 8), .status = 400);
    careful = false;
    const struct rig_result *result = rig_post(client, "/", .source = {.read = read_error}, .source_size = 8);
    rig_assert(result, .status = 200, .findings = {"input.truncated.accepted"});
    assert_string_equal(result->findings[0].layer, "stores");
}

/* ---- out of memory ---- */

static void memory_that_runs_out(void **state)
{
    (void)state;
    begin_with(stackrig_fcgi_app(echoes));
    struct rig_fault_report report =
        rig_each_fault(client, RIG_POST("/", .body = "twenty bytes of body"), .kinds = 1u << RIG_FAULT_POOL);
    assert_int_equal(report.error, 0);
    assert_true(report.verdicts[RIG_FAULT_PASSED_ON] > 2);
    assert_int_equal(report.case_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_request_and_its_answer, end),
        cmocka_unit_test_teardown(a_long_body_comes_back, end),
        cmocka_unit_test_teardown(unread_to_the_byte, end),
        cmocka_unit_test_teardown(a_loop_takes_turns, end),
        cmocka_unit_test_teardown(a_loop_that_ends, end),
        cmocka_unit_test_teardown(test_fastcgi_head_of_cgi, end),
        cmocka_unit_test_teardown(test_fastcgi_head_missing, end),
        cmocka_unit_test_teardown(a_line_without_a_colon, end),
        cmocka_unit_test_teardown(a_body_that_breaks_off, end),
        cmocka_unit_test_teardown(memory_that_runs_out, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
