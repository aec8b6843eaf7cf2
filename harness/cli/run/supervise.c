#define _GNU_SOURCE

#include "harness/cli/run/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/cli/run/child.h"
#include "harness/cli/ui/cli.h"
#include "harness/cli/run/program.h"
#include "harness/cli/ui/progress.h"
#include "harness/cli/run/settle.h"
#include "harness/cli/run/worker.h"
#include "harness/core/wall.h"

#define GRACE 2000 /* ms: for a worker that has said its last word */
#define SLICE 100  /* ms: how late the death of a worker whose own children hold the pipe is noticed */

enum stage { LOADING, BUILDING, BUILT, RUNNING, BETWEEN, CLOSING, DONE, TROUBLE };

struct supervisor {
    const struct rig_plan *plan;
    const struct rig_check_options *options;
    const struct rig_sink *sink;
    struct rig_watch *watch;
    struct rig_frames frames;
    enum stage stage;
    bool broken;                      /* the worker says what it cannot mean */
    struct rig_shortage first_malloc; /* of the job before next, which lost its worker in the allocation before this;
                                       * .nth 0: none */
    struct rig_skips skips;           /* of the job that is next: what lost it a worker */
    bool left;                        /* the program ended by itself */
    bool cut;                         /* the worker ends after its report: it was told to stop there */
    size_t first, next;               /* the job that the worker began with; the one that runs or comes next */
    pid_t child;
    struct rig_child program; /* of a child that is one */
    int fd;
    int64_t deadline;
    int64_t heard; /* ns: when the job began, or a part of it came to its end */
};

/* The process, or -1. */
static pid_t start_worker(struct supervisor *all, int fd)
{
    pid_t parent = getpid();
    bool again = all->first_malloc.nth > 0;
    struct rig_worker worker = {.options = all->options,
                                .plan = all->plan,
                                .watch = all->watch,
                                .first_job = again ? all->next - 1 : all->next,
                                .first_malloc = all->first_malloc,
                                .fd = fd};
    if (all->options->program) {
        return rig_child_start(&all->program, &worker);
    }
    pid_t child = fork();
    if (child == 0) {
        rig_settle_process(parent);
        rig_worker_run(&worker);
    }
    return child;
}

static bool start(struct supervisor *all)
{
    int ends[2];
    fflush(stdout);
    memset(all->watch, 0, sizeof *all->watch);
    all->watch->skips = all->skips;
    all->cut = all->left = false;
    if (pipe2(ends, O_CLOEXEC)) {
        return false;
    }
    all->child = start_worker(all, ends[1]);
    int error = errno;
    close(ends[1]);
    if (all->child < 0) {
        close(ends[0]);
        errno = error;
        return false;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    all->fd = ends[0];
    all->frames = (struct rig_frames){0};
    all->stage = LOADING;
    all->broken = false;
    all->first = all->next;
    all->deadline = rig_wall_ms() + all->options->timeout;
    return true;
}

static bool take_report(struct supervisor *all, const struct rig_frame *frame)
{
    struct rig_job_report report;
    bool good = rig_frame_report(frame, &report);
    if (good) {
        all->sink->report(all->sink->closure, all->next++, &report);
        all->cut = all->skips.stop > 0;
        all->skips = (struct rig_skips){.count = 0};
        all->heard = rig_wall_ns();
        all->deadline = rig_wall_ms() + all->options->timeout;
    }
    rig_job_report_free(&report);
    return good;
}

/* Of requests that were sent again: their job had its report before. */
static bool take_found(struct supervisor *all, const struct rig_frame *frame)
{
    struct rig_job_report report;
    bool good = rig_frame_report(frame, &report);
    if (good) {
        all->sink->found(all->sink->closure, all->next - 1, &report);
        all->heard = rig_wall_ns();
    }
    rig_job_report_free(&report);
    return good;
}

static bool move_to(struct supervisor *all, bool allowed, enum stage stage)
{
    if (allowed) {
        all->stage = stage;
    }
    return allowed;
}

static bool is_through(const struct supervisor *all)
{
    return all->next == all->plan->job_count || all->cut;
}

/* What may come when. False: it makes no sense, so a layer has overwritten the worker's memory. */
static bool take(struct supervisor *all, const struct rig_frame *frame)
{
    enum stage stage = all->stage;
    bool idle = stage == BUILT || stage == BETWEEN;
    bool failing = all->options->each_malloc && idle && all->next > 0 && frame->number == all->next - 1;
    switch (frame->kind) {
    case RIG_FRAME_TROUBLE:
        /* a thread of a program may say it at any time */
        if (!rig_frame_text(frame) || (stage > BUILT && !all->options->program)) {
            return false;
        }
        rig_complain("%s", rig_frame_text(frame));
        return move_to(all, true, TROUBLE);
    case RIG_FRAME_BUILD:
        return move_to(all, stage == LOADING, BUILDING);
    case RIG_FRAME_READY:
        if (stage == BUILDING) {
            all->sink->layers(all->sink->closure, frame->number);
        }
        return move_to(all, stage == BUILDING, BUILT);
    case RIG_FRAME_START:
        all->heard = rig_wall_ns();
        return move_to(all, idle && frame->number == all->next && all->next < all->plan->job_count, RUNNING);
    case RIG_FRAME_ALIVE:
        all->deadline = rig_wall_ms() + all->options->timeout;
        return stage == RUNNING || (all->options->each_malloc && idle);
    case RIG_FRAME_REPORT:
        return move_to(all, stage == RUNNING && frame->number == all->next && take_report(all, frame), BETWEEN);
    case RIG_FRAME_SHORT:
        if (failing) {
            all->sink->shortage(all->sink->closure);
            all->deadline = rig_wall_ms() + all->options->timeout;
        }
        return move_to(all, failing, BETWEEN);
    case RIG_FRAME_FOUND:
        return move_to(all, failing && take_found(all, frame), BETWEEN);
    case RIG_FRAME_CLOSING:
        return move_to(all, stage == BETWEEN || (stage == BUILT && all->first_malloc.nth > 0), CLOSING);
    case RIG_FRAME_DONE:
        if (all->options->program && frame->number == 1) {
            all->left = true;
            return move_to(all, stage == CLOSING, DONE);
        }
        return move_to(all, stage == CLOSING && is_through(all), DONE);
    default:
        return false;
    }
}

static void take_frames(struct supervisor *all)
{
    struct rig_frame frame;
    bool more = true;
    while (more && !all->broken && all->stage < DONE) {
        more = rig_frames_fill(&all->frames, all->fd);
        while (!all->broken && all->stage < DONE && rig_frames_next(&all->frames, &frame)) {
            all->broken = !take(all, &frame);
        }
        all->broken = all->broken || all->frames.bad;
    }
}

static void listen_to(struct supervisor *all)
{
    if (all->options->program) {
        rig_child_listen(&all->program);
    }
}

/* Waits until something may have come. */
static void wait_for_frames(const struct supervisor *all)
{
    struct pollfd pollers[] = {{.fd = all->frames.ended ? -1 : all->fd, .events = POLLIN},
                               {.fd = all->program.out, .events = POLLIN}};
    int64_t left = all->deadline - rig_wall_ms();
    poll(pollers, all->options->program ? 2 : 1, left < 0 ? 0 : left < SLICE ? (int)left : SLICE);
}

/* Listens until the worker has said all, or is gone, or late. Returns true when it died, with its wait status. */
static bool follow(struct supervisor *all, int *status)
{
    while (all->stage < DONE && !all->broken) {
        bool dead = waitpid(all->child, status, WNOHANG) == all->child;
        take_frames(all);
        listen_to(all);
        if (dead) {
            return true;
        }
        if (rig_wall_ms() >= all->deadline || rig_interrupted()) {
            return false;
        }
        all->sink->tick(all->sink->closure, all->next);
        wait_for_frames(all);
    }
    return false;
}

/* Leaves it the time to end that it needs. True: it has, with this status. */
static bool let_end(struct supervisor *all, int *status)
{
    struct pollfd hangup = {.fd = all->fd};
    if (all->options->program) {
        return rig_child_end(&all->program, all->child, status);
    }
    poll(&hangup, 1, GRACE);
    return false;
}

/* Returns whether it is known how it ended. */
static bool end_worker(struct supervisor *all, bool dead, int *status)
{
    bool ended = dead || (all->stage == DONE && let_end(all, status));
    kill(-all->child, SIGKILL);
    if (!ended) {
        kill(all->child, SIGKILL);
        while (waitpid(all->child, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    listen_to(all);
    close(all->fd);
    rig_frames_free(&all->frames);
    return ended;
}

static void describe_death(struct rig_loss *loss, int status)
{
    static const struct {
        int number;
        const char *name;
    } signals[] = {{SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
                   {SIGILL, "SIGILL"},   {SIGTRAP, "SIGTRAP"}, {SIGSYS, "SIGSYS"},   {SIGKILL, "SIGKILL"},
                   {SIGTERM, "SIGTERM"}, {SIGALRM, "SIGALRM"}, {SIGXCPU, "SIGXCPU"}, {SIGUSR1, "SIGUSR1"}};
    if (!WIFSIGNALED(status)) {
        rig_stand_tell_end(&loss->where.stand, WEXITSTATUS(status), loss->how);
        return;
    }
    snprintf(loss->how, sizeof loss->how, "signal %d", WTERMSIG(status));
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        if (signals[i].number == WTERMSIG(status)) {
            snprintf(loss->how, sizeof loss->how, "%s", signals[i].name);
        }
    }
}

/* The allocation that fails just now, or that failed last: a heap that was broken then may show it later. .nth 0: none. */
static struct rig_shortage last_shortage(const struct supervisor *all)
{
    const struct rig_malloc_fault *memory = &all->watch->memory;
    char fault[RIG_WATCH_TEXT];
    unsigned long long nth = 0;
    if (memory->nth > 0) {
        return (struct rig_shortage){memory->nth, memory->always};
    }
    (void)snprintf(fault, sizeof fault, "%.*s", RIG_WATCH_TEXT - 1, all->watch->fault);
    bool once = sscanf(fault, "malloc at allocation %llu", &nth) == 1;
    bool always = !once && sscanf(fault, "malloc from allocation %llu on", &nth) == 1;
    return (struct rig_shortage){once || always ? nth : 0, always};
}

/* Was it lost in a request whose allocation failed? */
static bool is_short(const struct supervisor *all)
{
    uint64_t nth = last_shortage(all).nth;
    bool between = all->stage == BETWEEN || (all->stage == BUILT && all->first_malloc.nth > 0);
    return all->options->each_malloc && between && all->next > 0 && nth >= 1 && nth <= RIG_ALLOCATIONS_MAX;
}

static void tell_when(const struct supervisor *all, struct rig_loss *loss)
{
    loss->is_short = is_short(all);
    if (loss->is_short) {
        loss->in_request = true;
        loss->job = all->next - 1;
    } else if (all->stage < BUILT && all->options->program) {
        loss->during = "before the program had a server";
    } else if (all->stage < RUNNING) {
        loss->during = all->stage == LOADING ? "while the stack was loaded" : "while the stack was built";
    } else if (all->stage >= CLOSING) {
        loss->during = all->options->program ? "while the program ended" : "while the stack was freed";
    } else {
        loss->in_request = true;
        loss->job = all->stage == RUNNING ? all->next : all->next - 1;
        loss->during = all->stage == RUNNING   ? NULL
                       : all->options->program ? "after the answer"
                                               : "after the answer, while the request was closed";
        loss->fault = all->stage == RUNNING && all->plan->jobs[loss->job].faults;
    }
}

bool rig_loss_of_library(const struct rig_loss *loss, const struct rig_check_options *options)
{
    const struct rig_program *program = options->program;
    if (!program || !loss->is_short || strcmp(loss->where.layer, program->kind->name) != 0) {
        return false;
    }
    const char *own = strrchr(program->path, '/') + 1, *where = loss->where.memory.where;
    size_t size = strcspn(where, "(");
    return *where != '\0' && (strncmp(where, own, size) != 0 || own[size] != '\0');
}

/* True: what it printed is of use. */
static bool tell_loss(const struct supervisor *all, bool died, int status, bool go_on)
{
    struct rig_loss loss = {.where = *all->watch};
    loss.where.stand.module[RIG_STAND_NAME - 1] = '\0';
    rig_watch_settle(&loss.where);
    loss.where.memory.where[sizeof loss.where.memory.where - 1] = '\0';
    tell_when(all, &loss);
    loss.took = loss.in_request ? (uint64_t)(rig_wall_ns() - all->heard) : 0;
    if (loss.is_short) {
        struct rig_shortage last = last_shortage(all);
        loss.where.memory.nth = last.nth;
        loss.where.memory.always = last.always;
        loss.late = loss.where.memory.fired == 0;
    }
    loss.cut = loss.fault && !go_on;
    if (all->broken && !(died && WIFSIGNALED(status))) {
        /* The worker went on for a while: where it is now says nothing. */
        snprintf(loss.how, sizeof loss.how, "the rig's own memory or pipe was overwritten");
        loss.during = loss.during ? loss.during : "by a layer or the app";
        loss.where = (struct rig_watch){.layer = ""};
    } else if (died) {
        describe_death(&loss, status);
    } else {
        loss.hang = true;
        snprintf(loss.how, sizeof loss.how, "no end after %g s", all->options->timeout / 1000.0);
    }
    all->sink->loss(all->sink->closure, &loss);
    return !rig_loss_of_library(&loss, all->options);
}

/* It never had a server, and did not crash: what it was given is not what can be checked. */
static bool never_served(struct supervisor *all, bool died, int status)
{
    const struct rig_check_options *options = all->options;
    if (!options->program || all->stage >= BUILT || all->broken || (died && !WIFEXITED(status))) {
        return false;
    }
    const char *path = options->program->path;
    if (died) {
        rig_complain("%s ended with exit status %d before it started a server%s", path, WEXITSTATUS(status),
                     WEXITSTATUS(status) == 0 ? "; one that goes into the background must be kept from it"
                                              : "; --arg gives it arguments");
    } else {
        rig_complain("%s started no server within %g s (--timeout)", path, options->timeout / 1000.0);
    }
    all->stage = TROUBLE;
    return true;
}

/* What became of a worker that is gone. True: it was lost. */
static bool tell_end(struct supervisor *all, bool died, bool ended, int status, bool go_on)
{
    bool lost = all->stage < DONE && !never_served(all, died, status);
    bool crashed = all->stage == DONE && ended && rig_child_crashed(&all->program, status);
    bool show = all->stage == TROUBLE;
    if (lost || crashed) {
        show = tell_loss(all, died || crashed, status, go_on);
    }
    if (all->stage == DONE && all->program.asked && all->options->program->has_asan) {
        all->sink->lingering(all->sink->closure);
    }
    if (all->options->program && show) {
        rig_child_show(&all->program, all->options->program->path);
    }
    return lost;
}

/* Was it lost with one of a request's faults? Then the request is to be tried without it. */
static bool leave_out(struct supervisor *all, bool died)
{
    char where[RIG_WATCH_TEXT];
    if (all->stage != RUNNING || !all->plan->jobs[all->next].faults) {
        return false;
    }
    snprintf(where, sizeof where, "%.*s", RIG_WATCH_TEXT - 1, all->watch->fault);
    return rig_skips_add(&all->skips, where, all->watch->begun, !died);
}

/* One worker, from its start to its end. False: there is no point in another. */
static bool run_worker(struct supervisor *all)
{
    int status = 0;
    bool died = follow(all, &status), memory = all->stage < DONE && is_short(all);
    if (rig_interrupted() && !died) {
        (void)end_worker(all, false, &status);
        rig_child_close(&all->program);
        return false;
    }
    if (all->stage < DONE && !died && !all->broken && !all->options->program) {
        rig_stand_ask(all->child, &all->watch->stand);
    }
    bool ended = end_worker(all, died, &status);
    bool again = leave_out(all, died), lost = tell_end(all, died, ended, status, again);
    rig_child_close(&all->program);
    if (again) {
        return true;
    }
    bool more = all->next + (all->stage == RUNNING) < all->plan->job_count;
    bool rest = all->first_malloc.nth > 0; /* it began in the middle of a job */
    if (lost && all->stage == RUNNING) {
        all->next++;
        all->skips = (struct rig_skips){.count = 0};
    }
    struct rig_shortage last = last_shortage(all);
    all->first_malloc = memory ? (struct rig_shortage){last.nth + 1, last.always} : (struct rig_shortage){0};
    /* One that came no further than the one before it would only do the same again. */
    if (all->left && more && all->plan->jobs[all->next].server == all->plan->jobs[all->next - 1].server) {
        all->sink->restart(all->sink->closure);
    }
    return memory || (more && (rest || all->next > all->first) && (lost || all->stage == DONE));
}

bool rig_supervise(const struct rig_plan *plan, const struct rig_check_options *options, const struct rig_sink *sink,
                   size_t *done)
{
    struct supervisor all = {
        .plan = plan, .options = options, .sink = sink, .watch = rig_watch_new(), .program = {.in = -1, .out = -1}};
    bool started = all.watch != NULL, again = started;
    while (again) {
        started = start(&all);
        again = started && run_worker(&all);
    }
    if (!started) {
        rig_complain("cannot start a worker: %s", strerror(errno));
    }
    rig_watch_free(all.watch);
    *done = all.next;
    return started && all.stage != TROUBLE;
}
