/* Which layers make a request fail: the fewest of a stack whose presence is enough.
 *
 * Layers are left out and the request is sent again until no smaller set of them fails (delta debugging, Zeller and
 * Hildebrandt 2002), then smaller sets are tried that this may pass over, then other orders. What the app, or such a set,
 * needs of another layer makes it fail alone, too, and says nothing of the whole stack: so the fewest layers are looked
 * for, as well, without which the rest passes. Each run has a stack of its own, so that none sees what another left. */
#ifndef STACKRIG_BISECT_H
#define STACKRIG_BISECT_H

#include <stackrig/client.h>

#define RIG_BISECT_LAYERS_MAX 256
#define RIG_BISECT_SETS_MAX 4

/* What a run showed. */
enum rig_bisect_answer {
    RIG_BISECT_PASSES,
    RIG_BISECT_FAILS, /* as the whole stack does */
    RIG_BISECT_OTHER  /* it fails in another way, or does not come to its end: says nothing of these layers */
};

enum rig_bisect_end {
    RIG_BISECT_FOUND,
    RIG_BISECT_NOTHING,  /* the whole stack passes */
    RIG_BISECT_APP,      /* it fails without any layer, and whichever few are left out */
    RIG_BISECT_NO_LAYERS /* there is none that could be left out, and it fails */
};

/* Layers that fail together, outermost first, and none of which can be left out; numbers as rig_stack_leave_out
 * counts. "The stack" is the whole one for the first set, for each further one what the sets before it leave. */
struct rig_culprits {
    unsigned layers[RIG_BISECT_LAYERS_MAX];
    size_t count;
    bool
        left_out; /* not that they fail alone: the stack passes without all of them, and with any of them it does not */
    bool in_order;       /* they pass in another order: */
    unsigned swapped[2]; /* when these two change places, */
    bool whole_swaps;    /* and so does the stack */
    bool enough;         /* the stack passes without one of them: */
    unsigned key;        /* this one; else the first of them */
};

struct rig_bisection {
    enum rig_bisect_end end;
    struct rig_culprits sets[RIG_BISECT_SETS_MAX]; /* the first; then, of what still fails without it, the next */
    size_t set_count;
    bool more;       /* it fails without all of these, too */
    bool app_fails;  /* it fails without any layer, too */
    bool incomplete; /* max_runs came first: sets may be larger than need be */
    unsigned runs;
};

struct rig_bisect_options {
    rig_build_fn *build;           /* builds the stack, once a run */
    const struct rig_setup *setup; /* for build; NULL: all zero */
    struct rig_client_options client;
    struct rig_request request;
    /* What failing is, the first of these that is given: */
    enum rig_bisect_answer (*judge)(void *closure, const struct rig_result *result);
    void *closure;
    const char
        *finding; /* a finding of this rule; one of another layer or place than the whole stack's: RIG_BISECT_OTHER */
    int status; /* not to have this status; a run with another wrong status than the whole stack's is RIG_BISECT_OTHER */
    unsigned max_runs; /* 0: 1000 */
};

RIG_BEGIN_DECLS
/* 0; -EINVAL: no build, no such rule, or nothing that says what failing is; -E2BIG: more than RIG_BISECT_LAYERS_MAX
 * layers; -ENOMEM; what build returned. */
int rig_bisect(const struct rig_bisect_options *options, struct rig_bisection *bisection);
RIG_END_DECLS

#endif
