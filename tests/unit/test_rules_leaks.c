/* state.memory.leaked: memory that every request leaves, which libstackrig-malloc.so sees. */
#include "harness/client/others.h"
#include "tests/unit/rules_test.h"

#include <stackrig/doubles.h>
#include <stackrig/faults.h>
#include <stackrig/preload.h>

#include <stdatomic.h>
#include <stdio.h>
#include <threads.h>
#include <unistd.h>

#include "tests/unit/preload_test.h"

#define RULE "state.memory.leaked"
#define BODY "name=lamp&price=12"

/* ---- layers ---- */

static struct block {
    struct block *next;
    int64_t at;
    char text[48];
} * kept; /* what a layer has, for the test to free */
static size_t kept_count, kept_most;
static char *list;
static size_t list_size;

static void keep(int64_t at)
{
    struct block *block = calloc(1, sizeof *block);
    if (block) {
        block->next = kept;
        block->at = at;
        kept = block;
        kept_count++;
    }
}

static void forget(void)
{
    while (kept) {
        struct block *block = kept;
        kept = block->next;
        free(block);
    }
    free(list);
    list = NULL;
    list_size = kept_count = 0;
}

/* Reads all there is: 0, -errno, -EPIPE for less or more than the form. */
static int read_form(struct rig_env *env)
{
    char piece[64];
    size_t size = 0;
    int64_t got;
    do {
        got = rig_input_read(rig_env_input(env), piece, sizeof piece);
        size += got > 0 ? (size_t)got : 0;
    } while (got > 0 || got == -EINTR || got == -EAGAIN);
    bool whole = size == sizeof BODY - 1 || strcmp(rig_env_get(env, "REQUEST_METHOD"), "GET") == 0;
    return got < 0 ? (int)got : whole ? 0 : -EPIPE;
}

static int careful(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = read_form(env);
    return error == -EPIPE ? rig_respond(res, .status = 400) : error ? error : rig_respond(res, .status = 200);
}

/* Gives it back, but not when the body breaks off. */
static int parses(void *self, struct rig_env *env, struct rig_response *res)
{
    struct block *block = calloc(1, sizeof *block);
    (void)self;
    int error = block ? read_form(env) : -ENOMEM;
    if (error && block) {
        block->next = kept; /* as a test frees it */
        kept = block;
        return error == -EPIPE ? rig_respond(res, .status = 400) : error;
    }
    free(block);
    return error ? error : rig_respond(res, .status = 201);
}

static int keeps_each(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    keep(0);
    return rig_next(next, env, res);
}
LAYER(keeps_each);

static int keeps_one(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (!kept) {
        keep(0);
    }
    return rig_next(next, env, res);
}
LAYER(keeps_one);

/* A list that grows by an entry. */
static int lists_each(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char *grown = realloc(list, list_size + 16);
    if (!grown) {
        return -ENOMEM;
    }
    list = grown;
    list_size += 16;
    return rig_next(next, env, res);
}
LAYER(lists_each);

/* A scratch buffer that grows in each request and shrinks again. */
static int borrows(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    for (size_t size = 4096; size >= 16; size /= 256) {
        char *resized = realloc(list, size);
        if (!resized) {
            return -ENOMEM;
        }
        list = resized;
    }
    return rig_next(next, env, res);
}
LAYER(borrows);

static void drop_last(void)
{
    struct block **link = &kept;
    while ((*link)->next) {
        link = &(*link)->next;
    }
    free(*link);
    *link = NULL;
    kept_count--;
}

/* The last so many requests. */
static int remembers(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    keep(0);
    if (kept_count > kept_most) {
        drop_last();
    }
    return rig_next(next, env, res);
}
LAYER(remembers);

/* A pool that grows up to its size. */
static int pools(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (kept_count < kept_most) {
        keep(0);
    }
    return rig_next(next, env, res);
}
LAYER(pools);

/* Those of the last hour, by the client's clock. */
static int remembers_an_hour(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    int64_t now = rig_env_now(env);
    (void)self;
    keep(now);
    for (struct block **link = &kept; *link;) {
        struct block *block = *link;
        if (block->at < now - INT64_C(3600000000000)) {
            *link = block->next;
            free(block);
        } else {
            link = &block->next;
        }
    }
    return rig_next(next, env, res);
}
LAYER(remembers_an_hour);

/* Freed when the request closes, as a server's finish callback would. */
static int hands_over(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    void *object = malloc(100);
    if (!object || rig_env_set_object(env, "test.object", object, free) != 0) {
        free(object);
        return -ENOMEM;
    }
    return rig_next(next, env, res);
}
LAYER(hands_over);

static int stores(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = read_form(env);
    if (error) {
        return error == -EPIPE ? rig_respond(res, .status = 400) : error;
    }
    keep(0);
    return rig_respond(res, .status = 201);
}

/* ---- what was found ---- */

static const struct rig_sweep_found *leak_of(const struct rig_sweep_found *found, size_t count)
{
    const struct rig_sweep_found *leak = NULL;
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(found[i].rule, RULE); /* and nothing else */
        leak = &found[i];
    }
    assert_true(count <= 1);
    return leak;
}

static struct rig_fault_report faults_of(struct rig_request request, unsigned kinds)
{
    return rig_sweep_faults_at(RIG_SITE, (struct rig_fault_loop){.client = client, .request = request, .kinds = kinds});
}

static void expect_none(struct rig_request request)
{
    struct rig_fault_report report = faults_of(request, 0);
    const struct rig_sweep_found *leak = leak_of(report.found, report.found_count);
    if (leak) {
        fail_msg("%s: %s", leak->where, leak->message);
    }
    assert_null(report.not_tried);
    forget();
}

static void test_memory_leaked(void **state)
{
    (void)state;
    STAND(&above_layer, parses);
    struct rig_fault_report report = faults_of(RIG_POST("/", .body = BODY), 1u << RIG_FAULT_ERROR);
    const struct rig_sweep_found *leak = leak_of(report.found, report.found_count);
    assert_non_null(leak);
    assert_int_equal(leak->level, RIG_LEVEL_ERROR);
    assert_string_equal(leak->layer, "parses");
    assert_string_equal(leak->where, "error at read 1");
    char expected[64];
    (void)snprintf(expected, sizeof expected, "%zu bytes of 1024 alike", 1024 * sizeof(struct block));
    assert_non_null(strstr(leak->message, expected));
    assert_non_null(strstr(leak->message, "test_rules_leaks("));
    assert_int_equal(leak->runs, 1); /* once, however often it was sent */
    forget();
}

static void test_memory_leaked_by_each_path(void **state)
{
    (void)state;
    STAND(&keeps_each_layer, careful);
    struct rig_fault_report report = faults_of(RIG_GET("/"), 1u << RIG_FAULT_ERROR); /* nothing to break */
    const struct rig_sweep_found *leak = leak_of(report.found, report.found_count);
    assert_non_null(leak);
    assert_string_equal(leak->layer, "keeps_each");
    assert_string_equal(leak->where, "the request sent again");
    forget();
    report = faults_of(RIG_GET("/"), 1u << RIG_FAULT_MALLOC);
    assert_non_null(leak_of(report.found, report.found_count));
    forget();
    struct rig_sweep_report splits = rig_sweep_splits_at(
        RIG_SITE, (struct rig_sweep){.client = client, .request = RIG_PUT("/", .body = BODY), .stride = 9});
    assert_non_null(leak_of(splits.found, splits.found_count));
    forget();
}

static void test_memory_of_a_list(void **state)
{
    (void)state;
    STAND(&lists_each_layer, careful);
    struct rig_fault_report report = faults_of(RIG_GET("/"), 1u << RIG_FAULT_POOL);
    const struct rig_sweep_found *leak = leak_of(report.found, report.found_count);
    assert_non_null(leak);
    assert_string_equal(leak->layer, "lists_each");
    forget();
}

static void test_memory_left_by_a_client(void **state)
{
    (void)state;
    STAND(&above_layer, parses);
    struct rig_sweep_report report =
        rig_sweep_disconnect_at(RIG_SITE, (struct rig_sweep){.client = client, .request = RIG_POST("/", .body = BODY)});
    const struct rig_sweep_found *leak = leak_of(report.found, report.found_count);
    assert_non_null(leak);
    assert_int_equal(leak->level, RIG_LEVEL_ERROR);
    assert_string_equal(leak->layer, "parses");
    assert_non_null(strstr(leak->where, "a client gone after byte"));
    assert_null(report.not_tried);
    forget();
}

/* Who asks to store something may mean it: a warning, which fails no test. */
static void test_memory_of_what_is_stored(void **state)
{
    (void)state;
    STAND(&above_layer, stores);
    struct rig_fault_report report = faults_of(RIG_POST("/", .body = BODY), 0);
    const struct rig_sweep_found *leak = leak_of(report.found, report.found_count);
    assert_non_null(leak);
    assert_int_equal(leak->level, RIG_LEVEL_WARNING);
    forget();
}

static void test_memory_kept_once(void **state)
{
    (void)state;
    STAND(&keeps_one_layer, careful);
    expect_none(RIG_GET("/"));
    expect_none(RIG_POST("/", .body = BODY));
    struct rig_sweep_report report =
        rig_sweep_disconnect_at(RIG_SITE, (struct rig_sweep){.client = client, .request = RIG_POST("/", .body = BODY)});
    assert_null(leak_of(report.found, report.found_count));
    forget();
}

static void test_memory_bounded(void **state)
{
    (void)state;
    const struct rig_middleware *const layers[] = {&remembers_layer, &pools_layer, &borrows_layer};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        STAND(layers[i], careful);
        for (kept_most = 3; kept_most < 1000; kept_most *= 17) {
            expect_none(RIG_GET("/"));
        }
        tear_down(NULL);
        set_up(NULL);
    }
}

static void test_memory_given_back_later(void **state)
{
    (void)state;
    STAND(&remembers_an_hour_layer, careful);
    expect_none(RIG_GET("/"));
    tear_down(NULL);
    set_up(NULL);
    STAND(&hands_over_layer, careful);
    expect_none(RIG_POST("/", .body = BODY));
    struct rig_recorder *recorder = rig_recorder_new(); /* keeps all that it saw, as it should */
    struct rig_client *recorded = rig_client_new(rig_recorder_app(recorder), (struct rig_client_options){0});
    struct rig_fault_report report = rig_sweep_faults_at(
        RIG_SITE, (struct rig_fault_loop){.client = recorded, .request = RIG_GET("/"), .kinds = 1u << RIG_FAULT_POOL});
    assert_null(leak_of(report.found, report.found_count));
    rig_client_free(recorded);
    rig_recorder_free(recorder);
}

static mtx_t stop;
static atomic_bool over;
static atomic_uint turns;

static int waits(void *unused)
{
    (void)unused;
    do {
        (void)mtx_lock(&stop);
        atomic_fetch_add(&turns, 1);
        (void)mtx_unlock(&stop);
    } while (!atomic_load(&over));
    return 0;
}

static int sleeps(void *unused)
{
    (void)unused;
    while (!atomic_load(&over)) {
        (void)thrd_sleep(&(struct timespec){.tv_nsec = 20000 * 1000}, NULL);
    }
    return 0;
}

static void nap(void)
{
    (void)thrd_sleep(&(struct timespec){.tv_nsec = 100 * 1000}, NULL);
}

/* Until the other thread is where it waits; one that sleeps is not. */
static void let_wait(void)
{
    struct rig_others others;
    for (unsigned i = 0; i < 500 && !rig_others_wait(&others); i++) {
        nap();
    }
}

/* Sends it beside a thread that does that. */
static struct rig_fault_report beside(int (*thread_of)(void *), struct rig_request request)
{
    thrd_t thread;
    atomic_store(&over, false);
    assert_int_equal(mtx_init(&stop, mtx_plain), thrd_success);
    (void)mtx_lock(&stop);
    assert_int_equal(thrd_create(&thread, thread_of, NULL), thrd_success);
    let_wait();
    struct rig_fault_report report = faults_of(request, 0);
    atomic_store(&over, true);
    (void)mtx_unlock(&stop);
    (void)thrd_join(thread, NULL);
    mtx_destroy(&stop);
    return report;
}

/* Another thread may free it: nobody is blamed, and the report says so. */
static void test_memory_not_watched(void **state)
{
    (void)state;
    STAND(&keeps_each_layer, careful);
    struct rig_fault_report report = beside(sleeps, RIG_GET("/"));
    assert_null(leak_of(report.found, report.found_count));
    assert_non_null(strstr(report.not_tried, "leaks: another thread runs or wakes by itself"));
    forget();
}

/* One that waits until somebody wakes it, and was not woken, has freed nothing. */
static void test_memory_beside_a_thread_that_waits(void **state)
{
    (void)state;
    STAND(&keeps_each_layer, careful);
    struct rig_fault_report report = beside(waits, RIG_GET("/"));
    assert_non_null(leak_of(report.found, report.found_count));
    assert_null(report.not_tried);
    forget();
}

static int wakes_another(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    unsigned before = atomic_load(&turns);
    (void)mtx_unlock(&stop);
    while (atomic_load(&turns) == before) {
        nap();
    }
    (void)mtx_lock(&stop);
    let_wait();
    return keeps_each(self, env, res, next);
}
LAYER(wakes_another);

static void test_memory_beside_a_thread_that_is_woken(void **state)
{
    (void)state;
    STAND(&wakes_another_layer, careful);
    struct rig_fault_report report = beside(waits, RIG_GET("/"));
    assert_null(leak_of(report.found, report.found_count));
    assert_non_null(strstr(report.not_tried, "leaks: another thread runs"));
    forget();
}

int main(int count, char **arguments)
{
    (void)count;
    rig_test_preload(arguments, "libstackrig-malloc.so");
    if (!rig_malloc_can_fail()) {
        print_message("1..1\nok 1 # SKIP libstackrig-malloc.so is not there, or not first\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {LEAK_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: leaks", tests, NULL, NULL);
}
