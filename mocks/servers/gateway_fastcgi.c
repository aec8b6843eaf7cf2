/* The variables that a gateway sends to a FastCGI program. */
#include "mocks/servers/gateway.h"

#include <stackrig/http/base64.h>

/* ---- one variable ---- */

static bool add(struct rig_gate *gate, const char *name, struct rig_slice value)
{
    char *copy = rig_gate_alloc(gate, value.size + 1);
    if (!copy) {
        return false;
    }
    if (value.size > 0) {
        memcpy(copy, value.data, value.size);
    }
    copy[value.size] = '\0';
    gate->out->variables[gate->out->variable_count++] = (struct rig_variable){{name, strlen(name)}, {copy, value.size}};
    return true;
}

/* "HTTP_USER_AGENT"; NULL: no memory. */
static char *variable_name(struct rig_gate *gate, struct rig_slice name)
{
    char *variable = rig_gate_alloc(gate, name.size + sizeof "HTTP_");
    if (!variable) {
        return NULL;
    }
    memcpy(variable, "HTTP_", 5);
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool alnum = rig_char_is(c, RIG_CHAR_ALPHA | RIG_CHAR_DIGIT);
        variable[5 + i] = (char)(!alnum ? '_' : c >= 'a' ? c - ('a' - 'A') : c);
    }
    variable[5 + name.size] = '\0';
    return variable;
}

static bool has_odd(struct rig_slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        if (!rig_char_is(name.data[i], RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) && name.data[i] != '-') {
            return true;
        }
    }
    return false;
}

/* ---- fields ---- */

static bool is_upgrade(struct rig_gate *gate)
{
    const struct rig_gate_field *connection = rig_gate_find(gate, "Connection");
    return connection && rig_list_has(connection->value, "upgrade");
}

static bool is_h2c(struct rig_gate *gate)
{
    const struct rig_gate_field *upgrade = gate->facts->cgi_upgrades ? rig_gate_find(gate, "Upgrade") : NULL;
    return upgrade && rig_gate_is(upgrade->value, "h2c") && is_upgrade(gate) && rig_gate_find(gate, "HTTP2-Settings");
}

static bool is_dropped(struct rig_gate *gate, struct rig_slice name)
{
    const struct rig_gate_facts *facts = gate->facts;
    bool body = gate->chunked || gate->body_size > 0;
    return rig_gate_named(facts->drops, name) || (facts->cgi_drops_odd && has_odd(name)) ||
           (facts->host_first && rig_gate_is(name, "Host")) ||
           (facts->drops_expect_with_body && body && rig_gate_is(name, "Expect")) ||
           (facts->upgrade_needs_connection && rig_gate_is(name, "Upgrade") && !is_upgrade(gate)) ||
           (rig_gate_is(name, "Connection") && is_h2c(gate));
}

static struct rig_slice length_value(const struct rig_gate *gate, char *digits)
{
    return (struct rig_slice){digits, rig_decimal(gate->body_size, digits)};
}

static bool add_field(struct rig_gate *gate, const struct rig_gate_field *field)
{
    const struct rig_gate_facts *facts = gate->facts;
    char digits[RIG_DECIMAL_MAX];
    bool type = rig_gate_is(field->name, "Content-Type"), length = rig_gate_is(field->name, "Content-Length");
    if (is_dropped(gate, field->name)) {
        return true;
    }
    if (facts->cgi_content_alone && length) {
        return !gate->has_length || add(gate, "CONTENT_LENGTH", length_value(gate, digits));
    }
    if (facts->cgi_type_alone && type) {
        return add(gate, "CONTENT_TYPE", field->value);
    }
    char *name = variable_name(gate, field->name);
    bool host = gate->host.data && rig_gate_is(field->name, "Host");
    return name && add(gate, name, host ? gate->host : field->value);
}

static bool add_fields(struct rig_gate *gate)
{
    char digits[RIG_DECIMAL_MAX];
    struct rig_gate_field host = {rig_slice_of("Host"), gate->host, false};
    bool ok = true;
    if (!gate->facts->host_first && gate->host.data && !rig_gate_find(gate, "Host")) {
        ok = add_field(gate, &host);
    }
    for (size_t i = 0; i < gate->count && ok; i++) {
        ok = gate->fields[i].gone || add_field(gate, &gate->fields[i]);
    }
    bool length = gate->facts->cgi_content_alone && gate->chunked && gate->body_size != UINT64_MAX;
    return ok && (!length || add(gate, "CONTENT_LENGTH", length_value(gate, digits)));
}

/* ---- what the configuration names ---- */

static struct rig_slice without_port(struct rig_slice host)
{
    size_t at = 0;
    if (host.size > 0 && host.data[0] == '[') {
        const char *end = memchr(host.data, ']', host.size);
        at = end ? (size_t)(end - host.data) : host.size;
    }
    while (at < host.size && host.data[at] != ':') {
        at++;
    }
    return (struct rig_slice){host.data, at};
}

/* Small letters, no port, no last dot. */
static struct rig_slice plain_host(struct rig_gate *gate, struct rig_slice host)
{
    host = without_port(host);
    host.size -= host.size > 0 && host.data[host.size - 1] == '.';
    char *copy = rig_gate_alloc(gate, host.size + 1);
    for (size_t i = 0; copy && i < host.size; i++) {
        copy[i] = rig_char_lower(host.data[i]);
    }
    return (struct rig_slice){copy, copy ? host.size : 0};
}

static struct rig_slice user_of(struct rig_gate *gate)
{
    const struct rig_gate_field *field = rig_gate_find(gate, "Authorization");
    struct rig_slice none = {"", 0}, rest;
    if (!field || field->value.size < 6 || !rig_name_equal(field->value.data, 6, "Basic ", 6)) {
        return none;
    }
    struct rig_slice text = rig_trimmed(rig_slice_after(field->value, 6));
    char *plain = rig_gate_alloc(gate, text.size + 1);
    int64_t size = plain ? rig_base64_decode(text.data, text.size, plain, text.size + 1) : -1;
    if (size <= 0) {
        return none;
    }
    struct rig_slice user = rig_slice_cut((struct rig_slice){plain, (size_t)size}, ':', &rest);
    return rest.data ? user : none;
}

static struct rig_slice field_value(struct rig_gate *gate, const char *name)
{
    const struct rig_gate_field *field = rig_gate_find(gate, name);
    return field ? field->value : (struct rig_slice){"", 0};
}

static struct rig_slice content_length(struct rig_gate *gate, char *digits)
{
    if (gate->chunked) {
        return gate->body_size == UINT64_MAX ? (struct rig_slice){"", 0} : length_value(gate, digits);
    }
    if (gate->facts->cgi_length_0) {
        return length_value(gate, digits);
    }
    return field_value(gate, "Content-Length");
}

/* The path up to its second '/', or what begins there. */
static struct rig_slice script_part(const struct rig_gate *gate, bool first)
{
    const char *second = NULL;
    if (gate->facts->cgi_splits_path && gate->path.size > 1) {
        second = memchr(gate->path.data + 1, '/', gate->path.size - 1);
    }
    size_t size = second ? (size_t)(second - gate->path.data) : gate->path.size;
    return first ? (struct rig_slice){gate->path.data, size} : rig_slice_after(gate->path, size);
}

static struct rig_slice protocol_of(struct rig_gate *gate)
{
    return is_h2c(gate)                   ? rig_slice_of("HTTP/2.0")
           : gate->protocol.size > 0      ? gate->protocol
           : gate->facts->simple_protocol ? rig_slice_of(gate->facts->simple_protocol)
                                          : (struct rig_slice){"", 0};
}

/* The variable's value by the name of what it stands for; data NULL: it is left out. */
static struct rig_slice value_of(struct rig_gate *gate, const char *what, char *digits)
{
    struct rig_slice host = gate->kind == RIG_GATE_ABSOLUTE && gate->facts->cgi_uri_host ? gate->uri_host : gate->host;
    struct rig_slice info = {NULL, 0};
    switch (what[1]) {
    case 'q':
        return gate->query;
    case 'm':
        return gate->method;
    case 't':
        return field_value(gate, "Content-Type");
    case 'l':
        return content_length(gate, digits);
    case 's':
        return script_part(gate, true);
    case 'i':
        info = script_part(gate, false);
        return info.size > 0 ? info : (struct rig_slice){NULL, 0};
    case 'u':
        return gate->uri;
    case 'd':
        return gate->path;
    case 'p':
        return protocol_of(gate);
    case 'r':
        return user_of(gate);
    case 'h':
        return plain_host(gate, host);
    default: /* the server's name */
        host = gate->uri_host.data ? gate->uri_host : gate->host;
        return host.data ? plain_host(gate, host)
                         : rig_slice_of(gate->facts->default_host ? gate->facts->default_host : "");
    }
}

bool rig_gate_write_fastcgi(struct rig_gate *gate)
{
    const struct rig_field *variables = gate->facts->variables;
    size_t count = 0;
    while (variables[count].name) {
        count++;
    }
    gate->out->variables = rig_gate_alloc(gate, (gate->count + count + 3) * sizeof *gate->out->variables);
    if (!gate->out->variables) {
        return false;
    }
    for (const struct rig_field *it = variables; it->name; it++) {
        char digits[RIG_DECIMAL_MAX];
        bool names = it->value[0] == '@', all = it->name[0] == '*';
        struct rig_slice value = all     ? (struct rig_slice){NULL, 0}
                                 : names ? value_of(gate, it->value, digits)
                                         : rig_slice_of(it->value);
        bool ok = all ? add_fields(gate) : !value.data || add(gate, it->name, value);
        if (!ok || gate->error != 0) {
            return false;
        }
    }
    return true;
}
