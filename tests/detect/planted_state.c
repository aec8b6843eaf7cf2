/* State of one request that another one sees. */
#include "tests/detect/detect.h"

struct session {
    struct detect_secret secret;
    bool known;
    char text[64];
    int count;
};

static void forget(void *self)
{
    struct session *session = self;
    session->known = false;
    session->text[0] = '\0';
    session->count = 0;
}

#define SESSION_LAYER(name_)                                                                              \
    {                                                                                                     \
        .name = #name_, .call = (name_), .self_size = sizeof(struct session), .init = detect_keep_secret, \
        .reset = forget                                                                                   \
    }

/* CVE-2019-0217 of mod_auth_digest: one valid user acts as another: who came last is remembered. */
static int last_user(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct session *session = self;
    if (rig_env_get(env, "HTTP_AUTHORIZATION")) {
        session->known = detect_bearer(env, session->secret.value);
    }
    return session->known ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware last_user_layer = SESSION_LAYER(last_user);

/* babelouest/ulfius CVE-2021-40540: what belongs to one request is not zeroed for the next. A session that a cookie began. */
static int session_stays(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct session *session = self;
    const char *cookie = rig_env_get(env, "HTTP_COOKIE");
    if (cookie && strncmp(cookie, "session=", 8) == 0 && strcmp(cookie + 8, session->secret.value) == 0) {
        session->known = true;
    }
    return session->known ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware session_stays_layer = SESSION_LAYER(session_stays);

/* saghul/txiki.js PR #939: state of a request is kept on. A cache whose key is the path alone. */
static int caches_members(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct session *session = self;
    const char *path = rig_env_get(env, "PATH_INFO");
    if (detect_is(env, "REQUEST_METHOD", "GET") && strcmp(session->text, path) == 0) {
        return detect_say(env, res, 200, "members only");
    }
    int error = rig_next(next, env, res);
    if (error == 0 && rig_response_status(res) == 200 && strlen(path) < sizeof session->text) {
        memcpy(session->text, path, strlen(path) + 1);
    }
    return error;
}

static const struct rig_middleware caches_members_layer = SESSION_LAYER(caches_members);

/* CWE-524, a response that varies (RFC 9111 section 4.1): a cache of packed answers, whose key lacks the
 * Accept-Encoding. Who comes first decides for all. */
static int caches_packed(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct session *session = self;
    const char *path = rig_env_get(env, "PATH_INFO"), *accepts = rig_env_get(env, "HTTP_ACCEPT_ENCODING");
    bool get = detect_is(env, "REQUEST_METHOD", "GET"), hit = session->known && strcmp(session->text, path) == 0;
    if (!get || strlen(path) >= sizeof session->text) {
        return rig_next(next, env, res);
    }
    if (!hit) {
        (void)snprintf(session->text, sizeof session->text, "%s", path);
        session->known = true;
        session->count = accepts && strstr(accepts, "gzip");
    }
    int error = rig_response_set_header(res, "Vary", "Accept-Encoding");
    error = error || !session->count ? error : rig_response_set_header(res, "Content-Encoding", "gzip");
    return error ? error
                 : detect_say(env, res, 200,
                              session->count ? "\x1f\x8b"
                                               "a page"
                                             : "a page");
}

static const struct rig_middleware caches_packed_layer = SESSION_LAYER(caches_packed);

/* lpereira/lwan 1a68f1c: headers of the second request are ignored. */
static int first_language(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct session *session = self;
    const char *language = rig_env_get(env, "HTTP_ACCEPT_LANGUAGE");
    if (!session->known) {
        (void)snprintf(session->text, sizeof session->text, "%s", language ? "own" : "default");
        session->known = true;
    }
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-Language", session->text);
}

static const struct rig_middleware first_language_layer = SESSION_LAYER(first_language);

/* CVE-2017-9788 of mod_auth_digest: a key without a value reflects what stood in that memory before. */
static int reflects_before(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct session *session = self;
    char value[sizeof session->text];
    const char *query = rig_env_get(env, "QUERY_STRING");
    if (detect_param(env, "next", value, sizeof value - 1)) {
        (void)snprintf(session->text, sizeof session->text, "%zu", strlen(value));
    }
    int error = rig_next(next, env, res);
    return error || query[0] == '\0' ? error : rig_response_set_header(res, "X-Next-Size", session->text);
}

static const struct rig_middleware reflects_before_layer = SESSION_LAYER(reflects_before);

/* civetweb #1093: a handler is called that was unregistered: what is changed while it serves stays changed. */
static char last_error[64]; /* of the whole program */

static int last_error_page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    int error = last_error[0] ? rig_response_set_header(res, "X-Last-Error", last_error) : 0;
    if (strchr(path, '%')) {
        (void)snprintf(last_error, sizeof last_error, "bad path");
    }
    return error ? error : detect_say(env, res, strchr(path, '%') ? 404 : 200, "");
}

/* etr/libhttpserver #329: routes change while they serve: who asks for maintenance closes it for all. */
static int closes_for_all(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct session *session = self;
    session->known = session->known || detect_is(env, "HTTP_X_DEBUG", "true");
    return session->known ? detect_say(env, res, 404, "closed") : rig_next(next, env, res);
}

static const struct rig_middleware closes_for_all_layer = SESSION_LAYER(closes_for_all);

/* CWE-362: state that requests share without a lock. Every third request goes by what stands below, and nobody sees it. */
static unsigned served; /* of the whole program */

static int goes_by(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return ++served % 3 == 0 ? detect_say(env, res, 200, "home") : rig_next(next, env, res);
}

static const struct rig_middleware goes_by_layer = {.name = "goes_by", .call = goes_by};

static const struct detect_row rows[] = {
    DETECT_ROW("last_user", "CVE-2019-0217", "fuzz.app.entered", detect_members, .layers = {&last_user_layer},
               .protect = "detect_members"),
    DETECT_ROW("session_stays", "CVE-2021-40540", "fuzz.app.entered", detect_members, .layers = {&session_stays_layer},
               .protect = "detect_members"),
    DETECT_ROW("caches_members", "txiki.js PR #939", "fuzz.answer.depends", detect_members,
               .layers = {&caches_members_layer, &detect_guard}, .protect = "detect_members"),
    DETECT_ROW("caches_packed", "RFC 9111 section 4.1", "fuzz.answer.depends", detect_home,
               .layers = {&caches_packed_layer}),
    DETECT_ROW("first_language", "lwan 1a68f1c", "fuzz.answer.depends", detect_home, .layers = {&first_language_layer}),
    DETECT_ROW("reflects_before", "CVE-2017-9788", "fuzz.answer.depends", detect_home,
               .layers = {&reflects_before_layer}),
    DETECT_ROW("last_error_page", "civetweb #1093", "fuzz.answer.varies", last_error_page, .layers = {NULL}),
    DETECT_ROW("goes_by", "CWE-362", "fuzz.answer.varies", detect_home, .layers = {&goes_by_layer}),
    DETECT_ROW("closes_for_all", "libhttpserver #329", "fuzz.answer.depends", detect_home,
               .layers = {&closes_for_all_layer}),
};

const struct detect_table detect_state = {"shared state", DETECT_ROWS(rows)};
