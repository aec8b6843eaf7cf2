/* For the programs that run a case in the rig. */
#ifndef PARITY_MEMORY_H
#define PARITY_MEMORY_H

#include "tests/conformance/microhttpd/parity.h"

#include <stackrig/stackrig.h>

/* The result lasts until the next. */
const struct rig_result *send_case(struct rig_client *client, const struct parity_case *parity);
void tell_result(const struct rig_result *result, bool head_request);

#endif
