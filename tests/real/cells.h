/* What is tried on the real servers, and the routes that it needs. */
#ifndef STACKRIG_TESTS_REAL_CELLS_H
#define STACKRIG_TESTS_REAL_CELLS_H

#include "tests/conformance/early_response/check.h"
#include "tests/real/requests.h"

/* A front of results.tsv as a route. */
struct rig_real_front {
    const char *name, *server;
    enum rig_real_protocol protocol;
    bool tcp; /* to the backend */
    const char *options;
};

/* As a line of results.tsv begins. */
struct rig_real_cell {
    const char *front, *backend;
    uint64_t size;
    const char *framing, *client;
};

extern const struct rig_real_front rig_real_fronts[];
extern const size_t rig_real_front_count;
extern const struct rig_real_cell rig_real_cells[];
extern const size_t rig_real_cell_count;
/* Every front with every mode of the measurements, sizes (UINT64_MAX: some; else that one) and framings, for the person
 * who looks for a difference. */
bool rig_real_product(size_t i, uint64_t size, struct rig_real_cell *cell); /* the i-th; false: there are no more */

/* The cells that a table names: the first five columns of results.tsv. false: it cannot be read, or names none. */
bool rig_real_read_table(const char *path);
bool rig_real_listed(size_t i, struct rig_real_cell *cell); /* the i-th of them; false: there are no more */
void rig_real_free_table(void);

/* The cell of results.tsv with these outcomes, and its line; false: they cannot be read. */
bool rig_real_make_cell(const struct rig_real_cell *row, const char *outcomes, int times, const char *log, char *line,
                        size_t size, struct cell *cell);
/* What is wrong with it, or with the prediction; NULL: nothing. rig_real_no_line: another try may be without it. */
extern const char rig_real_no_line[];
const char *rig_real_mistake(const struct cell *cell, const struct rig_fate *fate, const char *outcomes);

/* What a log has grown by since `from`, in the measurements' form ("20x LINE || 3x LINE", "-": nothing); from moves. */
void rig_real_read_log(const char *path, long *from, char *text, size_t size);

#endif
