/* Linked into the command of the coverage build with --wrap=_exit: a forked child that leaves with _exit writes its
 * counts first. */
#include <stdnoreturn.h>

void __gcov_dump(void);
noreturn void __real__exit(int status);
noreturn void __wrap__exit(int status);

noreturn void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}
