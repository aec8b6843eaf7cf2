/* Early answers and bodies that are left unread. */
#include "tests/detect/detect.h"

#include <errno.h>

static bool has_body(const struct rig_env *env)
{
    return rig_env_get(env, "CONTENT_LENGTH") || rig_env_get(env, "HTTP_TRANSFER_ENCODING");
}

/* openresty/lua-nginx-module #216: an access phase answers 401, the body stays on the connection. */
static int denies_at_once(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    return detect_bearer(env, secret->value)
               ? rig_next(next, env, res)
               : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static const struct rig_middleware denies_at_once_layer = {.name = "denies_at_once",
                                                           .call = denies_at_once,
                                                           .self_size = sizeof(struct detect_secret),
                                                           .init = detect_keep_secret,
                                                           .reset = detect_nothing_to_reset};

/* nginx 77ca973: a fixed answer of one location discards no body. */
static int health_check(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return detect_is(env, "PATH_INFO", "/health") ? rig_respond(res, .status = 204) : rig_next(next, env, res);
}

static const struct rig_middleware health_check_layer = {.name = "health_check", .call = health_check};

/* nginx 5a2ce3f: what taking the body failed with is thrown away. */
static int takes_and_forgets(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char piece[256];
    while (rig_input_read(rig_env_input(env), piece, sizeof piece) > 0) {
    }
    return rig_respond(res, .status = 200);
}

/* lpereira/lwan 1db0694: a body is expected of some methods alone. */
static int expects_of_post(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (detect_is(env, "REQUEST_METHOD", "POST") || detect_is(env, "REQUEST_METHOD", "PUT")) {
        return detect_say(env, res, 201, "");
    }
    return rig_respond(res, .status = 204);
}

/* CVE-2024-33452 of lua-nginx-module: HEAD has no body, so none is read. */
static int head_has_none(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return detect_is_head(env) ? rig_respond(res, .status = 200) : detect_say(env, res, 200, "page");
}

/* lpereira/lwan 67ea502: a limit for what is discarded, and the connection is kept past it. */
static int discards_a_little(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 48);
    if (drained == -EFBIG) {
        return rig_respond(res, .status = 413);
    }
    return drained < 0 ? (int)drained : detect_say(env, res, 200, "taken");
}

/* lighttpd #3316: an error handler answers while the client is still uploading. */
static int error_pages(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error == -EINVAL ? rig_respond(res, .status = 400, .body = detect_is_head(env) ? "" : "sorry") : error;
}

static int wants_json(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *type = rig_env_get(env, "CONTENT_TYPE");
    return type && strcmp(type, "application/json") != 0 ? -EINVAL : detect_say(env, res, 200, "{}");
}

static const struct rig_middleware error_pages_layer = {.name = "error_pages", .call = error_pages};

/* h2o 4ee4282: the answer to an upload whose length is not announced. */
static int takes_what_is_announced(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    return length ? detect_say(env, res, 200, "stored") : rig_respond(res, .status = 200);
}

/* civetweb 1abe103: begin_request answers by itself and does not drain. */
static int expectations(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *expect = rig_env_get(env, "HTTP_EXPECT");
    return expect && strcmp(expect, "100-continue") != 0 ? rig_respond(res, .status = 417) : rig_next(next, env, res);
}

static const struct rig_middleware expectations_layer = {.name = "expectations", .call = expectations};

/* Body eaten by a layer: forms are read for the log. */
static int logs_forms(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char form[16];
    const char *type = rig_env_get(env, "CONTENT_TYPE");
    if (has_body(env) && type && strncmp(type, "application/x-www-form-urlencoded", 33) == 0) {
        int64_t size = rig_input_read(rig_env_input(env), form, sizeof form);
        if (size < 0) {
            return (int)size;
        }
        (void)rig_env_log(env, "form of %d bytes", (int)size);
    }
    return rig_next(next, env, res);
}

static int stores_form(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct rig_bytes form;
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    int error = rig_input_all(rig_env_input(env), 1 << 20, &form);
    bool whole = error == 0 && (!length || strtoull(length, NULL, 10) == form.size);
    return error ? error : rig_respond(res, .status = whole ? 201 : 400);
}

static const struct rig_middleware logs_forms_layer = {.name = "logs_forms", .call = logs_forms};

/* vimalloc/flask-jwt-extended#253: 401 before a large upload is taken. Small ones are. */
static int denies_large(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    return length && strtoull(length, NULL, 10) > 100 ? rig_respond(res, .status = 413) : rig_next(next, env, res);
}

static const struct rig_middleware denies_large_layer = {.name = "denies_large", .call = denies_large};

#define UNREAD "input.early_answer.unread"

static const struct detect_row rows[] = {
    DETECT_ROW("denies_at_once", "lua-nginx-module #216", UNREAD, detect_members, .layers = {&denies_at_once_layer}),
    DETECT_ROW("health_check", "nginx 77ca973", UNREAD, detect_home, .layers = {&health_check_layer}),
    DETECT_ROW("takes_and_forgets", "nginx 5a2ce3f", "input.truncated.accepted", takes_and_forgets, .layers = {NULL}),
    DETECT_ROW("expects_of_post", "lwan 1db0694", UNREAD, expects_of_post, .layers = {NULL}),
    DETECT_ROW("head_has_none", "CVE-2024-33452", UNREAD, head_has_none, .layers = {NULL}),
    DETECT_ROW("discards_a_little", "lwan 67ea502", UNREAD, discards_a_little, .layers = {NULL}),
    DETECT_ROW("error_pages", "lighttpd #3316", UNREAD, wants_json, .layers = {&error_pages_layer}),
    DETECT_ROW("takes_what_is_announced", "h2o 4ee4282", UNREAD, takes_what_is_announced, .layers = {NULL}),
    DETECT_ROW("expectations", "civetweb 1abe103", UNREAD, detect_home, .layers = {&expectations_layer}),
    DETECT_ROW("logs_forms", "body eaten by a layer", "input.body.eaten", stores_form, .layers = {&logs_forms_layer}),
    DETECT_ROW("denies_large", "flask-jwt-extended#253", UNREAD, detect_home, .layers = {&denies_large_layer}),
};

const struct detect_table detect_early = {"early answer, unread body", DETECT_ROWS(rows)};
