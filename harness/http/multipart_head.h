/* What the header lines of a part say. */
#ifndef RIG_HTTP_MULTIPART_HEAD_H
#define RIG_HTTP_MULTIPART_HEAD_H

#include <stackrig/http/multipart.h>

#define RIG_MULTIPART_SCRATCH(size_) ((size_) + sizeof "text/plain[]")

/* Fills head; what is not as it stands in lines is written to scratch, of RIG_MULTIPART_SCRATCH(lines.size) bytes.
 * Adds to *escapes the backslashes of the disposition. */
void rig_multipart_read_head(struct rig_slice lines, char *scratch, struct rig_multipart_head *head, size_t *escapes);

#endif
