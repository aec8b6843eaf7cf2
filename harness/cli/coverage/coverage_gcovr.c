/* What gcovr's JSON says of the files of auth layers: lines that never ran, branches that were never taken. */
#include "harness/cli/coverage/coverage.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD 8 /* lines that are looked at for what an untaken one is about */

/* ---- which outcome would reach a line, by the words of it and of what follows in its function ---- */

static const struct {
    const char *word, *outcome;
} words[] = {
    {"ENOMEM", "error: memory runs out (rig_each_fault, --each-malloc)"},
    {"EFBIG", "answered early, with a body over the limit"},
    {"413", "answered early, with a body over the limit"},
    {"rig_next", "passed"},
    {"rig_input_drain", "answered early, with a body"},
    {"400", "answered early, malformed credentials"},
    {"401", "answered early, credentials that are wrong"},
    {"403", "answered early, another user's credentials"},
    {"rig_respond", "answered early"},
    {"refuse", "answered early"},
    {"rig_response_", "changed the response"},
    {"rig_env_set", "changed the request"},
    {"rig_env_unset", "changed the request"},
    {"return -E", "error"},
    {"error", "error"},
};

static const char *outcome_of(const char *line)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(line, words[i].word)) {
            return words[i].outcome;
        }
    }
    return NULL;
}

/* The source may not be there: then nothing is known. */
static const char *find_outcome(const char *path, unsigned number)
{
    char line[1024];
    const char *outcome = NULL;
    FILE *source = fopen(path, "r");
    for (unsigned at = 1; source && !outcome && at < number + AHEAD && fgets(line, sizeof line, source); at++) {
        if (at > number && line[0] == '}') {
            break;
        }
        outcome = at >= number ? outcome_of(line) : NULL;
    }
    if (source) {
        (void)fclose(source);
    }
    return outcome;
}

/* ---- the JSON ---- */

static bool is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static void add_line(struct rig_lines *lines, const char *path, const json_t *line)
{
    const json_t *branches = json_object_get(line, "branches"), *branch;
    struct rig_uncovered one = {.line = (unsigned)json_integer_value(json_object_get(line, "line_number"))};
    size_t i;
    if (is_true(line, "gcovr/noncode") || one.line == 0) {
        return;
    }
    json_int_t hits = json_integer_value(json_object_get(line, "count"));
    one.run = hits > 0;
    json_array_foreach(branches, i, branch)
    {
        one.branches += !is_true(branch, "throw");
        one.taken += !is_true(branch, "throw") && json_integer_value(json_object_get(branch, "count")) > 0;
    }
    lines->all = rig_must_grow(lines->all, lines->all_count, &lines->all_capacity, sizeof *lines->all);
    lines->all[lines->all_count++] = (struct rig_line){.file = lines->file_count - 1,
                                                       .line = one.line,
                                                       .branches = one.branches,
                                                       .taken = one.taken,
                                                       .hits = one.run ? (uint64_t)hits : 0};
    lines->lines++;
    lines->run += one.run;
    lines->branches += one.branches;
    lines->taken += one.taken;
    if (one.run && one.taken == one.branches) {
        return;
    }
    one.file = rig_must_copy(path);
    one.outcome = find_outcome(path, one.line);
    lines->uncovered = rig_must_grow(lines->uncovered, lines->count, &lines->capacity, sizeof one);
    lines->uncovered[lines->count++] = one;
}

/* One may be written from another folder: "b.c" is "a/b.c". */
static bool is_file(const char *path, const char *file)
{
    size_t longer = strlen(path), shorter = strlen(file);
    if (longer < shorter) {
        return is_file(file, path);
    }
    return strcmp(path + longer - shorter, file) == 0 && (longer == shorter || path[longer - shorter - 1] == '/');
}

static bool is_of_layer(const struct rig_coverage *coverage, const struct rig_cover_layer *layer, const char *path)
{
    for (size_t i = 0; i < layer->file_count; i++) {
        if (is_file(path, layer->files[i])) {
            return true;
        }
    }
    size_t i = 0;
    while (i < coverage->source_count && !is_file(path, coverage->sources[i])) {
        i++;
    }
    return i < coverage->source_count;
}

static void add_file(struct rig_coverage *coverage, const json_t *file, const char *path)
{
    const json_t *lines = json_object_get(file, "lines"), *line;
    size_t k;
    for (size_t i = 0; i < coverage->table.count; i++) {
        const struct rig_cover_layer *layer = coverage->table.layers[i];
        if (!layer->auth || !rig_coverage_shows(coverage, layer) || !is_of_layer(coverage, layer, path)) {
            continue;
        }
        struct rig_lines *own = &coverage->lines[i];
        own->files = rig_must_grow(own->files, own->file_count, &own->file_capacity, sizeof *own->files);
        own->files[own->file_count++] = rig_must_copy(path);
        json_array_foreach(lines, k, line)
        {
            add_line(own, path, line);
        }
    }
}

/* To no line of an auth layer's code 100 % would be said. */
static bool found_all(const struct rig_coverage *coverage, const char *path)
{
    bool all = true;
    for (size_t i = 0; i < coverage->table.count; i++) {
        const struct rig_cover_layer *layer = coverage->table.layers[i];
        if (layer->auth && rig_coverage_shows(coverage, layer) && coverage->lines[i].lines == 0) {
            rig_complain("%s: no line of the layer %s (%s) is in it; --source names further files", path, layer->name,
                         layer->file_count ? layer->files[0] : "its file is not known");
            all = false;
        }
    }
    return all;
}

bool rig_coverage_read_gcovr(struct rig_coverage *coverage, const char *path)
{
    json_error_t error;
    errno = 0;
    json_t *root = json_load_file(path, 0, &error);
    const json_t *files = json_object_get(root, "files"), *file;
    size_t i;
    if (!root && error.line < 0) {
        rig_complain("cannot read %s: %s", path, errno != 0 ? strerror(errno) : error.text);
        return false;
    }
    if (!root || !json_is_array(files)) {
        rig_complain("%s:%d: %s", path, root ? 1 : error.line, root ? "not what gcovr --json writes" : error.text);
        json_decref(root);
        return false;
    }
    coverage->lines = rig_must_alloc(coverage->table.count + 1, sizeof *coverage->lines);
    json_array_foreach(files, i, file)
    {
        const char *name = json_string_value(json_object_get(file, "file"));
        if (name) {
            add_file(coverage, file, name);
        }
    }
    json_decref(root);
    return found_all(coverage, path);
}
