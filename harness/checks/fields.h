/* The response headers that checks look at, found in one walk. */
#ifndef STACKRIG_CHECKS_FIELDS_H
#define STACKRIG_CHECKS_FIELDS_H

#include "harness/checks/checks.h"
#include "harness/core/hash.h"
#include "harness/http/chars.h"

struct rig_check_fields {
    const struct rig_header *length, *second_length, *coding, *status; /* NULL: absent */
    const struct rig_header *type; /* looked for only with a status that has no content: bodiless */
    bool bodiless;
};

struct rig_check_fields rig_check_find_fields(const struct rig_response *response, int status);
/* What these say by themselves, and the names of all. 0 or -ENOMEM. */
int rig_check_fields(struct rig_run *run, const struct rig_check_fields *found, int status);

#endif
