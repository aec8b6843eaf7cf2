/* How often each error rule had its precondition: the rig's, those of fuzzing and the user's own are oracles, all of them. */
#ifndef STACKRIG_FUZZ_ARMED_H
#define STACKRIG_FUZZ_ARMED_H

#include "fuzz/oracles/rules.h"
#include "harness/checks/rules.h"

#include <stackrig/rules.h>

#define RIG_FUZZ_ARMED_MAX (RIG_RULE_COUNT + RIG_OWN_RULES_MAX)

enum rig_fuzz_kind {
    RIG_FUZZ_NO_ORACLE, /* its findings are no errors, or about requests, which are not the stack's */
    RIG_FUZZ_ORACLE,
    RIG_FUZZ_IGNORED,  /* .ignore names it, for all paths */
    RIG_FUZZ_OFF,      /* nobody has asked for it */
    RIG_FUZZ_OF_SWEEPS /* its precondition is none of a single request */
};

/* By rule number; those of fuzzing alone are counted where they are judged. */
struct rig_fuzz_armed {
    unsigned fresh[RIG_FUZZ_ARMED_MAX]; /* where clients count; added to sums before it is full */
    uint64_t sums[RIG_FUZZ_ARMED_MAX];
    unsigned char kinds[RIG_FUZZ_ARMED_MAX];         /* enum rig_fuzz_kind */
    const char *off_for[RIG_FUZZ_ARMED_MAX];         /* why it is off, a constant; NULL: as others are, or it is on */
    size_t count;                                    /* of rules */
    char own[RIG_OWN_RULES_MAX][RIG_OWN_ID_MAX + 1]; /* ids: another process may print them */
};

struct rig_fuzz_oracle {
    const char *id;
    enum rig_fuzz_kind kind;
    uint64_t armed;
    const char *why; /* of RIG_FUZZ_OFF: "(nothing is protected)"; NULL: as others are */
};

struct rig_fuzz_target;
struct rig_runner;
/* All zero before. The rules are those of a client's runner. */
void rig_fuzz_armed_open(struct rig_fuzz_target *target, const struct rig_runner *runner);
void rig_fuzz_armed_fold(struct rig_fuzz_armed *armed);
/* What another target of the same stack has counted counts on. */
void rig_fuzz_armed_add(struct rig_fuzz_armed *armed, const struct rig_fuzz_armed *before);
/* All that there are, by number from 0; false: there is no such number. What is armed, though it should not, is an
 * oracle; of a framework that is not in use its rules are none. */
bool rig_fuzz_oracle(const struct rig_fuzz_target *target, size_t number, struct rig_fuzz_oracle *oracle);

#endif
