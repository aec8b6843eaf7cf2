/* Counts in a client's runs what its layers did, where it is asked to: by a check of its own, so that nobody else pays. */
#ifndef STACKRIG_COVERAGE_COUNT_H
#define STACKRIG_COVERAGE_COUNT_H

#include "harness/core/run.h"
#include "harness/coverage/table.h"

#define RIG_COVER_VARIABLE "STACKRIG_COVERAGE" /* the folder; unset or empty: nothing is counted */

/* A client's. */
struct rig_cover {
    struct rig_cover_table table;
    const struct rig_check *checks[RIG_CHECKS_MAX]; /* the client's, and this one */
    struct rig_check_set set;
    char *folder;
    int64_t saved;  /* when, on the monotonic clock, ns */
    long process;   /* a fork's copy is not its own */
    unsigned fresh; /* requests since then */
    struct rig_stack
        *stack;  /* the client's: its layers that decide who may pass count unvisited, too; NULL: it has none */
    bool listed; /* they are in the table */
};

extern const struct rig_check rig_check_cover;

/* NULL: it is not asked for, there are too many checks, or no memory. */
struct rig_cover *rig_cover_new(const struct rig_check_set *checks);
void rig_cover_flush_one(struct rig_cover *cover, bool now);
/* Writes what was counted since the last time, if that is a while ago; now: however short it is. NULL: nothing. */
static inline void rig_cover_flush(struct rig_cover *cover, bool now)
{
    if (RIG_RARE(cover != NULL)) {
        rig_cover_flush_one(cover, now);
    }
}
void rig_cover_end(struct rig_cover *cover); /* what is not written is lost */

#endif
