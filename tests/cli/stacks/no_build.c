/* An export without a function. */
#include <stackrig/stack.h>

RIG_EXPORT(NULL);
