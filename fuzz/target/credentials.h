/* The secrets of one run, and what requests carry of them. They are made anew for each run, so that they stand in no corpus,
 * dictionary or report. */
#ifndef STACKRIG_FUZZ_CREDENTIALS_H
#define STACKRIG_FUZZ_CREDENTIALS_H

#include <stackrig/stack.h>

#include "fuzz/scenario/scenario.h"

#define RIG_FUZZ_SECRET_SIZE 24 /* letters and digits */
#define RIG_FUZZ_CARRIED_MAX 96

struct rig_fuzz_credentials {
    struct rig_secret secrets[2]; /* for struct rig_setup: "valid", "other" */
    char values[2][RIG_FUZZ_SECRET_SIZE + 1];
    char carried[RIG_FUZZ_CLASSES][RIG_FUZZ_PLACES][RIG_FUZZ_CARRIED_MAX]; /* values of a header, or of the parameter */
};

/* The same seed makes the same secrets. It points into itself: not to be copied. */
void rig_fuzz_credentials_make(struct rig_fuzz_credentials *credentials, uint64_t seed);
/* A header, or of RIG_FUZZ_PLACE_QUERY a parameter. Not for RIG_FUZZ_CLASS_NONE. */
struct rig_field rig_fuzz_carried(const struct rig_fuzz_credentials *credentials, unsigned class, unsigned place);
/* Adds it to a request, in room the target with its parameter. False: there is no room for it. */
bool rig_fuzz_carry(const struct rig_fuzz_credentials *credentials, unsigned class, unsigned place,
                    struct rig_request *request, char *room, size_t size);
/* A number that no one knows before. */
uint64_t rig_fuzz_unknown(void);

#endif
