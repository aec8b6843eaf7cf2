/* From a request to the env, as a server builds it: CGI's names (RFC 3875) over the request's fields. */
#include "harness/client/client.h"

#include "harness/core/hash.h"
#include "harness/http/target.h"

#include <errno.h>
#include <stdio.h>

/* A variable whose value may be text of the request (copied) or a constant of the rig (not). */
struct variable {
    const char *name;
    struct rig_slice value;
    bool constant;
};

static int put(struct rig_run *run, const struct variable *variable)
{
    size_t size = strlen(variable->name);
    const char *value = variable->value.data;
    if (!variable->constant) {
        value = rig_arena_copy(&run->arena, value, variable->value.size);
        if (!value) {
            return -ENOMEM;
        }
    }
    return rig_env_put(run->env, variable->name, size, rig_hash(variable->name, size), value, variable->value.size);
}

static struct rig_slice literal(const char *text)
{
    return (struct rig_slice){text, strlen(text)};
}

/* ---- the fields ---- */

/* Repeated fields are one variable: joined, or the last where the server does not join. */
static int join(struct rig_run *run, struct rig_entry *entry, const struct rig_sent_field *field)
{
    const char *between = field->name->kind == RIG_NAME_COOKIE ? "; " : ", ";
    struct rig_buffer joined = {.arena = &run->arena};
    bool keeps = run->server->repeats_joined;
    int error = keeps ? rig_buffer_append(&joined, entry->value, entry->value_size) : 0;
    error = error || !keeps ? error : rig_buffer_append(&joined, between, 2);
    error = error ? error : rig_buffer_append(&joined, field->value.data, field->value.size);
    if (error == 0) {
        entry->value = (const char *)joined.data;
        entry->value_size = (uint32_t)joined.size;
    }
    return error;
}

static int put_field(struct rig_run *run, const struct rig_sent_field *field)
{
    const struct rig_name *name = field->name;
    if (!field->value.data) {
        return 0; /* taken away by the request */
    }
    struct rig_entry *entry = rig_env_find(run->env, name->env, name->env_size, name->env_hash);
    if (entry) {
        return join(run, entry, field);
    }
    char *value = rig_arena_copy(&run->arena, field->value.data, field->value.size);
    return value ? rig_env_put(run->env, name->env, name->env_size, name->env_hash, value, field->value.size) : -ENOMEM;
}

static int put_fields(struct rig_run *run, const struct rig_sent *sent, struct rig_slice authority)
{
    bool host = false;
    for (size_t i = 0; i < sent->field_count; i++) {
        int error = put_field(run, &sent->fields[i]);
        if (error != 0) {
            return error;
        }
        host = host || sent->fields[i].name->kind == RIG_NAME_HOST;
    }
    return host || sent->minor == 0 ? 0 : put(run, &(struct variable){"HTTP_HOST", authority, false});
}

/* ---- the request line ---- */

static struct rig_slice port_of(struct rig_run *run, const struct rig_target *target, bool secure, bool *constant)
{
    *constant = target->port == 0;
    if (*constant) {
        return literal(secure ? "443" : "80");
    }
    char text[8];
    int size = snprintf(text, sizeof text, "%u", (unsigned)target->port);
    return (struct rig_slice){rig_arena_copy(&run->arena, text, (size_t)size), (size_t)size};
}

static int put_line(struct rig_run *run, const struct rig_sent *sent, const struct rig_target *target)
{
    bool secure = target->scheme.data && rig_name_equal(target->scheme.data, target->scheme.size, "https", 5);
    bool default_port = true;
    struct rig_slice port = port_of(run, target, secure, &default_port);
    if (!port.data) {
        return -ENOMEM;
    }
    const char *script = sent->script_name ? sent->script_name : "";
    struct rig_slice uri = sent->target;
    if (script[0] && target->kind == RIG_TARGET_ORIGIN) { /* the client asked for the mount point, too */
        char *whole = rig_arena_print(&run->arena, "%s%.*s", script, (int)uri.size, uri.data);
        if (!whole) {
            return -ENOMEM;
        }
        uri = literal(whole);
    }
    const struct variable variables[] = {
        {"REQUEST_METHOD", sent->method, false},
        {"SCRIPT_NAME", literal(script), !sent->script_name},
        {"PATH_INFO", target->kind == RIG_TARGET_AUTHORITY ? sent->target : target->path, false},
        {"QUERY_STRING", target->query.data ? target->query : literal(""), !target->query.data},
        {"REQUEST_URI", uri, false},
        {"SERVER_NAME", target->host.data ? target->host : literal("example.org"), !target->host.data},
        {"SERVER_PORT", port, true},
        {"SERVER_PROTOCOL", literal(sent->minor ? "HTTP/1.1" : "HTTP/1.0"), true},
        {"REQUEST_SCHEME", literal(secure ? "https" : "http"), true},
        {"HTTPS", literal(secure ? "on" : "off"), true},
        {"REMOTE_ADDR", literal(sent->remote_addr ? sent->remote_addr : "192.0.2.1"), !sent->remote_addr},
    };
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        if (put(run, &variables[i]) != 0) {
            return -ENOMEM;
        }
    }
    return 0;
}

static void set_input(struct rig_run *run, const struct rig_sent *sent)
{
    struct rig_input *input = run->wire_input;
    input->bytes = sent->source.read ? NULL : sent->bytes ? sent->bytes : (const unsigned char *)"";
    input->size = sent->size;
    input->size_known = sent->size_known || !sent->has_body;
    input->source = sent->source;
    input->rewindable = run->server->rewindable;
    input->buffers_all = run->server->buffers_all;
    input->pieces = sent->pieces;
    input->piece_count = sent->piece_count;
}

int rig_env_build(struct rig_run *run, struct rig_client *client, const struct rig_sent *sent, const char **reason)
{
    struct rig_target target;
    struct rig_target_error wrong = {NULL, 0};
    (void)client;
    if (rig_target_split(sent->target.data, sent->target.size, &target, &wrong) != 0) {
        *reason = wrong.reason;
        return -EINVAL;
    }
    *reason = rig_target_mismatch(target.kind, sent->method.data, sent->method.size);
    if (*reason) {
        return -EINVAL;
    }
    struct rig_slice authority = target.authority.data ? target.authority : literal("example.org");
    set_input(run, sent);
    run->wire = (struct rig_wire){.head_request = sent->method.size == 4 && memcmp(sent->method.data, "HEAD", 4) == 0,
                                  .chunked = sent->chunked,
                                  .keep_alive = sent->keep_alive};
    int error = put_line(run, sent, &target);
    return error ? error : put_fields(run, sent, authority);
}

int rig_env_override(struct rig_run *run, const struct rig_request *request)
{
    for (const struct rig_field *field = request->env; field->name; field++) {
        if (field->name[0] == '\0') {
            return rig_misuse(run, RIG_MISUSE_REQUEST_ENV, run->site, "a variable in the request's .env has no name");
        }
        int error = field->value ? rig_env_set_at(run->site, run->env, field->name, field->value)
                                 : rig_env_unset_at(run->site, run->env, field->name);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}
