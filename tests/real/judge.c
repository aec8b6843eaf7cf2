/* What came of a cell, against the prediction. */
#define _DEFAULT_SOURCE
#include "tests/real/cells.h"

#include <stdlib.h>
#include <string.h>

const char rig_real_no_line[] = "a line is predicted, none was logged";

#define ENOUGH 20 /* tries after which a line that is always due at least half of the time was logged */

bool rig_real_make_cell(const struct rig_real_cell *row, const char *outcomes, int times, const char *log, char *line,
                        size_t size, struct cell *cell)
{
    (void)snprintf(line, size, "%s\t%s\t%llu\t%s\t%s\t%d\t%s\t%s", row->front, row->backend,
                   (unsigned long long)row->size, row->framing, row->client, times, outcomes, log);
    char *copy = strdup(line);
    bool read = copy && cell_read(cell, copy) && cell_place(cell);
    free(copy);
    return read;
}

/* Does the front have a line for whatever can have happened? */
static bool always_logs(const struct cell *cell, const struct rig_fate *fate)
{
    const struct rig_front *front = cell->situation.front;
    const char *lines[] = {
        [RIG_CAUSE_NONE] = NULL,
        [RIG_CAUSE_WRITE] = front->log_pipe[0],
        [RIG_CAUSE_READ] = cell->situation.length_known ? front->log_read : front->log_cut[0],
        [RIG_CAUSE_GONE] = front->log_gone,
        [RIG_CAUSE_MORE] = front->log_more,
    };
    bool always = fate->causes != 0 && rig_fate_sure(fate);
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        always = always && (!(fate->causes & 1U << i) || lines[i]);
    }
    return always;
}

/* Answers that did not arrive as they were, for a gateway's fault that it logs. */
static int failures(const struct cell *cell)
{
    int count = 0;
    for (size_t i = 0; i < cell->outcome_count; i++) {
        bool failed = cell->pairs[i] & (RIG_GOT_CUT | RIG_GOT_502 | RIG_GOT_503 | RIG_GOT_NOTHING | RIG_GOT_RESET);
        count += failed ? cell->counts[i] : 0;
    }
    return count;
}

const char *rig_real_mistake(const struct cell *cell, const struct rig_fate *fate, const char *outcomes)
{
    if (strstr(outcomes, "timeout")) {
        return "no end";
    }
    if (!cell_inside(cell, fate)) {
        return "outside the prediction";
    }
    if (rig_fate_sure(fate) && cell->lost != 0 && cell->lost != cell->n) {
        return "sure, and was not";
    }
    if (check_log(cell, fate) != 0) {
        return "a log line that was not predicted";
    }
    long lines = count_log(cell);
    if (lines < failures(cell)) {
        return "lost without a line in the log";
    }
    return lines == 0 && cell->n >= ENOUGH && always_logs(cell, fate) ? rig_real_no_line : NULL;
}
