/* What the core has for foreign layers, beside the seam itself (stackrig/foreign.h). */
#ifndef STACKRIG_CORE_FOREIGN_H
#define STACKRIG_CORE_FOREIGN_H

#include "harness/core/run.h"

/* A header field whose name had come before: its variable holds both. */
struct rig_repeat {
    const char *variable, *name;   /* name: as the client spelt it */
    struct rig_slice value, first; /* first: of the variable when the first repeat came, else .data NULL */
    const char *joined;            /* what the variable was made */
    uint32_t after;                /* entries that the env had then */
    struct rig_repeat *next;
};

/* Of a foreign layer; NULL: out of memory. */
struct rig_next *rig_hop_begin(struct rig_run *run, const struct rig_hop_of *what, struct rig_env *env,
                               struct rig_response *response, const char *entered_at);
int rig_hop_end(struct rig_run *run, struct rig_next *visit, int returned);

/* Into a foreign server's buffer: nobody has read it yet. Then what of it was read: 0, or -EINVAL for more than that. */
int64_t rig_input_ahead(struct rig_run *run, struct rig_input *input, void *buffer, size_t size);
int rig_input_took(struct rig_run *run, const char *site, struct rig_input *input, uint64_t size);

#endif
