/* Who is let in. */
#include "tests/detect/detect.h"

#include <stackrig/http/base64.h>
#include <stackrig/http/path.h>
#include <stackrig/http/percent.h>

#include <errno.h>

static const char *bearer_of(const struct rig_env *env)
{
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    return value && strncmp(value, "Bearer ", 7) == 0 ? value + 7 : NULL;
}

/* davidmoreno/onion #187: a password of one character is enough. */
static int part_of_it(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    const char *given = bearer_of(env);
    bool known = given && strncmp(secret->value, given, strlen(given)) == 0;
    return known ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware part_of_it_layer = DETECT_GUARD(part_of_it);

/* openwrt/uhttpd b33ca5d: what is stored of the user is accepted as his password. */
static int stored_is_enough(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    static const char record[] = "ada";
    const struct detect_secret *secret = self;
    const char *given = bearer_of(env);
    bool known = given && (strcmp(given, secret->value) == 0 || strcmp(given, record) == 0);
    return known ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware stored_is_enough_layer = DETECT_GUARD(stored_is_enough);

/* openwrt/uhttpd add5389: off by one in what base64 decodes to: the last byte of the pair is not looked at. */
static int off_by_one(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    char pair[128];
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    int64_t size = value && strncmp(value, "Basic ", 6) == 0
                       ? rig_base64_decode(value + 6, strlen(value + 6), pair, sizeof pair - 1)
                       : 0;
    pair[size > 0 ? size - 1 : 0] = '\0';
    const char *colon = strchr(pair, ':');
    bool known = colon && colon[1] && strncmp(colon + 1, secret->value, strlen(secret->value) - 1) == 0;
    return known ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware off_by_one_layer = DETECT_GUARD(off_by_one);

/* CVE-2017-3167 of Apache httpd: a password is taken outside of the phase that checks it: REMOTE_USER is set too early. */
static int names_user(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char pair[128];
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    int64_t size = value && strncmp(value, "Basic ", 6) == 0
                       ? rig_base64_decode(value + 6, strlen(value + 6), pair, sizeof pair - 1)
                       : 0;
    pair[size > 0 ? size : 0] = '\0';
    char *colon = strchr(pair, ':');
    if (colon) {
        *colon = '\0';
        int error = rig_env_set(env, "REMOTE_USER", pair);
        if (error != 0) {
            return error;
        }
    }
    return rig_next(next, env, res);
}

static int wants_user(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return detect_is(env, "REMOTE_USER", "ada") ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware names_user_layer = {.name = "names_user", .call = names_user};
static const struct rig_middleware wants_user_layer = {.name = "wants_user", .call = wants_user};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* CVE-2021-41773 of Apache httpd: the path that is compared is not yet the one that is served. */
static int compares_raw(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool closed = begins(rig_env_get(env, "REQUEST_URI"), "/admin");
    return !closed || detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware compares_raw_layer = DETECT_GUARD(compares_raw);

/* What guards /admin in the stacks below: it looks at the decoded path. */
static int guards_admin(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    const char *path = rig_env_get(env, "PATH_INFO");
    bool closed = strstr(path, "/admin") != NULL;
    return !closed || detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware guards_admin_layer = DETECT_GUARD(guards_admin);

static int with_path(struct rig_env *env, struct rig_response *res, struct rig_next *next, const char *path)
{
    int error = rig_env_set(env, "PATH_INFO", path);
    return error ? error : rig_next(next, env, res);
}

/* CVE-2021-42013 of Apache httpd: decoded once when it is checked, and once more when it is served. */
static int decodes_again(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char path[512];
    const char *before = rig_env_get(env, "PATH_INFO");
    if (strlen(before) >= sizeof path) {
        return detect_say(env, res, 414, "");
    }
    path[rig_percent_decode(before, strlen(before), false, path)] = '\0';
    return strpbrk(path, "#\r\n") || path[0] != '/' ? detect_say(env, res, 400, "") : with_path(env, res, next, path);
}

static const struct rig_middleware decodes_again_layer = {.name = "decodes_again", .call = decodes_again};

/* weserv/images #473: what a client says stands in the place of what was checked. */
static int original_url(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *url = rig_env_get(env, "HTTP_X_ORIGINAL_URL");
    return url && url[0] == '/' && !strpbrk(url, "#?") ? with_path(env, res, next, url) : rig_next(next, env, res);
}

static const struct rig_middleware original_url_layer = {.name = "original_url", .call = original_url};

/* CVE-2021-41773 again, by case: names of files compare without it, the guard's do not. */
static int no_case(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char path[512];
    const char *before = rig_env_get(env, "PATH_INFO");
    size_t i = 0;
    for (; i < sizeof path - 1 && before[i]; i++) {
        path[i] = (char)(before[i] >= 'A' && before[i] <= 'Z' ? before[i] + 32 : before[i]);
    }
    path[i] = '\0';
    return with_path(env, res, next, path);
}

static const struct rig_middleware no_case_layer = {.name = "no_case", .call = no_case};

/* Again, by a parameter of the segment that the one cuts off and the other does not. */
static int guards_exactly(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    const char *path = rig_env_get(env, "PATH_INFO");
    bool closed = strcmp(path, "/admin") == 0 || strstr(path, "/admin/") != NULL;
    return !closed || detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

static int cuts_parameters(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char path[512];
    const char *before = rig_env_get(env, "PATH_INFO");
    size_t size = strcspn(before, ";");
    if (size == 0 || size >= sizeof path) {
        return rig_next(next, env, res);
    }
    memcpy(path, before, size);
    path[size] = '\0';
    return with_path(env, res, next, path);
}

static const struct rig_middleware guards_exactly_layer = DETECT_GUARD(guards_exactly);
static const struct rig_middleware cuts_parameters_layer = {.name = "cuts_parameters", .call = cuts_parameters};

/* CVE-2021-41773 again, by a suffix: pages are guarded, and what looks like a file is not. */
static int files_are_public(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    const char *path = rig_env_get(env, "PATH_INFO"), *dot = strrchr(path, '.');
    bool file = dot && strcmp(dot, ".json") == 0;
    return file || !strstr(path, "/admin") || detect_bearer(env, secret->value) ? rig_next(next, env, res)
                                                                                : detect_deny(env, res);
}

static const struct rig_middleware files_are_public_layer = DETECT_GUARD(files_are_public);

/* CVE-2017-3167 by a header that every client can send. */
static int trusts_localhost(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    const char *address = rig_env_get(env, "HTTP_X_FORWARDED_FOR");
    address = address ? address : rig_env_get(env, "REMOTE_ADDR");
    return strcmp(address, "127.0.0.1") == 0 || detect_bearer(env, secret->value) ? rig_next(next, env, res)
                                                                                  : detect_deny(env, res);
}

static const struct rig_middleware trusts_localhost_layer = DETECT_GUARD(trusts_localhost);

/* And by a parameter that was left in. */
static int debug_opens(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    char value[16];
    bool open = detect_param(env, "debug", value, sizeof value - 1) && strcmp(value, "1") == 0;
    return open || detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware debug_opens_layer = DETECT_GUARD(debug_opens);

/* OpenIDC/mod_auth_openidc #389: a token that ends too early: one whose signature is empty is believed. */
static int no_signature(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    const char *token = bearer_of(env), *first = token ? strchr(token, '.') : NULL;
    const char *second = first ? strchr(first + 1, '.') : NULL;
    bool known = token && (strcmp(token, secret->value) == 0 || (second && second[1] == '\0' && second > first + 1));
    return known ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware no_signature_layer = DETECT_GUARD(no_signature);

/* openwrt/uhttpd add5389 again: compared up to the secret's end, and what stands behind it is not looked at. Nothing is said
 * of who may enter. */
static int up_to_its_end(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    const char *key = rig_env_get(env, "HTTP_X_API_KEY");
    bool known = key && strncmp(key, secret->value, strlen(secret->value)) == 0;
    return known ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware up_to_its_end_layer = DETECT_GUARD(up_to_its_end);

/* CVE-2017-3167 again: who sends nothing that could be wrong is not asked. A model says who may enter, and names no app. */
static int nothing_is_not_wrong(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool below = strstr(rig_env_get(env, "PATH_INFO"), "/admin") && rig_env_get(env, "HTTP_AUTHORIZATION");
    return !below || detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

static bool members_alone(const struct rig_fuzz_who *who)
{
    return strcmp(who->app, "detect_members") != 0 || strcmp(who->credentials, "valid") == 0;
}

static const struct rig_middleware nothing_is_not_wrong_layer = DETECT_GUARD(nothing_is_not_wrong);

/* CVE-2023-38709 and the like: a value is believed as it comes. Behind nginx over FastCGI a tab around it comes along. */
static int bans_origin(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    bool banned = detect_is(env, "HTTP_ORIGIN", "null") || detect_is(env, "HTTP_ORIGIN", "http://evil.example");
    return banned ? detect_say(env, res, 403, "not from there") : rig_next(next, env, res);
}

static const struct rig_middleware bans_origin_layer = {.name = "bans_origin", .call = bans_origin};

/* CVE-2020-11993 of mod_http2: what is logged where: who is denied stands in the log with all he sent. */
static int logs_attempts(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    if (detect_bearer(env, secret->value)) {
        return rig_next(next, env, res);
    }
    const char *cookie = rig_env_get(env, "HTTP_COOKIE");
    (void)rig_env_log(env, "denied, cookie %s", cookie ? cookie : "none");
    return detect_deny(env, res);
}

static const struct rig_middleware logs_attempts_layer = DETECT_GUARD(logs_attempts);

/* weserv/images #473: an unescaped part of the request in what is answered. */
static int shows_target(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char page[512];
    (void)snprintf(page, sizeof page, "%.400s is not here", rig_env_get(env, "REQUEST_URI"));
    return detect_say(env, res, strcmp(rig_env_get(env, "PATH_INFO"), "/") == 0 ? 200 : 404, page);
}

/* CWE-598: the key is taken from the query, and requests are logged with it. */
static int logs_keys(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    char key[64];
    const char *sent = detect_param(env, "access_token", key, sizeof key - 1);
    (void)rig_env_log(env, "%s", rig_env_get(env, "REQUEST_URI"));
    return sent && strcmp(sent, secret->value) == 0 ? rig_next(next, env, res) : detect_deny(env, res);
}

static const struct rig_middleware logs_keys_layer = DETECT_GUARD(logs_keys);

/* CWE-532: of a client that went away all is logged that it sent. */
static int logs_gone(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *who = rig_env_get(env, "HTTP_AUTHORIZATION");
    if (detect_take(env) == -ECONNRESET) {
        (void)rig_env_log(env, "gone: %s", who ? who : "nobody");
    }
    return detect_say(env, res, 200, "home");
}

/* CVE-2021-41773 with no model of who may enter: /admin is compared as it comes, the app behind cleans it. Who is not
 * known is asked for credentials, sent to log in, or told that there is no such page. */
static bool passes_raw(const struct detect_secret *secret, struct rig_env *env)
{
    return !detect_is(env, "PATH_INFO", "/admin") || detect_bearer(env, secret->value);
}

static int denies_raw(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    return passes_raw(self, env) ? rig_next(next, env, res) : detect_deny(env, res);
}

static int to_login_raw(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    if (passes_raw(self, env)) {
        return rig_next(next, env, res);
    }
    int error = rig_response_set_header(res, "Location", "/login");
    return error ? error : detect_say(env, res, 302, "");
}

static int hides_raw(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    return passes_raw(self, env) ? rig_next(next, env, res) : detect_say(env, res, 404, "no such page");
}

static const struct rig_middleware denies_raw_layer = DETECT_GUARD(denies_raw),
                                   to_login_raw_layer = DETECT_GUARD(to_login_raw),
                                   hides_raw_layer = DETECT_GUARD(hides_raw);

static int cleaned_admin(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char path[512];
    const char *raw = rig_env_get(env, "PATH_INFO");
    size_t size = rig_path_clean(raw, strlen(raw), path, sizeof path);
    bool admin = size == 6 && memcmp(path, "/admin", 6) == 0;
    return detect_say(env, res, admin ? 200 : 404, admin ? "members only" : "not here");
}

/* CVE-2017-3167 with no model: a parameter opens, and the app sends on who has asked. */
static int sends_on(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = detect_say(env, res, 303, "");
    return error || rig_response_status(res) != 303 ? error : rig_response_set_header(res, "Location", "/done");
}

#define ENTERED "fuzz.app.entered"

static const struct detect_row rows[] = {
    DETECT_ROW("part_of_it", "onion #187", ENTERED, detect_members, .layers = {&part_of_it_layer},
               .protect = "detect_members"),
    DETECT_ROW("stored_is_enough", "uhttpd b33ca5d", ENTERED, detect_members, .layers = {&stored_is_enough_layer},
               .protect = "detect_members"),
    DETECT_ROW("off_by_one", "uhttpd add5389", ENTERED, detect_members, .layers = {&off_by_one_layer},
               .protect = "detect_members"),
    DETECT_ROW("unchecked_user", "CVE-2017-3167", ENTERED, detect_members,
               .layers = {&names_user_layer, &wants_user_layer}, .protect = "detect_members"),
    DETECT_ROW("compares_raw", "CVE-2021-41773", ENTERED, detect_home, .layers = {&compares_raw_layer}, DETECT_MAPPED),
    DETECT_ROW("decodes_twice", "CVE-2021-42013", ENTERED, detect_home,
               .layers = {&guards_admin_layer, &decodes_again_layer}, DETECT_MAPPED),
    DETECT_ROW("original_url", "weserv/images #473", ENTERED, detect_home,
               .layers = {&guards_admin_layer, &original_url_layer}, DETECT_MAPPED),
    DETECT_ROW("case_of_path", "CVE-2021-41773", ENTERED, detect_home, .layers = {&guards_admin_layer, &no_case_layer},
               DETECT_MAPPED),
    DETECT_ROW("parameter_of_path", "CVE-2021-41773", ENTERED, detect_home,
               .layers = {&guards_exactly_layer, &cuts_parameters_layer}, DETECT_MAPPED),
    DETECT_ROW("files_are_public", "CVE-2021-41773", ENTERED, detect_home, .layers = {&files_are_public_layer},
               DETECT_MAPPED),
    DETECT_ROW("trusts_localhost", "CVE-2017-3167", ENTERED, detect_members, .layers = {&trusts_localhost_layer},
               .protect = "detect_members"),
    DETECT_ROW("debug_opens", "CVE-2017-3167", ENTERED, detect_members, .layers = {&debug_opens_layer},
               .protect = "detect_members"),
    DETECT_ROW("no_signature", "mod_auth_openidc #389", ENTERED, detect_members, .layers = {&no_signature_layer},
               .protect = "detect_members"),
    DETECT_ROW("up_to_its_end", "uhttpd add5389", "fuzz.credentials.near", detect_members,
               .layers = {&up_to_its_end_layer}),
    DETECT_ROW("denies_raw", "CVE-2021-41773", "fuzz.target.equivalent", cleaned_admin, .layers = {&denies_raw_layer}),
    DETECT_ROW("to_login_raw", "CVE-2021-41773", "fuzz.target.equivalent", cleaned_admin,
               .layers = {&to_login_raw_layer}),
    DETECT_ROW("hides_raw", "CVE-2021-41773", "fuzz.target.equivalent", cleaned_admin, .layers = {&hides_raw_layer}),
    DETECT_ROW("debug_opens_unnamed", "CVE-2017-3167", "fuzz.field.widens", detect_members,
               .layers = {&debug_opens_layer}),
    DETECT_ROW("debug_sends_on", "CVE-2017-3167", "fuzz.field.widens", sends_on, .layers = {&debug_opens_layer}),
    DETECT_ROW("nothing_is_not_wrong", "CVE-2017-3167", ENTERED, detect_home, .layers = {&nothing_is_not_wrong_layer},
               .mapped = {.name = "detect_members", .call = detect_members}, .authorize = members_alone),
    DETECT_ROW("bans_origin", "CVE-2023-38709", "fuzz.blank.widens", detect_home, .layers = {&bans_origin_layer},
               .profile = "nginx:fastcgi+libfcgi"),
    DETECT_ROW("logs_attempts", "CVE-2020-11993", "fuzz.secret.reflected", detect_members,
               .layers = {&logs_attempts_layer}, .protect = "detect_members"),
    DETECT_ROW("logs_keys", "CWE-598", "fuzz.secret.reflected", detect_members, .layers = {&logs_keys_layer},
               .protect = "detect_members"),
    DETECT_ROW("logs_gone", "CWE-532", "fuzz.secret.reflected", logs_gone, .layers = {NULL}),
    DETECT_ROW("shows_target", "weserv/images #473", "fuzz.secret.reflected", shows_target, .layers = {NULL}),
};

const struct detect_table detect_auth = {"auth, cookie, path", DETECT_ROWS(rows)};
