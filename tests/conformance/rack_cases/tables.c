/* The tables beside the cases: rules, quirks, and what we do instead of Rack. Read once, when first asked for. */
#define _POSIX_C_SOURCE 200809L
#include "tests/conformance/rack_cases/driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HOME "tests/conformance/rack" /* where they are if not beside the cases */

struct table {
    const char *file, *key;
    char *read_from; /* the folder; NULL: not read yet */
    json_t *rows;    /* by key */
};

static struct table rules = {.file = "lint_rules.jsonl", .key = "rule"};
static struct table quirks = {.file = "quirks.jsonl", .key = "quirk"};
static struct table ours = {.key = "id"};

static void read_rows(json_t *rows, FILE *file, const char *path, const char *key)
{
    char *line = NULL;
    size_t capacity = 0;
    for (unsigned number = 1; getline(&line, &capacity, file) > 0; number++) {
        json_error_t error;
        json_t *row = json_loads(line, 0, &error);
        const char *name = json_string_value(json_object_get(row, key));
        if (!name || json_object_get(rows, name)) {
            fprintf(stderr, "%s:%u: %s\n", path, number,
                    !row    ? error.text
                    : !name ? "a row without its key"
                            : "a second row of that key");
            exit(2);
        }
        json_object_set_new(rows, name, row);
    }
    free(line);
}

/* Beside the cases, else below the working directory, else where the program was built. */
static FILE *open_beside(const char *folder, const char *name, char *path, size_t size)
{
    const char *slash = rack_options.program ? strrchr(rack_options.program, '/') : NULL;
    (void)snprintf(path, size, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        (void)snprintf(path, size, "%s/%s", HOME, name);
        file = fopen(path, "r");
    }
    if (!file && slash) {
        (void)snprintf(path, size, "%.*s/../%s/%s", (int)(slash - rack_options.program), rack_options.program, HOME,
                       name);
        file = fopen(path, "r");
    }
    return file;
}

static const json_t *find(struct table *table, const char *folder, const char *name, const char *key)
{
    if (!table->read_from || strcmp(table->read_from, folder) != 0) {
        char path[4096];
        free(table->read_from);
        json_decref(table->rows);
        table->read_from = strdup(folder);
        table->rows = json_object();
        FILE *file = open_beside(folder, name, path, sizeof path);
        if (file) {
            read_rows(table->rows, file, path, table->key);
            fclose(file);
        }
    }
    return json_object_get(table->rows, key);
}

const char *rack_rule_in_c(const struct rack_case *rack, const char *rule)
{
    return json_string_value(json_object_get(find(&rules, rack->folder, rules.file, rule), "in_c"));
}

const char *rack_quirk_advice(const struct rack_case *rack)
{
    return json_string_value(json_object_get(find(&quirks, rack->folder, quirks.file, rack->quirk), "advice"));
}

const json_t *rack_ours(const struct rack_case *rack)
{
    static char area[64]; /* the rows are those of one area */
    char name[128];
    if (strcmp(area, rack->area) != 0) {
        free(ours.read_from);
        ours.read_from = NULL;
        (void)snprintf(area, sizeof area, "%s", rack->area);
    }
    (void)snprintf(name, sizeof name, "ours/%s.jsonl", rack->area);
    return find(&ours, rack->folder, name, rack->id);
}

const char *rack_files(const struct rack_case *rack)
{
    static char beside[4096];
    struct stat status;
    (void)snprintf(beside, sizeof beside, "%s/files", rack->folder);
    const char *const folders[] = {rack_options.files, beside, "../shared/rack-cases/files"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (folders[i] && stat(folders[i], &status) == 0 && S_ISDIR(status.st_mode)) {
            return folders[i];
        }
    }
    return NULL;
}

void rack_tables_free(void)
{
    struct table *const all[] = {&rules, &quirks, &ours};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(all[i]->read_from);
        json_decref(all[i]->rows);
        all[i]->read_from = NULL;
        all[i]->rows = NULL;
    }
}
