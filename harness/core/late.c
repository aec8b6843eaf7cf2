/* Changes to a stack after its first request: refused, kept with the stack and told by the next send, once. Whichever
 * thread comes may try one while others run requests, so a lock is held for as long as a copy takes. */
#include "harness/core/stack.h"
#include "harness/http/rare.h"

#include <stdio.h>

void rig_late_lock(struct rig_late *late)
{
    while (atomic_flag_test_and_set_explicit(&late->locked, memory_order_acquire)) {
    }
}

void rig_late_unlock(struct rig_late *late)
{
    atomic_flag_clear_explicit(&late->locked, memory_order_release);
}

bool rig_stack_is_frozen(struct rig_stack *stack, const char *site, const char *call)
{
    char text[sizeof(((struct rig_mistake *)0)->text)];
    if (!stack || atomic_load_explicit(&stack->frozen, memory_order_acquire) == 0) {
        return false;
    }
    (void)snprintf(text, sizeof text, "%s came after the first request of stack \"%s\"", call, stack->name);
    if (rig_run_here()) {
        (void)rig_misuse(NULL, RIG_MISUSE_STACK_FROZEN, site, "%s", text);
        return true;
    }
    rig_late_lock(&stack->late);
    rig_mistake_keep(&stack->late.mistakes, RIG_EVENT_MISUSE, RIG_MISUSE_STACK_FROZEN, site, text);
    atomic_store_explicit(&stack->late.any, true, memory_order_release);
    rig_late_unlock(&stack->late);
    return true;
}

static void tell(struct rig_run *run, struct rig_late *late)
{
    rig_late_lock(late);
    struct rig_mistakes mistakes = late->mistakes;
    late->mistakes.count = late->mistakes.more = 0;
    atomic_store_explicit(&late->any, false, memory_order_release);
    rig_late_unlock(late);
    rig_mistakes_report(run, &mistakes);
}

void rig_app_tell_late(struct rig_run *run, const struct rig_app *app)
{
    for (struct rig_stack *stack = rig_app_stack(app); stack; stack = rig_app_stack(&stack->app)) {
        if (RIG_RARE(atomic_load_explicit(&stack->late.any, memory_order_acquire))) {
            tell(run, &stack->late);
        }
        for (size_t i = 0; i < stack->mapping_count; i++) {
            const struct rig_app inner = rig_stack_app(stack->mappings[i].inner);
            rig_app_tell_late(run, &inner);
        }
    }
}
