/* Request bodies. */
#ifndef STACKRIG_INPUTS_H
#define STACKRIG_INPUTS_H

#include <stackrig/stack.h>

struct rig_rewindable_options {
    uint64_t max; /* bytes that are buffered; 0: RIG_REWINDABLE_MAX */
};

RIG_BEGIN_DECLS
/* A layer that lets those below rewind the body, whatever the server's can: rig_env_rewindable as a layer. Nothing is
 * buffered before somebody reads. rig_use(stack, &rig_rewindable_layer) */
extern const struct rig_middleware rig_rewindable_layer;
RIG_END_DECLS

#endif
