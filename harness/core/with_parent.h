/* A child that ends with its parent, however that ends. */
#ifndef HARNESS_CORE_WITH_PARENT_H
#define HARNESS_CORE_WITH_PARENT_H

#ifdef __linux__
#include <signal.h>
#include <sys/prctl.h>
#endif
#include <unistd.h>

/* First in the child. parent: what getpid() was before the fork; it may be gone already. */
static inline void rig_end_with_parent(pid_t parent)
{
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent) {
        _exit(0);
    }
}

#endif
