/* The command: a table of verbs, and what they share. */
#ifndef STACKRIG_CLI_CLI_H
#define STACKRIG_CLI_CLI_H

#include <stackrig/base.h>

#include <stdio.h>

#include "harness/client/error_names.h"
#include "harness/report/builder.h"

enum rig_status { RIG_STATUS_CLEAN, RIG_STATUS_FINDINGS, RIG_STATUS_USAGE, RIG_STATUS_INTERRUPTED = 130 };

struct rig_verb {
    const char *name, *arguments, *summary;
    const char *help; /* further lines of --help; NULL: none */
    int (*run)(const struct rig_verb *verb, int argc, char **argv);
};

extern const struct rig_verb rig_verb_check, rig_verb_explain, rig_verb_rules, rig_verb_list, rig_verb_servers,
    rig_verb_parity, rig_verb_bisect, rig_verb_trace, rig_verb_fuzz, rig_verb_show, rig_verb_min, rig_verb_emit_c,
    rig_verb_coverage;

/* One line on stderr, "stackrig: ...". */
void rig_complain(const char *format, ...) RIG_PRINTF_(1, 2);
/* The same with the hint where to look for help; returns RIG_STATUS_USAGE. */
int rig_complain_usage(const struct rig_verb *verb, const char *format, ...) RIG_PRINTF_(2, 3);
/* "PLACE: " before what is complained of from now on; NULL: nothing. It must last. */
void rig_complain_within(const char *where);
const char *rig_complaining_within(void); /* that; NULL: nothing */
/* From now on the last complaint is kept, be it of a child. */
void rig_complaints_keep(void);
const char *rig_complained(void); /* that; "see standard error": none is known */
/* getopt's '?' or ':' in words, with those of names that are near; returns RIG_STATUS_USAGE. */
struct option;
int rig_complain_option(const struct rig_verb *verb, int answer, char *const *argv, const struct option *names);
void rig_verb_help(const struct rig_verb *verb);
/* For verbs whose only option is --help. True: go on, operands begin at optind. False: return *status. */
bool rig_verb_operands(const struct rig_verb *verb, int argc, char **argv, int min, int max, int *status);

/* Memory for the command's own lists: on failure it says so and ends the process with status 2. */
void *rig_must_alloc(size_t count, size_t size);
char *rig_must_copy(const char *string); /* NULL: NULL */
struct rig_secrets;
char *rig_must_hide(const struct rig_secrets *secrets, const char *text);
/* Makes room for one more element. */
void *rig_must_grow(void *array, size_t count, size_t *capacity, size_t size);

/* Writes the text to stdout, and empties it. */
void rig_print(struct rig_text *text);
/* What is printed from now on goes there; NULL: to stdout again. */
void rig_print_into(FILE *file);
/* A word after a blank, or on a line of its own where that would grow too long; *column is where the text ends. */
void rig_print_wrapped(struct rig_text *text, size_t *column, const char *word);
bool rig_colour_wanted(int fd);
/* Everything is on stdout, or a complaint on stderr. */
bool rig_output_finish(void);

#define RIG_LINE_SIZE 16384 /* a few values of RIG_TEXT_VALUE_MAX, each byte escaped */

#endif
