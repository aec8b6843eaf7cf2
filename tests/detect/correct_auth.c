/* Correct, and suspicious to look at: guards that let through, logs and redirects that show a part of the request. */
#include "tests/detect/detect.h"

#include <stackrig/http/base64.h>
#include <stackrig/http/compare.h>
#include <stackrig/http/path.h>
#include <stackrig/http/percent.h>

#include <errno.h>
#include <strings.h>

/* Basic, any case of the scheme, blanks behind it; a realm with a quote. */
static int basic(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    char pair[256], right[128];
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    int right_size = snprintf(right, sizeof right, "ada:%s", secret->value);
    if (value && strncasecmp(value, "basic ", 6) == 0) {
        value += 6 + strspn(value + 6, " ");
        int64_t size = rig_base64_decode(value, strlen(value), pair, sizeof pair);
        if (size >= 0 && rig_secure_equal(pair, (size_t)size, right, (size_t)right_size)) {
            int error = rig_env_set(env, "REMOTE_USER", "ada");
            return error ? error : rig_next(next, env, res);
        }
    }
    int error = rig_response_set_header(res, "WWW-Authenticate", "Basic realm=\"a \\\"b\\\"\"");
    return error ? error : detect_say(env, res, 401, "no");
}

static const struct rig_middleware basic_layer = DETECT_GUARD(basic);

/* One path is open to everybody. */
static int but_health(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    if (detect_is(env, "PATH_INFO", "/health")) {
        return detect_say(env, res, 200, "well");
    }
    return detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware but_health_layer = DETECT_GUARD(but_health);

/* Guards what is below a prefix, by the path as the router will see it. */
static int cleans_path(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    char path[1024];
    const char *raw = rig_env_get(env, "PATH_INFO");
    size_t size = rig_path_clean(raw, strlen(raw), NULL, 0);
    if (size >= sizeof path) {
        return detect_say(env, res, 414, "");
    }
    (void)rig_path_clean(raw, strlen(raw), path, sizeof path);
    path[size] = '\0';
    bool closed = strncmp(path, "/admin", 6) == 0 && (path[6] == '\0' || path[6] == '/');
    if (closed && !detect_bearer(env, secret->value)) {
        return detect_deny(env, res);
    }
    int error = rig_env_set(env, "PATH_INFO", path[0] == '/' ? path : raw);
    return error ? error : rig_next(next, env, res);
}

static const struct rig_middleware cleans_path_layer = DETECT_GUARD(cleans_path);

/* Sends who is not known to the login page, which goes back to where he came from: with all of it encoded. */
static int to_login(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    char where[2048] = "/login?next=";
    if (detect_bearer(env, secret->value)) {
        return rig_next(next, env, res);
    }
    const char *path = rig_env_get(env, "PATH_INFO");
    size_t size = rig_percent_encode_path(path, strlen(path), where + 12, sizeof where - 13);
    where[12 + (size < sizeof where - 13 ? size : 0)] = '\0';
    int error = rig_response_set_header(res, "Location", where);
    return error ? error : detect_say(env, res, 302, "");
}

static const struct rig_middleware to_login_layer = DETECT_GUARD(to_login);

/* Logs who was denied, and of what he sent the scheme alone. */
static int logs_scheme(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    if (detect_bearer(env, secret->value)) {
        return rig_next(next, env, res);
    }
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    size_t scheme = value ? strspn(value, "BasicBearerDigest") : 0;
    (void)rig_env_log(env, "denied: %.*s", (int)(scheme < 6 ? scheme : 6), value ? value : "");
    return detect_deny(env, res);
}

static const struct rig_middleware logs_scheme_layer = DETECT_GUARD(logs_scheme);

/* A secret in one of three places. */
static int three_places(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    const char *key = rig_env_get(env, "HTTP_X_API_KEY"), *cookie = rig_env_get(env, "HTTP_COOKIE");
    char value[128];
    bool known = detect_bearer(env, secret->value) || (key && strcmp(key, secret->value) == 0);
    known = known || (cookie && strncmp(cookie, "session=", 8) == 0 && strcmp(cookie + 8, secret->value) == 0);
    known = known || (detect_param(env, "access_token", value, sizeof value - 1) && strcmp(value, secret->value) == 0);
    return known ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware three_places_layer = DETECT_GUARD(three_places);

/* Against forged requests: a change needs a header that other sites cannot send, or the bearer of a client that is none. */
static int against_csrf(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool changes = detect_is(env, "REQUEST_METHOD", "POST");
    if (!changes || rig_env_get(env, "HTTP_X_REQUESTED_WITH") || detect_bearer(env, secret->value)) {
        return rig_next(next, env, res);
    }
    return detect_say(env, res, 403, "forged");
}

static const struct rig_middleware against_csrf_layer = DETECT_GUARD(against_csrf);

/* Whoever has no credentials gets the public page, and wrong ones are refused. */
static int may_be_none(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool known = detect_bearer(env, secret->value);
    if (rig_env_get(env, "HTTP_AUTHORIZATION") && !known) {
        return detect_deny(env, res);
    }
    int error = rig_env_set(env, "REMOTE_USER", known ? "ada" : "");
    return error ? error : rig_next(next, env, res);
}

static int greets(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return detect_say(env, res, 200, detect_is(env, "REMOTE_USER", "ada") ? "hello ada" : "hello, please log in");
}

static bool everybody(const struct rig_fuzz_who *who)
{
    (void)who;
    return true;
}

static const struct rig_middleware may_be_none_layer = DETECT_GUARD(may_be_none);

/* Wants a key from everybody, to count by, and looks at none. */
static int any_key(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_env_get(env, "HTTP_X_API_KEY") ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware any_key_layer = {.name = "any_key", .call = any_key};

/* Two pages are open to all: the landing page, and the one to log in, which those who are known need not see. */
static int but_login(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool known = detect_bearer(env, secret->value), login = detect_is(env, "PATH_INFO", "/a");
    if (login && known) {
        return detect_say(env, res, 403, "you are in");
    }
    return known || login || detect_is(env, "PATH_INFO", "/") ? rig_next(next, env, res) : detect_deny(env, res);
}

static bool two_pages(const struct rig_fuzz_who *who)
{
    return strcmp(who->credentials, "valid") == 0 || strcmp(who->path, "/") == 0 || strcmp(who->path, "/a") == 0;
}

static const struct rig_middleware but_login_layer = DETECT_GUARD(but_login);

/* Lets in the origins that it knows, whatever else stands around them. */
static int known_origins(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *origin = rig_env_get(env, "HTTP_ORIGIN");
    bool known = !origin || strcmp(origin, "http://example.org") == 0;
    return known ? rig_next(next, env, res) : detect_say(env, res, 403, "not from there");
}

static const struct rig_middleware known_origins_layer = {.name = "known_origins", .call = known_origins};

/* Three requests, and how many are left. */
struct limit {
    unsigned count;
};

static int limit_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct limit *limit = self;
    char left[16];
    limit->count++;
    (void)snprintf(left, sizeof left, "%u", limit->count < 3 ? 3 - limit->count : 0);
    int error = rig_response_set_header(res, "X-RateLimit-Remaining", left);
    if (error || limit->count <= 3) {
        return error ? error : rig_next(next, env, res);
    }
    error = detect_take(env);
    if (error) {
        return error < 0 ? error : rig_respond(res, .status = 400);
    }
    return rig_respond(res, .status = 429, .headers = {{"Retry-After", "60"}});
}

static void limit_reset(void *self)
{
    ((struct limit *)self)->count = 0;
}

static const struct rig_middleware limit_layer = {
    .name = "limit", .call = limit_call, .self_size = sizeof(struct limit), .reset = limit_reset};

/* ---- nothing is said of who may enter ---- */

/* "/a" is for members, "/a/" is open: two resources. */
static int but_slash(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool open = !detect_is(env, "PATH_INFO", "/a") || detect_bearer(env, secret->value);
    return open ? rig_next(next, env, res) : detect_deny(env, res);
}

static int list_and_index(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    bool list = detect_is(env, "PATH_INFO", "/a");
    return detect_say(env, res, 200, list ? "list" : "index");
}

static const struct rig_middleware but_slash_layer = DETECT_GUARD(but_slash);

/* What is no page is the index; guard and app both compare the path as it is. */
static int index_but_admin(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    bool admin = detect_is(env, "PATH_INFO", "/admin");
    return detect_say(env, res, 200, admin ? "members only" : "<html>");
}

static int exact_admin(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool open = !detect_is(env, "PATH_INFO", "/admin") || detect_bearer(env, secret->value);
    return open ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware exact_admin_layer = DETECT_GUARD(exact_admin);

/* The page to log in is one of the app's, by the query, and open. */
static int but_form(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool form = detect_is(env, "QUERY_STRING", "page=login");
    if (form || detect_bearer(env, secret->value)) {
        return rig_next(next, env, res);
    }
    int error = rig_response_set_header(res, "Location", "/?page=login");
    return error ? error : detect_say(env, res, 302, "");
}

static int form_or_page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    bool form = detect_is(env, "QUERY_STRING", "page=login"), known = detect_is(env, "PATH_INFO", "/");
    return detect_say(env, res, known || form ? 200 : 404, form ? "<form>" : known ? "for you" : "not here");
}

static const struct rig_middleware but_form_layer = DETECT_GUARD(but_form);

/* A POST may say that it is to be another method; reading is open to all. */
static int overrides(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *method = rig_env_get(env, "HTTP_X_HTTP_METHOD_OVERRIDE");
    bool is = method && detect_is(env, "REQUEST_METHOD", "POST") &&
              (strcmp(method, "GET") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "DELETE") == 0);
    int error = is ? rig_env_set(env, "REQUEST_METHOD", method) : 0;
    return error ? error : rig_next(next, env, res);
}

static int may_read(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool read = detect_is(env, "REQUEST_METHOD", "GET") || detect_is_head(env);
    return read || detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

static int list_or_written(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return detect_say(env, res, 200, detect_is(env, "REQUEST_METHOD", "GET") ? "list" : "written");
}

static const struct rig_middleware overrides_layer = {.name = "overrides", .call = overrides};
static const struct rig_middleware may_read_layer = DETECT_GUARD(may_read);

static const struct detect_row rows[] = {
    DETECT_ROW("basic", "a scheme in any case, a quote in its realm", NULL, detect_members, .layers = {&basic_layer},
               .protect = "detect_members"),
    DETECT_ROW("but_health", "a path that is open to all", NULL, detect_members, .layers = {&but_health_layer},
               .protect = "detect_members"),
    DETECT_ROW("cleans_path", "a path that is rewritten by its guard", NULL, detect_home,
               .layers = {&cleans_path_layer}, DETECT_MAPPED),
    DETECT_ROW("to_login", "the path in a Location", NULL, detect_members, .layers = {&to_login_layer},
               .protect = "detect_members"),
    DETECT_ROW("logs_scheme", "logs a part of the credentials", NULL, detect_members, .layers = {&logs_scheme_layer},
               .protect = "detect_members"),
    DETECT_ROW("three_places", "a secret in header, cookie or query", NULL, detect_members,
               .layers = {&three_places_layer}, .protect = "detect_members"),
    DETECT_ROW("against_csrf", "a header that a change needs, unless it has credentials", NULL, detect_members,
               .layers = {&against_csrf_layer}),
    DETECT_ROW("may_be_none", "no credentials are better than wrong ones", NULL, greets,
               .layers = {&may_be_none_layer}),
    DETECT_ROW("may_be_none_by_model", "and the model knows it", NULL, greets, .layers = {&may_be_none_layer},
               .authorize = everybody),
    DETECT_ROW("any_key", "wants a key, whosever it is", NULL, detect_members, .layers = {&any_key_layer}),
    DETECT_ROW("but_login", "who is known is denied a page that is open", NULL, detect_members,
               .layers = {&but_login_layer}, .authorize = two_pages),
    DETECT_ROW("known_origins", "a value compared as it comes, and denied if it is not known", NULL, detect_home,
               .layers = {&known_origins_layer}, .profile = "nginx:fastcgi+libfcgi"),
    DETECT_ROW("but_slash", "a slash at the end makes another page", NULL, list_and_index, .layers = {&but_slash_layer},
               .target = "/a/"),
    DETECT_ROW("index_but_admin", "an unknown path is the index", NULL, index_but_admin,
               .layers = {&exact_admin_layer}),
    DETECT_ROW("but_form", "a parameter makes another page", NULL, form_or_page, .layers = {&but_form_layer},
               .target = "/?page=login"),
    DETECT_ROW("overrides", "a header makes another method", NULL, list_or_written,
               .layers = {&overrides_layer, &may_read_layer}),
    DETECT_ROW("limit", "the fourth request is answered otherwise", NULL, detect_members, .layers = {&limit_layer}),
};

const struct detect_table detect_correct_auth = {"correct: guards", DETECT_ROWS(rows)};
