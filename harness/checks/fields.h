/* The response headers that checks look at, found in one walk. */
#ifndef STACKRIG_CHECKS_FIELDS_H
#define STACKRIG_CHECKS_FIELDS_H

#include "harness/checks/checks.h"
#include "harness/core/hash.h"
#include "harness/http/chars.h"
#include "harness/http/rare.h"

struct rig_check_fields {
    const struct rig_header *length, *second_length, *coding, *status; /* NULL: absent */
    const struct rig_header *type; /* looked for only with a status that has no content: bodiless */
    bool bodiless;
};

static inline bool rig_check_is_named(const struct rig_header *header, const char *name, size_t size)
{
    return RIG_UNLIKELY(header->name_size == size) && rig_name_equal(header->name, size, name, size);
}

/* What these say by themselves, and the names of all. 0 or -ENOMEM. */
int rig_check_fields(struct rig_run *run, const struct rig_check_fields *found, int status);

#endif
