/* The request line of a mock request: from what a person wrote to what a client sends. */
#include "harness/client/client.h"
#include "harness/http/rare.h"
#include "harness/http/reference.h"

#include <errno.h>

/* ---- method and version ---- */

/* Methods are case-sensitive (RFC 9110 section 9.1) and all that are known are in upper case. */
static RIG_COLD int raise(struct rig_run *run, struct rig_sent *sent)
{
    char *upper = rig_arena_copy(&run->arena, sent->method.data, sent->method.size);
    for (size_t i = 0; upper && i < sent->method.size; i++) {
        upper[i] = (char)(upper[i] >= 'a' && upper[i] <= 'z' ? upper[i] - ('a' - 'A') : upper[i]);
    }
    sent->method.data = upper;
    return upper ? 0 : -ENOMEM;
}

static int read_method(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent)
{
    const char *method = request->method ? request->method : "GET";
    size_t size = 0;
    unsigned bits = 0;
    for (; rig_char_is(method[size], RIG_CHAR_TOKEN); size++) {
        bits |= (unsigned char)method[size];
    }
    if (size == 0 || method[size] != '\0') {
        return rig_misuse(run, RIG_MISUSE_REQUEST_METHOD, run->site, "\"%.60s\" is no method: it is not a token",
                          method);
    }
    sent->method = (struct rig_slice){method, size};
    return bits & 0x20 ? raise(run, sent) : 0; /* a small letter, or no letter at all, which stays */
}

/* "HTTP/" DIGIT [ "." DIGIT ], or "1.0" and "1.1" alone. */
static RIG_COLD int read_version(struct rig_run *run, const char *version, struct rig_sent *sent)
{
    bool alone = strcmp(version, "1.0") == 0 || strcmp(version, "1.1") == 0;
    bool whole = strncmp(version, "HTTP/", 5) == 0 && rig_char_is(version[5], RIG_CHAR_DIGIT);
    const char *rest = whole ? version + 6 : "?";
    whole = rest[0] == '\0' || (rest[0] == '.' && rig_char_is(rest[1], RIG_CHAR_DIGIT) && rest[2] == '\0');
    if (!alone && !whole) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_VERSION, run->site,
                          "http_version \"%.20s\" is neither 1.0 nor 1.1, nor HTTP/ and a number", version);
    }
    const char *protocol = alone ? version[2] == '0' ? "HTTP/1.0" : "HTTP/1.1" : rig_arena_string(&run->arena, version);
    if (!protocol) {
        return -ENOMEM;
    }
    sent->protocol = rig_slice_of(protocol);
    sent->minor = strcmp(protocol, "HTTP/1.0") != 0 && protocol[5] != '0';
    return 0;
}

/* Why no server has it as SCRIPT_NAME; NULL: it may. */
static RIG_COLD const char *script_name_refused(const char *name)
{
    struct rig_target target;
    struct rig_target_error wrong = {NULL, 0};
    size_t size = strlen(name);
    if (size == 0) {
        return NULL;
    }
    if (name[0] != '/' || name[size - 1] == '/') {
        return "it begins with '/' and does not end with one";
    }
    return rig_target_split(name, size, &target, &wrong) != 0 ? wrong.reason
           : target.query.data                                ? "it has no query"
                                                              : NULL;
}

/* ---- the target ---- */

const char *rig_target_mend(const char *target, const char *reason)
{
    for (; *target; target++) {
        if (strcmp(reason, rig_target_bad_byte(*target)) == 0) {
            return *target == '%' ? "a '%' that stands for itself is %25; or say .malformed = true to send it as it is"
                   : strchr(target, '\\')
                       ? "a '\\' that stands for itself is %5C, a \\xNN in a file of requests wants "
                         "# @escapes on; or say .malformed = true to send it as it is"
                       : "percent-encode it, as rig_percent_encode_path does; or say .malformed = true to "
                         "send it as it is";
        }
    }
    return NULL;
}

static void put(char **at, struct rig_slice text)
{
    if (text.size > 0) {
        memcpy(*at, text.data, text.size);
    }
    *at += text.size;
}

/* Puts together what is sent for a target that was not written so, or has another query now. */
static RIG_COLD int compose(struct rig_run *run, struct rig_sent *sent, struct rig_target *target)
{
    struct rig_slice path = target->path, query = target->query, scheme = {NULL, 0}, host = {NULL, 0};
    if (target->kind == RIG_TARGET_ABSOLUTE) {
        scheme = target->scheme;
        host = target->host.size > 0 ? target->authority : rig_slice_of(RIG_DEFAULT_HOST);
    }
    size_t size = scheme.size + host.size + path.size + query.size + sizeof ":////?";
    char *begin = rig_arena_alloc(&run->arena, size), *at = begin;
    if (!begin) {
        return -ENOMEM;
    }
    put(&at, scheme);
    put(&at, (struct rig_slice){"://", scheme.size > 0 ? 3 : 0});
    put(&at, host);
    char *path_begin = at;
    put(&at, (struct rig_slice){"/", path.size == 0 || path.data[0] != '/'});
    put(&at, path);
    target->path = (struct rig_slice){path_begin, (size_t)(at - path_begin)};
    if (query.data) {
        *at++ = '?';
        target->query = (struct rig_slice){at, query.size};
        put(&at, query);
    }
    *at = '\0';
    sent->target = (struct rig_slice){begin, (size_t)(at - begin)};
    return 0;
}

/* The query with the request's params; -EINVAL after reporting that there can be none. */
static RIG_COLD int add_params(struct rig_run *run, const struct rig_request *request, struct rig_target *target)
{
    if (target->kind == RIG_TARGET_ASTERISK || target->kind == RIG_TARGET_AUTHORITY) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_PARAMS, run->site, "the target \"%.60s\" has no query for params",
                          request->target);
    }
    return rig_request_query(run, request, &target->query);
}

static RIG_COLD const char *split_as_server(struct rig_slice text, struct rig_slice method, struct rig_target *target)
{
    struct rig_target_error wrong = {NULL, 0};
    int error = rig_target_split(text.data, text.size, target, &wrong);
    return error ? wrong.reason : rig_target_mismatch(target->kind, method.data, method.size);
}

/* "*" and host:port are taken as a server does, all else as a person writes it. */
static inline const char *split(struct rig_slice text, struct rig_slice method, struct rig_target *target, size_t *wire)
{
    struct rig_target_error wrong;
    bool connect = method.size == 7 && memcmp(method.data, "CONNECT", 7) == 0;
    if (RIG_RARE(connect) || RIG_RARE(text.size == 1 && text.data[0] == '*')) {
        *wire = text.size;
        return split_as_server(text, method, target);
    }
    return RIG_RARE(rig_reference_split(text.data, text.size, target, wire, &wrong) != 0) ? wrong.reason : NULL;
}

static int read_target(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent,
                       struct rig_target *target, const char **reason)
{
    size_t wire = 0;
    sent->target = rig_slice_of(request->target ? request->target : "/");
    *reason = split(sent->target, sent->method, target, &wire);
    if (RIG_RARE(*reason != NULL)) {
        return 0;
    }
    const char *query = target->query.data;
    uintptr_t lists =
        (uintptr_t)request->query_list | (uintptr_t)request->params[0].name | (uintptr_t)request->param_list;
    if (RIG_RARE(lists != 0) && rig_request_has_query(request)) {
        int error = add_params(run, request, target);
        if (error != 0) {
            return error;
        }
    }
    if (RIG_RARE(wire == 0 || target->query.data != query)) {
        return compose(run, sent, target);
    }
    sent->target.size = wire;
    if (RIG_RARE(target->path.size == 0)) {
        target->path = rig_slice_of("/");
    }
    return 0;
}

int rig_request_line(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent,
                     struct rig_target *target, const char **reason)
{
    int error = read_method(run, request, sent);
    sent->minor = 1;
    if (error == 0 && request->http_version) {
        error = read_version(run, request->http_version, sent);
    }
    if (error != 0) {
        return error;
    }
    const char *refused = request->script_name ? script_name_refused(request->script_name) : NULL;
    if (RIG_RARE(refused != NULL)) {
        return rig_misuse_mended(
            run, RIG_MISUSE_REQUEST_TARGET, run->site,
            "\"\" for the root, or a path like \"/app\", percent-encoded; or say .malformed = true",
            "the script_name \"%.60s\" cannot be: %s", request->script_name, refused);
    }
    sent->script_name = request->script_name;
    sent->remote_addr = request->remote_addr;
    error = read_target(run, request, sent, target, reason);
    if (RIG_RARE(request->secure) && !target->scheme.data) {
        target->scheme = rig_slice_of("https");
    }
    return error;
}
