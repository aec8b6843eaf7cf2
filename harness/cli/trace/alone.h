/* One run of some requests through some layers of the stack, in a process of its own. */
#ifndef STACKRIG_CLI_ALONE_H
#define STACKRIG_CLI_ALONE_H

#include "harness/cli/plan/plan.h"
#include "harness/report/secrets.h"
#include "harness/cli/run/watch.h"

#define RIG_ALONE_FIELDS 18

struct rig_alone_job {
    const struct rig_check_options *options;
    const struct rig_plan *plan;
    unsigned server;        /* of the plan's: the requests of this profile are sent */
    size_t last;            /* the last job that is sent; SIZE_MAX: all */
    const char *env_name;   /* to look for after each request; NULL: nothing */
    const unsigned *layers; /* NULL: all, in their own order */
    size_t layer_count;
    struct rig_watch *watch;     /* says where it is, should it be lost; NULL: it need not be known */
    bool findings;               /* with each request's findings, in a line each */
    bool details;                /* with the moments and the findings of the last request */
    bool trace;                  /* with all that happens in each request, and its findings */
    bool quiet;                  /* what the stack prints is dropped */
    void (*tick)(void *closure); /* now and then, while it runs; NULL: nobody waits */
    void *closure;
};

/* What it said: lines of fields with tabs between them, escaped.
 *   L NUMBER NAME SITE          a layer of the stack
 *   R JOB STATUS ERROR ENV RULES   a request's result; ENV 1: it was there; RULES: ",!env.identity.replaced,a.b.c,", those
 *                               of errors with a !
 *                               of a trace also OUTCOME CLIENT_STATUS BODY UNREAD OFFERED CONNECTION METHOD TARGET
 *                               REFUSED FOLLOWS: of the delivery, in words and bytes
 *   M, A                        see moments.h
 *   V                           see trace_events.h
 *   F NAME RULE LEVEL SITE SUBJECT EXCHANGE MESSAGE   a finding of that layer, then, but for .findings, lines f TEXT */
enum {
    RIG_R_JOB = 1,
    RIG_R_STATUS,
    RIG_R_ERROR,
    RIG_R_OUTCOME = 6,
    RIG_R_CLIENT_STATUS,
    RIG_R_BODY,
    RIG_R_UNREAD,
    RIG_R_OFFERED,
    RIG_R_CONNECTION,
    RIG_R_METHOD,
    RIG_R_TARGET,
    RIG_R_REFUSED,
    RIG_R_FOLLOWS,
    RIG_F_LAYER = 1,
    RIG_F_RULE,
    RIG_F_LEVEL,
    RIG_F_SITE,
    RIG_F_SUBJECT,
    RIG_F_EXCHANGE,
    RIG_F_MESSAGE
};
struct rig_alone_line {
    const char *field[RIG_ALONE_FIELDS]; /* "": there is none */
};

struct rig_alone_said {
    char *data;
    struct rig_alone_line *lines;
    size_t count;
    char how[128];      /* how it was lost: "SIGSEGV", "no end after 10 s"; "": it was not */
    bool interrupted;   /* by Ctrl-C: what it would have said is not known */
    char trouble[1024]; /* why the stack cannot be used; "": it can */
};

/* False: no process could be made; complained. Free what it said in either case. The watch is begun anew. */
bool rig_alone_run(const struct rig_alone_job *job, struct rig_alone_said *said);
void rig_alone_said_free(struct rig_alone_said *said);

/* What such runs are made of, beside the options. */
struct rig_alone_plan {
    struct rig_plan plan;
    struct rig_file *files;
};

/* Of check's profiles by default, and of several that are given, the first; the files and what is to be run. counts: with
 * libstackrig-malloc.so if it can be had, for which the command may start again with these arguments. False: complained.
 * Free it, and the options, in either case. */
bool rig_alone_prepare(struct rig_alone_plan *inputs, struct rig_check_options *options, bool counts, char **arguments);
void rig_alone_plan_free(struct rig_alone_plan *inputs, struct rig_check_options *options, char **arguments);

/* What the requests and the settings hold that must not be printed, wherever a layer has put it. */
void rig_alone_secrets(const struct rig_alone_job *job, struct rig_secrets *secrets);
/* In the process: runs it, writes to fd, ends. */
_Noreturn void rig_alone_child(const struct rig_alone_job *job, int fd);

#endif
