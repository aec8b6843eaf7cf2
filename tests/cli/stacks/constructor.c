/* Dies while it is loaded. */
#include <stackrig/stack.h>

#include <signal.h>

__attribute__((constructor)) static void die(void)
{
    raise(SIGSEGV);
}

RIG_EXPORT(NULL);
