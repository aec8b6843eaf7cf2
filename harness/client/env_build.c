/* From a request to the env, as a server builds it: CGI's names (RFC 3875) over the request's fields. */
#include "harness/client/client.h"

#include "harness/core/hash.h"
#include "harness/http/target.h"

#include <errno.h>
#include <stdio.h>

/* In the order of the env. */
enum variable {
    REQUEST_METHOD,
    SCRIPT_NAME,
    PATH_INFO,
    QUERY_STRING,
    REQUEST_URI,
    SERVER_NAME,
    SERVER_PORT,
    SERVER_PROTOCOL,
    REQUEST_SCHEME,
    HTTPS,
    REMOTE_ADDR,
    VARIABLES
};

void rig_env_shape_cgi(struct rig_env_shape *shape)
{
    static const char *const names[VARIABLES] = {"REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO",   "QUERY_STRING",
                                                 "REQUEST_URI",    "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL",
                                                 "REQUEST_SCHEME", "HTTPS",       "REMOTE_ADDR"};
    for (size_t i = 0; i < VARIABLES; i++) {
        rig_env_shape_add(shape, names[i]);
    }
}

/* A constant of the rig: not copied. */
static inline void let(struct rig_env *env, enum variable variable, const char *value, uint32_t size)
{
    env->entries[variable].value = value;
    env->entries[variable].value_size = size;
}
#define LET(env_, variable_, literal_) let(env_, variable_, literal_, sizeof(literal_) - 1)

/* Text of the request: copied, out of memory leaves NULL. */
static void copy(struct rig_env *env, enum variable variable, struct rig_slice value)
{
    env->entries[variable].value = rig_arena_copy(&env->handle.run->arena, value.data, value.size);
    env->entries[variable].value_size = (uint32_t)value.size;
}

static struct rig_slice slice_of(const char *text)
{
    return (struct rig_slice){text, strlen(text)};
}

/* ---- the request line ---- */

static int put_host(struct rig_run *run, struct rig_slice authority)
{
    static const char name[] = "HTTP_HOST";
    char *value = rig_arena_copy(&run->arena, authority.data, authority.size);
    return value ? rig_env_put(run->env, name, sizeof name - 1, rig_hash(name, sizeof name - 1), value, authority.size)
                 : -ENOMEM;
}

/* The target as the client asked for it: with the mount point before it. */
static void set_uri(struct rig_run *run, const struct rig_sent *sent, const struct rig_target *target)
{
    bool mounted = sent->script_name && sent->script_name[0] && target->kind == RIG_TARGET_ORIGIN;
    if (mounted) {
        struct rig_entry *uri = &run->env->entries[REQUEST_URI];
        uri->value =
            rig_arena_print(&run->arena, "%s%.*s", sent->script_name, (int)sent->target.size, sent->target.data);
        uri->value_size = uri->value ? (uint32_t)strlen(uri->value) : 0;
    } else {
        copy(run->env, REQUEST_URI, sent->target);
    }
}

static void set_server(struct rig_run *run, const struct rig_target *target)
{
    struct rig_env *env = run->env;
    bool secure = target->scheme.data && rig_name_equal(target->scheme.data, target->scheme.size, "https", 5);
    if (target->host.data) {
        copy(env, SERVER_NAME, target->host);
    } else {
        LET(env, SERVER_NAME, "example.org");
    }
    if (target->port != 0) {
        char port[8];
        (void)snprintf(port, sizeof port, "%u", (unsigned)target->port);
        copy(env, SERVER_PORT, slice_of(port));
    } else if (secure) {
        LET(env, SERVER_PORT, "443");
    } else {
        LET(env, SERVER_PORT, "80");
    }
    if (secure) {
        LET(env, REQUEST_SCHEME, "https");
        LET(env, HTTPS, "on");
    } else {
        LET(env, REQUEST_SCHEME, "http");
        LET(env, HTTPS, "off");
    }
}

static int put_line(struct rig_run *run, struct rig_client *client, const struct rig_sent *sent,
                    const struct rig_target *target)
{
    struct rig_env *env = run->env;
    if (rig_env_take_shape(env, &client->shape) != 0) {
        return -ENOMEM;
    }
    copy(env, REQUEST_METHOD, sent->method);
    if (sent->script_name) {
        copy(env, SCRIPT_NAME, slice_of(sent->script_name));
    } else {
        LET(env, SCRIPT_NAME, "");
    }
    copy(env, PATH_INFO, target->kind == RIG_TARGET_AUTHORITY ? sent->target : target->path);
    if (target->query.size > 0) {
        copy(env, QUERY_STRING, target->query);
    } else {
        LET(env, QUERY_STRING, "");
    }
    set_uri(run, sent, target);
    set_server(run, target);
    let(env, SERVER_PROTOCOL, sent->minor ? "HTTP/1.1" : "HTTP/1.0", 8);
    if (sent->remote_addr) {
        copy(env, REMOTE_ADDR, slice_of(sent->remote_addr));
    } else {
        LET(env, REMOTE_ADDR, "192.0.2.1");
    }
    for (size_t i = 0; i < VARIABLES; i++) {
        if (!env->entries[i].value) {
            return -ENOMEM;
        }
    }
    return 0;
}

int rig_env_line(struct rig_run *run, struct rig_client *client, struct rig_sent *sent, const char **reason)
{
    struct rig_target target;
    struct rig_target_error wrong = {NULL, 0};
    if (rig_target_split(sent->target.data, sent->target.size, &target, &wrong) != 0) {
        *reason = wrong.reason;
        return -EINVAL;
    }
    *reason = rig_target_mismatch(target.kind, sent->method.data, sent->method.size);
    if (*reason) {
        return -EINVAL;
    }
    sent->authority = target.authority.data ? target.authority : slice_of("example.org");
    return put_line(run, client, sent, &target);
}

int rig_env_body(struct rig_run *run, const struct rig_sent *sent)
{
    if (!sent->named[RIG_NAME_HOST] && sent->minor > 0 && put_host(run, sent->authority) != 0) {
        return -ENOMEM;
    }
    struct rig_input *input = run->wire_input;
    input->bytes = sent->source.read ? NULL : sent->bytes ? sent->bytes : (const unsigned char *)"";
    input->size = sent->size;
    input->size_known = sent->size_known || !sent->has_body;
    input->source = sent->source;
    input->rewindable = run->server->rewindable;
    input->buffers_all = run->server->buffers_all;
    input->pieces = sent->pieces;
    input->piece_count = sent->piece_count;
    run->wire = (struct rig_wire){.head_request = sent->method.size == 4 && memcmp(sent->method.data, "HEAD", 4) == 0,
                                  .chunked = sent->chunked,
                                  .keep_alive = sent->keep_alive};
    return 0;
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
