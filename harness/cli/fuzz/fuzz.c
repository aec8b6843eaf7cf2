/* stackrig fuzz: scenarios of chance to a stack in a shared object. */
#define _DEFAULT_SOURCE

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fuzz/driver/here.h"
#include "harness/cli/fuzz/fuzz_report.h"
#include "harness/cli/fuzz/fuzzing.h"
#include "harness/cli/run/preload.h"
#include "harness/cli/run/unrun.h"
#include "harness/core/wall.h"

extern void __lsan_register_root_region(const void *region, size_t size) __attribute__((weak));

#define RUNS_DEFAULT 100000

/* ---- what is told ---- */

static void print_summary(FILE *out)
{
    size_t beyond = rig_fuzzing->engine.beyond_count;
    rig_fuzz_print_summary(out, &rig_fuzzing->target);
    if (beyond > 0) {
        fprintf(out, "more than %d findings: %zu%s of other kinds, layers or lines not told\n", RIG_FUZZ_FOUND_MAX,
                beyond, beyond == RIG_FUZZ_BEYOND_MAX ? " and more" : "");
    }
}

/* NULL: no memory. */
static char *summary_of(const struct rig_fuzzing_options *options)
{
    char *summary = NULL, *lines = NULL;
    size_t size;
    FILE *out = open_memstream(&summary, &size);
    if (out) {
        fprintf(out, "seed %llu\n", (unsigned long long)options->fuzzed.seed);
        print_summary(out);
        (void)fclose(out);
        lines = rig_report_lines(summary);
    }
    free(summary);
    return lines;
}

/* Before what is shrunk counts, too. */
static void begin_reports(struct rig_run_report *to, const struct rig_fuzzing_options *options)
{
    rig_report_begin(to, "fuzz", options->fuzzed.stack);
    rig_fuzz_gather_oracles(to, &rig_fuzzing->target);
    to->summary = summary_of(options);
}

static bool write_reports(struct rig_run_report *to, const struct rig_fuzzing_options *options, int status,
                          int64_t begun)
{
    for (size_t i = 0; i < rig_fuzzing->reported; i++) {
        const struct rig_fuzz_violation violation = rig_fuzzing_violation(options, i);
        char place[RIG_STAND_NAME + 24];
        rig_fuzz_gather(to, &violation, rig_fuzzing_text(i), rig_fuzzing_place(i, place, sizeof place));
    }
    to->interrupted = rig_fuzzing->interrupted;
    to->took = (uint64_t)(rig_wall_ns() - begun);
    if (status == RIG_STATUS_USAGE) {
        rig_report_add_incomplete(to, rig_complained());
    }
    rig_report_end(to, status);
    return rig_formats_write(&options->formats, to);
}

/* A name of .protect that no app has protects nothing: that is no clean run. */
static bool protects_nobody(void)
{
    const struct rig_fuzz_target *target = &rig_fuzzing->target;
    if (target->strangers[0]) {
        rig_complain("no app called %s was entered, so nothing is known of it; the stack's apps: %s", target->strangers,
                     target->apps[0] ? target->apps : "none that is seen from outside");
    }
    return target->strangers[0] != '\0';
}

static int status_of(bool good, size_t found)
{
    return !good                      ? RIG_STATUS_USAGE
           : rig_fuzzing->interrupted ? RIG_STATUS_INTERRUPTED
           : found > 0                ? RIG_STATUS_FINDINGS
           : protects_nobody()        ? RIG_STATUS_USAGE
                                      : RIG_STATUS_CLEAN;
}

static void print_end(void)
{
    size_t found = rig_fuzzing->engine.found_count + rig_fuzzing->crash_count;
    unsigned long long runs = rig_fuzzing->engine.runs;
    printf("%s%llu scenario%s, %zu finding%s\n", rig_fuzzing->interrupted ? "interrupted: " : "", runs,
           runs == 1 ? "" : "s", found, found == 1 ? "" : "s");
}

static int run_and_report(struct rig_fuzzing_options *options)
{
    bool say = rig_formats_text(&options->formats);
    int64_t begun = rig_wall_ns();
    if (say) {
        printf("seed %llu\n", (unsigned long long)options->fuzzed.seed);
    }
    if (fflush(stdout) != 0) { /* the end of the command tells it: hours later would be too late */
        return RIG_STATUS_USAGE;
    }
    bool good = rig_fuzzing_run_all(options);
    size_t found = rig_fuzzing->engine.found_count + rig_fuzzing->crash_count;
    struct rig_run_report report;
    begin_reports(&report, options);
    if (good && say) {
        print_summary(stdout);
    }
    good = good && (found == 0 || rig_fuzzing_report_all(options));
    if (good && say) {
        print_end();
    }
    int status = status_of(good, found);
    if (good && rig_formats_any(&options->formats) && !write_reports(&report, options, status, begun)) {
        status = RIG_STATUS_USAGE;
    }
    rig_report_free(&report);
    return rig_fuzzing->unsaved ? RIG_STATUS_USAGE : status;
}

/* Before anything is tried. False: complained. */
static bool can_save(const char *folder)
{
    int error = folder ? rig_fuzz_make_folder(folder) : 0;
    if (error != 0) {
        rig_complain("--save: cannot write to the folder %s: %s", folder, strerror(error));
    }
    return error == 0;
}

static int fuzz(struct rig_fuzzing_options *options)
{
    rig_fuzzing = rig_fuzzed_shared(sizeof *rig_fuzzing);
    if (__lsan_register_root_region) { /* what the target holds is no leak where a layer ends the process */
        __lsan_register_root_region(rig_fuzzing, sizeof *rig_fuzzing);
    }
    int status = run_and_report(options);
    (void)munmap(rig_fuzzing, sizeof *rig_fuzzing);
    return status;
}

static bool take_folder(struct rig_fuzzing_options *options, const char *folder)
{
    bool once = !options->save;
    if (!*folder) {
        rig_complain("--save wants a folder");
    } else if (!once) {
        rig_complain("--save is given twice");
    }
    options->save = folder;
    return once && *folder;
}

/* Negative: go on. */
static int parse(struct rig_fuzzing_options *options, const struct option *names, const struct rig_verb *verb, int argc,
                 char **argv)
{
    bool good = true;
    opterr = 0;
    for (int answer; (answer = getopt_long(argc, argv, ":h", names, NULL)) != -1 && good;) {
        switch (answer) {
        case 'r':
            good = rig_fuzzed_number("runs", optarg, &options->runs);
            if (good && options->runs == 0) {
                rig_complain("--runs wants a number from 1 on");
                good = false;
            }
            break;
        case 'o':
            good = take_folder(options, optarg);
            break;
        case 'q':
            options->quiet = true;
            break;
        case 'h':
            rig_verb_help(verb);
            return RIG_STATUS_CLEAN;
        case '?':
        case ':':
            return rig_complain_option(verb, answer, argv, names);
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
    good = rig_seeds_gather(&options->seeds, argv + optind + 1, argc - optind - 1) &&
           rig_formats_apart(&options->formats, options->fuzzed.stack, options->seeds.paths, options->seeds.count);
    return good ? -1 : RIG_STATUS_USAGE;
}

static int run_verb(const struct rig_verb *verb, int argc, char **argv)
{
    static const struct option own[] = {{"runs", required_argument, NULL, 'r'},
                                        {"save", required_argument, NULL, 'o'},
                                        {"quiet", no_argument, NULL, 'q'},
                                        RIG_FUZZED_OPTIONS,
                                        {0}};
    rig_preload_clock(argc, argv);
    struct rig_fuzzing_options options = {.runs = RUNS_DEFAULT, .fuzzed = {.seed = rig_fuzz_unknown()}};
    struct option *names = rig_formats_options(own);
    int status = parse(&options, names, verb, argc, argv);
    free(names);
    if (status < 0) {
        status = rig_fuzzed_rules(&options.fuzzed) && can_save(options.save) ? fuzz(&options) : RIG_STATUS_USAGE;
        rig_report_unrun(&options.formats, "fuzz", options.fuzzed.stack, status);
    }
    rig_seeds_free(&options.seeds);
    return status;
}

const struct rig_verb rig_verb_fuzz = {
    "fuzz", "[option...] STACK.so [FILE.http|FOLDER...]",
    "tries scenarios of chance on a stack, and shrinks what it finds",
    "Begins with the scenarios of the files, of a FOLDER all; those that are no text\n"
    "are of a corpus. A RIG_FUZZ() beside RIG_EXPORT(...) says how it is fuzzed.\n\n"
    "  --runs N       scenarios (100000)\n"
    "  --seed S       the same seed, the same scenarios (chance; it is printed)\n"
    "  --save FOLDER  a reproducer RULE-xxxxxxxx.http of each finding; what is told\n"
    "                 has no secrets, these have those of FILE.http, to be run again\n" RIG_FUZZED_HELP RIG_FORMATS_HELP
    "  --quiet        no progress\n\n"
    "  stackrig fuzz --runs 1000000 --protect members stack.so requests.http\n\n"
    "Exit status: 0 nothing found; 1 findings or crashes; 2 wrong usage or input, or\n"
    "no app has a protected name; 130 Ctrl-C, SIGTERM: what was found, not shrunk.\n",
    run_verb};
