/* A cookie jar: keeps the cookies of a client as RFC 6265 section 5 says. It has no list of public suffixes (a server may
 * set a cookie for all of "org") and no rules for names (__Host-). Where it is judged by a clock, that is `now`, in seconds
 * since 1970. */
#ifndef STACKRIG_JAR_H
#define STACKRIG_JAR_H

#include <stackrig/base.h>
#include <stackrig/http/cookie.h>

struct rig_jar;

#define RIG_JAR_URL "http://example.org/" /* where a url is NULL */
#define RIG_JAR_FOREVER INT64_MAX         /* expires with the session */

struct rig_jar_options {
    size_t cookie_limit; /* cookies in all; 0: 3000. Past it go the expired, then the one that was sent longest ago */
    size_t domain_limit; /* of one domain, the same way; 0: 180 */
    size_t size_limit;   /* bytes of a cookie's name and value; 0: 4096. A larger one is refused */
    struct rig_allocator allocator; /* all zero: malloc */
};

/* As kept. It lasts until the jar changes. */
struct rig_jar_cookie {
    const char *name;
    const char *value;  /* as it was set, neither decoded nor unquoted; NULL: there was no "=" */
    const char *domain; /* in lower case, without a dot in front */
    const char *path;
    int64_t expires; /* seconds since 1970; expired when that is not after now */
    int64_t created; /* when a cookie of that name, domain and path was first set */
    bool host_only;  /* for that very host, not for those below it */
    bool secure, http_only;
    enum rig_same_site same_site; /* only shown: a jar knows no sites */
};

/* Return 0 to go on; anything else ends the walk and is returned by it. */
typedef int rig_jar_each_fn(void *closure, const struct rig_jar_cookie *cookie);

RIG_BEGIN_DECLS
struct rig_jar *rig_jar_new(struct rig_jar_options options); /* NULL: out of memory */
void rig_jar_free(struct rig_jar *jar);
struct rig_jar *rig_jar_copy(const struct rig_jar *jar); /* NULL: out of memory */
/* Puts what saved holds in the place of all that jar holds. -ENOMEM: jar is as it was. */
int rig_jar_restore(struct rig_jar *jar, const struct rig_jar *saved);

/* A Set-Cookie line as url's server answers it (RFC 6265 section 5.3). One of that name, domain and path is replaced. 0;
 * -EINVAL: refused, see rig_jar_refused; -ENOMEM. A line that is one word stands for a cookie without "=", and is sent
 * as it came, as browsers do. Refused are: no name before "=", control characters, a domain that url's host is not in,
 * secure over http, more than the size limit. */
int rig_jar_set_cookie(struct rig_jar *jar, const char *url, const char *line, size_t size, int64_t now);
/* A cookie of path "/" for url's host, with its value percent-encoded as a form's. */
int rig_jar_put_cookie(struct rig_jar *jar, const char *url, const char *name, const char *value, int64_t now);
/* Why the last cookie was refused; NULL: it was taken. */
const char *rig_jar_refused(const struct rig_jar *jar);

/* The Cookie header for a request of url (RFC 6265 section 5.4): longest path first, then the oldest; those of one second
 * by name. The text's size, 0: no cookies; -EINVAL: url is none with a host; -ENOMEM. Writes only if it fits out_size;
 * out NULL with 0 measures. */
int64_t rig_jar_header(struct rig_jar *jar, const char *url, int64_t now, char *out, size_t out_size);

/* Visits all, expired ones too, by name; of one name the longest path first, then by domain. -ENOMEM: visited none. The
 * callback must not change the jar: the cookies still to come would be freed ones. Nor may it send with the jar's
 * session, whose answer sets cookies. Note the names, and delete after the walk. */
int rig_jar_each(const struct rig_jar *jar, rig_jar_each_fn *each, void *closure);
/* The first of that name in the same order, expired or not; NULL: there is none. */
const struct rig_jar_cookie *rig_jar_find(const struct rig_jar *jar, const char *name);
size_t rig_jar_count(const struct rig_jar *jar);
size_t rig_jar_delete(struct rig_jar *jar, const char *name); /* all of that name: how many there were */
void rig_jar_clear(struct rig_jar *jar);
RIG_END_DECLS

#endif
