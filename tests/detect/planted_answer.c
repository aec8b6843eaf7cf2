/* What goes out: header injection, framing, answers that depend on what they must not. */
#include "tests/detect/detect.h"

#include <stackrig/http/percent.h>

#include <errno.h>

/* civetweb d98f9a2: CR LF of an encoded URI comes into the Location of a redirect. */
static int redirects_decoded(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char where[256];
    if (!detect_param(env, "next", where, sizeof where - 1)) {
        return detect_say(env, res, 200, "");
    }
    int error = rig_response_set_header(res, "Location", where);
    return error ? error : detect_say(env, res, 302, "");
}

/* civetweb 81a72a9: and so into that of a directory, which is given the slash at its end. */
static int adds_slash_decoded(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char where[256];
    const char *path = rig_env_get(env, "PATH_INFO");
    size_t size = strlen(path);
    if (size < 2 || size + 2 > sizeof where || path[size - 1] == '/') {
        return detect_say(env, res, 200, "");
    }
    size = rig_percent_decode(path, size, false, where);
    memcpy(where + size, "/", 2);
    int error = rig_response_set_header(res, "Location", where);
    return error ? error : detect_say(env, res, 301, "");
}

/* lpereira/lwan 20a1654: handlers may set headers with CR LF, and what takes the lines apart finds one more. */
static int set_lines(struct rig_response *res, const char *name, char *value)
{
    char *line = strpbrk(value, "\r\n"), *colon = line ? strchr(line, ':') : NULL;
    if (line) {
        *line = '\0';
    }
    if (colon) {
        *colon = '\0';
        line += 1 + strspn(line + 1, "\r\n");
        int error = line < colon ? rig_response_set_header(res, line, colon + 1 + strspn(colon + 1, " ")) : 0;
        if (error != 0) {
            return error;
        }
    }
    return rig_response_set_header(res, name, value);
}

static int lines_in_value(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char next[256];
    int error = detect_param(env, "next", next, sizeof next - 1) ? set_lines(res, "X-Next", next) : 0;
    return error ? error : detect_say(env, res, 200, "");
}

/* CWE-113: a language that is asked for is kept in a cookie as it was decoded; the parameter is this stack's own. */
static int keeps_language(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char line[256] = "lang=";
    const char *lang = detect_param(env, "lang", line + 5, sizeof line - 6);
    int error = lang ? rig_response_set_header(res, "Set-Cookie", line) : 0;
    return error ? error : detect_say(env, res, 200, "");
}

/* CVE-2023-38709 of Apache httpd: a content generator splits the response: the name of a header is the client's. */
static int names_from_query(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char name[128] = "X-";
    const char *query = rig_env_get(env, "QUERY_STRING");
    size_t size = strcspn(query, "=&");
    if (size > 0 && size < sizeof name - 2 && query[size] == '=') {
        name[2 + rig_percent_decode(query, size, false, name + 2)] = '\0';
        int error = rig_response_set_header(res, name, "1");
        if (error != 0) {
            return error;
        }
    }
    return detect_say(env, res, 200, "");
}

/* civetweb 588860e: chunked together with a Content-Length. */
static int compresses(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    const char *accept = rig_env_get(env, "HTTP_ACCEPT_ENCODING");
    if (error == 0 && accept && strstr(accept, "gzip") && !detect_is_head(env)) {
        error = rig_response_set_header(res, "Transfer-Encoding", "chunked");
    }
    return error;
}

static int says_length(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = detect_say(env, res, 200, "a page");
    return error || rig_response_status(res) != 200 || detect_is_head(env)
               ? error
               : rig_response_set_header(res, "Content-Length", "6");
}

static const struct rig_middleware compresses_layer = {.name = "compresses", .call = compresses};

/* lighttpd #3309: a Content-Length that is wrong is passed on: a layer adds to the page below it. */
static int adds_footer(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    const char *accept = rig_env_get(env, "HTTP_ACCEPT");
    if (error == 0 && accept && strstr(accept, "text/html") && rig_response_status(res) == 200 &&
        !detect_is_head(env)) {
        error = rig_response_write(res, "footer", 6);
    }
    return error;
}

static const struct rig_middleware adds_footer_layer = {.name = "adds_footer", .call = adds_footer};

/* Body bytes on 204: a preflight is answered with a page. */
static int preflight(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (!rig_env_get(env, "HTTP_ACCESS_CONTROL_REQUEST_METHOD")) {
        return rig_next(next, env, res);
    }
    int taken = detect_take(env);
    return taken < 0 ? taken : rig_respond(res, .status = taken ? 400 : 204, .body = taken ? "" : "ok");
}

static const struct rig_middleware preflight_layer = {.name = "preflight", .call = preflight};

/* CVE-2024-33452 the other way round: a HEAD is answered with the page of an error. */
static int page_of_error(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    int taken = detect_take(env);
    bool missing = strchr(path, '.') != NULL;
    const char *page = missing ? "not found" : detect_is_head(env) ? "" : "page";
    return taken < 0 ? taken : rig_respond(res, .status = taken ? 400 : missing ? 404 : 200, .body = taken ? "" : page);
}

/* cesanta/mongoose #2763: Content-Length twice: a layer adds what is there. */
static int adds_length(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    bool wanted = rig_env_get(env, "HTTP_RANGE") != NULL && rig_response_status(res) == 200 && !detect_is_head(env);
    return error || !wanted ? error : rig_response_add_header(res, "Content-Length", "6");
}

static const struct rig_middleware adds_length_layer = {.name = "adds_length", .call = adds_length};

/* lpereira/lwan 36e99c3: a method is known to one of two places: the router knows no HEAD. */
static int routes_get(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return detect_say(env, res, detect_is(env, "REQUEST_METHOD", "GET") ? 200 : 404, "page");
}

/* OpenIDC/mod_auth_openidc CVE-2024-24814: a crafted header becomes an error that nobody handles. */
static int counts_ranges(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *range = rig_env_get(env, "HTTP_RANGE");
    int taken = detect_take(env);
    if (taken != 0) {
        return taken < 0 ? taken : rig_respond(res, .status = 400);
    }
    return range && strchr(range, ',') ? -EINVAL : detect_say(env, res, 200, "page");
}

/* cesanta/mongoose #2460: a body that comes in pieces: the first read is taken for all of it. */
static int first_read(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char form[256];
    int64_t size = rig_input_read(rig_env_input(env), form, sizeof form);
    bool known = size > 3 && memcmp(form, "a=1", 3) == 0;
    int taken = size < 0 ? (int)size : detect_take(env);
    return taken < 0 ? taken : rig_respond(res, .status = known || size == 0 ? 200 : 422);
}

/* libevent #1860: of two headers one is ignored, by the order in which they came. */
struct seen {
    const char *first;
};

static int see(void *closure, const char *name, const char *value, size_t size)
{
    struct seen *seen = closure;
    (void)value, (void)size;
    bool looked_for = strcmp(name, "HTTP_X_FORWARDED_HOST") == 0 || strcmp(name, "HTTP_X_FORWARDED_PROTO") == 0;
    seen->first = !seen->first && looked_for ? name : seen->first;
    return 0;
}

static int first_wins(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct seen seen = {NULL};
    (void)rig_env_each(env, see, &seen);
    return detect_say(env, res, 200, seen.first ? seen.first : "none");
}

static const struct detect_row rows[] = {
    DETECT_ROW("redirects_decoded", "civetweb d98f9a2", "response.header_value.chars", redirects_decoded,
               .layers = {NULL}),
    DETECT_ROW("adds_slash_decoded", "civetweb 81a72a9", "fuzz.header.injected", adds_slash_decoded, .layers = {NULL}),
    DETECT_ROW("lines_in_value", "lwan 20a1654", "fuzz.header.injected", lines_in_value, .layers = {NULL}),
    DETECT_ROW("keeps_language", "CWE-113", "response.header_value.chars", keeps_language, .layers = {NULL},
               .target = "/?lang=de"),
    DETECT_ROW("names_from_query", "CVE-2023-38709", "response.header_name.token", names_from_query, .layers = {NULL}),
    DETECT_ROW("compresses", "civetweb 588860e", "response.framing.both", says_length, .layers = {&compresses_layer}),
    DETECT_ROW("adds_footer", "lighttpd #3309", "response.content_length.mismatch", says_length,
               .layers = {&adds_footer_layer}),
    DETECT_ROW("preflight", "body bytes on 204", "response.body.forbidden_for_status", detect_home,
               .layers = {&preflight_layer}),
    DETECT_ROW("page_of_error", "CVE-2024-33452", "response.head.body_forbidden", page_of_error, .layers = {NULL}),
    DETECT_ROW("adds_length", "mongoose #2763", "response.content_length.repeated", says_length,
               .layers = {&adds_length_layer}),
    DETECT_ROW("routes_get", "lwan 36e99c3", "fuzz.head.differs", routes_get, .layers = {NULL}),
    DETECT_ROW("counts_ranges", "CVE-2024-24814", "fuzz.status.undeclared", counts_ranges, .layers = {NULL}),
    DETECT_ROW("first_read", "mongoose #2460", "fuzz.variant.pieces", first_read, .layers = {NULL}),
    DETECT_ROW("first_wins", "libevent #1860", "fuzz.variant.header_order", first_wins, .layers = {NULL}),
};

const struct detect_table detect_answer = {"header injection, framing, answers", DETECT_ROWS(rows)};
