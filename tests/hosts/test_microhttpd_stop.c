/* The end of a server, and one that does not begin. */
#define _GNU_SOURCE
#include "tests/hosts/served.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOST "Host: example.org\r\n"
#define SLOW "GET /slow?15000 HTTP/1.1\r\n" HOST "\r\n" /* 15 pieces of 1,000 bytes, 40 ms each */

static struct log log_text;
static struct rig_stack *stack;
static char error[512];

static int setup(void **state)
{
    (void)state;
    log_text.text[0] = error[0] = '\0';
    stack = served_stack();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_stack_free(stack);
    return 0;
}

static struct rig_host *serve(struct rig_serve_options options)
{
    options.error = error;
    options.error_size = sizeof error;
    options.log = log_line;
    options.log_self = &log_text;
    return rig_serve_microhttpd(stack, options);
}

static struct rig_host *serves(struct rig_serve_options options)
{
    struct rig_host *host = serve(options);
    if (!host) {
        fail_msg("%s", error);
    }
    return host;
}

static void nap(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

static void sends(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
}

/* A whole answer whose request was sent before. */
static void receives(int fd, size_t size)
{
    struct rig_talk_answer answer;
    ask_bytes(fd, "", NULL, 0, &answer);
    assert_int_equal(answer.outcome, RIG_TALK_WHOLE);
    assert_int_equal(answer.body_size, size);
    rig_talk_free(&answer);
    (void)close(fd);
}

static void begins(int fd)
{
    char byte;
    assert_int_equal(recv(fd, &byte, 1, MSG_PEEK), 1);
}

struct stopping {
    struct rig_host *host;
    int result;
    pthread_t thread;
    atomic_bool done;
};

static void *stops(void *closure)
{
    struct stopping *stopping = closure;
    stopping->result = rig_serve_stop(stopping->host);
    stopping->done = true;
    return NULL;
}

static void begin_stop(struct stopping *stopping, struct rig_host *host)
{
    *stopping = (struct stopping){.host = host};
    assert_int_equal(pthread_create(&stopping->thread, NULL, stops, stopping), 0);
}

static void end_stop(struct stopping *stopping, int result)
{
    (void)pthread_join(stopping->thread, NULL);
    assert_int_equal(stopping->result, result);
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- the end ---- */

static void test_slow_answer(void **state)
{
    (void)state;
    struct stopping stopping;
    struct rig_host *host = serves((struct rig_serve_options){0});
    int fd = connected(rig_serve_address(host));
    sends(fd, SLOW);
    begins(fd);
    begin_stop(&stopping, host);
    receives(fd, 15000);
    end_stop(&stopping, 0);
    assert_int_equal(seen.streams, 1);
}

/* Also one whose request came, and waits for its turn behind a connection limit. */
static void test_waiting_connection(void **state)
{
    (void)state;
    struct stopping stopping;
    struct rig_host *host = serves((struct rig_serve_options){.connections = 1});
    int slow = connected(rig_serve_address(host)), waiting = connected(rig_serve_address(host));
    sends(slow, SLOW);
    sends(waiting, "GET /works?10 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    begins(slow);
    begin_stop(&stopping, host);
    receives(slow, 15000);
    receives(waiting, 4);
    end_stop(&stopping, 0);
}

/* A request that comes while another is waited for is answered, and told to be the last. */
static void test_last_request(void **state)
{
    (void)state;
    struct stopping stopping;
    struct rig_talk_answer answer;
    struct rig_host *host = serves((struct rig_serve_options){0});
    int slow = connected(rig_serve_address(host)), kept = connected(rig_serve_address(host));
    ask_bytes(kept, "GET /works?0 HTTP/1.1\r\n" HOST "\r\n", NULL, 0, &answer);
    assert_null(rig_talk_field(&answer, "Connection"));
    rig_talk_free(&answer);
    sends(slow, SLOW);
    begins(slow);
    begin_stop(&stopping, host);
    nap(100);
    ask_bytes(kept, "GET /works?0 HTTP/1.1\r\n" HOST "\r\n", NULL, 0, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(rig_talk_field(&answer, "Connection"), "close");
    rig_talk_free(&answer);
    assert_true(rig_talk_ended(kept));
    (void)close(kept);
    assert_false(stopping.done);
    receives(slow, 15000);
    end_stop(&stopping, 0);
}

static void test_idle_connection(void **state)
{
    (void)state;
    struct rig_talk_answer answer;
    struct rig_host *host = serves((struct rig_serve_options){0});
    int fd = connected(rig_serve_address(host)), silent = connected(rig_serve_address(host));
    ask_bytes(fd, "GET /works?0 HTTP/1.1\r\n" HOST "\r\n", NULL, 0, &answer);
    rig_talk_free(&answer);
    double begin = seconds();
    assert_int_equal(rig_serve_stop(host), 0);
    assert_true(seconds() - begin < 5);
    assert_true(rig_talk_ended(fd) && rig_talk_ended(silent));
    (void)close(fd);
    (void)close(silent);
}

static void test_grace(void **state)
{
    (void)state;
    struct rig_host *host = serves((struct rig_serve_options){.grace = 1});
    int fd = connected(rig_serve_address(host));
    sends(fd, "GET /slow?60000 HTTP/1.1\r\n" HOST "\r\n");
    begins(fd);
    assert_int_equal(rig_serve_stop(host), -ETIMEDOUT);
    assert_int_equal(seen.streams, 1);
    (void)close(fd);
}

/* A process of its own. */
static void test_sigterm(void **state)
{
    (void)state;
    int pipes[2], status;
    char address[160] = "";
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        rig_serve_signals();
        struct rig_host *host = serve((struct rig_serve_options){0});
        const char *mine = host ? rig_serve_address(host) : "";
        (void)!write(pipes[1], mine, strlen(mine) + 1);
        status = host ? rig_serve_wait(host) : 1;
        rig_stack_free(stack);
        exit(status ? 1 : 0);
    }
    assert_true(read(pipes[0], address, sizeof address) > 1);
    int fd = connected(address);
    sends(fd, SLOW);
    begins(fd);
    assert_int_equal(kill(child, SIGTERM), 0);
    receives(fd, 15000);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(rig_talk_open(address), -ECONNREFUSED);
    (void)close(pipes[0]);
    (void)close(pipes[1]);
}

/* ---- no beginning ---- */

static void does_not_serve(struct rig_serve_options options, const char *why)
{
    struct rig_host *host = serve(options);
    assert_null(host);
    assert_string_equal(error, why);
}

static void test_address(void **state)
{
    (void)state;
    char why[300];
    struct rig_host *host = serves((struct rig_serve_options){.address = "[::1]:0"});
    assert_memory_equal(rig_serve_address(host), "[::1]:", 6);
    (void)snprintf(why, sizeof why, "cannot listen at %s: Address already in use", rig_serve_address(host));
    does_not_serve((struct rig_serve_options){.address = rig_serve_address(host)}, why);
    assert_int_equal(rig_serve_stop(host), 0);
    does_not_serve((struct rig_serve_options){.address = "127.0.0.1"},
                   "cannot listen at 127.0.0.1: an address is HOST:PORT or unix:PATH");
    does_not_serve((struct rig_serve_options){.address = "127.0.0.1:65536"},
                   "cannot listen at 127.0.0.1:65536: an address is HOST:PORT or unix:PATH");
    does_not_serve((struct rig_serve_options){.address = "192.0.2.7:0"},
                   "cannot listen at 192.0.2.7:0: Cannot assign requested address");
    does_not_serve((struct rig_serve_options){.address = "unix:/tmp/x"},
                   "cannot listen at unix:/tmp/x: this host serves TCP alone");
}

static void test_stack(void **state)
{
    (void)state;
    struct rig_stack *whole = stack, *empty = rig_stack_new((struct rig_stack_options){.name = "empty"});
    stack = NULL;
    does_not_serve((struct rig_serve_options){0}, "there is no stack to serve: it is NULL");
    stack = empty;
    does_not_serve((struct rig_serve_options){0},
                   "the stack cannot be served: stack \"empty\" has no app: end it with rig_run or rig_map");
    rig_stack_free(empty);
    stack = whole;
    assert_int_equal(rig_serve_stop(NULL), 0);
    assert_string_equal(rig_serve_address(NULL), "");
}

static const struct CMUnitTest tests[] = {
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)
    TEST(test_slow_answer),  TEST(test_waiting_connection),
    TEST(test_last_request), TEST(test_idle_connection),
    TEST(test_grace),        TEST(test_sigterm),
    TEST(test_address),      TEST(test_stack),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
