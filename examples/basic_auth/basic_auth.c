#include "basic_auth.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base64.h"
#include "credentials.h"

enum { BODY_MAX_DEFAULT = 64 * 1024 };

struct instance {
    char challenge[sizeof "Basic realm=\"\", charset=\"UTF-8\"" + 2 * BASIC_AUTH_REALM_MAX];
    struct credentials credentials;
    uint64_t body_max;
};

/* ---- init ---- */

/* The inside of a quoted-string (RFC 9110, section 5.6.4); out has room for every byte escaped. */
static int quote(const char *text, char out[2 * BASIC_AUTH_REALM_MAX + 1])
{
    size_t size = 0;
    if (strlen(text) > BASIC_AUTH_REALM_MAX) {
        return -EFBIG;
    }
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f) {
            return -EINVAL; /* no header could carry it */
        }
        if (c == '"' || c == '\\') {
            out[size++] = '\\';
        }
        out[size++] = *text;
    }
    out[size] = '\0';
    return 0;
}

static int make_challenge(struct instance *instance, const char *realm, struct basic_auth_problem *problem)
{
    char quoted[2 * BASIC_AUTH_REALM_MAX + 1];
    int error = quote(realm ? realm : "Restricted", quoted);
    if (error) {
        snprintf(problem->text, sizeof problem->text, "realm: %s",
                 error == -EFBIG ? "too long" : "a control character in it");
        return error;
    }
    snprintf(instance->challenge, sizeof instance->challenge, "Basic realm=\"%s\", charset=\"UTF-8\"", quoted);
    return 0;
}

static int add_user(struct credentials *credentials, const struct basic_auth_options *options,
                    struct basic_auth_problem *problem)
{
    char text[CREDENTIAL_TEXT_MAX + 1];
    int size = snprintf(text, sizeof text, "%s:%s", options->user, options->password ? options->password : "");
    bool fits = (size_t)size < sizeof text && !strchr(options->user, ':');
    int error = fits ? credentials_add(credentials, text, (size_t)size) : -EINVAL;
    if (error) {
        snprintf(problem->text, sizeof problem->text, "user or password: empty, too long, or not allowed in it");
    }
    return error;
}

static int load_credentials(struct credentials *credentials, const struct basic_auth_options *options,
                            struct basic_auth_problem *problem)
{
    if (!options->file && !options->user) {
        snprintf(problem->text, sizeof problem->text, "neither a file of credentials nor a user");
        return -EINVAL;
    }
    int error = options->user ? add_user(credentials, options, problem) : 0;
    if (error == 0 && options->file) {
        error = credentials_read(credentials, options->file, problem);
    }
    return error;
}

static int init(void *self, const void *options_given)
{
    static const struct basic_auth_options nothing;
    struct basic_auth_problem unsaid;
    struct instance *instance = self;
    const struct basic_auth_options *options = options_given ? options_given : &nothing;
    struct basic_auth_problem *problem = options->problem ? options->problem : &unsaid;

    problem->text[0] = '\0';
    instance->body_max = options->body_max ? options->body_max : BODY_MAX_DEFAULT;
    int error = make_challenge(instance, options->realm, problem);
    return error ? error : load_credentials(&instance->credentials, options, problem);
}

/* ---- a request ---- */

/* What stands behind "Basic " in any case; .size 0 if the value is anything else. */
static struct rig_bytes token_of(struct rig_bytes authorization)
{
    const char *text = authorization.data;
    size_t size = authorization.size, at = strlen("Basic");
    if (size <= at || strncasecmp(text, "Basic", at) != 0 || text[at] != ' ') {
        return (struct rig_bytes){0};
    }
    while (at < size && text[at] == ' ') {
        at++;
    }
    return (struct rig_bytes){text + at, size - at};
}

/* Bytes, not a C string: what follows a zero byte must not be overlooked. */
static bool read_credential(const struct rig_env *env, struct credential *given)
{
    char text[CREDENTIAL_TEXT_MAX];
    struct rig_bytes token = token_of(rig_env_bytes(env, "HTTP_AUTHORIZATION"));
    long size = base64_decode(token.data, token.size, text, sizeof text);
    return size > 0 && credential_parse(given, text, (size_t)size) == 0;
}

/* The body first: an answer over an unread body can be lost, or the body be taken for the next request. */
static int refuse(const struct instance *instance, struct rig_env *env, struct rig_response *res)
{
    int64_t drained = rig_input_drain(rig_env_input(env), instance->body_max);
    if (drained < 0 && drained != -EFBIG) {
        return (int)drained;
    }
    int error = drained == -EFBIG ? rig_response_set_header(res, "Connection", "close") : 0;
    if (error) {
        return error;
    }
    return rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", instance->challenge}});
}

/* REMOTE_USER is this layer's to set; a client's header Remote-User: must not look like it to a careless app. */
static int forget_user(struct rig_env *env)
{
    int error = rig_env_unset(env, "REMOTE_USER");
    return error ? error : rig_env_unset(env, "HTTP_REMOTE_USER");
}

static int admit(struct rig_env *env, const char *user)
{
    int error = rig_env_set(env, "AUTH_TYPE", "Basic");
    return error ? error : rig_env_set(env, "REMOTE_USER", user);
}

static int authenticate(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct instance *instance = self;
    struct credential given;
    int error = forget_user(env);
    if (error) {
        return error;
    }
    if (!read_credential(env, &given) || !credentials_match(&instance->credentials, &given)) {
        return refuse(instance, env, res);
    }
    error = admit(env, given.user);
    return error ? error : rig_next(next, env, res);
}

const struct rig_middleware basic_auth = {
    .name = "basic_auth", .call = authenticate, .self_size = sizeof(struct instance), .init = init};
