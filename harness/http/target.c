#include "harness/http/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int refuse(struct rig_target_error *error, const char *reason, size_t at)
{
    error->reason = reason;
    error->at = at;
    return -EINVAL;
}

const char *rig_target_bad_byte(char c)
{
    unsigned char byte = (unsigned char)c;
    if (c == ' ') {
        return "a space must be sent as %20";
    }
    if (c == '#') {
        return "a fragment is not sent; a '#' in a value is %23";
    }
    if (c == '%') {
        return "'%' without two hex digits";
    }
    if (byte >= 0x80) {
        return "a byte beyond ASCII must be percent-encoded";
    }
    return byte < 0x20 || byte == 0x7f ? "a control character" : "this character must be percent-encoded";
}

/* ---- host and port ---- */

/* h16 of RFC 3986 section 3.2.2, at most four digits: how many there are. */
static size_t hex_group(const char *text, size_t size)
{
    size_t digits = 0;
    while (digits < size && digits < 5 && rig_char_is(text[digits], RIG_CHAR_HEX)) {
        digits++;
    }
    return digits <= 4 ? digits : 0;
}

static bool is_ipv4(const char *text, size_t size)
{
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        unsigned value = 0;
        size_t start = at;
        while (at < size && at - start < 3 && rig_char_is(text[at], RIG_CHAR_DIGIT)) {
            value = value * 10 + (unsigned)(text[at++] - '0');
        }
        bool padded = at - start > 1 && text[start] == '0';
        if (at == start || padded || value > 255) {
            return false;
        }
        if (part < 3 && (at == size || text[at++] != '.')) {
            return false;
        }
    }
    return at == size;
}

bool rig_target_is_ipv6(const char *text, size_t size)
{
    int groups = 0;
    bool gap = false;
    size_t at = 0;
    if (size >= 2 && text[0] == ':' && text[1] == ':') {
        gap = true;
        at = 2;
    }
    while (at < size) {
        size_t digits = hex_group(text + at, size - at);
        if (digits > 0 && at + digits < size && text[at + digits] == '.') {
            return is_ipv4(text + at, size - at) && (gap ? groups <= 5 : groups == 6);
        }
        if (digits == 0 || ++groups > 8) {
            return false;
        }
        at += digits;
        if (at == size) {
            break;
        }
        if (text[at++] != ':' || at == size) {
            return false;
        }
        if (text[at] == ':') {
            if (gap) {
                return false;
            }
            gap = true;
            at++;
        }
    }
    return gap ? groups <= 7 : groups == 8;
}

/* "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ), without the brackets. */
static bool is_ip_future(const char *text, size_t size)
{
    size_t at = 1, dot;
    if (size == 0 || rig_char_lower(text[0]) != 'v') {
        return false;
    }
    while (at < size && rig_char_is(text[at], RIG_CHAR_HEX)) {
        at++;
    }
    dot = at;
    if (dot == 1 || dot == size || text[at++] != '.') {
        return false;
    }
    while (at < size && (text[at] == ':' || rig_char_is(text[at], RIG_CHAR_UNRESERVED | RIG_CHAR_SUBDELIM))) {
        at++;
    }
    return at == size && at > dot + 1;
}

static size_t name_end(const char *text, size_t size, size_t at)
{
    for (;;) {
        while (at < size && rig_char_is(text[at], RIG_CHAR_UNRESERVED | RIG_CHAR_SUBDELIM)) {
            at++;
        }
        if (at == size || !rig_target_percent(text, size, at)) {
            return at;
        }
        at += 3;
    }
}

bool rig_is_host(const char *text, size_t size)
{
    if (size < 2 || text[0] != '[') {
        return name_end(text, size, 0) == size;
    }
    return text[size - 1] == ']' && (rig_target_is_ipv6(text + 1, size - 2) || is_ip_future(text + 1, size - 2));
}

bool rig_is_host_port(const char *text, size_t size)
{
    size_t end = size;
    while (end > 0 && rig_char_is(text[end - 1], RIG_CHAR_DIGIT)) {
        end--;
    }
    return rig_is_host(text, size) || (end > 0 && text[end - 1] == ':' && rig_is_host(text, end - 1));
}

/* The end of the host that begins at `at`, or 0 with *error filled. */
static size_t host_end(const char *text, size_t size, size_t at, struct rig_target_error *error)
{
    size_t start = at;
    if (at < size && text[at] == '[') {
        const char *close = memchr(text + at, ']', size - at);
        if (!close || !rig_target_is_ipv6(text + at + 1, (size_t)(close - text) - at - 1)) {
            refuse(error, "not an IPv6 address in brackets", at);
            return 0;
        }
        return (size_t)(close - text) + 1;
    }
    at = name_end(text, size, at);
    if (at == start) {
        refuse(error, "no host", at);
        return 0;
    }
    return at;
}

void rig_target_set_port(struct rig_target *target, const char *digits, size_t size)
{
    unsigned value = 0;
    for (size_t i = 0; i < size && value <= UINT16_MAX; i++) {
        value = value * 10 + (unsigned)(digits[i] - '0');
    }
    while (size > 1 && digits[0] == '0') {
        digits++;
        size--;
    }
    target->port = value <= UINT16_MAX ? (uint16_t)value : 0;
    target->digits = size > 0 ? (struct rig_slice){digits, size} : (struct rig_slice){NULL, 0};
}

/* After the ':'. Returns the end of the port's digits, or 0. */
static size_t port_end(const char *text, size_t size, size_t at, struct rig_target *target,
                       struct rig_target_error *error)
{
    size_t start = at;
    while (at < size && rig_char_is(text[at], RIG_CHAR_DIGIT)) {
        at++;
    }
    rig_target_set_port(target, text + start, at - start);
    if (at > start && target->port == 0) {
        refuse(error, "a port is a number from 1 to 65535", start);
        return 0;
    }
    return at;
}

static bool ends_authority(char c)
{
    return c == '/' || c == '?' || c == '#';
}

/* What stops an authority before its end; an '@' further on explains it better than the byte itself. */
static int refuse_in_authority(const char *text, size_t size, size_t at, bool in_port, struct rig_target_error *error)
{
    for (size_t i = at; i < size && !ends_authority(text[i]); i++) {
        if (text[i] == '@') {
            return refuse(error, "a user name before the host is not allowed (RFC 9110 section 4.2.4)", at);
        }
    }
    if (in_port) {
        return refuse(error, "a port is a number from 1 to 65535", at);
    }
    return refuse(error, "not allowed in a host name", at);
}

/* host [ ":" port ] from `at` up to '/', '?', '#' or the end. Returns that end, or 0. */
static size_t split_authority(const char *text, size_t size, size_t at, struct rig_target *target,
                              struct rig_target_error *error)
{
    size_t start = at;
    at = host_end(text, size, at, error);
    if (at == 0) {
        return 0;
    }
    target->host = (struct rig_slice){text + start, at - start};
    bool port = at < size && text[at] == ':';
    if (port) {
        at = port_end(text, size, at + 1, target, error);
        if (at == 0) {
            return 0;
        }
    }
    if (at < size && !ends_authority(text[at])) {
        refuse_in_authority(text, size, at, port, error);
        return 0;
    }
    target->authority = (struct rig_slice){text + start, at - start};
    return at;
}

const char *rig_host_refused(const char *text, size_t size)
{
    struct rig_target target = {0};
    struct rig_target_error error = {0};
    if (size == 0) {
        return NULL;
    }
    size_t end = split_authority(text, size, 0, &target, &error);
    if (end == 0) {
        return error.reason;
    }
    return end == size ? NULL : "a host only, without a path";
}

/* Where in a URL its authority begins, be the URL right or wrong. */
static size_t authority_begin(const char *text, size_t size)
{
    size_t scheme = rig_target_scheme(text, size), at = scheme < size && text[scheme] == ':' ? scheme + 1 : 0;
    size_t begin = at;
    while (at < size && text[at] == '/') {
        at++;
    }
    return at > begin ? at : 0;
}

/* Behind the last '@' of text[at] to text[end]; at: there is none. */
static size_t behind_user(const char *text, size_t at, size_t end)
{
    size_t last = end;
    while (last > at && text[last - 1] != '@') {
        last--;
    }
    return last;
}

const char *rig_url_shown(const char *text, size_t size, char shown[RIG_URL_SHOWN])
{
    bool path = size > 0 && text[0] == '/' && (size == 1 || text[1] != '/');
    size_t begin = path ? size : authority_begin(text, size), end = begin;
    while (end < size && !ends_authority(text[end])) {
        end++;
    }
    size_t at = behind_user(text, begin, end);
    if (rig_host_refused(text + at, end - at)) { /* "u:p/w@h": a part of the password */
        at = behind_user(text, at, size);
    }
    bool user = at > begin;
    size_t rest = user ? at : 0, left = size - rest;
    (void)snprintf(shown, RIG_URL_SHOWN, "%.*s%s%.*s", user ? (int)(begin < 20 ? begin : 20) : 0, text,
                   user ? "****@" : "", (int)(left < RIG_URL_SHOWN ? left : RIG_URL_SHOWN), text + rest);
    return shown;
}

/* ---- path and query ---- */

static int split_path(const char *text, size_t size, size_t at, bool received, struct rig_target *target,
                      struct rig_target_error *error)
{
    size_t path = at, query = 0; /* 0: still in the path; a query never begins at 0 */
    for (;;) {
        while (at < size && rig_char_is(text[at], RIG_CHAR_TARGET)) {
            at++;
        }
        if (at == size) {
            break;
        }
        if (rig_target_percent(text, size, at)) {
            at += 3;
        } else if (text[at] == '?') {
            at++;
            if (query == 0) {
                query = at;
            }
        } else if (received && query > 0 && text[at] == '%') {
            at++;
        } else {
            return refuse(error, rig_target_bad_byte(text[at]), at);
        }
    }
    target->path = (struct rig_slice){text + path, (query ? query - 1 : size) - path};
    if (query) {
        target->query = (struct rig_slice){text + query, size - query};
    }
    return 0;
}

/* ---- the forms ---- */

size_t rig_target_scheme(const char *text, size_t size)
{
    size_t at = 0;
    if (size == 0 || !rig_char_is(text[0], RIG_CHAR_ALPHA)) {
        return 0;
    }
    while (at < size && (rig_char_is(text[at], RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || text[at] == '+' || text[at] == '-' ||
                         text[at] == '.')) {
        at++;
    }
    return at;
}

bool rig_is_absolute_uri(const char *text, size_t size)
{
    size_t at = rig_target_scheme(text, size);
    if (at == 0 || at == size || text[at++] != ':') {
        return false;
    }
    while (at < size) {
        bool encoded = rig_target_percent(text, size, at);
        if (!encoded && !rig_char_is(text[at], RIG_CHAR_UNRESERVED | RIG_CHAR_SUBDELIM) &&
            (text[at] == '\0' || !strchr(":/?[]@", text[at]))) {
            return false;
        }
        at += encoded ? 3 : 1;
    }
    return true;
}

/* The size of the scheme if "://" follows it, else 0. */
static size_t scheme_size(const char *text, size_t size)
{
    if (size >= 7 && memcmp(text, "http://", 7) == 0) {
        return 4;
    }
    size_t at = rig_target_scheme(text, size);
    return size - at >= 3 && memcmp(text + at, "://", 3) == 0 ? at : 0;
}

static int split_absolute(const char *text, size_t size, size_t scheme, bool received, struct rig_target *target,
                          struct rig_target_error *error)
{
    target->kind = RIG_TARGET_ABSOLUTE;
    target->scheme = (struct rig_slice){text, scheme};
    size_t at = split_authority(text, size, scheme + 3, target, error);
    if (at == 0) {
        return -EINVAL;
    }
    int status = split_path(text, size, at, received, target, error);
    if (status == 0 && target->path.size == 0) {
        target->path = (struct rig_slice){"/", 1};
    }
    return status;
}

static int split_connect(const char *text, size_t size, struct rig_target *target, struct rig_target_error *error)
{
    if (!memchr(text, ':', size)) {
        return refuse(error, "expected a path that begins with '/', an absolute URI, host:port for CONNECT, or *", 0);
    }
    target->kind = RIG_TARGET_AUTHORITY;
    size_t at = split_authority(text, size, 0, target, error);
    if (at == 0) {
        return -EINVAL;
    }
    if (at < size) {
        return refuse(error, "host:port ends here, or an absolute URI begins with scheme://", at);
    }
    return target->port ? 0 : refuse(error, "host:port without a port", at);
}

static int split(const char *text, size_t size, bool received, struct rig_target *target,
                 struct rig_target_error *error)
{
    rig_target_clear(target);
    if (size == 0) {
        return refuse(error, "an empty target", 0);
    }
    if (text[0] == '/') {
        return split_path(text, size, 0, received, target, error);
    }
    if (size == 1 && text[0] == '*') {
        target->kind = RIG_TARGET_ASTERISK;
        target->path = (struct rig_slice){text, 1};
        return 0;
    }
    size_t scheme = scheme_size(text, size);
    return scheme ? split_absolute(text, size, scheme, received, target, error)
                  : split_connect(text, size, target, error);
}

int rig_target_split(const char *text, size_t size, struct rig_target *target, struct rig_target_error *error)
{
    return split(text, size, false, target, error);
}

int rig_target_received(const char *text, size_t size, struct rig_target *target, struct rig_target_error *error)
{
    return split(text, size, true, target, error);
}

const char *rig_target_mismatch(enum rig_target_kind kind, const char *method, size_t method_size)
{
    bool connect = method_size == 7 && memcmp(method, "CONNECT", 7) == 0;
    bool options = method_size == 7 && memcmp(method, "OPTIONS", 7) == 0;
    if (connect != (kind == RIG_TARGET_AUTHORITY)) {
        return connect ? "CONNECT wants host:port" : "host:port is for CONNECT only";
    }
    return kind == RIG_TARGET_ASTERISK && !options ? "* is for OPTIONS only" : NULL;
}
