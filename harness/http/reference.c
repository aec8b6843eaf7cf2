#include "harness/http/reference.h"
#include "harness/http/rare.h"

#include <errno.h>
#include <string.h>

static int refuse(struct rig_target_error *error, const char *reason, size_t at)
{
    error->reason = reason;
    error->at = at;
    return -EINVAL;
}

static inline bool in_path(char c)
{
    return rig_char_is(c, RIG_CHAR_PATH);
}

static inline bool in_query(char c)
{
    return in_path(c) || c == '?' || c == '[' || c == ']';
}

static bool in_host(char c)
{
    return rig_char_is(c, RIG_CHAR_UNRESERVED) && c != '~';
}

static bool in_user(char c)
{
    return rig_char_is(c, RIG_CHAR_UNRESERVED | RIG_CHAR_SUBDELIM) || c == ':';
}

/* The first byte from `at` that does not belong: neither such a character nor one that is percent-encoded. */
static inline size_t run_of(bool (*belongs)(char), const char *text, size_t size, size_t at)
{
    for (;;) {
        while (at < size && belongs(text[at])) {
            at++;
        }
        if (RIG_LIKELY(at == size || !rig_target_percent(text, size, at))) {
            return at;
        }
        at += 3;
    }
}

/* ---- path, query, fragment ---- */

/* What is no path and no query: a fragment, or wrong. */
static RIG_APART int split_fragment(const char *text, size_t size, size_t end, struct rig_target_error *error)
{
    if (text[end] == '#') {
        end = run_of(in_query, text, size, end + 1);
        if (end < size && text[end] == '#') {
            return refuse(error, "a second '#'", end);
        }
    }
    return end == size ? 0 : refuse(error, rig_target_bad_byte(text[end]), end);
}

/* From `at` to the end. */
static int split_rest(const char *text, size_t size, size_t at, struct rig_target *target, size_t *wire,
                      struct rig_target_error *error)
{
    size_t end = run_of(in_path, text, size, at);
    target->path = (struct rig_slice){text + at, end - at};
    if (end < size && text[end] == '?') {
        size_t query = end + 1;
        end = run_of(in_query, text, size, query);
        target->query = (struct rig_slice){text + query, end - query};
    }
    *wire = end;
    return RIG_LIKELY(end == size) ? 0 : split_fragment(text, size, end, error);
}

/* ---- the authority ---- */

static bool ends_authority(char c)
{
    return c == '/' || c == '?' || c == '#';
}

static size_t host_end(const char *text, size_t size, size_t at)
{
    if (at < size && text[at] == '[') {
        const char *close = memchr(text + at, ']', size - at);
        bool right = close && rig_target_is_ipv6(text + at + 1, (size_t)(close - text) - at - 1);
        return right ? (size_t)(close - text) + 1 : at;
    }
    return run_of(in_host, text, size, at);
}

/* Behind user "@" where that is what begins at `at`. */
static size_t user_end(const char *text, size_t size, size_t at)
{
    if (!memchr(text + at, '@', size - at)) { /* nearly always, and quickly told */
        return at;
    }
    size_t user = run_of(in_user, text, size, at);
    return user < size && text[user] == '@' ? user + 1 : at;
}

/* [ user "@" ] [ host [ ":" port ] ] from `at`: its end, 0: refused. */
static size_t split_authority(const char *text, size_t size, size_t at, struct rig_target *target,
                              struct rig_target_error *error)
{
    at = user_end(text, size, at);
    size_t end = host_end(text, size, at), host = end;
    if (end > at && end < size && text[end] == ':') {
        size_t digits = ++end;
        while (end < size && rig_char_is(text[end], RIG_CHAR_DIGIT)) {
            end++;
        }
        rig_target_set_port(target, text + digits, end - digits);
    }
    if (end < size && !ends_authority(text[end])) {
        const char *reason = text[at] == '['                  ? "not an IPv6 address in brackets"
                             : host == at                     ? "no host"
                             : host < end || text[end] == ':' ? "a port is a number"
                                                              : "not allowed in a host name";
        refuse(error, reason, end);
        return 0;
    }
    target->host = (struct rig_slice){text + at, host - at};
    target->authority = (struct rig_slice){text + at, end - at};
    return end;
}

/* ---- the whole ---- */

/* Up to the ':' that ends a scheme; 0: there is none. *colon: where one stands in the first segment. */
static size_t scheme_size(const char *text, size_t size, size_t *colon)
{
    size_t at = 0;
    while (at < size && text[at] != ':' && !ends_authority(text[at])) {
        at++;
    }
    *colon = at < size && text[at] == ':' ? at : size;
    return *colon < size && rig_target_scheme(text, at) == at ? at : 0;
}

/* A request of the web: all else is no server's that stands before an app. */
static bool is_web(const char *scheme, size_t size)
{
    static const char *const schemes[] = {"http", "https", "ws", "wss"};
    if (size == 4 && memcmp(scheme, "http", 4) == 0) { /* nearly always */
        return true;
    }
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (rig_name_equal(scheme, size, schemes[i], strlen(schemes[i]))) {
            return true;
        }
    }
    return false;
}

static int split_absolute(const char *text, size_t size, size_t scheme, struct rig_target *target, size_t *wire,
                          struct rig_target_error *error)
{
    size_t at = scheme + 1;
    target->kind = RIG_TARGET_ABSOLUTE;
    target->scheme = (struct rig_slice){text, scheme};
    target->authority = (struct rig_slice){text + at, 0};
    if (at == size || text[at] != '/') {
        return refuse(error, "a URI without scheme://host; host:port is for CONNECT only", at);
    }
    if (!is_web(text, scheme)) {
        return refuse(error, "its scheme is none of http, https, ws, wss", 0);
    }
    bool authority = size - at >= 2 && text[at + 1] == '/';
    at = authority ? split_authority(text, size, at + 2, target, error) : at;
    if (at == 0) {
        return -EINVAL;
    }
    bool path = at < size && text[at] == '/';
    if (target->host.size == 0 && !path) {
        return refuse(error, "no host", at);
    }
    int status = split_rest(text, size, at, target, wire, error);
    bool user = authority && target->host.data != text + scheme + 3;
    *wire = target->host.size == 0 || user ? 0 : *wire;
    return status;
}

static int split_relative(const char *text, size_t size, struct rig_target *target, size_t *wire,
                          struct rig_target_error *error)
{
    size_t colon = size;
    bool http = size > 7 && memcmp(text, "http://", 7) == 0; /* nearly always, where there is a scheme */
    size_t scheme = http ? 4 : scheme_size(text, size, &colon);
    if (scheme > 0) {
        return split_absolute(text, size, scheme, target, wire, error);
    }
    if (colon < size) {
        return refuse(error, "a path whose first segment holds ':' begins with '/'; host:port is for CONNECT only",
                      colon);
    }
    int status = split_rest(text, size, 0, target, wire, error);
    *wire = 0;
    return status;
}

/* All but a path alone. */
static RIG_APART int split_other(const char *text, size_t size, struct rig_target *target, size_t *wire,
                                 struct rig_target_error *error)
{
    if (size == 0 || text[0] != '/') {
        return split_relative(text, size, target, wire, error);
    }
    size_t at = split_authority(text, size, 2, target, error);
    int status = at ? split_rest(text, size, at, target, wire, error) : -EINVAL;
    *wire = 0;
    return status;
}

int rig_reference_split(const char *text, size_t size, struct rig_target *target, size_t *wire,
                        struct rig_target_error *error)
{
    rig_target_clear(target);
    bool path = size > 0 && text[0] == '/' && (size == 1 || text[1] != '/');
    return path ? split_rest(text, size, 0, target, wire, error) : split_other(text, size, target, wire, error);
}
