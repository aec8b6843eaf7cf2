/* Requests that are copied, replaced or retained. */
#include "tests/detect/detect.h"

#include <errno.h>

/* Env copied by a layer: the version of an Accept header becomes a new env. */
static int versions(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *accept = rig_env_get(env, "HTTP_ACCEPT");
    if (!accept || strcmp(accept, "application/json") != 0) {
        return rig_next(next, env, res);
    }
    struct rig_env *copy = rig_env_copy(env);
    return copy ? rig_next(next, copy, res) : -ENOMEM;
}

static const struct rig_middleware versions_layer = {.name = "versions", .call = versions};

/* The same with what that costs: the user that is set below does not reach who reports above. */
static int reports_user(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (error == 0 && rig_env_get(env, "app.user")) {
        (void)rig_env_log(env, "user is known");
    }
    return error;
}

static int sets_user(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = rig_env_get(env, "HTTP_COOKIE") ? rig_env_set(env, "app.user", "ada") : 0;
    return error ? error : detect_say(env, res, 200, "hello");
}

static const struct rig_middleware reports_user_layer = {.name = "reports_user", .call = reports_user};

struct keeper {
    struct rig_env *env;
    struct rig_next *next;
    struct rig_response *response;
    struct rig_input *input;
    const char *value;
};

static void forget(void *self)
{
    memset(self, 0, sizeof(struct keeper));
}

/* openresty/lua-nginx-module #2133: a logger uses the pointer of a request that is gone. */
static int logs_later(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    if (keeper->env) {
        (void)rig_env_log(keeper->env, "done");
    }
    keeper->env = detect_is(env, "REQUEST_METHOD", "DELETE") ? env : NULL;
    return rig_next(next, env, res);
}

static const struct rig_middleware logs_later_layer = {
    .name = "logs_later", .call = logs_later, .self_size = sizeof(struct keeper), .reset = forget};

/* Qihoo360/evpp #13: goes on with a request that it has answered. */
static int goes_on_later(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    if (keeper->next) {
        (void)rig_next(keeper->next, env, res);
        keeper->next = NULL;
    }
    if (detect_is(env, "HTTP_UPGRADE", "websocket")) {
        keeper->next = next;
        return detect_say(env, res, 202, "");
    }
    return rig_next(next, env, res);
}

static const struct rig_middleware goes_on_later_layer = {
    .name = "goes_on_later", .call = goes_on_later, .self_size = sizeof(struct keeper), .reset = forget};

/* Yellow-Camper/libevhtp #15: the reply frees what the reader goes on with. */
static int answers_twice_over(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    if (keeper->response) {
        (void)rig_response_set_header(keeper->response, "X-Seen", "1");
        keeper->response = NULL;
    }
    if (rig_env_get(env, "HTTP_X_REQUESTED_WITH")) {
        keeper->response = res;
    }
    return rig_next(next, env, res);
}

static const struct rig_middleware answers_twice_over_layer = {
    .name = "answers_twice_over", .call = answers_twice_over, .self_size = sizeof(struct keeper), .reset = forget};

/* warmcat/libwebsockets 2f082ec: what belongs to a transaction is handed on after it was completed. */
static int reads_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    char byte;
    if (keeper->input) {
        (void)rig_input_read(keeper->input, &byte, 1);
        keeper->input = NULL;
    }
    if (detect_is(env, "REQUEST_METHOD", "PATCH")) {
        keeper->input = rig_env_input(env);
    }
    return rig_next(next, env, res);
}

static const struct rig_middleware reads_on_layer = {
    .name = "reads_on", .call = reads_on, .self_size = sizeof(struct keeper), .reset = forget};

/* nginx-clojure PR #310: a rewrite handler finalises the request, and the chain goes on. */
static int redirects_and_goes_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    if (detect_is(env, "HTTP_X_FORWARDED_PROTO", "https")) {
        (void)detect_say(env, res, 302, "");
    }
    return rig_next(next, env, res);
}

static const struct rig_middleware redirects_and_goes_on_layer = {.name = "redirects_and_goes_on",
                                                                  .call = redirects_and_goes_on};

/* nginx/njs #1077: when the subrequest is completed, the parent runs again. */
static int tries_again(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error == 0 && rig_response_status(res) == 404 ? rig_next(next, env, res) : error;
}

static int knows_some(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    return detect_say(env, res, strchr(path, '.') ? 404 : 200, "");
}

static const struct rig_middleware tries_again_layer = {.name = "tries_again", .call = tries_again};

/* libevent #997: freed by who had not to, and again by who has. */
static int drops_body(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (error != 0 || !detect_is(env, "HTTP_RANGE", "bytes=0-")) {
        return error;
    }
    struct rig_source body = rig_response_take_body(res);
    if (!body.read) {
        return -ENOMEM;
    }
    body.close(body.self);
    return rig_response_stream(res, body);
}

static const struct rig_middleware drops_body_layer = {.name = "drops_body", .call = drops_body};

/* lighttpd df8e4f9: a header's pointer is kept across what moves it. */
static int keeps_pointer(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct keeper *keeper = self;
    const char *agent = rig_env_get(env, "HTTP_USER_AGENT");
    if (keeper->value && !agent) {
        (void)rig_response_set_header(res, "X-Before", keeper->value[0] == 'M' ? "browser" : "other");
    }
    keeper->value = agent ? agent : keeper->value;
    return rig_next(next, env, res);
}

static const struct rig_middleware keeps_pointer_layer = {
    .name = "keeps_pointer", .call = keeps_pointer, .self_size = sizeof(struct keeper), .reset = forget};

static const struct detect_row rows[] = {
    DETECT_ROW("versions", "env copied by a layer", "env.identity.replaced", detect_home, .layers = {&versions_layer}),
    DETECT_ROW("loses_user", "env copied by a layer", "env.identity.lost_write", sets_user,
               .layers = {&reports_user_layer, &versions_layer}),
    DETECT_ROW("logs_later", "lua-nginx-module #2133", "env.lifetime.stale", detect_home,
               .layers = {&logs_later_layer}),
    DETECT_ROW("goes_on_later", "evpp #13", "next.lifetime.stale", detect_home, .layers = {&goes_on_later_layer}),
    DETECT_ROW("answers_twice_over", "libevhtp #15", "response.lifetime.stale", detect_home,
               .layers = {&answers_twice_over_layer}),
    DETECT_ROW("reads_on", "libwebsockets 2f082ec", "input.lifetime.stale", detect_home, .layers = {&reads_on_layer}),
    DETECT_ROW("redirects_and_goes_on", "nginx-clojure PR #310", "next.call.after_answer", detect_home,
               .layers = {&redirects_and_goes_on_layer}),
    DETECT_ROW("tries_again", "njs #1077", "next.call.twice", knows_some, .layers = {&tries_again_layer}),
    DETECT_ROW("drops_body", "libevent #997", "body.closed_twice", detect_home, .layers = {&drops_body_layer}),
    DETECT_ROW("keeps_pointer", "lighttpd df8e4f9", "crash", detect_home, .layers = {&keeps_pointer_layer},
               .memory = true),
};

const struct detect_table detect_lifetime = {"request copied, replaced, retained", DETECT_ROWS(rows)};
