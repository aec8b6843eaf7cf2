/* A trace: what the processes said, in the forms in which it is shown. */
#ifndef STACKRIG_CLI_TRACE_H
#define STACKRIG_CLI_TRACE_H

#include <jansson.h>

#include "harness/cli/trace/alone.h"

#define RIG_TRACE_VERSION 1 /* of docs/trace.schema.json */

/* What one process said of the requests of a profile. */
struct rig_trace_run {
    const struct rig_plan *plan;
    const struct rig_alone_said *said;
    size_t job;     /* the first */
    size_t stack;   /* number of it, as rig_trace_json has it */
    bool two;       /* stacks are traced: each says which it is */
    const char *so; /* the stack */
};

/* To stdout. */
void rig_trace_text(const struct rig_trace_run *run);

/* docs/trace.schema.json. NULL: no memory, here and below. */
json_t *rig_trace_json(void);
size_t rig_trace_json_stack(json_t *trace, const char *so); /* its number; SIZE_MAX: no memory */
/* False: no memory. */
bool rig_trace_json_add(json_t *trace, const struct rig_trace_run *run);

/* The page opens with the last request so far. False: no memory. */
bool rig_trace_json_open(json_t *trace);

/* A page that shows it, with nothing outside of it. False: complained. */
bool rig_trace_html(const json_t *trace, const char *path);

#endif
