/* The cases in the rig. */
#include "memory.h"

#include <stackrig/microhttpd.h>

#include <stdio.h>

static void play(size_t i)
{
    const struct parity_case *parity = &parity_cases[i];
    struct MHD_Daemon *daemon = parity_start(parity);
    if (!daemon) {
        say("not started");
        return;
    }
    stackrig_microhttpd_set_patience(daemon, 50);
    play_case(stackrig_microhttpd_app(daemon), parity);
    MHD_stop_daemon(daemon);
}

static int speed(unsigned requests)
{
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL,
                                                 speed_handler, NULL, MHD_OPTION_END);
    int wrong = speed_in_memory(stackrig_microhttpd_app(daemon), requests);
    MHD_stop_daemon(daemon);
    return wrong;
}

int main(int argc, char **argv)
{
    return parity_main(argc, argv, parity_case_count, parity_name, play, speed);
}
