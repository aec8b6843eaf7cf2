#define _GNU_SOURCE

#include "harness/cli/check/parallel.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/cli/ui/progress.h"
#include "harness/cli/run/settle.h"

/* ---- the parts of a plan ---- */

/* The jobs of one profile, or of one file under it: they share a stack. */
struct part {
    struct rig_plan plan;
    size_t first;
    pid_t child; /* 0: it is not there yet, or not any more */
    int records, complaints;
    bool ended;
    int ended_by; /* the signal; 0: none */
};

/* By parent and children, for each part. */
struct shared {
    size_t done;
    bool good, whole; /* what rig_supervise returned; it has returned */
};

static bool begins_part(const struct rig_plan *plan, size_t job, bool each_file)
{
    const struct rig_job *one = &plan->jobs[job], *before = one - 1;
    return job == 0 || one->server != before->server ||
           (each_file && plan->cases[one->number].path != plan->cases[before->number].path);
}

/* free() it. */
static struct part *cut(const struct rig_plan *plan, bool each_file, size_t *count)
{
    size_t capacity = 0;
    struct part *parts = NULL;
    *count = 0;
    for (size_t i = 0; i < plan->job_count; i++) {
        if (begins_part(plan, i, each_file)) {
            parts = rig_must_grow(parts, *count, &capacity, sizeof *parts);
            parts[*count] = (struct part){.plan = *plan, .first = i, .records = -1, .complaints = -1};
            parts[*count].plan.jobs = plan->jobs + i;
            parts[*count].plan.job_count = 0;
            ++*count;
        }
        parts[*count - 1].plan.job_count++;
    }
    return parts;
}

/* ---- a sink in between, for the jobs' numbers ---- */

struct shifted {
    const struct rig_sink *to;
    size_t by;
};

static void shift_report(void *closure, size_t job, const struct rig_job_report *report)
{
    const struct shifted *all = closure;
    all->to->report(all->to->closure, job + all->by, report);
}

static void shift_found(void *closure, size_t job, const struct rig_job_report *report)
{
    const struct shifted *all = closure;
    all->to->found(all->to->closure, job + all->by, report);
}

static void shift_loss(void *closure, const struct rig_loss *loss)
{
    const struct shifted *all = closure;
    struct rig_loss one = *loss;
    one.job += loss->in_request ? all->by : 0;
    all->to->loss(all->to->closure, &one);
}

static void shift_layers(void *closure, unsigned count)
{
    const struct shifted *all = closure;
    all->to->layers(all->to->closure, count);
}

static void shift_shortage(void *closure)
{
    const struct shifted *all = closure;
    all->to->shortage(all->to->closure);
}

static void shift_lingering(void *closure)
{
    const struct shifted *all = closure;
    all->to->lingering(all->to->closure);
}

static void shift_restart(void *closure)
{
    const struct shifted *all = closure;
    all->to->restart(all->to->closure);
}

static void shift_tick(void *closure, size_t done)
{
    const struct shifted *all = closure;
    all->to->tick(all->to->closure, done + all->by);
}

static struct rig_sink shift(struct shifted *shifted)
{
    return (struct rig_sink){shift_report,    shift_loss,    shift_layers, shift_shortage, shift_found,
                             shift_lingering, shift_restart, shift_tick,   shifted};
}

/* One after the other, until one does not come to its end. */
static void mark(bool *ran, const struct part *part, size_t done)
{
    for (size_t i = 0; i < done; i++) {
        ran[part->first + i] = true;
    }
}

static bool in_turn(struct part *parts, size_t count, const struct rig_check_options *options,
                    const struct rig_sink *sink, bool *ran)
{
    bool good = true, whole = true;
    for (size_t i = 0; i < count && good && whole && !rig_interrupted(); i++) {
        size_t done;
        struct shifted shifted = {sink, parts[i].first};
        const struct rig_sink to = shift(&shifted);
        good = rig_supervise(&parts[i].plan, options, &to, &done);
        whole = done == parts[i].plan.job_count;
        mark(ran, &parts[i], done);
    }
    return good;
}

/* ---- what a child notes, and the parent tells ---- */

enum record_kind { REPORT, FOUND, LOSS, LAYERS, SHORTAGE, LINGERING, RESTART };

struct record {
    uint32_t kind, number; /* number: of layers */
    size_t job, size;      /* size: of what follows */
};

struct recorder {
    int fd; /* not a stream: a worker that is forked would flush what is in it, too */
    bool failed;
    struct shared *shared;
};

static void put(struct recorder *recorder, const void *data, size_t size)
{
    recorder->failed = (size > 0 && write(recorder->fd, data, size) != (ssize_t)size) || recorder->failed;
}

static void note(struct recorder *recorder, struct record record, const void *data)
{
    put(recorder, &record, sizeof record);
    put(recorder, data, record.size);
}

static void note_report(void *closure, size_t job, const struct rig_job_report *report)
{
    note(closure, (struct record){REPORT, 0, job, report->raw_size}, report->raw);
}

static void note_found(void *closure, size_t job, const struct rig_job_report *report)
{
    note(closure, (struct record){FOUND, 0, job, report->raw_size}, report->raw);
}

/* Its pointers are to words of the command, which are where they are in the parent. */
static void note_loss(void *closure, const struct rig_loss *loss)
{
    note(closure, (struct record){LOSS, 0, 0, sizeof *loss}, loss);
}

static void note_layers(void *closure, unsigned count)
{
    note(closure, (struct record){LAYERS, count, 0, 0}, "");
}

static void note_shortage(void *closure)
{
    note(closure, (struct record){SHORTAGE, 0, 0, 0}, "");
}

static void note_lingering(void *closure)
{
    note(closure, (struct record){LINGERING, 0, 0, 0}, "");
}

static void note_restart(void *closure)
{
    note(closure, (struct record){RESTART, 0, 0, 0}, "");
}

static void note_tick(void *closure, size_t done)
{
    const struct recorder *recorder = closure;
    recorder->shared->done = done;
}

static _Noreturn void run_part(const struct part *part, const struct rig_check_options *options, struct shared *shared)
{
    size_t done;
    struct recorder recorder = {part->records, false, shared};
    const struct rig_sink sink = {note_report,    note_loss,    note_layers, note_shortage, note_found,
                                  note_lingering, note_restart, note_tick,   &recorder};
    (void)dup2(part->complaints, STDERR_FILENO);
    shared->good = rig_supervise(&part->plan, options, &sink, &done);
    shared->done = done;
    shared->whole = !recorder.failed;
    _exit(0);
}

static void tell_report(const struct rig_sink *sink, const struct record *record, const unsigned char *data)
{
    struct rig_job_report report;
    const struct rig_frame frame = {RIG_FRAME_REPORT, 0, data, record->size};
    if (rig_frame_report(&frame, &report)) {
        (record->kind == REPORT ? sink->report : sink->found)(sink->closure, record->job, &report);
    }
    rig_job_report_free(&report);
}

static void tell(const struct rig_sink *sink, const struct record *record, const unsigned char *data)
{
    struct rig_loss loss;
    switch (record->kind) {
    case LOSS:
        memcpy(&loss, data, sizeof loss);
        sink->loss(sink->closure, &loss);
        break;
    case LAYERS:
        sink->layers(sink->closure, record->number);
        break;
    case SHORTAGE:
        sink->shortage(sink->closure);
        break;
    case LINGERING:
        sink->lingering(sink->closure);
        break;
    case RESTART:
        sink->restart(sink->closure);
        break;
    default:
        tell_report(sink, record, data);
    }
}

static void tell_records(const struct part *part, const struct rig_sink *sink)
{
    struct record record;
    FILE *in = part->records >= 0 ? fdopen(part->records, "r") : NULL;
    if (!in) {
        return;
    }
    rewind(in);
    while (fread(&record, sizeof record, 1, in) == 1) {
        unsigned char *data = rig_must_alloc(record.size, 1);
        if (fread(data, 1, record.size, in) == record.size) {
            tell(sink, &record, data);
        }
        free(data);
    }
    (void)fclose(in);
}

static void tell_complaints(const struct part *part)
{
    char piece[4096];
    ssize_t got;
    (void)lseek(part->complaints, 0, SEEK_SET);
    while ((got = read(part->complaints, piece, sizeof piece)) > 0) {
        (void)fwrite(piece, 1, (size_t)got, stderr);
    }
    (void)close(part->complaints);
}

static void drop(const struct part *part)
{
    int fds[] = {part->records, part->complaints};
    for (size_t i = 0; i < 2; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
}

/* ---- several at a time ---- */

#define AHEAD 64 /* parts that end before one that still runs are kept: that many */

static bool start(struct part *part, const struct rig_check_options *options, struct shared *shared)
{
    pid_t parent = getpid();
    part->records = memfd_create("stackrig-records", MFD_CLOEXEC);
    part->complaints = memfd_create("stackrig-complaints", MFD_CLOEXEC);
    (void)fflush(NULL);
    part->child = part->records < 0 || part->complaints < 0 ? -1 : fork();
    if (part->child == 0) {
        rig_settle_process(parent);
        run_part(part, options, shared);
    }
    if (part->child < 0) {
        rig_complain("cannot start a worker: %s", strerror(errno));
        part->child = 0;
        part->ended = true;
        return false;
    }
    return true;
}

static void tick(const struct rig_sink *sink, const struct shared *shared, size_t count)
{
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        done += shared[i].done;
    }
    sink->tick(sink->closure, done);
}

/* How many of them still run. */
static size_t reap(struct part *parts, size_t count)
{
    size_t running = 0;
    for (size_t i = 0; i < count; i++) {
        int status = 0;
        if (parts[i].child > 0 && waitpid(parts[i].child, &status, WNOHANG) != 0) {
            parts[i].child = 0;
            parts[i].ended = true;
            parts[i].ended_by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        }
        running += parts[i].child > 0;
    }
    return running;
}

/* They are process groups of their own: what a terminal sends does not come to them. */
static void pass_interrupt_on(const struct part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i].child > 0) {
            (void)kill(parts[i].child, SIGINT);
        }
    }
}

/* What came of them, in their order; as one after the other, nothing of those behind one that gave up. */
struct telling {
    const struct rig_sink *sink;
    struct part *parts;
    const struct shared *shared;
    bool *ran;
    size_t count, next;
    bool good, goes_on;
};

static void tell_part(struct telling *all, const struct part *part, const struct shared *shared)
{
    struct shifted shifted = {all->sink, part->first};
    const struct rig_sink to = shift(&shifted);
    tell_complaints(part);
    tell_records(part, &to);
    mark(all->ran, part, shared->done);
    if (part->ended_by != 0) {
        rig_complain("the process that ran the requests under %s was ended by a signal: %s",
                     part->plan.servers[part->plan.jobs[0].server]->name, strsignal(part->ended_by));
    }
    bool came_to_its_end = shared->good && shared->whole;
    all->goes_on =
        rig_interrupted() || part->ended_by != 0 || (came_to_its_end && shared->done == part->plan.job_count);
    all->good = all->good && came_to_its_end;
}

/* As soon as it is their turn: their descriptors are not kept. */
static void tell_ended(struct telling *all)
{
    for (; all->next < all->count && all->parts[all->next].ended; all->next++) {
        if (all->goes_on) {
            tell_part(all, &all->parts[all->next], &all->shared[all->next]);
        } else {
            drop(&all->parts[all->next]);
        }
    }
}

static void run_parts(struct telling *all, const struct rig_check_options *options, struct shared *shared)
{
    const struct timespec nap = {0, 10000000};
    size_t next = 0;
    bool told = false;
    for (size_t running = 0; next < all->count || running > 0; running = reap(all->parts, all->count)) {
        tell_ended(all);
        for (; next < all->count && running < options->jobs && next < all->next + AHEAD && !rig_interrupted(); next++) {
            running += start(&all->parts[next], options, &shared[next]);
        }
        if (rig_interrupted() && !told) {
            pass_interrupt_on(all->parts, all->count);
            next = all->count;
            told = true;
        }
        tick(all->sink, shared, all->count);
        (void)nanosleep(&nap, NULL);
    }
    tell_ended(all);
}

static bool at_once(struct part *parts, size_t count, const struct rig_check_options *options,
                    const struct rig_sink *sink, bool *ran)
{
    struct shared *shared =
        mmap(NULL, count * sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        rig_complain("out of memory");
        return false;
    }
    struct telling all = {
        .sink = sink, .parts = parts, .shared = shared, .ran = ran, .count = count, .good = true, .goes_on = true};
    run_parts(&all, options, shared);
    (void)munmap(shared, count * sizeof *shared);
    return all.good;
}

bool rig_supervise_all(const struct rig_plan *plan, const struct rig_check_options *options,
                       const struct rig_sink *sink, bool *ran)
{
    size_t count;
    struct part *parts = cut(plan, options->each_file, &count);
    bool turns = options->jobs == 1 || count == 1;
    bool good = (turns ? in_turn : at_once)(parts, count, options, sink, ran);
    free(parts);
    return good;
}
