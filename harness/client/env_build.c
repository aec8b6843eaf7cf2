/* From a request to the env, as a server builds it: CGI's names (RFC 3875) over the request's fields. */
#include "harness/client/client.h"

#include "harness/core/hash.h"
#include "harness/http/target.h"

#include <errno.h>
#include <stdio.h>

#define PORT_MAX 8 /* "65535" and some */

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

/* Text of the request: copied to *at, which moves on. */
static inline void copy(struct rig_env *env, enum variable variable, struct rig_slice value, char **at)
{
    env->entries[variable].value = *at;
    env->entries[variable].value_size = (uint32_t)value.size;
    memcpy(*at, value.data, value.size);
    (*at)[value.size] = '\0';
    *at += value.size + 1;
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
static void set_uri(struct rig_env *env, const struct rig_sent *sent, struct rig_slice script, char **at)
{
    struct rig_entry *uri = &env->entries[REQUEST_URI];
    char *begin = *at;
    memcpy(begin, script.data, script.size);
    *at += script.size;
    copy(env, REQUEST_URI, sent->target, at);
    uri->value = begin;
    uri->value_size += (uint32_t)script.size;
}

static void set_server(struct rig_env *env, const struct rig_target *target, char **at)
{
    bool secure = target->scheme.data && rig_name_equal(target->scheme.data, target->scheme.size, "https", 5);
    if (target->host.data) {
        copy(env, SERVER_NAME, target->host, at);
    } else {
        LET(env, SERVER_NAME, "example.org");
    }
    if (target->port != 0) {
        char port[PORT_MAX];
        (void)snprintf(port, sizeof port, "%u", (unsigned)target->port);
        copy(env, SERVER_PORT, slice_of(port), at);
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

/* All text of the line lies in one piece of memory. */
static int put_line(struct rig_run *run, struct rig_client *client, const struct rig_sent *sent,
                    const struct rig_target *target)
{
    struct rig_env *env = run->env;
    struct rig_slice script = slice_of(sent->script_name ? sent->script_name : "");
    struct rig_slice addr = slice_of(sent->remote_addr ? sent->remote_addr : "");
    struct rig_slice path = target->kind == RIG_TARGET_AUTHORITY ? sent->target : target->path;
    size_t size = sent->method.size + 2 * script.size + addr.size + path.size + target->query.size + sent->target.size +
                  target->host.size + PORT_MAX + VARIABLES;
    char *at = rig_arena_alloc(&run->arena, size);
    if (!at || rig_env_take_shape(env, &client->shape) != 0) {
        return -ENOMEM;
    }
    copy(env, REQUEST_METHOD, sent->method, &at);
    copy(env, PATH_INFO, path, &at);
    if (script.size > 0) {
        copy(env, SCRIPT_NAME, script, &at);
    } else {
        LET(env, SCRIPT_NAME, "");
    }
    if (target->query.size > 0) {
        copy(env, QUERY_STRING, target->query, &at);
    } else {
        LET(env, QUERY_STRING, "");
    }
    set_uri(env, sent, target->kind == RIG_TARGET_ORIGIN ? script : slice_of(""), &at);
    set_server(env, target, &at);
    let(env, SERVER_PROTOCOL, sent->minor ? "HTTP/1.1" : "HTTP/1.0", 8);
    if (addr.size > 0) {
        copy(env, REMOTE_ADDR, addr, &at);
    } else {
        LET(env, REMOTE_ADDR, "192.0.2.1");
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
    input->sized = sent->size_known && sent->source.read;
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
