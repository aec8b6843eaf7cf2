/* Base64, RFC 4648 section 4, and nothing else. */
#ifndef STACKRIG_HTTP_BASE64_H
#define STACKRIG_HTTP_BASE64_H

#include <stackrig/base.h>

RIG_BEGIN_DECLS
/* The size of the text, padding included. Writes it only if it fits out_size; out NULL with 0 measures; no final zero
 * byte. SIZE_MAX: no memory could hold it. */
size_t rig_base64_encode(const void *data, size_t size, char *out, size_t out_size);
/* Decodes into at most out_size bytes of out, which may be text itself; returns their number.
 * -EINVAL: a character outside the alphabet (white space too), padding missing, misplaced or doubled, or bits behind the
 * last byte that are not zero, so that no two texts decode to the same bytes.
 * -EFBIG: more than out_size bytes; nothing was written. */
int64_t rig_base64_decode(const char *text, size_t size, void *out, size_t out_size);
RIG_END_DECLS

#endif
