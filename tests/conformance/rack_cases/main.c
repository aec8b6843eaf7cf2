/* rack-cases: replays recorded cases of Rack, prints what came of them by area. Exit status 0: none failed; 1: some
 * did; 2: wrong usage, or a file that cannot be read. */
#define _POSIX_C_SOURCE 200809L
#include "tests/conformance/rack_cases/driver.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct rack_options rack_options;

static const struct rack_area *const areas[] = {
    &rack_env_for,           &rack_mock_response, &rack_lint,       &rack_urlmap_builder,
    &rack_cookies_redirects, &rack_utils,         &rack_auth_basic, &rack_rewindable_input,
};
#define AREAS (sizeof areas / sizeof *areas)

static const size_t pieces[] = {0, 3, 1, 2, 7};
#define PIECES (sizeof pieces / sizeof *pieces)
#define PIECES_QUICK 2

struct reason {
    struct reason *next;
    unsigned count;
    char text[];
};

static struct counts {
    unsigned passed, failed, differ, skipped, other; /* other: of the skipped, those that 3 % bounds */
    struct reason *reasons;
} counts[AREAS];

/* ---- one case ---- */

enum verdict { PASSED, FAILED, DIFFER, SKIPPED };

static bool compare(const struct rack_area *area, struct rack_case *rack, const json_t *want, const json_t *got)
{
    return area->compare ? area->compare(rack, want, got) : rack_equal(rack, want, got);
}

/* The case once for each way its request body can arrive; NULL: skipped or wrong. */
static json_t *outcome_of(const struct rack_area *area, struct rack_case *rack)
{
    json_t *outcome = NULL;
    for (size_t i = 0; i < (rack_options.quick ? PIECES_QUICK : PIECES); i++) {
        rack->piece = pieces[i];
        json_t *again = area->run(rack);
        if (!again || rack->wrong[0] != '\0') {
            json_decref(again);
            json_decref(outcome);
            return NULL;
        }
        if (outcome && !rack_equal(rack, outcome, again)) {
            rack_wrong(rack, "in pieces of %zu bytes: %.400s", pieces[i], rack->why);
            json_decref(again);
            json_decref(outcome);
            return NULL;
        }
        json_decref(outcome);
        outcome = again;
    }
    return outcome;
}

static void fail(struct rack_case *rack, const char *reason)
{
    char kept[sizeof rack->why];
    memcpy(kept, rack->why, sizeof kept);
    (void)snprintf(rack->why, sizeof rack->why, "%s%s%.400s", reason, reason[0] && kept[0] ? ": " : "", kept);
}

/* A case whose tag lets us differ: what is written down binds; without it Rack's own is taken too. */
static enum verdict judge_free(const struct rack_area *area, struct rack_case *rack, const json_t *got,
                               const char *advice)
{
    const json_t *ours = rack_ours(rack);
    bool same = compare(area, rack, rack->expect, got);
    if (ours) {
        bool kept = compare(area, rack, json_object_get(ours, "expect"), got);
        if (!kept || !json_is_string(json_object_get(ours, "instead"))) {
            fail(rack, "not what is written down for it");
            return FAILED;
        }
        return same ? PASSED : DIFFER;
    }
    if (same && strcmp(advice, "differ") != 0) {
        return PASSED;
    }
    if (rack_options.strict) {
        fail(rack,
             same ? "does what Rack does, where the advice is to differ" : "what we do instead is not written down");
        return FAILED;
    }
    return same ? PASSED : DIFFER;
}

static enum verdict judge(const struct rack_area *area, struct rack_case *rack, const json_t *got)
{
    const char *advice = rack->quirk ? rack_quirk_advice(rack) : "follow";
    if (!advice) {
        rack_wrong(rack, "the quirk \"%s\" is not in quirks.jsonl", rack->quirk);
        return FAILED;
    }
    if (strcmp(advice, "follow") != 0) {
        return judge_free(area, rack, got, advice);
    }
    return compare(area, rack, rack->expect, got) ? PASSED : FAILED;
}

static enum verdict run_case(const struct rack_area *area, struct rack_case *rack)
{
    json_t *got = outcome_of(area, rack);
    enum verdict verdict = rack->wrong[0] != '\0' ? FAILED : got ? judge(area, rack, got) : SKIPPED;
    if (!got && rack->wrong[0] == '\0' && rack->skip == RACK_NOT_SKIPPED) {
        rack_wrong(rack, "it gave no outcome");
        verdict = FAILED;
    }
    if (got && rack_options.outcome && (verdict == FAILED || verdict == DIFFER)) {
        json_t *row =
            json_pack("{s:s,s:s?,s:s,s:O}", "id", rack->id, "quirk", rack->quirk, "instead", "", "expect", got);
        char *text = json_dumps(row, 0);
        puts(text ? text : "?");
        free(text);
        json_decref(row);
    }
    json_decref(got);
    return verdict;
}

static void count_skip(struct counts *of, const struct rack_case *rack)
{
    of->skipped++;
    of->other += rack->skip == RACK_OTHER;
    for (struct reason *reason = of->reasons; reason; reason = reason->next) {
        if (strcmp(reason->text, rack->why) == 0) {
            reason->count++;
            return;
        }
    }
    size_t size = strlen(rack->why) + 1;
    struct reason *reason = malloc(sizeof *reason + size);
    if (reason) {
        memcpy(reason->text, rack->why, size);
        reason->count = 1;
        reason->next = of->reasons;
        of->reasons = reason;
    }
}

static void report_case(size_t area, struct rack_case *rack, enum verdict verdict)
{
    static const char *const names[] = {"ok", "FAILED", "differs", "skipped"};
    struct counts *of = &counts[area];
    of->passed += verdict == PASSED;
    of->failed += verdict == FAILED;
    of->differ += verdict == DIFFER;
    if (verdict == SKIPPED) {
        count_skip(of, rack);
    }
    if (!rack_options.outcome && (verdict == FAILED || rack_options.verbose)) {
        const char *why = rack->wrong[0] != '\0' ? rack->wrong : verdict == PASSED ? "" : rack->why;
        printf("%s %s%s%s\n", names[verdict], rack->id, why[0] ? ": " : "", why);
    }
}

/* ---- files ---- */

static size_t area_named(const char *name)
{
    size_t at = 0;
    while (at < AREAS && strcmp(areas[at]->name, name) != 0) {
        at++;
    }
    return at;
}

/* Why a row is no case; NULL: it is one. */
static const char *row_refused(struct rack_case *rack, json_t *row)
{
    rack->id = json_string_value(json_object_get(row, "id"));
    rack->area = json_string_value(json_object_get(row, "area"));
    const json_t *quirk = json_object_get(row, "quirk");
    rack->quirk = json_string_value(quirk);
    rack->input = json_object_get(row, "input");
    rack->expect = json_object_get(row, "expect");
    rack_only(rack, row, "id", "area", "input", "expect", "quirk", NULL);
    return !rack->id || !rack->area                        ? "a case needs an id and an area"
           : !json_is_object(rack->input) || !rack->expect ? "a case needs input and expect"
           : quirk && !rack->quirk                         ? "a quirk is a string"
           : area_named(rack->area) == AREAS               ? "an unknown area"
                                                           : NULL;
}

static bool run_row(json_t *row, const char *path, unsigned number, const char *folder)
{
    struct rack_case rack = {.folder = folder};
    const char *refused = row_refused(&rack, row);
    if (refused) {
        fprintf(stderr, "%s:%u: %s\n", path, number, refused);
        return false;
    }
    if (!rack_options.area || strcmp(rack_options.area, rack.area) == 0) {
        size_t area = area_named(rack.area);
        enum verdict verdict = run_case(areas[area], &rack);
        report_case(area, &rack, verdict);
        fflush(stdout);
    }
    rack_forget(&rack);
    return true;
}

static bool run_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    char folder[4096];
    const char *slash = strrchr(path, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    char *line = NULL;
    size_t capacity = 0;
    bool right = true;
    for (unsigned number = 1; getline(&line, &capacity, file) > 0; number++) {
        json_error_t error;
        json_t *row = json_loads(line, 0, &error);
        if (!row) {
            fprintf(stderr, "%s:%u:%d: %s\n", path, number, error.column, error.text);
            if (number == 1) {
                fprintf(stderr, "%s: not read on: a file of cases (.jsonl) has one JSON object on each line\n", path);
                right = false;
                break;
            }
        }
        right = row && run_row(row, path, number, folder) && right;
        json_decref(row);
    }
    free(line);
    fclose(file);
    return right;
}

/* The tables that lie among the cases. */
static int is_case_file(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end && strcmp(end, ".jsonl") == 0 && strcmp(entry->d_name, "lint_rules.jsonl") != 0 &&
           strcmp(entry->d_name, "quirks.jsonl") != 0;
}

static bool run_path(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return run_file(path);
    }
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_case_file, alphasort);
    bool right = count >= 0;
    if (!right) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        char file[4096];
        (void)snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        right = run_file(file) && right;
        free(entries[i]);
    }
    free(entries);
    return right;
}

/* ---- the report ---- */

/* Prints an area; the number of failures in it. */
static unsigned report_area(size_t at)
{
    struct counts *of = &counts[at];
    unsigned all = of->passed + of->failed + of->differ + of->skipped;
    if (all == 0) {
        return 0;
    }
    printf("%s: %u passed, %u failed, %u differ, %u skipped\n", areas[at]->name, of->passed, of->failed, of->differ,
           of->skipped);
    while (of->reasons) {
        struct reason *next = of->reasons->next;
        printf("  skipped %u: %s\n", of->reasons->count, of->reasons->text);
        free(of->reasons);
        of->reasons = next;
    }
    if (rack_options.strict && of->other * 100 > all * 3) {
        printf("  too many are skipped that C's types do not rule out: %u of %u\n", of->other, all);
        return of->failed + 1;
    }
    return of->failed;
}

static int report(bool right)
{
    unsigned passed = 0, failed = 0, differ = 0, all = 0;
    for (size_t i = 0; i < AREAS; i++) {
        all += counts[i].passed + counts[i].failed + counts[i].differ + counts[i].skipped;
        passed += counts[i].passed;
        differ += counts[i].differ;
        failed += report_area(i);
    }
    if (all == 0) {
        fprintf(stderr, "rack-cases: nothing was run: there are no cases%s%s in what was given\n",
                rack_options.area ? " of area " : "", rack_options.area ? rack_options.area : "");
    }
    printf("%u differ from Rack on purpose\n%u passed, %u failed\n", differ, passed, failed);
    return !right || all == 0 ? 2 : failed > 0;
}

static void help(FILE *to)
{
    fputs(
        "rack-cases [--area AREA] [--verbose] [--strict] [--quick] [--outcome] [--files FOLDER] PATH...\n"
        "Replays recorded cases of Rack: .jsonl files, or folders of them.\n"
        "  --area AREA     only the cases of that area\n"
        "  --verbose       a line for each case\n"
        "  --strict        a case that differs must be written down in ours/AREA.jsonl beside it, and few are skipped\n"
        "  --quick         request bodies whole and in pieces of 3 bytes, not of 1, 2 and 7 too\n"
        "  --outcome       print what came of each case that failed or differs, as a row of ours/AREA.jsonl\n"
        "  --files FOLDER  the multipart bodies (default: files/ beside the cases, or else ../shared/rack-cases/files\n"
        "                  if it is there; without them the cases that need one are skipped)\n",
        to);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"area", 1, NULL, 'a'},  {"files", 1, NULL, 'f'},  {"help", 0, NULL, 'h'},    {"outcome", 0, NULL, 'o'},
        {"quick", 0, NULL, 'q'}, {"strict", 0, NULL, 's'}, {"verbose", 0, NULL, 'v'}, {NULL, 0, NULL, 0}};
    rack_options.program = argv[0];
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'a':
            rack_options.area = optarg;
            break;
        case 'f':
            rack_options.files = optarg;
            break;
        case 'o':
            rack_options.outcome = true;
            break;
        case 'q':
            rack_options.quick = true;
            break;
        case 's':
            rack_options.strict = true;
            break;
        case 'v':
            rack_options.verbose = true;
            break;
        default:
            help(option == 'h' ? stdout : stderr);
            return option == 'h' ? 0 : 2;
        }
    }
    if (optind == argc || (rack_options.area && area_named(rack_options.area) == AREAS)) {
        if (optind < argc) {
            fprintf(stderr, "rack-cases: there is no area \"%s\". There are:", rack_options.area);
            for (size_t i = 0; i < AREAS; i++) {
                fprintf(stderr, " %s", areas[i]->name);
            }
            fputs("\n\n", stderr);
        }
        help(stderr);
        return 2;
    }
    bool right = true;
    for (int i = optind; i < argc; i++) {
        right = run_path(argv[i]) && right;
    }
    rack_tables_free();
    return report(right);
}
