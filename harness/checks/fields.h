/* The response headers that checks look at, found in one walk. */
#ifndef STACKRIG_CHECKS_FIELDS_H
#define STACKRIG_CHECKS_FIELDS_H

#include "harness/checks/checks.h"
#include "harness/core/hash.h"
#include "harness/http/chars.h"

struct rig_check_fields {
    const struct rig_header *length, *second_length, *coding, *type, *status; /* NULL: absent */
};

static inline bool rig_check_is_named(const struct rig_header *header, const char *name, size_t size)
{
    return header->name_size == size && rig_name_equal(header->name, size, name, size);
}

/* A status that has no content: RFC 9110 sections 15.2, 15.3.5 and 15.4.5. */
static inline bool rig_check_is_bodiless(int status)
{
    return (status >= 100 && status < 200) || status == 204 || status == 304;
}

struct rig_check_fields rig_check_find_fields(const struct rig_response *response);
/* What these say by themselves, and the names of all. 0 or -ENOMEM. */
int rig_check_fields(struct rig_run *run, const struct rig_check_fields *found, int status);

#endif
