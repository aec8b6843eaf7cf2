/* `stackrig coverage`: what runs have seen of each layer, what of an auth layer they have not, and where that is written. */
#ifndef STACKRIG_CLI_COVERAGE_H
#define STACKRIG_CLI_COVERAGE_H

#include "harness/cli/ui/cli.h"
#include "harness/coverage/table.h"

/* A line of a layer's file that was never run, or runs and never took all of its branches. */
struct rig_uncovered {
    char *file;
    unsigned line;
    bool run;
    unsigned branches, taken;
    const char *outcome; /* that would reach it, as far as the line's words tell; NULL: they do not */
};

/* A line of code, run or not. */
struct rig_line {
    size_t file; /* of the layer's files that gcovr knows */
    unsigned line, branches, taken;
    uint64_t hits;
};

/* What gcovr says of the files of one layer. */
struct rig_lines {
    char **files;
    struct rig_line *all; /* file by file */
    size_t file_count, file_capacity, all_count, all_capacity;
    unsigned lines, run, branches, taken;
    struct rig_uncovered *uncovered;
    size_t count, capacity;
};

struct rig_coverage {
    struct rig_cover_table table; /* layers of one name and code are one */
    size_t files;                 /* that were read */
    /* as asked for: */
    const char **layers; /* these alone; none: all */
    size_t layer_count;
    const char **without; /* "expired", "basic_auth:expired" */
    size_t without_count;
    const char **sources; /* further files of auth layers, for gcovr's lines */
    size_t source_count;
    const char *gcovr; /* NULL: none; as the files to write: */
    const char *json, *html, *cobertura;
    double fail_under_outcome, fail_under_branch; /* percent; negative: does not matter */
    /* found: */
    unsigned wanted, seen;
    struct rig_lines *lines; /* one a layer of the table; NULL: nobody asked */
};

/* ---- coverage_judge.c ---- */

/* Makes one of those layers that are the same layer in other stacks. */
void rig_coverage_join(struct rig_coverage *coverage);
bool rig_coverage_shows(const struct rig_coverage *coverage, const struct rig_cover_layer *layer);
bool rig_coverage_wants(const struct rig_coverage *coverage, const struct rig_cover_layer *layer,
                        enum rig_cover_class class);
uint64_t rig_coverage_count(const struct rig_cover_layer *layer, enum rig_cover_class class, bool body,
                            enum rig_cover_end end);
/* Has what is wanted of that class been seen: to be let in with valid ones, to be refused with all others? */
bool rig_coverage_saw(const struct rig_cover_layer *layer, enum rig_cover_class class, bool body);
/* Counts what is wanted and seen, of one layer, or into the coverage of all. */
void rig_coverage_sum(const struct rig_coverage *coverage, const struct rig_cover_layer *layer, unsigned *wanted,
                      unsigned *seen);
void rig_coverage_judge(struct rig_coverage *coverage);
double rig_percent(unsigned part, unsigned whole); /* 100 of nothing */
/* The request that would reach it: "POST /, Authorization: Other x". */
void rig_coverage_request(struct rig_text *text, const struct rig_cover_layer *layer, enum rig_cover_class class,
                          bool body);
/* "basic_auth (examples/basic_auth/basic_auth.c)" */
void rig_coverage_title(struct rig_text *text, const struct rig_cover_layer *layer);
/* Percent of the branches of all auth layers that are shown; 100 of none. */
double rig_coverage_branches(const struct rig_coverage *coverage);
void rig_coverage_free(struct rig_coverage *coverage);

/* ---- coverage_gcovr.c ---- */

/* Joins what `gcovr --json` wrote. False: complained. */
bool rig_coverage_read_gcovr(struct rig_coverage *coverage, const char *path);

/* ---- the reports; false: not all could be written ---- */

typedef bool rig_coverage_write_fn(const struct rig_coverage *coverage, FILE *out);
rig_coverage_write_fn rig_coverage_write_json, rig_coverage_write_html, rig_coverage_write_cobertura;

void rig_coverage_print(const struct rig_coverage *coverage);

#endif
