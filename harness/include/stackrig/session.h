/* A session: a client as a browser is one. It keeps cookies, credentials and default headers from request to request and
 * follows redirects. Many sessions may share a client, each with its own jar. A session does not own its client: it is
 * used while that lives, and freed before or after it.
 *
 * What a session sends is the client's request with what the session adds, and what comes back is the client's result:
 * it is asserted like any other. Wrong use is a finding of the result, or of the client's next one.
 *
 * Of several requests that one call sends (a 401 and the answer to its challenge; redirects) the last one's result comes
 * back. An error finding of those before it is told by rig_client_free, as of any result that no one asserted; to name
 * it, send them one by one: an Authorization of your own, .follow = 0 and rig_session_follow. */
#ifndef STACKRIG_SESSION_H
#define STACKRIG_SESSION_H

#include <stackrig/client.h>
#include <stackrig/jar.h>

struct rig_session;

struct rig_session_options {
    const char *origin; /* where a target without a host is: "https://app.test:8443"; NULL: "http://example.org" */
    struct rig_field headers[RIG_FIELDS_MAX + 1]; /* sent with every request that does not set them itself */
    struct rig_field env[RIG_FIELDS_MAX + 1];     /* set in every env, before the request's own */
    const char *script_name, *remote_addr;        /* of requests that name none; see struct rig_request */
    unsigned follow; /* redirects that every send follows, one after another; 0: none, see rig_session_follow */
    bool forms; /* a request without body and params, with another method than GET, is an empty form: Content-Length 0
                 * and a form's Content-Type, as in rack-test */
    uint64_t seed; /* of what digest credentials make up (cnonce): the same seed, the same requests */
    struct rig_jar_options jar;
    struct rig_allocator allocator; /* all zero: the client's. The jar's too, unless .jar has one */
};

/* One redirect, or several. */
struct rig_follow {
    struct rig_session *session;
    unsigned
        limit; /* go on until an answer is no redirect, but not past so many; 0: one. At the limit the result is one
                     * that was not sent (request.redirect.too_many); rig_session_last has the last redirect's own */
    struct rig_field headers[RIG_FIELDS_MAX + 1]; /* of these requests */
    const size_t *pieces;                         /* as those of a request */
    size_t piece_count;
    const char *ignore[RIG_IGNORE_MAX + 1], *enable[RIG_IGNORE_MAX + 1];
    int end_;
};

/* rig_session_send(session, RIG_POST("/login", .body = "user=ada")): never NULL.
 * Adds what the request does not say itself: the session's headers and env, Cookie, and Authorization for the
 * session's origin (see rig_session_basic). Keeps the cookies of an answer that arrived, but for those that a browser would not keep: no finding
 * says so, rig_jar_refused(rig_session_jar(session)) says why the last one was not. A 401 with a digest challenge is
 * answered once if the session has digest credentials, unless the body is a .source (see rig_session_unanswered). A
 * .malformed request is sent as it is. */
#define rig_session_send(session_, ...) rig_session_send_request_at(RIG_SITE, session_, __VA_ARGS__)
/* rig_session_post(session, "/login", .body = "user=ada"); other methods by rig_session_send */
#define RIG_SESSION_SEND_(method_, session_, ...) \
    rig_session_send_at(RIG_SITE, session_, RIG_REF_(rig_request, .method = method_, .target = __VA_ARGS__, .end_ = 0))
#define rig_session_get(session_, ...) RIG_SESSION_SEND_("GET", session_, __VA_ARGS__)
#define rig_session_head(session_, ...) RIG_SESSION_SEND_("HEAD", session_, __VA_ARGS__)
#define rig_session_post(session_, ...) RIG_SESSION_SEND_("POST", session_, __VA_ARGS__)
#define rig_session_put(session_, ...) RIG_SESSION_SEND_("PUT", session_, __VA_ARGS__)
#define rig_session_patch(session_, ...) RIG_SESSION_SEND_("PATCH", session_, __VA_ARGS__)
#define rig_session_delete(session_, ...) RIG_SESSION_SEND_("DELETE", session_, __VA_ARGS__)

/* rig_session_follow(session) or rig_session_follow(session, .limit = 5): sends what the last answer redirects to (RFC
 * 9110 section 15.4). Never NULL.
 * - 301, 302: POST becomes GET, without the body. 303: every method does but HEAD.
 * - Else, and with 307 and 308: the same method, with the body and its Content-* headers as they were; not a .source,
 *   which was read.
 * - Location is resolved against the URL of the request; a fragment is not sent, and inherited if it has none.
 * - Referer is that URL without user and fragment; none from https to http.
 * - The headers of the request itself are not repeated; those of the session are. Credentials go to the origin
 *   only: see rig_session_basic. */
#define rig_session_follow(...) rig_session_follow_at(RIG_SITE, RIG_REF_(rig_follow, .session = __VA_ARGS__, .end_ = 0))

/* A header of every request that does not set it; value NULL: no longer. 0, -EINVAL, -ENOMEM. */
#define rig_session_header(...) rig_session_header_at(RIG_SITE, __VA_ARGS__)
/* The same for a variable of the env. HTTPS "on" makes targets without a host https ones. */
#define rig_session_env(...) rig_session_env_at(RIG_SITE, __VA_ARGS__)
/* Credentials, in the place of others: Authorization of every request to the origin that does not set it. 0,
 * -EINVAL, -ENOMEM. To the origin goes what has its scheme, host and port (RFC 6454 section 4): not http for an https one,
 * nor https for an http one, where HTTPS "on" or .secure has not made it https; nor another port of the host. Digest ones (RFC 7616: MD5, SHA-256, their -sess, qop auth or none) are sent once a 401 asked for
 * them. */
#define rig_session_basic(...) rig_session_basic_at(RIG_SITE, __VA_ARGS__)   /* (session, user, password) */
#define rig_session_bearer(...) rig_session_bearer_at(RIG_SITE, __VA_ARGS__) /* (session, token) */
#define rig_session_digest(...) rig_session_digest_at(RIG_SITE, __VA_ARGS__) /* (session, user, password) */
/* A Set-Cookie line as if url had answered it, in the order of rig_jar_set_cookie; url NULL: the origin, else as a
 * target. 0; -EINVAL: refused, with a finding that says why; -ENOMEM. */
#define rig_session_set_cookie(...) rig_session_set_cookie_at(RIG_SITE, __VA_ARGS__) /* (session, url, line) */
/* A cookie of the origin with path "/", its value percent-encoded as a form's. */
#define rig_session_put_cookie(...) rig_session_put_cookie_at(RIG_SITE, __VA_ARGS__) /* (session, name, value) */

RIG_BEGIN_DECLS
/* NULL: out of memory, or no client. A bad option is told by the first send. */
struct rig_session *rig_session_new(struct rig_client *client, struct rig_session_options options);
void rig_session_free(struct rig_session *session); /* and those it named */
/* Another session with the same options, headers, env, credentials and cookies, which has sent nothing. NULL: out of
 * memory. */
struct rig_session *rig_session_copy(const struct rig_session *session);
/* The session of that name beside this one, always the same: made when first asked for, with the options of
 * rig_session_new, without cookies. The session that was made with rig_session_new owns it. NULL: out of memory. */
struct rig_session *rig_session_named(struct rig_session *session, const char *name);

const struct rig_result *rig_session_send_at(const char *site, struct rig_session *session,
                                             const struct rig_request *request);
const struct rig_result *rig_session_send_request_at(const char *site, struct rig_session *session,
                                                     struct rig_request request);
const struct rig_result *rig_session_follow_at(const char *site, const struct rig_follow *follow);
int rig_session_header_at(const char *site, struct rig_session *session, const char *name, const char *value);
int rig_session_env_at(const char *site, struct rig_session *session, const char *name, const char *value);
int rig_session_basic_at(const char *site, struct rig_session *session, const char *user, const char *password);
int rig_session_bearer_at(const char *site, struct rig_session *session, const char *token);
int rig_session_digest_at(const char *site, struct rig_session *session, const char *user, const char *password);
void rig_session_forget_credentials(struct rig_session *session);

/* ---- the last request that was sent; NULL or 0: there was none ---- */

const struct rig_result *rig_session_last(const struct rig_session *session); /* NULL too after rig_client_reset */
int rig_session_last_status(const struct rig_session *session); /* as the client saw it; 0 too where no answer came */
const char *rig_session_last_method(const struct rig_session *session);   /* lasts until the next send */
const char *rig_session_last_url(const struct rig_session *session);      /* without user and fragment */
const char *rig_session_last_fragment(const struct rig_session *session); /* of the target, or the redirect's */
/* Why a 401 was not answered with digest credentials ("its algorithm is none of MD5, SHA-256 and their -sess"); NULL: it
 * was, or the last answer was another. */
const char *rig_session_unanswered(const struct rig_session *session);
/* Where the last answer redirects to, as rig_session_follow would go; NULL: nowhere. */
const char *rig_session_location(const struct rig_session *session);

/* ---- cookies ---- */

struct rig_jar *rig_session_jar(struct rig_session *session); /* never NULL for a session; the session's own */
/* The value of the cookie of that name that has not expired, decoded as a form's; of several the longest path's. NULL:
 * none, no "=", or out of memory. Lasts until the next call. */
const char *rig_session_cookie(struct rig_session *session, const char *name);
size_t rig_session_delete_cookie(struct rig_session *session, const char *name); /* how many there were */
void rig_session_clear_cookies(struct rig_session *session);
int rig_session_set_cookie_at(const char *site, struct rig_session *session, const char *url, const char *line);
int rig_session_put_cookie_at(const char *site, struct rig_session *session, const char *name, const char *value);
RIG_END_DECLS

#endif
