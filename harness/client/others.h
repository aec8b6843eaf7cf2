/* The other threads of the process: who stands still gives nothing back. */
#ifndef STACKRIG_CLIENT_OTHERS_H
#define STACKRIG_CLIENT_OTHERS_H

#include <stdbool.h>
#include <stdint.h>

struct rig_others {
    unsigned count;
    uint64_t turns; /* that they have had on a processor */
};

/* Do all of them wait for something that has no end in time: a read, a lock, a signal? A sleep has one, and what cannot be
 * told has too. No others: true. */
bool rig_others_wait(struct rig_others *others);
/* And has none of them run since? */
bool rig_others_still_wait(const struct rig_others *since);

#endif
