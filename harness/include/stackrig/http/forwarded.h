/* The Forwarded header: RFC 7239. */
#ifndef STACKRIG_HTTP_FORWARDED_H
#define STACKRIG_HTTP_FORWARDED_H

#include <stackrig/base.h>
#include <stackrig/http/pair.h>

#define RIG_FORWARDED_MAX 1024 /* parameters, and backslashes in their values: more is no proxy's */

RIG_BEGIN_DECLS
/* Visits the parameters of all its elements in order: the name is "by", "for", "host" or "proto" (a C string), the value as it
 * stands: for rig_unquote (stackrig/http/media_type.h). -EINVAL: another name: trust none
 * of it. -E2BIG: more than RIG_FORWARDED_MAX. Else what visit returned. */
int rig_forwarded_each(const char *text, size_t size, rig_pair_fn *visit, void *closure);
RIG_END_DECLS

#endif
