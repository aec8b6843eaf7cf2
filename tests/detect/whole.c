#define _DEFAULT_SOURCE

/* The whole table: some stacks at a time, each in a child that leaves its figures in shared memory, printed in the
 * table's order. */
#include "tests/detect/detect.h"

#include "harness/cli/ui/progress.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <signal.h>
#include <time.h>
#include <unistd.h>

#define ROWS_MAX 256
#define INTERRUPTED 130 /* as by a shell */
#define LOOK_NS 20000000

struct figures {
    bool plain, alarm, hung;
    uint64_t execs[DETECT_SEEDS_MAX]; /* of planted ones in order, UINT64_MAX: not found; of a correct one the first */
    char said[sizeof((struct detect_outcome *)0)->said];
};

struct work {
    const struct detect_row *row;
    const char *title; /* of the first of a table; NULL */
    pid_t child;       /* 0: none */
    bool begun, done, printed;
};

struct totals {
    unsigned planted, plain, found, correct, alarms, skipped;
    uint64_t slowest;
};

static const struct detect_options *options;
static struct work works[ROWS_MAX];
static size_t work_count;
static struct figures *figures; /* one for each of works */
static struct rig_progress progress;

/* ---- in a child: one stack ---- */

static int by_number(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;
    return (one > two) - (one < two);
}

static void try_it(const struct detect_row *row, uint64_t seed, struct detect_outcome *outcome)
{
    if (!detect_fuzz(row, seed, options->execs, outcome)) {
        detect_give_up("no child could be started");
    }
}

static void try_all(const struct detect_row *row, struct figures *to)
{
    struct detect_outcome outcome;
    uint64_t seeds = row->rule ? options->seeds : 1;
    if (!detect_plainly(row, &outcome)) {
        detect_give_up("no child could be started");
    }
    to->plain = outcome.plain;
    to->hung = outcome.hung;
    if (outcome.plain || outcome.hung) {
        memcpy(to->said, outcome.said, sizeof to->said);
    }
    for (uint64_t i = 0; i < seeds; i++) {
        try_it(row, i + 1, &outcome);
        to->execs[i] = outcome.found || !row->rule ? outcome.execs : UINT64_MAX;
        to->alarm = to->alarm || outcome.found || outcome.execs < options->execs;
        to->hung = to->hung || outcome.hung;
        if (outcome.said[0]) {
            memcpy(to->said, outcome.said, sizeof to->said);
        }
    }
    to->alarm = to->alarm || to->plain;
    qsort(to->execs, seeds, sizeof *to->execs, by_number);
}

/* ---- what is printed ---- */

static void print_planted(const struct detect_row *row, const struct figures *of, struct totals *totals)
{
    uint64_t median = of->execs[options->seeds / 2], last = of->execs[options->seeds - 1];
    bool found = median != UINT64_MAX;
    totals->planted++;
    totals->plain += of->plain;
    totals->found += found;
    totals->slowest = found && median > totals->slowest ? median : totals->slowest;
    printf("%-26s %-24s %-38s %-6s", row->name, row->like, row->rule, of->plain ? "plain" : "-");
    if (found) {
        printf(" %9llu", (unsigned long long)median);
    } else {
        printf(" not found");
    }
    if (last != UINT64_MAX) {
        printf(" %9llu", (unsigned long long)last);
    } else {
        printf(" some seeds do not");
    }
    puts(of->hung ? " (hung)" : "");
}

static void print_correct(const struct detect_row *row, const struct figures *of, struct totals *totals)
{
    totals->correct++;
    totals->alarms += of->alarm;
    printf("%-26s %-57s %s %llu%s\n", row->name, row->like, of->alarm ? "FALSE ALARM after" : "silent for",
           (unsigned long long)of->execs[0], of->hung ? " (hung)" : "");
}

static void print_one(struct work *work, const struct figures *of, struct totals *totals)
{
    rig_progress_end(&progress);
    work->printed = true;
    if (work->title) {
        printf("\n%s\n", work->title);
    }
    if (detect_is_blind(work->row)) {
        printf("%-26s skipped: it takes AddressSanitizer\n", work->row->name);
        totals->skipped++;
    } else if (work->row->rule) {
        print_planted(work->row, of, totals);
    } else {
        print_correct(work->row, of, totals);
    }
    if (of->said[0] && (options->verbose || (!work->row->rule && of->alarm))) {
        printf("    %s\n", of->said);
    }
    (void)fflush(stdout);
}

/* ---- the parent ---- */

static bool is_named(const char *name)
{
    bool named = !options->names[0];
    for (size_t i = 0; options->names[i] && !named; i++) {
        named = strcmp(options->names[i], name) == 0;
    }
    return named;
}

static void list_works(void)
{
    for (size_t i = 0; i < DETECT_TABLES; i++) {
        const char *title = detect_tables[i]->title;
        for (size_t k = 0; k < detect_tables[i]->count && work_count < ROWS_MAX; k++) {
            const struct detect_row *row = &detect_tables[i]->rows[k];
            if (is_named(row->name)) {
                works[work_count++] = (struct work){.row = row, .title = title};
                title = NULL;
            }
        }
    }
}

/* Ctrl-C comes to the parent alone, which ends all of a group. */
static void settle(pid_t parent)
{
    (void)signal(SIGINT, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)setpgid(0, 0);
    if (getppid() != parent) {
        _exit(2);
    }
}

static void end_all(void)
{
    for (size_t i = 0; i < work_count; i++) {
        if (works[i].child > 0) {
            (void)kill(-works[i].child, SIGKILL);
            (void)kill(works[i].child, SIGKILL); /* which may have no group yet */
            (void)waitpid(works[i].child, NULL, 0);
        }
    }
}

static void begin_one(size_t number)
{
    struct work *work = &works[number];
    work->begun = true;
    if (detect_is_blind(work->row)) {
        work->done = true;
        return;
    }
    (void)fflush(NULL);
    pid_t parent = getpid();
    work->child = fork();
    if (work->child == 0) {
        settle(parent);
        try_all(work->row, &figures[number]);
        _exit(0);
    }
    if (work->child < 0) {
        detect_give_up("no child could be started");
    }
}

/* One that ended, if any did; it did what it had to, or all ends here. */
static bool end_one(void)
{
    int status = 0;
    pid_t child = waitpid(-1, &status, WNOHANG);
    for (size_t i = 0; child > 0 && i < work_count; i++) {
        if (works[i].child == child) {
            works[i].child = 0;
            works[i].done = true;
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
                fprintf(stderr, "detect: %s: its figures are lost\n", works[i].row->name);
                exit(2);
            }
            return true;
        }
    }
    return false;
}

/* Who waits sees that it goes on. */
static void tell_progress(const struct totals *totals)
{
    char note[160] = "";
    size_t done = 0, used = 0;
    for (size_t i = 0; i < work_count; i++) {
        done += works[i].done;
        if (works[i].child > 0 && used + 1 < sizeof note) {
            int size =
                snprintf(note + used, sizeof note - used, "%s%s", used > 0 ? " " : "on the way: ", works[i].row->name);
            used += size > 0 ? (size_t)size : 0;
        }
    }
    rig_progress_tick(&progress, done, totals->found + totals->alarms, progress.terminal ? NULL : note);
}

static void run_all(struct totals *totals)
{
    size_t next = 0, printed = 0, running = 0;
    while (printed < work_count && !rig_interrupted()) {
        for (; next < work_count && running < options->jobs; next++) {
            begin_one(next);
            running += !works[next].done;
        }
        if (running > 0 && end_one()) {
            running--;
        } else if (running > 0) {
            (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
        }
        for (; printed < work_count && works[printed].done; printed++) {
            print_one(&works[printed], &figures[printed], totals);
        }
        tell_progress(totals);
    }
    end_all();
    for (size_t i = 0; i < work_count; i++) { /* what is done behind what was interrupted */
        if (works[i].done && !works[i].printed) {
            print_one(&works[i], &figures[i], totals);
        }
    }
    rig_progress_end(&progress);
}

int detect_whole(const struct detect_options *with)
{
    struct totals totals = {0};
    time_t begin = time(NULL);
    options = with;
    list_works();
    if (work_count == 0) {
        detect_give_up("no stack is called so");
    }
    figures = mmap(NULL, work_count * sizeof *figures, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (figures == MAP_FAILED) {
        detect_give_up("out of memory");
    }
    printf("executions of the fuzzer from an empty corpus, %llu at most: the median of %llu seeds, and the slowest\n",
           (unsigned long long)options->execs, (unsigned long long)options->seeds);
    rig_progress_start(&progress, "stacks", work_count, false);
    rig_interrupt_listen();
    run_all(&totals);
    printf("\n%s", rig_interrupted() ? "interrupted: " : "");
    printf(
        "%u planted: %u found by plain checks, %u by the fuzzer (the slowest median %llu), %u not found, %u skipped; "
        "%u correct: %u false alarms; %lld s\n",
        totals.planted, totals.plain, totals.found, (unsigned long long)totals.slowest, totals.planted - totals.found,
        totals.skipped, totals.correct, totals.alarms, (long long)(time(NULL) - begin));
    return rig_interrupted() ? INTERRUPTED : totals.found < totals.planted || totals.alarms > 0;
}
