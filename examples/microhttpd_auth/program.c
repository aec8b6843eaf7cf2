/* The program: built with -lmicrohttpd it serves port 8080; `stackrig check` runs it as it is. */
#include "service.h"

#include <stdio.h>

int main(void)
{
    struct MHD_Daemon *daemon = start_broken(8080);
    if (!daemon) {
        return 1;
    }
    (void)getchar(); /* serves until there is a line, or no more */
    MHD_stop_daemon(daemon);
    return 0;
}
