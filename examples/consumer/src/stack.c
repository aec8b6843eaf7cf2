/* The stack for the command: stackrig check build/items.so tests/requests.http */
#include "require_key.h"

#include <stackrig/fuzz.h>

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    /* the run's own, which `# @as valid` sends: a fuzzer can tell who had it and who was let in without */
    const struct rig_secret *valid = rig_setup_secret(setup, "valid");
    const char *key = rig_setup_get(setup, "key"); /* --set key=... */
    return build_items(stack, key ? key : valid ? valid->value : "demo-key");
}

RIG_EXPORT(build);
RIG_FUZZ(build, .protect = {"count_bytes"}); /* stackrig fuzz: who enters this app has sent the key */
