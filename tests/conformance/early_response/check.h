/* The simulation against what was measured: a cell of results.tsv at a time. */
#ifndef STACKRIG_TESTS_EARLY_RESPONSE_CHECK_H
#define STACKRIG_TESTS_EARLY_RESPONSE_CHECK_H

#include "mocks/servers/model.h"

#include <stdio.h>

#define CELL_TEXT 64

struct cell {
    char front[CELL_TEXT], backend[CELL_TEXT], framing[16], client[16];
    uint64_t size;
    int n;
    unsigned got, next; /* all that was seen: bits of enum rig_got, enum rig_next_gets */
    unsigned pairs[16]; /* got | next << 8 of each outcome */
    int counts[16];
    size_t outcome_count;
    int lost;       /* of n */
    int reached;    /* the server, of n; broken-off.tsv */
    bool settled;   /* the engine closed after 20 ms of work */
    bool paused;    /* it closed while the client paused: only that timing was measured */
    char log[1024]; /* "20x LINE || 3x LINE" */
    struct rig_case situation;
};

/* false: the line cannot be read; told on stderr. */
bool cell_read(struct cell *cell, char *line);
/* Front and transport as results.tsv names them, the i-th; NULL: there are no more. */
const char *cell_front(size_t i, const struct rig_front **front, const struct rig_transport **transport);
/* The cell as the simulation takes it; false: no such front or engine, told on stderr. */
bool cell_place(struct cell *cell);
struct rig_fate cell_predict(const struct cell *cell);
bool cell_inside(const struct cell *cell, const struct rig_fate *fate); /* all that was seen is in the prediction */
void cell_print_set(unsigned got, unsigned next);

/* Mistakes, told on stdout. */
int check_log(const struct cell *cell, const struct rig_fate *fate);
long count_log(const struct cell *cell); /* lines that tell of a failure */
void print_log_counts(void);
int check_sockets(const char *path);
int check_sizes(void);
/* The fronts' shares against the most that any run lost; `worst` gives it for a front, backend and size, of 20. */
int check_shares(int (*worst)(const char *front, const char *backend, uint64_t size));
/* Those of kept connections against the cells of E7. */
int check_kept_shares(const struct cell *cells, size_t count);

/* Which parts the cells saw together, and which the model says they did. */
int check_together(const struct cell *cells, size_t count);

/* Clients that pause or break off; connections that are kept. */
int check_clients(const char *name, const struct cell *cells, size_t count);
/* What the next request on a kept connection gets. */
int check_connections(const struct cell *cells, size_t count);

#endif
