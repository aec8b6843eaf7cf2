/* Many clients, each on a thread of its own, share one stack: that is how servers run it. `make tsan` runs this too. */
#include "tests/unit/core_test.h"

#include <stackrig/doubles.h>

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 4
#define REQUESTS 2000
#define ROUND 50 /* requests between two resets */

/* ---- the shared stack: instances that are only read, maps, an inner stack, a scripted app ---- */

struct tag {
    const char *key, *value;
};

static int tags(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct tag *tag = self;
    int error = rig_env_set(env, tag->key, tag->value);
    error = error ? error : rig_next(next, env, res);
    return error ? error : rig_response_add_header(res, "X-Tag", tag->value);
}

static int init_tag(void *self, const void *options)
{
    *(struct tag *)self = *(const struct tag *)options;
    return 0;
}

static const struct rig_middleware tags_layer = {
    .name = "tags", .call = tags, .self_size = sizeof(struct tag), .init = init_tag};

static atomic_uint warmed;

static int answers_number(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *number = rig_env_get(env, "HTTP_X_NUMBER"), *inner = rig_env_get(env, "tag.inner");
    struct rig_bytes body;
    (void)self;
    int error = rig_input_all(rig_env_input(env), 100, &body);
    warmed += number && strcmp(number, "warm") == 0;
    if (error != 0 || !number || !inner) {
        return error ? error : -EINVAL;
    }
    return rig_respond(res, .status = 200, .headers = {{"X-Inner", inner}}, .body = number);
}

static int answers_outer(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *outer = rig_env_get(env, "tag.outer");
    (void)self;
    return rig_respond(res, .status = 202, .body = outer ? outer : "");
}

static struct rig_stack *shared_stack(void)
{
    struct rig_stack *stack = stack_new(), *inner = stack_new(), *scripted = stack_new();
    assert_int_equal(rig_use(stack, &tags_layer, &(struct tag){"tag.outer", "outer"}), 0);
    assert_int_equal(rig_use(inner, &tags_layer, &(struct tag){"tag.inner", "inner"}), 0);
    assert_int_equal(rig_run(inner, RIG_APP(answers_number)), 0);
    assert_int_equal(rig_run(scripted, rig_scripted({.status = 404, .body = "scripted"})), 0);
    assert_int_equal(rig_warm_up(inner, RIG_POST("/x", .headers = {{"X-Number", "warm"}}, .body = "warm")), 0);
    warmed = 0;
    assert_int_equal(rig_map(stack, "/in", inner), 0);
    assert_int_equal(rig_map(stack, "/script", scripted), 0);
    assert_int_equal(rig_run(stack, RIG_APP(answers_outer)), 0);
    return stack;
}

/* ---- one thread: it counts, for an assertion of cmocka's jumps, and may do so on its own thread alone ---- */

struct work {
    struct rig_stack *stack;
    unsigned number, wrong, told;
    bool changes;
};

static bool is_right(struct rig_client *client, unsigned kind, const char *number, const struct rig_result **result)
{
    if (kind == 0) {
        *result = rig_post(client, "/in/x", .headers = {{"X-Number", number}}, .body = number);
        const char *inner = rig_result_header(*result, "X-Inner");
        return (*result)->status == 200 && strcmp((*result)->body, number) == 0 && inner && strcmp(inner, "inner") == 0;
    }
    *result = kind == 1 ? rig_get(client, "/script") : rig_get(client, "/");
    return (*result)->status == (kind == 1 ? 404 : 202) &&
           strcmp((*result)->body, kind == 1 ? "scripted" : "outer") == 0;
}

/* Two threads may have tried before the next send, which then tells of both. */
static unsigned count_told(const struct rig_result *result)
{
    unsigned told = 0;
    for (size_t i = 0; i < result->finding_count; i++) {
        told += strcmp(result->findings[i].rule, "usage.stack.frozen") == 0;
    }
    return told;
}

static void *sends(void *closure)
{
    struct work *work = closure;
    struct rig_client *client = rig_client_new(rig_stack_app(work->stack), (struct rig_client_options){0});
    for (unsigned i = 0; client && i < REQUESTS; i++) {
        const struct rig_result *result;
        char number[32];
        (void)snprintf(number, sizeof number, "%u-%u", work->number, i);
        if (work->changes && i % (REQUESTS / 4) == 1) {
            work->wrong += rig_use(work->stack, &tags_layer, &(struct tag){"late", "late"}) != -EINVAL;
        }
        work->wrong += !is_right(client, i % 3, number, &result);
        unsigned told = count_told(result);
        work->told += told;
        work->wrong += result->error != 0 || result->finding_count != told;
        if (i % ROUND == ROUND - 1) {
            rig_client_reset(client);
        }
    }
    work->wrong += !client;
    (rig_client_free)(client); /* the function: what was told is not asserted */
    return NULL;
}

static unsigned run_threads(bool change)
{
    struct rig_stack *stack = shared_stack();
    struct work works[THREADS];
    pthread_t threads[THREADS];
    unsigned told = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        works[i] = (struct work){.stack = stack, .number = i, .changes = change};
        assert_int_equal(pthread_create(&threads[i], NULL, sends, &works[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(works[i].wrong, 0);
        told += works[i].told;
    }
    assert_int_equal(warmed, 1); /* by one of them */
    rig_stack_free(stack);
    return told;
}

static void test_clients_share_a_stack(void **state)
{
    (void)state;
    assert_int_equal(run_threads(false), 0);
}

/* The stack stays as it was, and the next request says so, whoever sends it. */
static void test_stack_changed_from_threads(void **state)
{
    (void)state;
    assert_in_range(run_threads(true), 1, THREADS * 4);
}

/* ---- two stacks over one ---- */

static void test_stacks_share_an_inner_stack(void **state)
{
    (void)state;
    struct rig_stack *shared = shared_stack(), *outer[2];
    struct work works[2];
    pthread_t threads[2];
    for (unsigned i = 0; i < 2; i++) {
        outer[i] = stack_new();
        for (unsigned k = 0; k <= i; k++) {
            assert_int_equal(rig_use(outer[i], &tags_layer, &(struct tag){"above", "above"}), 0);
        }
        assert_int_equal(rig_run(outer[i], rig_stack_app(shared)), 0);
        works[i] = (struct work){.stack = outer[i], .number = i};
    }
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, sends, &works[i]), 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(works[i].wrong, 0);
        rig_stack_free(outer[i]);
    }
    rig_stack_free(shared);
    assert_int_equal(warmed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clients_share_a_stack),
        cmocka_unit_test(test_stack_changed_from_threads),
        cmocka_unit_test(test_stacks_share_an_inner_stack),
    };
    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
