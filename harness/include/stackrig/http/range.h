/* Byte ranges: RFC 9110 section 14. */
#ifndef STACKRIG_HTTP_RANGE_H
#define STACKRIG_HTTP_RANGE_H

#include <stackrig/base.h>

#define RIG_RANGES_MAX 100 /* a sensible limit for max */

/* Both ends are part of it. */
struct rig_range {
    uint64_t first, last;
};

RIG_BEGIN_DECLS
/* The ranges of a Range header in their order, for a content of length bytes, cut to it; those behind its end are left out.
 * Returns how many were written to ranges, which has room for max.
 * 0: none can be satisfied, or they ask for more than all of it: answer 416.
 * -EINVAL: no Range of bytes, not readable, or an empty content: answer as if it were not there.
 * -E2BIG: more than max of them: the same. */
int64_t rig_byte_ranges(const char *text, size_t size, uint64_t length, struct rig_range *ranges, size_t max);
RIG_END_DECLS

#endif
