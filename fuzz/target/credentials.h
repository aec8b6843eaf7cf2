/* The secrets of one run, and what requests carry of them. They are made anew for each run, so that they stand in no corpus,
 * dictionary or report. */
#ifndef STACKRIG_FUZZ_CREDENTIALS_H
#define STACKRIG_FUZZ_CREDENTIALS_H

#include <stackrig/fuzz.h>

#include "fuzz/scenario/scenario.h"

#define RIG_FUZZ_SECRET_SIZE 24 /* letters and digits */
#define RIG_FUZZ_PLACE_NAME_MAX RIG_CREDENTIAL_NAME_MAX
#define RIG_FUZZ_CARRIED_MAX (RIG_FUZZ_PLACE_NAME_MAX + 32)

struct rig_fuzz_credentials {
    struct rig_secret secrets[2]; /* for struct rig_setup: "valid", "other" */
    char values[2][RIG_FUZZ_SECRET_SIZE + 1];
    const char *names[RIG_FUZZ_PLACES];                                    /* of headers; of a cookie, of a parameter */
    struct rig_fuzz_names named;                                           /* where the last of these stand */
    struct rig_fuzz_names asked_for;                                       /* what they were named for */
    char carried[RIG_FUZZ_CLASSES][RIG_FUZZ_PLACES][RIG_FUZZ_CARRIED_MAX]; /* values of a header, or of the parameter */
};

/* The same seed makes the same secrets. what: names their places; NULL: as those are named that it does not. It points into
 * itself: not to be copied. */
void rig_fuzz_credentials_make(struct rig_fuzz_credentials *credentials, uint64_t seed, const struct rig_fuzz *what);
/* Names its places anew, for a scenario that says their names; "" there: as what says, or as usual. */
void rig_fuzz_credentials_name(struct rig_fuzz_credentials *credentials, const struct rig_fuzz *what,
                               const struct rig_fuzz_names *names);
/* What it names, as a text says it. */
void rig_fuzz_names_of(const struct rig_fuzz *what, struct rig_fuzz_names *of);
/* May a place have that name? */
bool rig_fuzz_is_place_name(const char *name);
/* The first name of a place in it that none may have; NULL: all may. */
const char *rig_fuzz_wrong_place(const struct rig_fuzz *what);
/* A header, or of RIG_FUZZ_PLACE_QUERY a parameter. Not for RIG_FUZZ_CLASS_NONE. */
static inline struct rig_field rig_fuzz_carried(const struct rig_fuzz_credentials *credentials, unsigned class,
                                                unsigned place)
{
    const char *name = place == RIG_FUZZ_PLACE_COOKIE ? "Cookie" : credentials->names[place];
    return (struct rig_field){name, credentials->carried[class][place]};
}
/* Adds it to a request, in room the target with its parameter. False: there is no room for it. */
bool rig_fuzz_carry(const struct rig_fuzz_credentials *credentials, unsigned class, unsigned place,
                    struct rig_request *request, char *room, size_t size);
/* Puts a wrong one where bytes have a secret of the run, as it is or in base64 with its user's name. */
void rig_fuzz_withhold(const struct rig_fuzz_credentials *credentials, void *bytes, size_t size);
/* Is a header of that name, in any case, one that credentials are sent in? */
bool rig_fuzz_is_credential_header(const struct rig_fuzz_credentials *credentials, const char *name);
/* A number that no one knows before. */
uint64_t rig_fuzz_unknown(void);

#endif
