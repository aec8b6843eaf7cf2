/* multipart/form-data (RFC 7578): building bodies, as browsers do (WHATWG HTML, "multipart form data"). */
#ifndef STACKRIG_HTTP_MULTIPART_H
#define STACKRIG_HTTP_MULTIPART_H

#include <stddef.h>

#include <stackrig/request.h>

#define RIG_BOUNDARY_SIZE 41 /* with its final zero byte */

RIG_BEGIN_DECLS
/* Why the parts cannot be built: a part without a name, a body twice, a content type that is no field value; NULL: they
 * can. *index (may be NULL): of that part. */
const char *rig_multipart_refused(const struct rig_part *parts, size_t count, size_t *index);
/* The same parts give the same boundary. It occurs in none of them. */
void rig_multipart_boundary(const struct rig_part *parts, size_t count, char boundary[RIG_BOUNDARY_SIZE]);
/* The size of the body; SIZE_MAX: no memory could hold it. Writes only if it fits out_size; out NULL with 0 measures.
 * In names and filenames " CR LF become %22 %0D %0A. For parts that rig_multipart_refused lets pass. */
size_t rig_multipart_build(const struct rig_part *parts, size_t count, const char *boundary, char *out,
                           size_t out_size);
RIG_END_DECLS

#endif
