#include "basic_auth.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <stackrig/http/base64.h>

#include "credentials.h"
#include "lenient.h"

enum { BODY_MAX_DEFAULT = 64 * 1024 };

struct instance {
    char challenge[sizeof "Basic realm=\"\", charset=\"UTF-8\"" + 2 * BASIC_AUTH_REALM_MAX];
    struct credentials credentials;
    basic_auth_check_fn *check; /* NULL: the credentials */
    void *check_self;
    bool lenient;
    uint64_t body_max;
};

/* A client's credentials, in the request's memory. */
struct given {
    const char *text; /* user:password */
    struct rig_bytes user, password;
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

static int make_challenge(struct instance *instance, const struct basic_auth_options *options,
                          struct basic_auth_problem *problem)
{
    char quoted[2 * BASIC_AUTH_REALM_MAX + 1];
    int error = quote(options->realm ? options->realm : "Restricted", quoted);
    if (error) {
        snprintf(problem->text, sizeof problem->text, "realm: %s",
                 error == -EFBIG ? "too long" : "a control character in it");
        return error;
    }
    snprintf(instance->challenge, sizeof instance->challenge, "Basic realm=\"%s\"%s", quoted,
             options->utf8 ? ", charset=\"UTF-8\"" : "");
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
    if (!options->check == (!options->file && !options->user)) {
        snprintf(problem->text, sizeof problem->text,
                 options->check ? "both a check and users" : "neither a file of credentials nor a user");
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
    instance->check = options->check;
    instance->check_self = options->check_self;
    instance->lenient = options->lenient;
    int error = make_challenge(instance, options, problem);
    return error ? error : load_credentials(&instance->credentials, options, problem);
}

/* ---- what the client gave ---- */

static bool is_token_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_one_of(const char *characters, char c)
{
    return c != '\0' && strchr(characters, c);
}

static struct rig_bytes trim(struct rig_bytes value, const char *blanks)
{
    const char *text = value.data;
    while (value.size > 0 && is_one_of(blanks, text[value.size - 1])) {
        value.size--;
    }
    while (value.size > 0 && is_one_of(blanks, *text)) {
        text++;
        value.size--;
    }
    return (struct rig_bytes){text, value.size};
}

/* Cuts the scheme off the value: 0; 400: there are no two parts; 401: it is another scheme. */
static int cut_scheme(struct rig_bytes *value, bool lenient)
{
    static const char any_blank[] = " \t\n\v\f\r";
    struct rig_bytes whole = trim(*value, lenient ? any_blank : " \t");
    const char *text = whole.data;
    size_t size = 0;
    while (size < whole.size && is_token_character(text[size])) {
        size++;
    }
    *value = trim((struct rig_bytes){text + size, whole.size - size}, lenient ? any_blank : " ");
    if (size == 0 || value->size == 0 || value->data == text + size) {
        return 400;
    }
    return size == strlen("Basic") && strncasecmp(text, "Basic", size) == 0 ? 0 : 401;
}

/* user:password. The first colon divides; a user cannot have one. */
static int divide(struct given *given, const char *text, size_t size)
{
    const char *colon = memchr(text, ':', size);
    if (!colon) {
        return 400;
    }
    size_t user_size = (size_t)(colon - text);
    given->text = text;
    given->user = (struct rig_bytes){text, user_size};
    given->password = (struct rig_bytes){colon + 1, size - user_size - 1};
    return 0;
}

/* 0, the status to refuse it with, or -ENOMEM. Bytes, not C strings: what follows a zero byte must not be overlooked. */
static int read_credentials(const struct instance *instance, struct rig_env *env, struct given *given)
{
    struct rig_bytes token = rig_env_bytes(env, "HTTP_AUTHORIZATION");
    int refused = token.data ? cut_scheme(&token, instance->lenient) : 401;
    if (refused) {
        return refused;
    }
    char *digits = rig_env_alloc(env, token.size + 3), *text = rig_env_alloc(env, token.size + 3);
    if (!digits || !text) {
        return -ENOMEM;
    }
    memcpy(digits, token.data, token.size);
    size_t count = instance->lenient ? base64_tidy(digits, token.size) : token.size;
    int64_t size = rig_base64_decode(digits, count, text, token.size + 3);
    return size > 0 ? divide(given, text, (size_t)size) : 400;
}

static bool is_known(const struct instance *instance, const struct given *given)
{
    struct credential credential;
    if (instance->check) {
        return instance->check(instance->check_self, given->user, given->password);
    }
    size_t size = given->user.size + 1 + given->password.size;
    return credential_parse(&credential, given->text, size) == 0 &&
           credentials_match(&instance->credentials, &credential);
}

/* ---- a request ---- */

/* The body first: an answer over an unread body can be lost, or the body be taken for the next request. */
static int refuse(const struct instance *instance, struct rig_env *env, struct rig_response *res, int status)
{
    int64_t drained = rig_input_drain(rig_env_input(env), instance->body_max);
    if (drained < 0 && drained != -EFBIG) {
        return (int)drained;
    }
    int error = drained == -EFBIG ? rig_response_set_header(res, "Connection", "close") : 0;
    if (status == 401 && error == 0) {
        error = rig_response_set_header(res, "WWW-Authenticate", instance->challenge);
    }
    return error ? error
                 : rig_respond(res, .status = status,
                               .headers = {{"Content-Type", "text/plain"}, {"Content-Length", "0"}});
}

/* REMOTE_USER is this layer's to set; a client's header Remote-User: must not look like it to a careless app. */
static int forget_user(struct rig_env *env)
{
    int error = rig_env_unset(env, "REMOTE_USER");
    return error ? error : rig_env_unset(env, "HTTP_REMOTE_USER");
}

static int admit(struct rig_env *env, struct rig_bytes user)
{
    int error = rig_env_set(env, "AUTH_TYPE", "Basic");
    return error ? error : rig_env_set_bytes(env, "REMOTE_USER", user.data, user.size);
}

static int authenticate(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct instance *instance = self;
    struct given given;
    int error = forget_user(env);
    if (error) {
        return error;
    }
    int refused = read_credentials(instance, env, &given);
    if (refused == 0 && !is_known(instance, &given)) {
        refused = 401;
    }
    if (refused) {
        return refused < 0 ? refused : refuse(instance, env, res, refused);
    }
    error = admit(env, given.user);
    return error ? error : rig_next(next, env, res);
}

/* Requests change nothing of it. */
static void reset(void *self)
{
    (void)self;
}

const struct rig_middleware basic_auth = {
    .name = "basic_auth", .call = authenticate, .self_size = sizeof(struct instance), .init = init, .reset = reset};
