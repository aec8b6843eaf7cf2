/* When a request is over, and which. */
#define _GNU_SOURCE
#include "tests/hosts/served.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HOST "Host: example.org\r\n"
#define CLIENTS 4

static atomic_int over, inside;

static void nap(long ms)
{
    const struct timespec pause = {.tv_nsec = ms * 1000000};
    (void)nanosleep(&pause, NULL);
}

static void ends(void *object)
{
    (void)object;
    nap(50);
    over++;
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    char text[32];
    (void)self;
    inside++;
    for (int i = 0; i < 200 && strcmp(rig_env_get(env, "PATH_INFO"), "/together") == 0 && inside < CLIENTS; i++) {
        nap(10);
    }
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)rig_env_serial(env));
    int error = rig_env_set_object(env, "test.object", text, ends);
    return error ? error : rig_respond(res, .body = text);
}

/* An answer that is no stream is out when its request is over: what a layer does at its end is seen by the next. */
static void test_over(void **state)
{
    struct rig_host *host = *state;
    struct rig_talk_answer answer;
    for (int i = 1; i < 4; i++) {
        ask(rig_serve_address(host), "GET /one HTTP/1.1\r\n" HOST "\r\n", &answer);
        assert_int_equal(over, i);
        rig_talk_free(&answer);
    }
}

static void *asks(void *closure)
{
    unsigned long long *serial = closure;
    struct rig_talk_answer answer;
    const char *address = (const char *)(uintptr_t)serial[1];
    static const char request[] = "GET /together HTTP/1.1\r\n" HOST "\r\n";
    const struct rig_talk_request what = {.data = request, .size = sizeof request - 1};
    int fd = rig_talk_open(address);
    if (fd >= 0 && rig_talk(fd, &what, &answer) == 0) {
        serial[0] = strtoull(answer.body, NULL, 10);
        rig_talk_free(&answer);
        (void)close(fd);
    }
    return NULL;
}

static void test_serials(void **state)
{
    struct rig_host *host = *state;
    pthread_t threads[CLIENTS];
    unsigned long long serials[CLIENTS][2];
    for (size_t i = 0; i < CLIENTS; i++) {
        serials[i][0] = 0;
        serials[i][1] = (unsigned long long)(uintptr_t)rig_serve_address(host);
        assert_int_equal(pthread_create(&threads[i], NULL, asks, serials[i]), 0);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        (void)pthread_join(threads[i], NULL);
        assert_true(serials[i][0] != 0);
        for (size_t k = 0; k < i; k++) {
            assert_true(serials[i][0] != serials[k][0]);
        }
    }
}

static struct rig_stack *stack;

static int setup(void **state)
{
    char why[256];
    over = inside = 0;
    stack = rig_stack_new((struct rig_stack_options){0});
    assert_int_equal(rig_run(stack, RIG_APP(app)), 0);
    *state = rig_serve_microhttpd(stack, (struct rig_serve_options){.error = why, .error_size = sizeof why});
    assert_non_null(*state);
    return 0;
}

static int teardown(void **state)
{
    assert_int_equal(rig_serve_stop(*state), 0);
    rig_stack_free(stack);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_over, setup, teardown),
                                       cmocka_unit_test_setup_teardown(test_serials, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
