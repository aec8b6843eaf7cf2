/* Findings of all requests and profiles, one block for each that is the same one. */
#ifndef STACKRIG_CLI_FOLD_H
#define STACKRIG_CLI_FOLD_H

#include "harness/cli/plan/plan.h"
#include "harness/report/secrets.h"
#include "harness/reporters/report.h"

#define RIG_BLOCKS_MAX 2000 /* more are counted, not kept */

/* Where a finding was seen. */
struct rig_occurrence {
    bool in_request;
    size_t number; /* of the case */
    unsigned server;
    bool expected;
    bool apart;        /* not a finding of a check: a crash, a hang, an unhandled error */
    uint64_t runs;     /* with faults, that had it */
    const char *where; /* the fault of the first; NULL: it came up without any, or its message says which */
};

struct rig_seen {
    size_t number;
    uint32_t servers;
    bool expected;
};

/* What follows from it under some profiles. */
struct rig_follow {
    char *text;                             /* NULL: nothing to say */
    bool anywhere;                          /* whatever the profile */
    enum rig_level levels[RIG_SERVERS_MAX]; /* by profile the worst; RIG_LEVEL_OFF: not seen there */
    size_t *numbers;                        /* of the cases that it was seen in */
    size_t number_count, number_capacity;
};

struct rig_block {
    uint64_t key;
    uint64_t lasting;            /* the same, and of a crash too it does not change with other lines: for baselines */
    enum rig_report_state state; /* KNOWN or SUPPRESSED: it is counted, not printed, and does not fail */
    const char *reason, *until;  /* of a suppression */
    struct rig_finding finding;  /* the worst of them, with copies of its strings */
    unsigned rank;
    bool expected; /* all of them */
    bool apart;
    uint64_t runs;
    char *where; /* as in the first occurrence */
    uint32_t servers;
    struct rig_seen *seen;
    size_t seen_count, seen_capacity;
    struct rig_follow *follows;
    size_t follow_count, follow_capacity;
};

struct rig_line_hash {
    char *site;
    uint64_t hash;
};

struct rig_fold {
    const struct rig_plan *plan;
    struct rig_block *blocks; /* in the order they came up */
    size_t count, capacity;
    size_t dropped;
    struct rig_line_hash *lines; /* source lines read so far */
    size_t line_count, line_capacity;
};

void rig_fold_add(struct rig_fold *fold, const struct rig_finding *finding, const struct rig_occurrence *occurrence,
                  const struct rig_secrets *secrets);
/* That nobody read a body is said once: with what other profiles make of that, if any minds. Once, at the end. */
void rig_fold_join(struct rig_fold *fold);
void rig_fold_free(struct rig_fold *fold);
/* How many blocks of that level count: new, not expected, not apart. */
size_t rig_fold_count(const struct rig_fold *fold, enum rig_level level);
/* Is it one that nobody expected, knew or suppressed? */
bool rig_block_is_new(const struct rig_block *block);

/* Its strings are copies, but .follows and .server, which are NULL. */
struct rig_finding rig_finding_copy(const struct rig_finding *finding, const struct rig_secrets *secrets);
void rig_finding_free(const struct rig_finding *finding);

/* ---- print.c ---- */

void rig_print_block(const struct rig_block *block, const struct rig_plan *plan, bool colour);

#endif
