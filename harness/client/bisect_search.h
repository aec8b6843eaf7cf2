/* The search itself, whatever a run is. */
#ifndef STACKRIG_CLIENT_BISECT_SEARCH_H
#define STACKRIG_CLIENT_BISECT_SEARCH_H

#include <stackrig/bisect.h>

#define RIG_BISECT_RUNS_MAX 1000

struct rig_bisect_search {
    unsigned layer_count; /* at most RIG_BISECT_LAYERS_MAX */
    unsigned max_runs;    /* 0: RIG_BISECT_RUNS_MAX */
    /* Runs these layers in this order: enum rig_bisect_answer, or -errno, which ends the search. */
    int (*run)(void *closure, const unsigned *layers, size_t count);
    void (*progress)(void *closure, unsigned runs, size_t left); /* NULL: none; left: layers under suspicion */
    void *closure;
};

/* 0, or what run returned, or -ENOMEM. */
int rig_bisect_search(const struct rig_bisect_search *search, struct rig_bisection *bisection);

#endif
