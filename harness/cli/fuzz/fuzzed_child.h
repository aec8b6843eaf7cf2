/* A child for a verb that plays scenarios: what runs the stack may end it. */
#ifndef STACKRIG_CLI_FUZZED_CHILD_H
#define STACKRIG_CLI_FUZZED_CHILD_H

#include <stdio.h>

#include "harness/cli/run/place.h"
#include "harness/cli/ui/cli.h"

#define RIG_FUZZED_HANG_SECONDS 10
#define RIG_FUZZED_LOST (-1)

/* How a child was lost. */
struct rig_fuzzed_end {
    bool exited;             /* by itself, whatever its status */
    int signal;              /* that has ended it; 0: none, or it hung */
    bool hung, interrupted;  /* by Ctrl-C: then all else says nothing */
    bool built;              /* the stack was: it was sent a request */
    char how[RIG_STAND_HOW]; /* "Segmentation fault" */
    struct rig_place place;
};

/* work in a child whose stdout is stderr; out is the command's. What it returns, RIG_FUZZED_LOST when it did not: then
 * *end says how (NULL: nobody asks). A child that takes no turn for RIG_FUZZED_HANG_SECONDS hangs. tick: called while it runs; NULL: none. */
typedef int rig_fuzzed_work(void *closure, FILE *out);
int rig_fuzzed_child(rig_fuzzed_work *work, void *closure, void (*tick)(void), struct rig_fuzzed_end *end);

/* In the child: a play begins. Many are one scenario with all oracles. */
void rig_fuzzed_turn(void);
/* In the child, for its clients: all checks, and the one that keeps where it is. */
const struct rig_check_set *rig_fuzzed_checks(void);

/* The same end at the same place: of a signal in the code, else as far as the calls of the rig tell it. */
bool rig_fuzzed_end_is(const struct rig_fuzzed_end *one, const struct rig_fuzzed_end *other);
/* "Segmentation fault in layer NAME, in stack.so(+0x1a2b): ...". */
const char *rig_fuzzed_end(const struct rig_fuzzed_end *end, const char *stack, char line[RIG_LINE_SIZE]);
/* Memory that children share; on failure it says so and ends the process with status 2. */
void *rig_fuzzed_shared(size_t size);

#endif
