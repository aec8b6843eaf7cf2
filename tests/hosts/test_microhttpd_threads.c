/* A connection whose thread cannot be made. */
#define _GNU_SOURCE
#include "tests/hosts/served.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_bool none_left;

/* In the place of the C library's. */
__attribute__((visibility("default"))) int pthread_create(pthread_t *newthread, const pthread_attr_t *attr,
                                                          void *(*start_routine)(void *), void *arg)
{
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    }
    return none_left ? EAGAIN : real(newthread, attr, start_routine, arg);
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .body = "ok");
}

/* libmicrohttpd 0.9.75 makes it in its own thread, long after MHD_add_connection has returned MHD_YES, and tells of the
 * connection's begin and end: counted once more, or once less, there would never be room again. */
static void test_no_thread(void **state)
{
    char why[256], byte;
    struct rig_talk_answer answer;
    struct log log = {.text = ""};
    (void)state;
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    assert_int_equal(rig_run(stack, RIG_APP(app)), 0);
    struct rig_host *host = rig_serve_microhttpd(
        stack, (struct rig_serve_options){
                   .connections = 1, .error = why, .error_size = sizeof why, .log = log_line, .log_self = &log});
    assert_non_null(host);
    none_left = true;
    int fd = connected(rig_serve_address(host));
    assert_true(read(fd, &byte, 1) <= 0);
    none_left = false;
    (void)close(fd);
    ask(rig_serve_address(host), "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
    rig_talk_free(&answer);
    assert_int_equal(rig_serve_stop(host), 0);
    assert_non_null(strstr(log.text, "Failed to create a new thread"));
    rig_stack_free(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_thread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
