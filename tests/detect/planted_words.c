/* Mistakes that take two of the user's own words, or one of them in another way. */
#include "tests/detect/detect.h"

#include <stackrig/http/multipart.h>
#include <stackrig/http/percent.h>

#include <errno.h>
#include <strings.h>

/* CWE-235: the first of two parameters of a name is guarded, the last is what counts. */
static int guards_first(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    char view[64];
    bool staff = detect_param(env, "view", view, sizeof view - 1) && strcmp(view, "staff") == 0;
    return !staff || detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

static int shows_last(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *last = NULL;
    for (const char *at = rig_env_get(env, "QUERY_STRING"); at; at = strchr(at, '&')) {
        at += *at == '&';
        last = strncmp(at, "view=", 5) == 0 ? at + 5 : last;
    }
    return last && strcspn(last, "&") == 5 && strncmp(last, "staff", 5) == 0 ? rig_next(next, env, res)
                                                                             : detect_say(env, res, 200, "home");
}

static const struct rig_middleware guards_first_layer = DETECT_GUARD(guards_first);
static const struct rig_middleware shows_last_layer = {.name = "shows_last", .call = shows_last};

/* CWE-551: the guard stands above the layer that cuts a prefix off. */
static int guards_above(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool closed = strncmp(rig_env_get(env, "PATH_INFO"), "/admin", 6) == 0;
    return !closed || detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

static int cuts_prefix(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    if (strncmp(path, "/v1/", 4) != 0) {
        return rig_next(next, env, res);
    }
    int error = rig_env_set(env, "PATH_INFO", path + 3);
    error = error ? error : rig_next(next, env, res);
    int restored = rig_env_set(env, "PATH_INFO", path);
    return error ? error : restored;
}

static const struct rig_middleware guards_above_layer = DETECT_GUARD(guards_above);
static const struct rig_middleware cuts_prefix_layer = {.name = "cuts_prefix", .call = cuts_prefix};

/* CWE-178: one layer compares a host letter by letter, the other as hosts are. */
static int guards_host(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    bool office = detect_is(env, "HTTP_HOST", "office.example.org");
    return !office || detect_bearer(env, secret->value) ? rig_next(next, env, res) : detect_deny(env, res);
}

static int serves_host(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *host = rig_env_get(env, "HTTP_HOST");
    bool office = host && strcspn(host, ":") == 18 && strncasecmp(host, "office.example.org", 18) == 0;
    return office ? rig_next(next, env, res) : detect_say(env, res, 200, "shop");
}

static const struct rig_middleware guards_host_layer = DETECT_GUARD(guards_host);
static const struct rig_middleware serves_host_layer = {.name = "serves_host", .call = serves_host};

/* CWE-113 by the name of a file that is sent, which is decoded. */
static int tells_file(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *type = rig_env_get(env, "CONTENT_TYPE");
    char line[128] = "";
    size_t count;
    struct rig_multipart_form *form = NULL;
    const struct rig_multipart_options options = {.limits = {.bytes = 65536, .kept = 65536, .kept_files = 65536}};
    int error = type ? rig_multipart_form_read(rig_input_source(rig_env_input(env)), type, strlen(type), options, &form)
                     : -EINVAL;
    if (error != 0 || !form) {
        return error == -ENOMEM ? error : detect_say(env, res, 400, "");
    }
    const struct rig_multipart_part *parts = rig_multipart_form_parts(form, &count);
    for (size_t i = 0; i < count; i++) {
        const struct rig_multipart_head *head = &parts[i].head;
        if (head->filename.data && head->filename.size < sizeof line) {
            line[rig_percent_decode(head->filename.data, head->filename.size, false, line)] = '\0';
        }
    }
    rig_multipart_form_free(form);
    error = line[0] ? rig_response_set_header(res, "X-File", line) : 0;
    return error ? error : detect_say(env, res, 200, "");
}

static const struct detect_row rows[] = {
    DETECT_ROW("shows_last", "CWE-235", "fuzz.app.entered", detect_members,
               .layers = {&guards_first_layer, &shows_last_layer}, .protect = "detect_members",
               .target = "/?view=staff"),
    DETECT_ROW("cuts_prefix", "CWE-551", "fuzz.app.entered", detect_home,
               .layers = {&guards_above_layer, &cuts_prefix_layer}, DETECT_MAPPED, .target = "/v1/"),
    DETECT_ROW("serves_host", "CWE-178", "fuzz.app.entered", detect_members,
               .layers = {&guards_host_layer, &serves_host_layer}, .protect = "detect_members",
               .word = "office.example.org"),
    DETECT_ROW("tells_file", "CWE-113", "response.header_value.chars", tells_file, .layers = {NULL}),
};

const struct detect_table detect_words = {"words of the user's", DETECT_ROWS(rows)};
