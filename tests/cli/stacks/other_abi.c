/* A stack of another version of the rig. */
#include <stackrig/stack.h>

extern const struct rig_export rig_exported_stack;
__attribute__((visibility("default"))) const struct rig_export rig_exported_stack = {.abi = RIG_ABI + 41};
