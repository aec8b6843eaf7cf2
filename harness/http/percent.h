/* Percent-encoding, RFC 3986 section 2.1. */
#ifndef RIG_HTTP_PERCENT_H
#define RIG_HTTP_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/* As a form's name or value: application/x-www-form-urlencoded (WHATWG URL) keeps A-Z a-z 0-9 * - . _, space is '+'.
 * The size of the encoded text, no zero byte after it. Writes only if it fits out_size; out NULL with 0 measures. */
size_t rig_percent_encode(const char *text, size_t size, char *out, size_t out_size);
/* The size of the decoded text, never more than size; a '%' without two hex digits stays. out holds size bytes and may
 * be text itself. plus: '+' is a space, as in a form. */
size_t rig_percent_decode(const char *text, size_t size, bool plus, char *out);

#endif
