#define _GNU_SOURCE

#include "harness/cli/run/settle.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/core/with_parent.h"

void rig_settle_process(pid_t parent)
{
    rig_end_with_parent(parent);
    (void)setpgid(0, 0);
}

void rig_settle_streams(void)
{
    int null = open("/dev/null", O_RDONLY);
    if (null >= 0) {
        (void)dup2(null, STDIN_FILENO);
        (void)close(null);
    }
    (void)dup2(STDERR_FILENO, STDOUT_FILENO);
    (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    (void)signal(SIGTTOU, SIG_IGN); /* as a background process group it would be stopped by a terminal's tostop */
}
