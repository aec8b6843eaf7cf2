/* Which targets pass, and the Host that goes with them. */
#include "mocks/servers/gateway.h"

/* ---- hosts ---- */

/* Cuts the port off: of "[::1]:80" too. data NULL: there is none. */
static struct rig_slice cut_port(struct rig_slice host, struct rig_slice *port)
{
    size_t at = 0;
    if (host.size > 0 && host.data[0] == '[') {
        const char *end = memchr(host.data, ']', host.size);
        at = end ? (size_t)(end - host.data) : host.size;
    }
    while (at < host.size && host.data[at] != ':') {
        at++;
    }
    *port = at < host.size ? rig_slice_after(host, at + 1) : (struct rig_slice){NULL, 0};
    return (struct rig_slice){host.data, at};
}

static bool is_loose(struct rig_slice host)
{
    struct rig_slice port;
    for (size_t i = 0; i < host.size; i++) {
        unsigned char c = (unsigned char)host.data[i];
        if (c <= ' ' || c == 0x7f || c == '/' || (c == '.' && i > 0 && host.data[i - 1] == '.')) {
            return false;
        }
    }
    return cut_port(host, &port).size > 0;
}

static bool is_port(struct rig_slice port, enum rig_gate_host how)
{
    uint64_t number;
    if (port.size == 0) {
        return how == RIG_HOST_DNS;
    }
    return rig_number(port, &number) && number > 0 && number <= 65535 && (how != RIG_HOST_DNS || port.data[0] != '0');
}

static bool is_address(struct rig_slice name)
{
    size_t at = 1;
    while (at < name.size &&
           (rig_char_is(name.data[at], RIG_CHAR_HEX) || name.data[at] == ':' || name.data[at] == '.')) {
        at++;
    }
    return at > 1 && at + 1 == name.size && name.data[at] == ']';
}

static bool is_strict(struct rig_slice host, enum rig_gate_host how)
{
    struct rig_slice port, name = cut_port(host, &port);
    if (name.size == 0 || (port.data && !is_port(port, how))) {
        return false;
    }
    if (name.data[0] == '[') {
        return is_address(name);
    }
    bool bad_first = how == RIG_HOST_DNS && (name.data[0] == '.' || name.data[0] == '-');
    for (size_t i = 0; i < name.size && !bad_first; i++) {
        char c = name.data[i];
        bool dots = c == '.' && i > 0 && name.data[i - 1] == '.';
        bool taken = rig_char_is(c, RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || c == '-' || c == '.' ||
                     (c == '_' && how == RIG_HOST_STRICT);
        bad_first = dots || !taken;
    }
    return !bad_first;
}

static struct rig_slice lowered(struct rig_gate *gate, struct rig_slice text)
{
    char *copy = rig_gate_alloc(gate, text.size + 1);
    for (size_t i = 0; copy && i < text.size; i++) {
        copy[i] = rig_char_lower(text.data[i]);
    }
    return (struct rig_slice){copy, copy ? text.size : 0};
}

/* As lighttpd writes it: small letters, no last dot, no port that says nothing. */
static bool normalise(struct rig_gate *gate)
{
    struct rig_slice port, name = cut_port(gate->host, &port);
    bool dotted = name.size > 0 && name.data[name.size - 1] == '.';
    bool usual = port.size == 0 || rig_slice_is(port, "80");
    struct rig_slice whole = usual ? (struct rig_slice){name.data, name.size - dotted} : gate->host;
    gate->host = lowered(gate, whole);
    return gate->host.data != NULL;
}

/* The target's host in place of the client's: small letters, no last dot, the port as it is. */
static bool set_host(struct rig_gate *gate)
{
    struct rig_slice port, name = cut_port(gate->uri_host, &port);
    if (!gate->host.data) {
        return true;
    }
    if (name.size > 0 && !is_strict(name, gate->facts->host)) {
        return rig_gate_refuse(gate, 400, "a host in the target that it does not take");
    }
    name.size -= name.size > 0 && name.data[name.size - 1] == '.';
    size_t rest = port.data ? port.size + 1 : 0;
    char *copy = rig_gate_alloc(gate, name.size + rest + 1);
    if (!copy) {
        return false;
    }
    for (size_t i = 0; i < name.size; i++) {
        copy[i] = rig_char_lower(name.data[i]);
    }
    if (rest > 0) {
        memcpy(copy + name.size, port.data - 1, rest);
    }
    gate->host = (struct rig_slice){copy, name.size + rest};
    return true;
}

static bool check_host(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    if (!gate->host.data && gate->version >= 11 && !facts->host_optional) {
        return rig_gate_refuse(gate, 400, "HTTP/1.1 without Host");
    }
    if (facts->absolute == RIG_ABSOLUTE_SETS && gate->uri_host.data) {
        return set_host(gate);
    }
    bool fine = !gate->host.data || facts->host == RIG_HOST_ANY ||
                (facts->host == RIG_HOST_LOOSE ? is_loose(gate->host) : is_strict(gate->host, facts->host));
    if (!fine) {
        return rig_gate_refuse(gate, 400, "a Host that it does not take");
    }
    return !gate->host.data || facts->host != RIG_HOST_DNS || normalise(gate);
}

/* ---- absolute targets ---- */

static struct rig_slice without_user(struct rig_slice authority)
{
    const char *at = authority.size > 0 ? memchr(authority.data, '@', authority.size) : NULL;
    return at ? rig_slice_after(authority, (size_t)(at - authority.data) + 1) : authority;
}

/* nginx reads letters, digits, '.', '-', a port, an address in brackets. */
static bool is_plain_authority(struct rig_slice text)
{
    struct rig_slice port, name = cut_port(text, &port);
    bool fine = name.size > 0;
    for (size_t i = 0; i < port.size; i++) {
        fine = fine && rig_char_is(port.data[i], RIG_CHAR_DIGIT);
    }
    for (size_t i = 0; i < name.size && name.data[0] != '['; i++) {
        char c = name.data[i];
        fine = fine && (rig_char_is(c, RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || c == '-' || c == '.');
    }
    return fine;
}

/* A port that says no more than the scheme does; scheme of size 0: CONNECT's, either. */
static bool is_usual_port(struct rig_slice scheme, struct rig_slice port)
{
    bool http = scheme.size == 0 || rig_gate_is(scheme, "http"),
         https = scheme.size == 0 || rig_gate_is(scheme, "https");
    return port.data && (port.size == 0 || (http && rig_slice_is(port, "80")) || (https && rig_slice_is(port, "443")));
}

static struct rig_slice without_usual(struct rig_slice scheme, struct rig_slice host)
{
    struct rig_slice port, name = cut_port(host, &port);
    return is_usual_port(scheme, port) ? name : host;
}

/* Takes the usual port out of the target, in its place. */
static void cut_usual_port(struct rig_gate *gate, struct rig_slice authority, struct rig_slice host)
{
    size_t cut = authority.size - (size_t)(host.data + host.size - authority.data);
    char *to = gate->head + (host.data - gate->head) + host.size;
    memmove(to, to + cut, (size_t)(gate->target.data + gate->target.size - to) - cut);
    gate->target.size -= cut;
}

/* Target and Host must name the same, the usual port apart; Host then has none, if the target had. */
static bool match_host(struct rig_gate *gate, struct rig_slice scheme, struct rig_slice authority)
{
    struct rig_slice whole = without_user(authority), host = without_usual(scheme, whole);
    struct rig_slice own = without_usual(scheme, gate->host);
    if (gate->host.data && whole.size > 0 && !rig_name_equal(host.data, host.size, own.data, own.size)) {
        return false;
    }
    if (host.size < whole.size) {
        struct rig_gate_field *field = rig_gate_find(gate, "Host");
        gate->host = gate->host.data ? own : gate->host;
        if (field) {
            field->value = own;
        }
        if (scheme.size > 0) {
            cut_usual_port(gate, authority, host);
        }
    }
    return true;
}

static bool check_authority(struct rig_gate *gate, struct rig_slice scheme, struct rig_slice authority)
{
    const struct rig_gate_facts *facts = gate->facts;
    bool http = rig_gate_is(scheme, "http") || rig_gate_is(scheme, "https");
    bool fine = false;
    switch (facts->absolute) {
    case RIG_ABSOLUTE_MATCHES:
        fine = match_host(gate, scheme, authority);
        break;
    case RIG_ABSOLUTE_CUT:
        fine = is_plain_authority(authority);
        break;
    case RIG_ABSOLUTE_SETS:
        fine = http && without_user(authority).data == authority.data;
        break;
    case RIG_ABSOLUTE_PATHED:
        fine = http && authority.size > 0 && gate->raw_path.size > 0 && gate->raw_path.data[0] == '/' &&
               (!gate->host.data || rig_name_equal(authority.data, authority.size, gate->host.data, gate->host.size));
        break;
    }
    return fine || rig_gate_refuse(gate, 400, "an absolute target that it does not take");
}

/* The size of "http:" less the colon; 0: it does not begin with a scheme. */
static size_t scheme_size(struct rig_slice text)
{
    size_t at = 0;
    while (at < text.size && (rig_char_is(text.data[at], RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || text.data[at] == '+' ||
                              text.data[at] == '-' || text.data[at] == '.')) {
        at++;
    }
    bool begins = at > 0 && rig_char_is(text.data[0], RIG_CHAR_ALPHA);
    return begins && text.size - at >= 3 && memcmp(text.data + at, "://", 3) == 0 ? at : 0;
}

static bool split_absolute(struct rig_gate *gate, size_t size)
{
    const char *ends = gate->facts->absolute == RIG_ABSOLUTE_MATCHES ? "/" : "/?#";
    struct rig_slice scheme = {gate->target.data, size}, rest = rig_slice_after(gate->target, size + 3);
    size_t at = 0;
    while (at < rest.size && !strchr(ends, rest.data[at])) {
        at++;
    }
    struct rig_slice authority = {rest.data, at};
    gate->kind = RIG_GATE_ABSOLUTE;
    gate->raw_path = rig_slice_after(rest, at);
    gate->uri = gate->raw_path.size > 0 ? gate->raw_path : rig_slice_of("/");
    if (gate->facts->absolute != RIG_ABSOLUTE_SETS || rig_gate_is(scheme, "http")) { /* Apache believes its own only */
        gate->uri_host = without_user(authority);
    }
    return check_authority(gate, scheme, authority);
}

/* ---- the others ---- */

static bool read_asterisk(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    bool options = rig_slice_is(gate->method, "OPTIONS");
    gate->kind = RIG_GATE_ASTERISK;
    gate->uri = gate->target;
    if (options && facts->asterisk_status != 0) {
        return rig_gate_refuse(gate, facts->asterisk_status, "OPTIONS * is about the gateway itself");
    }
    return options || facts->asterisk_any || rig_gate_refuse(gate, 400, "the target * without OPTIONS");
}

static bool read_authority(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    struct rig_slice port, none = {"", 0};
    bool whole = cut_port(gate->target, &port).size > 0 && port.size > 0;
    gate->kind = RIG_GATE_AUTHORITY;
    gate->uri = gate->uri_host = gate->target;
    gate->raw_path = rig_slice_of("/");
    bool passes = facts->connect == RIG_CONNECT_ROOT ||
                  (facts->connect == RIG_CONNECT_MATCHES && match_host(gate, none, gate->target));
    return (passes && whole) || rig_gate_refuse(gate, 400, "CONNECT");
}

static bool read_kind(struct rig_gate *gate)
{
    size_t scheme = scheme_size(gate->target);
    if (gate->target.data[0] == '/' && gate->facts->connect_path_status > 0 && rig_slice_is(gate->method, "CONNECT")) {
        return rig_gate_refuse(gate, gate->facts->connect_path_status, "CONNECT with a path");
    }
    if (gate->target.data[0] == '/') {
        gate->kind = RIG_GATE_ORIGIN;
        gate->raw_path = gate->uri = gate->target;
        return true;
    }
    if (rig_slice_is(gate->target, "*")) {
        return read_asterisk(gate);
    }
    if (rig_slice_is(gate->method, "CONNECT")) {
        return read_authority(gate);
    }
    return scheme > 0 ? split_absolute(gate, scheme) : rig_gate_refuse(gate, 400, "a target that is no path");
}

bool rig_gate_read_target(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    struct rig_gate_field *host = rig_gate_find(gate, "Host");
    gate->host = host ? host->value : (struct rig_slice){NULL, 0};
    if (!read_kind(gate)) {
        return false;
    }
    bool rootless = gate->kind == RIG_GATE_ABSOLUTE && gate->raw_path.size == 0;
    if (rootless && facts->absolute == RIG_ABSOLUTE_SETS && rig_slice_is(gate->method, "OPTIONS")) {
        return rig_gate_refuse(gate, facts->asterisk_status, "OPTIONS without a path is about the gateway itself");
    }
    if (facts->trace_refused && rig_slice_is(gate->method, "TRACE")) {
        return rig_gate_refuse(gate, 405, "TRACE");
    }
    if (facts->absolute == RIG_ABSOLUTE_PATHED && gate->kind == RIG_GATE_ABSOLUTE && !gate->host.data) {
        gate->host = gate->uri_host;
    }
    return check_host(gate);
}
