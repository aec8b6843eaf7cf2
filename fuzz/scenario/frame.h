/* How a body's end is told. */
#ifndef STACKRIG_FUZZ_FRAME_H
#define STACKRIG_FUZZ_FRAME_H

#include "fuzz/scenario/scenario.h"

/* Writes the headers, and the chunks where the rig would not cut them so. For RIG_FUZZ_FRAME_LENGTH: nothing. */
void rig_fuzz_frame(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request, enum rig_fuzz_frame frame);

#endif
