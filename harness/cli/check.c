#define _POSIX_C_SOURCE 200809L

#include <unistd.h>

#include "harness/cli/preload.h"
#include "harness/cli/program.h"
#include "harness/cli/tally.h"
#include "harness/core/wall.h"

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

static void on_tick(void *closure, size_t done)
{
    struct run *run = closure;
    struct progress *progress = &run->progress;
    int64_t now = progress->wanted ? rig_wall_ms() : 0;
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

static void on_restart(void *closure)
{
    ((struct run *)closure)->tally.restarts++;
}

static void on_layers(void *closure, unsigned count)
{
    ((struct run *)closure)->tally.layers = count;
}

static int run_plan(const struct rig_plan *plan, const struct rig_check_options *options)
{
    size_t done;
    int status = RIG_STATUS_USAGE;
    struct run run = {.progress = {.wanted = isatty(STDERR_FILENO), .start = rig_wall_ms()}};
    const struct rig_sink sink = {on_report, on_loss, on_layers, on_shortage, on_found, on_restart, on_tick, &run};
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
            rig_plan_make(&plan, &options, files) && rig_program_suits(options.program, &plan)) {
            status = run_plan(&plan, &options);
        }
    }
    rig_preload_arguments_free(original);
    rig_plan_free(&plan);
    rig_files_free(files, options.file_count);
    rig_check_options_free(&options);
    return status;
}

static const char help[] = "A stack is a shared object with RIG_EXPORT, or a program for libmicrohttpd,\n"
                           "Ulfius or FastCGI, as it is: it runs as a child, and no socket is opened.\n\n"
                           "  --server NAME         a profile of `stackrig servers`; may be repeated\n"
                           "  --filter NAME         only requests whose name holds NAME\n"
                           "  --faults              then with each fault of the body and the client; leaks\n"
                           "  --each-malloc         then with each allocation failing, alone and for good\n"
                           "  --now TIME            what the clock shows: seconds, or 2025-06-15T15:06:40Z\n"
                           "  --timeout SECONDS     for one request (default: 10)\n"
                           "  --fail-on LEVEL       exit status 1 from note, warning or error (default) on\n"
                           "  --require-armed RULE  exit status 1 if its precondition was never met\n"
                           "  --set KEY=VALUE       for the stack's build function; may be repeated\n"
                           "  --arg ARGUMENT        for the program; may be repeated\n"
                           "  --framework NAME      of a program that loads its library itself: ulfius, ...\n"
                           "  --help\n\n"
                           "Exit status: 0 nothing found; 1 findings, failed expectations, an error that no\n"
                           "layer handled, a request that the stack's own server refused, a crash or a hang;\n"
                           "2 wrong usage or input. More is in the README, under \"The command\".\n";

const struct rig_verb rig_verb_check = {"check", "[option...] STACK.so|PROGRAM FILE.http...",
                                        "runs requests through a stack", help, run};
