/* What parent and children of stackrig fuzz share. The stack runs in a child: what it tried last stands in memory that
 * outlives it. */
#ifndef STACKRIG_CLI_FUZZING_H
#define STACKRIG_CLI_FUZZING_H

#include "harness/cli/fuzz/apart.h"
#include "harness/cli/fuzz/seeds.h"
#include "harness/cli/ui/formats.h"

#define RIG_FUZZING_CRASHES_MAX 32 /* at different places */
#define RIG_FUZZING_ALL_MAX (RIG_FUZZ_FOUND_MAX + RIG_FUZZING_CRASHES_MAX)
#define RIG_FUZZING_MESSAGE_MAX 512

struct rig_fuzzing_options {
    struct rig_fuzzed fuzzed;
    struct rig_formats formats;
    bool quiet;
    const char *save;
    struct rig_seeds seeds;
    uint64_t runs;
};

/* What ended children in one way at one place, and the first scenario that did. */
struct rig_fuzzing_crash {
    struct rig_fuzzed_end end;
    uint64_t times;
    bool sent;                  /* as it was sent, not in a play that an oracle made beside it */
    enum rig_apart_cause cause; /* in a process of its own */
    struct rig_fuzz_input input;
};

struct rig_fuzzing {
    struct rig_fuzz_engine engine;
    struct rig_fuzz_target target; /* the child's; the parent reads its counters */
    size_t next_file;              /* those before it were tried, the last of them perhaps to the stack's end */
    size_t next_request;           /* of the next file, if it has more than a scenario */
    unsigned next_deadly;          /* of what the target could not be opened with */
    bool started;
    struct rig_fuzzing_crash crashes[RIG_FUZZING_CRASHES_MAX];
    size_t crash_count;
    size_t reported;  /* findings, and behind them crashes, that were printed */
    bool unshrunk;    /* the next one is printed as it is: to shrink it has ended a child */
    bool interrupted; /* so are all */
    bool unsaved;     /* a reproducer could not be written */
    char texts[RIG_FUZZING_ALL_MAX][RIG_FUZZ_TEXT_MAX];          /* of those that were reported, "": not known; for */
    char messages[RIG_FUZZING_ALL_MAX][RIG_FUZZING_MESSAGE_MAX]; /* people, as these are: without secrets */
};

extern struct rig_fuzzing *rig_fuzzing;

/* The i-th of what is reported: a finding, or a crash behind them. It lasts until the next. */
struct rig_fuzz_violation rig_fuzzing_violation(const struct rig_fuzzing_options *options, size_t i);
/* Its text; NULL: the scenario is not known. */
const char *rig_fuzzing_text(size_t i);
/* Of a crash, the place in the code that tells it from others: "stack.so+0x1a2b"; NULL: there is none. */
const char *rig_fuzzing_place(size_t i, char *place, size_t size);

/* In a child, whose closure are the options, each goes on where the one before has ended: tries all there is to try; */
rig_fuzzed_work rig_fuzzing_run;
/* counts, where the last of those had no end; */
rig_fuzzed_work rig_fuzzing_count;
/* shrinks, saves and prints what was found. */
rig_fuzzed_work rig_fuzzing_report;

/* In the parent, children for it. False: why not was said. */
bool rig_fuzzing_run_all(struct rig_fuzzing_options *options);
bool rig_fuzzing_report_all(struct rig_fuzzing_options *options);

#endif
