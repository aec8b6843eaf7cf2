/* Findings that are known: a line for each, by the key that other edits do not change. */
#ifndef STACKRIG_CLI_BASELINE_H
#define STACKRIG_CLI_BASELINE_H

#include "harness/cli/check/fold.h"

struct rig_known {
    uint64_t key;
    enum rig_level level; /* a finding that has become worse is a new one */
    bool seen;            /* it came up again */
};

struct rig_baseline {
    const char *path;
    struct rig_known *known; /* sorted by key */
    size_t count, capacity;
};

/* False: complained. Free it in either case. */
bool rig_baseline_read(struct rig_baseline *baseline, const char *path);
/* What it has is known. */
void rig_baseline_apply(struct rig_baseline *baseline, struct rig_fold *fold);
/* Writes one of all findings that are neither expected nor suppressed. False: complained. */
bool rig_baseline_write(const char *path, const struct rig_fold *fold);
/* How many are known, and how many did not come up any more. */
void rig_baseline_print(const struct rig_baseline *baseline, const struct rig_fold *fold);
void rig_baseline_free(struct rig_baseline *baseline);

#endif
