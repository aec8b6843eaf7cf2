/* Content negotiation: RFC 9110 section 12. */
#ifndef STACKRIG_HTTP_NEGOTIATE_H
#define STACKRIG_HTTP_NEGOTIATE_H

#include <stackrig/base.h>

#define RIG_ENCODINGS_MAX 16 /* what stands behind so many elements of an Accept-Encoding is not looked at */

/* value: a piece of the text, without parameters. quality: 0 to 1. Return 0 to go on. */
typedef int rig_quality_fn(void *closure, struct rig_slice value, double quality);

RIG_BEGIN_DECLS
/* Visits the elements of an Accept, Accept-Encoding, ... in their order. Without a q that can be read the quality is 1, as it
 * is for more than 1; empty elements are skipped. Returns what visit returned. */
int rig_quality_each(const char *text, size_t size, rig_quality_fn *visit, void *closure);
/* Which of the types ("text/html") Accept likes best: each counts as the most specific range that it matches; of equal
 * ones the one is taken whose range stands last, and of one range the first. -1: none, or an empty Accept. */
int rig_best_media_type(const char *accept, size_t size, const char *const *types, size_t count);
/* Which of the codings ("gzip", "identity") Accept-Encoding likes best; of equal ones the first, those that it names before
 * those it means by "*". identity goes if nothing better does, unless it is refused. -1: none. */
int rig_best_encoding(const char *accept_encoding, size_t size, const char *const *encodings, size_t count);
RIG_END_DECLS

#endif
