/* Whether the other threads stand still is told from Linux's files. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/client/others.h"

static sem_t call;
static atomic_uint turns;
static atomic_bool over;

static void *waits_for_calls(void *unused)
{
    while (!atomic_load(&over)) {
        atomic_fetch_add(&turns, 1);
        (void)sem_wait(&call);
    }
    return unused;
}

static void nap(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 1000 * 1000}, NULL);
}

/* Until it has had so many turns and waits again. */
static struct rig_others waiting(unsigned wanted)
{
    struct rig_others others;
    for (unsigned i = 0; i < 10000; i++) {
        if (atomic_load(&turns) == wanted && rig_others_wait(&others)) {
            return others;
        }
        nap();
    }
    fail_msg("the thread never waits");
    return (struct rig_others){.count = 0};
}

static void who_was_woken_waits_no_longer(void **state)
{
    (void)state;
    const char *preloaded = getenv("LD_PRELOAD");
    if (preloaded && strstr(preloaded, "valgrind")) {
        print_message("skip who_was_woken_waits_no_longer: valgrind lets one thread run at a time, the others wait in "
                      "a read of its own\n");
        skip();
    }
    struct rig_others alone;
    if (!rig_others_wait(&alone) || alone.count != 0) {
        skip(); /* a sanitizer's thread */
    }
    pthread_t thread;
    assert_int_equal(sem_init(&call, 0, 0), 0);
    assert_int_equal(pthread_create(&thread, NULL, waits_for_calls, NULL), 0);

    struct rig_others first = waiting(1);
    assert_int_equal(first.count, 1);
    assert_true(rig_others_still_wait(&first));
    assert_false(rig_others_still_wait(&alone)); /* one more */

    (void)sem_post(&call);
    struct rig_others second = waiting(2); /* at the same place, and yet it ran */
    assert_int_equal(second.count, 1);
    assert_false(rig_others_still_wait(&first));
    assert_true(rig_others_still_wait(&second));

    atomic_store(&over, true);
    (void)sem_post(&call);
    (void)pthread_join(thread, NULL);
    (void)sem_destroy(&call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_was_woken_waits_no_longer)};
    return cmocka_run_group_tests_name("others", tests, NULL, NULL);
}
