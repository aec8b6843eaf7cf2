/* URIs and references, RFC 3986: cut into their parts, and resolved against a base. Nothing is decoded or normalised but
 * dot segments. */
#ifndef STACKRIG_HTTP_URI_H
#define STACKRIG_HTTP_URI_H

#include <stackrig/base.h>

/* RFC 3986 section 3, pieces of the text that was split. data NULL: that part is not there; empty: it is, with nothing in
 * it. */
struct rig_uri {
    struct rig_slice scheme;    /* NULL: a relative reference */
    struct rig_slice authority; /* what stands after "//" */
    struct rig_slice userinfo, host,
        port;                         /* of the authority: before '@'; an IPv6 address in its brackets; after ':' */
    struct rig_slice path;            /* never NULL */
    struct rig_slice query, fragment; /* without '?' and '#' */
};

RIG_BEGIN_DECLS
/* 0; -EINVAL for what no URI may hold, with the reason in *reason (may be NULL): spaces, control characters, bytes beyond
 * ASCII, any of " < >, '%' without two hex digits, a host that is none, a port that is
 * no number (any number will do). [ ] \ ^ ` { | } pass though they want
 * to be encoded: they are sent as they are. */
int rig_uri_split(const char *text, size_t size, struct rig_uri *uri, const char **reason);
/* The URI that a reference means where base is in force, RFC 3986 section 5.2. base is absolute. out has room for
 * base_size + size + 2 bytes; the result's size without a zero byte, or -EINVAL with the reason in *reason. */
int64_t rig_uri_resolve(const char *base, size_t base_size, const char *text, size_t size, char *out,
                        const char **reason);
RIG_END_DECLS

#endif
