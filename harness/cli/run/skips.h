/* Faults that ended or hung a worker: another one tries their request again, without them. */
#ifndef STACKRIG_CLI_SKIPS_H
#define STACKRIG_CLI_SKIPS_H

#include <stdbool.h>
#include <stdint.h>

#define RIG_SKIPS_MAX 32  /* for one request; and */
#define RIG_SKIPS_HANGS 4 /* hangs among them: each takes as long as --timeout says */
#define RIG_SKIPS_TEXT 64 /* as in struct rig_attempt */

struct rig_skips {
    char where[RIG_SKIPS_MAX][RIG_SKIPS_TEXT];
    uint32_t count, hangs;
    uint32_t stop; /* the request, counted from 1, before which to end: what was found so far is to be kept; 0: none */
};

bool rig_skips_has(const struct rig_skips *skips, const char *where);
/* A worker was lost with this fault, in the begun-th request. False: there is no point in another try. */
bool rig_skips_add(struct rig_skips *skips, const char *where, uint32_t begun, bool hang);

#endif
