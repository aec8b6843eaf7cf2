/* The stack behind the real libmicrohttpd, on loopback. */
#define _GNU_SOURCE
#include "tests/hosts/served.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "Host: example.org\r\n"

static struct log log_text;
static struct rig_stack *stack;
static struct rig_host *host;
static const char *address;
static struct rig_talk_answer answer;

static struct rig_host *serve(struct rig_serve_options options)
{
    static char error[512];
    options.error = error;
    options.error_size = sizeof error;
    options.log = log_line;
    options.log_self = &log_text;
    struct rig_host *served = rig_serve_microhttpd(stack, options);
    if (!served) {
        fail_msg("%s", error);
    }
    address = rig_serve_address(served);
    return served;
}

static int setup(void **state)
{
    (void)state;
    log_text.text[0] = '\0';
    stack = served_stack();
    host = serve((struct rig_serve_options){0});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_talk_free(&answer);
    assert_int_equal(rig_serve_stop(host), 0);
    host = NULL;
    rig_stack_free(stack);
    return 0;
}

static void again(struct rig_serve_options options)
{
    assert_int_equal(rig_serve_stop(host), 0);
    host = serve(options);
}

static void asks(int fd, const char *head, const void *data, size_t size)
{
    rig_talk_free(&answer);
    ask_bytes(fd, head, data, size, &answer);
}

static void asks_alone(const char *head, const void *data, size_t size)
{
    int fd = connected(address);
    asks(fd, head, data, size);
    (void)close(fd);
}

static void got(int status, const char *body)
{
    assert_int_equal(answer.outcome, RIG_TALK_WHOLE);
    assert_int_equal(answer.status, status);
    if (body) {
        assert_string_equal(answer.body, body);
    }
}

static void is_field(const char *name, const char *value)
{
    const char *found = rig_talk_field(&answer, name);
    assert_non_null(found);
    assert_string_equal(found, value);
}

static void has_line(const char *line)
{
    const char *found = strstr(answer.body, line);
    if (!found || (found > answer.body && found[-1] != '\n') || found[strlen(line)] != '\n') {
        fail_msg("no line %s in\n%s", line, answer.body);
    }
}

/* ---- requests ---- */

static void test_env(void **state)
{
    (void)state;
    asks_alone("GET /env HTTP/1.1\r\nHost: example.org:81\r\nX-Two: a\r\nx-two: b\r\nX-Empty:\r\n\r\n", NULL, 0);
    got(200, NULL);
    has_line("REQUEST_METHOD=GET");
    has_line("PATH_INFO=/env");
    has_line("SERVER_NAME=example.org");
    has_line("SERVER_PORT=81");
    has_line("SERVER_PROTOCOL=HTTP/1.1");
    has_line("REMOTE_ADDR=127.0.0.1");
    has_line("HTTP_HOST=example.org:81");
    has_line("HTTP_X_TWO=a, b");
    has_line("HTTP_X_EMPTY=");
    is_field("X-Tag", "served");
}

/* As it came: nothing is decoded on the way. */
static void test_target(void **state)
{
    (void)state;
    asks_alone("GET /e%6Ev/../%2f?a=%20+&b HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(404, "not here");
    asks_alone("GET /env?a=%20+&b HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    has_line("QUERY_STRING=a=%20+&b");
    has_line("REQUEST_URI=/env?a=%20+&b");
    asks_alone("GET http://other:8/env HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    has_line("SERVER_NAME=other");
    has_line("SERVER_PORT=8");
}

static void test_refused(void **state)
{
    (void)state;
    asks_alone("GET /en|v HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(400, "");
    asks_alone("GET /env HTTP/1.1\r\n\r\n", NULL, 0); /* without Host: libmicrohttpd's own */
    assert_int_equal(answer.status, 400);
}

static void test_kept(void **state)
{
    (void)state;
    int fd = connected(address);
    for (int i = 0; i < 3; i++) {
        asks(fd, "GET /works?0 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
        got(200, "done");
        is_field("Content-Length", "4");
        assert_true(answer.kept);
    }
    asks(fd, "GET /works?0 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", NULL, 0);
    got(200, "done");
    assert_true(rig_talk_ended(fd));
    (void)close(fd);
    asks_alone("GET /works?0 HTTP/1.0\r\n\r\n", NULL, 0);
    got(200, "done");
}

static void test_body(void **state)
{
    (void)state;
    char *data = pattern_new(1000000);
    int fd = connected(address);
    asks(fd, "POST /count HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\n", data, 1000000);
    got(200, "1000000");
    asks(fd, "POST /count HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", NULL, 0);
    got(200, "0");
    (void)close(fd);
    free(data);
}

static void test_body_chunked(void **state)
{
    (void)state;
    static const char chunks[] = "1\r\n\0\r\n2\r\n\1\2\r\n0\r\n\r\n";
    int fd = connected(address);
    for (int i = 0; i < 2; i++) {
        asks(fd, "POST /count HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", chunks, sizeof chunks - 1);
        got(200, "3");
        assert_true(answer.kept);
    }
    (void)close(fd);
}

/* The stack has the first half before the second is sent. */
static void test_body_streams(void **state)
{
    (void)state;
    static const char head[] = "POST /count HTTP/1.1\r\n" HOST "Content-Length: 2000\r\n\r\n";
    char *data = pattern_new(2000);
    int fd = connected(address);
    assert_int_equal(send(fd, head, sizeof head - 1, 0), sizeof head - 1);
    assert_int_equal(send(fd, data, 1000, 0), 1000);
    wait_for_bytes(1000);
    asks(fd, "", data + 1000, 1000);
    got(200, "2000");
    (void)close(fd);
    free(data);
}

static void test_expect(void **state)
{
    (void)state;
    char *data = pattern_new(5000);
    asks_alone("POST /count HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n", data, 5000);
    got(200, "5000");
    assert_true(answer.continued);
    asks_alone("POST /deny HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n", data, 5000);
    got(401, "who?");
    assert_false(answer.continued);
    free(data);
}

/* ---- answers ---- */

static void test_headers(void **state)
{
    (void)state;
    asks_alone("GET /headers HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(202, "five!");
    size_t cookies = 0;
    for (size_t i = 0; i < answer.field_count; i++) {
        cookies += strcmp(answer.fields[i].name, "Set-Cookie") == 0;
        assert_string_not_equal(answer.fields[i].name, "X-Injected");
    }
    assert_int_equal(cookies, 2);
    is_field("Content-Length", "5");
    assert_null(rig_talk_field(&answer, "X-Bad"));
    assert_true(log_holds(&log_text, "GET /headers: libmicrohttpd refuses the answer's header X-Bad: left out\n"));
    asks_alone("GET /forges HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, "forged");
    assert_true(log_holds(&log_text, "refuses the answer's header X-A\\x0d\\x0aFAKE LOG LINE: left out\n"));
}

static void test_many(void **state)
{
    (void)state;
    asks_alone("GET /many HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, NULL);
    assert_int_equal(answer.body_size, 3000000);
    assert_true(is_pattern(answer.body, answer.body_size));
}

static void test_streams(void **state)
{
    (void)state;
    int fd = connected(address);
    asks(fd, "GET /stream?100000 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, NULL);
    assert_int_equal(answer.body_size, 100000);
    assert_true(is_pattern(answer.body, answer.body_size));
    assert_true(answer.chunked && answer.kept);
    asks(fd, "GET /sized?100000 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, NULL);
    assert_int_equal(answer.body_size, 100000);
    is_field("Content-Length", "100000");
    asks(fd, "GET /stream?0 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, "");
    asks(fd, "GET /file HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, NULL);
    assert_non_null(strstr(answer.body, "STACKRIG_TESTS_HOSTS_SERVED_H"));
    (void)close(fd);
}

static void test_stream_breaks(void **state)
{
    (void)state;
    asks_alone("GET /breaks?5000 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    assert_int_equal(answer.outcome, RIG_TALK_TRUNCATED);
    assert_int_equal(answer.status, 200);
    again((struct rig_serve_options){0});
    assert_int_equal(seen.streams, 1);
    assert_true(log_holds(&log_text, "GET /breaks?5000: its answer broke off with -5 (EIO)\n"));
}

/* The client leaves in the middle of a stream: it is closed all the same. */
static void test_stream_left(void **state)
{
    (void)state;
    static const char head[] = "GET /stream?100000000 HTTP/1.1\r\n" HOST "\r\n";
    int fd = connected(address);
    assert_int_equal(send(fd, head, sizeof head - 1, 0), sizeof head - 1);
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 1);
    (void)close(fd);
    again((struct rig_serve_options){0});
    assert_int_equal(seen.streams, 1);
}

static void test_echo(void **state)
{
    (void)state;
    char *data = pattern_new(300000);
    int fd = connected(address);
    asks(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 300000\r\n\r\n", data, 300000);
    got(200, NULL);
    assert_int_equal(answer.body_size, 300000);
    assert_true(is_pattern(answer.body, answer.body_size));
    assert_true(answer.kept);
    (void)close(fd);
    free(data);
}

static void test_head(void **state)
{
    (void)state;
    int fd = connected(address);
    asks(fd, "HEAD /works?0 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, "");
    is_field("Content-Length", "4");
    asks(fd, "HEAD /sized?5000 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, "");
    is_field("Content-Length", "5000");
    asks(fd, "GET /none HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(204, "");
    asks(fd, "GET /works?0 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, "done"); /* nothing of a body was sent before it */
    asks(fd, "HEAD /stream?5000 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, "");
    assert_null(rig_talk_field(&answer, "Transfer-Encoding"));
    assert_true(rig_talk_ended(fd)); /* and no chunk came before that */
    (void)close(fd);
    again((struct rig_serve_options){0});
    assert_int_equal(seen.streams, 2);
}

static void test_fails(void **state)
{
    (void)state;
    asks_alone("GET /fails HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(500, "");
    asks_alone("GET /bad_status HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    assert_int_equal(answer.status, 500);
    again((struct rig_serve_options){0});
    assert_true(log_holds(&log_text, "it fails with 5\nGET /fails: no layer handled -5 (EIO)\n"));
    assert_true(log_holds(&log_text, "GET /bad_status: libmicrohttpd refuses an answer of status 42\n"));
}

/* ---- early answers: what the stack leaves is read away, so that the answer arrives ---- */

static void test_early(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 1000, 65536, 1000000, 8000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int naive = 0; naive < 2; naive++) {
            char head[256];
            char *data = pattern_new(sizes[i]);
            int fd = connected(address);
            (void)snprintf(head, sizeof head, "POST %s HTTP/1.1\r\n" HOST "%sContent-Length: %zu\r\n\r\n",
                           i % 2 ? "/peek" : "/deny", naive ? "X-Naive: yes\r\n" : "", sizes[i]);
            asks(fd, head, data, sizes[i]);
            got(i % 2 ? 403 : 401, i % 2 ? "no" : "who?");
            assert_true(answer.kept);
            asks(fd, "GET /works?0 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
            got(200, "done");
            (void)close(fd);
            free(data);
        }
    }
}

/* ---- limits ---- */

static void test_body_limit(void **state)
{
    (void)state;
    char *data = pattern_new(3000);
    static const char chunks[] = "3e8\r\n";
    char chunked[2100];
    again((struct rig_serve_options){.body_max = 1000});
    asks_alone("POST /count HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n", data, 1000);
    got(200, "1000");
    asks_alone("POST /count HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n", data, 1001);
    got(413, "");
    memcpy(chunked, chunks, 5);
    memcpy(chunked + 5, data, 1000);
    memcpy(chunked + 1005, "\r\n1\r\nx\r\n0\r\n\r\n", 13);
    int fd = connected(address);
    asks(fd, "POST /count HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", chunked, 1018);
    got(413, "");
    assert_int_equal(seen.last_read, -EFBIG);
    asks(fd, "POST /deny HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", chunked, 1018);
    got(401, "who?"); /* the stack did not ask for it */
    (void)close(fd);
    free(data);
}

static void test_head_limit(void **state)
{
    (void)state;
    size_t size = 100000;
    char *head = malloc(size + 100), *at = head;
    assert_non_null(head);
    at += sprintf(at, "GET /env HTTP/1.1\r\n" HOST "X-Long: ");
    memset(at, 'x', size - 60);
    (void)strcpy(at + size - 60, "\r\n\r\n");
    asks_alone(head, NULL, 0);
    assert_int_equal(answer.status, 431);
    again((struct rig_serve_options){.head_max = 4 * size});
    asks_alone(head, NULL, 0);
    assert_int_equal(answer.status, 200);
    free(head);
}

/* ---- time ---- */

/* The stack may take longer than a silent client. */
static void test_slow_stack(void **state)
{
    (void)state;
    again((struct rig_serve_options){.timeout = 1});
    int fd = connected(address);
    char *data = pattern_new(1000000);
    asks(fd, "POST /works?2300 HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\n", data, 1000000);
    got(200, "done");
    free(data);
    asks(fd, "GET /works?0 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, "done");
    (void)close(fd);
    asks_alone("GET /pauses?2000 HTTP/1.1\r\n" HOST "\r\n", NULL, 0); /* between two pieces, too */
    assert_int_equal(answer.outcome, RIG_TALK_WHOLE);
    assert_int_equal(answer.body_size, 2000);
}

static void test_silent_client(void **state)
{
    (void)state;
    static const char head[] = "POST /count HTTP/1.1\r\n" HOST "Content-Length: 2000\r\n\r\nabc";
    again((struct rig_serve_options){.timeout = 1});
    int fd = connected(address);
    assert_int_equal(send(fd, head, sizeof head - 1, 0), sizeof head - 1);
    char byte;
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    (void)close(fd);
    again((struct rig_serve_options){0});
    assert_int_equal(seen.last_read, -ECONNRESET);
}

static void test_clock(void **state)
{
    (void)state;
    again((struct rig_serve_options){.now = 5});
    asks_alone("GET /works?0 HTTP/1.1\r\n" HOST "\r\n", NULL, 0);
    got(200, "done");
}

/* ---- many at once ---- */

static void *client_thread(void *closure)
{
    size_t *wrong = closure;
    int fd = rig_talk_open(address);
    for (int i = 0; i < 20 && fd >= 0; i++) {
        struct rig_talk_answer mine;
        static const char request[] = "GET /works?5 HTTP/1.1\r\n" HOST "\r\n";
        const struct rig_talk_request what = {.data = request, .size = sizeof request - 1};
        *wrong += rig_talk(fd, &what, &mine) != 0 || mine.status != 200 || strcmp(mine.body, "done") != 0;
        rig_talk_free(&mine);
    }
    *wrong += fd < 0;
    (void)close(fd);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[8];
    size_t wrong[8] = {0};
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, client_thread, &wrong[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        (void)pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
    assert_true(seen.most > 1);
}

static const struct CMUnitTest tests[] = {
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)
    TEST(test_env),           TEST(test_target),       TEST(test_refused),      TEST(test_kept),
    TEST(test_body),          TEST(test_body_chunked), TEST(test_body_streams), TEST(test_expect),
    TEST(test_headers),       TEST(test_many),         TEST(test_streams),      TEST(test_stream_breaks),
    TEST(test_stream_left),   TEST(test_echo),         TEST(test_head),         TEST(test_fails),
    TEST(test_early),         TEST(test_body_limit),   TEST(test_head_limit),   TEST(test_slow_stack),
    TEST(test_silent_client), TEST(test_clock),        TEST(test_threads),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
