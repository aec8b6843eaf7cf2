/* Many clients on many threads share a stack: it is frozen once, and what comes too late is told once. */
#include "tests/unit/core_test.h"

#include <pthread.h>

#define THREADS 4
#define SENDS 200
#define LATE 50

static int passes_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_env_set(env, "layer", "x");
    return error ? error : rig_next(next, env, res);
}
LAYER(passes_on);

struct work {
    pthread_t thread;
    struct rig_stack *stack;
    unsigned wrong, told, layers;
};

/* No assertions in here: they jump, and cmocka is for one thread. */
static void *send_many(void *closure)
{
    struct work *work = closure;
    struct rig_client *client = rig_client_new(rig_stack_app(work->stack), (struct rig_client_options){.now = 0});
    for (unsigned i = 0; client && i < SENDS; i++) {
        const struct rig_result *result = rig_post(client, i % 2 ? "/mapped/x" : "/x", .body = "some body");
        work->wrong += result->status != 200 || result->error != 0 || strcmp(result->body, "some body") != 0;
        work->layers += result->hop_count > 0 && result->hops[0].layer_index == 0;
        for (size_t k = 0; k < result->finding_count; k++) {
            unsigned more = 0;
            if (strcmp(result->findings[k].rule, "usage.stack.frozen") != 0) {
                work->wrong++;
            } else if (sscanf(result->findings[k].message, "and %u more", &more) == 1) {
                work->told += more;
            } else {
                work->told++;
            }
        }
        rig_client_reset(client);
    }
    work->wrong += client == NULL;
    (void)rig_client_close(client, NULL, 0);
    return NULL;
}

static void *build_late(void *closure)
{
    struct work *work = closure;
    for (unsigned i = 0; i < LATE; i++) {
        work->wrong += rig_use(work->stack, &passes_on_layer) != -EINVAL;
    }
    return NULL;
}

static struct rig_stack *shared_stack(void)
{
    struct rig_stack *stack = stack_new(), *mapped = stack_new();
    assert_int_equal(rig_use(stack, &passes_on_layer), 0);
    assert_int_equal(rig_use(mapped, &passes_on_layer), 0);
    assert_int_equal(rig_run(mapped, RIG_APP(answer_body)), 0);
    assert_int_equal(rig_map(stack, "/mapped", mapped), 0);
    assert_int_equal(rig_run(stack, RIG_APP(answer_body)), 0);
    return stack;
}

/* The first requests of all come at once. */
static void test_threads_share_a_stack(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        struct work works[THREADS];
        struct rig_stack *stack = shared_stack();
        for (size_t i = 0; i < THREADS; i++) {
            works[i] = (struct work){.stack = stack};
            assert_int_equal(pthread_create(&works[i].thread, NULL, send_many, &works[i]), 0);
        }
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_join(works[i].thread, NULL), 0);
            assert_int_equal(works[i].wrong, 0);
            assert_int_equal(works[i].told, 0);
            assert_int_equal(works[i].layers, SENDS);
        }
        rig_stack_free(stack);
    }
}

static void test_late_building_from_another_thread(void **state)
{
    (void)state;
    struct work senders[2], late[2];
    struct rig_stack *stack = shared_stack();
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    rig_assert(rig_get(client, "/"), .status = 200); /* frozen */
    for (size_t i = 0; i < 2; i++) {
        senders[i] = late[i] = (struct work){.stack = stack};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_many, &senders[i]), 0);
        assert_int_equal(pthread_create(&late[i].thread, NULL, build_late, &late[i]), 0);
    }
    unsigned told = 0;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
        assert_int_equal(pthread_join(late[i].thread, NULL), 0);
        assert_int_equal(senders[i].wrong + late[i].wrong, 0);
        told += senders[i].told;
    }
    const struct rig_result *result = rig_get(client, "/"); /* what nobody has told yet */
    unsigned more = 0;
    for (size_t i = 0; i < result->finding_count; i++) {
        told += sscanf(result->findings[i].message, "and %u more", &more) == 1 ? more : 1;
    }
    (void)rig_expect(result);
    assert_int_equal(told, 2 * LATE); /* each once */
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
    rig_stack_free(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_share_a_stack),
        cmocka_unit_test(test_late_building_from_another_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
