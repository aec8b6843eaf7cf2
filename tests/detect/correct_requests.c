/* Correct, and suspicious to look at: sub-requests, rewritten paths, caches, HEAD, ranges. */
#include "tests/detect/detect.h"

#include <errno.h>
#include <pthread.h>
#include <strings.h>

/* A body that is kept, so that the chain below can be run for it twice, each time as a request of its own. */
static int with_body(struct rig_env *env, const struct rig_bytes *all)
{
    struct rig_source source = rig_env_source(env, all->data, all->size);
    return source.read ? rig_env_set_input(env, source) : -ENOMEM;
}

static int retries(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_bytes all;
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    int error = rig_input_all(rig_env_input(env), 1 << 20, &all);
    if (error != 0) {
        return error;
    }
    if (length && strtoull(length, NULL, 10) != all.size) {
        return rig_respond(res, .status = 400);
    }
    for (int i = 0; i < 2; i++) {
        struct rig_env *copy = rig_env_copy(env);
        error = copy ? with_body(copy, &all) : -ENOMEM;
        error = error ? error : rig_env_set(copy, "app.attempt", i ? "2" : "1");
        struct rig_response *answer = error ? NULL : rig_subrequest(next, copy);
        error = error ? error : answer ? rig_response_error(answer) : -ENOMEM;
        int status = answer ? rig_response_status(answer) : 0;
        if (error != 0 || status != 503) {
            return error ? error : rig_respond(res, .status = status);
        }
    }
    return rig_respond(res, .status = 404);
}

static int fails_first(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return detect_say(env, res, detect_is(env, "app.attempt", "1") ? 503 : 204, "");
}

static const struct rig_middleware retries_layer = {.name = "retries", .call = retries};

/* Moves a prefix to SCRIPT_NAME for the time of the call. */
static int mounts(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char path[512];
    const char *before = rig_env_get(env, "PATH_INFO");
    if (strncmp(before, "/api/", 5) != 0 || strlen(before) >= sizeof path) {
        return rig_next(next, env, res);
    }
    memcpy(path, before, strlen(before) + 1);
    int error = rig_env_set(env, "SCRIPT_NAME", "/api");
    error = error ? error : rig_env_set(env, "PATH_INFO", path + 4);
    error = error ? error : rig_next(next, env, res);
    int restored = rig_env_set(env, "PATH_INFO", path);
    restored = restored ? restored : rig_env_set(env, "SCRIPT_NAME", "");
    return error ? error : restored;
}

static int tells_path(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return detect_say(env, res, 200, detect_is(env, "SCRIPT_NAME", "/api") ? "in the api" : "outside");
}

static const struct rig_middleware mounts_layer = {.name = "mounts", .call = mounts};

/* Asks an endpoint of its own whether the request may pass, as a request of its own without a body. */
static int probes(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_bytes nothing = {"", 0};
    struct rig_env *copy = rig_env_copy(env);
    int error = copy ? with_body(copy, &nothing) : -ENOMEM;
    error = error ? error : rig_env_unset(copy, "CONTENT_LENGTH");
    error = error ? error : rig_env_set(copy, "app.probe", "yes");
    struct rig_response *answer = error ? NULL : rig_subrequest(next, copy);
    error = error ? error : answer ? rig_response_error(answer) : -ENOMEM;
    if (error != 0) {
        return error;
    }
    return rig_response_status(answer) == 204 ? rig_next(next, env, res) : detect_say(env, res, 404, "not here");
}

static int answers_probe(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (detect_is(env, "app.probe", "yes")) {
        return detect_say(env, res, rig_env_get(env, "HTTP_COOKIE") ? 204 : 403, "");
    }
    return detect_say(env, res, 200, "let in");
}

static const struct rig_middleware probes_layer = {.name = "probes", .call = probes};

/* A cache in the instance, under a lock: whole answers, by method and path. */
struct cache {
    pthread_mutex_t lock;
    bool ready;
    char path[64];
};

static int begins_lock(void *self, const void *options)
{
    struct cache *cache = self;
    (void)options;
    return -pthread_mutex_init(&cache->lock, NULL);
}

static void empties(void *self)
{
    struct cache *cache = self;
    cache->ready = false;
    cache->path[0] = '\0';
}

static void ends_lock(void *self)
{
    struct cache *cache = self;
    (void)pthread_mutex_destroy(&cache->lock);
}

static int caches(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct cache *cache = self;
    const char *path = rig_env_get(env, "PATH_INFO");
    bool may = detect_is(env, "REQUEST_METHOD", "GET") && strlen(path) < sizeof cache->path;
    (void)pthread_mutex_lock(&cache->lock);
    bool hit = may && strcmp(cache->path, path) == 0;
    (void)pthread_mutex_unlock(&cache->lock);
    if (hit) {
        return detect_say(env, res, 200, "home");
    }
    int error = rig_next(next, env, res);
    if (error == 0 && may && rig_response_status(res) == 200) {
        (void)pthread_mutex_lock(&cache->lock);
        memcpy(cache->path, path, strlen(path) + 1);
        (void)pthread_mutex_unlock(&cache->lock);
    }
    return error;
}

static const struct rig_middleware caches_layer = {.name = "caches",
                                                   .call = caches,
                                                   .self_size = sizeof(struct cache),
                                                   .init = begins_lock,
                                                   .reset = empties,
                                                   .destroy = ends_lock};

/* What it needs is made by the first request, for all. It has no reset. */
static int prepares(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct cache *cache = self;
    if (!cache->ready) {
        (void)snprintf(cache->path, sizeof cache->path, "%s", "ready");
        cache->ready = true;
    }
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-State", cache->path);
}

static const struct rig_middleware prepares_layer = {
    .name = "prepares", .call = prepares, .self_size = sizeof(struct cache)};

/* Counts, for its log alone. */
static int counts(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    unsigned *count = self;
    (void)rig_env_log(env, "request %u", ++*count);
    return rig_next(next, env, res);
}

static void counts_anew(void *self)
{
    *(unsigned *)self = 0;
}

static const struct rig_middleware counts_layer = {
    .name = "counts", .call = counts, .self_size = sizeof(unsigned), .reset = counts_anew};

/* A preflight is answered by a layer, without a body. */
static int cors(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *origin = rig_env_get(env, "HTTP_ORIGIN");
    bool known = origin && strcmp(origin, "http://example.org") == 0;
    int error = known ? rig_response_set_header(res, "Access-Control-Allow-Origin", origin) : 0;
    bool preflight = known && detect_is(env, "REQUEST_METHOD", "OPTIONS");
    return error ? error : preflight ? detect_say(env, res, 204, "") : rig_next(next, env, res);
}

static const struct rig_middleware cors_layer = {.name = "cors", .call = cors};

/* Of a page that the client has, nothing but its tag. */
static int conditional(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *has = rig_env_get(env, "HTTP_IF_NONE_MATCH");
    int error = rig_response_set_header(res, "ETag", "W/\"a\"");
    bool fresh = has && strcmp(has, "W/\"a\"") == 0 && (detect_is(env, "REQUEST_METHOD", "GET") || detect_is_head(env));
    return error ? error : detect_say(env, res, fresh ? 304 : 200, "the page");
}

/* A range of a page, of GET alone. */
static int ranges(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *range = rig_env_get(env, "HTTP_RANGE");
    if (!range || !detect_is(env, "REQUEST_METHOD", "GET") || strcmp(range, "bytes=0-") != 0) {
        return detect_say(env, res, 200, "the page");
    }
    int error = detect_say(env, res, 206, "the page");
    return error || rig_response_status(res) != 206 ? error
                                                    : rig_response_set_header(res, "Content-Range", "bytes 0-7/8");
}

/* Pages are made for HEAD as for GET, and a layer above takes the body off. */
static int heads(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (error != 0 || !detect_is_head(env)) {
        return error;
    }
    struct rig_source body = rig_response_take_body(res);
    if (body.read && body.close) {
        body.close(body.self);
    }
    return body.read ? 0 : -ENOMEM;
}

static int always_page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int taken = detect_take(env);
    return taken < 0 ? taken : rig_respond(res, .status = taken ? 400 : 200, .body = "a page");
}

static const struct rig_middleware heads_layer = {.name = "heads", .call = heads};

/* GET alone leads to a WebSocket (RFC 6455 section 4.1); without a key that is a mistake of the client's. */
static int socket_or_page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *to = rig_env_get(env, "HTTP_UPGRADE");
    bool upgrade = to && strcasecmp(to, "websocket") == 0 && detect_is(env, "REQUEST_METHOD", "GET");
    return detect_say(env, res, upgrade ? 400 : 200, upgrade ? "no key" : "a page");
}

/* Shows the headers of the request as they came. */
struct lines {
    char text[4096];
    size_t size;
};

static int add_line(void *closure, const char *name, const char *value, size_t size)
{
    struct lines *lines = closure;
    bool secret = strstr(name, "AUTHORIZATION") || strstr(name, "COOKIE") || strstr(name, "API_KEY");
    if (strncmp(name, "HTTP_", 5) == 0 && !secret && lines->size + 128 < sizeof lines->text) {
        lines->size += (size_t)snprintf(lines->text + lines->size, 128, "%.60s: %.*s\n", name + 5,
                                        (int)(size < 60 ? size : 60), value);
    }
    return 0;
}

static int shows_headers(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct lines lines = {.size = 0};
    (void)rig_env_each(env, add_line, &lines);
    return detect_say(env, res, 200, lines.text);
}

static const struct detect_row rows[] = {
    DETECT_ROW("retries", "runs the chain twice, with sub-requests", NULL, fails_first, .layers = {&retries_layer}),
    DETECT_ROW("mounts", "rewrites the path, and restores it", NULL, tells_path, .layers = {&mounts_layer}),
    DETECT_ROW("probes", "a sub-request that asks for leave", NULL, answers_probe, .layers = {&probes_layer}),
    DETECT_ROW("caches", "state in the instance, under a lock", NULL, detect_home, .layers = {&caches_layer}),
    DETECT_ROW("prepares", "the first request makes what all use, no reset", NULL, detect_home,
               .layers = {&prepares_layer}),
    DETECT_ROW("counts", "counts requests in its log", NULL, detect_home, .layers = {&counts_layer}),
    DETECT_ROW("cors", "a layer answers OPTIONS", NULL, detect_home, .layers = {&cors_layer}),
    DETECT_ROW("conditional", "304", NULL, conditional, .layers = {NULL}),
    DETECT_ROW("ranges", "206 of GET, 200 of HEAD", NULL, ranges, .layers = {NULL}),
    DETECT_ROW("socket_or_page", "an upgrade of GET, a page of HEAD", NULL, socket_or_page, .layers = {NULL}),
    DETECT_ROW("shows_headers", "headers as they came, in their order", NULL, shows_headers, .layers = {NULL}),
    DETECT_ROW("heads", "an app answers HEAD with a body, a layer takes it off", NULL, always_page,
               .layers = {&heads_layer}),
};

const struct detect_table detect_correct_requests = {"correct: requests and answers", DETECT_ROWS(rows)};
