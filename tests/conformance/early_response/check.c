/* make ground-truth-check: for every cell of results.tsv the simulation names a set of outcomes and says whether a loss
 * is sure (never, or always) or a race.
 * - Every outcome that was seen must be in the set.
 * - Cells that the page calls deterministic must be sure, and nothing but the predicted may have been seen.
 * - A loss that is predicted and never came is needless: less than 10 % of a front's cells, 5 % of all. Two counts:
 *   "strict": it came neither in the cell nor in its twin of the other framing, in results.tsv. That table is the second
 *   of two runs, and of races it has seen only some: four fronts of nginx stand above 10 %, which is told, not failed.
 *   "needless": nor in any cell of that front, backend and size (behind a gateway the engine cannot tell the client),
 *   nor in the worst of both runs (both-runs.tsv, section 4), nor where section 3 says that engines which close early
 *   lose over unix; it gives the figure for 0 bytes and is taken for up to 1 KiB. This count must hold.
 * The facts were found on these very cells: agreement says that few facts explain them, not that others would follow. */
#define _DEFAULT_SOURCE
#include "tests/conformance/early_response/check.h"

#include <stdlib.h>
#include <string.h>

#define CELLS_MAX 8000
#define FRONTS_MAX 40
#define ROWS_MAX 200

struct row { /* of both-runs.tsv */
    char front[CELL_TEXT], backend[CELL_TEXT];
    int lost[6];
};

static struct cell cells[CELLS_MAX];
static size_t cell_count;
static struct row rows[ROWS_MAX];
static size_t row_count;
static const uint64_t sizes[6] = {0, 1, 1024, 65536, 1048576, 16777216};

struct tally {
    const char *front;
    int cells, sure, sure_wrong, race, outside, not_sure, needless, needless_kept, log_wrong;
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

static void read_cells(const char *folder)
{
    char line[8192];
    FILE *file = open_or_die(folder, "results.tsv");
    if (!fgets(line, sizeof line, file)) {
        exit(2);
    }
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (cell_count == CELLS_MAX || !cell_read(&cells[cell_count], line) || !cell_place(&cells[cell_count])) {
            fprintf(stderr, "results.tsv: cell %zu cannot be read\n", cell_count);
            exit(2);
        }
        cell_count++;
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

static bool same(const struct cell *a, const struct cell *b)
{
    return strcmp(a->front, b->front) == 0 && strcmp(a->backend, b->backend) == 0 && a->size == b->size;
}

/* The cell itself and its twin of the other framing. */
static bool lost_strictly(const struct cell *cell)
{
    for (size_t i = 0; i < cell_count; i++) {
        if (same(cell, &cells[i]) && strcmp(cell->client, cells[i].client) == 0 && cells[i].lost > 0) {
            return true;
        }
    }
    return false;
}

/* Behind a gateway: what reaches the engine is the same whoever the client is, so all cells of one front, backend and
 * size are repetitions of one another. */
static bool lost_behind(const struct cell *cell)
{
    for (size_t i = 0; !cell->situation.front->client && i < cell_count; i++) {
        if (same(cell, &cells[i]) && cells[i].lost > 0) {
            return true;
        }
    }
    return false;
}

/* Section 3, last paragraph: an engine that closes before the request arrived, over unix. */
static bool lost_early(const struct cell *cell)
{
    static const char *const measured[] = {"nginx-proxy-unix", "nginx-scgi-unix", "apache-proxy_http-unix",
                                           "haproxy-unix", "apache-proxy_fcgi-unix"};
    bool early = strcmp(cell->backend, "E1") == 0 || strcmp(cell->backend, "E2") == 0;
    for (size_t i = 0; early && cell->size <= 1024 && i < sizeof measured / sizeof *measured; i++) {
        if (strncmp(cell->front, measured[i], strlen(measured[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool lost_in_either_run(const struct cell *cell)
{
    for (size_t i = 0; i < row_count; i++) {
        for (size_t k = 0; k < 6; k++) {
            if (cell->size == sizes[k] && rows[i].lost[k] > 0 && strcmp(rows[i].front, cell->front) == 0 &&
                strcmp(rows[i].backend, cell->backend) == 0) {
                return true;
            }
        }
    }
    return lost_early(cell);
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

static void print_set(unsigned got, unsigned next)
{
    static const char *const gots[] = {"whole", "cut", "502", "503", "nothing", "reset", "another's"};
    static const char *const nexts[] = {">answer", ">closed", ">400", ">phantom"};
    for (unsigned i = 0; i < 7; i++) {
        printf("%s%s", got & 1U << i ? gots[i] : "", got & 1U << i ? " " : "");
    }
    for (unsigned i = 0; i < 4; i++) {
        printf("%s%s", next & 1U << i ? nexts[i] : "", next & 1U << i ? " " : "");
    }
}

static void tell(const char *what, const struct cell *cell, const struct rig_fate *fate)
{
    printf("%s: %s %s %llu %s %s: seen ", what, cell->front, cell->backend, (unsigned long long)cell->size,
           cell->framing, cell->client);
    print_set(cell->got, cell->next);
    printf("(%d of %d lost), predicted ", cell->lost, cell->n);
    print_set(fate->got, fate->next);
    printf("\n");
}

static bool inside(const struct cell *cell, const struct rig_fate *fate)
{
    for (size_t i = 0; i < cell->outcome_count; i++) {
        unsigned got = cell->pairs[i] & 255U, next = cell->pairs[i] >> 8;
        if (!(got & fate->got) || (next && !(next & fate->next))) {
            return false;
        }
    }
    return true;
}

/* HAProxy reads while it writes: at E3d it was 17 to 20 of 20, so the page's own data are not deterministic there. */
static bool wavers(const struct cell *cell)
{
    return strcmp(cell->backend, "E3d") == 0 && strcmp(cell->situation.front->name, "haproxy") == 0 &&
           cell->size > 65536;
}

static void judge(const struct cell *cell, struct tally *tally)
{
    struct rig_fate fate = cell_predict(cell);
    bool sure = rig_fate_sure(&fate), contained = inside(cell, &fate);
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
    if (!sure && must_be_sure(cell) && wavers(cell)) {
        waver_count++;
    } else if (!sure && must_be_sure(cell)) {
        tally->not_sure++;
        tell("not sure", cell, &fate);
    }
    if (loss && !lost_strictly(cell)) {
        bool needless = !lost_behind(cell) && !lost_in_either_run(cell);
        tally->needless_kept++;
        tally->needless += needless;
        if (verbose) {
            tell(needless ? "needless" : "needless in the kept run", cell, &fate);
        }
    }
}

/* ---- printing ---- */

static void print_row(const struct tally *t)
{
    printf("%-40s %5d %6d %6d %8d %6d %8.1f %% %7.1f %%\n", t->front, t->cells, t->sure, t->race, t->outside,
           t->sure_wrong + t->not_sure, 100.0 * t->needless / t->cells, 100.0 * t->needless_kept / t->cells);
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
    all->needless_kept += t->needless_kept;
}

static int check_results(void)
{
    struct tally fronts[FRONTS_MAX] = {{0}}, all = {.front = "all"};
    size_t front_count = 0;
    int mistakes = 0;
    for (size_t i = 0; i < cell_count; i++) {
        size_t k = 0;
        while (k < front_count && strcmp(fronts[k].front, cells[i].front) != 0) {
            k++;
        }
        if (k == front_count) {
            fronts[front_count++].front = cells[i].front;
        }
        judge(&cells[i], &fronts[k]);
    }
    printf("%-40s %5s %6s %6s %8s %6s %10s %9s\n", "front", "cells", "sure", "race", "outside", "wrong", "needless",
           "strict");
    for (size_t i = 0; i < front_count; i++) {
        print_row(&fronts[i]);
        sum(&all, &fronts[i]);
        mistakes += fronts[i].needless * 10 >= fronts[i].cells;
    }
    print_row(&all);
    for (size_t i = 0; i < front_count; i++) {
        if (fronts[i].needless_kept * 10 >= fronts[i].cells) {
            printf("by the strict count %s is not under 10 %%\n", fronts[i].front);
        }
    }
    printf("%d cells are a race though the page counts them among the deterministic: HAProxy, E3d beyond the socket, "
           "17 to 20 of 20\n",
           waver_count);
    mistakes += all.needless * 20 >= all.cells;
    print_log_counts();
    return mistakes + all.log_wrong + all.outside + all.sure_wrong + all.not_sure;
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "tests/conformance/early_response";
    verbose = argc > 2 && strcmp(argv[2], "-v") == 0;
    read_cells(folder);
    read_rows(folder);
    char sockets[512];
    (void)snprintf(sockets, sizeof sockets, "%s/sockets.tsv", folder);
    int mistakes = check_results() + check_sockets(sockets) + check_sizes();
    printf("%zu passed, %d failed, 0 skipped\n", cell_count - (size_t)(mistakes > (int)cell_count ? 0 : mistakes),
           mistakes);
    return mistakes != 0;
}
