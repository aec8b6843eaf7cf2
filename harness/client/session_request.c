/* What a session makes of a request before it is sent: its URL, the headers and variables, cookies and credentials. */
#include "harness/client/session.h"

#include <errno.h>

/* ---- the URL ---- */

static bool is(const char *text, const char *word)
{
    return text && rig_name_equal(text, strlen(text), word, strlen(word));
}

static bool says_https(const struct rig_field *fields, size_t count, bool *says)
{
    for (size_t i = 0; i < count && fields[i].name; i++) {
        if (strcmp(fields[i].name, "HTTPS") == 0) {
            *says = is(fields[i].value, "on");
        }
    }
    return *says;
}

/* Where a target without a host is: the origin, an https one if the env says so. */
static const char *base_of(struct rig_session *session, struct rig_arena *arena, const struct rig_request *request)
{
    const char *origin = session->options.origin;
    bool https = is(rig_session_fields_get(session->env, "HTTPS"), "on");
    (void)says_https(request->env, RIG_FIELDS_MAX, &https);
    (void)says_https(request->env_list, request->env_list ? request->env_count : 0, &https);
    https = https || request->secure;
    return https && strncmp(origin, "http://", 7) == 0 ? rig_arena_print(arena, "https%s", origin + 4) : origin;
}

/* target resolved against base, in arena; NULL with *refused, or out of memory. */
static const char *resolve(struct rig_arena *arena, const char *base, const char *target, const char **refused)
{
    if (target[0] == '/' && target[1] != '/') { /* its dots are sent as they are */
        return RIG_JOIN(arena, rig_slice_of(base), rig_slice_of(target));
    }
    const char *root = RIG_JOIN(arena, rig_slice_of(base), {"/", 1});
    size_t root_size = root ? strlen(root) : 0, size = strlen(target);
    char *text = root ? rig_arena_alloc(arena, root_size + size + 3) : NULL;
    int64_t got = text ? rig_uri_resolve(root, root_size, target, size, text, refused) : -ENOMEM;
    if (got < 0) {
        return NULL;
    }
    text[got] = '\0';
    return text;
}

/* Is the target one that has no URL: "*", and host:port of CONNECT? */
static bool is_special(const struct rig_request *request)
{
    return is(request->target, "*") || is(request->method, "CONNECT");
}

/* Where the host, and a port that is not the scheme's own, end. */
static const char *host_end(const struct rig_uri *uri)
{
    struct rig_slice port = uri->port;
    bool https = rig_name_equal(uri->scheme.data, uri->scheme.size, "https", 5);
    const char *own = https ? "443" : "80";
    bool needless = port.size == 0 || (port.size == strlen(own) && memcmp(port.data, own, port.size) == 0);
    struct rig_slice last = needless ? uri->host : port;
    return last.data + last.size;
}

/* Of the same scheme, host and port (RFC 6454 section 4)? */
static bool in_origin(const char *origin, const struct rig_uri *uri)
{
    struct rig_uri own;
    if (rig_uri_split(origin, strlen(origin), &own, NULL) != 0) {
        return false;
    }
    size_t size = (size_t)(host_end(uri) - uri->host.data), own_size = (size_t)(host_end(&own) - own.host.data);
    return rig_name_equal(uri->scheme.data, uri->scheme.size, own.scheme.data, own.scheme.size) &&
           rig_name_equal(uri->host.data, size, own.host.data, own_size);
}

static int set_special(struct rig_session_turn *turn, const char *base)
{
    const char *target = turn->request.target, *reached = base;
    if (is(turn->request.method, "CONNECT")) {
        struct rig_slice scheme = {base, (size_t)(strstr(base, "//") + 2 - base)};
        reached = RIG_JOIN(&turn->arena, scheme, rig_slice_of(target ? target : ""));
    }
    struct rig_uri uri;
    turn->to_origin = reached && rig_uri_split(reached, strlen(reached), &uri, NULL) == 0 && in_origin(base, &uri);
    turn->base = base;
    turn->url = RIG_JOIN(&turn->arena, rig_slice_of(base), {"/", 1});
    turn->request.secure = turn->request.secure || (!turn->request.malformed && strncmp(base, "https:", 6) == 0);
    return turn->url && reached ? 0 : -ENOMEM;
}

/* The URL without user and fragment, its scheme in lower case; and the request's target, which is below the mount. */
static int set_target(struct rig_session_turn *turn, const struct rig_uri *uri)
{
    struct rig_arena *arena = &turn->arena;
    struct rig_slice scheme = uri->scheme, path = uri->path, query = uri->query;
    struct rig_slice host = {uri->host.data, (size_t)(host_end(uri) - uri->host.data)};
    char *base = RIG_JOIN(arena, scheme, {"://", 3}, host);
    if (!base) {
        return -ENOMEM;
    }
    rig_session_lower_scheme(base);
    turn->base = base;
    char *target = RIG_JOIN(arena, rig_slice_of(base), {"/", path.size == 0}, path, {"?", query.data != NULL}, query);
    turn->url = target;
    if (target && turn->script_name[0] != '\0') {
        turn->url =
            RIG_JOIN(arena, rig_slice_of(base), rig_slice_of(turn->script_name), rig_slice_of(target + strlen(base)));
    }
    turn->request.secure = strncmp(base, "https:", 6) == 0;
    bool web = turn->request.secure || strncmp(base, "http:", 5) == 0;
    turn->request.target = target && web ? target + scheme.size + 1 : target; /* sent as a path, and Host */
    return turn->url ? 0 : -ENOMEM;
}

/* The turn's URL and the request's target. */
static int set_url(struct rig_session *session, struct rig_session_turn *turn, const char **refused)
{
    struct rig_arena *arena = &turn->arena;
    struct rig_request *request = &turn->request;
    const char *base = base_of(session, arena, request);
    turn->script_name = request->script_name ? rig_arena_string(arena, request->script_name) : "";
    if (!base || !turn->script_name) {
        return -ENOMEM;
    }
    if (is_special(request)) {
        return set_special(turn, base);
    }
    struct rig_uri uri;
    const char *full = resolve(arena, base, request->target ? request->target : "/", refused);
    if (!full || rig_uri_split(full, strlen(full), &uri, refused) != 0) {
        return *refused ? -EINVAL : -ENOMEM;
    }
    if (!uri.authority.data) {
        *refused = "it has no host";
        return -EINVAL;
    }
    if (uri.host.size == 0) { /* "http:///x" */
        struct rig_uri origin;
        (void)rig_uri_split(base, strlen(base), &origin, NULL);
        uri.host = origin.host;
        uri.port = origin.port;
    }
    turn->to_origin = in_origin(base, &uri);
    turn->fragment = uri.fragment.data ? rig_arena_string(arena, uri.fragment.data) : turn->fragment;
    int error = set_target(turn, &uri);
    return error == 0 && uri.fragment.data && !turn->fragment ? -ENOMEM : error;
}

/* ---- headers ---- */

/* Lists that the client will refuse are left for it to refuse. */
static bool can_be_read(const struct rig_request *request)
{
    bool can = !request->headers[RIG_FIELDS_MAX].name && !request->env[RIG_FIELDS_MAX].name &&
               request->header_count <= RIG_SENT_FIELDS_MAX && !request->header_list == (request->header_count == 0) &&
               !request->env_list == (request->env_count == 0) && !rig_fields_cut(request->headers) &&
               !rig_fields_cut(request->env);
    for (size_t i = 0; can && i < request->header_count; i++) {
        can = request->header_list[i].name != NULL;
    }
    for (size_t i = 0; can && i < request->env_count; i++) {
        can = request->env_list[i].name != NULL;
    }
    return can;
}

static size_t count_fields(const struct rig_session_field *list)
{
    size_t count = 0;
    for (; list; list = list->next) {
        count++;
    }
    return count;
}

/* The Cookie header's value; NULL in *value: there are none. */
static int cookies_for(struct rig_session *session, struct rig_session_turn *turn, const char **value)
{
    *value = NULL;
    if (rig_jar_count(session->jar) == 0) {
        return 0;
    }
    int64_t now = rig_session_now(session), size = rig_jar_header(session->jar, turn->url, now, NULL, 0);
    if (size <= 0) {
        return size == -ENOMEM ? -ENOMEM : 0;
    }
    char *text = rig_arena_alloc(&turn->arena, (size_t)size + 1);
    if (!text || rig_jar_header(session->jar, turn->url, now, text, (size_t)size) != size) {
        return -ENOMEM;
    }
    text[size] = '\0';
    *value = text;
    return 0;
}

#define EXTRA_HEADERS 5 /* Referer, Host, Content-Type, Cookie, Authorization */

static int add_headers(struct rig_session *session, struct rig_session_turn *turn)
{
    struct rig_request *request = &turn->request;
    const struct rig_request given = *request;
    const char *cookies;
    size_t count = given.header_count;
    struct rig_field *list = rig_arena_alloc(&turn->arena, (count + count_fields(session->headers) + EXTRA_HEADERS) *
                                                               sizeof(struct rig_field));
    if (!list || cookies_for(session, turn, &cookies) != 0) {
        return -ENOMEM;
    }
    if (count > 0) {
        memcpy(list, given.header_list, count * sizeof *list);
    }
    if (turn->referer && !rig_request_names(&given, "Referer")) {
        list[count++] = (struct rig_field){"Referer", turn->referer};
    }
    request->header_list = list;
    request->header_count = count;
    for (const struct rig_session_field *field = session->headers; field; field = field->next) {
        if (!rig_request_names(request, field->field.name)) {
            list[count++] = field->field;
        }
    }
    request->header_count = count;
    if (is_special(&given) && !rig_request_names(request, "Host")) {
        list[count++] = (struct rig_field){"Host", strstr(turn->base, "//") + 2};
    }
    if (turn->empty_form && !rig_request_names(request, "Content-Type")) {
        list[count++] = (struct rig_field){"Content-Type", "application/x-www-form-urlencoded"};
    }
    if (cookies && !rig_request_names(request, "Cookie")) {
        list[count++] = (struct rig_field){"Cookie", cookies};
    }
    request->header_count = count;
    turn->authorization = rig_request_names(request, "Authorization") ? NULL : &list[count];
    turn->headers = list;
    request->header_list = count > 0 ? list : NULL;
    return 0;
}

int rig_session_authorize(struct rig_session *session, struct rig_session_turn *turn)
{
    struct rig_request *request = &turn->request;
    const char *value;
    bool unknown = request->param_count > 0 || request->params[0].name || request->query_count > 0; /* the query */
    bool digest = session->credentials.kind == RIG_CREDENTIALS_DIGEST;
    if (!turn->authorization || !turn->to_origin || (digest && unknown && !turn->result)) {
        return 0;
    }
    const char *method = turn->method ? turn->method : request->method ? request->method : "GET";
    const char *uri = is_special(request) ? request->target : turn->url + strlen(turn->base);
    int error = rig_credentials_header(&session->credentials, &turn->arena, method, uri, &value);
    if (error == 0 && value) {
        *turn->authorization = (struct rig_field){"Authorization", value};
        request->header_list = turn->headers;
        request->header_count = (size_t)(turn->authorization - turn->headers) + 1;
        turn->authorized = digest;
    }
    return error;
}

/* ---- the rest ---- */

/* The session's variables before the request's own. */
static int add_env(struct rig_session *session, struct rig_session_turn *turn)
{
    struct rig_request *request = &turn->request;
    size_t count = count_fields(session->env), own = 0;
    if (count == 0) {
        return 0;
    }
    while (request->env[own].name) {
        own++;
    }
    struct rig_field *list =
        rig_arena_alloc(&turn->arena, (count + own + request->env_count) * sizeof(struct rig_field));
    if (!list) {
        return -ENOMEM;
    }
    struct rig_field *at = list;
    for (const struct rig_session_field *field = session->env; field; field = field->next) {
        *at++ = field->field;
    }
    memcpy(at, request->env, own * sizeof *list);
    if (request->env_count > 0) {
        memcpy(at + own, request->env_list, request->env_count * sizeof *list);
    }
    memset(request->env, 0, sizeof request->env);
    request->env_list = list;
    request->env_count += count + own;
    return 0;
}

static bool has_body(const struct rig_request *request)
{
    return request->body || request->bytes.data || request->part_count > 0 || request->source.read ||
           request->params[0].name || request->param_list || request->param_count > 0 || request->json || request->form;
}

static void make_form(const struct rig_session *session, struct rig_session_turn *turn)
{
    struct rig_request *request = &turn->request;
    bool get = !request->method || is(request->method, "GET");
    if (!session->options.forms || get || is_special(request) || has_body(request)) {
        return;
    }
    turn->empty_form = is(request->method, "HEAD");
    if (turn->empty_form) { /* its params would go into the query */
        request->bytes = (struct rig_bytes){"", 0};
    } else {
        request->form = true;
    }
}

int rig_session_prepare(struct rig_session *session, struct rig_session_turn *turn, const struct rig_request *request,
                        const char **refused)
{
    turn->request = *request;
    if (request->malformed || !can_be_read(request)) { /* goes out as it is */
        turn->script_name = "";
        return set_special(turn, session->options.origin);
    }
    turn->request.script_name = request->script_name ? request->script_name : session->options.script_name;
    turn->request.remote_addr = request->remote_addr ? request->remote_addr : session->options.remote_addr;
    make_form(session, turn);
    int error = set_url(session, turn, refused);
    error = error ? error : add_headers(session, turn);
    return error ? error : add_env(session, turn);
}
