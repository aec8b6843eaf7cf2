/* make real: what real servers do with an early answer, against the simulation. Each cell is tried again and again; what
 * came of it must lie within the prediction each time, and where the prediction is sure it must always be the same.
 *
 *     real [-v] [-a] [-k] [-s SERVER] [-f FRONT] [-m MODE] [-n TIMES] [-z SIZE] [-c TABLE]
 *
 * -v prints each cell as a line of results.tsv, -a tries all cells there can be (minutes), -k keeps the temporary
 * folder; -s, -f and -m try those only, -z with -a that size only; TIMES is 20. -c tries the cells that a table names in
 * the first five columns of results.tsv: -v -c .../third-run.tsv measures that table anew. */
#define _DEFAULT_SOURCE
#include "tests/real/backend.h"
#include "tests/real/cells.h"
#include "tests/real/client.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_MAX 170
#define FRONTS_MAX 32
#define LOG_TRIES 3 /* of a cell whose line in the log did not come */
#define SEEN_MS 400 /* until the backend has met the end of a request that broke off */

static struct {
    bool verbose, all, keep;
    const char *server, *front, *mode;
    const char *size, *table;
    int times;
} options = {.times = 20};

static pthread_mutex_t printing = PTHREAD_MUTEX_INITIALIZER;

/* One real server with its backends, and what came of its cells. */
struct side {
    const char *name;
    struct rig_real_server server;
    struct rig_real_backend backends[FRONTS_MAX]; /* as rig_real_fronts; those of others are not started */
    int ports[FRONTS_MAX];
    bool up[FRONTS_MAX];
    long log_read;
    int passed, failed, skipped;
};

static bool is_of(const struct side *side, const struct rig_real_front *front)
{
    return strcmp(front->server, side->name) == 0;
}

/* ---- one cell ---- */

/* Counts an outcome; "LABEL=COUNT LABEL=COUNT". */
struct outcomes {
    char labels[16][CELL_TEXT];
    int counts[16];
    size_t count;
};

static void count_outcome(struct outcomes *outcomes, const char *label)
{
    size_t i = 0;
    while (i < outcomes->count && strcmp(outcomes->labels[i], label) != 0) {
        i++;
    }
    if (i == 16) {
        return;
    }
    if (i == outcomes->count) {
        (void)snprintf(outcomes->labels[outcomes->count++], CELL_TEXT, "%s", label);
    }
    outcomes->counts[i]++;
}

static void print_outcomes(const struct outcomes *outcomes, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < outcomes->count && used < size; i++) {
        int put =
            snprintf(text + used, size - used, "%s%s=%d", i > 0 ? " " : "", outcomes->labels[i], outcomes->counts[i]);
        used += put > 0 ? (size_t)put : 0;
    }
}

/* Does the client do to its request what its answer does not tell? */
static bool breaks_off(const struct cell *cell)
{
    return strcmp(cell->client, "shut") == 0 || strcmp(cell->client, "cut") == 0 || strcmp(cell->client, "gone") == 0;
}

/* "400|ended": what the client got, and what the backend saw. */
static void add_seen(struct rig_real_backend *backend, char *label)
{
    struct rig_real_seen seen = rig_real_backend_seen(backend, SEEN_MS);
    size_t used = strlen(label);
    (void)snprintf(label + used, CELL_TEXT - used, "|%s",
                   !seen.reached ? "none"
                   : seen.ended  ? "ended"
                   : seen.reset  ? "reset"
                   : seen.whole  ? "whole"
                                 : "unread");
}

static enum rig_real_ask_kind kind_of(const struct cell *cell)
{
    static const char *const names[] = {"duplex", "naive", "expect", "half", "shut", "cut", "gone"};
    size_t i = sizeof names / sizeof *names - 1;
    while (i > 0 && strcmp(cell->client, names[i]) != 0) {
        i--;
    }
    return (enum rig_real_ask_kind)i;
}

static void repeat(const struct cell *cell, struct rig_real_backend *backend, int port, struct outcomes *outcomes)
{
    static atomic_uint serial;
    (void)rig_real_backend_seen(backend, 0);
    for (int i = 0; i < options.times; i++) {
        char target[CELL_TEXT + 16], label[CELL_TEXT];
        (void)snprintf(target, sizeof target, "/%s/%u", cell->backend, atomic_fetch_add(&serial, 1));
        struct rig_real_ask ask = {.port = port,
                                   .target = target,
                                   .body = cell->size,
                                   .hides = strcmp(cell->backend, "E7") == 0,
                                   .chunked = cell->situation.chunked,
                                   .kind = kind_of(cell),
                                   .keep_alive = cell->situation.keep_alive};
        rig_real_send(&ask, label, sizeof label);
        if (breaks_off(cell)) {
            add_seen(backend, label);
        }
        count_outcome(outcomes, label);
    }
}

/* False: it is to be tried again, if this was not the last time. */
static bool judge(struct side *side, const struct rig_real_cell *row, const char *outcomes, const char *log, bool last)
{
    char line[8192];
    struct cell cell;
    (void)pthread_mutex_lock(&printing);
    bool read = rig_real_make_cell(row, outcomes, options.times, log, line, sizeof line, &cell);
    struct rig_fate fate = read ? cell_predict(&cell) : (struct rig_fate){0};
    const char *mistake = read ? rig_real_mistake(&cell, &fate, outcomes) : "not among what can be predicted";
    if (mistake == rig_real_no_line && !last) {
        (void)pthread_mutex_unlock(&printing);
        return false;
    }
    if (options.verbose) {
        printf("%s\n", line);
    }
    if (mistake) {
        printf("FAILED %s: %s; predicted %s ", line, mistake, rig_fate_sure(&fate) ? "(sure)" : "(race)");
        cell_print_set(fate.got, fate.next);
        printf("\n");
    }
    side->passed += !mistake;
    side->failed += mistake != NULL;
    (void)fflush(stdout);
    (void)pthread_mutex_unlock(&printing);
    return true;
}

static bool try_once(struct side *side, const struct rig_real_cell *row, size_t front, bool last)
{
    char line[512], text[2048], log[2048];
    struct cell cell;
    struct outcomes outcomes = {.count = 0};
    if (!rig_real_make_cell(row, "401=1", 1, "-", line, sizeof line, &cell)) {
        side->failed++;
        return true;
    }
    struct rig_real_play play = {
        .situation = cell.situation, .settled = cell.settled, .answers_broken = strcmp(cell.backend, "E5a") == 0};
    if (rig_real_backend_play(&side->backends[front], &play) != 0) {
        fprintf(stderr, "%s %s: connections of the cell before do not end\n", row->front, row->backend);
    }
    rig_real_read_log(side->server.log, &side->log_read, log, sizeof log);
    repeat(&cell, &side->backends[front], side->ports[front], &outcomes);
    (void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL); /* the last line of the log */
    rig_real_read_log(side->server.log, &side->log_read, log, sizeof log);
    print_outcomes(&outcomes, text, sizeof text);
    return judge(side, row, text, log, last);
}

/* A line of the log comes from a race: on a machine that happens to be quiet one side can win it twenty times. */
static void try_cell(struct side *side, const struct rig_real_cell *row, size_t front)
{
    for (int left = LOG_TRIES; left > 0 && !try_once(side, row, front, left == 1); left--) {
    }
}

/* ---- one server ---- */

static bool cell_at(size_t i, struct rig_real_cell *cell)
{
    if (options.all) {
        return rig_real_product(i, options.size ? strtoull(options.size, NULL, 10) : UINT64_MAX, cell);
    }
    if (options.table) {
        return rig_real_listed(i, cell);
    }
    *cell = i < rig_real_cell_count ? rig_real_cells[i] : (struct rig_real_cell){0};
    return i < rig_real_cell_count;
}

static bool is_wanted(const struct rig_real_cell *cell)
{
    bool keeps = strncmp(cell->backend, "E7", 2) == 0 || strcmp(cell->backend, "E8") == 0;
    if (keeps && strncmp(cell->front, "nginx-scgi", 10) == 0) { /* SCGI keeps no connections */
        return false;
    }
    return (!options.front || strcmp(options.front, cell->front) == 0) &&
           (!options.mode || strcmp(options.mode, cell->backend) == 0);
}

static void each_cell(struct side *side, bool running)
{
    struct rig_real_cell cell;
    for (size_t i = 0; cell_at(i, &cell); i++) {
        for (size_t k = 0; is_wanted(&cell) && k < rig_real_front_count; k++) {
            if (strcmp(rig_real_fronts[k].name, cell.front) != 0 || !is_of(side, &rig_real_fronts[k])) {
                continue;
            }
            if (running) {
                try_cell(side, &cell, k);
            } else {
                side->skipped++;
            }
        }
    }
}

static int start_side(struct side *side)
{
    size_t routes = 0;
    size_t of[RIG_REAL_ROUTES_MAX];
    side->server.name = side->name;
    for (size_t i = 0; i < rig_real_front_count; i++) {
        const struct rig_real_front *front = &rig_real_fronts[i];
        if (!is_of(side, front)) {
            continue;
        }
        int result = rig_real_backend_start(&side->backends[i], front->protocol, front->tcp);
        if (result != 0) {
            return result;
        }
        static const char *const names[] = {"http", "fastcgi", "scgi"};
        side->up[i] = true;
        of[routes] = i;
        side->server.routes[routes++] = (struct rig_real_route){
            .protocol = names[front->protocol], .backend = side->backends[i].address, .options = front->options};
    }
    int result = rig_real_start(&side->server);
    for (size_t i = 0; i < routes; i++) {
        side->ports[of[i]] = side->server.ports[i];
    }
    return result;
}

static void stop_side(struct side *side)
{
    rig_real_stop(&side->server);
    for (size_t i = 0; i < rig_real_front_count; i++) {
        if (side->up[i]) {
            rig_real_backend_stop(&side->backends[i]);
        }
    }
}

static void *run_side(void *closure)
{
    struct side *side = closure;
    if (!rig_real_installed(side->name)) {
        each_cell(side, false);
        printf("skip %s: not installed (%d cells)\n", side->name, side->skipped);
        return NULL;
    }
    int result = start_side(side);
    if (result == 0) {
        each_cell(side, true);
    } else {
        printf("FAILED %s: %s\n", side->name, *side->server.error ? side->server.error : strerror(-result));
        side->failed++;
    }
    stop_side(side);
    return NULL;
}

/* ---- all ---- */

static bool read_options(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "vakc:s:f:m:n:z:")) != -1) {
        switch (option) {
        case 'v':
            options.verbose = true;
            break;
        case 'a':
            options.all = true;
            break;
        case 'k':
            options.keep = true;
            break;
        case 'c':
            options.table = optarg;
            break;
        case 's':
            options.server = optarg;
            break;
        case 'f':
            options.front = optarg;
            break;
        case 'm':
            options.mode = optarg;
            break;
        case 'z':
            options.size = optarg;
            break;
        case 'n':
            options.times = (int)strtol(optarg, NULL, 10);
            break;
        default:
            return false;
        }
    }
    return options.times > 0 && (!options.table || rig_real_read_table(options.table));
}

int main(int argc, char **argv)
{
    static struct side sides[] = {{.name = "nginx"}, {.name = "apache"}, {.name = "haproxy"}, {.name = "lighttpd"}};
    const size_t count = sizeof sides / sizeof *sides;
    pthread_t threads[sizeof sides / sizeof *sides];
    int passed = 0, failed = 0, skipped = 0;
    struct timespec from, to;
    if (!read_options(argc, argv) ||
        rig_real_begin(options.all || options.table ? 0 : SECONDS_MAX, options.keep) != 0) {
        return 2;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    for (size_t i = 0; i < count; i++) {
        bool wanted = !options.server || strcmp(options.server, sides[i].name) == 0;
        threads[i] = 0;
        if (wanted && pthread_create(&threads[i], NULL, run_side, &sides[i]) != 0) {
            threads[i] = 0;
            failed++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (threads[i]) {
            (void)pthread_join(threads[i], NULL);
        }
        passed += sides[i].passed;
        failed += sides[i].failed;
        skipped += sides[i].skipped;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    if (options.keep) {
        printf("kept: %s\n", rig_real_folder());
    }
    rig_real_end();
    rig_real_free_table();
    printf("%d cells, %d times each, in %.1f s\n", passed + failed, options.times,
           (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed > 0;
}
