/* Needs a function that nobody has. */
#include <stackrig/stack.h>

int nobody_has_this(struct rig_stack *stack, const struct rig_setup *setup);

RIG_EXPORT(nobody_has_this);
