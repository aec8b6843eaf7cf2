/* What a bisection is about, and what it says in the end. */
#ifndef STACKRIG_CLI_BISECT_REPORT_H
#define STACKRIG_CLI_BISECT_REPORT_H

#include <stackrig/bisect.h>

#include "harness/cli/trace/alone.h"
#include "harness/cli/run/expects.h"
#include "harness/cli/run/place.h"
#include "harness/cli/ui/progress.h"

#include <errno.h>

enum rig_bisect_want_kind {
    RIG_WANT_ANY,
    RIG_WANT_STATUS,
    RIG_WANT_ERROR,
    RIG_WANT_ENV,
    RIG_WANT_FINDING,
    RIG_WANT_LOSS
};

struct rig_bisect_want {
    enum rig_bisect_want_kind kind;
    char *name; /* of the env's entry, of the rule */
    int status;
    bool present;
};

struct rig_bisect_case {
    const struct rig_check_options *options;
    const struct rig_plan *plan;
    struct rig_bisect_want want;
    const struct rig_alone_said *whole; /* what the whole stack's run said */
    unsigned server;
    size_t target;     /* the job in question */
    int status, error; /* what came of it in the whole stack */
    char how[128];     /* how it was lost, and where */
    struct rig_place lost;
    struct rig_watch *watch; /* of the run at hand */
    unsigned layer_count, runs;
    size_t left;   /* layers under suspicion */
    int64_t begun; /* ns of the wall clock */
    struct rig_progress progress;
    const char *html; /* where the page goes; NULL: none */
};

/* Two sets of layers: one that fails, and what passes, without those culprits that the other one is without. */
struct rig_bisect_pair {
    unsigned all[RIG_BISECT_LAYERS_MAX], rest[RIG_BISECT_LAYERS_MAX];
    size_t count, rest_count;
};

/* One more run. False: complained. */
bool rig_bisect_try(struct rig_bisect_case *one, const unsigned *layers, size_t count, bool details,
                    struct rig_alone_said *said);
/* Prints what was found, and writes reports; the command's exit status. bisection NULL: the search was interrupted. */
int rig_bisect_print(struct rig_bisect_case *one, const struct rig_bisection *bisection);
int rig_bisect_print_early(const struct rig_bisect_case *one); /* interrupted before the whole stack had its run */
int rig_bisect_print_nothing(const struct rig_bisect_case *one);
/* Of the stack that the sets before this one leave, where that passes without the key culprit or without all of those
 * that were left out; else of the culprits alone. */
void rig_bisect_pair(const struct rig_bisect_case *one, const struct rig_bisection *bisection, size_t set,
                     struct rig_bisect_pair *pair);
const char *rig_bisect_layer(const struct rig_bisect_case *one, unsigned layer); /* its name */
/* The run that fails and the one that passes, side by side on the page of a trace. False: complained. */
bool rig_bisect_page(const struct rig_bisect_case *one, const struct rig_bisection *bisection);

#endif
