/* How many planted mistakes are found, and how many correct stacks are alarmed.
 *
 *   test_detect                           a slice of a few seconds, as TAP: what is found soon, few runs of what is correct
 *   test_detect --all [option...] [NAME...]    the whole table
 *       --execs N   scenarios for each, at most (1000000)
 *       --seeds K   of planted ones (5), of which the median counts; correct ones have one seed
 *       --jobs J    so many stacks at a time (as many as there are cores)
 *       --verbose   what was said, with the scenario */
#include "tests/detect/detect.h"

#include "harness/core/arena.h"

#include <unistd.h>

#define SLICE_PLANTED 20000
#define SLICE_CORRECT 1500
#define JOBS_MAX 64

const struct detect_table *const detect_tables[DETECT_TABLES] = {&detect_early,
                                                                 &detect_lifetime,
                                                                 &detect_state,
                                                                 &detect_auth,
                                                                 &detect_words,
                                                                 &detect_answer,
                                                                 &detect_parsing,
                                                                 &detect_correct_bodies,
                                                                 &detect_correct_requests,
                                                                 &detect_correct_answers,
                                                                 &detect_correct_auth};

/* They take more than a slice has. */
static const char *const slow[] = {"case_of_path",
                                   "closes_for_all",
                                   "counts_ranges",
                                   "decodes_signed",
                                   "first_language",
                                   "first_wins",
                                   "negative_length",
                                   "parses_token",
                                   "reflects_before",
                                   "skips_preamble",
                                   "splits_scheme",
                                   "up_to_its_end",
                                   NULL};

void detect_give_up(const char *what)
{
    fprintf(stderr, "detect: %s\n", what);
    exit(2);
}

static bool is_slow(const struct detect_row *row)
{
    size_t i = 0;
    while (slow[i] && strcmp(slow[i], row->name) != 0) {
        i++;
    }
    return slow[i] != NULL;
}

bool detect_is_blind(const struct detect_row *row)
{
    return row->memory && !rig_asan_present();
}

/* ---- the slice ---- */

static int slice(void)
{
    unsigned number = 0, count = 0;
    bool good = true;
    struct detect_outcome outcome;
    for (size_t i = 0; i < DETECT_TABLES; i++) {
        for (size_t k = 0; k < detect_tables[i]->count; k++) {
            count += !is_slow(&detect_tables[i]->rows[k]);
        }
    }
    printf("1..%u\n", count);
    for (size_t i = 0; i < DETECT_TABLES; i++) {
        for (size_t k = 0; k < detect_tables[i]->count; k++) {
            const struct detect_row *row = &detect_tables[i]->rows[k];
            if (is_slow(row)) {
                continue;
            }
            number++;
            if (detect_is_blind(row)) {
                printf("not ok %u # SKIP %s: it takes AddressSanitizer\n", number, row->name);
                continue;
            }
            uint64_t most = row->rule ? SLICE_PLANTED : SLICE_CORRECT;
            if (!detect_fuzz(row, 1, most, &outcome)) {
                detect_give_up("no child could be started");
            }
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
        detect_give_up("--execs, --seeds and --jobs want a number (at most 25 seeds, 64 jobs)");
    }
    return number;
}

int main(int argc, char **argv)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct detect_options options = {.execs = 1000000, .seeds = 5};
    options.jobs = cores < 1 ? 1 : cores > JOBS_MAX ? JOBS_MAX : (uint64_t)cores;
    if (argc == 1) {
        return slice();
    }
    char **at = argv + 1;
    for (; *at && (*at)[0] == '-'; at++) {
        if (strcmp(*at, "--execs") == 0) {
            options.execs = number_of(*++at, UINT64_MAX);
        } else if (strcmp(*at, "--seeds") == 0) {
            options.seeds = number_of(*++at, DETECT_SEEDS_MAX);
        } else if (strcmp(*at, "--jobs") == 0) {
            options.jobs = number_of(*++at, JOBS_MAX);
        } else if (strcmp(*at, "--verbose") == 0) {
            options.verbose = true;
        } else if (strcmp(*at, "--all") != 0) {
            detect_give_up("wrong option; see the head of tests/detect/test_detect.c");
        }
    }
    options.names = at;
    return detect_whole(&options);
}
