#define _GNU_SOURCE

#include "harness/cli/run/connections.h"
#include "harness/cli/trace/alone.h"
#include "harness/cli/run/preload.h"
#include "harness/cli/run/rows.h"
#include "harness/cli/run/settle.h"
#include "harness/report/secrets.h"
#include "harness/cli/trace/trace_events.h"
#include "harness/cli/ui/progress.h"
#include "harness/core/wall.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAID_MAX ((size_t)16 << 20) /* bytes that a run may say */
#define PIECE 65536
#define SLICE 100 /* ms: how late Ctrl-C is heard, which a system call may have been asked to go on after */

struct reading {
    const struct rig_alone_job *job;
    struct rig_alone_said *said;
    size_t size, capacity;
    int64_t deadline; /* ms; put off by whatever comes */
    int timeout;
    bool late, ended, full;
};

static pid_t start(const struct rig_alone_job *job, int *fd)
{
    int ends[2];
    pid_t parent = getpid();
    fflush(NULL);
    if (pipe2(ends, O_CLOEXEC)) {
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        rig_settle_process(parent);
        rig_alone_child(job, ends[1]);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
    }
    *fd = ends[0];
    return child;
}

/* True: go on. */
static bool read_piece(struct reading *reading, int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    int64_t left = reading->deadline - rig_wall_ms();
    int ready = poll(&poller, 1, left > SLICE ? SLICE : left > 0 ? (int)left : 0);
    if (rig_interrupted()) {
        reading->said->interrupted = true;
        return false;
    }
    if (ready == 0 && left > SLICE && reading->job->tick) {
        reading->job->tick(reading->job->closure);
    }
    if ((ready < 0 && errno == EINTR) || (ready == 0 && left > SLICE)) {
        return true;
    }
    if (ready == 0) {
        reading->late = true;
        return false;
    }
    if (reading->capacity - reading->size < PIECE + 1) {
        reading->capacity = reading->capacity * 2 + PIECE + 1;
        char *grown = realloc(reading->said->data, reading->capacity);
        if (!grown) {
            return false;
        }
        reading->said->data = grown;
    }
    ssize_t got = read(fd, reading->said->data + reading->size, PIECE);
    if (got <= 0) {
        reading->ended = got == 0;
        return got < 0 && errno == EINTR;
    }
    reading->size += (size_t)got;
    reading->deadline = rig_wall_ms() + reading->timeout;
    const char *end = reading->said->data + reading->size;
    reading->ended = reading->size >= 3 && memcmp(end - 3, "\nE\n", 3) == 0; /* what it started may hold the pipe */
    reading->full = reading->size >= SAID_MAX;
    return !reading->ended && !reading->full;
}

static void cut_fields(struct rig_alone_line *line, char *at)
{
    for (size_t i = 0; i < RIG_ALONE_FIELDS; i++) {
        line->field[i] = at;
        at += strcspn(at, "\t");
        if (*at) {
            *at++ = '\0';
        }
    }
}

/* Which fields of a line may hold what a request brought, which variables and headers may be named after, too: of layers,
 * rules, places and numbers nothing is hidden. Of findings the process itself hides it, which knows their parts. */
static unsigned values_of(const struct rig_alone_line *line)
{
    const char *kind = line->field[RIG_V_KIND];
    switch (*line->field[0]) {
    case 'R':
        return 1u << RIG_R_TARGET | 1u << RIG_R_REFUSED | 1u << RIG_R_FOLLOWS;
    case 'A':
        return 1u << 1 | 1u << 2;
    case 'T':
        return 1u << 1;
    case 'V':
        return !strcmp(kind, "set") || !strcmp(kind, "unset") || !strcmp(kind, "replace")
                   ? 1u << RIG_V_FIRST | 1u << RIG_SET_BEFORE | 1u << RIG_SET_AFTER
               : !strcmp(kind, "header") ? 1u << RIG_V_FIRST | 1u << RIG_HEADER_VALUE
               : !strcmp(kind, "log")    ? 1u << RIG_V_FIRST
                                         : 0;
    case 'F':
        return 1u << RIG_F_SUBJECT;
    default:
        return 0;
    }
}

/* In place: what is hidden is no longer than it was. */
static void hide_values(const struct rig_secrets *secrets, struct rig_alone_line *line, char *start)
{
    unsigned values = secrets->count ? values_of(line) : 0;
    for (size_t i = 0; i < RIG_ALONE_FIELDS; i++) {
        if (values >> i & 1u) {
            char *hidden = rig_must_hide(secrets, line->field[i]);
            memcpy(start + (line->field[i] - start), hidden, strlen(hidden) + 1);
            free(hidden);
        }
    }
}

/* The process runs code under test: what it wrote is made printable before anybody looks. */
static void cut_lines(const struct rig_secrets *secrets, struct rig_alone_said *said, size_t size)
{
    size_t capacity = 0, start = 0;
    for (size_t i = 0; i < size; i++) {
        char c = said->data[i];
        if (c == '\n') {
            said->data[i] = '\0';
            said->lines = rig_must_grow(said->lines, said->count, &capacity, sizeof *said->lines);
            struct rig_alone_line *line = &said->lines[said->count++];
            cut_fields(line, said->data + start);
            hide_values(secrets, line, said->data + start);
            start = i + 1;
        } else if ((c < ' ' && c != '\t') || c > '~') {
            said->data[i] = '?';
        }
    }
}

static void tell_end(struct rig_alone_said *said, const struct reading *reading, int status)
{
    const char *last = said->count ? said->lines[said->count - 1].field[0] : "";
    if (last[0] == 'T') {
        snprintf(said->trouble, sizeof said->trouble, "%s", said->lines[said->count - 1].field[1]);
    } else if (reading->late) {
        snprintf(said->how, sizeof said->how, "no end after %d ms", reading->timeout);
    } else if (reading->full) {
        snprintf(said->how, sizeof said->how, "more than %zu MiB to tell: what the rest did is not known",
                 SAID_MAX >> 20);
    } else if (WIFSIGNALED(status)) {
        snprintf(said->how, sizeof said->how, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else if (strcmp(last, "E") != 0) {
        static const struct rig_stand unknown;
        const struct rig_watch *watch = reading->job->watch;
        rig_stand_tell_end(watch ? &watch->stand : &unknown, WEXITSTATUS(status), said->how);
    }
}

void rig_alone_secrets(const struct rig_alone_job *job, struct rig_secrets *secrets)
{
    for (size_t i = 0; i < job->plan->case_count; i++) {
        rig_case_secrets(secrets, &job->plan->cases[i], job->options);
    }
}

/* A process that has closed its end of the pipe may still go on. */
static int reap(struct reading *reading, pid_t child)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    int status = 0;
    pid_t gone;
    while ((gone = waitpid(child, &status, reading->ended ? WNOHANG : 0)) == 0 && rig_wall_ms() < reading->deadline) {
        nanosleep(&pause, NULL);
    }
    if (gone == 0) {
        reading->late = true;
        kill(child, SIGKILL);
        (void)waitpid(child, &status, 0);
    }
    return status;
}

bool rig_alone_run(const struct rig_alone_job *job, struct rig_alone_said *said)
{
    int fd;
    *said = (struct rig_alone_said){0};
    struct reading reading = {
        .job = job, .said = said, .deadline = rig_wall_ms() + job->options->timeout, .timeout = job->options->timeout};
    if (job->watch) {
        memset(job->watch, 0, sizeof *job->watch);
    }
    pid_t child = start(job, &fd);
    if (child < 0) {
        rig_complain("cannot start a process: %s", strerror(errno));
        return false;
    }
    while (read_piece(&reading, fd)) {
    }
    close(fd);
    if (!reading.ended) {
        kill(child, SIGKILL);
    }
    int status = reap(&reading, child);
    kill(-child, SIGKILL); /* what it has started */
    struct rig_secrets secrets = {0};
    rig_alone_secrets(job, &secrets);
    cut_lines(&secrets, said, reading.size);
    rig_secrets_free(&secrets);
    if (!said->interrupted) {
        tell_end(said, &reading, status);
    }
    return true;
}

void rig_alone_said_free(struct rig_alone_said *said)
{
    free(said->lines);
    free(said->data);
    *said = (struct rig_alone_said){0};
}

bool rig_alone_prepare(struct rig_alone_plan *inputs, struct rig_check_options *options, bool counts, char **arguments)
{
    rig_servers_default(options, rig_servers_by_default);
    rig_servers_free(options->servers, 1, options->server_count);
    options->server_count = 1;
    return rig_preload(options->now != 0, false, counts, arguments) &&
           rig_files_read(options->files, options->file_count, &inputs->files) &&
           rig_plan_make(&inputs->plan, options, inputs->files) && rig_rows_settle(options, &inputs->plan, NULL);
}

void rig_alone_plan_free(struct rig_alone_plan *inputs, struct rig_check_options *options, char **arguments)
{
    rig_preload_arguments_free(arguments);
    rig_plan_free(&inputs->plan);
    rig_files_free(inputs->files, options->file_count);
    rig_check_options_free(options);
}
