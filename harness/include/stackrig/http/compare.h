/* Comparing secrets. */
#ifndef STACKRIG_HTTP_COMPARE_H
#define STACKRIG_HTTP_COMPARE_H

#include <stackrig/base.h>

RIG_BEGIN_DECLS
/* Are they equal? Its time depends on the sizes alone, not on where the bytes part. Sizes are no secret: where they are,
 * compare digests. */
bool rig_secure_equal(const void *a, size_t a_size, const void *b, size_t b_size);
RIG_END_DECLS

#endif
