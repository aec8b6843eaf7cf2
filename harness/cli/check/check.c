#include "harness/cli/fuzz/reproducers.h"
#include "harness/cli/run/gather.h"
#include "harness/cli/check/onchange.h"
#include "harness/cli/check/parallel.h"
#include "harness/cli/run/preload.h"
#include "harness/cli/run/program.h"
#include "harness/cli/run/rows.h"
#include "harness/cli/run/unrun.h"
#include "harness/cli/ui/outputs.h"
#include "harness/cli/ui/progress.h"
#include "harness/cli/check/tally.h"

struct run {
    struct rig_tally tally;
    struct rig_progress progress;
};

static void on_tick(void *closure, size_t done)
{
    struct run *run = closure;
    rig_progress_tick(&run->progress, done, run->tally.fold.count, NULL);
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

static void on_lingering(void *closure)
{
    ((struct run *)closure)->tally.lingering++;
}

static void on_restart(void *closure)
{
    ((struct run *)closure)->tally.restarts++;
}

static void on_layers(void *closure, unsigned count)
{
    ((struct run *)closure)->tally.layers = count;
}

/* ---- what does not count ---- */

struct excuses {
    struct rig_conf *conf; /* NULL: none */
    struct rig_baseline baseline;
};

/* Suppressions first: what is suppressed needs no line of the baseline. */
static bool excuse(struct run *run, struct excuses *excuses, const struct rig_check_options *options)
{
    struct rig_fold *fold = &run->tally.fold;
    if (excuses->conf) {
        rig_conf_suppress(excuses->conf, fold);
        run->tally.conf = excuses->conf;
    }
    if (!options->baseline) {
        return true;
    }
    if (options->update_baseline && (run->tally.interrupted || run->tally.not_run > 0)) {
        rig_complain("%s is left as it was: %s", options->baseline,
                     run->tally.interrupted ? "the check was interrupted" : "not all requests were run");
        return true;
    }
    if (options->update_baseline &&
        (!rig_baseline_write(options->baseline, fold) || !rig_baseline_read(&excuses->baseline, options->baseline))) {
        return false;
    }
    rig_baseline_apply(&excuses->baseline, fold);
    run->tally.baseline = &excuses->baseline;
    return true;
}

/* Before the run: a baseline that cannot be read, or written, need not wait for it. */
static bool read_baseline(struct excuses *excuses, const struct rig_check_options *options)
{
    if (options->update_baseline && (!options->baseline || options->filter)) {
        rig_complain(options->baseline ? "--update-baseline with --filter would drop all other findings from it"
                                       : "--update-baseline needs --baseline FILE");
        return false;
    }
    if (options->update_baseline) {
        return rig_output_allowed("baseline", options->baseline);
    }
    return !options->baseline || rig_baseline_read(&excuses->baseline, options->baseline);
}

/* ---- what is told ---- */

/* again: what came of saved findings of fuzzing. */
static int tell(const struct rig_tally *tally, const struct rig_check_options *options, bool good, int again)
{
    struct rig_run_report report;
    int status = tally->interrupted ? RIG_STATUS_INTERRUPTED : good ? rig_tally_status(tally) : RIG_STATUS_USAGE;
    status = status < again ? again : status;
    if (rig_formats_text(&options->formats)) {
        rig_tally_print_findings(tally);
        rig_tally_print_summary(tally);
    }
    if (rig_formats_any(&options->formats)) {
        rig_report_begin(&report, "check", options->stack);
        rig_tally_gather(tally, &report);
        rig_report_end(&report, status);
        status = rig_formats_write(&options->formats, &report) ? status : RIG_STATUS_USAGE;
        rig_report_free(&report);
    }
    return status;
}

static void note_again(void *closure, const char *file, const char *rule)
{
    struct rig_tally *tally = closure;
    tally->again = rig_must_grow(tally->again, tally->again_count, &tally->again_capacity, sizeof *tally->again);
    tally->again[tally->again_count++] = (struct rig_refound){file, rule};
}

static size_t count_not_run(const struct rig_tally *tally)
{
    size_t count = 0;
    for (size_t i = 0; i < tally->plan->job_count; i++) {
        count += !tally->ran[i];
    }
    return count;
}

static int run_plan(const struct rig_plan *plan, const struct rig_check_options *options, struct excuses *excuses)
{
    int status = RIG_STATUS_USAGE;
    struct run run = {.tally = {.plan = NULL}};
    const struct rig_sink sink = {on_report,    on_loss,    on_layers, on_shortage, on_found,
                                  on_lingering, on_restart, on_tick,   &run};
    rig_progress_start(&run.progress, "requests", plan->job_count, options->quiet);
    rig_tally_start(&run.tally, plan, options);
    rig_interrupt_listen();
    bool good = rig_supervise_all(plan, options, &sink, run.tally.ran);
    rig_progress_end(&run.progress);
    run.tally.gave_up = !good;
    run.tally.not_run = count_not_run(&run.tally);
    run.tally.interrupted = rig_interrupted();
    rig_fold_join(&run.tally.fold);
    if ((good || run.tally.not_run < plan->job_count || run.tally.interrupted) && excuse(&run, excuses, options)) {
        bool asks = good && !run.tally.interrupted;
        int again = asks ? rig_reproducers_again(options, note_again, &run.tally) : RIG_STATUS_CLEAN;
        status = tell(&run.tally, options, good, again);
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
    if (options->program && options->each_file) {
        rig_complain("--each-file is for stacks: a program gets all files as one session");
        return false;
    }
    rig_servers_default(options, options->program ? options->program->kind->servers : rig_servers_by_default);
    return options->program || rig_preload(options->now != 0, options->each_malloc, options->faults, original);
}

/* What the project's file says, where it was asked for. */
static bool read_conf(struct rig_conf *conf, struct rig_check_options *options)
{
    return !options->conf || rig_conf_read(conf, options->conf, options);
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    struct rig_check_options options;
    struct rig_conf conf = {.path = NULL};
    struct rig_plan plan = {0};
    struct rig_file *files = NULL;
    int status;
    char **original = rig_preload_arguments(argc, argv);
    if (rig_check_options_parse(&options, verb, argc, argv, &status)) {
        struct excuses excuses = {.conf = options.conf ? &conf : NULL};
        status = RIG_STATUS_USAGE;
        bool good = read_conf(&conf, &options) && rig_check_put_first(&options);
        if (good && options.watch && !options.once) {
            status = rig_check_on_change(&options, original);
        } else if (good) {
            good = read_baseline(&excuses, &options) && prepare(&options, original) &&
                   rig_files_read(options.files, options.file_count, &files) && rig_plan_make(&plan, &options, files) &&
                   rig_program_suits(options.program, &plan) && rig_rows_settle(&options, &plan, excuses.conf);
            status = good ? run_plan(&plan, &options, &excuses) : RIG_STATUS_USAGE;
            rig_report_unrun(&options.formats, "check", options.stack, status);
        }
        rig_baseline_free(&excuses.baseline);
    }
    rig_preload_arguments_free(original);
    rig_plan_free(&plan);
    rig_files_free(files, options.file_count);
    rig_conf_free(&conf);
    rig_program_free(options.program);
    rig_check_options_free(&options);
    return status;
}

static const char help[] =
    "A stack is a shared object with RIG_EXPORT, or a program for libmicrohttpd,\n"
    "Ulfius or FastCGI, as it is. Without operands stackrig.conf says what is done.\n\n"
    "  --server NAME         a profile of `stackrig servers`; may be repeated\n"
    "  --filter NAME         only requests whose name holds NAME\n"
    "  --faults              then with each fault of the body and the client; leaks\n"
    "  --each-malloc         then with each allocation failing, alone and for good\n"
    "  --timeout SECONDS, --now 2025-06-15T15:06:40Z    for one request; the clock\n"
    "  --fail-on LEVEL       exit status 1 from note, warning or error (default) on\n"
    "  --max-warnings N, --max-notes N, --require-armed RULE    and for these\n"
    "  --baseline FILE       of findings that are known; --update-baseline writes it\n"
    "  --conf FILE, --watch  another stackrig.conf; again at each change\n"
    "  --set KEY=VALUE       for the stack's build function; may be repeated\n"
    "  --framework NAME, --arg ARGUMENT    of a program; --quiet, --help\n"
    "  --jobs N              profiles at a time; --each-file: files, a stack for each\n" RIG_FORMATS_HELP
    "  stackrig check --faults --server nginx+plain stack.so requests.http\n"
    "Exit status: 0 nothing found; 1 findings, failed expectations, errors, crashes,\n"
    "hangs; 2 wrong usage or input; 130 Ctrl-C. README and docs/ tell more.\n";

const struct rig_verb rig_verb_check = {"check", "[option...] [STACK.so|PROGRAM FILE.http...]",
                                        "runs requests through a stack", help, run};
