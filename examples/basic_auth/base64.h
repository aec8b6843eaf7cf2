/* Base64 as RFC 4648, section 4, and nothing else. */
#ifndef BASIC_AUTH_BASE64_H
#define BASIC_AUTH_BASE64_H

#include <stddef.h>

/* Decodes size characters of text into at most max bytes of out; returns their number.
 * -EINVAL: a character outside the alphabet (white space too), padding missing, misplaced or doubled, or bits
 *          behind the last byte that are not zero, so that no two texts decode to the same bytes.
 * -EFBIG: more than max bytes; nothing was written. */
long base64_decode(const char *text, size_t size, char *out, size_t max);

#endif
