/* The example's stack, mended. Its X-Request-Id is another each time, its item 13 fails. */
#include <stackrig/fuzz.h>

#include "examples/copied_env/stack_mended.c"

RIG_FUZZ(build, .targets = {"/items/13"}, .declared = {500}, .ignore = {"fuzz.answer.*", "fuzz.variant.*"});
