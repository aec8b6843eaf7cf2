/* Percent-encoding, RFC 3986 section 2.1. Texts have no zero byte after them. */
#ifndef STACKRIG_HTTP_PERCENT_H
#define STACKRIG_HTTP_PERCENT_H

#include <stackrig/base.h>

RIG_BEGIN_DECLS
/* The size of the encoded text. Writes it only if it fits out_size; out NULL with 0 measures. SIZE_MAX: no
 * memory could hold it.
 * encode: as a form's name or value, application/x-www-form-urlencoded (WHATWG URL): A-Z a-z 0-9 * - . _ stay, a space is
 * '+'. encode_path: what may stand in a path (RFC 3986 section 3.3) stays, also / ? [ ]; '%' does not. */
size_t rig_percent_encode(const char *text, size_t size, char *out, size_t out_size);
size_t rig_percent_encode_path(const char *text, size_t size, char *out, size_t out_size);
/* Has every '%' two hex digits behind it? */
bool rig_percent_is_valid(const char *text, size_t size);
/* The size of the decoded text, never more than size; a '%' without two hex digits stays. out holds size bytes and may
 * be text itself. plus: '+' is a space, as in a form; in a path it is not. */
size_t rig_percent_decode(const char *text, size_t size, bool plus, char *out);
RIG_END_DECLS

#endif
