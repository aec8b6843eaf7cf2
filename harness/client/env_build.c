/* From a request to the env, as a server builds it: CGI's names (RFC 3875) over the request's fields. */
#include "harness/client/client.h"

#include "harness/core/hash.h"
#include "harness/http/rare.h"

#include <errno.h>

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
    static const struct {
        const char *name, *value;
    } variables[VARIABLES] = {
        [REQUEST_METHOD] = {"REQUEST_METHOD", ""},
        [SCRIPT_NAME] = {"SCRIPT_NAME", ""},
        [PATH_INFO] = {"PATH_INFO", ""},
        [QUERY_STRING] = {"QUERY_STRING", ""},
        [REQUEST_URI] = {"REQUEST_URI", ""},
        [SERVER_NAME] = {"SERVER_NAME", RIG_DEFAULT_HOST},
        [SERVER_PORT] = {"SERVER_PORT", "80"},
        [SERVER_PROTOCOL] = {"SERVER_PROTOCOL", "HTTP/1.1"},
        [REQUEST_SCHEME] = {"REQUEST_SCHEME", "http"},
        [HTTPS] = {"HTTPS", "off"},
        [REMOTE_ADDR] = {"REMOTE_ADDR", RIG_DEFAULT_ADDR},
    };
    for (size_t i = 0; i < VARIABLES; i++) {
        rig_env_shape_add(shape, variables[i].name, variables[i].value);
    }
}

/* A constant of the rig: not copied. */
static inline void let(struct rig_env *env, enum variable variable, const char *value, uint32_t size)
{
    env->entries[variable].value = value;
    env->entries[variable].value_size = size;
}
#define LET(env_, variable_, literal_) let(env_, variable_, literal_, sizeof(literal_) - 1)

void rig_put_text(char *at, struct rig_slice text)
{
    at[text.size] = '\0';
    rig_copy_short(at, text.data, text.size); /* last: whatever it calls, it needs no registers kept */
}

/* Text of the request: copied to at; what stands behind it. Who keeps it too long is told by ASan. */
static inline char *copy(struct rig_env *env, enum variable variable, struct rig_slice value, char *at)
{
    let(env, variable, at, (uint32_t)value.size);
    rig_put_text(at, value);
    return at + value.size + 1;
}

/* ---- the request line ---- */

/* The target as the client asked for it: with the mount point before it. */
static char *set_mounted(struct rig_env *env, struct rig_slice script, struct rig_slice target, char *at)
{
    char *uri = at;
    memcpy(at, script.data, script.size);
    at = copy(env, REQUEST_URI, target, at + script.size);
    env->entries[REQUEST_URI].value = uri;
    env->entries[REQUEST_URI].value_size += (uint32_t)script.size;
    return at;
}

/* The ports that a URI of that scheme means. */
static const char *default_port(struct rig_slice scheme)
{
    static const struct {
        const char *scheme, *port;
    } ports[] = {{"https", "443"}, {"wss", "443"}};
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        if (rig_name_equal(scheme.data, scheme.size, ports[i].scheme, strlen(ports[i].scheme))) {
            return ports[i].port;
        }
    }
    return "80";
}

/* Other than http. */
static char *set_scheme(struct rig_env *env, struct rig_slice scheme, char *at)
{
    struct rig_entry *entry = &env->entries[REQUEST_SCHEME];
    char *lower = at, *behind = copy(env, REQUEST_SCHEME, scheme, at);
    for (size_t i = 0; i < scheme.size; i++) {
        lower[i] = rig_char_lower(lower[i]);
    }
    if (entry->value_size == 5 && memcmp(entry->value, "https", 5) == 0) {
        LET(env, HTTPS, "on");
    }
    return behind;
}

static char *set_server(struct rig_env *env, const struct rig_target *target, char *at)
{
    if (target->host.size > 0) {
        at = copy(env, SERVER_NAME, target->host, at);
    }
    if (target->scheme.data && !(target->scheme.size == 4 && memcmp(target->scheme.data, "http", 4) == 0)) {
        const char *port = default_port(target->scheme);
        let(env, SERVER_PORT, port, (uint32_t)strlen(port));
        at = set_scheme(env, target->scheme, at);
    }
    return target->digits.data ? copy(env, SERVER_PORT, target->digits, at) : at;
}

/* What the env's shape says of nearly every request, and not of this one. */
static RIG_COLD int put_unusual(struct rig_run *run, const struct rig_sent *sent, const struct rig_target *target)
{
    struct rig_env *env = run->env;
    struct rig_slice script = rig_slice_of(sent->script_name ? sent->script_name : "");
    struct rig_slice addr = rig_slice_of(sent->remote_addr ? sent->remote_addr : "");
    size_t size = 2 * script.size + addr.size + sent->target.size + target->host.size + target->digits.size +
                  target->scheme.size + VARIABLES;
    char *at = rig_arena_alloc(&run->arena, size);
    if (!at) {
        return -ENOMEM;
    }
    if (script.size > 0) {
        at = copy(env, SCRIPT_NAME, script, at);
        at = target->kind == RIG_TARGET_ORIGIN ? set_mounted(env, script, sent->target, at) : at;
    }
    if (target->kind == RIG_TARGET_AUTHORITY) {
        at = copy(env, PATH_INFO, sent->target, at);
    }
    if (addr.size > 0) {
        at = copy(env, REMOTE_ADDR, addr, at);
    }
    (void)set_server(env, target, at);
    if (sent->protocol.data) {
        let(env, SERVER_PROTOCOL, sent->protocol.data, (uint32_t)sent->protocol.size);
    } else if (sent->minor == 0) {
        LET(env, SERVER_PROTOCOL, "HTTP/1.0");
    }
    return 0;
}

/* authority.size stands for all that comes of an authority: the host, its digits, and the target of a CONNECT, which is
 * one. */
static bool is_unusual(const struct rig_sent *sent, const struct rig_target *target)
{
    return ((uintptr_t)sent->script_name | (uintptr_t)sent->remote_addr | (uintptr_t)sent->protocol.data |
            (uintptr_t)target->scheme.data | target->authority.size | (sent->minor ^ 1)) != 0;
}

int rig_env_line(struct rig_run *run, struct rig_client *client, struct rig_sent *sent, const struct rig_target *target)
{
    struct rig_env *env = run->env;
    struct rig_slice host = target->authority.size > 0 ? target->authority : rig_slice_of(RIG_DEFAULT_HOST);
    size_t size = sent->method.size + target->path.size + target->query.size + sent->target.size + host.size + 5;
    char *at = rig_arena_alloc(&run->arena, size); /* all text of the usual line */
    if (!at || !rig_env_take_shape(env, &client->shape)) {
        return -ENOMEM;
    }
    sent->authority = (struct rig_slice){at, host.size};
    rig_put_text(at, host);
    at += host.size + 1;
    at = copy(env, REQUEST_METHOD, sent->method, at);
    at = copy(env, PATH_INFO, target->path, at);
    if (target->query.size > 0) {
        at = copy(env, QUERY_STRING, target->query, at);
    }
    (void)copy(env, REQUEST_URI, sent->target, at);
    return RIG_RARE(is_unusual(sent, target)) ? put_unusual(run, sent, target) : 0;
}

void rig_env_cut_uri(struct rig_env *env, size_t bytes)
{
    env->entries[REQUEST_URI].value += bytes;
    env->entries[REQUEST_URI].value_size -= (uint32_t)bytes;
}

const char *rig_env_remote_addr(const struct rig_env *env)
{
    return env->entries[REMOTE_ADDR].value;
}

/* Of the rig's own, which is not there yet. Apart: two calls take less than two of rig_env_put. */
static RIG_APART int put_own(struct rig_env *env, const char *name, size_t size, uint32_t hash, struct rig_slice value)
{
    return rig_env_put(env, name, size, hash, value.data, value.size);
}
#define PUT_OWN(env_, literal_, value_) \
    put_own(env_, literal_, sizeof(literal_) - 1, rig_hash(literal_, sizeof(literal_) - 1), value_)

int rig_env_host(struct rig_run *run, const struct rig_sent *sent)
{
    bool wanted = !sent->named[RIG_NAME_HOST] && sent->minor > 0;
    return wanted ? PUT_OWN(run->env, "HTTP_HOST", sent->authority) : 0;
}

int rig_env_length(struct rig_run *run, struct rig_sent *sent)
{
    char *digits = rig_arena_alloc(&run->arena, RIG_DECIMAL_MAX + 1);
    if (!digits) {
        return -ENOMEM;
    }
    struct rig_slice length = {digits, rig_decimal(sent->size, digits)};
    digits[length.size] = '\0';
    sent->named[RIG_NAME_CONTENT_LENGTH] = true;
    sent->value[RIG_NAME_CONTENT_LENGTH] = length;
    return PUT_OWN(run->env, "CONTENT_LENGTH", length);
}

void rig_env_body(struct rig_run *run, const struct rig_sent *sent)
{
    struct rig_input *input = run->wire_input;
    bool sourced = sent->source.read != NULL;
    input->bytes = sent->bytes || sourced ? sent->bytes : (const unsigned char *)"";
    input->size = sent->size;
    input->size_known = sent->size_known | !sent->has_body;
    input->sized = sent->size_known & sourced;
    input->source = sent->source;
    input->rewindable = run->server->rewindable;
    input->buffers_all = run->server->buffers_all;
    input->pieces = sent->pieces;
    input->piece_count = sent->piece_count;
    run->wire = (struct rig_wire){.head_request = sent->method.size == 4 && memcmp(sent->method.data, "HEAD", 4) == 0,
                                  .chunked = sent->chunked,
                                  .keep_alive = sent->keep_alive};
}

static int set_field(struct rig_run *run, const struct rig_field *field)
{
    if (field->name[0] == '\0') {
        return rig_misuse(run, RIG_MISUSE_REQUEST_ENV, run->site, "a variable in the request's .env has no name");
    }
    return field->value ? rig_env_set_at(run->site, run->env, field->name, field->value)
                        : rig_env_unset_at(run->site, run->env, field->name);
}

int rig_env_override(struct rig_run *run, const struct rig_request *request)
{
    int error = 0;
    for (const struct rig_field *field = request->env; field->name && !error; field++) {
        error = set_field(run, field);
    }
    for (size_t i = 0; i < request->env_count && !error; i++) {
        error = set_field(run, &request->env_list[i]);
    }
    return error;
}
