#define _GNU_SOURCE

#include "harness/cli/run/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/checks/own.h"
#include "harness/cli/plan/conf.h"
#include "harness/cli/plan/plan.h"
#include "harness/cli/run/load.h"
#include "harness/cli/run/protocol.h"
#include "harness/cli/run/settle.h"
#include "harness/cli/ui/known.h"
#include "harness/core/wall.h"

#define TIMEOUT_DEFAULT 10000 /* ms */
#define WAIT_STEP 5           /* ms */

/* An exported symbol's name stands in the file. One that only mentions it costs a process, and brings nothing. */
static bool mentions_rules(const char *path)
{
    static const char name[] = "rig_exported_rules"; /* maybe the end of a longer name, which the linker keeps once */
    struct stat about;
    bool found = false;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0) {
        size_t size = (size_t)about.st_size;
        void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes != MAP_FAILED) {
            found = memmem(bytes, size, name, sizeof name) != NULL;
            (void)munmap(bytes, size);
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return found;
}

/* ---- the process ---- */

static _Noreturn void tell_rows(const char *stack, int fd)
{
    char line[RIG_FRAME_STRING_MAX], wrong[RIG_OWN_WRONG_SIZE];
    struct rig_text why;
    struct rig_rule rows[RIG_OWN_RULES_MAX];
    const struct rig_own_rule *sorted[RIG_OWN_RULES_MAX];
    size_t at, count = 0;
    rig_text_start(&why, line, sizeof line);
    if (rig_stack_load(stack, &why)) {
        count = rig_own_rules_sort(rig_stack_rules(stack, &why), sorted, &at, wrong);
    }
    for (size_t i = 0; i < count; i++) {
        rows[i] = rig_own_row(sorted[i]);
    }
    rig_text_end(&why);
    (void)(why.length ? rig_frame_send(fd, RIG_FRAME_TROUBLE, 0, line) : rig_frame_send_rules(fd, rows, count));
    _exit(0); /* what its end would do is no matter of rows */
}

static pid_t start(const char *stack, int *fd)
{
    int ends[2];
    pid_t parent = getpid();
    (void)fflush(NULL);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        rig_settle_process(parent);
        rig_settle_streams();
        tell_rows(stack, ends[1]);
    }
    (void)close(ends[1]);
    if (child < 0) {
        (void)close(ends[0]);
        return -1;
    }
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *fd = ends[0];
    return child;
}

/* True: a whole frame. */
static bool receive(int fd, int64_t deadline, struct rig_frames *frames, struct rig_frame *frame)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    while (!rig_frames_next(frames, frame)) {
        int64_t left = deadline - rig_wall_ms();
        if (left <= 0 || frames->bad || (poll(&poller, 1, (int)left) < 0 && errno != EINTR)) {
            return false;
        }
        if (!rig_frames_fill(frames, fd) && frames->ended) {
            return rig_frames_next(frames, frame);
        }
    }
    return true;
}

enum heard {
    HEARD_ROWS,
    HEARD_TROUBLE,
    HEARD_NOTHING, /* the pipe was closed, or it is too late */
    HEARD_NONSENSE
};

static enum heard hear(int fd, int64_t deadline, struct rig_frames *frames, struct rig_frame *frame)
{
    if (!receive(fd, deadline, frames, frame)) {
        return frames->bad ? HEARD_NONSENSE : HEARD_NOTHING;
    }
    if (frame->kind == RIG_FRAME_TROUBLE && rig_frame_text(frame)) {
        return HEARD_TROUBLE;
    }
    return frame->kind == RIG_FRAME_RULES && rig_frame_take_rules(frame) ? HEARD_ROWS : HEARD_NONSENSE;
}

/* Of a process that closed its pipe: it may live on. False: it did, and was killed. */
static bool wait_for(pid_t child, int64_t deadline, int *status)
{
    pid_t ended;
    while ((ended = waitpid(child, status, WNOHANG)) == 0 && rig_wall_ms() < deadline) {
        (void)poll(NULL, 0, WAIT_STEP);
    }
    return ended != 0;
}

static void kill_all(pid_t child, bool ended)
{
    (void)kill(-child, SIGKILL); /* what it has started */
    (void)(ended ? 0 : kill(child, SIGKILL));
    while (!ended && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
}

static void tell_end(struct rig_text *why, const char *stack, bool nonsense, bool ended, int status)
{
    rig_text_printf(why, "the rules of %s cannot be read: ", stack);
    if (nonsense) {
        rig_text_add(why,
                     "what it told of them while it was loaded makes no sense: it wrote into another's descriptor");
    } else if (!ended) {
        rig_text_add(why, "no end while it was loaded");
    } else if (WIFSIGNALED(status)) {
        rig_text_printf(why, "%s while it was loaded", strsignal(WTERMSIG(status)));
    } else {
        rig_text_printf(why, "its process ended itself with exit status %d while it was loaded", WEXITSTATUS(status));
    }
}

bool rig_rows_read(const char *stack, int timeout, enum rig_rows *rows, struct rig_text *why)
{
    int fd, status = 0;
    *rows = RIG_ROWS_READ;
    rig_known_take(NULL, 0);
    if (!mentions_rules(stack)) {
        return true;
    }
    int64_t deadline = rig_wall_ms() + (timeout > 0 ? timeout : TIMEOUT_DEFAULT);
    pid_t child = start(stack, &fd);
    if (child < 0) {
        rig_complain("cannot start a process: %s", strerror(errno));
        return false;
    }
    struct rig_frames frames = {.data = NULL};
    struct rig_frame frame = {.data = NULL};
    enum heard heard = hear(fd, deadline, &frames, &frame);
    bool ended = heard == HEARD_NOTHING && wait_for(child, deadline, &status);
    kill_all(child, ended);
    if (heard == HEARD_TROUBLE) {
        rig_complain("%s", rig_frame_text(&frame));
    } else if (heard != HEARD_ROWS) {
        *rows = RIG_ROWS_UNKNOWN;
        tell_end(why, stack, heard == HEARD_NONSENSE, ended, status);
    }
    rig_frames_free(&frames);
    (void)close(fd);
    return heard != HEARD_TROUBLE;
}

bool rig_rows_show(const char *stack)
{
    char line[RIG_LINE_SIZE];
    struct rig_text why;
    enum rig_rows rows;
    rig_text_start(&why, line, sizeof line);
    if (!rig_stack_readable(stack, &why)) {
        rig_complain("%s", line);
        return false;
    }
    bool good = rig_rows_read(stack, 0, &rows, &why);
    if (good && rows == RIG_ROWS_UNKNOWN) {
        rig_complain("%s", line);
    }
    return good && rows == RIG_ROWS_READ;
}

bool rig_rows_settle(const struct rig_check_options *options, const struct rig_plan *plan, const struct rig_conf *conf)
{
    char line[RIG_LINE_SIZE];
    struct rig_text why;
    enum rig_rows rows = RIG_ROWS_READ;
    rig_text_start(&why, line, sizeof line);
    if (!options->program && !rig_rows_read(options->stack, options->timeout, &rows, &why)) {
        return false;
    }
    bool good = rows == RIG_ROWS_UNKNOWN || !conf || rig_conf_rules(conf);
    good = (rows == RIG_ROWS_UNKNOWN || rig_check_options_rules(options)) && good;
    return (rows == RIG_ROWS_UNKNOWN || rig_plan_rules(plan)) && good;
}
