/* stackrig fuzz: scenarios of chance to a stack in a shared object. The stack runs in a child: what it tried last stands in
 * memory that outlives it. */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/cli/ui/formats.h"
#include "harness/cli/fuzz/fuzz_report.h"
#include "harness/cli/fuzz/fuzzed.h"
#include "harness/cli/fuzz/masked.h"
#include "harness/cli/ui/progress.h"
#include "harness/cli/run/settle.h"
#include "harness/core/wall.h"

extern void __lsan_register_root_region(const void *region, size_t size) __attribute__((weak));

#define RUNS_DEFAULT 100000
#define CRASHES_MAX 8
#define MESSAGE_MAX 512

struct options {
    struct rig_fuzzed fuzzed;
    struct rig_formats formats;
    bool quiet;
    const char *save;
    char *const *files;
    int file_count;
    uint64_t runs;
};

/* By parent and children. */
struct shared {
    struct rig_fuzz_engine engine;
    struct rig_fuzz_target target; /* the child's; the parent reads its counters */
    int next_file;                 /* those before it were tried, the last of them perhaps to the stack's end */
    bool started;
    bool gave_up;                  /* the child has said why nothing goes on */
    bool done;                     /* the child did all of its work */
    char crashes[CRASHES_MAX][64]; /* what ended a child: "SIGSEGV" */
    struct rig_fuzz_input crashed[CRASHES_MAX];
    unsigned crash_count;
    size_t reported;  /* findings, and behind them crashes, that were printed */
    bool unshrunk;    /* the next one is printed as it is: to shrink it has ended a child */
    bool interrupted; /* so are all */
    char texts[RIG_FUZZ_FOUND_MAX + CRASHES_MAX][RIG_FUZZ_TEXT_MAX]; /* of those that were reported; for people, as */
    char messages[RIG_FUZZ_FOUND_MAX + CRASHES_MAX][MESSAGE_MAX];    /* these are: without secrets */
};

static struct shared *shared;
static struct rig_progress progress;

/* ---- in the child ---- */

static _Noreturn void give_up(const char *format, ...) RIG_PRINTF_(1, 2);
static _Noreturn void give_up(const char *format, ...)
{
    char line[RIG_LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    rig_complain("%s", line);
    shared->gave_up = true;
    (void)fflush(NULL);
    _exit(RIG_STATUS_USAGE);
}

static _Noreturn void leave(void)
{
    shared->done = true;
    (void)fflush(NULL); /* what layers have printed */
    _exit(0);
}

/* What an earlier child has counted counts on. */
static void add_counts(struct rig_fuzz_target *target, const struct rig_fuzz_target *before)
{
    target->scenarios += before->scenarios;
    target->requests += before->requests;
    target->refused += before->refused;
    target->not_sent += before->not_sent;
    target->plays += before->plays;
    target->violations += before->violations;
    target->builds += before->builds;
    target->build_ns += before->build_ns;
    target->entered |= before->entered;
    for (unsigned i = 0; i < RIG_FUZZ_RULES; i++) {
        target->armed[i] += before->armed[i];
    }
}

/* Why it cannot be done was said. */
static _Noreturn void give_up_silently(void)
{
    shared->gave_up = true;
    (void)fflush(NULL);
    _exit(RIG_STATUS_USAGE);
}

static void open_target(struct options *options)
{
    static struct rig_fuzz_target before;
    before = shared->target;
    if (!rig_fuzzed_open(&options->fuzzed, &shared->target)) {
        give_up_silently();
    }
    add_counts(&shared->target, &before);
}

static void try_input(const void *bytes, size_t size)
{
    if (rig_fuzz_engine_try(&shared->engine, bytes, size) != 0) {
        give_up("the stack cannot be built anew");
    }
}

/* Scenarios of a file; they go through the table's bytes, as all do, and to the servers that it has. */
static void try_file(const char *path)
{
    static struct rig_fuzz_input input;
    struct rig_fuzz_table table = shared->target.table;
    if (!rig_fuzzed_input(path, &table, &input)) {
        give_up_silently();
    }
    try_input(input.bytes, input.size);
}

static _Noreturn void run(struct options *options)
{
    struct rig_fuzz_engine *engine = &shared->engine;
    rig_settle_streams();
    open_target(options);
    if (!shared->started) {
        rig_fuzz_engine_start(engine, &shared->target, options->fuzzed.seed);
        shared->started = true;
    } else {
        rig_fuzz_engine_resume(engine, &shared->target);
    }
    while (shared->next_file < options->file_count) {
        try_file(options->files[shared->next_file++]); /* raised before: it may be the last thing this child does */
    }
    while (engine->runs < options->runs) {
        if (rig_fuzz_engine_step(engine) != 0) {
            give_up("the stack cannot be built anew");
        }
    }
    rig_fuzz_count(&shared->target);
    leave();
}

/* Writes the reproducer, which is the decoded input as it was sent; keeps what of it and the message may be shown. */
static void save(const struct options *options, const char *rule, const char *message,
                 const struct rig_fuzz_input *input)
{
    static struct rig_fuzz_scenario scenario;
    static char text[RIG_FUZZ_TEXT_MAX];
    char name[160], path[4096];
    rig_fuzz_decode(&shared->target.table, input->bytes, input->size, &scenario);
    (void)rig_masked_write(&scenario, shared->texts[shared->reported], RIG_FUZZ_TEXT_MAX);
    rig_masked_text(&shared->target, &scenario, message, shared->messages[shared->reported], MESSAGE_MAX);
    (void)rig_fuzz_write(&scenario, text, sizeof text);
    if (options->save) {
        rig_fuzz_name(rule, text, name, sizeof name);
        (void)snprintf(path, sizeof path, "%s/%s", options->save, name);
        FILE *file = fopen(path, "wb");
        if (!file || fputs(text, file) == EOF || fclose(file) == EOF) {
            give_up("cannot write %s: %s", path, strerror(errno));
        }
    }
}

/* The i-th of what is reported: a finding, or a crash behind them. */
static struct rig_fuzz_violation violation_at(size_t i)
{
    if (i >= shared->engine.found_count) {
        return (struct rig_fuzz_violation){"crash", NULL, NULL, shared->messages[i], 0};
    }
    const struct rig_fuzz_found *found = &shared->engine.found[i];
    return (struct rig_fuzz_violation){found->rule, found->layer[0] ? found->layer : NULL,
                                       found->site[0] ? found->site : NULL, shared->messages[i], found->request};
}

static void report_found(const struct options *options, struct rig_fuzz_found *found)
{
    if (!shared->unshrunk && !shared->interrupted) {
        (void)rig_fuzz_engine_shrink(&shared->engine, found);
    }
    save(options, found->rule, found->message, &found->input);
}

static void print_reported(const struct options *options, FILE *out)
{
    if (rig_formats_text(&options->formats)) {
        const struct rig_fuzz_violation violation = violation_at(shared->reported);
        rig_fuzz_print(out, &violation, shared->texts[shared->reported]);
    }
}

/* Goes on where the child before ended. */
static _Noreturn void report(struct options *options)
{
    struct rig_fuzz_engine *engine = &shared->engine;
    int copy = dup(STDOUT_FILENO);
    FILE *out = copy >= 0 ? fdopen(copy, "w") : NULL;
    if (!out) {
        give_up("cannot open the report: %s", strerror(errno));
    }
    rig_settle_streams();
    open_target(options);
    rig_fuzz_engine_resume(engine, &shared->target);
    while (shared->reported < engine->found_count + shared->crash_count) {
        size_t i = shared->reported;
        if (i < engine->found_count) {
            report_found(options, &engine->found[i]);
        } else {
            size_t crash = i - engine->found_count;
            save(options, "crash", shared->crashes[crash], &shared->crashed[crash]);
        }
        print_reported(options, out);
        if (fflush(out) != 0) {
            give_up("cannot write to standard output: %s", strerror(errno));
        }
        shared->reported++;
        shared->unshrunk = false;
    }
    leave();
}

/* ---- in the parent ---- */

typedef void child_fn(struct options *options);

enum end { DONE, GAVE_UP, CRASHED, INTERRUPTED };

/* Only while it tries: a report that is shrunk and printed shows by itself that it goes on. */
static void tick(void)
{
    if (shared->engine.runs < progress.total) {
        rig_progress_tick(&progress, (size_t)shared->engine.runs, shared->engine.found_count + shared->crash_count,
                          NULL);
    }
}

/* Waits for the child; one that makes no progress is ended. Its status as waitpid has it. */
static int wait_for(pid_t child, bool *hung)
{
    int status = 0;
    uint64_t before = 0;
    const struct timespec nap = {0, 20000000};
    for (unsigned still = 0; waitpid(child, &status, WNOHANG) == 0; still++) {
        (void)nanosleep(&nap, NULL);
        tick();
        if (rig_interrupted() && !shared->interrupted) {
            shared->interrupted = true;
            (void)kill(child, SIGKILL);
            (void)waitpid(child, &status, 0);
            break;
        }
        uint64_t runs = shared->engine.target_turns;
        still = runs == before ? still : 0;
        before = runs;
        if (still > RIG_FUZZED_HANG_SECONDS * 50) {
            *hung = true;
            (void)kill(child, SIGKILL);
            (void)waitpid(child, &status, 0);
            break;
        }
    }
    (void)kill(-child, SIGKILL); /* what it has started */
    return status;
}

/* In a child. Only what it has said itself counts: a layer may call exit() with any status. why: of CRASHED. */
static enum end in_child(child_fn *work, struct options *options, char why[64])
{
    bool hung = false, before = shared->interrupted;
    pid_t parent = getpid();
    shared->done = false;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        rig_complain("cannot start a process: %s", strerror(errno));
        return GAVE_UP;
    }
    if (child == 0) {
        rig_settle_process(parent);
        work(options);
    }
    int status = wait_for(child, &hung);
    if (shared->interrupted && !before && !shared->done) {
        return INTERRUPTED;
    }
    if (shared->gave_up || shared->done) {
        return shared->gave_up ? GAVE_UP : DONE;
    }
    if (hung) {
        (void)snprintf(why, 64, "no end after %d s", RIG_FUZZED_HANG_SECONDS);
    } else if (WIFSIGNALED(status)) {
        (void)snprintf(why, 64, "%s", strsignal(WTERMSIG(status)));
    } else {
        (void)snprintf(why, 64, "the process ended itself with exit status %d", WEXITSTATUS(status));
    }
    return CRASHED;
}

/* Tries all there is to try; a crash is noted, and the next child goes on behind it. False: that was said. */
static bool run_all(struct options *options)
{
    enum end end = CRASHED;
    while (end == CRASHED && shared->crash_count < CRASHES_MAX) {
        unsigned i = shared->crash_count;
        end = in_child(run, options, shared->crashes[i]);
        if (end == CRASHED && !shared->started) {
            rig_complain("the stack cannot be built: %s", shared->crashes[i]);
            return false;
        }
        if (end == CRASHED) {
            shared->crashed[i] = shared->engine.input;
            shared->crash_count++;
        }
    }
    if (end == CRASHED) {
        rig_complain("after %d crashes no more is tried", CRASHES_MAX);
    }
    return end != GAVE_UP;
}

/* A finding that cannot be shrunk without a crash is printed all the same. False: why not was said. */
static bool report_all(struct options *options)
{
    char why[64];
    enum end end = CRASHED;
    while (end == CRASHED || end == INTERRUPTED) {
        end = in_child(report, options, why);
        if (end == CRASHED && (shared->unshrunk || shared->reported >= shared->engine.found_count)) {
            rig_complain("the stack crashes before all findings are printed: %s", why);
            return true; /* there are findings */
        }
        if (end == CRASHED) {
            rig_complain("while a finding was shrunk, the stack crashed: %s; it is printed as far as it got", why);
            shared->unshrunk = true;
        }
    }
    return end == DONE;
}

/* ---- what is told ---- */

static bool write_reports(const struct options *options, int status, int64_t begun)
{
    struct rig_run_report to;
    char *summary = NULL;
    size_t size;
    FILE *out = open_memstream(&summary, &size);
    rig_report_begin(&to, "fuzz", options->fuzzed.stack);
    for (size_t i = 0; i < shared->reported; i++) {
        const struct rig_fuzz_violation violation = violation_at(i);
        rig_fuzz_gather(&to, &violation, shared->texts[i]);
    }
    if (out) {
        fprintf(out, "seed %llu\n", (unsigned long long)options->fuzzed.seed);
        rig_fuzz_print_summary(out, &shared->target);
        (void)fclose(out);
        to.summary = rig_report_lines(summary);
    }
    to.interrupted = shared->interrupted;
    to.took = (uint64_t)(rig_wall_ns() - begun);
    rig_report_end(&to, status);
    bool good = rig_formats_write(&options->formats, &to);
    rig_report_free(&to);
    free(summary);
    return good;
}

static int status_of(bool good, size_t found)
{
    return !good                 ? RIG_STATUS_USAGE
           : shared->interrupted ? RIG_STATUS_INTERRUPTED
           : found > 0           ? RIG_STATUS_FINDINGS
                                 : RIG_STATUS_CLEAN;
}

static int fuzz(struct options *options)
{
    bool say = rig_formats_text(&options->formats);
    int64_t begun = rig_wall_ns();
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        rig_complain("out of memory");
        return RIG_STATUS_USAGE;
    }
    if (__lsan_register_root_region) { /* what the target holds is no leak where a layer ends the process */
        __lsan_register_root_region(shared, sizeof *shared);
    }
    if (say) {
        printf("seed %llu\n", (unsigned long long)options->fuzzed.seed);
    }
    rig_progress_start(&progress, "scenarios", (size_t)options->runs, options->quiet);
    rig_interrupt_listen();
    bool good = run_all(options);
    size_t found = shared->engine.found_count + shared->crash_count;
    rig_progress_end(&progress);
    if (good && say) {
        rig_fuzz_print_summary(stdout, &shared->target);
    }
    good = good && (found == 0 || report_all(options));
    if (good && say) {
        printf("%s%llu scenarios, %zu finding%s\n", shared->interrupted ? "interrupted: " : "",
               (unsigned long long)shared->engine.runs, found, found == 1 ? "" : "s");
    }
    int status = status_of(good, found);
    if (good && rig_formats_any(&options->formats) && !write_reports(options, status, begun)) {
        status = RIG_STATUS_USAGE;
    }
    (void)munmap(shared, sizeof *shared);
    return status;
}

/* Negative: go on. */
static int parse(struct options *options, const struct option *names, const struct rig_verb *verb, int argc,
                 char **argv)
{
    bool good = true;
    opterr = 0;
    for (int answer; (answer = getopt_long(argc, argv, ":h", names, NULL)) != -1 && good;) {
        switch (answer) {
        case 'r':
            good = rig_fuzzed_number("runs", optarg, &options->runs);
            break;
        case 'o':
            options->save = optarg;
            break;
        case 'q':
            options->quiet = true;
            break;
        case 'h':
            rig_verb_help(verb);
            return RIG_STATUS_CLEAN;
        case '?':
        case ':':
            return rig_complain_option(verb, answer, argv);
        default:
            good = rig_formats_is(answer) ? rig_formats_take(&options->formats, answer, optarg)
                                          : rig_fuzzed_option(&options->fuzzed, answer, optarg);
        }
    }
    if (!good) {
        return RIG_STATUS_USAGE;
    }
    if (optind == argc) {
        return rig_complain_usage(verb, "expected a stack");
    }
    options->fuzzed.stack = argv[optind];
    options->files = argv + optind + 1;
    options->file_count = argc - optind - 1;
    bool apart =
        rig_formats_apart(&options->formats, options->fuzzed.stack, options->files, (size_t)options->file_count);
    return apart ? -1 : RIG_STATUS_USAGE;
}

static int run_verb(const struct rig_verb *verb, int argc, char **argv)
{
    static const struct option own[] = {{"runs", required_argument, NULL, 'r'},
                                        {"save", required_argument, NULL, 'o'},
                                        {"quiet", no_argument, NULL, 'q'},
                                        RIG_FUZZED_OPTIONS,
                                        {0}};
    struct options options = {.runs = RUNS_DEFAULT, .fuzzed = {.seed = rig_fuzz_unknown()}};
    struct option *names = rig_formats_options(own);
    int status = parse(&options, names, verb, argc, argv);
    free(names);
    return status >= 0 ? status : rig_fuzzed_rules(&options.fuzzed) ? fuzz(&options) : RIG_STATUS_USAGE;
}

const struct rig_verb rig_verb_fuzz = {
    "fuzz", "[option...] STACK.so [FILE.http...]", "tries scenarios of chance on a stack, and shrinks what it finds",
    "FILE.http: scenarios to begin with; another file is one of a corpus. A stack that has a RIG_FUZZ(...) beside its "
    "RIG_EXPORT(...) is fuzzed as that "
    "says.\n"
    "  --runs N       scenarios (100000)\n"
    "  --seed S       the same seed, the same scenarios (chance; it is printed)\n"
    "  --save FOLDER  a reproducer RULE-xxxxxxxx.http of each finding; what is printed\n"
    "                 has no secrets, these have those of FILE.http, to be run again\n" RIG_FUZZED_HELP RIG_FORMATS_HELP
    "  --quiet        no progress\n"
    "Exit status: 0 nothing found; 1 findings or crashes; 2 wrong usage or input;\n"
    "130 Ctrl-C: what was found till then is told as it is, not shrunk.\n",
    run_verb};
