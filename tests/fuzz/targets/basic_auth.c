/* The example's stack. */
#include <stackrig/fuzz.h>

#include "examples/basic_auth/stack_basic_auth.c"

RIG_FUZZ(build, .protect = {"members"}, .profiles = {"http1", "nginx+plain", "nginx:fastcgi+libfcgi"});
