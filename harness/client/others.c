/* Linux tells of each thread in which system call it waits, and how often it was on a processor. */
#define _GNU_SOURCE

#include "harness/client/others.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define ARGUMENTS 6

/* NULL: it cannot be read. */
static char *read_file(pid_t thread, const char *name, char *text, size_t size)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/%s", (int)thread, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, size - 1) : -1;
    if (fd >= 0) {
        (void)close(fd);
    }
    text[got > 0 ? got : 0] = '\0';
    return got > 0 ? text : NULL;
}

/* ---- its turns ---- */

static bool add_turns(const char *status, const char *name, uint64_t *turns)
{
    const char *at = strstr(status, name);
    *turns += at ? strtoull(at + strlen(name), NULL, 10) : 0;
    return at != NULL;
}

static bool count_turns(pid_t thread, uint64_t *turns)
{
    char text[4096];
    const char *status = read_file(thread, "status", text, sizeof text);
    return status && add_turns(status, "\nvoluntary_ctxt_switches:", turns) &&
           add_turns(status, "\nnonvoluntary_ctxt_switches:", turns);
}

/* ---- what it waits for ---- */

/* A timer that is read comes by itself. */
static bool is_timer(uint64_t fd)
{
    char path[64], target[64] = "";
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", (int)fd);
    return readlink(path, target, sizeof target - 1) < 0 || strstr(target, "timerfd") != NULL;
}

/* A socket's, of SO_RCVTIMEO. */
static bool has_timeout(uint64_t fd)
{
    struct timeval timeout = {0};
    socklen_t size = sizeof timeout;
    return getsockopt((int)fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, &size) == 0 && (timeout.tv_sec || timeout.tv_usec);
}

static bool futex_waits(const uint64_t *arguments)
{
    enum { WAIT = 0, WAIT_BITSET = 9, COMMAND = 127 };
    unsigned command = (unsigned)arguments[1] & COMMAND;
    return (command == WAIT || command == WAIT_BITSET) && arguments[3] == 0;
}

/* Without an end in time. */
static bool waits_in(long call, const uint64_t *arguments)
{
    switch (call) {
    case SYS_read:
        return !is_timer(arguments[0]) && !has_timeout(arguments[0]);
#ifdef SYS_accept
    case SYS_accept:
#endif
#ifdef SYS_accept4
    case SYS_accept4:
    case SYS_recvfrom:
    case SYS_recvmsg:
        return !has_timeout(arguments[0]);
#endif
    case SYS_futex:
        return futex_waits(arguments);
    case SYS_ppoll:
    case SYS_rt_sigtimedwait:
        return arguments[2] == 0;
    case SYS_pselect6:
        return arguments[4] == 0;
    case SYS_epoll_pwait:
        return (int)arguments[3] < 0;
#ifdef SYS_epoll_pwait2
    case SYS_epoll_pwait2:
        return arguments[3] == 0;
#endif
#ifdef SYS_pause /* newer machines have no calls for what others do as well */
    case SYS_pause:
#endif
    case SYS_rt_sigsuspend:
    case SYS_wait4:
        return true;
#ifdef SYS_poll
    case SYS_poll:
        return (int)arguments[2] < 0;
#endif
#ifdef SYS_select
    case SYS_select:
        return arguments[4] == 0;
#endif
#ifdef SYS_epoll_wait
    case SYS_epoll_wait:
        return (int)arguments[3] < 0;
#endif
    default:
        return false;
    }
}

/* "0 0x0 0x7f... ...", or "running". */
static bool waits(pid_t thread)
{
    char text[512], *at = read_file(thread, "syscall", text, sizeof text), *end = at;
    uint64_t arguments[ARGUMENTS];
    if (!at || *at < '0' || *at > '9') {
        return false;
    }
    long call = strtol(at, &end, 10);
    for (size_t i = 0; i < ARGUMENTS; i++) {
        arguments[i] = strtoull(end, &end, 16);
    }
    return waits_in(call, arguments);
}

/* ---- all of them ---- */

bool rig_others_wait(struct rig_others *others)
{
    DIR *threads = opendir("/proc/self/task");
    pid_t self = (pid_t)syscall(SYS_gettid);
    bool all = threads != NULL;
    *others = (struct rig_others){.count = 0};
    for (const struct dirent *entry; all && (entry = readdir(threads)) != NULL;) {
        pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10); /* 0: . and .. */
        if (thread > 0 && thread != self) {
            others->count++;
            all = waits(thread) && count_turns(thread, &others->turns); /* so: going to wait is a turn, too */
        }
    }
    if (threads) {
        (void)closedir(threads);
    }
    return all;
}

bool rig_others_still_wait(const struct rig_others *since)
{
    struct rig_others now;
    return rig_others_wait(&now) && now.count == since->count && now.turns == since->turns;
}
