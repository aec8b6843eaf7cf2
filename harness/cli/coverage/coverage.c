/* stackrig coverage: merges the tables that runs have written, and says what of the auth layers was never seen. */
#define _POSIX_C_SOURCE 200809L

#include "harness/cli/coverage/coverage.h"
#include "harness/cli/ui/outputs.h"
#include "harness/cli/ui/suggest.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- tables ---- */

static bool read_file(struct rig_coverage *coverage, const char *path)
{
    unsigned line = 0;
    const char *why = NULL;
    FILE *in = fopen(path, "r");
    int error = in ? rig_cover_read(in, &coverage->table, &line, &why) : -errno;
    if (in) {
        (void)fclose(in);
    }
    if (why) {
        rig_complain("%s:%u: %s", path, line, why);
    } else if (error) {
        rig_complain("cannot read %s: %s", path, strerror(-error));
    }
    coverage->files += error == 0;
    return error == 0;
}

static bool is_table(const char *name)
{
    size_t size = strlen(name);
    return name[0] != '.' && size > 4 && strcmp(name + size - 4, ".cov") == 0;
}

static bool read_folder(struct rig_coverage *coverage, const char *path)
{
    char name[4096];
    bool good = true;
    DIR *folder = opendir(path);
    if (!folder) {
        rig_complain("cannot read %s: %s", path, strerror(errno));
        return false;
    }
    for (const struct dirent *entry; good && (entry = readdir(folder));) {
        if (is_table(entry->d_name)) {
            int size = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
            good = size > 0 && (size_t)size < sizeof name && read_file(coverage, name);
        }
    }
    (void)closedir(folder);
    return good;
}

static bool read_all(struct rig_coverage *coverage, char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct stat about;
        bool folder = stat(paths[i], &about) == 0 && S_ISDIR(about.st_mode);
        if (!(folder ? read_folder(coverage, paths[i]) : read_file(coverage, paths[i]))) {
            return false;
        }
    }
    if (coverage->files == 0) {
        rig_complain("no run has written a table: set STACKRIG_COVERAGE=FOLDER for check, fuzz and tests");
        return false;
    }
    return true;
}

/* ---- options ---- */

enum option_id { HELP = 'h', LAYER = 256, WITHOUT, FAIL_OUTCOME, FAIL_BRANCH, GCOVR, SOURCE, JSON, HTML, COBERTURA };

static const struct option table[] = {{"help", no_argument, NULL, HELP},
                                      {"layer", required_argument, NULL, LAYER},
                                      {"without", required_argument, NULL, WITHOUT},
                                      {"fail-under-outcome", required_argument, NULL, FAIL_OUTCOME},
                                      {"fail-under-auth-branch", required_argument, NULL, FAIL_BRANCH},
                                      {"gcovr", required_argument, NULL, GCOVR},
                                      {"source", required_argument, NULL, SOURCE},
                                      {"json", required_argument, NULL, JSON},
                                      {"html", required_argument, NULL, HTML},
                                      {"cobertura", required_argument, NULL, COBERTURA},
                                      {0}};

static bool take_percent(const char *text, double *percent)
{
    char *end;
    *percent = strtod(text, &end);
    if (end == text || *end || !(*percent >= 0 && *percent <= 100)) {
        rig_complain("expected a percentage, found '%s'", text);
        return false;
    }
    return true;
}

static bool take_without(struct rig_coverage *coverage, const char *word)
{
    const char *colon = strrchr(word, ':'), *class = colon ? colon + 1 : word;
    if (rig_cover_class_of(class, strlen(class)) == RIG_COVER_UNKNOWN) {
        rig_complain("expected none, wrong_scheme, malformed, wrong_secret, expired, other_user or valid, found '%s'",
                     class);
        return false;
    }
    coverage->without[coverage->without_count++] = word;
    return true;
}

static const char *name_of(int answer)
{
    return answer == JSON ? "json" : answer == HTML ? "html" : "cobertura";
}

/* How many of them go to the output? */
static int into_output(const struct rig_coverage *coverage)
{
    const char *const paths[] = {coverage->json, coverage->html, coverage->cobertura};
    int count = 0;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        count += paths[i] && rig_output_is_stdout(paths[i]);
    }
    return count;
}

/* Does none of them take the place of what is read, or of another? */
static bool outputs_are_apart(const struct rig_coverage *coverage, char *const *paths, size_t count)
{
    const char *const outputs[] = {coverage->json, coverage->html, coverage->cobertura};
    bool good = into_output(coverage) <= 1;
    if (!good) {
        rig_complain("more than one of --json, --html and --cobertura would go to the output");
    }
    for (size_t i = 0; good && i < sizeof outputs / sizeof *outputs; i++) {
        const char *name = name_of(i == 0 ? JSON : i == 1 ? HTML : COBERTURA);
        good = !outputs[i] || (rig_output_apart(name, outputs[i], (const char *const *)paths, count) &&
                               rig_output_apart(name, outputs[i], &coverage->gcovr, 1));
    }
    return good;
}

static bool take_option(struct rig_coverage *coverage, int answer)
{
    switch (answer) {
    case LAYER:
        coverage->layers[coverage->layer_count++] = optarg;
        return true;
    case WITHOUT:
        return take_without(coverage, optarg);
    case FAIL_OUTCOME:
        return take_percent(optarg, &coverage->fail_under_outcome);
    case FAIL_BRANCH:
        return take_percent(optarg, &coverage->fail_under_branch);
    case SOURCE:
        coverage->sources[coverage->source_count++] = optarg;
        return true;
    default:
        *(answer == GCOVR  ? &coverage->gcovr
          : answer == JSON ? &coverage->json
          : answer == HTML ? &coverage->html
                           : &coverage->cobertura) = optarg;
        return answer == GCOVR || rig_output_allowed(name_of(answer), optarg);
    }
}

/* True: go on. */
static bool parse(struct rig_coverage *coverage, const struct rig_verb *verb, int argc, char **argv, int *status)
{
    int answer;
    opterr = 0;
    coverage->layers = rig_must_alloc((size_t)argc, sizeof *coverage->layers);
    coverage->without = rig_must_alloc((size_t)argc, sizeof *coverage->without);
    coverage->sources = rig_must_alloc((size_t)argc, sizeof *coverage->sources);
    while ((answer = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        *status = RIG_STATUS_USAGE;
        if (answer == HELP) {
            rig_verb_help(verb);
            *status = RIG_STATUS_CLEAN;
            return false;
        }
        if (answer == '?' || answer == ':') {
            *status = rig_complain_option(verb, answer, argv, table);
            return false;
        }
        if (!take_option(coverage, answer)) {
            return false;
        }
    }
    return true;
}

/* ---- the verdict ---- */

static const struct rig_cover_table *named; /* whose names are near to what was wanted */

static const char *layer_name(size_t i)
{
    return named->layers[i]->name;
}

/* of: " of --without", ""; False: complained. */
static bool is_visited(const struct rig_coverage *coverage, const char *name, size_t size, const char *of)
{
    char wanted[RIG_COVER_NAME_MAX + 1], line[1024];
    struct rig_text near;
    (void)snprintf(wanted, sizeof wanted, "%.*s", (int)size, name);
    for (size_t i = 0; i < coverage->table.count; i++) {
        if (strcmp(coverage->table.layers[i]->name, wanted) == 0) {
            return true;
        }
    }
    named = &coverage->table;
    rig_text_start(&near, line, sizeof line);
    (void)rig_text_suggest_of(&near, wanted, layer_name, coverage->table.count);
    rig_complain("no run has visited a layer %s%s%s", wanted, of, line);
    return false;
}

static bool names_each_layer(const struct rig_coverage *coverage)
{
    bool all = true;
    for (size_t i = 0; i < coverage->layer_count; i++) {
        all = is_visited(coverage, coverage->layers[i], strlen(coverage->layers[i]), "") && all;
    }
    for (size_t i = 0; i < coverage->without_count; i++) {
        const char *without = coverage->without[i], *colon = strrchr(without, ':');
        all = (!colon || is_visited(coverage, without, (size_t)(colon - without), ", of --without")) && all;
    }
    return all;
}

static bool is_enough(const struct rig_coverage *coverage)
{
    double seen = rig_percent(coverage->seen, coverage->wanted), taken = rig_coverage_branches(coverage);
    bool enough = names_each_layer(coverage);
    if (seen < coverage->fail_under_outcome) {
        rig_complain("auth paths: %.1f %% were seen, %.1f %% are asked for", seen, coverage->fail_under_outcome);
        enough = false;
    }
    if (taken < coverage->fail_under_branch) {
        rig_complain("branches of auth layers: %.1f %% were taken, %.1f %% are asked for", taken,
                     coverage->fail_under_branch);
        enough = false;
    }
    return enough;
}

struct writing {
    const struct rig_coverage *coverage;
    rig_coverage_write_fn *write;
};

static int write_one(const void *what, FILE *out)
{
    const struct writing *writing = what;
    errno = 0;
    bool written = writing->write(writing->coverage, out);
    return written && !ferror(out) ? 0 : errno != 0 ? -errno : -EIO;
}

/* path NULL: not asked for. */
static bool write_file(const struct rig_coverage *coverage, const char *path, rig_coverage_write_fn *write)
{
    const struct writing writing = {coverage, write};
    return !path || rig_write_file(path, write_one, &writing);
}

static int report(struct rig_coverage *coverage)
{
    rig_coverage_join(coverage);
    rig_coverage_judge(coverage);
    if (coverage->table.starved) {
        rig_complain("out of memory");
        return RIG_STATUS_USAGE;
    }
    if (coverage->gcovr && !rig_coverage_read_gcovr(coverage, coverage->gcovr)) {
        return RIG_STATUS_USAGE;
    }
    if (!into_output(coverage)) {
        rig_coverage_print(coverage);
    }
    bool written = write_file(coverage, coverage->json, rig_coverage_write_json);
    written = write_file(coverage, coverage->html, rig_coverage_write_html) && written;
    written = write_file(coverage, coverage->cobertura, rig_coverage_write_cobertura) && written;
    if (!written) {
        return RIG_STATUS_USAGE;
    }
    return is_enough(coverage) ? RIG_STATUS_CLEAN : RIG_STATUS_FINDINGS;
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    struct rig_coverage coverage = {.fail_under_outcome = 100, .fail_under_branch = -1};
    int status = RIG_STATUS_USAGE;
    char *folder = getenv("STACKRIG_COVERAGE");
    if (parse(&coverage, verb, argc, argv, &status)) {
        if (coverage.fail_under_branch >= 0 && !coverage.gcovr) {
            rig_coverage_free(&coverage);
            return rig_complain_usage(verb, "--fail-under-auth-branch wants --gcovr FILE");
        }
        bool given = optind < argc;
        if (!given && !(folder && *folder)) {
            status = rig_complain_usage(verb, "coverage: expected %s", verb->arguments);
        } else {
            char *const *paths = given ? argv + optind : &folder;
            size_t count = given ? (size_t)(argc - optind) : 1;
            bool read = outputs_are_apart(&coverage, paths, count) && read_all(&coverage, paths, count);
            status = read ? report(&coverage) : RIG_STATUS_USAGE;
        }
    }
    rig_coverage_free(&coverage);
    return status;
}

const struct rig_verb rig_verb_coverage = {
    "coverage", "[option...] FOLDER|FILE...", "says which outcomes and auth paths of the layers were never seen",
    "Runs write their tables where STACKRIG_COVERAGE=FOLDER says: check, fuzz, tests.\n"
    "  --layer NAME                     this layer alone; may stand several times\n"
    "  --without [LAYER:]CLASS          credentials that a layer has none of\n"
    "  --fail-under-outcome PERCENT     of the auth paths that must be seen (100)\n"
    "  --gcovr FILE                     what gcovr --json wrote: lines that never ran\n"
    "  --source FILE                    further code of the auth layers; may repeat\n"
    "  --fail-under-auth-branch PERCENT of the branches in the files of auth layers\n"
    "  --json, --html, --cobertura FILE writes it so, too\n\n"
    "Every auth layer must let valid credentials in, and refuse none, those of a\n"
    "wrong scheme, malformed, wrong, expired and another user's; each with a body and\n"
    "without.\n\n"
    "  STACKRIG_COVERAGE=cov stackrig check stack.so requests.http\n"
    "  stackrig coverage --without expired cov\n\n"
    "Exit status: 0 all was seen; 1 less than is asked for; 2 wrong usage or input.\n",
    run};
