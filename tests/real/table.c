/* Cells named in a table: the first five columns of results.tsv and the like. */
#include "tests/real/cells.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 8000

static struct row {
    char front[CELL_TEXT], backend[CELL_TEXT], framing[16], client[16];
    uint64_t size;
} * rows;
static size_t row_count;

static bool read_row(const char *line, struct row *row)
{
    unsigned long long size = 0;
    bool read = line[0] != '#' && sscanf(line, "%63[^\t] %63[^\t] %llu %15[^\t] %15[^\t\n]", row->front, row->backend,
                                         &size, row->framing, row->client) == 5;
    row->size = size;
    return read;
}

bool rig_real_read_table(const char *path)
{
    char line[8192];
    FILE *file = fopen(path, "r");
    rows = file ? calloc(ROWS_MAX, sizeof *rows) : NULL;
    while (rows && row_count < ROWS_MAX && fgets(line, sizeof line, file)) {
        row_count += read_row(line, &rows[row_count]);
    }
    if (file) {
        (void)fclose(file);
    }
    return row_count > 0;
}

bool rig_real_listed(size_t i, struct rig_real_cell *cell)
{
    if (i >= row_count) {
        return false;
    }
    *cell = (struct rig_real_cell){rows[i].front, rows[i].backend, rows[i].size, rows[i].framing, rows[i].client};
    return true;
}

void rig_real_free_table(void)
{
    free(rows);
    rows = NULL;
    row_count = 0;
}
