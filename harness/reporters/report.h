/* What a verb of the command found, as every report format gets it. A format is one file, which defines a struct
 * rig_reporter, and one row of reporters.c.
 *
 * All strings but sites are printable ASCII (\n ends lines of .details and .scenario): what came from elsewhere was escaped, and
 * its secrets masked, before it got here. A site is "path:line" with the path's own bytes. */
#ifndef STACKRIG_REPORTERS_REPORT_H
#define STACKRIG_REPORTERS_REPORT_H

#include <stackrig/result.h>

#include <stdio.h>

#define RIG_REPORT_VERSION 1 /* of docs/report.schema.json */
#define RIG_REPORT_PATH 4096

enum rig_report_state {
    RIG_REPORT_NEW,
    RIG_REPORT_EXPECTED,  /* an @expect names it */
    RIG_REPORT_KNOWN,     /* the baseline has it */
    RIG_REPORT_SUPPRESSED /* stackrig.conf says why */
};

/* A further fact; site NULL: it has no place. */
struct rig_report_note {
    char *site, *text;
};

/* Each is one finding, wherever it came up; NULL or 0: there is none. */
struct rig_report_item {
    char *rule; /* of a rule; or crash, hang, unhandled, refused, @expect, incomplete, bisect, parity.* */
    enum rig_level level;
    enum rig_report_state state;
    bool fails;       /* it is a reason for exit status 1 */
    uint64_t key;     /* stays the same when other lines change; see harness/report/key.h */
    char *site;       /* the line to look at first */
    char *layer;      /* "auth", "auth #2" */
    char *layer_site; /* where it was given to the stack */
    char *message;    /* one line */
    char *mend;       /* one line */
    char *reason;     /* of a suppression */
    char *until;      /* its last day, "2026-12-31" */
    char *details;    /* all of it, as text */
    char *scenario;   /* a request file that shows it */
    char *servers;    /* profiles, ", " between them */
    size_t *cases;    /* requests that show it: indices of the report's cases */
    size_t case_count, case_capacity;
    struct rig_report_note *notes;
    size_t note_count, note_capacity;
};

/* A request of a file. */
struct rig_report_case {
    char *name;
    char *path; /* of the file: its own bytes, as in a site */
    char *site;
    bool ran;
    uint64_t took;  /* ns that really passed while it ran, in all its runs; 0: not measured */
    size_t failure; /* the first of the items that fails and names it; SIZE_MAX: none */
};

/* What the findings' rules are about. */
struct rig_report_rule {
    char *id, *title, *help; /* help: more than a line */
    enum rig_level level;
};

/* Of fuzzing: a rule of level error, and how often it had its precondition. */
struct rig_report_oracle {
    char *rule;
    const char *state; /* "on", "ignored", "off", "sweeps" */
    uint64_t armed;
};

struct rig_run_report {
    const char *verb, *stack;
    int status;       /* the exit status of the command */
    bool interrupted; /* so there may be more */
    uint64_t took;    /* ns, of a verb without cases; 0: not measured */
    bool compared;    /* with a baseline */
    struct rig_report_item *items;
    size_t item_count, item_capacity;
    struct rig_report_case *cases;
    size_t case_count, case_capacity;
    struct rig_report_rule *rules; /* each that an item names, in the order of the items */
    size_t rule_count, rule_capacity;
    struct rig_report_oracle *oracles; /* in the order of their rules; none: the verb does not fuzz */
    size_t oracle_count, oracle_capacity;
    char *summary; /* as text */
};

struct rig_reporter {
    const char *name, *summary;
    bool document; /* one whole: nothing else can stand in its file. Others are lines among which text may stand */
    /* Writes all of it: 0, or -errno. NULL: the verb does it (text). */
    int (*write)(const struct rig_run_report *report, FILE *out);
    /* What belongs elsewhere than into a file, when it was asked for. NULL: nothing. 0, or -errno with *path. */
    int (*also)(const struct rig_run_report *report, const char **path);
};

/* The table: name order. */
const struct rig_reporter *const *rig_reporters(size_t *count);
const struct rig_reporter *rig_reporter_find(const char *name); /* NULL: there is none */

/* ---- for the formats ---- */

extern const struct rig_reporter rig_reporter_github, rig_reporter_json, rig_reporter_junit, rig_reporter_sarif,
    rig_reporter_tap;

/* The path of "path:line" into path, RIG_REPORT_PATH bytes; the line, 0: it has none. site NULL: "" and 0. A path below
 * the current folder is made relative to it. */
unsigned rig_report_place(const char *site, char *path);
/* A path as \xNN for all that is not printable ASCII. */
void rig_report_print_path(FILE *out, const char *path);
/* The rule's index among the report's; SIZE_MAX: none. */
size_t rig_report_rule_at(const struct rig_run_report *report, const char *id);
/* The first item after `from` that fails and names the case; SIZE_MAX: none. from SIZE_MAX: from the beginning. */
size_t rig_report_failure(const struct rig_run_report *report, size_t number, size_t from);
/* "new", "expected", "known", "suppressed" */
const char *rig_report_state_name(enum rig_report_state state);
void rig_report_key_text(uint64_t key, char text[17]);
/* "1.2.3" */
void rig_report_version_text(char text[32]);

#endif
