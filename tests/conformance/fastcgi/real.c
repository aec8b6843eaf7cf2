/* The program on its own, with the real library: its socket's path is the argument. */
#include "tests/conformance/fastcgi/program.h"

#include <signal.h>
#include <sys/prctl.h>

int main(int count, char **arguments)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    return count == 2 ? program(arguments[1]) : 2;
}
