#define _POSIX_C_SOURCE 200809L

#include <time.h>
#include <unistd.h>

#include "harness/cli/preload.h"
#include "harness/cli/program.h"
#include "harness/cli/tally.h"

#define QUIET_MS 1000 /* a shorter run shows no progress */
#define TICK_MS 100

struct progress {
    bool wanted, shown;
    int64_t start, last;
};

struct run {
    struct rig_tally tally;
    struct progress progress;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_tick(void *closure, size_t done)
{
    struct run *run = closure;
    struct progress *progress = &run->progress;
    int64_t now = progress->wanted ? now_ms() : 0;
    if (progress->wanted && now - progress->start > QUIET_MS && now - progress->last > TICK_MS) {
        fprintf(stderr, "\r%zu of %zu", done, run->tally.plan->job_count);
        progress->last = now;
        progress->shown = true;
    }
}

static void on_report(void *closure, size_t job, const struct rig_job_report *report)
{
    rig_tally_report(&((struct run *)closure)->tally, job, report);
}

static void on_loss(void *closure, const struct rig_loss *loss)
{
    rig_tally_loss(&((struct run *)closure)->tally, loss);
}

static void on_shortage(void *closure)
{
    ((struct run *)closure)->tally.shortages++;
}

static void on_found(void *closure, size_t job, const struct rig_job_report *report)
{
    rig_tally_found(&((struct run *)closure)->tally, job, report);
}

static void on_layers(void *closure, unsigned count)
{
    ((struct run *)closure)->tally.layers = count;
}

static int run_plan(const struct rig_plan *plan, const struct rig_check_options *options)
{
    size_t done;
    int status = RIG_STATUS_USAGE;
    struct run run = {.progress = {.wanted = isatty(STDERR_FILENO), .start = now_ms()}};
    const struct rig_sink sink = {on_report, on_loss, on_layers, on_shortage, on_found, on_tick, &run};
    rig_tally_start(&run.tally, plan, options);
    bool good = rig_supervise(plan, options, &sink, &done);
    if (run.progress.shown) {
        fputs("\r\033[K", stderr);
    }
    run.tally.not_run = plan->job_count - done;
    rig_fold_join(&run.tally.fold);
    if (good || done) {
        int found = rig_tally_print(&run.tally);
        status = good ? found : RIG_STATUS_USAGE;
    }
    rig_tally_free(&run.tally);
    return status;
}

/* What is run, under what. */
static bool prepare(struct rig_check_options *options, char **original)
{
    if (!rig_program_find(options)) {
        return false;
    }
    rig_servers_default(options, options->program ? options->program->kind->servers : rig_servers_by_default);
    return options->program || rig_preload(options->now != 0, options->each_malloc, options->faults, original);
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    struct rig_check_options options;
    struct rig_plan plan = {0};
    struct rig_file *files = NULL;
    int status;
    char **original = rig_preload_arguments(argc, argv);
    if (rig_check_options_parse(&options, verb, argc, argv, &status)) {
        status = RIG_STATUS_USAGE;
        if (prepare(&options, original) && rig_files_read(options.files, options.file_count, &files) &&
            rig_plan_make(&plan, &options, files)) {
            status = run_plan(&plan, &options);
        }
    }
    rig_preload_arguments_free(original);
    rig_plan_free(&plan);
    rig_files_free(files, options.file_count);
    rig_check_options_free(&options);
    return status;
}

static const char help[] =
    "Runs each request of the files through the stack, under each server profile, and prints what it finds. A stack "
    "is\n"
    "a shared object with RIG_EXPORT, or a program with its own main(), as built for libmicrohttpd, Ulfius or "
    "FastCGI:\n"
    "it runs as a child, its server is in memory, and no socket is opened.\n\n"
    "  --server NAME         a server profile, may be repeated; see `stackrig servers`\n"
    "                        (default: http1, nginx+plain, haproxy+plain; of a program: its server, alone and behind\n"
    "                        gateways)\n"
    "  --arg ARGUMENT        an argument for the program, may be repeated\n"
    "  --framework NAME      of the program: ulfius, microhttpd or fcgi (default: what its libraries tell)\n"
    "  --set KEY=VALUE       a setting for the stack's build function, may be repeated\n"
    "  --filter NAME         only requests whose name holds NAME; given once\n"
    "  --fail-on LEVEL       exit status 1 from this level on: note, warning or error (the default)\n"
    "  --require-armed RULE  exit status 1 if nothing in the run met the rule's precondition, may be repeated\n"
    "  --timeout SECONDS     for one request (default: 10)\n"
    "  --now TIME            what the clock shows, for the stack's own time() and sleep() too: seconds since 1970\n"
    "                        or 2025-06-15T15:06:40Z; it stands still but for sleeps\n"
    "  --each-malloc         each request again and again: its 1st, 2nd, 3rd ... allocation fails, alone and with all\n"
    "                        after it, of those that are not made by the rig; a crash, a hang, a leak and a success\n"
    "                        that lacks something are findings\n"
    "  --faults              then each request once more with each fault (a read that fails, a body cut in pieces, a\n"
    "                        client that goes away at every byte): what is found then that was not before, leaks too\n"
    "  --help\n\n"
    "Exit status: 0 nothing found; 1 findings, failed expectations, an error that no layer handled, a request\n"
    "that the stack's own server refused and no `# @expect status` names (that a gateway refuses one is a note),\n"
    "a crash or a hang; 2 wrong usage or input.\n";

const struct rig_verb rig_verb_check = {"check", "[option...] STACK.so|PROGRAM FILE.http...",
                                        "runs requests through a stack", help, run};
