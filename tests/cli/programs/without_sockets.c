/* without_sockets COMMAND ARGUMENT...: the kernel kills each of its processes that opens a socket; 77: it cannot here. */
#include "examples/no_socket.h"

#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 2 || !forbid_sockets()) {
        return 77;
    }
    (void)execvp(argv[1], argv + 1);
    return 127;
}
