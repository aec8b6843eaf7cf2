/* libstackrig-clock.so: layers that know nothing of the rig, and their deadlines, limits and expiries, without waiting. */
#define _GNU_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stackrig/cmocka.h>
#include <stackrig/faults.h>
#include <stackrig/preload.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/preload_test.h"

#define SECOND INT64_C(1000000000)
#define START INT64_C(1750000000) /* of a client's clock */

/* ---- a limiter: 2 requests in 10 s, by the clock of its own ---- */

struct limiter {
    time_t since;
    unsigned used;
};

static int begin_window(void *self, const void *options)
{
    struct limiter *limiter = self;
    (void)options;
    limiter->since = time(NULL);
    return 0;
}

static int limit(void *self, struct rig_env *env, struct rig_response *response, struct rig_next *next)
{
    struct limiter *limiter = self;
    time_t now = time(NULL);
    if (now - limiter->since >= 10) {
        *limiter = (struct limiter){.since = now};
    }
    if (limiter->used == 2) {
        return rig_respond(response, .status = 429);
    }
    limiter->used++;
    return rig_next(next, env, response);
}

static const struct rig_middleware limiter = {
    .name = "limiter", .call = limit, .self_size = sizeof(struct limiter), .init = begin_window};

static int hello(void *self, struct rig_env *env, struct rig_response *response)
{
    (void)self;
    (void)env;
    return rig_respond(response, .body = "hello");
}

static void a_rate_limit(void **state)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    (void)state;
    rig_use(stack, &limiter, NULL);
    rig_run(stack, RIG_APP(hello));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_assert(rig_get(client, "/"), .status = 429);
    rig_client_set_now(client, rig_client_now(client) + 9 * SECOND); /* begun before the first request, by init */
    rig_assert(rig_get(client, "/"), .status = 429);
    rig_client_set_now(client, rig_client_now(client) + SECOND);
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
    rig_stack_free(stack);
}

/* ---- a token that is good for an hour ---- */

static int token(void *self, struct rig_env *env, struct rig_response *response)
{
    time_t *expires = self;
    struct timeval now;
    (void)gettimeofday(&now, NULL);
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/login") == 0) {
        *expires = now.tv_sec + 3600;
        return rig_respond(response, .status = 204);
    }
    return rig_respond(response, .status = now.tv_sec < *expires ? 200 : 401);
}

static void a_token_expires(void **state)
{
    time_t expires = 0;
    struct rig_client *client =
        rig_client_new((struct rig_app){.call = token, .self = &expires}, (struct rig_client_options){0});
    (void)state;
    rig_assert(rig_get(client, "/"), .status = 401);
    rig_assert(rig_get(client, "/login"), .status = 204);
    rig_client_set_now(client, rig_client_now(client) + 3600 * SECOND - 1);
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_set_now(client, rig_client_now(client) + 1);
    rig_assert(rig_get(client, "/"), .status = 401);
    rig_client_free(client);
}

/* ---- a body that must be there within 30 s ---- */

static int upload(void *self, struct rig_env *env, struct rig_response *response)
{
    char piece[4];
    struct timespec begin, now;
    (void)self;
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    while (rig_input_read(rig_env_input(env), piece, sizeof piece) > 0) {
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - begin.tv_sec > 30) {
            return rig_respond(response, .status = 408, .headers = {{"Connection", "close"}});
        }
    }
    return rig_respond(response, .status = 204);
}

static void a_deadline(void **state)
{
    struct rig_client *client =
        rig_client_new(RIG_APP(upload), (struct rig_client_options){.server = &rig_server_memory});
    (void)state;
    for (int delay = 10; delay <= 11; delay++) { /* three reads wait */
        struct rig_memory_reader reader = {.bytes = {"0123456789", 10}};
        struct rig_faulty slow = {.under = rig_memory_source(&reader),
                                  .kind = RIG_FAULT_SLOW,
                                  .chance = 1,
                                  .always = true,
                                  .client = client,
                                  .delay = delay * SECOND};
        rig_assert(rig_post(client, "/", .source = rig_faulty_source(&slow), .source_size = 10),
                   .status = delay == 10 ? 204 : 408);
    }
    rig_client_free(client);
}

/* ---- a layer that tries again after a while ---- */

static int tries_again(void *self, struct rig_env *env, struct rig_response *response)
{
    struct timespec span = {.tv_sec = 3600, .tv_nsec = 5}, wrong = {.tv_nsec = SECOND};
    int64_t before = rig_env_now(env);
    (void)self;
    assert_int_equal(nanosleep(&span, NULL), 0);
    assert_int_equal(rig_env_now(env) - before, 3600 * SECOND + 5);
    assert_int_equal(nanosleep(&wrong, NULL), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(clock_nanosleep(CLOCK_REALTIME, 0, &wrong, NULL), EINVAL);
    span = (struct timespec){.tv_sec = START + 7200};
    assert_int_equal(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &span, NULL), 0);
    assert_int_equal(rig_env_now(env), (START + 7200) * SECOND);
    assert_int_equal(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){.tv_sec = 1}, NULL), 0);
    assert_int_equal(sleep(60) + (unsigned)usleep(999999), 0);
    assert_int_equal(thrd_sleep(&(struct timespec){.tv_nsec = 1}, NULL), 0);
    assert_int_equal(poll(NULL, 0, 2000), 0);
    assert_int_equal(select(0, NULL, NULL, NULL, &(struct timeval){.tv_sec = 3}), 0);
    assert_int_equal(rig_env_now(env), (START + 7200 + 60 + 5) * SECOND + 999999001);
    span = (struct timespec){.tv_sec = INT64_MAX};
    assert_int_equal(nanosleep(&span, NULL), 0);
    assert_true(rig_env_now(env) == INT64_MAX);
    return rig_respond(response, .status = 200);
}

static void sleeping_moves_the_clock(void **state)
{
    struct rig_client *client = rig_client_new(RIG_APP(tries_again), (struct rig_client_options){0});
    (void)state;
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
}

/* ---- every way to read it ---- */

static int64_t in_ns(struct timespec spec)
{
    return spec.tv_sec * SECOND + spec.tv_nsec;
}

static int reads_clocks(void *self, struct rig_env *env, struct rig_response *response)
{
    static const clockid_t walls[] = {CLOCK_REALTIME, CLOCK_REALTIME_COARSE,  CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
                                      CLOCK_BOOTTIME, CLOCK_MONOTONIC_COARSE, CLOCK_TAI};
    struct timespec spec;
    struct timeval value;
    int64_t now = rig_env_now(env);
    (void)self;
    for (size_t i = 0; i < sizeof walls / sizeof *walls; i++) {
        assert_int_equal(clock_gettime(walls[i], &spec), 0);
        assert_int_equal(in_ns(spec), now);
    }
    assert_int_equal(timespec_get(&spec, TIME_UTC), TIME_UTC);
    assert_int_equal(in_ns(spec), now);
    assert_int_equal(gettimeofday(&value, NULL), 0);
    assert_int_equal(value.tv_usec, spec.tv_nsec / 1000);
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spec), 0);
    assert_true(in_ns(spec) < 100 * SECOND);
    assert_int_equal(clock_gettime(4711, &spec), -1);
    return rig_respond(response, .status = 200);
}

static void every_clock_but_the_cpus(void **state)
{
    static const int64_t times[] = {1, SECOND - 1, -1, -SECOND, -SECOND - 1, INT64_MAX, INT64_C(1750000000123456789)};
    struct rig_client *client = rig_client_new(RIG_APP(reads_clocks), (struct rig_client_options){0});
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        rig_client_set_now(client, times[i]);
        rig_assert(rig_get(client, "/"), .status = 200);
    }
    rig_client_free(client);
}

/* ---- whose clock it is ---- */

static struct rig_client *other;
static time_t seen[4];

static int tells_time(void *self, struct rig_env *env, struct rig_response *response)
{
    (void)env;
    *(time_t *)self = time(NULL);
    return rig_respond(response, .status = 200);
}

static int calls_other(void *self, struct rig_env *env, struct rig_response *response)
{
    (void)self;
    (void)env;
    seen[0] = time(NULL);
    rig_assert(rig_get(other, "/"), .status = 200);
    seen[2] = time(NULL);
    return rig_respond(response, .status = 200);
}

static int is_elsewhere(void *unused)
{
    (void)unused;
    return time(NULL) > START + 86400;
}

static int64_t real_time(void)
{
    struct timespec spec;
    (void)syscall(SYS_clock_gettime, CLOCK_REALTIME, &spec);
    return in_ns(spec);
}

static void each_client_its_own(void **state)
{
    struct rig_client *client = rig_client_new(RIG_APP(calls_other), (struct rig_client_options){0});
    thrd_t thread;
    int outside = 0;
    (void)state;
    other = rig_client_new((struct rig_app){.call = tells_time, .self = &seen[1]},
                           (struct rig_client_options){.now = 5 * SECOND});
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_int_equal(seen[0], START);
    assert_int_equal(seen[1], 5);
    assert_int_equal(seen[2], START);
    assert_in_range(time(NULL), real_time() / SECOND - 1, real_time() / SECOND + 1); /* no request */
    rig_clock_hold(77 * SECOND);
    assert_int_equal(time(NULL), 77);
    assert_int_equal(sleep(3), 0);
    assert_int_equal(time(NULL), 80);
    assert_int_equal(thrd_create(&thread, is_elsewhere, NULL), thrd_success);
    assert_int_equal(thrd_join(thread, &outside), thrd_success);
    assert_true(outside); /* held for this thread alone */
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_int_equal(seen[0], START);
    assert_int_equal(time(NULL), 80);
    rig_clock_hold(0);
    assert_true(time(NULL) > START + 86400);
    rig_client_free(other);
    rig_client_free(client);
}

/* ---- a layer that jumped out is in no request any more ---- */

static jmp_buf out;

static int jumps(void *self, struct rig_env *env, struct rig_response *response)
{
    (void)self;
    (void)env;
    (void)response;
    longjmp(out, 1);
}

static void after_a_jump(void **state)
{
    struct rig_client *client = rig_client_new(RIG_APP(jumps), (struct rig_client_options){0});
    (void)state;
    if (setjmp(out) == 0) {
        (void)rig_get(client, "/");
    }
    assert_true(time(NULL) > START + 86400);
    rig_client_free(client);
}

static int64_t begun;

static int note_begin(void **state)
{
    (void)state;
    begun = real_time();
    return 0;
}

/* What an hour is tested in. */
static int is_quick(void **state)
{
    (void)state;
    return real_time() - begun < SECOND / 10 ? 0 : -1;
}

#define quick(test_) cmocka_unit_test_setup_teardown(test_, note_begin, is_quick)

int main(int count, char **arguments)
{
    (void)count;
    rig_test_preload(arguments, "libstackrig-clock.so");
    if (!rig_clock_is_preloaded()) {
        print_message("1..1\nnot ok 1 - libstackrig-clock.so cannot be preloaded\n");
        return 1;
    }
    const struct CMUnitTest tests[] = {
        quick(a_rate_limit),
        quick(a_token_expires),
        quick(a_deadline),
        quick(sleeping_moves_the_clock),
        quick(every_clock_but_the_cpus),
        quick(each_client_its_own),
        quick(after_a_jump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
