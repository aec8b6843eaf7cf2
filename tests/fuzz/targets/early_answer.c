/* The example's stack, mended. */
#include <stackrig/fuzz.h>

#include "examples/early_answer/stack_mended.c"

RIG_FUZZ(build, .targets = {"/api/items"}, .words = {"demo-token", "Bearer demo-token"},
         .profiles = {"http1", "passenger3", "haproxy+plain"});
