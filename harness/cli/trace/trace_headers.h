/* Headers of the response that go out otherwise than they were set, or not at all. */
#ifndef STACKRIG_CLI_TRACE_HEADERS_H
#define STACKRIG_CLI_TRACE_HEADERS_H

#include "harness/core/run.h"

/* now NULL: it was removed. */
typedef void rig_header_fn(void *closure, const struct rig_header *before, const struct rig_header *now);

/* Of another response than the last: nothing is known before. */
void rig_trace_headers_forget(void);
/* Calls each for what was replaced or removed since the last look; 0 or -ENOMEM. */
int rig_trace_headers_look(const struct rig_response *response, rig_header_fn *each, void *closure);

#endif
