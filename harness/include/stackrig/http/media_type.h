/* Media types: RFC 9110 section 8.3.1. */
#ifndef STACKRIG_HTTP_MEDIA_TYPE_H
#define STACKRIG_HTTP_MEDIA_TYPE_H

#include <stackrig/base.h>
#include <stackrig/http/pair.h>

RIG_BEGIN_DECLS
/* Of a Content-Type: the size of the type, "text/html", in lower case; 0: there is none. Writes it only if it fits
 * out_size; out NULL with 0 measures; no final zero byte. A comma ends it as a semicolon does. */
size_t rig_media_type(const char *text, size_t size, char *out, size_t out_size);
/* Visits its parameters in order, as they stand: names in any case, values with their quotes. Empty ones are skipped. */
int rig_media_type_each(const char *text, size_t size, rig_pair_fn *visit, void *closure);
/* The first parameter of that name, any case: the size of its value, unquoted; SIZE_MAX: there is none. Writes it only if
 * it fits out_size; out NULL with 0 measures. */
size_t rig_media_type_param(const char *text, size_t size, const char *name, char *out, size_t out_size);
/* The size of a quoted string's content (RFC 9110 section 5.6.4), never more than size; a text without a double quote at
 * both ends stays. out holds size bytes and may be text itself; NULL measures. */
size_t rig_unquote(const char *text, size_t size, char *out);

/* Does a type match a range of Accept: the same, a star for both its parts or the second, or the first part alone? Any
 * case. */
bool rig_media_type_matches(const char *type, size_t size, const char *range, size_t range_size);
/* The type of files with that extension, ".html" in any case; NULL: not known (application/octet-stream is a safe
 * guess). */
const char *rig_media_type_of(const char *extension);
RIG_END_DECLS

#endif
