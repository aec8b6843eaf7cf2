/* stackrig fuzz: scenarios of chance to a stack in a shared object. The stack runs in a child: what it tried last stands in
 * memory that outlives it. */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz/engine/engine.h"
#include "harness/cli/cli.h"
#include "harness/cli/load.h"

#define RUNS_DEFAULT 100000
#define CRASHES_MAX 8
#define HANG_SECONDS 10
#define FILE_MAX ((size_t)1 << 20)

struct options {
    const char *stack, *save;
    char *const *files;
    int file_count;
    uint64_t runs, seed;
    struct rig_fuzz what; /* for a stack that says nothing of fuzzing itself */
};

/* Shared by parent and child. */
struct shared {
    struct rig_fuzz_engine engine;
    bool started, done;
    char crashes[CRASHES_MAX][64]; /* what ended a child: "SIGSEGV" */
    struct rig_fuzz_input crashed[CRASHES_MAX];
    unsigned crash_count;
};

static struct rig_fuzz_target target; /* the child's */
static char text[RIG_FUZZ_TEXT_MAX];

/* ---- in the child ---- */

static _Noreturn void give_up(const char *format, const char *what)
{
    rig_complain(format, what);
    _exit(RIG_STATUS_USAGE);
}

static void open_target(struct options *options)
{
    char line[RIG_LINE_SIZE];
    struct rig_text why;
    const char *server = NULL;
    rig_text_start(&why, line, sizeof line);
    const struct rig_export *export = rig_stack_load(options->stack, &why);
    if (!export) {
        give_up("%s", line);
    }
    const struct rig_fuzz *own = rig_stack_fuzz(options->stack);
    options->what.build = export->build;
    int error = rig_fuzz_target_open(&target, own ? own : &options->what, options->seed, &server);
    if (error != 0) {
        give_up(server ? "there is no profile to fuzz named %s" : "the stack cannot be built: %s",
                server ? server : rig_error_text(error));
    }
}

/* Scenarios of a file; they go through the table's bytes, as all do. */
static void try_file(struct shared *shared, const char *path)
{
    static struct rig_fuzz_scenario scenario;
    static unsigned char bytes[RIG_FUZZ_INPUT_MAX];
    struct rig_scenario_error error;
    FILE *file = fopen(path, "rb");
    char *all = rig_must_alloc(FILE_MAX, 1);
    size_t size = file ? fread(all, 1, FILE_MAX, file) : 0;
    if (!file || ferror(file)) {
        give_up("cannot read %s", path);
    }
    (void)fclose(file);
    if (rig_fuzz_read(all, size, &scenario, &error) != 0) {
        rig_complain("%s:%zu:%zu: %s", path, error.line, error.column, error.message);
        _exit(RIG_STATUS_USAGE);
    }
    free(all);
    size = rig_fuzz_encode(&target.table, &scenario, bytes, sizeof bytes);
    (void)rig_fuzz_engine_try(&shared->engine, bytes, size);
}

static _Noreturn void run(struct shared *shared, struct options *options)
{
    open_target(options);
    struct rig_fuzz_engine *engine = &shared->engine;
    if (!shared->started) {
        rig_fuzz_engine_start(engine, &target, options->seed);
        shared->started = true;
        for (int i = 0; i < options->file_count; i++) {
            try_file(shared, options->files[i]);
        }
    } else {
        rig_fuzz_engine_resume(engine, &target);
    }
    while (engine->runs < options->runs) {
        if (rig_fuzz_engine_step(engine) != 0) {
            give_up("%s", "the stack cannot be built anew");
        }
    }
    rig_fuzz_print_summary(stdout, &target);
    shared->done = true;
    fflush(NULL);
    _exit(0);
}

/* Writes the reproducer; the text is that of the decoded input. */
static void save(const struct options *options, const char *rule, const struct rig_fuzz_input *input)
{
    static struct rig_fuzz_scenario scenario;
    char name[160], path[4096];
    rig_fuzz_decode(&target.table, input->bytes, input->size, &scenario);
    (void)rig_fuzz_write(&scenario, text, sizeof text);
    if (options->save) {
        rig_fuzz_name(rule, text, name, sizeof name);
        (void)snprintf(path, sizeof path, "%s/%s", options->save, name);
        FILE *file = fopen(path, "wb");
        if (!file || fputs(text, file) == EOF || fclose(file) == EOF) {
            rig_complain("cannot write %s: %s", path, strerror(errno));
            _exit(RIG_STATUS_USAGE);
        }
    }
}

static _Noreturn void report(struct shared *shared, struct options *options)
{
    open_target(options);
    rig_fuzz_engine_resume(&shared->engine, &target);
    for (size_t i = 0; i < shared->engine.found_count; i++) {
        struct rig_fuzz_found *found = &shared->engine.found[i];
        (void)rig_fuzz_engine_shrink(&shared->engine, found);
        save(options, found->rule, &found->input);
        const struct rig_fuzz_violation violation = {found->rule, found->layer[0] ? found->layer : NULL,
                                                     found->site[0] ? found->site : NULL, found->message,
                                                     found->request};
        rig_fuzz_print(stdout, &violation, text);
    }
    for (unsigned i = 0; i < shared->crash_count; i++) {
        save(options, "crash", &shared->crashed[i]);
        const struct rig_fuzz_violation violation = {"crash", NULL, NULL, shared->crashes[i], 0};
        rig_fuzz_print(stdout, &violation, text);
    }
    fflush(NULL);
    _exit(0);
}

/* ---- in the parent ---- */

typedef void child_fn(struct shared *shared, struct options *options);

/* Waits for the child; one that makes no progress is ended. Its status as waitpid has it. */
static int wait_for(pid_t child, const struct shared *shared, bool *hung)
{
    int status = 0;
    uint64_t before = 0;
    const struct timespec nap = {0, 20000000};
    for (unsigned still = 0; waitpid(child, &status, WNOHANG) == 0; still++) {
        (void)nanosleep(&nap, NULL);
        uint64_t runs = shared->engine.target_turns;
        still = runs == before ? still : 0;
        before = runs;
        if (still > HANG_SECONDS * 50) {
            *hung = true;
            (void)kill(child, SIGKILL);
            (void)waitpid(child, &status, 0);
            break;
        }
    }
    return status;
}

/* In a child: its exit status, or -1 if it crashed or hung, and that was noted. */
static int in_child(child_fn *work, struct shared *shared, struct options *options)
{
    bool hung = false;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        rig_complain("cannot start a process: %s", strerror(errno));
        return RIG_STATUS_USAGE;
    }
    if (child == 0) {
        work(shared, options);
    }
    int status = wait_for(child, shared, &hung);
    if (!hung && WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == RIG_STATUS_USAGE)) {
        return WEXITSTATUS(status);
    }
    char *said = shared->crashes[shared->crash_count % CRASHES_MAX];
    if (hung) {
        (void)snprintf(said, 64, "no end after %d s", HANG_SECONDS);
    } else if (WIFSIGNALED(status)) {
        (void)snprintf(said, 64, "%s", strsignal(WTERMSIG(status)));
    } else {
        (void)snprintf(said, 64, "the process ended itself with exit status %d", WEXITSTATUS(status));
    }
    shared->crashed[shared->crash_count % CRASHES_MAX] = shared->engine.input;
    shared->crash_count += shared->crash_count < CRASHES_MAX;
    return -1;
}

static int fuzz(struct options *options)
{
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        rig_complain("out of memory");
        return RIG_STATUS_USAGE;
    }
    printf("seed %llu\n", (unsigned long long)options->seed);
    int status = -1;
    while (!shared->done && status < 0 && shared->crash_count < CRASHES_MAX) {
        status = in_child(run, shared, options);
        if (status < 0 && !shared->started) {
            rig_complain("the stack cannot be built: %s", shared->crashes[0]);
            return RIG_STATUS_USAGE;
        }
    }
    if (status == RIG_STATUS_USAGE) {
        return status;
    }
    size_t found = shared->engine.found_count + shared->crash_count;
    if (found > 0) {
        unsigned crashes = shared->crash_count;
        status = in_child(report, shared, options);
        if (shared->crash_count > crashes || status < 0) {
            rig_complain("the stack crashed while what it does was shrunk");
        }
    }
    printf("%llu scenarios, %zu finding%s\n", (unsigned long long)shared->engine.runs, found, found == 1 ? "" : "s");
    (void)munmap(shared, sizeof *shared);
    return status == RIG_STATUS_USAGE ? status : found > 0 ? RIG_STATUS_FINDINGS : RIG_STATUS_CLEAN;
}

/* ---- options ---- */

static bool take_number(const char *option, const char *value, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(value, &end, 10);
    if (errno != 0 || end == value || *end || value[0] == '-') {
        rig_complain("--%s wants a number, not %s", option, value);
        return false;
    }
    return true;
}

static bool take_word(const char **list, const char *option, const char *word)
{
    size_t count = 0;
    while (list[count]) {
        count++;
    }
    if (count == RIG_IGNORE_MAX) {
        rig_complain("--%s is given more than %d times", option, RIG_IGNORE_MAX);
        return false;
    }
    list[count] = word;
    return true;
}

static bool take_ignore(struct options *options, const char *pattern)
{
    if (!rig_rule_pattern_known(pattern)) {
        rig_complain("--ignore wants a rule or \"area.*\", not %s", pattern);
        return false;
    }
    return take_word(options->what.ignore, "ignore", pattern);
}

static int run_verb(const struct rig_verb *verb, int argc, char **argv)
{
    static const struct option names[] = {
        {"runs", required_argument, NULL, 'r'},   {"seed", required_argument, NULL, 's'},
        {"save", required_argument, NULL, 'o'},   {"protect", required_argument, NULL, 'p'},
        {"ignore", required_argument, NULL, 'i'}, {"server", required_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {0}};
    struct options options = {.runs = RUNS_DEFAULT, .seed = rig_fuzz_unknown()};
    bool good = true;
    opterr = 0;
    for (int answer; (answer = getopt_long(argc, argv, ":h", names, NULL)) != -1 && good;) {
        switch (answer) {
        case 'r':
            good = take_number("runs", optarg, &options.runs);
            break;
        case 's':
            good = take_number("seed", optarg, &options.seed);
            break;
        case 'o':
            options.save = optarg;
            break;
        case 'p':
            good = take_word(options.what.protect, "protect", optarg);
            break;
        case 'i':
            good = take_ignore(&options, optarg);
            break;
        case 'v':
            good = take_word(options.what.profiles, "server", optarg);
            break;
        case 'h':
            rig_verb_help(verb);
            return RIG_STATUS_CLEAN;
        default:
            return rig_complain_option(verb, answer, argv);
        }
    }
    if (!good) {
        return RIG_STATUS_USAGE;
    }
    if (optind == argc) {
        return rig_complain_usage(verb, "expected a stack");
    }
    options.stack = argv[optind];
    options.files = argv + optind + 1;
    options.file_count = argc - optind - 1;
    return fuzz(&options);
}

const struct rig_verb rig_verb_fuzz = {
    "fuzz", "[option...] STACK.so [FILE.http...]", "tries scenarios of chance on a stack, and shrinks what it finds",
    "FILE.http: scenarios to begin with. A stack that has a RIG_FUZZ(...) beside its RIG_EXPORT(...) is fuzzed as that "
    "says.\n"
    "  --runs N       scenarios (100000)\n"
    "  --seed S       the same seed, the same scenarios (chance; it is printed)\n"
    "  --save FOLDER  a reproducer RULE-xxxxxxxx.http of each finding\n"
    "  --protect APP  an app that only the users of the setup may enter; may be repeated\n"
    "  --ignore RULE  a rule or \"area.*\" that is no finding; may be repeated\n"
    "  --server NAME  a profile; may be repeated (http1)\n"
    "Exit status: 0 nothing found; 1 findings or crashes; 2 wrong usage or input.\n",
    run_verb};
