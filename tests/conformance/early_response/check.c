/* make ground-truth-check: for every cell of results.tsv the simulation names a set of outcomes and says whether a loss
 * is sure (never, or always) or a race.
 * - Every outcome that was seen must be in the set.
 * - Cells that the page calls deterministic must be sure, and nothing but the predicted may have been seen.
 * - A loss that is predicted and that neither the cell nor its twin of the other framing ever had is needless: less than
 *   10 % of each front's cells, 5 % of all. "Ever": in results.tsv, which is the second of two runs; in the worst of
 *   both, which the page gives for its duplex client (both-runs.tsv, section 4); or in third-run.tsv.
 *   "One run" is the same by results.tsv alone, and under 5 % of all. By it four fronts stand above 10 %:
 *   nginx-proxy-unix-on (22.8 %), nginx-scgi-unix-on (18.9 %), nginx-fcgi-unix-on (21.3 %), nginx-fcgi-tcp-on (10.6 %).
 *   These are races in which twenty requests have some by luck: of the 141 cells 26 had lost in the page's own first run
 *   (nginx-fcgi-unix-on E3 at 0 and 1 byte: 16 and 11 of 20, and none in the second), 127 did in the third, 5 are a
 *   connection kept with 1 or 64 KiB on it over unix (E7, which took make real 300 tries), 3 were seen in neither. A
 *   model under 10 % by that count would deny what was seen.
 * - third-run.tsv is a run of our own, of all cells of E1 to E4 behind nginx: the model was not made from it. Every
 *   outcome in it must be predicted, too. Its machine was busy: 20 ms were not enough for E3d to settle with 16 MiB over
 *   TCP, so E3d is held against both timings there.
 * - failed-writes.tsv, another such run: E1 and E3 over unix, 2,000 times each.
 * The facts were found on the cells of results.tsv: that these agree says only that few facts explain them. */
#define _DEFAULT_SOURCE
#include "tests/conformance/early_response/check.h"

#include <stdlib.h>
#include <string.h>

#define CELLS_MAX 8000
#define FRONTS_MAX 40
#define ROWS_MAX 200
#define WAVERS_MAX 12 /* of must_be_sure, see wavers: E3d 9, E7 3 */

struct row { /* of both-runs.tsv */
    char front[CELL_TEXT], backend[CELL_TEXT];
    int lost[6];
};

struct run {
    struct cell cells[CELLS_MAX];
    size_t count;
};

static struct run second, third, writes, others[3];
static const char *const other_names[] = {"half.tsv", "broken-off.tsv", "kept.tsv"};
static struct row rows[ROWS_MAX];
static size_t row_count;
static const uint64_t sizes[6] = {0, 1, 1024, 65536, 1048576, 16777216};

struct tally {
    const char *front;
    int cells, sure, sure_wrong, race, outside, not_sure, needless, one_run, log_wrong, predicted, came;
};

static bool verbose;
static int waver_count;

static FILE *open_or_die(const char *folder, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(2);
    }
    return file;
}

static void read_run(struct run *run, const char *folder, const char *name)
{
    char line[8192];
    FILE *file = open_or_die(folder, name);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        struct cell *cell = &run->cells[run->count];
        if (line[0] == '#' || strncmp(line, "front\t", 6) == 0) {
            continue;
        }
        if (run->count == CELLS_MAX || !cell_read(cell, line) || !cell_place(cell)) {
            fprintf(stderr, "%s: cell %zu cannot be read\n", name, run->count);
            exit(2);
        }
        run->count++;
    }
    (void)fclose(file);
}

static void read_rows(const char *folder)
{
    char line[512];
    FILE *file = open_or_die(folder, "both-runs.tsv");
    while (fgets(line, sizeof line, file)) {
        struct row *row = &rows[row_count];
        int *n = row->lost;
        row_count += sscanf(line, "%63s %63s %d %d %d %d %d %d", row->front, row->backend, &n[0], &n[1], &n[2], &n[3],
                            &n[4], &n[5]) == 8;
    }
    (void)fclose(file);
}

/* ---- was it ever lost ---- */

/* The cell itself and its twin of the other framing. */
static bool lost_in(const struct run *run, const struct cell *cell)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct cell *other = &run->cells[i];
        if (other->lost > 0 && other->size == cell->size && strcmp(cell->front, other->front) == 0 &&
            strcmp(cell->backend, other->backend) == 0 && strcmp(cell->client, other->client) == 0) {
            return true;
        }
    }
    return false;
}

/* The worst of the page's two runs and of both framings, with a duplex client. */
static bool lost_in_rows(const struct cell *cell)
{
    for (size_t i = 0; strcmp(cell->client, "duplex") == 0 && i < row_count; i++) {
        for (size_t k = 0; k < 6; k++) {
            if (cell->size == sizes[k] && rows[i].lost[k] > 0 && strcmp(rows[i].front, cell->front) == 0 &&
                strcmp(rows[i].backend, cell->backend) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* The most that any run lost, of 20. */
static int worst(const char *front, const char *backend, uint64_t size)
{
    int most = 0;
    for (size_t i = 0; i < row_count; i++) {
        for (size_t k = 0; k < 6 && strcmp(rows[i].front, front) == 0 && strcmp(rows[i].backend, backend) == 0; k++) {
            most = sizes[k] == size && rows[i].lost[k] > most ? rows[i].lost[k] : most;
        }
    }
    for (size_t i = 0; i < third.count; i++) {
        const struct cell *cell = &third.cells[i];
        if (cell->size == size && cell->n == 20 && cell->lost > most && strcmp(cell->front, front) == 0 &&
            strcmp(cell->backend, backend) == 0 && strcmp(cell->client, "duplex") == 0) {
            most = cell->lost;
        }
    }
    return most;
}

static bool lost_ever(const struct cell *cell)
{
    return lost_in(&second, cell) || lost_in_rows(cell) || lost_in(&third, cell);
}

/* ---- judging ---- */

static bool is_nginx(const struct cell *cell)
{
    return strcmp(cell->situation.front->name, "nginx") == 0;
}

/* What the page calls deterministic: section 9, last paragraph. */
static bool must_be_sure(const struct cell *cell)
{
    const struct rig_front *front = cell->situation.front;
    const char *mode = cell->backend;
    if (strcmp(mode, "E5") == 0 || strcmp(mode, "E6") == 0 || strcmp(mode, "E8") == 0 ||
        strcmp(front->name, "lighttpd") == 0 || strncmp(mode, "libmicrohttpd:data", 18) == 0) {
        return true;
    }
    if (strcmp(mode, "E3d") == 0) {
        return !front->fastcgi;
    }
    if (strcmp(mode, "E3n") == 0) {
        return is_nginx(cell) && !front->fastcgi && cell->size > 0;
    }
    return strcmp(mode, "E7") == 0 && cell->size == 1;
}

static void tell(const char *what, const struct cell *cell, const struct rig_fate *fate)
{
    printf("%s: %s %s %llu %s %s: seen ", what, cell->front, cell->backend, (unsigned long long)cell->size,
           cell->framing, cell->client);
    cell_print_set(cell->got, cell->next);
    printf("(%d of %d lost), predicted ", cell->lost, cell->n);
    cell_print_set(fate->got, fate->next);
    printf("\n");
}

/* Where the data waver, though the page counts them among the deterministic: at HAProxy, which reads while it writes, E3d
 * was 17 to 20 of 20; and a byte in chunks that is left on its connection, never in 20, is in 300 (tests/real).
 * The capacity's edge does not tell the former apart: they lie at 1 and 16 MiB, far beyond the 208 KiB and 4 MB. */
static bool wavers(const struct cell *cell)
{
    bool beyond = strcmp(cell->backend, "E3d") == 0 && cell->size > 65536;
    bool framing = strcmp(cell->backend, "E7") == 0 && strcmp(cell->framing, "chunked") == 0;
    return strcmp(cell->situation.front->name, "haproxy") == 0 && (beyond || framing);
}

static void judge(const struct cell *cell, bool deterministic, struct tally *tally)
{
    struct rig_fate fate = cell_predict(cell);
    bool sure = rig_fate_sure(&fate), contained = cell_inside(cell, &fate);
    bool loss = (fate.got & RIG_GOT_LOST) || (fate.next & RIG_NEXT_LOST);
    tally->cells++;
    tally->sure += sure;
    tally->race += !sure;
    if (!contained) {
        tally->outside++;
        tell("outside", cell, &fate);
    }
    if (check_log(cell, &fate) != 0) {
        tally->log_wrong++;
        tell("a line that was not predicted", cell, &fate);
    }
    if (sure && cell->lost != 0 && cell->lost != cell->n) {
        tally->sure_wrong++;
        tell("sure, and was not", cell, &fate);
    }
    if (!sure && deterministic && must_be_sure(cell) && wavers(cell)) {
        waver_count++;
    } else if (!sure && deterministic && must_be_sure(cell)) {
        tally->not_sure++;
        tell("not sure", cell, &fate);
    }
    tally->predicted += loss;
    tally->came += loss && cell->lost > 0;
    if (deterministic && loss && !lost_in(&second, cell)) {
        bool needless = !lost_ever(cell);
        tally->one_run++;
        tally->needless += needless;
        if (verbose) {
            tell(needless ? "needless" : "needless in one run", cell, &fate);
        }
    }
}

/* ---- printing ---- */

static void print_row(const struct tally *t)
{
    printf("%-40s %5d %6d %6d %8d %6d %8.1f %% %10.1f %%\n", t->front, t->cells, t->sure, t->race, t->outside,
           t->sure_wrong + t->not_sure, 100.0 * t->needless / t->cells, 100.0 * t->one_run / t->cells);
}

static void sum(struct tally *all, const struct tally *t)
{
    all->cells += t->cells;
    all->sure += t->sure;
    all->race += t->race;
    all->outside += t->outside;
    all->sure_wrong += t->sure_wrong;
    all->not_sure += t->not_sure;
    all->needless += t->needless;
    all->log_wrong += t->log_wrong;
    all->one_run += t->one_run;
}

static struct tally *tally_of(struct tally *fronts, size_t *count, const char *front)
{
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(fronts[i].front, front) == 0) {
            return &fronts[i];
        }
    }
    fronts[*count].front = front;
    return &fronts[(*count)++];
}

static int check_results(void)
{
    struct tally fronts[FRONTS_MAX] = {{0}}, all = {.front = "all"};
    size_t front_count = 0;
    int mistakes = 0, above = 0;
    for (size_t i = 0; i < second.count; i++) {
        judge(&second.cells[i], true, tally_of(fronts, &front_count, second.cells[i].front));
    }
    printf("%-40s %5s %6s %6s %8s %6s %10s %12s\n%-75s %10s %12s\n", "front", "cells", "sure", "race", "outside",
           "wrong", "needless:", "needless:", "", "ever lost", "results.tsv");
    for (size_t i = 0; i < front_count; i++) {
        print_row(&fronts[i]);
        sum(&all, &fronts[i]);
        mistakes += fronts[i].needless * 10 >= fronts[i].cells;
        above += fronts[i].one_run * 10 >= fronts[i].cells;
    }
    print_row(&all);
    printf(
        "needless: a loss is predicted that came in neither of the page's two runs nor in our third (enforced: below "
        "10 %% of each front, 5 %% of all); not in "
        "results.tsv, the second of them, alone (enforced: below 5 %% of all; %d fronts stand above 10 %%)\n",
        above);
    printf("%d cells are a race though the page counts them among the deterministic: HAProxy, E3d beyond the socket, "
           "17 to 20 of 20; E7 of a byte in chunks, 20 of 300 in tests/real\n",
           waver_count);
    mistakes += all.needless * 20 >= all.cells || all.one_run * 20 >= all.cells || waver_count > WAVERS_MAX;
    print_log_counts();
    return mistakes + all.log_wrong + all.outside + all.sure_wrong + all.not_sure;
}

/* What the model was not made from. */
static int check_own_run(struct run *run, const char *name)
{
    struct tally all = {.front = name};
    for (size_t i = 0; i < run->count; i++) {
        run->cells[i].settled = false;
        judge(&run->cells[i], false, &all);
    }
    printf("%s: %d cells, %d outside, %d wrong; %d of the %d that are predicted to lose did\n", name, all.cells,
           all.outside, all.sure_wrong + all.log_wrong, all.came, all.predicted);
    return all.outside + all.sure_wrong + all.log_wrong + (all.cells == 0);
}

/* Each loss of either of the page's runs is among the predictions of its cells. */
static int check_rows(void)
{
    int losses = 0, missed = 0;
    for (size_t i = 0; i < second.count; i++) {
        const struct cell *cell = &second.cells[i];
        struct rig_fate fate = cell_predict(cell);
        bool lost = lost_in_rows(cell);
        losses += lost;
        if (lost && !(fate.got & RIG_GOT_LOST)) {
            missed++;
            tell("lost in one of both runs", cell, &fate);
        }
    }
    printf("both-runs.tsv: %d cells with a loss in either run, %d not predicted\n", losses, missed);
    return missed + (losses == 0);
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "tests/conformance/early_response";
    verbose = argc > 2 && strcmp(argv[2], "-v") == 0;
    read_run(&second, folder, "results.tsv");
    read_run(&third, folder, "third-run.tsv");
    read_run(&writes, folder, "failed-writes.tsv");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        read_run(&others[i], folder, other_names[i]);
    }
    read_rows(folder);
    char sockets[512];
    (void)snprintf(sockets, sizeof sockets, "%s/sockets.tsv", folder);
    int mistakes = check_results() + check_rows() + check_own_run(&third, "third-run.tsv") +
                   check_own_run(&writes, "failed-writes.tsv") + check_sockets(sockets) + check_sizes() +
                   check_shares(worst) + check_kept_shares(second.cells, second.count) +
                   check_together(second.cells, second.count) + check_connections(second.cells, second.count);
    size_t cells = second.count + third.count + writes.count;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        mistakes += check_clients(other_names[i], others[i].cells, others[i].count);
        cells += others[i].count;
    }
    int all = (int)cells;
    printf("%d passed, %d failed, 0 skipped\n", mistakes > all ? 0 : all - mistakes, mistakes);
    return mistakes != 0;
}
