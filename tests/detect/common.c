#include "tests/detect/detect.h"

#include <stackrig/http/percent.h>

#define DRAIN_MAX ((uint64_t)1 << 20)

int detect_keep_secret(void *self, const void *options)
{
    struct detect_secret *secret = self;
    (void)snprintf(secret->value, sizeof secret->value, "%s", (const char *)options);
    return 0;
}

void detect_nothing_to_reset(void *self)
{
    (void)self;
}

bool detect_is(const struct rig_env *env, const char *name, const char *value)
{
    const char *is = rig_env_get(env, name);
    return is && strcmp(is, value) == 0;
}

bool detect_is_head(const struct rig_env *env)
{
    return detect_is(env, "REQUEST_METHOD", "HEAD");
}

const char *detect_param(const struct rig_env *env, const char *name, char *room, size_t size)
{
    const char *at = rig_env_get(env, "QUERY_STRING");
    size_t name_size = strlen(name);
    while (at && *at) {
        size_t length = strcspn(at, "&");
        if (length > name_size && length - name_size <= size && strncmp(at, name, name_size) == 0 &&
            at[name_size] == '=') {
            room[rig_percent_decode(at + name_size + 1, length - name_size - 1, true, room)] = '\0';
            return room;
        }
        at += length + (at[length] == '&');
    }
    return NULL;
}

int detect_take(struct rig_env *env)
{
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    int64_t taken = rig_input_drain(rig_env_input(env), DRAIN_MAX);
    if (taken < 0) {
        return (int)taken;
    }
    return length && strtoull(length, NULL, 10) != (uint64_t)taken;
}

int detect_say(struct rig_env *env, struct rig_response *res, int status, const char *body)
{
    int taken = detect_take(env);
    if (taken < 0) {
        return taken;
    }
    bool no_body = detect_is_head(env) || status == 204 || status == 304;
    return rig_respond(res, .status = taken ? 400 : status, .body = no_body || taken ? "" : body);
}

bool detect_bearer(const struct rig_env *env, const char *secret)
{
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    return value && strncmp(value, "Bearer ", 7) == 0 && strcmp(value + 7, secret) == 0;
}

int detect_deny(struct rig_env *env, struct rig_response *res)
{
    int error = rig_response_set_header(res, "WWW-Authenticate", "Bearer");
    return error ? error : detect_say(env, res, 401, "who are you?");
}

int detect_members(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return detect_say(env, res, 200, "members only");
}

int detect_home(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return detect_say(env, res, 200, "home");
}

static int guard(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    return detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

const struct rig_middleware detect_guard = {.name = "guard",
                                            .call = guard,
                                            .self_size = sizeof(struct detect_secret),
                                            .init = detect_keep_secret,
                                            .reset = detect_nothing_to_reset};
