/* Percent-encoding, RFC 3986 section 2.1. */
#ifndef RIG_HTTP_PERCENT_H
#define RIG_HTTP_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

enum rig_percent_set {
    RIG_PERCENT_COMPONENT, /* keeps only unreserved characters: for a name or a value in a URI */
    RIG_PERCENT_PATH,      /* keeps what a path may hold, '/' too */
    RIG_PERCENT_FORM       /* application/x-www-form-urlencoded (WHATWG URL): keeps A-Z a-z 0-9 * - . _, space is '+' */
};

#define RIG_PERCENT_BAD ((size_t)-1)

/* The size of the encoded text, no zero byte after it. Writes only if it fits out_size; out NULL with 0 measures. */
size_t rig_percent_encode(enum rig_percent_set set, const char *text, size_t size, char *out, size_t out_size);
/* The size of the decoded text, never more than size; RIG_PERCENT_BAD for a '%' without two hex digits. out holds size
 * bytes and may be text itself. plus: '+' is a space, as in a form. */
size_t rig_percent_decode(const char *text, size_t size, bool plus, char *out);

#endif
