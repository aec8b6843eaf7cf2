/* The stack behind the real libfcgi, asked as a web server asks (FastCGI 1.0). */
#define _GNU_SOURCE
#include "tests/hosts/served.h"
#include "tests/hosts/web_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct log log_text;
static struct rig_stack *stack;
static struct rig_host *host;
static char why[512], folder[] = "/tmp/stackrig-fastcgi-XXXXXX", address[128];

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

/* ---- requests and answers ---- */

static void test_env(void **state)
{
    (void)state;
    static const char *const extra[] = {"HTTP_X_TWO_PARTS", "a",   "SERVER_NAME", "web", "SERVER_PORT", "8443",
                                        "REMOTE_ADDR",      "::1", "HTTPS",       "on",  "X_OWN",       "mine",
                                        "HTTP_EMPTY",       "",    NULL};
    int fd = fcgi_dial(address);
    fcgi_begin(fd, "GET", "/env?a=%20", false, 0, extra);
    fcgi_send_body(fd, NULL, 0);
    fcgi_receive(fd);
    (void)close(fd);
    fcgi_got("Status: 200 OK\r\n", NULL);
    fcgi_has("\nREQUEST_METHOD=GET\n");
    fcgi_has("\nREQUEST_URI=/env?a=%20\n");
    fcgi_has("\nPATH_INFO=/env\n");
    fcgi_has("\nQUERY_STRING=a=%20\n");
    fcgi_has("\nHTTP_X_TWO_PARTS=a\n");
    fcgi_has("\nHTTP_EMPTY=\n");
    fcgi_has("\nSERVER_NAME=web\n");
    fcgi_has("\nSERVER_PORT=8443\n");
    fcgi_has("\nREMOTE_ADDR=::1\n");
    fcgi_has("\nHTTPS=on\n");
    fcgi_has("\nX_OWN=mine\n");
    fcgi_has("X-Tag: served\r\n");
    assert_null(strstr(fcgi_answer.text, "CONTENT_TYPE"));
}

static void test_body(void **state)
{
    (void)state;
    char *data = pattern_new(1000000);
    fcgi_ask(address, "POST", "/count", data, 1000000);
    fcgi_got("Status: 200 OK\r\n", "1000000");
    fcgi_has("Content-Length: 7\r\n");
    /* what a socket holds: this web server sends all before it reads */
    fcgi_ask(address, "POST", "/echo", data, 100000);
    fcgi_got("Status: 200 OK\r\n", NULL);
    assert_int_equal(fcgi_body_size(), 100000);
    assert_true(is_pattern(fcgi_answer.body, 100000));
    fcgi_ask(address, "POST", "/deny", data, 1000000);
    fcgi_got("Status: 401 Unauthorized\r\n", "who?");
    free(data);
}

static void test_body_streams(void **state)
{
    (void)state;
    char *data = pattern_new(2000);
    int fd = fcgi_dial(address);
    fcgi_begin(fd, "POST", "/count", false, 2000, NULL);
    fcgi_stdin(fd, data, 1000);
    wait_for_bytes(1000);
    fcgi_send_body(fd, data + 1000, 1000);
    fcgi_receive(fd);
    fcgi_got("Status: 200 OK\r\n", "2000");
    (void)close(fd);
    free(data);
}

static void test_answers(void **state)
{
    (void)state;
    fcgi_ask(address, "GET", "/many", NULL, 0);
    fcgi_got("Status: 200 OK\r\n", NULL);
    assert_int_equal(fcgi_body_size(), 3000000);
    fcgi_ask(address, "GET", "/stream?100000", NULL, 0);
    fcgi_got("Status: 200 OK\r\n", NULL);
    assert_int_equal(fcgi_body_size(), 100000);
    assert_null(strstr(fcgi_answer.text, "Content-Length"));
    fcgi_ask(address, "GET", "/sized?1000", NULL, 0);
    fcgi_has("Content-Length: 1000\r\n");
    fcgi_ask(address, "HEAD", "/works?0", NULL, 0);
    fcgi_got("Status: 200 OK\r\n", "");
    fcgi_has("Content-Length: 4\r\n");
    fcgi_ask(address, "HEAD", "/stream?5000", NULL, 0);
    fcgi_got("Status: 200 OK\r\n", "");
    assert_int_equal(fcgi_body_size(), 0);
    fcgi_ask(address, "GET", "/none", NULL, 0);
    fcgi_got("Status: 204 No Content\r\n", "");
    fcgi_ask(address, "GET", "/headers", NULL, 0);
    fcgi_got("Status: 202 Accepted\r\n", "five!");
    fcgi_has("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n");
    fcgi_has("Content-Length: 5\r\n");
    assert_null(strstr(fcgi_answer.text, "X-Injected"));
    assert_true(log_holds(&log_text, "the answer's header X-Bad is no line of a head: left out\n"));
    fcgi_ask(address, "GET", "/forges", NULL, 0);
    fcgi_got("Status: 200 OK\r\n", "forged");
    assert_true(log_holds(&log_text, "header X-A\\x0d\\x0aFAKE LOG LINE is no line of a head: left out\n"));
}

static void test_wrong(void **state)
{
    (void)state;
    fcgi_ask(address, "GET", "/breaks?5000", NULL, 0);
    assert_false(fcgi_answer.ended);
    fcgi_ask(address, "GET", "/fails", NULL, 0);
    fcgi_got("Status: 500 Internal Server Error\r\n", "");
    fcgi_ask(address, "GET", "/bad_status", NULL, 0);
    fcgi_got("Status: 500 Internal Server Error\r\n", "");
    fcgi_ask(address, "GET", "/a|b", NULL, 0);
    fcgi_got("Status: 400 Bad Request\r\n", "");
    assert_true(log_holds(&log_text, "GET /fails: no layer handled -5 (EIO)\n"));
    assert_true(log_holds(&log_text, "GET /breaks?5000: its answer broke off with -5 (EIO)\n"));
}

static void test_kept(void **state)
{
    (void)state;
    int fd = fcgi_dial(address);
    for (int i = 0; i < 3; i++) {
        fcgi_begin(fd, "GET", "/works?0", true, 0, NULL);
        fcgi_send_body(fd, NULL, 0);
        fcgi_receive(fd);
        fcgi_got("Status: 200 OK\r\n", "done");
    }
    (void)close(fd);
}

/* More kept connections than threads: none waits for another's end. */
static void test_more_kept(void **state)
{
    (void)state;
    int fds[12];
    for (size_t i = 0; i < 12; i++) {
        fds[i] = fcgi_dial(address);
        fcgi_begin(fds[i], "GET", "/works?0", true, 0, NULL);
        fcgi_send_body(fds[i], NULL, 0);
        fcgi_receive(fds[i]);
        fcgi_got("Status: 200 OK\r\n", "done");
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
    fcgi_ask(address, "POST", "/count", data, 1000);
    fcgi_got("Status: 200 OK\r\n", "1000");
    fcgi_ask(address, "POST", "/count", data, 1001);
    fcgi_got("Status: 413 ", "");
    free(data);
}

/* The web server goes away in the middle of a body. */
static void test_left(void **state)
{
    (void)state;
    int fd = fcgi_dial(address);
    fcgi_begin(fd, "POST", "/count", false, 2000, NULL);
    fcgi_stdin(fd, "abc", 3);
    wait_for_bytes(3);
    (void)close(fd);
    assert_int_equal(rig_serve_stop(host), 0);
    assert_int_equal(seen.last_read, -ECONNRESET);
    host = serve((struct rig_serve_options){0});
}

/* ---- the beginning ---- */

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
    TEST(test_env),  TEST(test_body),      TEST(test_body_streams), TEST(test_answers), TEST(test_wrong),
    TEST(test_kept), TEST(test_more_kept), TEST(test_limit),        TEST(test_left),    TEST(test_address),
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
