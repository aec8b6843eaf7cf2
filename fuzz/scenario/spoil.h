/* A request's header written another way. */
#ifndef STACKRIG_FUZZ_SPOIL_H
#define STACKRIG_FUZZ_SPOIL_H

#include "fuzz/scenario/scenario.h"

/* The field stays as it was if the scenario has no room for it. */
void rig_fuzz_spoil_name(struct rig_fuzz_scenario *scenario, struct rig_field *field, enum rig_fuzz_spoil spoil);
/* *value_size: of what it comes to. */
void rig_fuzz_spoil_value(struct rig_fuzz_scenario *scenario, struct rig_field *field, size_t *value_size,
                          enum rig_fuzz_spoil spoil);

#endif
