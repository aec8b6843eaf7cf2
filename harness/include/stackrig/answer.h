/* What an answer says: accessors of a result. What they return lasts as long as the result. If there is no memory for
 * it, it is as if it were not there, and the next assertion of this client fails for that. */
#ifndef STACKRIG_ANSWER_H
#define STACKRIG_ANSWER_H

#include <stackrig/http/cookie.h>
#include <stackrig/http/status.h>
#include <stackrig/result.h>

/* ---- status ---- */

static inline bool rig_result_is_invalid(const struct rig_result *result) /* below 100 or above 599 */
{
    return rig_status_is_invalid(result->status);
}
static inline bool rig_result_is_informational(const struct rig_result *result)
{
    return rig_status_is_informational(result->status);
}
static inline bool rig_result_is_successful(const struct rig_result *result)
{
    return rig_status_is_successful(result->status);
}
static inline bool rig_result_is_redirection(const struct rig_result *result) /* any 3xx */
{
    return rig_status_is_redirection(result->status);
}
static inline bool rig_result_is_client_error(const struct rig_result *result)
{
    return rig_status_is_client_error(result->status);
}
static inline bool rig_result_is_server_error(const struct rig_result *result)
{
    return rig_status_is_server_error(result->status);
}
static inline bool rig_result_is_ok(const struct rig_result *result)
{
    return result->status == 200;
}
static inline bool rig_result_is_created(const struct rig_result *result)
{
    return result->status == 201;
}
static inline bool rig_result_is_accepted(const struct rig_result *result)
{
    return result->status == 202;
}
static inline bool rig_result_is_no_content(const struct rig_result *result)
{
    return result->status == 204;
}
static inline bool rig_result_is_moved_permanently(const struct rig_result *result)
{
    return result->status == 301;
}
static inline bool rig_result_is_bad_request(const struct rig_result *result)
{
    return result->status == 400;
}
static inline bool rig_result_is_unauthorized(const struct rig_result *result)
{
    return result->status == 401;
}
static inline bool rig_result_is_forbidden(const struct rig_result *result)
{
    return result->status == 403;
}
static inline bool rig_result_is_not_found(const struct rig_result *result)
{
    return result->status == 404;
}
static inline bool rig_result_is_method_not_allowed(const struct rig_result *result)
{
    return result->status == 405;
}
static inline bool rig_result_is_not_acceptable(const struct rig_result *result)
{
    return result->status == 406;
}
static inline bool rig_result_is_request_timeout(const struct rig_result *result)
{
    return result->status == 408;
}
static inline bool rig_result_is_precondition_failed(const struct rig_result *result)
{
    return result->status == 412;
}
static inline bool rig_result_is_unprocessable(const struct rig_result *result)
{
    return result->status == 422;
}
static inline bool rig_result_is_redirect(const struct rig_result *result) /* 301, 302, 303, 307, 308 */
{
    return rig_status_is_redirect(result->status);
}
static inline bool rig_result_is_empty(const struct rig_result *result) /* 201, 204 or 304, as Rack has it */
{
    return result->status == 201 || result->status == 204 || result->status == 304;
}

/* The answer as a server is handed it. */
struct rig_finished {
    int status;
    const struct rig_field *headers; /* the result's; with Content-Length as the body has it, if that was given and is
                                      * neither a stream nor chunked; without it and Content-Type for a status that has
                                      * no body */
    size_t header_count;
    const struct rig_bytes *chunks; /* the body's; none for a status that has no body */
    size_t chunk_count;
    bool stream; /* the body is a stream, which a server pulls: it is not known beforehand */
};

RIG_BEGIN_DECLS

/* ---- headers ---- */

/* The value of that name (any case) which stands behind n others; NULL: there are not so many. */
const char *rig_result_header_nth(const struct rig_result *result, const char *name, size_t n);
/* These are NULL if there is none; of several the first. */
const char *rig_result_content_type(const struct rig_result *result);
const char *rig_result_location(const struct rig_result *result);
const char *rig_result_etag(const struct rig_result *result);
const char *rig_result_cache_control(const struct rig_result *result);
/* The type of Content-Type in lower case without its parameters, "text/html"; NULL: none. */
const char *rig_result_media_type(const struct rig_result *result);
/* Its parameters in order, names in lower case, values without their quotes. */
const struct rig_field *rig_result_media_type_params(const struct rig_result *result, size_t *count);
const char *rig_result_media_type_param(const struct rig_result *result,
                                        const char *name);       /* NULL: none of that name */
const char *rig_result_charset(const struct rig_result *result); /* the parameter of that name */
/* Bytes. -ENOENT: no Content-Length; -EINVAL: it is no number, or there are several (RFC 9110 section 8.6); -ERANGE:
 * more than INT64_MAX. */
int64_t rig_result_content_length(const struct rig_result *result);
/* Is chunked, in any case, among the codings of Transfer-Encoding? */
bool rig_result_is_chunked(const struct rig_result *result);

/* ---- cookies ---- */

/* What the answer's Set-Cookie set, in order, same names too; what RFC 6265 ignores is not among them. */
const struct rig_set_cookie *rig_result_cookies(const struct rig_result *result, size_t *count);
/* The last of that name, which is case-sensitive; NULL: it is not set. */
const struct rig_set_cookie *rig_result_cookie(const struct rig_result *result, const char *name);
/* Its value as a C string, neither decoded nor unquoted; NULL: it is not set. */
const char *rig_result_cookie_value(const struct rig_result *result, const char *name);

/* ---- matching: POSIX extended regular expressions, in bytes of the current locale ---- */

/* Does it match anywhere in the body? A wrong expression is false, and fails the next rig_assert of this client. */
bool rig_result_matches(const struct rig_result *result, const char *expression);
/* In any value of that header? */
bool rig_result_header_matches(const struct rig_result *result, const char *name, const char *expression);
bool rig_result_contains(const struct rig_result *result, const char *text); /* is it in the body? */

/* ---- on its way out ---- */

const struct rig_finished *rig_result_finish(const struct rig_result *result); /* NULL: out of memory */

RIG_END_DECLS

#endif
