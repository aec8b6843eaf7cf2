#include <stackrig/http/uri.h>

#include "harness/http/chars.h"
#include "harness/http/target.h"

#include <errno.h>
#include <string.h>

/* ---- splitting ---- */

/* Why a byte of it cannot be; NULL: all may. */
static const char *bytes_refused(const char *text, size_t size)
{
    bool fragment = false;
    for (size_t at = 0; at < size; at++) {
        char c = text[at];
        bool first_hash = c == '#' && !fragment;
        if (!rig_target_percent(text, size, at) && !first_hash && c != '?' && !rig_char_is(c, RIG_CHAR_TARGET)) {
            return c == '#' ? "a second '#'" : rig_target_bad_byte(c);
        }
        fragment = fragment || first_hash;
    }
    return NULL;
}

/* A second port, or what stands between ']' and it. */
static bool holds_port(struct rig_slice host)
{
    return host.data[0] == '[' ? host.data[host.size - 1] != ']' : memchr(host.data, ':', host.size) != NULL;
}

/* The port is any number, as in a request's target: what one means is for who opens it. */
static const char *split_authority(struct rig_uri *uri)
{
    struct rig_slice rest, host = uri->authority;
    struct rig_slice user = rig_slice_cut(host, '@', &rest);
    if (rest.data) {
        uri->userinfo = user;
        host = rest;
    }
    size_t end = host.size;
    while (end > 0 && rig_char_is(host.data[end - 1], RIG_CHAR_DIGIT)) {
        end--;
    }
    if (end > 0 && host.data[end - 1] == ':') { /* not in brackets: these end in ']' */
        uri->port = rig_slice_after(host, end);
        host.size = end - 1;
        if (host.size == 0 || holds_port(host)) {
            return host.size == 0 ? "no host" : "a port is a number";
        }
    }
    uri->host = host;
    return rig_host_refused(host.data, host.size);
}

int rig_uri_split(const char *text, size_t size, struct rig_uri *uri, const char **reason)
{
    struct rig_slice rest = {text ? text : "", text ? size : 0};
    const char *refused = bytes_refused(rest.data, rest.size);
    *uri = (struct rig_uri){0};
    rest = rig_slice_cut(rest, '#', &uri->fragment);
    rest = rig_slice_cut(rest, '?', &uri->query);
    size_t scheme = rig_target_scheme(rest.data, rest.size);
    if (scheme > 0 && scheme < rest.size && rest.data[scheme] == ':') {
        uri->scheme = (struct rig_slice){rest.data, scheme};
        rest = rig_slice_after(rest, scheme + 1);
    }
    if (!refused && rest.size >= 2 && rest.data[0] == '/' && rest.data[1] == '/') {
        struct rig_slice after;
        rest = rig_slice_after(rest, 2);
        uri->authority = rig_slice_cut(rest, '/', &after);
        rest = rig_slice_after(rest, uri->authority.size);
        refused = split_authority(uri);
    }
    uri->path = rest;
    if (refused && reason) {
        *reason = refused;
    }
    return refused ? -EINVAL : 0;
}

/* ---- resolving ---- */

static bool begins(const char *text, size_t size, const char *with)
{
    size_t length = strlen(with);
    return size >= length && memcmp(text, with, length) == 0;
}

static bool is(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

/* Without the last segment and the '/' before it. */
static size_t without_last(const char *path, size_t size)
{
    while (size > 0 && path[size - 1] != '/') {
        size--;
    }
    return size > 0 ? size - 1 : 0;
}

/* Takes "." and ".." segments out of a path in place, RFC 3986 section 5.2.4: its new size. */
static size_t remove_dots(char *path, size_t size)
{
    size_t in = 0, out = 0;
    while (in < size) {
        const char *rest = path + in;
        size_t left = size - in;
        if (begins(rest, left, "../")) {
            in += 3;
        } else if (begins(rest, left, "./") || begins(rest, left, "/./")) {
            in += 2;
        } else if (begins(rest, left, "/../")) {
            in += 3;
            out = without_last(path, out);
        } else if (is(rest, left, "/.")) {
            path[++in] = '/';
        } else if (is(rest, left, "/..")) {
            in += 2;
            path[in] = '/';
            out = without_last(path, out);
        } else if (is(rest, left, ".") || is(rest, left, "..")) {
            in = size;
        } else {
            do {
                path[out++] = path[in++];
            } while (in < size && path[in] != '/');
        }
    }
    return out;
}

static char *add(char *at, struct rig_slice piece)
{
    if (piece.size > 0) {
        memcpy(at, piece.data, piece.size);
    }
    return at + piece.size;
}

/* A reference's own path without dots; base: what a relative one is merged with (section 5.2.3), NULL: nothing. */
static char *add_path(char *at, const struct rig_uri *base, struct rig_slice path)
{
    char *begin = at;
    if (base && path.data[0] != '/') {
        struct rig_slice folder = base->path;
        while (folder.size > 0 && folder.data[folder.size - 1] != '/') {
            folder.size--;
        }
        at = base->authority.data && base->path.size == 0 ? add(at, (struct rig_slice){"/", 1}) : add(at, folder);
    }
    at = add(at, path);
    return begin + remove_dots(begin, (size_t)(at - begin));
}

static char *add_part(char *at, char mark, struct rig_slice part)
{
    if (part.data) {
        *at++ = mark;
        at = add(at, part);
    }
    return at;
}

int64_t rig_uri_resolve(const char *base, size_t base_size, const char *text, size_t size, char *out,
                        const char **reason)
{
    struct rig_uri from, to;
    int error = rig_uri_split(base, base_size, &from, reason);
    error = error ? error : rig_uri_split(text, size, &to, reason);
    if (error != 0 || !from.scheme.data) {
        if (error == 0 && reason) {
            *reason = "the base is no absolute URI";
        }
        return -EINVAL;
    }
    bool absolute = to.scheme.data != NULL;
    bool own_authority = absolute || to.authority.data;
    struct rig_slice authority = own_authority ? to.authority : from.authority;
    char *at = add(out, absolute ? to.scheme : from.scheme);
    *at++ = ':';
    if (authority.data) {
        at = add(at, (struct rig_slice){"//", 2});
        at = add(at, authority);
    }
    char *path = at;
    if (to.path.size > 0) {
        at = add_path(at, own_authority ? NULL : &from, to.path);
    } else {
        at = add(at, own_authority ? to.path : from.path); /* the base's dots stay */
    }
    if (!authority.data && begins(path, (size_t)(at - path), "//")) {
        /* it would be taken for a host; the dots that went have left room */
        memmove(path + 2, path, (size_t)(at - path));
        memcpy(path, "/.", 2);
        at += 2;
    }
    at = add_part(at, '?', to.query.data || own_authority || to.path.size > 0 ? to.query : from.query);
    at = add_part(at, '#', to.fragment);
    return at - out;
}
