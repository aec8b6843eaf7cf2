/* What a worker tells its parent, over a pipe. The worker runs code under test, which may write anything into its
 * memory: the parent checks every length, count and string. */
#ifndef STACKRIG_CLI_PROTOCOL_H
#define STACKRIG_CLI_PROTOCOL_H

#include <stackrig/faults.h>
#include <stackrig/result.h>

#define RIG_FRAME_MAX ((size_t)8 << 20) /* bytes of one message */
#define RIG_FRAME_FINDINGS_MAX 4096
#define RIG_FRAME_STRING_MAX 4096 /* longer ones are cut */

enum rig_frame_kind {
    RIG_FRAME_TROUBLE = 1, /* text: why the stack cannot be used; ends the run */
    RIG_FRAME_RULES,       /* number: of rules that the stack brings; then their rows, sorted by id */
    RIG_FRAME_BUILD,       /* the object is loaded, a stack is about to be built */
    RIG_FRAME_READY,       /* number: layers of the stack */
    RIG_FRAME_START,       /* number: of the job that begins */
    RIG_FRAME_ALIVE,       /* the job goes on: it is one of many requests */
    RIG_FRAME_REPORT,      /* number: of the job that ended; then its report */
    RIG_FRAME_SHORT,       /* number: of the job that was sent again, an allocation failing, and came back */
    RIG_FRAME_FOUND,       /* number: of that job; then a report of what was found in all of these */
    RIG_FRAME_CLOSING,     /* all jobs of one profile are done, the stack is about to be freed */
    RIG_FRAME_DONE,        /* number: 1, the program ended by itself, and what is left is for another process; else 0 */
    RIG_FRAME_KINDS
};

/* Where an error began that no layer handled. layer NULL: there is none, or the stack never ran. */
struct rig_origin {
    const char *layer, *layer_site;
    const char *site; /* NULL: unknown */
    unsigned layer_number;
    int error; /* as it was there */
};

enum rig_no_leaks { RIG_LEAKS_TRIED, RIG_LEAKS_WITHOUT_LIBRARY, RIG_LEAKS_WITH_THREADS };

/* A finding of requests with faults. */
struct rig_again {
    uint32_t runs;     /* that had it; 0: there were no faults */
    const char *where; /* the fault of the first; NULL: none */
};

/* What came of the faults that a request was tried with, and how long it took. */
struct rig_trials {
    uint32_t verdicts[RIG_FAULT_SPOILED + 1];
    uint32_t error;                /* errno: why it could not be tried; ECANCELED: not all of it was; 0: it was */
    uint32_t varies;               /* its answers vary, or drift, without a fault: only what stays was compared */
    uint32_t lost;                 /* findings past the most that one request keeps */
    uint32_t spared;               /* allocations of libfcgi's own did not fail */
    uint32_t leaks;                /* were not looked for; enum rig_no_leaks */
    const struct rig_again *again; /* by finding; NULL: none came up again */
    uint64_t took;                 /* ns that really passed, with all faults */
};

/* A result, as far as the command prints it. Strings lie in the frame it was read from. */
struct rig_job_report {
    int status, error;
    bool unchecked;
    bool closed; /* the connection, without an answer */
    const char *refused;
    struct rig_origin origin;
    uint32_t *armed; /* by rule, as in cli/ui/known.h */
    struct rig_finding *findings;
    struct rig_again *again; /* by finding */
    size_t finding_count;
    size_t lost; /* findings that did not fit into the frame */
    struct rig_suppressed *suppressed;
    size_t suppressed_count;
    struct rig_trials trials; /* for a request without faults all zero but .took */
    const void *raw;          /* the frame's bytes, as it was read from */
    size_t raw_size;
};

struct rig_frame {
    enum rig_frame_kind kind;
    uint32_t number;
    const unsigned char *data; /* the rest of it */
    size_t size;
};

/* ---- writing ---- */

/* False: the pipe is gone. */
bool rig_frame_send(int fd, enum rig_frame_kind kind, uint32_t number, const char *text);
bool rig_frame_send_report(int fd, enum rig_frame_kind kind, uint32_t number, const struct rig_result *result,
                           const struct rig_trials *trials); /* trials NULL: none */

/* Rows as rig_own_rules_sort gives them. */
bool rig_frame_send_rules(int fd, const struct rig_rule *rules, size_t count);

/* ---- reading ---- */

struct rig_frames {
    unsigned char *data;
    size_t start, end, capacity;
    bool ended; /* the writing end was closed */
    bool bad;   /* it sent what cannot be a frame */
};

/* Reads without waiting. True: there was something. */
bool rig_frames_fill(struct rig_frames *frames, int fd);
/* The next whole frame; it lasts until the next rig_frames_fill. */
bool rig_frames_next(struct rig_frames *frames, struct rig_frame *frame);
void rig_frames_free(struct rig_frames *frames);
/* False: it makes no sense. Free the report in either case. */
bool rig_frame_report(const struct rig_frame *frame, struct rig_job_report *report);
void rig_job_report_free(struct rig_job_report *report);
/* Takes the rows of RIG_FRAME_RULES into those that are known. False: one of them is none, and nothing was taken. */
bool rig_frame_take_rules(const struct rig_frame *frame);
/* The text of RIG_FRAME_TROUBLE, NULL: it has none. */
const char *rig_frame_text(const struct rig_frame *frame);

#endif
