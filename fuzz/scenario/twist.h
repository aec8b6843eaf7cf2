/* A request's target written another way. */
#ifndef STACKRIG_FUZZ_TWIST_H
#define STACKRIG_FUZZ_TWIST_H

#include "fuzz/scenario/scenario.h"

/* The target stays as it was if the scenario has no room for it. */
void rig_fuzz_twist_target(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request,
                           enum rig_fuzz_twist twist);

#endif
