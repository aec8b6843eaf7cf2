/* Warm-up requests: when they are sent, and what becomes of one that is not. */
#include "harness/core/stack.h"

/* In Rack's order: what stands below is there first, and below is first the stack at the end. */
void rig_stack_warm_up(struct rig_run *run, struct rig_stack *stack)
{
    struct rig_stack *end = rig_app_stack(&stack->app);
    if (end) {
        rig_stack_warm_up(run, end);
    }
    for (struct rig_stack *inner = stack->first_inner; inner; inner = inner->next_inner) {
        rig_stack_warm_up(run, inner);
    }
    if (stack->warm_up && !atomic_exchange_explicit(&stack->warmed, true, memory_order_acq_rel)) {
        stack->warm_up->send(stack->warm_up, stack, run);
    }
}

void rig_warm_up_drop(struct rig_stack *stack)
{
    struct rig_warm_up *warm_up = stack->warm_up;
    stack->warm_up = NULL;
    if (!warm_up) {
        return;
    }
    if (warm_up->source.close) {
        warm_up->source.close(warm_up->source.self);
    }
    rig_memory_release(&stack->memory, warm_up, warm_up->size);
}
