/* The same requests through the rig and through a real server. */
#ifndef STACKRIG_CLI_PARITY_H
#define STACKRIG_CLI_PARITY_H

#include "harness/cli/plan/plan.h"
#include "harness/report/secrets.h"
#include "harness/hosts/talk/talk.h"

#include <stackrig/client.h>
#include <stackrig/serve.h>

typedef struct rig_host *rig_serve_fn(struct rig_stack *stack, struct rig_serve_options options);

struct rig_parity {
    struct rig_check_options options;
    struct rig_plan plan;
    const char *host;    /* "microhttpd" */
    const char *address; /* where the host listens; NULL: a free port of 127.0.0.1 */
    const char *front;   /* where requests are sent, to a web server before the host; NULL: to the host */
    rig_serve_fn *serve;
    char *now;  /* shared with the parent: the place of the request that is under way */
    int notes;  /* a file that the parent reads in the end: see rig_parity_tell */
    bool quiet; /* no progress */
};

/* Runs the plan and prints what differs: RIG_STATUS_... */
int rig_parity_run(struct rig_parity *parity);

/* Prints a line, "PLACE: ...", and notes it for the reports: a finding of that rule in that request. */
void rig_parity_tell(const struct rig_parity *parity, const struct rig_case *one, const char *rule, const char *line);

/* What both made of one request. */
struct rig_parity_pair {
    const struct rig_parity *parity;
    const struct rig_case *one;
    const char *host;
    const struct rig_result *rig;
    const struct rig_talk_answer *real;
    bool is_head, ended; /* ended: the real server closed the connection behind its answer */
    const struct rig_secrets *secrets;
};

/* Prints a line for each difference; their number. */
size_t rig_parity_compare(const struct rig_parity_pair *pair);

/* ---- parity_report.c: in the parent ---- */

/* Of the process that ran it: its status, or what ended it. False: not all reports could be written. */
bool rig_parity_report(const struct rig_parity *parity, int status, const char *death);

#endif
