/* Long work: how far it is, and whether it was interrupted. */
#ifndef STACKRIG_CLI_PROGRESS_H
#define STACKRIG_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* On a terminal one line that is written over; elsewhere a line every ten seconds; on stderr. */
struct rig_progress {
    const char *what; /* "requests" */
    size_t total;     /* 0: unknown */
    bool quiet, terminal, shown;
    int64_t start, last; /* ms */
};

void rig_progress_start(struct rig_progress *progress, const char *what, size_t total, bool quiet);
/* Now and then: the more often the better. findings SIZE_MAX: it does not count any. note: what else there is to say; NULL: nothing. */
void rig_progress_tick(struct rig_progress *progress, size_t done, size_t findings, const char *note);
/* Takes the line off the terminal: before anything else is printed. */
void rig_progress_end(struct rig_progress *progress);

/* From now on the first Ctrl-C is only noted, the second ends the process. Where SIGINT was ignored it still is. */
void rig_interrupt_listen(void);
/* And SIGTERM, however often it comes: timeout(1) sends it twice. A child has it as it was by default. */
void rig_interrupt_listen_to_term(void);
bool rig_interrupted(void);

#endif
