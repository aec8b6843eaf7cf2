/* How many planted mistakes are found, and how many correct stacks are alarmed.
 *
 *   test_detect                           a slice of a few seconds, as TAP: what is found soon, few runs of what is correct
 *   test_detect --all [option...] [NAME...]    the whole table
 *       --execs N   scenarios for each, at most (1000000)
 *       --seeds K   of planted ones (5), of which the median counts; correct ones have one seed
 *       --verbose   what was said, with the scenario */
#include "tests/detect/detect.h"

#include "harness/core/arena.h"

#define SLICE_PLANTED 4000
#define SLICE_CORRECT 1500
#define SEEDS_MAX 25

static const struct detect_table *const tables[] = {
    &detect_early,          &detect_lifetime,         &detect_state,
    &detect_auth,           &detect_answer,           &detect_parsing,
    &detect_correct_bodies, &detect_correct_requests, &detect_correct_auth};
#define TABLES (sizeof tables / sizeof *tables)

/* They take more than a slice has. */
static const char *const slow[] = {"session_stays",
                                   "splits_scheme",
                                   "adds_lengths",
                                   "closes_for_all",
                                   "compares_raw",
                                   "counts_ranges",
                                   "decodes_past_end",
                                   "decodes_signed",
                                   "expectations",
                                   "first_language",
                                   "first_read",
                                   "first_wins",
                                   "keeps_pointer",
                                   "goes_on_later",
                                   "last_error_page",
                                   "logs_forms",
                                   "maps_path",
                                   "negative_length",
                                   "parameter_of_path",
                                   "parses_token",
                                   "repeats_cookie",
                                   "skips_preamble",
                                   NULL};

struct options {
    uint64_t execs, seeds;
    bool verbose;
    char **names;
};

struct totals {
    unsigned planted, plain, found, correct, alarms, skipped;
    uint64_t slowest;
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "detect: %s\n", what);
    exit(2);
}

static void try_it(const struct detect_row *row, uint64_t seed, uint64_t most, struct detect_outcome *outcome)
{
    if (!detect_fuzz(row, seed, most, outcome)) {
        give_up("no child could be started");
    }
}

static bool is_slow(const struct detect_row *row)
{
    size_t i = 0;
    while (slow[i] && strcmp(slow[i], row->name) != 0) {
        i++;
    }
    return slow[i] != NULL;
}

static bool is_blind(const struct detect_row *row)
{
    return row->memory && !rig_asan_present();
}

/* ---- the whole table ---- */

static int by_number(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;
    return (one > two) - (one < two);
}

static void print_said(const struct options *options, const char *said)
{
    if (options->verbose && said[0]) {
        printf("    %s\n", said);
    }
}

static void planted(const struct detect_row *row, const struct options *options, struct totals *totals)
{
    struct detect_outcome outcome = {.plain = false};
    uint64_t execs[SEEDS_MAX];
    if (!detect_plainly(row, &outcome)) {
        give_up("no child could be started");
    }
    bool plain = outcome.plain;
    for (uint64_t i = 0; i < options->seeds; i++) {
        try_it(row, i + 1, options->execs, &outcome);
        execs[i] = outcome.found ? outcome.execs : UINT64_MAX;
    }
    qsort(execs, options->seeds, sizeof *execs, by_number);
    uint64_t median = execs[options->seeds / 2], last = execs[options->seeds - 1];
    bool found = median != UINT64_MAX;
    totals->planted++;
    totals->plain += plain;
    totals->found += found;
    totals->slowest = found && median > totals->slowest ? median : totals->slowest;
    printf("%-26s %-24s %-38s %-6s", row->name, row->like, row->rule, plain ? "plain" : "-");
    if (found) {
        printf(" %9llu", (unsigned long long)median);
    } else {
        printf(" not found");
    }
    printf(last != UINT64_MAX ? " %9llu\n" : " some seeds do not\n", (unsigned long long)last);
    print_said(options, outcome.said);
}

static void correct(const struct detect_row *row, const struct options *options, struct totals *totals)
{
    struct detect_outcome plain, outcome;
    if (!detect_plainly(row, &plain)) {
        give_up("no child could be started");
    }
    try_it(row, 1, options->execs, &outcome);
    bool alarm = plain.plain || outcome.found || outcome.execs < options->execs;
    totals->correct++;
    totals->alarms += alarm;
    printf("%-26s %-57s %s %llu\n", row->name, row->like, alarm ? "FALSE ALARM after" : "silent for",
           (unsigned long long)outcome.execs);
    print_said(options, plain.plain ? plain.said : outcome.said);
}

static bool is_named(const struct options *options, const char *name)
{
    bool named = !options->names[0];
    for (size_t i = 0; options->names[i] && !named; i++) {
        named = strcmp(options->names[i], name) == 0;
    }
    return named;
}

static int whole(const struct options *options)
{
    struct totals totals = {0};
    printf("executions of the fuzzer from an empty corpus: the median of %llu seeds, and the slowest\n",
           (unsigned long long)options->seeds);
    for (size_t i = 0; i < TABLES; i++) {
        bool first = true;
        for (size_t k = 0; k < tables[i]->count; k++) {
            const struct detect_row *row = &tables[i]->rows[k];
            if (!is_named(options, row->name)) {
                continue;
            }
            printf("%s%s%s", first ? "\n" : "", first ? tables[i]->title : "", first ? "\n" : "");
            first = false;
            if (is_blind(row)) {
                printf("%-26s skipped: it takes AddressSanitizer\n", row->name);
                totals.skipped++;
            } else if (row->rule) {
                planted(row, options, &totals);
            } else {
                correct(row, options, &totals);
            }
            (void)fflush(stdout);
        }
    }
    printf(
        "\n%u planted: %u found by plain checks, %u by the fuzzer (the slowest median %llu), %u not found, %u skipped; "
        "%u correct: %u false alarms\n",
        totals.planted, totals.plain, totals.found, (unsigned long long)totals.slowest, totals.planted - totals.found,
        totals.skipped, totals.correct, totals.alarms);
    return totals.found < totals.planted || totals.alarms > 0;
}

/* ---- the slice ---- */

static int slice(void)
{
    unsigned number = 0, count = 0;
    bool good = true;
    struct detect_outcome outcome;
    for (size_t i = 0; i < TABLES; i++) {
        for (size_t k = 0; k < tables[i]->count; k++) {
            count += !is_slow(&tables[i]->rows[k]);
        }
    }
    printf("1..%u\n", count);
    for (size_t i = 0; i < TABLES; i++) {
        for (size_t k = 0; k < tables[i]->count; k++) {
            const struct detect_row *row = &tables[i]->rows[k];
            if (is_slow(row)) {
                continue;
            }
            number++;
            if (is_blind(row)) {
                printf("not ok %u # SKIP %s: it takes AddressSanitizer\n", number, row->name);
                continue;
            }
            uint64_t most = row->rule ? SLICE_PLANTED : SLICE_CORRECT;
            try_it(row, 1, most, &outcome);
            bool ok = row->rule ? outcome.found : !outcome.found && outcome.execs == most;
            good = good && ok;
            printf("%s %u - %s\n", ok ? "ok" : "not ok", number, row->name);
            if (!ok) {
                printf("# %s\n", row->rule ? "not found" : outcome.said);
            }
        }
    }
    return !good;
}

/* ---- options ---- */

static uint64_t number_of(const char *text, uint64_t most)
{
    char *end = NULL;
    uint64_t number = text ? strtoull(text, &end, 10) : 0;
    if (number == 0 || *end || number > most) {
        give_up("--execs and --seeds want a number (at most 25 seeds)");
    }
    return number;
}

int main(int argc, char **argv)
{
    struct options options = {.execs = 1000000, .seeds = 5};
    if (argc == 1) {
        return slice();
    }
    char **at = argv + 1;
    for (; *at && (*at)[0] == '-'; at++) {
        if (strcmp(*at, "--execs") == 0) {
            options.execs = number_of(*++at, UINT64_MAX);
        } else if (strcmp(*at, "--seeds") == 0) {
            options.seeds = number_of(*++at, SEEDS_MAX);
        } else if (strcmp(*at, "--verbose") == 0) {
            options.verbose = true;
        } else if (strcmp(*at, "--all") != 0) {
            give_up("wrong option; see the head of tests/detect/test_detect.c");
        }
    }
    options.names = at;
    return whole(&options);
}
