/* What a test tells a session and asks of it: headers, variables, credentials, cookies, the last request. */
#include "harness/client/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define SECOND ((int64_t)1000000000)

int64_t rig_session_now(const struct rig_session *session)
{
    int64_t now = session->client->runner.now;
    return now / SECOND - (now % SECOND < 0);
}

/* ---- wrong use outside of a request ---- */

static int misuse(const struct rig_session *session, const char *site, const char *mend, const char *format, ...)
    RIG_PRINTF_(4, 5);

/* Told by the client's next result, or at its end. */
static int misuse(const struct rig_session *session, const char *site, const char *mend, const char *format, ...)
{
    char text[sizeof(((struct rig_mistake *)0)->text)];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    rig_mistake_keep_mended(&session->client->runner.stray, RIG_MISUSE_BAD_ARGUMENT, site, mend, text);
    return -EINVAL;
}

static int null_argument(const struct rig_session *session, const char *site, const char *call, const char *what)
{
    char text[sizeof(((struct rig_mistake *)0)->text)];
    (void)snprintf(text, sizeof text, "%s was given a NULL %s", call, session ? what : "session");
    if (!session) {
        return rig_misuse(NULL, RIG_MISUSE_NULL_ARGUMENT, site, "%s", text);
    }
    rig_mistake_keep(&session->client->runner.stray, RIG_EVENT_MISUSE, RIG_MISUSE_NULL_ARGUMENT, site, text);
    return -EINVAL;
}

/* ---- defaults ---- */

int rig_session_header_at(const char *site, struct rig_session *session, const char *name, const char *value)
{
    if (!session || !name) {
        return null_argument(session, site, "rig_session_header", "name");
    }
    if (!rig_is_token(name, strlen(name))) {
        return misuse(session, site, "a name has letters, digits and !#$%&'*+-.^_`|~ (RFC 9110 section 5.6.2)",
                      "rig_session_header: \"%.60s\" is no header name: it is not a token", name);
    }
    if (value && !rig_is_field_value(value, strlen(value))) {
        return misuse(session, site, "take it out: it would end the header",
                      "rig_session_header: the value of %.60s holds CR, LF or another control byte", name);
    }
    return rig_session_fields_set(&session->memory, &session->headers, name, value);
}

int rig_session_env_at(const char *site, struct rig_session *session, const char *name, const char *value)
{
    if (!session || !name) {
        return null_argument(session, site, "rig_session_env", "name");
    }
    if (name[0] == '\0') {
        return misuse(session, site, "give the variable a name", "rig_session_env was given an empty name");
    }
    return rig_session_fields_set(&session->memory, &session->env, name, value);
}

/* ---- credentials ---- */

static int set_credentials(const char *site, struct rig_session *session, const char *call,
                           enum rig_credentials_kind kind, const char *user, const char *password)
{
    if (!session || !user || !password) {
        return null_argument(session, site, call,
                             kind == RIG_CREDENTIALS_BEARER ? "token"
                             : user                         ? "password"
                                                            : "user");
    }
    const char *refused = rig_credentials_refused(kind, user, password);
    return refused ? misuse(session, site, "other credentials, or an Authorization header of your own", "%s: %s", call,
                            refused)
                   : rig_credentials_set(&session->memory, &session->credentials, kind, user, password);
}

int rig_session_basic_at(const char *site, struct rig_session *session, const char *user, const char *password)
{
    return set_credentials(site, session, "rig_session_basic", RIG_CREDENTIALS_BASIC, user, password);
}

int rig_session_bearer_at(const char *site, struct rig_session *session, const char *token)
{
    return set_credentials(site, session, "rig_session_bearer", RIG_CREDENTIALS_BEARER, token, "");
}

int rig_session_digest_at(const char *site, struct rig_session *session, const char *user, const char *password)
{
    return set_credentials(site, session, "rig_session_digest", RIG_CREDENTIALS_DIGEST, user, password);
}

void rig_session_forget_credentials(struct rig_session *session)
{
    if (session) {
        rig_credentials_clear(&session->memory, &session->credentials);
    }
}

const char *rig_session_unanswered(const struct rig_session *session)
{
    return session ? session->unanswered : NULL;
}

/* ---- the last request ---- */

const struct rig_result *rig_session_last(const struct rig_session *session)
{
    const struct rig_session_turn *last = session ? session->last : NULL;
    return last && last->reset == session->client->resets ? last->result : NULL;
}

int rig_session_last_status(const struct rig_session *session)
{
    return session && session->last ? session->last->status : 0;
}

const char *rig_session_last_method(const struct rig_session *session)
{
    return session && session->last ? session->last->method : NULL;
}

const char *rig_session_last_url(const struct rig_session *session)
{
    return session && session->last ? session->last->url : NULL;
}

const char *rig_session_last_fragment(const struct rig_session *session)
{
    return session && session->last ? session->last->fragment : NULL;
}

const char *rig_session_location(const struct rig_session *session)
{
    return session && session->last ? session->last->leads_to : NULL;
}

/* ---- cookies ---- */

struct rig_jar *rig_session_jar(struct rig_session *session)
{
    return session ? session->jar : NULL;
}

struct sought {
    const char *name;
    int64_t now;
    const struct rig_jar_cookie *found;
};

static int seek(void *closure, const struct rig_jar_cookie *cookie)
{
    struct sought *sought = closure;
    if (strcmp(cookie->name, sought->name) == 0 && cookie->expires > sought->now) {
        sought->found = cookie;
        return 1;
    }
    return 0;
}

const char *rig_session_cookie(struct rig_session *session, const char *name)
{
    if (!session || !name) {
        return NULL;
    }
    struct sought sought = {.name = name, .now = rig_session_now(session)};
    if (rig_jar_each(session->jar, seek, &sought) != 1 || !sought.found->value) {
        return NULL;
    }
    size_t size = strlen(sought.found->value);
    char *shown = rig_memory_alloc(&session->memory, size + 1);
    if (!shown) {
        return NULL;
    }
    shown[rig_cookie_decode(sought.found->value, size, shown)] = '\0';
    rig_memory_release(&session->memory, session->shown, session->shown_size);
    session->shown = shown;
    session->shown_size = size + 1;
    return shown;
}

size_t rig_session_delete_cookie(struct rig_session *session, const char *name)
{
    return session ? rig_jar_delete(session->jar, name) : 0;
}

void rig_session_clear_cookies(struct rig_session *session)
{
    if (session) {
        rig_jar_clear(session->jar);
    }
}

/* What was refused, and of which host; the cookie's value stays out of it. */
static int refuse_cookie(const struct rig_session *session, const char *site, const char *line, const char *url)
{
    const char *reason = rig_jar_refused(session->jar), *mend = "what browsers would not keep, a session does not";
    struct rig_set_cookie cookie;
    struct rig_uri uri = {0};
    (void)rig_uri_split(url, strlen(url), &uri, NULL);
    bool parsed = rig_set_cookie_parse(line, strlen(line), &cookie) == 0 && cookie.domain.size > 0;
    return misuse(session, site, mend, "rig_session_set_cookie: %s (host %.*s%s%.*s)", reason ? reason : "refused",
                  (int)(uri.host.size < 40 ? uri.host.size : 40), uri.host.data ? uri.host.data : "",
                  parsed ? ", Domain=" : "", parsed ? (int)(cookie.domain.size < 40 ? cookie.domain.size : 40) : 0,
                  parsed ? cookie.domain.data : "");
}

int rig_session_set_cookie_at(const char *site, struct rig_session *session, const char *url, const char *line)
{
    if (!session || !line) {
        return null_argument(session, site, "rig_session_set_cookie", "line");
    }
    const char *origin = session->options.origin, *target = url ? url : "/";
    size_t origin_size = strlen(origin), size = strlen(target), room = origin_size + size + 3;
    char *resolved = rig_memory_alloc(&session->memory, room);
    if (!resolved) {
        return -ENOMEM;
    }
    const char *reason = NULL;
    int64_t got = rig_uri_resolve(origin, origin_size, target, size, resolved, &reason);
    int error = got < 0 ? (int)got : 0;
    if (error == -EINVAL) {
        char shown[RIG_URL_SHOWN];
        (void)misuse(session, site, rig_target_mend(target, reason), "rig_session_set_cookie: the url \"%s\": %s",
                     rig_url_shown(target, size, shown), reason);
    }
    if (error == 0) {
        resolved[got] = '\0';
        error = rig_jar_set_cookie(session->jar, resolved, line, strlen(line), rig_session_now(session));
        error = error == -EINVAL ? refuse_cookie(session, site, line, resolved) : error;
    }
    rig_memory_release(&session->memory, resolved, room);
    return error;
}

int rig_session_put_cookie_at(const char *site, struct rig_session *session, const char *name, const char *value)
{
    if (!session || !name || !value) {
        return null_argument(session, site, "rig_session_put_cookie", name ? "value" : "name");
    }
    int error = rig_jar_put_cookie(session->jar, session->options.origin, name, value, rig_session_now(session));
    return error == -EINVAL ? misuse(session, site, "what browsers would not keep, a session does not",
                                     "rig_session_put_cookie: %s", rig_jar_refused(session->jar))
                            : error;
}
