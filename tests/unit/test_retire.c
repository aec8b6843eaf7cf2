/* What a layer keeps beyond its client, and a stack beyond its owner. */
#include "tests/unit/core_test.h"

#include "harness/core/stack.h"

struct kept {
    struct rig_env *env;
    struct rig_response *res;
    struct rig_next *next;
    struct rig_input *input;
};

static int keeps(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct kept *kept = self;
    if (!kept->env) {
        *kept = (struct kept){env, res, next, rig_env_input(env)};
        return rig_next(next, env, res);
    }
    char byte;
    assert_null(rig_env_get(kept->env, "PATH_INFO"));
    assert_int_equal(rig_response_set_status(kept->res, 500), -ESTALE);
    assert_int_equal(rig_next(kept->next, env, res), -ESTALE);
    assert_int_equal(rig_input_read(kept->input, &byte, 1), -ESTALE);
    return rig_next(next, env, res);
}
static const struct rig_middleware keeps_layer = {.name = "keeps", .call = keeps, .self_size = sizeof(struct kept)};

static struct rig_stack *stack_that_keeps(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    assert_int_equal(rig_use(stack, &keeps_layer), 0);
    assert_int_equal(rig_run(stack, rig_scripted({.status = 200})), 0);
    return stack;
}

static struct rig_client *client_of(struct rig_stack *stack)
{
    return rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
}

/* As in a suite whose tests each have a client of their own over one stack. */
static void test_kept_beyond_its_client(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_that_keeps();
    struct rig_client *client = client_of(stack);
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
    client = client_of(stack);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(
        result, .status = 200,
        .findings = {"env.lifetime.stale", "response.lifetime.stale", "next.lifetime.stale", "input.lifetime.stale"});
    assert_string_equal(result->findings[0].layer, "keeps");
    rig_client_free(client);
    rig_stack_free(stack);
}

/* Handles of freed clients are kept for a while, not for ever. */
static void test_many_clients(void **state)
{
    (void)state;
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    assert_int_equal(rig_run(stack, rig_scripted({.status = 200})), 0);
    for (int i = 0; i < 100; i++) {
        struct rig_client *client = client_of(stack);
        rig_assert(rig_get(client, "/"), .status = 200);
        rig_client_free(client);
    }
    unsigned kept = 0;
    for (const void *const *at = (const void *const *)(const void *)stack->retired; at; at = *at) {
        kept++; /* next is the first member */
    }
    assert_int_equal(kept, 4);
    rig_stack_free(stack);
}

static int destroyed;

static void count_destroyed(void *self)
{
    (void)self;
    destroyed++;
}

static int passes(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, env, res);
}

static void test_stack_freed_before_its_clients(void **state)
{
    static const struct rig_middleware layer = {.name = "passes", .call = passes, .destroy = count_destroyed};
    (void)state;
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    assert_int_equal(rig_use(stack, &layer), 0);
    assert_int_equal(rig_run(stack, rig_scripted({.status = 200})), 0);
    struct rig_client *first = client_of(stack), *second = client_of(stack);
    rig_stack_free(stack);
    rig_assert(rig_get(first, "/"), .status = 200);
    rig_client_free(first);
    assert_int_equal(destroyed, 0);
    rig_assert(rig_get(second, "/"), .status = 200);
    rig_client_free(second);
    assert_int_equal(destroyed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept_beyond_its_client),
        cmocka_unit_test(test_many_clients),
        cmocka_unit_test(test_stack_freed_before_its_clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
