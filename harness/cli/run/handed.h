/* What a program that runs as a child is handed: all that a worker knows, in a file in memory that it inherits. */
#ifndef STACKRIG_CLI_HANDED_H
#define STACKRIG_CLI_HANDED_H

#include "harness/cli/run/worker.h"

#define RIG_HANDED "STACKRIG_PROGRAM"                 /* variable: the number of the descriptor */
#define RIG_HANDED_PRELOAD "STACKRIG_PROGRAM_PRELOAD" /* what LD_PRELOAD was */

/* The descriptor of such a file; -1: errno. */
int rig_handed_write(const struct rig_worker *worker);

struct rig_handed {
    struct rig_check_options options;
    struct rig_plan plan;
    struct rig_worker worker;
    struct rig_file *files;
    char *text; /* of the file: strings lie in it */
};

/* Closes it. False: it makes no sense, or was complained of. What is read lasts as long as the process. */
bool rig_handed_read(int fd, struct rig_handed *handed);

#endif
