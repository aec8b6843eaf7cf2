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

/* K4: over unix, and after SHUT_WR over TCP, a failed write is a broken pipe; a reset is of plain closes over TCP. But
 * over unix the peer can close within the write, between the kernel's look for a pipe and its look for an error: up to
 * 5 of 2,000 in failed-writes.tsv; two of a cell's 20 are luck, more are not. */
static bool is_wrong_error(const struct cell *cell, const char *seen, long count)
{
    const struct rig_case *it = &cell->situation;
    bool reset = is_line(seen, it->front->log_reset[0]) && !is_line(seen, it->front->log_pipe[0]);
    bool plain = it->engine->closes == RIG_CLOSES_PLAIN && it->transport->tcp;
    bool within = !it->transport->tcp && count * 10 <= cell->n;
    return reset && !plain && !within && !it->front->sleeps;
}

/* The next line of "20x LINE || 3x LINE", and how often it was logged; NULL: there are no more. */
static const char *next_line(char **at, long *count)
{
    char *line = *at, *seen = NULL;
    if (!line) {
        return NULL;
    }
    *at = strstr(line, " || ");
    if (*at) {
        **at = '\0';
        *at += 4;
    }
    *count = strtol(line, &seen, 10);
    return *seen == 'x' ? seen + 2 : seen;
}

int check_log(const struct cell *cell, const struct rig_fate *fate)
{
    char text[sizeof cell->log], *at = text;
    const char *seen;
    long count;
    int wrong = 0;
    (void)snprintf(text, sizeof text, "%s", cell->log);
    while ((seen = next_line(&at, &count)) != NULL) {
        unsigned causes = causes_of(&cell->situation, seen);
        bool others = strstr(seen, "on connection: ") || strstr(seen, "termination=--") || !*seen || *seen == '-';
        known += causes ? count : 0;
        unknown += causes || others ? 0 : count;
        if ((causes && !(causes & fate->causes)) || is_wrong_error(cell, seen, count)) {
            printf("logged: %ldx %s\n", count, seen);
            wrong++;
        }
    }
    return wrong;
}

long count_log(const struct cell *cell)
{
    char text[sizeof cell->log], *at = text;
    const char *seen;
    long count, all = 0;
    (void)snprintf(text, sizeof text, "%s", cell->log);
    while ((seen = next_line(&at, &count)) != NULL) {
        all += causes_of(&cell->situation, seen) || strstr(seen, "error]") ? count : 0;
    }
    return all;
}

void print_log_counts(void)
{
    printf("log lines: %ld of the fronts' lines, each of a predicted kind; %ld others\n", known, unknown);
}
