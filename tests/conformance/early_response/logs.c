/* The fronts' log lines: each that was seen and that the tables know must be of a kind that is predicted for its cell. */
#include "tests/conformance/early_response/check.h"

#include <stdlib.h>
#include <string.h>

static long known, unknown;

/* What is the same in each of its lines: up to the first placeholder, and behind a source file's line number. */
static bool is_line(const char *seen, const char *line)
{
    static const char *const placeholders[] = {"ADDR", ":N:", "N socket", " N N:"};
    const char *from = line ? strstr(line, ".N) ") : NULL; /* file names with their lines */
    const char *at = from ? from + 4 : line;
    size_t size = at ? strlen(at) : 0;
    for (size_t i = 0; at && i < sizeof placeholders / sizeof *placeholders; i++) {
        const char *end = strstr(at, placeholders[i]);
        size = end && (size_t)(end - at) < size ? (size_t)(end - at) : size;
    }
    for (; at && *seen; seen++) {
        if (strncmp(seen, at, size) == 0) {
            return true;
        }
    }
    return false;
}

/* 1 << the causes that log this line; 0: it is none of the front's or the engine's. */
static unsigned causes_of(const struct rig_case *it, const char *seen)
{
    const struct rig_front *front = it->front;
    unsigned causes = is_line(seen, it->engine->log) ? 1U << RIG_CAUSE_GONE : 0U;
    for (size_t i = 0; i < 2; i++) {
        if (is_line(seen, front->log_reset[i]) || is_line(seen, front->log_pipe[i]) ||
            is_line(seen, front->log_first[i])) {
            causes |= 1U << RIG_CAUSE_WRITE;
        }
    }
    causes |= is_line(seen, front->log_second) ? 1U << RIG_CAUSE_WRITE : 0U;
    bool read = is_line(seen, front->log_read) || is_line(seen, front->log_cut[0]) || is_line(seen, front->log_cut[1]);
    causes |= read ? 1U << RIG_CAUSE_READ : 0U;
    causes |= is_line(seen, front->log_more) ? 1U << RIG_CAUSE_MORE : 0U;
    if (is_line(seen,
                front->log_gone)) { /* of two programs the outer one tells it when the inner one's write failed, too */
        causes |= 1U << RIG_CAUSE_GONE | (front->log_first[1] ? 1U << RIG_CAUSE_WRITE : 0U);
    }
    return causes;
}

/* K4: over unix, and after SHUT_WR over TCP, a failed write is a broken pipe; a reset is of plain closes over TCP. */
static bool is_wrong_error(const struct cell *cell, const char *seen)
{
    const struct rig_case *it = &cell->situation;
    bool reset = is_line(seen, it->front->log_reset[0]) && !is_line(seen, it->front->log_pipe[0]);
    bool plain = it->engine->closes == RIG_CLOSES_PLAIN && it->transport->tcp;
    return reset && !plain && !it->front->sleeps;
}

int check_log(const struct cell *cell, const struct rig_fate *fate)
{
    char text[sizeof cell->log];
    int wrong = 0;
    (void)snprintf(text, sizeof text, "%s", cell->log);
    for (char *line = text, *next = NULL; line; line = next) {
        next = strstr(line, " || ");
        if (next) {
            *next = '\0';
            next += 4;
        }
        char *seen = NULL;
        long count = strtol(line, &seen, 10);
        unsigned causes = *seen == 'x' ? causes_of(&cell->situation, seen + 2) : 0;
        bool others = strstr(seen, "on connection: ") || strstr(seen, "termination=--") || !*seen || *seen == '-';
        known += causes ? count : 0;
        unknown += causes || others ? 0 : count;
        if ((causes && !(causes & fate->causes)) || is_wrong_error(cell, seen)) {
            printf("logged: %s\n", line);
            wrong++;
        }
    }
    return wrong;
}

void print_log_counts(void)
{
    printf("log lines: %ld of the fronts' lines, each of a predicted kind; %ld others\n", known, unknown);
}
