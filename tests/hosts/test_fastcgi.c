/* The stack behind the real libfcgi, asked as a web server asks (FastCGI 1.0). */
#define _GNU_SOURCE
#include "tests/hosts/served.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BEGIN = 1, END = 3, PARAMS, STDIN, STDOUT };

static struct log log_text;
static struct rig_stack *stack;
static struct rig_host *host;
static char why[512], folder[] = "/tmp/stackrig-fastcgi-XXXXXX", address[128];

/* What came back. */
static struct {
    char text[4000000];
    size_t size;
    bool ended; /* with its END_REQUEST */
    const char *body;
} answer;

static struct rig_host *serve(struct rig_serve_options options)
{
    options.address = options.address ? options.address : address;
    options.error = why;
    options.error_size = sizeof why;
    options.log = log_line;
    options.log_self = &log_text;
    return rig_serve_fastcgi(stack, options);
}

static int setup(void **state)
{
    (void)state;
    log_text.text[0] = '\0';
    stack = served_stack();
    host = serve((struct rig_serve_options){0});
    if (!host) {
        fail_msg("%s", why);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(rig_serve_stop(host), 0);
    rig_stack_free(stack);
    return 0;
}

/* ---- a web server ---- */

static int dial(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    (void)strcpy(to.sun_path, address + 5);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void record(int fd, int type, const void *data, size_t size)
{
    unsigned char head[8] = {1, (unsigned char)type, 0, 1, (unsigned char)(size >> 8), (unsigned char)size, 0, 0};
    (void)send(fd, head, 8, MSG_NOSIGNAL);
    if (size > 0) {
        (void)send(fd, data, size, MSG_NOSIGNAL);
    }
}

static void add_param(char *to, size_t *size, const char *name, const char *value)
{
    to[(*size)++] = (char)strlen(name);
    to[(*size)++] = (char)strlen(value);
    *size += (size_t)sprintf(to + *size, "%s%s", name, value);
}

/* extra: "NAME", "value", ..., NULL */
static void begin(int fd, const char *method, const char *uri, bool keep, size_t length, const char *const *extra)
{
    char params[2000], digits[24];
    size_t size = 0;
    const unsigned char role[8] = {0, 1, keep, 0, 0, 0, 0, 0};
    (void)snprintf(digits, sizeof digits, "%zu", length);
    digits[0] = length ? digits[0] : '\0';
    add_param(params, &size, "REQUEST_METHOD", method);
    add_param(params, &size, "REQUEST_URI", uri);
    add_param(params, &size, "SERVER_PROTOCOL", "HTTP/1.1");
    add_param(params, &size, "CONTENT_LENGTH", digits);
    add_param(params, &size, "CONTENT_TYPE", "");
    add_param(params, &size, "HTTP_HOST", "example.org");
    for (; extra && *extra; extra += 2) {
        add_param(params, &size, extra[0], extra[1]);
    }
    record(fd, BEGIN, role, 8);
    record(fd, PARAMS, params, size);
    record(fd, PARAMS, NULL, 0);
}

static void send_body(int fd, const char *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t piece = size - at < 30000 ? size - at : 30000;
        record(fd, STDIN, data + at, piece);
        at += piece;
    }
    record(fd, STDIN, NULL, 0);
}

static void receive(int fd)
{
    unsigned char head[8], rest[256];
    answer.size = 0;
    answer.ended = false;
    while (!answer.ended && recv(fd, head, 8, MSG_WAITALL) == 8) {
        size_t size = (size_t)head[4] << 8 | head[5];
        char *to = head[1] == STDOUT ? answer.text + answer.size : (char *)rest;
        assert_true(head[1] == STDOUT || size <= sizeof rest);
        if (size > 0 && recv(fd, to, size, MSG_WAITALL) != (ssize_t)size) {
            break;
        }
        answer.size += head[1] == STDOUT ? size : 0;
        (void)recv(fd, rest, head[6], head[6] ? MSG_WAITALL : MSG_DONTWAIT);
        answer.ended = head[1] == END;
    }
    answer.text[answer.size] = '\0';
    char *blank = strstr(answer.text, "\r\n\r\n");
    answer.body = blank ? blank + 4 : "";
}

static void ask_of(const char *method, const char *uri, const char *data, size_t size)
{
    int fd = dial();
    begin(fd, method, uri, false, size, NULL);
    send_body(fd, data, size);
    receive(fd);
    (void)close(fd);
}

static size_t body_size(void)
{
    return answer.size - (size_t)(answer.body - answer.text);
}

static void got(const char *status, const char *body)
{
    assert_true(answer.ended);
    assert_memory_equal(answer.text, status, strlen(status));
    if (body) {
        assert_string_equal(answer.body, body);
    }
}

static void has(const char *text)
{
    if (!strstr(answer.text, text)) {
        fail_msg("no %s in\n%s", text, answer.text);
    }
}

/* ---- requests and answers ---- */

static void test_env(void **state)
{
    (void)state;
    static const char *const extra[] = {"HTTP_X_TWO_PARTS", "a",   "SERVER_NAME", "web", "SERVER_PORT", "8443",
                                        "REMOTE_ADDR",      "::1", "HTTPS",       "on",  "X_OWN",       "mine",
                                        "HTTP_EMPTY",       "",    NULL};
    int fd = dial();
    begin(fd, "GET", "/env?a=%20", false, 0, extra);
    send_body(fd, NULL, 0);
    receive(fd);
    (void)close(fd);
    got("Status: 200 OK\r\n", NULL);
    has("\nREQUEST_METHOD=GET\n");
    has("\nREQUEST_URI=/env?a=%20\n");
    has("\nPATH_INFO=/env\n");
    has("\nQUERY_STRING=a=%20\n");
    has("\nHTTP_X_TWO_PARTS=a\n");
    has("\nHTTP_EMPTY=\n");
    has("\nSERVER_NAME=web\n");
    has("\nSERVER_PORT=8443\n");
    has("\nREMOTE_ADDR=::1\n");
    has("\nHTTPS=on\n");
    has("\nX_OWN=mine\n");
    has("X-Tag: served\r\n");
    assert_null(strstr(answer.text, "CONTENT_TYPE"));
}

static void test_body(void **state)
{
    (void)state;
    char *data = pattern_new(1000000);
    ask_of("POST", "/count", data, 1000000);
    got("Status: 200 OK\r\n", "1000000");
    has("Content-Length: 7\r\n");
    ask_of("POST", "/echo", data, 100000); /* what a socket holds: this web server sends all before it reads */
    got("Status: 200 OK\r\n", NULL);
    assert_int_equal(body_size(), 100000);
    assert_true(is_pattern(answer.body, 100000));
    ask_of("POST", "/deny", data, 1000000);
    got("Status: 401 Unauthorized\r\n", "who?");
    free(data);
}

static void test_body_streams(void **state)
{
    (void)state;
    char *data = pattern_new(2000);
    int fd = dial();
    begin(fd, "POST", "/count", false, 2000, NULL);
    record(fd, STDIN, data, 1000);
    wait_for_bytes(1000);
    send_body(fd, data + 1000, 1000);
    receive(fd);
    got("Status: 200 OK\r\n", "2000");
    (void)close(fd);
    free(data);
}

static void test_answers(void **state)
{
    (void)state;
    ask_of("GET", "/many", NULL, 0);
    got("Status: 200 OK\r\n", NULL);
    assert_int_equal(body_size(), 3000000);
    ask_of("GET", "/stream?100000", NULL, 0);
    got("Status: 200 OK\r\n", NULL);
    assert_int_equal(body_size(), 100000);
    assert_null(strstr(answer.text, "Content-Length"));
    ask_of("GET", "/sized?1000", NULL, 0);
    has("Content-Length: 1000\r\n");
    ask_of("HEAD", "/works?0", NULL, 0);
    got("Status: 200 OK\r\n", "");
    has("Content-Length: 4\r\n");
    ask_of("HEAD", "/stream?5000", NULL, 0);
    got("Status: 200 OK\r\n", "");
    assert_int_equal(body_size(), 0);
    ask_of("GET", "/none", NULL, 0);
    got("Status: 204 No Content\r\n", "");
    ask_of("GET", "/headers", NULL, 0);
    got("Status: 202 Accepted\r\n", "five!");
    has("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n");
    has("Content-Length: 5\r\n");
    assert_null(strstr(answer.text, "X-Injected"));
    assert_non_null(strstr(log_text.text, "the answer's header X-Bad is no line of a head: left out\n"));
    ask_of("GET", "/forges", NULL, 0);
    got("Status: 200 OK\r\n", "forged");
    assert_non_null(strstr(log_text.text, "header X-A\\x0d\\x0aFAKE LOG LINE is no line of a head: left out\n"));
}

static void test_wrong(void **state)
{
    (void)state;
    ask_of("GET", "/breaks?5000", NULL, 0);
    assert_false(answer.ended);
    ask_of("GET", "/fails", NULL, 0);
    got("Status: 500 Internal Server Error\r\n", "");
    ask_of("GET", "/bad_status", NULL, 0);
    got("Status: 500 Internal Server Error\r\n", "");
    ask_of("GET", "/a|b", NULL, 0);
    got("Status: 400 Bad Request\r\n", "");
    assert_non_null(strstr(log_text.text, "GET /fails: no layer handled -5 (EIO)\n"));
    assert_non_null(strstr(log_text.text, "GET /breaks?5000: its answer broke off with -5 (EIO)\n"));
}

static void test_kept(void **state)
{
    (void)state;
    int fd = dial();
    for (int i = 0; i < 3; i++) {
        begin(fd, "GET", "/works?0", true, 0, NULL);
        send_body(fd, NULL, 0);
        receive(fd);
        got("Status: 200 OK\r\n", "done");
    }
    (void)close(fd);
}

/* More kept connections than threads: none waits for another's end. */
static void test_more_kept(void **state)
{
    (void)state;
    int fds[12];
    for (size_t i = 0; i < 12; i++) {
        fds[i] = dial();
        begin(fds[i], "GET", "/works?0", true, 0, NULL);
        send_body(fds[i], NULL, 0);
        receive(fds[i]);
        got("Status: 200 OK\r\n", "done");
    }
    for (size_t i = 0; i < 12; i++) {
        (void)close(fds[i]);
    }
}

static void test_limit(void **state)
{
    (void)state;
    char *data = pattern_new(1001);
    assert_int_equal(rig_serve_stop(host), 0);
    host = serve((struct rig_serve_options){.body_max = 1000});
    ask_of("POST", "/count", data, 1000);
    got("Status: 200 OK\r\n", "1000");
    ask_of("POST", "/count", data, 1001);
    got("Status: 413 ", "");
    free(data);
}

/* The web server goes away in the middle of a body. */
static void test_left(void **state)
{
    (void)state;
    int fd = dial();
    begin(fd, "POST", "/count", false, 2000, NULL);
    record(fd, STDIN, "abc", 3);
    wait_for_bytes(3);
    (void)close(fd);
    assert_int_equal(rig_serve_stop(host), 0);
    assert_int_equal(seen.last_read, -ECONNRESET);
    host = serve((struct rig_serve_options){0});
}

/* ---- the end ---- */

static void *stops(void *result)
{
    *(int *)result = rig_serve_stop(host);
    return NULL;
}

static void test_stop(void **state)
{
    (void)state;
    pthread_t thread;
    int result = 1, slow, waiting;
    assert_int_equal(rig_serve_stop(host), 0);
    host = serve((struct rig_serve_options){.connections = 1});
    slow = dial();
    begin(slow, "GET", "/slow?15000", false, 0, NULL);
    send_body(slow, NULL, 0);
    char byte;
    assert_int_equal(recv(slow, &byte, 1, MSG_PEEK), 1);
    waiting = dial();
    begin(waiting, "GET", "/works?10", false, 0, NULL);
    send_body(waiting, NULL, 0);
    assert_int_equal(pthread_create(&thread, NULL, stops, &result), 0);
    receive(slow);
    got("Status: 200 OK\r\n", NULL);
    assert_int_equal(body_size(), 15000);
    receive(waiting);
    got("Status: 200 OK\r\n", "done");
    (void)pthread_join(thread, NULL);
    assert_int_equal(result, 0);
    assert_int_equal(access(address + 5, F_OK), -1); /* the socket's path is gone */
    (void)close(slow);
    (void)close(waiting);
    host = serve((struct rig_serve_options){0});
}

static void test_grace(void **state)
{
    (void)state;
    assert_int_equal(rig_serve_stop(host), 0);
    host = serve((struct rig_serve_options){.grace = 1});
    int fd = dial();
    begin(fd, "GET", "/slow?60000", false, 0, NULL);
    send_body(fd, NULL, 0);
    char byte;
    assert_int_equal(recv(fd, &byte, 1, MSG_PEEK), 1);
    assert_int_equal(rig_serve_stop(host), -ETIMEDOUT);
    (void)close(fd);
    host = serve((struct rig_serve_options){0});
}

static void test_address(void **state)
{
    (void)state;
    char expected[300];
    assert_string_equal(rig_serve_address(host), address);
    assert_null(serve((struct rig_serve_options){0}));
    (void)snprintf(expected, sizeof expected, "cannot listen at %s: Address already in use", address);
    assert_string_equal(why, expected);
    assert_null(serve((struct rig_serve_options){.address = "unix:/nowhere/x"}));
    assert_string_equal(why, "cannot listen at unix:/nowhere/x: No such file or directory");
    /* one that nobody listens at was left by a server that did not end well */
    assert_int_equal(rig_serve_stop(host), 0);
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    (void)strcpy(to.sun_path, address + 5);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
    (void)close(fd);
    host = serve((struct rig_serve_options){0});
    assert_non_null(host);
}

static const struct CMUnitTest tests[] = {
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)
    TEST(test_env),   TEST(test_body), TEST(test_body_streams), TEST(test_answers),
    TEST(test_wrong), TEST(test_kept), TEST(test_more_kept),    TEST(test_limit),
    TEST(test_left),  TEST(test_stop), TEST(test_grace),        TEST(test_address),
};

int main(void)
{
    if (!mkdtemp(folder)) {
        return 1;
    }
    (void)snprintf(address, sizeof address, "unix:%s/fcgi.sock", folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)rmdir(folder);
    return failed;
}
