/* When a client is freed its handles stay for a while with the stack that it ran: an env that a layer kept in its
 * instance is then told to be stale by the next client too, not followed into freed memory. And a stack that is freed
 * before its clients goes with the last of them. */
#include "harness/core/stack.h"

#define RETIRED_MAX 4 /* clients whose handles are kept; some 50 KiB each */
#define POOLS 5

struct rig_retired {
    struct rig_retired *next;
    struct rig_memory memory;
    struct rig_pool pools[POOLS];
};

static void free_retired(struct rig_retired *retired)
{
    while (retired) {
        struct rig_retired *next = retired->next;
        struct rig_memory memory = retired->memory;
        for (size_t i = 0; i < POOLS; i++) {
            retired->pools[i].memory = &memory;
            rig_pool_free(&retired->pools[i]);
        }
        rig_memory_release(&memory, retired, sizeof *retired);
        retired = next;
    }
}

/* The runner's handles, which leaves it without any; NULL: they go with the client. */
static struct rig_retired *retire(struct rig_runner *runner)
{
    struct rig_pool *pools[POOLS] = {&runner->envs, &runner->responses, &runner->inputs, &runner->nexts,
                                     &runner->guards};
    /* An allocator of the test's own may not outlive its client. */
    struct rig_retired *retired =
        runner->memory.is_default && runner->requests > 0 ? rig_memory_alloc(&runner->memory, sizeof *retired) : NULL;
    if (!retired) {
        return NULL;
    }
    *retired = (struct rig_retired){.memory = runner->memory};
    for (size_t i = 0; i < POOLS; i++) {
        rig_pool_move(&retired->pools[i], pools[i]);
    }
    return retired;
}

void rig_stack_join(struct rig_stack *stack)
{
    rig_late_lock(&stack->late);
    stack->users++;
    rig_late_unlock(&stack->late);
}

void rig_stack_part(struct rig_stack *stack, struct rig_runner *runner)
{
    struct rig_retired *retired = retire(runner), *oldest = NULL;
    rig_late_lock(&stack->late);
    bool last = --stack->users == 0 && stack->orphaned;
    if (retired) {
        retired->next = stack->retired;
        stack->retired = retired;
        struct rig_retired **link = &stack->retired;
        for (unsigned i = 0; i < RETIRED_MAX && *link; i++) {
            link = &(*link)->next;
        }
        oldest = *link;
        *link = NULL;
    }
    rig_late_unlock(&stack->late);
    free_retired(oldest);
    if (last) {
        rig_stack_free(stack);
    }
}

bool rig_stack_orphan(struct rig_stack *stack)
{
    rig_late_lock(&stack->late);
    bool used = stack->users > 0;
    stack->orphaned = used;
    rig_late_unlock(&stack->late);
    if (!used) {
        free_retired(stack->retired);
        stack->retired = NULL;
    }
    return used;
}
