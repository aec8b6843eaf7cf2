/* What a program with a loop of its own calls. In a test, requests come from the rig at once, and there is nothing to wait
 * for; in a program that runs as a child, a descriptor tells that one waits, and MHD_run lets it have its turn. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <poll.h>
#include <time.h>

#define LONGEST 1000 /* ms: of a wait for nothing */

enum MHD_Result MHD_get_fdset(struct MHD_Daemon *daemon, fd_set *reading, fd_set *writing, fd_set *failing,
                              MHD_socket *highest)
{
    return MHD_get_fdset2(daemon, reading, writing, failing, highest, FD_SETSIZE);
}

enum MHD_Result MHD_get_fdset2(struct MHD_Daemon *daemon, fd_set *reading, fd_set *writing, fd_set *failing,
                               MHD_socket *highest, unsigned size)
{
    if (!daemon || !reading || !writing || !failing) {
        return MHD_NO;
    }
    int fd = daemon->turn.waiting_fd;
    if (fd >= 0 && ((unsigned)fd >= size || fd >= FD_SETSIZE)) {
        return MHD_NO;
    }
    if (fd >= 0) {
        FD_SET(fd, reading);
        if (highest && (*highest < fd || *highest == MHD_INVALID_SOCKET)) {
            *highest = fd;
        }
    }
    return MHD_YES;
}

enum MHD_Result MHD_get_timeout(struct MHD_Daemon *daemon, MHD_UNSIGNED_LONG_LONG *timeout)
{
    (void)daemon, (void)timeout;
    return MHD_NO;
}

enum MHD_Result MHD_run(struct MHD_Daemon *daemon)
{
    if (!daemon) {
        return MHD_NO;
    }
    rig_mhd_turn_run(daemon);
    return MHD_YES;
}

enum MHD_Result MHD_run_wait(struct MHD_Daemon *daemon, int32_t milliseconds)
{
    int32_t most = milliseconds < 0 || milliseconds > LONGEST ? LONGEST : milliseconds;
    if (daemon && daemon->turn.waiting_fd >= 0) {
        struct pollfd waiting = {.fd = daemon->turn.waiting_fd, .events = POLLIN};
        (void)poll(&waiting, 1, milliseconds < 0 ? -1 : milliseconds);
    } else {
        const struct timespec pause = {most / 1000, most % 1000 * 1000000L};
        (void)nanosleep(&pause, NULL);
    }
    return MHD_run(daemon);
}

enum MHD_Result MHD_run_from_select(struct MHD_Daemon *daemon, const fd_set *reading, const fd_set *writing,
                                    const fd_set *failing)
{
    (void)reading, (void)writing, (void)failing;
    return MHD_run(daemon);
}
