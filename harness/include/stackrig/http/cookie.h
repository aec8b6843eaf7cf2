/* Cookies, RFC 6265: both header fields, read and written. Reading copies nothing: slices lie in the text that was given,
 * values neither decoded nor unquoted. */
#ifndef STACKRIG_HTTP_COOKIE_H
#define STACKRIG_HTTP_COOKIE_H

#include <stackrig/base.h>
#include <stackrig/http/pair.h>

enum rig_same_site { RIG_SAME_SITE_UNSET, RIG_SAME_SITE_NONE, RIG_SAME_SITE_LAX, RIG_SAME_SITE_STRICT };

/* What a server answers, as read. Of an attribute given twice the last counts; one that RFC 6265 section 5.2 ignores is as if it were not
 * there. */
struct rig_set_cookie {
    struct rig_slice name, value;
    struct rig_slice key;    /* the name with the blanks around it */
    struct rig_slice domain; /* as written, also with a dot in front; empty (which is ignored) only if all are */
    struct rig_slice path;   /* as written; one that does not begin with '/' stands for the default path */
    int64_t expires;         /* seconds since 1970 */
    int64_t max_age;         /* seconds; 0 and less: expired. Ends at the ends of int64_t. Goes before expires. */
    bool has_expires, has_max_age;
    bool secure, http_only, partitioned;
    enum rig_same_site same_site; /* of RFC 6265bis; another value is UNSET */
};

/* To be written; all but the name may be zero. */
struct rig_set_cookie_text {
    const char *name;       /* a token */
    const char *value;      /* a C string; NULL: see bytes */
    struct rig_bytes bytes; /* any bytes */
    bool as_is;             /* the value is written as it is, not percent-encoded as a form's value */
    const char *domain, *path;
    bool has_expires, has_max_age; /* expires, max_age are written */
    int64_t expires;               /* seconds since 1970, of a year with four digits */
    int64_t max_age;               /* seconds */
    bool secure, http_only, partitioned;
    enum rig_same_site same_site;
};

RIG_BEGIN_DECLS
/* ---- Cookie: what a client sends ---- */

/* Visits the cookies of a Cookie header in their order, same names too, without blanks around names and values; empty
 * pieces are skipped. Returns what visit returned. */
int rig_cookie_each(const char *text, size_t size, rig_pair_fn *visit, void *closure);
/* Decodes a value as a form's: %XX and '+'. If a '%' stands without two hex digits, all stays as it is. The size, never
 * more than size. out holds size bytes and may be text itself. */
size_t rig_cookie_decode(const char *text, size_t size, char *out);
/* "a=1; b=2", raw. The size, -EINVAL: a name or value that would be read as another. Writes only if it fits out_size; out
 * NULL with 0 measures. */
int64_t rig_cookie_build(const struct rig_pair *cookies, size_t count, char *out, size_t out_size);

/* ---- Set-Cookie ---- */

/* RFC 6265 section 5.2. -EINVAL: no cookie, to be ignored: no "=", no name, or a control character (RFC 6265bis). */
int rig_set_cookie_parse(const char *text, size_t size, struct rig_set_cookie *cookie);
/* Why it cannot be written: a name that is no token; a value, domain or path with a control character or ';'; a date
 * outside of the years 0 to 9999. NULL: it can. */
const char *rig_set_cookie_refused(const struct rig_set_cookie_text *cookie);
/* "name=value; domain=d; path=/; max-age=5; expires=...; secure; httponly; samesite=lax; partitioned". The size, or
 * -EINVAL: refused. Writes only if it fits out_size; out NULL with 0 measures. */
int64_t rig_set_cookie_build(const struct rig_set_cookie_text *cookie, char *out, size_t out_size);
/* The same for a cookie that is to go: without a value, with max-age 0 and expires 1970. */
int64_t rig_set_cookie_delete(const struct rig_set_cookie_text *cookie, char *out, size_t out_size);
/* "none", "lax" and "strict" in any case; false: another word. */
bool rig_same_site_parse(const char *text, size_t size, enum rig_same_site *same_site);
RIG_END_DECLS

#endif
