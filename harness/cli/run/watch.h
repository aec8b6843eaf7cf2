/* Where the worker is: in memory shared with its parent, who reads it when the worker died or hangs. */
#ifndef STACKRIG_CLI_WATCH_H
#define STACKRIG_CLI_WATCH_H

#include "harness/core/event.h"

#include <stackrig/preload.h>

#include "harness/cli/run/skips.h"
#include "harness/cli/run/stand.h"

#define RIG_WATCH_DEPTH 64 /* layers whose names are kept on the way down */
#define RIG_WATCH_TEXT 256

/* Written by a process that may be out of its mind: the parent bounds and escapes all of it. */
struct rig_watch {
    char layer[RIG_WATCH_TEXT];      /* "": in none */
    char layer_site[RIG_WATCH_TEXT]; /* where it was given to the stack */
    unsigned layer_number;           /* the k of #k */
    char last_site[RIG_WATCH_TEXT];  /* the last call of the rig that came from it */
    char rule[RIG_WATCH_TEXT];       /* of the user's own, whose check looks just now; "": none's does */
    struct rig_malloc_fault memory;  /* --each-malloc: the allocation that fails just now; .nth 0: none */
    struct rig_stand stand;
    char fault[RIG_WATCH_TEXT]; /* what goes wrong on purpose; "": nothing */
    uint32_t begun;             /* requests of the job, with faults */
    struct rig_skips skips;     /* told by the parent */
};

struct rig_watch *rig_watch_new(void);  /* NULL: errno */
int rig_watch_descriptor(void);         /* of its memory, for a program that runs as a child */
struct rig_watch *rig_watch_at(int fd); /* in such a child; closes it; NULL: errno */
void rig_watch_free(struct rig_watch *watch);
/* Of a copy in the parent: ends its strings. What happened in the check of a rule is no layer's. */
void rig_watch_settle(struct rig_watch *copy);
/* In the worker: all checks, and the one that keeps the watch. */
const struct rig_check_set *rig_watch_checks(struct rig_watch *watch);
/* The same for who tries many requests: a layer's calls are not kept, but for those that set what is called later. */
const struct rig_check_set *rig_watch_layers(struct rig_watch *watch);
/* In the worker, before each request. */
void rig_watch_clear(void);
/* In the worker: what goes wrong in it on purpose. */
void rig_watch_fault(const char *fault);
/* In the worker: is this to be left out? */
bool rig_watch_skips(const char *fault);
/* In the worker: another request of the job begins. True: it is one too many. */
bool rig_watch_begin(uint32_t number);

#endif
