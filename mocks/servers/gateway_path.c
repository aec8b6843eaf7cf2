/* Paths: decoding, "." and "..", and how each gateway writes them again. */
#include "mocks/servers/gateway.h"

#define PLAIN_PATH "!$&'()*+,;=:@/-._~"
#define PLAIN_QUERY "!$&'()*+,;=:@/?-._~"

/* ---- pieces ---- */

static bool is_escape(struct rig_slice text, size_t at)
{
    return text.data[at] == '%' && text.size - at > 2 && rig_char_is(text.data[at + 1], RIG_CHAR_HEX) &&
           rig_char_is(text.data[at + 2], RIG_CHAR_HEX);
}

static char escaped(struct rig_slice text, size_t at)
{
    return (char)(rig_char_hex(text.data[at + 1]) * 16 + rig_char_hex(text.data[at + 2]));
}

static bool is_plain(char c, const char *plain)
{
    return rig_char_is(c, RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || (c != '\0' && strchr(plain, c) != NULL);
}

static size_t put_escaped(char *to, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    to[0] = '%';
    to[1] = digits[(unsigned char)c >> 4];
    to[2] = digits[(unsigned char)c & 15];
    return 3;
}

/* At most three bytes for each; the bytes written. */
size_t rig_gate_encode(char *to, struct rig_slice text, const char *plain)
{
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (is_plain(text.data[i], plain)) {
            to[size++] = text.data[i];
        } else {
            size += put_escaped(to + size, text.data[i]);
        }
    }
    return size;
}

/* Takes a segment off the end of a path that ends with '/'. */
static size_t step_up(const char *path, size_t size, bool *outside)
{
    if (size <= 1) {
        *outside = true;
        return size;
    }
    size--;
    while (path[size - 1] != '/') {
        size--;
    }
    return size;
}

size_t rig_gate_dots(char *path, size_t size, bool *outside)
{
    size_t out = 0;
    *outside = false;
    for (size_t at = 0; at < size;) {
        size_t end = at;
        while (end < size && path[end] != '/') {
            end++;
        }
        size_t segment = end - at;
        bool slash = end < size;
        bool dot = segment == 1 && path[at] == '.', dots = segment == 2 && path[at] == '.' && path[at + 1] == '.';
        if (dots) {
            out = step_up(path, out, outside);
        } else if (!dot && (segment > 0 || out == 0)) {
            memmove(path + out, path + at, segment);
            out += segment;
            path[out] = '/';
            out += slash;
        }
        at = end + slash;
    }
    return out;
}

/* ---- the path ---- */

/* Cuts raw_path into path and query. */
static void split_query(struct rig_gate *gate)
{
    struct rig_slice text = gate->raw_path, rest;
    if (gate->facts->path == RIG_PATH_BURL) {
        text = rig_slice_cut(text, '#', &rest);
    }
    gate->path = rig_slice_cut(text, '?', &gate->query);
    gate->has_query = gate->query.data != NULL;
    if (!gate->has_query) {
        gate->query = (struct rig_slice){"", 0};
    }
    gate->path = rig_slice_cut(gate->path, '#', &rest);
    gate->query = rig_slice_cut(gate->query, '#', &rest);
    if (gate->path.size == 0) {
        gate->path = rig_slice_of("/");
    }
}

static bool decode(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    struct rig_slice text = gate->path;
    char *to = rig_gate_alloc(gate, text.size + 1);
    size_t size = 0;
    int status = 0;
    if (!to) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        bool escape = is_escape(text, i);
        if (text.data[i] == '%' && !escape) {
            return rig_gate_refuse(gate, 400, "a '%' without two hex digits in the path");
        }
        char c = escape ? escaped(text, i) : text.data[i];
        status = escape && c == '\0'                                     ? facts->encoded_nul_status
                 : escape && c == '/' && facts->encoded_slash_status > 0 ? facts->encoded_slash_status
                                                                         : status;
        to[size++] = c;
        i += escape ? 2 : 0;
    }
    gate->path = (struct rig_slice){to, size};
    return status == 0 || rig_gate_refuse(gate, status, "an encoded byte that it does not take in a path");
}

static bool resolve(struct rig_gate *gate)
{
    bool outside;
    char *path = rig_gate_alloc(gate, gate->path.size + 1);
    if (!path) {
        return false;
    }
    memcpy(path, gate->path.data, gate->path.size);
    gate->path = (struct rig_slice){path, rig_gate_dots(path, gate->path.size, &outside)};
    return !outside || rig_gate_refuse(gate, 400, "a path that leaves the root");
}

/* ---- as lighttpd does it ---- */

static bool is_unreserved(char c)
{
    return is_plain(c, "-._~");
}

/* How many bytes the UTF-8 sequence has that begins with c; 0: it cannot begin one. */
static size_t sequence(unsigned char c)
{
    return c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
}

static bool is_utf8(const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t length = sequence((unsigned char)text[i]);
        if (length == 0 || length > size - i) {
            return false;
        }
        for (size_t k = 1; k < length; k++) {
            if (((unsigned char)text[i + k] & 0xc0) != 0x80) {
                return false;
            }
        }
        i += length;
    }
    return true;
}

static size_t put_normal(char *to, struct rig_slice text, size_t *at, const char *plain, bool in_path)
{
    bool escape = is_escape(text, *at);
    char c = escape ? escaped(text, *at) : text.data[*at];
    *at += escape ? 2 : 0;
    bool as_is = escape ? is_unreserved(c) || (in_path && c == '/') : is_plain(c, plain);
    if (as_is) {
        to[0] = c;
        return 1;
    }
    return put_escaped(to, c);
}

static size_t decoded(char *to, struct rig_slice text)
{
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        bool escape = is_escape(text, i);
        to[size++] = escape ? escaped(text, i) : text.data[i];
        i += escape ? 2 : 0;
    }
    return size;
}

/* Encoded in its one way; refused are controls and what is no UTF-8. */
static bool normalise(struct rig_gate *gate, struct rig_slice *text, bool in_path)
{
    char *to = rig_gate_alloc(gate, 3 * text->size + 1), *plain = rig_gate_alloc(gate, text->size + 1);
    size_t size = 0;
    if (!to || !plain) {
        return false;
    }
    size_t plain_size = decoded(plain, *text);
    for (size_t i = 0; i < plain_size; i++) {
        if ((unsigned char)plain[i] < ' ' || plain[i] == 0x7f) {
            return rig_gate_refuse(gate, 400, "an encoded control in the target");
        }
    }
    if (!is_utf8(plain, plain_size)) {
        return rig_gate_refuse(gate, 400, "a target that is no UTF-8");
    }
    for (size_t i = 0; i < text->size; i++) {
        size += put_normal(to + size, *text, &i, in_path ? PLAIN_PATH : PLAIN_QUERY, in_path);
    }
    bool outside;
    *text = (struct rig_slice){to, in_path ? rig_gate_dots(to, size, &outside) : size};
    return true;
}

/* ---- the target that is passed on ---- */

static bool compose(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    bool encoded = facts->path == RIG_PATH_ESCAPED;
    size_t room = (encoded ? 3 : 1) * gate->path.size + gate->query.size + 2;
    char *to = rig_gate_alloc(gate, room);
    size_t size = 0;
    if (!to) {
        return false;
    }
    if (encoded) {
        size = rig_gate_encode(to, gate->path, PLAIN_PATH);
    } else {
        memcpy(to, gate->path.data, gate->path.size);
        size = gate->path.size;
    }
    if (gate->has_query) {
        to[size++] = '?';
        memcpy(to + size, gate->query.data, gate->query.size);
        size += gate->query.size;
    }
    gate->target = (struct rig_slice){to, size};
    return true;
}

/* A raw target: the path of an absolute one, which begins with '/'. */
static bool cut(struct rig_gate *gate)
{
    struct rig_slice text = gate->raw_path;
    if (gate->kind != RIG_GATE_ABSOLUTE || (text.size > 0 && text.data[0] == '/')) {
        gate->target = text;
        return true;
    }
    char *to = rig_gate_alloc(gate, text.size + 1);
    if (!to) {
        return false;
    }
    to[0] = '/';
    memcpy(to + 1, text.data, text.size);
    gate->target = (struct rig_slice){to, text.size + 1};
    return true;
}

bool rig_gate_resolve(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    if (gate->kind == RIG_GATE_ASTERISK || facts->path == RIG_PATH_RAW) {
        return true;
    }
    split_query(gate);
    if (facts->path == RIG_PATH_BURL) {
        if (!normalise(gate, &gate->path, true) || !normalise(gate, &gate->query, false) || !compose(gate)) {
            return false;
        }
        char *plain = rig_gate_alloc(gate, gate->path.size + 1);
        gate->path = (struct rig_slice){plain, plain ? decoded(plain, gate->path) : 0};
        return plain != NULL;
    }
    if (!decode(gate) || !resolve(gate)) {
        return false;
    }
    return facts->path == RIG_PATH_ESCAPED ? compose(gate) : cut(gate);
}
