/* A program with its own main(), as it was built for the real server: what is preloaded before it, and how it is run. */
#ifndef STACKRIG_CLI_PROGRAM_H
#define STACKRIG_CLI_PROGRAM_H

#include "harness/cli/plan/plan.h"

#define RIG_PROGRAM_BEFORE 3
#define RIG_PROGRAM_SERVERS 4

/* A framework whose programs can be run: a row of the table. */
struct rig_program_kind {
    const char *name;
    const char *needs;                        /* how the name of the library begins that such programs need */
    const char *before[RIG_PROGRAM_BEFORE];   /* what stands before or in the place of it, below lib/; ends at NULL */
    const char *servers[RIG_PROGRAM_SERVERS]; /* the profiles when none is asked for; ends at NULL */
    const char *speaks;                       /* "HTTP" or "FastCGI" */
};

struct rig_program {
    const struct rig_program_kind *kind;
    char *path;    /* with a slash */
    char *preload; /* for LD_PRELOAD */
    bool has_asan; /* looks for its leaks when it ends */
};

/* Is options->stack a program? Then fills options->program, with the framework that options->framework says or that its
 * libraries tell; else leaves it NULL. False: complained. */
bool rig_program_find(struct rig_check_options *options);
/* Can it stand behind all these profiles? False: complained. program NULL: the stack is none. */
bool rig_program_suits(const struct rig_program *program, const struct rig_plan *plan);
void rig_program_free(const struct rig_program *program);
/* In the child: becomes the program. Returns only when that failed, with errno. */
void rig_program_become(const struct rig_check_options *options, const char *handed);

#endif
