/* A request target as a person writes it: a URI reference (RFC 3986 section 4.1). More lenient than a server, which
 * wants what rig_target_split takes. Allocates nothing. */
#ifndef RIG_HTTP_REFERENCE_H
#define RIG_HTTP_REFERENCE_H

#include "harness/http/target.h"

/* 0, or -EINVAL with *error filled. *target points into text: ABSOLUTE where there is a scheme, else ORIGIN, its
 * authority set where the text begins with "//"; a path without its slash ("foo/bar"), or empty, is left so. An
 * authority without a host is empty, and so is one of "scheme:/path". *wire is how many bytes of text are what a client
 * sends, 0: none, it must be put together. */
int rig_reference_split(const char *text, size_t size, struct rig_target *target, size_t *wire,
                        struct rig_target_error *error);

#endif
