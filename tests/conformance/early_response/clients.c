/* Clients that pause, say that nothing more comes, or break off, and connections that are kept: half.tsv, broken-off.tsv,
 * kept.tsv. All that was seen must be predicted; where the prediction is sure, nothing else was seen. Behind a gateway
 * that waits for the body none of one that breaks off reached the server; behind others some of each did. */
#include "tests/conformance/early_response/check.h"

#include <string.h>

static bool is_client(const struct cell *cell, const char *name)
{
    return strcmp(cell->client, name) == 0;
}

static int tell(const char *what, const struct cell *cell, const struct rig_fate *fate)
{
    printf("%s: %s %s %llu %s %s: seen ", what, cell->front, cell->backend, (unsigned long long)cell->size,
           cell->framing, cell->client);
    cell_print_set(cell->got, cell->next);
    printf("(%d of %d lost), predicted ", cell->lost, cell->n);
    cell_print_set(fate->got, fate->next);
    printf("\n");
    return 1;
}

/* What is known of requests that do not come whole: where they get to, and what their client gets. */
static int check_break(const struct cell *cell, const struct rig_fate *fate)
{
    const struct rig_front *front = cell->situation.front;
    bool waits = front->whole_first || cell->situation.body < front->waits_below;
    if (waits ? cell->reached > 0 : cell->reached == 0) {
        return tell(waits ? "it reached the server" : "it never reached the server", cell, fate);
    }
    return 0;
}

/* The machine was busy: 20 ms were not always enough for E3d to settle. */
static struct rig_fate predict(const struct cell *cell)
{
    struct cell unsettled = *cell;
    unsettled.settled = false;
    return cell_predict(&unsettled);
}

static bool is_known(const struct cell *cell)
{
    return !cell->situation.shuts || cell->situation.front->on_break != RIG_BREAK_UNKNOWN;
}

static int judge(const struct cell *cell)
{
    struct rig_fate fate = predict(cell);
    bool gone = is_client(cell, "gone"), broke = cell->situation.breaks_off;
    if (broke && check_break(cell, &fate) != 0) {
        return 1;
    }
    if (gone) {
        return 0;
    }
    if (!cell_inside(cell, &fate)) {
        return tell("outside", cell, &fate);
    }
    bool lost = cell->lost > 0, always = cell->lost == cell->n;
    return rig_fate_sure(&fate) && lost && !always ? tell("sure, and was not", cell, &fate) : 0;
}

int check_clients(const char *name, const struct cell *cells, size_t count)
{
    int wrong = 0, sure = 0, unknown = 0;
    for (size_t i = 0; i < count; i++) {
        struct rig_fate fate = predict(&cells[i]);
        bool known = is_known(&cells[i]);
        wrong += known ? judge(&cells[i]) : 0;
        sure += known && rig_fate_sure(&fate);
        unknown += !known;
    }
    printf("%s: %zu cells, %d wrong; of %d the prediction is sure, of %d nothing is claimed\n", name, count, wrong,
           sure, unknown);
    return wrong + (count == 0);
}
