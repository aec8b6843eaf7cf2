/* The stack for the command: stackrig check build/items.so tests/requests.http */
#include "require_key.h"

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const char *key = rig_setup_get(setup, "key"); /* --set key=... */
    return build_items(stack, key ? key : "demo-key");
}

RIG_EXPORT(build);
