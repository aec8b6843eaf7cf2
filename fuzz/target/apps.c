/* The apps of a stack, by name. */
#include "fuzz/target/target.h"

#include "harness/core/stack.h"

static void add(struct rig_fuzz_apps *apps, const char *name)
{
    bool known = false;
    for (size_t i = 0; i < apps->count && !known; i++) {
        known = strcmp(apps->names[i], name) == 0;
    }
    if (!known && apps->count < RIG_FUZZ_APPS_MAX) {
        apps->names[apps->count++] = name;
    } else if (!known) {
        apps->beyond++;
    }
}

void rig_fuzz_list_apps(struct rig_fuzz_apps *apps, const struct rig_stack *stack)
{
    const struct rig_stack *end = rig_fuzz_end_of(stack);
    if (stack->app.call && !end) {
        add(apps, stack->app.name ? stack->app.name : "app"); /* as its hops have it */
    }
    for (const struct rig_stack *inner = stack->first_inner; inner; inner = inner->next_inner) {
        rig_fuzz_list_apps(apps, inner);
    }
    if (end && end != stack) {
        rig_fuzz_list_apps(apps, end);
    }
}
