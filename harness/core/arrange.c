/* Which layers take part, and in which order: for finding the one that is to blame. */
#include "harness/core/stack.h"

#include <errno.h>

#define NESTING_MAX 64 /* a stack that contains itself has no end */

struct arrangement {
    const unsigned *layers;
    size_t count;
    unsigned index; /* of the next stack's first layer */
    unsigned depth;
};

/* The stack's own layers of the list, in the order of the list. */
static void arrange_chain(const struct arrangement *arrangement, struct rig_stack *stack)
{
    for (size_t i = 0; i < stack->use_count; i++) {
        stack->uses[i]->left_out = true;
    }
    stack->chain_count = 0;
    for (size_t i = 0; i < arrangement->count; i++) {
        unsigned layer = arrangement->layers[i], first = arrangement->index;
        if (layer >= first && layer - first < stack->use_count && stack->uses[layer - first]->left_out) {
            stack->uses[layer - first]->left_out = false;
            stack->chain[stack->chain_count++] = stack->uses[layer - first];
        }
    }
}

static void arrange(struct arrangement *arrangement, struct rig_stack *stack)
{
    if (arrangement->depth == NESTING_MAX) {
        return; /* the first request tells it */
    }
    arrangement->depth++;
    arrange_chain(arrangement, stack);
    arrangement->index += (unsigned)stack->use_count;
    for (size_t i = 0; i < stack->mapping_count; i++) {
        arrange(arrangement, stack->mappings[i].inner);
    }
    struct rig_stack *inner = rig_app_stack(&stack->app);
    if (inner) {
        arrange(arrangement, inner);
    }
    arrangement->depth--;
}

int rig_stack_arrange(struct rig_stack *stack, const unsigned *layers, size_t count)
{
    if (!stack || (!layers && count > 0)) {
        return rig_mistake_build(stack, RIG_MISUSE_NULL_ARGUMENT, NULL, "rig_stack_arrange was given a NULL %s",
                                 stack ? "list" : "stack");
    }
    struct arrangement arrangement = {.layers = layers, .count = count};
    arrange(&arrangement, stack);
    return 0;
}
