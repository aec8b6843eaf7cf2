/* The request target, RFC 9112 section 3.2, cut into pieces of the caller's text. Allocates nothing. */
#ifndef RIG_HTTP_TARGET_H
#define RIG_HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/http/chars.h"

enum rig_target_kind {
    RIG_TARGET_ORIGIN,    /* /path?query */
    RIG_TARGET_ABSOLUTE,  /* http://host:port/path?query */
    RIG_TARGET_AUTHORITY, /* host:port, for CONNECT */
    RIG_TARGET_ASTERISK   /* *, for OPTIONS */
};

struct rig_target {
    enum rig_target_kind kind;
    uint16_t port;              /* 0: not given, the scheme's default; or none that can be */
    struct rig_slice digits;    /* the port's, without leading zeros; data NULL: not given */
    struct rig_slice scheme;    /* as written; data NULL: not absolute */
    struct rig_slice authority; /* host and port as written: the value of Host */
    struct rig_slice host;      /* as written, an IPv6 address in its brackets */
    struct rig_slice path;      /* still encoded; "/" (not of the input) where an absolute URI has none; "*" as such */
    struct rig_slice query;     /* without the '?'; data NULL: there is none */
};

/* What is wrong and at which byte. */
struct rig_target_error {
    const char *reason;
    size_t at;
};

/* 0, or -EINVAL with *error filled. Userinfo, a fragment, spaces, CTLs, non-ASCII bytes, any of " < > and '%' without
 * two hex digits are refused. [ ] \ ^ ` { | } pass though RFC 3986 wants them encoded: browsers send them as they
 * are. */
int rig_target_split(const char *text, size_t size, struct rig_target *target, struct rig_target_error *error);
/* The same as a server reads it: in the query '%' may stand without two hex digits. Apache httpd, nginx and HAProxy pass
 * that on as it came (tests/conformance/gateways: query-percent-end, query-encoded-nul). */
int rig_target_received(const char *text, size_t size, struct rig_target *target, struct rig_target_error *error);
/* Does the kind go with the method (RFC 9112 section 3.2)? NULL if so, else why not. */
const char *rig_target_mismatch(enum rig_target_kind kind, const char *method, size_t method_size);
/* A host of RFC 3986 section 3.2.2: a name (which may be empty), an IPv4 address, or an IP literal in brackets. */
bool rig_is_host(const char *text, size_t size);
/* host [ ":" *DIGIT ], as RFC 3986 has it: the port may be of any size, or empty. */
bool rig_is_host_port(const char *text, size_t size);
/* absolute-URI of RFC 3986 section 4.3, of any scheme, without a fragment. */
bool rig_is_absolute_uri(const char *text, size_t size);
/* For what reads other targets: */
/* Member by member: gcc would clear the whole with `rep stos`, which takes 30 cycles to get going. */
static inline void rig_target_clear(struct rig_target *target)
{
    const struct rig_slice none = {NULL, 0};
    target->kind = RIG_TARGET_ORIGIN;
    target->port = 0;
    target->digits = none;
    target->scheme = none;
    target->authority = none;
    target->host = none;
    target->path = none;
    target->query = none;
}
/* '%' and two hex digits? */
static inline bool rig_target_percent(const char *text, size_t size, size_t at)
{
    return text[at] == '%' && size - at > 2 && rig_char_is(text[at + 1], RIG_CHAR_HEX) &&
           rig_char_is(text[at + 2], RIG_CHAR_HEX);
}
/* The end of what could be a scheme (RFC 3986 section 3.1), be there a ':' or not; 0: nothing. */
size_t rig_target_scheme(const char *text, size_t size);
/* The port from its digits; none are no port. */
void rig_target_set_port(struct rig_target *target, const char *digits, size_t size);
/* An IPv6 address (RFC 3986 section 3.2.2) without the brackets? */
bool rig_target_is_ipv6(const char *text, size_t size);
/* Why that byte stands in no path, query or fragment. */
const char *rig_target_bad_byte(char c);

/* Is it what Host may hold: a host with or without a port, or nothing? NULL if so, else why not. */
const char *rig_host_refused(const char *text, size_t size);

#define RIG_URL_SHOWN 81
/* The begin of a URL or host for a message, with stars for what stands before '@': it may be a password, which no report
 * would know for one where the '@' was cut off. */
const char *rig_url_shown(const char *text, size_t size, char shown[RIG_URL_SHOWN]);

#endif
