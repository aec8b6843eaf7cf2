/* Following redirects, RFC 9110 section 15.4. */
#include "harness/client/session.h"

#include <errno.h>

/* ---- the next request ---- */

static const char *method_after(const struct rig_session_turn *last)
{
    return rig_session_keeps_method(last->status, last->method) ? last->method : "GET";
}

static bool is_https(const char *url)
{
    return strncmp(url, "https:", 6) == 0;
}

/* Where it was mounted before, the new target is below that again; else it is outside of every mount. */
static int set_target(struct rig_arena *arena, const struct rig_session_turn *last, struct rig_request *request)
{
    struct rig_uri uri;
    const char *url = last->leads_to;
    size_t script = strlen(last->script_name);
    (void)rig_uri_split(url, strlen(url), &uri, NULL);
    bool below = script > 0 && uri.path.size >= script && memcmp(uri.path.data, last->script_name, script) == 0 &&
                 (uri.path.size == script || uri.path.data[script] == '/');
    request->script_name = below ? rig_arena_string(arena, last->script_name) : "";
    request->target = below ? rig_arena_print(arena, "%.*s%s", (int)(uri.path.data - url), url, uri.path.data + script)
                            : rig_arena_string(arena, url);
    return request->script_name && request->target ? 0 : -ENOMEM;
}

/* Copies: a send inside of the request's layers may take last's place. */
static int set_body(struct rig_arena *arena, const struct rig_session_turn *last, struct rig_request *request)
{
    struct rig_field *list = rig_arena_alloc(arena, (last->content_count + 1) * sizeof *list);
    if (!list) {
        return -ENOMEM;
    }
    bool kept = true;
    for (size_t i = 0; i < last->content_count; i++) {
        list[i].name = rig_arena_string(arena, last->content[i].name);
        list[i].value = rig_arena_string(arena, last->content[i].value);
        kept = kept && list[i].name && list[i].value;
    }
    if (last->body.data) {
        request->bytes.data = rig_arena_copy(arena, last->body.data, last->body.size);
        request->bytes.size = last->body.size;
        kept = kept && request->bytes.data;
    }
    request->header_list = last->content_count > 0 ? list : NULL;
    request->header_count = last->content_count;
    return kept ? 0 : -ENOMEM;
}

static int make_request(const struct rig_follow *follow, struct rig_session_turn *turn, struct rig_request *request)
{
    const struct rig_session_turn *last = follow->session->last;
    struct rig_arena *arena = &turn->arena;
    bool leaves_https = is_https(last->url) && !is_https(last->leads_to);
    *request = (struct rig_request){.pieces = follow->pieces, .piece_count = follow->piece_count};
    memcpy(request->headers, follow->headers, sizeof request->headers);
    memcpy(request->ignore, follow->ignore, sizeof request->ignore);
    memcpy(request->enable, follow->enable, sizeof request->enable);
    request->method = rig_arena_string(arena, method_after(last));
    turn->referer = leaves_https ? NULL : rig_arena_string(arena, last->url);
    turn->fragment = rig_arena_string(arena, last->fragment); /* unless the redirect has its own */
    bool lost = !request->method || (!turn->referer && !leaves_https) || (!turn->fragment && last->fragment);
    int error = lost ? -ENOMEM : 0;
    error = error ? error : set_target(arena, last, request);
    return error ? error : set_body(arena, last, request);
}

/* ---- following ---- */

static const struct rig_result *refuse(const struct rig_follow *follow, const char *site)
{
    const struct rig_session_turn *last = follow->session->last;
    struct rig_client *client = follow->session->client;
    static const char call[] = "rig_session_follow";
    char shown[RIG_URL_SHOWN];
    if (!last) {
        return rig_refused_at(site, client, call, RIG_MISUSE_REDIRECT_NONE,
                              "no request was sent yet, so there is no redirect to follow");
    }
    if (last->status == 0) {
        return rig_refused_at(site, client, call, RIG_MISUSE_REDIRECT_NONE, "no answer came to the last request");
    }
    if (!rig_status_is_redirect(last->status)) {
        return rig_refused_at(site, client, call, RIG_MISUSE_REDIRECT_NONE, "the last answer, a %d, is no redirect",
                              last->status);
    }
    if (!last->location) {
        return rig_refused_at(site, client, call, RIG_MISUSE_REDIRECT_LOCATION, "the %d has no Location", last->status);
    }
    if (!last->leads_to) {
        return rig_refused_at(site, client, call, RIG_MISUSE_REDIRECT_LOCATION, "Location \"%s\" leads nowhere: %s",
                              rig_url_shown(last->location, strlen(last->location), shown), last->no_url);
    }
    return rig_refused_at(site, client, call, RIG_MISUSE_REQUEST_BODY,
                          "the %d wants the body again, which came from a .source and is gone", last->status);
}

static const struct rig_result *follow_once(const char *site, const struct rig_follow *follow, const void *frame)
{
    struct rig_session *session = follow->session;
    struct rig_session_turn *last = session->last;
    if (!last || !last->leads_to || last->generated) {
        return refuse(follow, site);
    }
    struct rig_session_turn *turn = rig_session_turn(session, frame);
    struct rig_request request;
    if (!turn || make_request(follow, turn, &request) != 0) {
        if (turn) {
            rig_session_turn_end(session, turn, false);
        }
        return rig_unsent_at(site, session->client, "rig_session_follow", -ENOMEM);
    }
    return rig_session_exchange(session, turn, site, &request);
}

static const struct rig_result *refuse_limit(const char *site, struct rig_session *session, unsigned followed)
{
    const char *url = session->last->url, *location = session->last->location ? session->last->location : "nowhere";
    char from[RIG_URL_SHOWN], to[RIG_URL_SHOWN];
    return rig_refused_at(site, session->client, "rig_session_follow", RIG_MISUSE_REDIRECT_LIMIT,
                          "after %u redirects the answer of %s is another one, to %s", followed,
                          rig_url_shown(url, strlen(url), from), rig_url_shown(location, strlen(location), to));
}

const struct rig_result *rig_session_follow_at(const char *site, const struct rig_follow *follow)
{
    struct rig_session *session = follow ? follow->session : NULL;
    const void *frame = __builtin_frame_address(0);
    if (!session) {
        return rig_refused_at(site, NULL, "rig_session_follow", RIG_MISUSE_NULL_ARGUMENT,
                              "rig_session_follow was given a NULL session");
    }
    const struct rig_result *result = follow_once(site, follow, frame);
    for (unsigned followed = 1; follow->limit > 0 && session->last && session->last->result == result; followed++) {
        if (!rig_status_is_redirect(session->last->status)) {
            break;
        }
        if (followed == follow->limit) {
            return refuse_limit(site, session, followed);
        }
        result = follow_once(site, follow, frame);
    }
    return result;
}
