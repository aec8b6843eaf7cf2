/* The end of a server behind libfcgi: with answers under way, at its grace, under load, and with no descriptors left. */
#define _GNU_SOURCE
#include "tests/hosts/served.h"
#include "tests/hosts/web_server.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS 20

static struct log log_text;
static struct rig_stack *stack;
static struct rig_host *host;
static char folder[] = "/tmp/stackrig-fastcgi-XXXXXX", address[128];

static struct rig_host *serve(struct rig_serve_options options)
{
    char why[512] = "";
    options.address = address;
    options.error = why;
    options.error_size = sizeof why;
    options.log = log_line;
    options.log_self = &log_text;
    struct rig_host *served = rig_serve_fastcgi(stack, options);
    if (!served) {
        fail_msg("%s", why);
    }
    return served;
}

static int setup(void **state)
{
    (void)state;
    log_text.text[0] = '\0';
    stack = served_stack();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_stack_free(stack);
    return 0;
}

static void nap(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

static struct sockaddr_un place(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    (void)strcpy(to.sun_path, address + 5);
    return to;
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
    host = serve((struct rig_serve_options){.connections = 1});
    slow = fcgi_dial(address);
    fcgi_begin(slow, "GET", "/slow?15000", false, 0, NULL);
    fcgi_send_body(slow, NULL, 0);
    char byte;
    assert_int_equal(recv(slow, &byte, 1, MSG_PEEK), 1);
    waiting = fcgi_dial(address);
    fcgi_begin(waiting, "GET", "/works?10", false, 0, NULL);
    fcgi_send_body(waiting, NULL, 0);
    assert_int_equal(pthread_create(&thread, NULL, stops, &result), 0);
    fcgi_receive(slow);
    fcgi_got("Status: 200 OK\r\n", NULL);
    assert_int_equal(fcgi_body_size(), 15000);
    fcgi_receive(waiting);
    fcgi_got("Status: 200 OK\r\n", "done");
    (void)pthread_join(thread, NULL);
    assert_int_equal(result, 0);
    assert_int_equal(access(address + 5, F_OK), -1); /* the socket's path is gone */
    (void)close(slow);
    (void)close(waiting);
}

static void test_grace(void **state)
{
    (void)state;
    host = serve((struct rig_serve_options){.grace = 1});
    int fd = fcgi_dial(address);
    fcgi_begin(fd, "GET", "/slow?60000", false, 0, NULL);
    fcgi_send_body(fd, NULL, 0);
    char byte;
    assert_int_equal(recv(fd, &byte, 1, MSG_PEEK), 1);
    assert_int_equal(rig_serve_stop(host), -ETIMEDOUT);
    (void)close(fd);
}

/* ---- under load ---- */

static atomic_bool enough, stopped;

/* Asks again and again, as long as somebody listens. */
static void *asks(void *closure)
{
    const struct sockaddr_un to = place();
    (void)closure;
    while (!enough) {
        char bytes[512];
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0) {
            fcgi_begin(fd, "GET", "/works?50", false, 0, NULL);
            fcgi_send_body(fd, NULL, 0);
            while (recv(fd, bytes, sizeof bytes, 0) > 0) {
            }
        }
        (void)close(fd);
    }
    return NULL;
}

static void *stops_under_load(void *result)
{
    (void)stops(result);
    stopped = true;
    return NULL;
}

static void test_load(void **state)
{
    (void)state;
    pthread_t clients[CLIENTS], thread;
    int result = 1;
    host = serve((struct rig_serve_options){.connections = 2, .grace = 1});
    enough = stopped = false;
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_create(&clients[i], NULL, asks, NULL), 0);
    }
    nap(200);
    assert_int_equal(pthread_create(&thread, NULL, stops_under_load, &result), 0);
    for (int i = 0; i < 60 && !stopped; i++) {
        nap(100);
    }
    bool in_time = stopped;
    enough = true;
    (void)pthread_join(thread, NULL);
    for (size_t i = 0; i < CLIENTS; i++) {
        (void)pthread_join(clients[i], NULL);
    }
    assert_true(in_time);
    assert_true(result == 0 || result == -ETIMEDOUT);
}

/* A kept connection that has ended is closed, and its number is another's: cutting off must leave that alone. */
static void test_stale_number(void **state)
{
    (void)state;
    int kept[2], pairs[3][2];
    char byte;
    host = serve((struct rig_serve_options){.connections = 2, .grace = 1});
    for (size_t i = 0; i < 2; i++) {
        kept[i] = fcgi_dial(address);
        fcgi_begin(kept[i], "GET", "/works?200", true, 0, NULL);
        fcgi_send_body(kept[i], NULL, 0);
    }
    for (size_t i = 0; i < 2; i++) {
        fcgi_receive(kept[i]);
        fcgi_got("Status: 200 OK\r\n", "done");
        (void)close(kept[i]);
    }
    nap(200);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[i]), 0);
    }
    int slow = fcgi_dial(address);
    fcgi_begin(slow, "GET", "/slow?60000", false, 0, NULL);
    fcgi_send_body(slow, NULL, 0);
    assert_int_equal(recv(slow, &byte, 1, MSG_PEEK), 1);
    assert_int_equal(rig_serve_stop(host), -ETIMEDOUT);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(send(pairs[i][0], "x", 1, MSG_NOSIGNAL), 1);
        assert_int_equal(send(pairs[i][1], "x", 1, MSG_NOSIGNAL), 1);
        (void)close(pairs[i][0]);
        (void)close(pairs[i][1]);
    }
    (void)close(slow);
}

/* ---- no descriptors ---- */

static double processor_seconds(void)
{
    struct timespec used;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void test_no_descriptors(void **state)
{
    (void)state;
    const struct sockaddr_un to = place();
    struct rlimit before, none;
    const char *under = getenv("RUN_UNDER");
    if (under && strstr(under, "valgrind")) {
        skip(); /* it accepts first and looks for a descriptor then: the connection is lost, and no fault of the host's */
    }
    host = serve((struct rig_serve_options){0});
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); /* the lowest that was free: none is left below it */
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_cur = (rlim_t)fd + 1, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    double begin = processor_seconds();
    int connected_too = connect(fd, (const struct sockaddr *)&to, sizeof to);
    nap(1000);
    double used = processor_seconds() - begin;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(connected_too, 0);
    fcgi_begin(fd, "GET", "/works?0", false, 0, NULL);
    fcgi_send_body(fd, NULL, 0);
    fcgi_receive(fd);
    (void)close(fd);
    assert_int_equal(rig_serve_stop(host), 0);
    fcgi_got("Status: 200 OK\r\n", "done");
    assert_true(used < 0.5); /* a thread that spins: all of the second */
    assert_true(log_holds(&log_text, "cannot accept a connection at unix:"));
    assert_true(log_holds(&log_text, ": Too many open files\n"));
}

static const struct CMUnitTest tests[] = {
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)
    TEST(test_stop), TEST(test_grace), TEST(test_load), TEST(test_stale_number), TEST(test_no_descriptors),
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
