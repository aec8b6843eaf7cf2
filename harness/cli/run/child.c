#define _GNU_SOURCE

#include "harness/cli/run/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/cli/run/handed.h"
#include "harness/cli/run/program.h"
#include "harness/cli/run/protocol.h"
#include "harness/core/with_parent.h"

#define SLICE 5         /* ms */
#define BY_ITSELF 300   /* ms: for a program that leaves when its input ends */
#define WHEN_ASKED 1000 /* ms: after SIGTERM */

/* ---- its start ---- */

static void keep_open(int fd)
{
    (void)fcntl(fd, F_SETFD, 0);
}

static _Noreturn void become(const struct rig_worker *worker, int in, int out, int handed)
{
    char number[16], line[256];
    (void)setpgid(0, 0); /* so that what it starts can be ended with it */
    (void)dup2(in, STDIN_FILENO);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(out, STDERR_FILENO);
    (void)signal(SIGPIPE, SIG_DFL); /* the command ignores it, and that would be inherited */
    keep_open(worker->fd);
    keep_open(rig_watch_descriptor());
    (void)snprintf(number, sizeof number, "%d", handed);
    rig_program_become(worker->options, number);
    (void)snprintf(line, sizeof line, "cannot start %s: %s", worker->options->program->path, strerror(errno));
    (void)rig_frame_send(worker->fd, RIG_FRAME_TROUBLE, 0, line);
    _exit(0);
}

static void close_both(const int *ends)
{
    int error = errno;
    (void)close(ends[0]);
    (void)close(ends[1]);
    errno = error;
}

pid_t rig_child_start(struct rig_child *child, struct rig_worker *worker)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    pid_t parent = getpid(), process = -1;
    int handed = rig_handed_write(worker);
    if (handed >= 0 && pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0) {
        process = fork();
    }
    if (process == 0) {
        rig_end_with_parent(parent);
        become(worker, in[0], out[1], handed);
    }
    int error = errno;
    (void)close(handed);
    errno = error;
    if (process < 0) {
        close_both(in);
        close_both(out);
        return -1;
    }
    (void)close(in[0]);
    (void)close(out[1]);
    (void)fcntl(out[0], F_SETFL, O_NONBLOCK);
    *child = (struct rig_child){.in = in[1], .out = out[0]};
    return process;
}

/* ---- what it prints ---- */

void rig_child_listen(struct rig_child *child)
{
    ssize_t got = child->out >= 0 ? 1 : 0;
    while (got > 0) {
        if (child->size == sizeof child->text) {
            child->size /= 2;
            memmove(child->text, child->text + sizeof child->text - child->size, child->size);
            child->cut = true;
        }
        got = read(child->out, child->text + child->size, sizeof child->text - child->size);
        child->size += got > 0 ? (size_t)got : 0;
    }
}

void rig_child_show(const struct rig_child *child, const char *path)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    if (child->size == 0) {
        return;
    }
    rig_complain("%s printed:%s", path, child->cut ? " (the end of it)" : "");
    for (size_t at = 0; at < child->size;) {
        const char *from = child->text + at, *end = memchr(from, '\n', child->size - at);
        size_t size = end ? (size_t)(end - from) : child->size - at;
        rig_text_start(&text, line, sizeof line);
        rig_text_escape_bytes(&text, from, size);
        fprintf(stderr, "  | %s\n", line);
        at += size + 1;
    }
}

/* ---- its end ---- */

static bool wait_for(struct rig_child *child, pid_t process, int milliseconds, int *status)
{
    for (int waited = 0; waited <= milliseconds; waited += SLICE) {
        bool ended = waitpid(process, status, WNOHANG) == process;
        rig_child_listen(child);
        if (ended) {
            return true;
        }
        (void)poll(NULL, 0, SLICE);
    }
    return false;
}

bool rig_child_end(struct rig_child *child, pid_t process, int *status)
{
    (void)close(child->in);
    child->in = -1;
    if (wait_for(child, process, BY_ITSELF, status)) {
        return true;
    }
    child->asked = true;
    (void)kill(process, SIGTERM);
    return wait_for(child, process, WHEN_ASKED, status);
}

bool rig_child_crashed(const struct rig_child *child, int status)
{
    if (WIFSIGNALED(status)) {
        return WTERMSIG(status) != SIGTERM;
    }
    return WEXITSTATUS(status) != 0 && memmem(child->text, child->size, "Sanitizer", sizeof "Sanitizer" - 1) != NULL;
}

void rig_child_close(struct rig_child *child)
{
    if (child->in >= 0) {
        (void)close(child->in);
    }
    if (child->out >= 0) {
        (void)close(child->out);
    }
    child->in = child->out = -1;
}
