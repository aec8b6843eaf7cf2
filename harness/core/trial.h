/* A request that is sent on trial: something goes wrong in it on purpose. What its checks tell whoever sent it. */
#ifndef STACKRIG_CORE_TRIAL_H
#define STACKRIG_CORE_TRIAL_H

#include <stackrig/result.h>

#include <setjmp.h>

struct rig_run;

/* Kept by the runner while it lasts. */
struct rig_trial {
    jmp_buf *escape; /* out of a layer that reads for ever; NULL: there is no way out */
    /* told: who met the error first. layer NULL: nobody */
    const char *layer, *site;
    unsigned layer_number;
    int met;           /* -errno */
    bool early;        /* by a read, and before anybody had answered */
    bool lied;         /* a success rests on it: a finding, or an ignored one */
    unsigned in_a_row; /* reads and writes that failed, none that did not between them */
    bool endless;      /* escaped */
};

#endif
